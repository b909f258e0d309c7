//! Many jobs in one response: `GET /jobs?id=a|b|c`.
//!
//! No document says that jobs can be queried as a collection; the query grammar and the collections of
//! other objects suggest it. So nothing depends on this optimisation. It is tried when there are so many
//! more jobs than slots that each long poll would last only a moment, and a server that responds in an
//! unexpected way is not asked like this again.

use std::rc::Rc;

use crate::engine::poll::Fields;
use crate::engine::protocol::classify::is_transient;
use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::record::{Record, Snapshot};
use crate::engine::protocol::response::Response;
use crate::engine::protocol::url::{JobId, is_made_of};

/// The longest address that is sent.
const MAX_ADDRESS: usize = 2_000;
/// Failed requests in a row after which a collection that never worked is not asked for again.
const MAX_FAILURES: u32 = 2;

/// What one client has learned of its server's collection of jobs.
#[derive(Debug)]
pub(super) struct BatchSupport {
    state: State,
    failures: u32,
    /// Answers so far, which vary the address as [`Fields::spelled`] says. May wrap.
    answers: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It was not asked for yet, or there was no response yet.
    Untried,
    /// The first request for it is under way.
    Trying,
    /// It works.
    Works,
    /// It does not work, and is not asked for again.
    Refused,
}

impl BatchSupport {
    pub(super) fn new() -> Self {
        Self {
            state: State::Untried,
            failures: 0,
            answers: 0,
        }
    }

    /// Whether a request for many jobs may go out now.
    pub(super) fn may_ask(&self) -> bool {
        matches!(self.state, State::Untried | State::Works)
    }

    /// Whether it has worked.
    pub(super) fn has_worked(&self) -> bool {
        self.state == State::Works
    }

    /// A request goes out.
    pub(super) fn asks(&mut self) {
        if self.state == State::Untried {
            self.state = State::Trying;
        }
    }

    /// A request was cancelled before its response came.
    pub(super) fn gives_up(&mut self) {
        if self.state == State::Trying {
            self.state = State::Untried;
        }
    }

    pub(super) fn works(&mut self) {
        self.state = State::Works;
        self.answers = self.answers.wrapping_add(1);
    }

    pub(super) fn refused(&mut self) {
        self.state = State::Refused;
    }

    /// A request failed, perhaps only for the moment. A collection that has worked will work again.
    pub(super) fn failed(&mut self) {
        self.gives_up();
        self.failures = self.failures.saturating_add(1);
        if self.state == State::Untried && self.failures >= MAX_FAILURES {
            self.state = State::Refused;
        }
    }
}

/// What the response to a request for many jobs means.
#[derive(Debug)]
pub(super) enum BatchReading {
    /// The jobs that were found. If one job has several records, the last one counts.
    Jobs(Vec<Rc<Snapshot>>),
    /// The server cannot answer now.
    Transient,
    /// The server has no such collection.
    Unsupported,
}

/// Whether the id can stand in a list: no character of it may be read as an operator or a separator.
pub(super) fn is_batchable(id: &str) -> bool {
    !id.is_empty() && is_made_of(id, b"-_.")
}

/// The path and query for a list of ids, which may grow as long as the address allows.
#[derive(Debug)]
pub(super) struct BatchTarget {
    text: String,
    room: usize,
}

impl BatchTarget {
    pub(super) fn new(base: &str, fields: Fields, support: &BatchSupport) -> Self {
        let mut text = String::from("/jobs?");
        if fields != Fields::None {
            text.push_str("fields=id,");
            text.push_str(&fields.spelled(support.answers));
            text.push('&');
        }
        text.push_str("id=");
        let room = MAX_ADDRESS
            .saturating_sub(base.len())
            .saturating_sub(text.len());
        Self { text, room }
    }

    /// Adds an id; false if there is no room for it.
    pub(super) fn add(&mut self, id: &str) -> bool {
        let separator = if self.text.ends_with('=') { "" } else { "%7C" };
        let length = separator.len().saturating_add(id.len());
        if length > self.room {
            return false;
        }
        self.room = self.room.saturating_sub(length);
        self.text.push_str(separator);
        self.text.push_str(id);
        true
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// Reads the response to a request for these jobs. One that has none of them means that the server does
/// not support this. `works` if it did before.
pub(super) fn read_batch(asked: &[JobId], response: &Response, works: bool) -> BatchReading {
    match response.status {
        200 => {}
        _ if works && response.is_not_found_of_a_proxy() => return BatchReading::Transient,
        status if is_transient(status) => return BatchReading::Transient,
        _ => return BatchReading::Unsupported,
    }
    let records = Json::parse(&response.body)
        .ok()
        .and_then(|json| json.member("records"))
        .filter(|records| records.kind() == Kind::Array);
    let Some(records) = records else {
        return BatchReading::Unsupported;
    };
    let mut jobs = Vec::new();
    for element in records.elements() {
        let record = Record::read(element);
        if record.id.is_none() {
            continue;
        }
        // Ids that differ in nothing but case are different jobs where both were asked for.
        let exact = |id: &&JobId| record.id.as_deref() == Some(id.as_str());
        let known = asked.iter().find(exact);
        let known = known.or_else(|| asked.iter().find(|id| record.is_of(id)));
        if let Some(id) = known
            && let Some(snapshot) = record.snapshot(id.shared())
        {
            jobs.push(snapshot);
        }
    }
    if jobs.is_empty() {
        BatchReading::Unsupported
    } else {
        BatchReading::Jobs(jobs)
    }
}
