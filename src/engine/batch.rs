//! Many jobs in one answer: `GET /jobs?id=a|b|c`.
//!
//! That jobs can be asked for as a collection is not documented; the query grammar and the collections
//! of other objects suggest it. So it is an optimisation that nothing depends on: it is tried where jobs
//! outnumber slots so far that each gets but a moment, and a server that does anything odd with it is
//! not asked so again.

use std::rc::Rc;

use crate::engine::policy::is_transient;
use crate::engine::poll::Fields;
use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::record::{Snapshot, scalar_text};
use crate::engine::protocol::response::{Response, body_text};
use crate::engine::protocol::text::is_made_of;
use crate::engine::protocol::url::JobId;

/// The longest address that is sent.
const MAX_ADDRESS: usize = 2_000;
/// Requests in a row that came to nothing, after which a collection that never worked is not asked for again.
const MOST_FAILURES: u32 = 2;

/// What one client has learned of its server's collection of jobs.
#[derive(Debug)]
pub(super) struct BatchSupport {
    state: State,
    failures: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It was not asked for yet, or did not answer yet.
    Untried,
    /// The first request for it is under way.
    Trying,
    /// It works.
    Works,
    /// It does not, and is not asked for again.
    Refused,
}

impl BatchSupport {
    pub(super) fn new() -> Self {
        Self {
            state: State::Untried,
            failures: 0,
        }
    }

    /// Whether a request for many jobs may go out now.
    pub(super) fn may_ask(&self) -> bool {
        matches!(self.state, State::Untried | State::Works)
    }

    /// A request goes out.
    pub(super) fn asks(&mut self) {
        if self.state == State::Untried {
            self.state = State::Trying;
        }
    }

    /// A request was given up before it was answered.
    pub(super) fn gives_up(&mut self) {
        if self.state == State::Trying {
            self.state = State::Untried;
        }
    }

    pub(super) fn works(&mut self) {
        self.state = State::Works;
    }

    pub(super) fn refused(&mut self) {
        self.state = State::Refused;
    }

    /// A request came to nothing, which may be for reasons of the moment. What has worked will again.
    pub(super) fn failed(&mut self) {
        self.gives_up();
        self.failures = self.failures.wrapping_add(1);
        if self.state == State::Untried && self.failures >= MOST_FAILURES {
            self.state = State::Refused;
        }
    }
}

/// What the answer to a request for many jobs means.
#[derive(Debug)]
pub(super) enum BatchReading {
    /// Jobs, as far as they were found; of several records of one job the last counts.
    Jobs(Vec<Rc<Snapshot>>),
    /// The server cannot answer now.
    Transient,
    /// The server has no such collection.
    Unsupported,
}

/// Whether the id can stand in a list: nothing in it may be taken for an operator or a separator.
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
    pub(super) fn new(base: &str, fields: Fields) -> Self {
        let text = String::from(match fields {
            Fields::Full => "/jobs?fields=id,state,message,last_modified&id=",
            Fields::Short => "/jobs?fields=id,state,message&id=",
            Fields::None => "/jobs?id=",
        });
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

/// Reads the answer to a request for these jobs. One in which none of them is found is odd.
pub(super) fn read_batch(asked: &[JobId], response: &Response) -> BatchReading {
    match response.status {
        200 => {}
        status if is_transient(status) => return BatchReading::Transient,
        _ => return BatchReading::Unsupported,
    }
    let text = body_text(&response.body);
    let records = Json::parse(&text)
        .ok()
        .and_then(|json| json.member("records"))
        .filter(|records| records.kind() == Kind::Array);
    let Some(records) = records else {
        return BatchReading::Unsupported;
    };
    let mut jobs = Vec::new();
    for record in records.elements() {
        let id = record.member("id").and_then(scalar_text);
        let known = id.and_then(|id| asked.iter().find(|it| **it.text() == *id));
        if let Some(id) = known
            && let Some(snapshot) = Snapshot::read(id.text(), record, None)
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
