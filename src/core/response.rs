//! What the status and the bytes of an answer mean.
//!
//! Whether a call is asynchronous is read off each answer, never off the endpoint. Only a state that
//! the server spelled out ends a job; a status never does.

use std::borrow::Cow;
use std::rc::Rc;

use super::error::Cause;
use super::job::{Phase, Snapshot, scalar_text, stamp, text_member};
use super::json::{Json, Kind};
use super::policy::{is_transient, retry_after};
use super::text::first_chars;
use super::time::Millis;

/// As much of a body as an error carries.
const EXCERPT_CHARS: usize = 2_048;

/// An answer, as far as the engine reads it.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The HTTP status; 0 for a redirect that a browser hides because it was not followed.
    pub status: u16,
    /// The whole body.
    pub body: Rc<[u8]>,
    /// The `location` header: a created object, never the job.
    pub location: Option<String>,
    /// The `request-id` header.
    pub request_id: Option<String>,
    /// The `retry-after` header.
    pub retry_after: Option<String>,
    /// The wall clock when the answer came, in milliseconds since 1970, for a `retry-after` date.
    pub wall_clock: Millis,
}

/// Why there is no answer.
#[derive(Clone)]
pub struct SendFailure {
    /// What happened.
    pub kind: SendFailureKind,
    /// The error as the outer world knows it.
    pub cause: Option<Cause>,
}

/// What happened to a request without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendFailureKind {
    /// The network, CORS or TLS: `fetch` does not tell them apart.
    Network,
    /// We stopped waiting for it.
    TimedOut,
    /// The user's own `auth` or `headers` function failed; nothing was sent.
    Unsent,
    /// One of them gave what cannot be sent, which no second try mends.
    Unusable,
    /// The body is over the limit; the rest was not read.
    TooLarge,
}

impl std::fmt::Debug for SendFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind.fmt(f)
    }
}

impl Answer {
    /// The beginning of the body, for a person to read.
    pub(super) fn excerpt(&self) -> Option<String> {
        let text = self.text();
        let beginning = first_chars(&text, EXCERPT_CHARS);
        (!beginning.is_empty()).then(|| beginning.to_owned())
    }

    /// The code and the message of the error object that NetApp says is "always returned". Only one
    /// client was ever seen to read it, so every form is taken: an object, a string, or none.
    pub(super) fn server_error(&self) -> (Option<String>, Option<String>) {
        let text = self.text();
        let Some(error) = Json::parse(&text)
            .ok()
            .and_then(|json| json.member("error"))
        else {
            return (None, None);
        };
        match error.kind() {
            Kind::Object => (
                error.member("code").and_then(scalar_text),
                text_member(error, "message").filter(|message| !message.is_empty()),
            ),
            _ => (None, scalar_text(error)),
        }
    }

    /// How long the server asked us to stay away.
    pub(super) fn retry_after(&self) -> Option<Millis> {
        retry_after(self.retry_after.as_deref()?, self.wall_clock)
    }

    fn text(&self) -> Cow<'_, str> {
        body_text(&self.body)
    }
}

/// A body as text. Bytes that are not UTF-8 become U+FFFD, as `Response.text()` has it.
pub(super) fn body_text(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body))
}

/// The job that an accepting answer names.
#[derive(Debug, Clone)]
pub(super) struct NamedJob {
    pub(super) id: Rc<str>,
    pub(super) snapshot: Option<Rc<Snapshot>>,
    pub(super) cursor: Option<Rc<str>>,
}

/// What the first answer to a call means.
#[derive(Debug)]
pub(super) enum CallReading {
    /// It is over: a synchronous answer.
    Done,
    /// There is a job to follow, or one that is over already.
    Job(NamedJob),
    /// Accepted, but there is nothing to follow.
    Untrackable,
    /// The server cannot answer now.
    Transient,
    /// A refusal.
    Refused,
    /// Not what the protocol says; another try may help.
    Malformed(&'static str),
    /// A redirect, which is never followed.
    Redirect,
}

/// Reads the first answer to a call.
pub(super) fn read_call(answer: &Answer) -> CallReading {
    match answer.status {
        200..=299 => {}
        304 => return CallReading::Refused,
        0 | 300..=399 => return CallReading::Redirect,
        status if is_transient(status) => return CallReading::Transient,
        _ => return CallReading::Refused,
    }
    let text = answer.text();
    let json = Json::parse(&text).ok();
    let job = json.and_then(|json| json.member("job"));
    match job.map(|job| named_job(job, answer.status)) {
        Some(Named::Job(job)) => return CallReading::Job(job),
        Some(Named::Unusable) => return CallReading::Untrackable,
        Some(Named::NoJob) | None if answer.status == 202 => return CallReading::Untrackable,
        Some(Named::NoJob) | None => {}
    }
    match json {
        None if is_blank(&text) => CallReading::Done,
        None => CallReading::Malformed(NOT_JSON),
        Some(json) if has_error(json) => CallReading::Refused,
        Some(_) => CallReading::Done,
    }
}

/// What the `job` of an accepting answer comes to.
enum Named {
    /// One with an id, or one that is over already and needs none. A 202 must name it.
    Job(NamedJob),
    /// One that goes on, as its state says, and cannot be asked for.
    Unusable,
    /// Something else of that name.
    NoJob,
}

fn named_job(job: Json<'_>, status: u16) -> Named {
    let id = job
        .member("id")
        .and_then(scalar_text)
        .and_then(|id| super::address::JobId::new(&id).ok());
    let named = id.is_some();
    let id: Rc<str> = id.map_or_else(|| "".into(), |id| Rc::clone(id.text()));
    let snapshot = Snapshot::read(&id, job).map(Rc::new);
    let phase = snapshot.as_ref().map(|job| job.state.phase());
    match phase {
        Some(Phase::Open) if !named => Named::Unusable,
        None if !named => Named::NoJob,
        Some(_) if !named && status == 202 => Named::Unusable,
        _ => Named::Job(NamedJob {
            id,
            snapshot,
            cursor: stamp(job),
        }),
    }
}

/// What the answer to a poll means.
#[derive(Debug)]
pub(super) enum PollReading {
    /// The job, with a state.
    Record(Snapshot),
    /// Nothing is said of the job: how some servers may end a long poll that timed out.
    NoRecord,
    /// The poll as such was refused: its `poll_timeout` or its `fields` may be the reason.
    BadRequest,
    /// The job is not known.
    NotFound,
    /// The server cannot answer now.
    Transient,
    /// A refusal.
    Refused,
    /// Not what the protocol says; another try may help.
    Malformed(&'static str),
    /// A redirect, which is never followed.
    Redirect,
}

/// Reads the answer to a poll of the job `id`.
pub(super) fn read_poll(id: &Rc<str>, answer: &Answer) -> PollReading {
    match answer.status {
        204 | 304 => return PollReading::NoRecord,
        200..=299 => {}
        400 => return PollReading::BadRequest,
        404 | 410 => return PollReading::NotFound,
        0 | 300..=399 => return PollReading::Redirect,
        status if is_transient(status) => return PollReading::Transient,
        _ => return PollReading::Refused,
    }
    let text = answer.text();
    if is_blank(&text) {
        return PollReading::NoRecord;
    }
    let Some(json) = Json::parse(&text)
        .ok()
        .filter(|json| json.kind() == Kind::Object)
    else {
        return PollReading::Malformed(NOT_JSON);
    };
    match json.member("record").filter(|it| it.kind() != Kind::Null) {
        Some(record) => {
            Snapshot::read(id, record).map_or(PollReading::Malformed(NO_STATE), PollReading::Record)
        }
        // An error under a good status says nothing of the job, so it ends nothing.
        None if has_error(json) => PollReading::Transient,
        None => PollReading::NoRecord,
    }
}

/// Nothing but JSON's own white space. Other blanks are text, which JavaScript's parser would refuse.
fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| b" \t\r\n".contains(&byte))
}

const NOT_JSON: &str = "the answer is not the JSON that the API promises; a proxy or a login page may stand in front of it";
const NO_STATE: &str = "the answer has a record without a state";

fn has_error(json: Json<'_>) -> bool {
    json.member("error")
        .is_some_and(|error| error.kind() != Kind::Null)
}

impl SendFailureKind {
    /// Whether a second try would fail in the same way.
    pub(super) fn is_final(self) -> bool {
        matches!(self, Self::Unusable | Self::TooLarge)
    }

    /// What a person reads of it.
    pub(super) fn tell(self, changing: bool) -> &'static str {
        match (self, changing) {
            (Self::Unsent, _) => "nothing was sent, since the auth or headers function failed",
            (Self::Unusable, _) => {
                "nothing was sent, since the auth or headers function gave what cannot be sent"
            }
            (Self::TooLarge, _) => "the answer's body is larger than maxResponseBytes",
            (Self::Network, false) => {
                "no answer; it may be the network, CORS or TLS, which fetch does not tell apart"
            }
            (Self::Network, true) => {
                "no answer; it may be the network, CORS or TLS, which fetch does not tell apart. \
                 The call is not sent again, for it may have been accepted"
            }
            (Self::TimedOut, false) => {
                "no answer in time; it may be a server that does not answer, or the network, CORS or TLS"
            }
            (Self::TimedOut, true) => {
                "no answer within requestTimeout; it may be a server that is slow, or the network, CORS or \
                 TLS. The call is not sent again, for it may have been accepted"
            }
        }
    }
}
