//! What a response's status and body mean.
//!
//! Each response decides whether its call is asynchronous, not the endpoint. Only a terminal state in a
//! record ends a job, not a status.

use std::any::Any;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use crate::engine::protocol::classify::{Rejection, TransportErrorKind};
use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::record::{Phase, Record, Snapshot, code_and_message};
use crate::engine::protocol::url::JobId;

/// How much of a server's text an error contains.
const EXCERPT_CHARS: usize = 2_048;

/// The underlying error of the runtime, opaque to the engine.
pub type Cause = Rc<dyn Any>;

/// The parts of a response that the engine reads.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The HTTP status; 0 for a redirect, whose status a browser hides.
    pub status: u16,
    /// The whole body; see [`body_text`].
    pub body: Rc<str>,
    /// The `location` header: the URL of a created object, not of the job.
    pub location: Option<String>,
    /// The `request-id` header.
    pub request_id: Option<String>,
    /// The `Retry-After` header; see [`retry_after`].
    pub retry_after: Option<Duration>,
}

/// Why a request got no response.
#[derive(Clone)]
pub struct TransportError {
    /// What happened.
    pub kind: TransportErrorKind,
    /// The runtime's own error.
    pub cause: Option<Cause>,
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

/// Reads a `Retry-After` header: seconds or a date. The engine has no calendar, so `date` returns the time
/// until an HTTP date: zero if it has passed, `None` if the string is not a date.
///
/// ```
/// use std::time::Duration;
/// use ontap_select_deploy::engine::retry_after;
/// assert_eq!(retry_after("120", |_| None), Some(Duration::from_secs(120)));
/// ```
pub fn retry_after(value: &str, date: impl FnOnce(&str) -> Option<Duration>) -> Option<Duration> {
    let value = value.trim();
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return date(value);
    }
    // A number that overflows counts as a very long time; the retry policy limits it.
    Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)))
}

impl Response {
    /// The beginning of the body, for an error message.
    pub(crate) fn excerpt(&self) -> Option<String> {
        let beginning = beginning(&self.body);
        (!beginning.is_empty()).then_some(beginning)
    }

    /// The code and the message of the error object that NetApp says is "always returned".
    pub(crate) fn server_error(&self) -> (Option<String>, Option<String>) {
        let json = Json::parse(&self.body).ok();
        code_and_message(json.and_then(|json| json.member("error")))
    }

    /// Whether a 404 or 410 lacks the server's error object. It then comes from a proxy, which knows nothing
    /// about the job.
    pub(crate) fn is_not_found_of_a_proxy(&self) -> bool {
        let json = Json::parse(&self.body).ok();
        let error = json.and_then(|json| json.member("error"));
        matches!(self.status, 404 | 410) && !is_error(error)
    }

    /// Whether it is a 404 or 410 without a body.
    pub(crate) fn is_bare_not_found(&self) -> bool {
        matches!(self.status, 404 | 410) && is_blank(&self.body)
    }

    /// The `Retry-After` of a transient rejection.
    pub(crate) fn retry_after_if(&self, rejection: Rejection) -> Option<Duration> {
        self.retry_after
            .filter(|_| rejection == Rejection::Transient)
    }
}

/// The beginning of a server's text, for an error message.
pub(crate) fn beginning(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS).collect()
}

/// Decodes a body as `Response.text()` does: drops a byte order mark and replaces invalid UTF-8 with U+FFFD.
///
/// ```
/// use ontap_select_deploy::engine::body_text;
/// assert_eq!(&*body_text(b"\xef\xbb\xbf{}\xff"), "{}\u{fffd}");
/// ```
#[must_use]
pub fn body_text(body: &[u8]) -> Rc<str> {
    String::from_utf8_lossy(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).into()
}

/// The job that an initial response names.
#[derive(Debug)]
pub(crate) struct NamedJob {
    /// `None` for a finished job, which needs no more polls.
    pub(crate) id: Option<JobId>,
    pub(crate) snapshot: Rc<Snapshot>,
}

/// Reads the initial response to a call. `None` if the call is complete without a job.
pub(crate) fn read_call(response: &Response) -> Result<Option<NamedJob>, Rejection> {
    match response.status {
        200..=299 => {}
        304 => return Err(Rejection::Refused),
        status => return Err(Rejection::of_status(status)),
    }
    let text = &response.body;
    let json = Json::parse(text).ok();
    let [job, error] = json.map_or([None, None], |json| json.members(["job", "error"]));
    if let Some(job) = job
        && let Some(job) = named_job(job, response.status)?
    {
        return Ok(Some(job));
    }
    if response.status == 202 {
        Err(Rejection::Untrackable)
    } else if json.is_none() && !is_blank(text) {
        Err(Rejection::NotJson)
    } else if is_error(error) {
        Err(Rejection::Refused)
    } else {
        Ok(None)
    }
}

/// The job of an initial response: one with an id, or a finished one without. A 202 must have an id. `None`
/// if the member is something else.
fn named_job(job: Json<'_>, status: u16) -> Result<Option<NamedJob>, Rejection> {
    let mut record = Record::read(job);
    let id = record.id.take().and_then(|id| JobId::new(&id).ok());
    let snapshot = if let Some(id) = &id {
        record.accepted(id.shared())
    } else {
        let Some(snapshot) = record.snapshot("".into()) else {
            return Ok(None);
        };
        if snapshot.state.phase() == Phase::Pending || status == 202 {
            // The job has not ended, and without an id the client cannot poll it.
            return Err(Rejection::Untrackable);
        }
        snapshot
    };
    Ok(Some(NamedJob { id, snapshot }))
}

/// Reads the response to a poll of the job `id`.
pub(crate) fn read_poll(id: &JobId, response: &Response) -> Result<Rc<Snapshot>, Rejection> {
    match response.status {
        200..=299 => {}
        _ if response.is_not_found_of_a_proxy() => return Err(Rejection::Transient),
        status => return Err(Rejection::of_status(status)),
    }
    let text = &response.body;
    if is_blank(text) {
        return Err(Rejection::NoRecord);
    }
    let json = Json::parse(text).map_err(|_| Rejection::NotJson)?;
    // A server may end a long poll that timed out with `null`, `{}`, `{"record": {}}` or something similar.
    if json.says_nothing() {
        return Err(Rejection::NoRecord);
    }
    if json.kind() != Kind::Object {
        return Err(Rejection::NotJson);
    }
    let [record, error] = json.members(["record", "error"]);
    match record.filter(|it| !it.says_nothing()) {
        Some(record) => {
            let record = Record::read(record);
            if !record.is_of(id) {
                return Err(Rejection::OtherJob);
            }
            record.snapshot(id.shared()).ok_or(Rejection::NoState)
        }
        // An error object with a 2xx status says nothing about the job, so it does not end the wait.
        None if is_error(error) => Err(Rejection::Transient),
        None => Err(Rejection::NoRecord),
    }
}

/// Whether the string has only JSON white space. Other spaces are content, because `JSON.parse` rejects them.
fn is_blank(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Whether an `error` member says that there is an error.
fn is_error(member: Option<Json<'_>>) -> bool {
    member.is_some_and(|error| !error.says_nothing())
}
