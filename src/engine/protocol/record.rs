//! The record of a job.

use std::any::Any;
use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;

use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::url::JobId;

/// A job's state.
///
/// NetApp documents four states; others are passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobState {
    /// The server accepted a call and named the job, but no state. This name is the package's own.
    Accepted,
    /// The job is waiting to run.
    Queued,
    /// The job is running.
    Running,
    /// The job succeeded.
    Success,
    /// The job failed.
    Failure,
    /// An undocumented state, in lower case.
    Other(Box<str>),
}

/// What a state means for a waiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// The job has not ended: `queued`, `running`, and any unknown state.
    Pending,
    /// The job has succeeded.
    Succeeded,
    /// The job has failed: `failure`, or a state that other job APIs use for it.
    Failed,
}

impl JobState {
    /// Reads a state, ignoring case and spaces; `None` if it is empty.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            "" => None,
            "accepted" => Some(Self::Accepted),
            "queued" => Some(Self::Queued),
            "running" => Some(Self::Running),
            "success" => Some(Self::Success),
            "failure" => Some(Self::Failure),
            _ => Some(Self::Other(name.into())),
        }
    }

    /// The state's name in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Other(name) => name,
        }
    }

    /// What the state means for a waiter.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.name() {
            "success" => Phase::Succeeded,
            "failure" | "failed" | "error" | "aborted" | "cancelled" | "canceled" | "expired" => {
                Phase::Failed
            }
            _ => Phase::Pending,
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The latest state of a job that the server reported.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The id from the request or the initial response.
    pub id: Rc<str>,
    /// The job's state.
    pub state: JobState,
    /// The job's latest message, if it has one.
    pub message: Option<String>,
    /// When the job last changed, exactly as the server wrote it: an opaque cursor, not a date.
    pub last_modified: Option<Rc<str>>,
    raw: Box<str>,
    /// The runtime's value for this snapshot, so that it is made only once.
    pub extension: OnceCell<Rc<dyn Any>>,
}

impl Snapshot {
    /// The record's JSON source.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Why the job failed: the error's code, and the first non-empty string of the message, the error's
    /// message and the description.
    pub(crate) fn reason(&self) -> (Option<String>, Option<String>) {
        let [code, error, description] = Json::parse(&self.raw).map_or([None; 3], |record| {
            record.members(["code", "error", "description"])
        });
        let error = error.filter(|it| !it.says_nothing());
        let (error_code, error_message) = code_and_message(error);
        let texts = [
            self.message.clone(),
            error_message,
            description.and_then(string_text),
        ];
        let text = texts.into_iter().flatten().find(|it| !it.trim().is_empty());
        // Code 0 means "no error", which contradicts a failed job.
        let code =
            error_code.or_else(|| code.filter(|it| !it.says_nothing()).and_then(scalar_text));
        (code.filter(|it| it != "0"), text)
    }

    /// Whether state and message are the same.
    #[must_use]
    pub fn same_status(&self, other: &Self) -> bool {
        self.state == other.state && self.message == other.message
    }
}

/// The members of a record that the engine reads.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    /// The job's id, as a string or a number.
    pub(crate) id: Option<String>,
    /// The cursor: `last_modified`, as a string or a number.
    pub(crate) cursor: Option<Rc<str>>,
    state: Option<JobState>,
    message: Option<String>,
    source: &'a str,
}

impl<'a> Record<'a> {
    /// Reads the members in one pass.
    pub(crate) fn read(record: Json<'a>) -> Self {
        let [id, state, message, last_modified] =
            record.members(["id", "state", "message", "last_modified"]);
        Self {
            id: id.and_then(scalar_text),
            cursor: last_modified.and_then(scalar_text).map(Into::into),
            state: state.and_then(Json::text).and_then(|it| JobState::new(&it)),
            message: message.and_then(string_text),
            source: record.source(),
        }
    }

    /// Whether this is the record of the job `id`. A record without an id matches, and case does not matter.
    pub(crate) fn is_of(&self, id: &JobId) -> bool {
        let named = self.id.as_deref();
        named.is_none_or(|named| named.eq_ignore_ascii_case(id.as_str()))
    }

    /// The record as a snapshot of this job; `None` if it has no state.
    pub(crate) fn snapshot(mut self, id: Rc<str>) -> Option<Rc<Snapshot>> {
        let state = self.state.take()?;
        Some(self.with_state(id, state))
    }

    /// The same for a job in an initial response, where the state may be missing.
    pub(crate) fn accepted(mut self, id: Rc<str>) -> Rc<Snapshot> {
        let state = self.state.take().unwrap_or(JobState::Accepted);
        self.with_state(id, state)
    }

    fn with_state(self, id: Rc<str>, state: JobState) -> Rc<Snapshot> {
        Rc::new(Snapshot {
            id,
            state,
            message: self.message,
            last_modified: self.cursor,
            raw: self.source.into(),
            extension: OnceCell::new(),
        })
    }
}

/// The code and the message of an `error` member. NetApp documents an object, but only one known client reads
/// it. So a plain string or number counts as the message.
pub(crate) fn code_and_message(error: Option<Json<'_>>) -> (Option<String>, Option<String>) {
    let Some(error) = error else {
        return (None, None);
    };
    if error.kind() != Kind::Object {
        return (None, scalar_text(error));
    }
    let [code, message] = error.members(["code", "message"]);
    let message = message.and_then(string_text);
    (
        code.and_then(scalar_text),
        message.filter(|message| !message.trim().is_empty()),
    )
}

/// The content of a string, even an empty one.
pub(crate) fn string_text(value: Json<'_>) -> Option<String> {
    Some(value.text()?.into_owned())
}

/// The content of a string or a number; `None` for anything else and for an empty string.
pub(crate) fn scalar_text(value: Json<'_>) -> Option<String> {
    let text = match value.kind() {
        Kind::String => string_text(value)?,
        Kind::Number => value.source().to_owned(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}
