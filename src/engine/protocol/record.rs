//! What a record says of a job.

use std::any::Any;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::text::trimmed;

/// A job's state, in lower case however the server spells it.
///
/// Documented are `queued`, `running`, `success` and `failure`; others are passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobState(Cow<'static, str>);

/// What a state means for a waiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not over: `queued`, `running`, and any state that is not known here.
    Pending,
    /// Over, and well.
    Succeeded,
    /// Over, and not well: `failure`, or a word that other job APIs use for an end without success.
    Failed,
}

impl JobState {
    /// Reads a state; `None` if it is empty.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let name = trimmed(name).to_ascii_lowercase();
        // Thousands of jobs have one of these.
        let known = ["queued", "running", "success", "failure"];
        let known = known.into_iter().find(|it| *it == name);
        (!name.is_empty()).then(|| Self(known.map_or(Cow::Owned(name), Cow::Borrowed)))
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
            _ => Phase::Pending,
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
    record: Record,
    /// What the extension world made of this snapshot, so that it need be made but once.
    pub extension: OnceCell<Rc<dyn Any>>,
}

/// A record's own JSON text, within the body that it came in where little else is in that: then it is
/// there anyhow, for an accepted call's result.
#[derive(Debug, Clone)]
struct Record {
    body: Rc<[u8]>,
    text: Range<usize>,
}

/// A body that holds more than this beside a record is not kept for it.
const BESIDE: usize = 64;

impl Snapshot {
    /// A success that no server told of.
    #[must_use]
    pub fn success() -> Self {
        Self {
            id: "".into(),
            state: JobState(Cow::Borrowed("success")),
            message: None,
            last_modified: None,
            record: Record::of("{}", None),
            extension: OnceCell::new(),
        }
    }

    /// Reads a record that came in this body, if that is at hand; `None` if it has no state.
    #[must_use]
    pub fn read(id: &Rc<str>, record: Json<'_>, body: Option<&Rc<[u8]>>) -> Option<Rc<Self>> {
        let state = JobState::new(&record.member("state")?.text()?)?;
        Some(Rc::new(Self {
            id: Rc::clone(id),
            state,
            message: text_member(record, "message"),
            last_modified: stamp(record),
            record: Record::of(record.source(), body),
            extension: OnceCell::new(),
        }))
    }

    /// The record's own JSON text.
    #[must_use]
    pub fn raw(&self) -> &str {
        let Record { body, text } = &self.record;
        body.get(text.clone())
            .and_then(|it| std::str::from_utf8(it).ok())
            .unwrap_or_default()
    }

    /// Whether a user would see a difference in state or message.
    #[must_use]
    pub fn same_status(&self, other: &Self) -> bool {
        self.state == other.state && self.message == other.message
    }
}

impl Record {
    fn of(text: &str, body: Option<&Rc<[u8]>>) -> Self {
        let within = body.and_then(|body| {
            let beside = body.len().checked_sub(text.len());
            beside.filter(|beside| *beside <= BESIDE)?;
            let start = text.as_ptr().addr().checked_sub(body.as_ptr().addr())?;
            let end = start.checked_add(text.len())?;
            // A text that was put right while it was read is another one, and lies elsewhere.
            let is_there = body.get(start..end) == Some(text.as_bytes());
            is_there.then(|| (Rc::clone(body), start..end))
        });
        let (body, text) = within.unwrap_or_else(|| (text.as_bytes().into(), 0..text.len()));
        Self { body, text }
    }
}

/// The cursor that a record carries: whatever scalar stands in `last_modified`.
pub(crate) fn stamp(record: Json<'_>) -> Option<Rc<str>> {
    scalar_text(record.member("last_modified")?).map(Into::into)
}

/// A member that is a string, an empty one included.
pub(crate) fn text_member(object: Json<'_>, name: &str) -> Option<String> {
    Some(object.member(name)?.text()?.into_owned())
}

/// The text of a string or a number; `None` for anything else, and for an empty string.
pub(crate) fn scalar_text(value: Json<'_>) -> Option<String> {
    let text = match value.kind() {
        Kind::String => value.text()?.into_owned(),
        Kind::Number => value.source().to_owned(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}
