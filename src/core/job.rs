//! What a record says of a job.

use std::any::Any;
use std::cell::OnceCell;
use std::rc::Rc;

use super::json::{Json, Kind};
use super::text::trimmed;

/// A job's state, in lower case however the server spells it.
///
/// Documented are `queued`, `running`, `success` and `failure`; others are passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobState(Rc<str>);

/// What a state means for a waiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not over: `queued`, `running`, and any state that is not known here.
    Open,
    /// Over, and well.
    Succeeded,
    /// Over, and not well: `failure`, or a word that other job APIs use for an end without success.
    Failed,
}

impl JobState {
    /// Reads a state; `None` if it is empty.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let name = trimmed(name);
        (!name.is_empty()).then(|| Self(name.to_ascii_lowercase().into()))
    }

    /// The state's name in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// What the state means for a waiter.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.name() {
            "success" => Phase::Succeeded,
            "failure" | "cancelled" | "canceled" | "expired" | "error" => Phase::Failed,
            _ => Phase::Open,
        }
    }
}

/// What the server last said of a job.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The id that was asked for, or that the accepting answer gave.
    pub id: Rc<str>,
    /// The job's state.
    pub state: JobState,
    /// The job's latest message, if it gave one.
    pub message: Option<String>,
    /// The stamp of the last change, byte for byte: an opaque cursor, never a date.
    pub last_modified: Option<Rc<str>>,
    /// The record's own JSON text.
    pub raw: String,
    /// What the outer world made of this snapshot, so that it need be made but once.
    pub outer: OnceCell<Rc<dyn Any>>,
}

impl Snapshot {
    /// Reads a record; `None` if it has no state.
    #[must_use]
    pub fn read(id: &Rc<str>, record: Json<'_>) -> Option<Rc<Self>> {
        let state = JobState::new(&record.member("state")?.text()?)?;
        Some(Rc::new(Self {
            id: Rc::clone(id),
            state,
            message: text_member(record, "message"),
            last_modified: stamp(record),
            raw: record.source().to_owned(),
            outer: OnceCell::new(),
        }))
    }

    /// Whether a user would see a difference in state or message.
    #[must_use]
    pub fn reads_like(&self, other: &Self) -> bool {
        self.state == other.state && self.message == other.message
    }
}

/// The cursor that a record carries: whatever scalar stands in `last_modified`.
pub(super) fn stamp(record: Json<'_>) -> Option<Rc<str>> {
    scalar_text(record.member("last_modified")?).map(Into::into)
}

/// A member that is a string, an empty one included.
pub(super) fn text_member(object: Json<'_>, name: &str) -> Option<String> {
    Some(object.member(name)?.text()?.into_owned())
}

/// The text of a string or a number; `None` for anything else, and for an empty string.
pub(super) fn scalar_text(value: Json<'_>) -> Option<String> {
    let text = match value.kind() {
        Kind::String => value.text()?.into_owned(),
        Kind::Number => value.source().to_owned(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}
