//! What the status and the bytes of an answer mean.
//!
//! Whether a call is asynchronous is read off each answer, never off the endpoint. Only a state that
//! the server spelled out ends a job; a status never does.

use std::borrow::Cow;
use std::rc::Rc;
use std::time::Duration;

use crate::engine::policy::{is_transient, retry_after};
use crate::engine::protocol::error::{Cause, Error};
use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::record::{Phase, Snapshot, scalar_text, stamp, text_member};
use crate::engine::protocol::text::{first_chars, is_one_of};
use crate::engine::protocol::url::JobId;

/// As much of a body as an error carries.
const EXCERPT_CHARS: usize = 2_048;

/// An answer, as far as the engine reads it.
#[derive(Debug, Clone, Default)]
pub struct Response {
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
    pub wall_clock: u64,
}

/// Why there is no answer.
#[derive(Clone)]
pub struct TransportError {
    /// What happened.
    pub kind: TransportErrorKind,
    /// The error as the extension world knows it.
    pub cause: Option<Cause>,
}

/// What happened to a request without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportErrorKind {
    /// The network, CORS or TLS: `fetch` does not tell them apart.
    Network,
    /// The server's certificate was refused, so that nothing was sent.
    CertificateRejected,
    /// We stopped waiting for it.
    TimedOut,
    /// The user's own `auth` or `headers` function failed; nothing was sent.
    CallbackFailed,
    /// One of them gave what cannot be sent, which no second try mends.
    InvalidHeader,
    /// The body is over the limit; the rest was not read.
    BodyTooLarge,
}

impl std::fmt::Debug for TransportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind.fmt(f)
    }
}

impl Response {
    /// The beginning of the body, for a person to read.
    pub(crate) fn excerpt(&self) -> Option<String> {
        let text = self.text();
        let beginning = first_chars(&text, EXCERPT_CHARS);
        (!beginning.is_empty()).then(|| beginning.to_owned())
    }

    /// The code and the message of the error object that NetApp says is "always returned". Only one
    /// client was ever seen to read it, so every form is taken: an object, a string, or none.
    pub(crate) fn server_error(&self) -> (Option<String>, Option<String>) {
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
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        retry_after(self.retry_after.as_deref()?, self.wall_clock)
    }

    /// The same, if it cannot answer now.
    pub(crate) fn retry_after_if(&self, rejection: Rejection) -> Option<Duration> {
        match rejection {
            Rejection::Transient => self.retry_after(),
            _ => None,
        }
    }

    fn text(&self) -> Cow<'_, str> {
        body_text(&self.body)
    }
}

/// A body as text. Bytes that are not UTF-8 become U+FFFD, as `Response.text()` has it.
pub(crate) fn body_text(body: &[u8]) -> Cow<'_, str> {
    let mut rest = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut text = String::new();
    loop {
        match std::str::from_utf8(rest) {
            Ok(good) if text.is_empty() => return Cow::Borrowed(good),
            Ok(good) => {
                text.push_str(good);
                return Cow::Owned(text);
            }
            Err(error) => {
                let good = rest.get(..error.valid_up_to()).unwrap_or_default();
                let bad = rest.get(good.len()..).unwrap_or_default();
                text.push_str(std::str::from_utf8(good).unwrap_or_default());
                text.push(char::REPLACEMENT_CHARACTER);
                let length = error.error_len().unwrap_or(bad.len());
                rest = bad.get(length..).unwrap_or_default();
            }
        }
    }
}

/// The job that an accepting answer names.
#[derive(Debug)]
pub(crate) struct NamedJob {
    /// `None` for one that is over already: it needs none.
    pub(crate) id: Option<JobId>,
    pub(crate) snapshot: Option<Rc<Snapshot>>,
    pub(crate) cursor: Option<Rc<str>>,
}

/// Why an answer does not say what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// Nothing is said of the job: how some servers may end a long poll that timed out.
    NoRecord,
    /// The request as such was refused: of a poll, its `poll_timeout` or its `fields` may be the reason.
    BadRequest,
    /// The job is not known.
    NotFound,
    /// The server cannot answer now.
    Transient,
    /// A refusal.
    Refused,
    /// Accepted, but there is nothing to follow.
    Untrackable,
    /// Not JSON; another try may help.
    NotJson,
    /// A record that says nothing; another try may help.
    NoState,
    /// A redirect, which is never followed.
    Redirect,
}

impl Rejection {
    /// What a status alone says that is not a good one.
    fn of_status(status: u16) -> Self {
        match status {
            304 => Self::NoRecord,
            400 => Self::BadRequest,
            404 | 410 => Self::NotFound,
            0 | 300..=399 => Self::Redirect,
            status if is_transient(status) => Self::Transient,
            _ => Self::Refused,
        }
    }

    /// Whether the same request may well be answered in good order later.
    pub(crate) fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::NoRecord | Self::Transient | Self::NotJson | Self::NoState
        )
    }

    /// How it is told of a request that is called so.
    pub(crate) fn error(self, what: &str, response: &Response) -> Box<Error> {
        let why = match self {
            Self::NoRecord => "the answer to a standard poll has no record",
            Self::NotJson => {
                "the answer is not the JSON that the API promises; a proxy or a login page may stand in front of it"
            }
            Self::NoState => "the answer has a record without a state",
            Self::Redirect => {
                "the answer is a redirect, which is never followed: check baseUrl, or the proxy in front"
            }
            Self::Untrackable => return Error::not_trackable(what, response),
            Self::BadRequest | Self::NotFound | Self::Transient | Self::Refused => {
                return Error::refused(what, response);
            }
        };
        Error::protocol(what, why, response)
    }
}

/// Reads the first answer to a call: the job that it names, or `None` if the call is over.
pub(crate) fn read_call(response: &Response) -> Result<Option<NamedJob>, Rejection> {
    match response.status {
        200..=299 => {}
        304 => return Err(Rejection::Refused),
        status => return Err(Rejection::of_status(status)),
    }
    let text = response.text();
    let json = Json::parse(&text).ok();
    if let Some(job) = json.and_then(|json| json.member("job"))
        && let Some(job) = named_job(job, response)?
    {
        return Ok(Some(job));
    }
    match json {
        _ if response.status == 202 => Err(Rejection::Untrackable),
        None if !is_blank(&text) => Err(Rejection::NotJson),
        Some(json) if has_error(json) => Err(Rejection::Refused),
        _ => Ok(None),
    }
}

/// The job of an accepting answer: one with an id, or one that is over already and needs none. A 202
/// must name it. `None` if it is something else of that name.
fn named_job(job: Json<'_>, response: &Response) -> Result<Option<NamedJob>, Rejection> {
    let id = job.member("id").and_then(scalar_text);
    let id = id.and_then(|id| JobId::new(&id).ok());
    let snapshot = match &id {
        Some(id) => Snapshot::read(id.text(), job, Some(&response.body)),
        None => Snapshot::read(&"".into(), job, Some(&response.body)),
    };
    if id.is_none() {
        // One that goes on, as its state says, and cannot be asked for.
        let goes_on =
            |it: &Rc<Snapshot>| it.state.phase() == Phase::Pending || response.status == 202;
        match &snapshot {
            Some(snapshot) if goes_on(snapshot) => return Err(Rejection::Untrackable),
            Some(_) => {}
            None => return Ok(None),
        }
    }
    Ok(Some(NamedJob {
        id,
        snapshot,
        cursor: stamp(job),
    }))
}

/// Reads the answer to a poll of the job `id`.
pub(crate) fn read_poll(id: &Rc<str>, response: &Response) -> Result<Rc<Snapshot>, Rejection> {
    match response.status {
        204 => return Err(Rejection::NoRecord),
        200..=299 => {}
        status => return Err(Rejection::of_status(status)),
    }
    let text = response.text();
    if is_blank(&text) {
        return Err(Rejection::NoRecord);
    }
    let json = Json::parse(&text).map_err(|_| Rejection::NotJson)?;
    if json.kind() != Kind::Object {
        return Err(Rejection::NotJson);
    }
    match json.member("record").filter(|it| it.kind() != Kind::Null) {
        Some(record) => Snapshot::read(id, record, Some(&response.body)).ok_or(Rejection::NoState),
        // An error under a good status says nothing of the job, so it ends nothing.
        None if has_error(json) => Err(Rejection::Transient),
        None => Err(Rejection::NoRecord),
    }
}

/// Nothing but JSON's own white space. Other blanks are text, which JavaScript's parser would refuse.
fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| is_one_of(byte, b" \t\r\n"))
}

fn has_error(json: Json<'_>) -> bool {
    json.member("error")
        .is_some_and(|error| error.kind() != Kind::Null)
}

impl TransportErrorKind {
    /// Whether a second try would fail in the same way.
    pub(crate) fn is_permanent(self) -> bool {
        matches!(
            self,
            Self::InvalidHeader | Self::BodyTooLarge | Self::CertificateRejected
        )
    }

    /// What a person reads of it.
    pub(crate) fn message(self, changing: bool) -> &'static str {
        match (self, changing) {
            (Self::CallbackFailed, _) => {
                "nothing was sent, since the auth or headers function failed"
            }
            (Self::InvalidHeader, _) => {
                "nothing was sent, since the auth or headers function gave what cannot be sent"
            }
            (Self::CertificateRejected, _) => {
                "nothing was sent, since TLS refused the server's certificate"
            }
            (Self::BodyTooLarge, _) => "the answer's body is larger than maxResponseBytes",
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

/// Whether an error's `code` says that we refused the server's certificate. They are the names of
/// OpenSSL's verification, which Node and Bun give as they are; a browser does not tell. What the server
/// says of a certificate of ours begins otherwise, and may come when the request is sent already.
#[must_use]
pub fn is_certificate_error(code: &str) -> bool {
    let verified = code.contains("CERT") || code == "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
    verified && !code.starts_with("ERR_SSL_")
}

#[cfg(test)]
mod tests {
    use super::body_text;

    #[test]
    fn bytes_that_are_no_text_are_told_as_the_standard_library_tells_them() {
        let bytes = [
            b'a', 0x80, 0xc2, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0xf4, 0xff,
        ];
        for one in bytes {
            for two in bytes {
                for three in bytes {
                    for four in bytes {
                        let body = [one, two, three, four, b'z'];
                        assert_eq!(body_text(&body), String::from_utf8_lossy(&body));
                        assert_eq!(body_text(&body[..4]), String::from_utf8_lossy(&body[..4]));
                    }
                }
            }
        }
    }
}
