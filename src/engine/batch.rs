//! Many jobs in one response: `GET /jobs?id=a|b|c`.
//!
//! No document says that jobs form a collection; the query grammar and other objects suggest it. So nothing
//! depends on this optimization. The client tries it only when jobs outnumber slots so far that long
//! polls would be very short. After an unexpected response it does not try again.

use std::rc::Rc;

use crate::engine::poll::Fields;
use crate::engine::protocol::classify::is_transient;
use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::record::{Record, Snapshot};
use crate::engine::protocol::response::Response;
use crate::engine::protocol::url::{JobId, is_made_of};

/// The longest URL that the client sends.
const MAX_ADDRESS: usize = 2_000;
/// After this many failed requests in a row, a collection that never worked counts as unsupported.
const MAX_FAILURES: u32 = 2;

/// What one client knows about its server's job collection.
#[derive(Debug)]
pub(super) struct BatchSupport {
    state: State,
    failures: u32,
    /// Responses so far; they vary the URL, see [`Fields::encoded`]. May wrap.
    responses: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The client has not tried it, or got no response yet.
    Untried,
    /// The first request is in progress.
    Trying,
    Works,
    /// The server does not support it.
    Unsupported,
}

impl BatchSupport {
    pub(super) fn new() -> Self {
        Self {
            state: State::Untried,
            failures: 0,
            responses: 0,
        }
    }

    /// Whether a batch may be sent now.
    pub(super) fn is_available(&self) -> bool {
        matches!(self.state, State::Untried | State::Works)
    }

    pub(super) fn has_worked(&self) -> bool {
        self.state == State::Works
    }

    /// A batch is sent.
    pub(super) fn on_sent(&mut self) {
        if self.state == State::Untried {
            self.state = State::Trying;
        }
    }

    /// A batch was cancelled before its response arrived.
    pub(super) fn on_cancelled(&mut self) {
        if self.state == State::Trying {
            self.state = State::Untried;
        }
    }

    pub(super) fn on_success(&mut self) {
        self.state = State::Works;
        self.responses = self.responses.wrapping_add(1);
    }

    pub(super) fn on_unsupported(&mut self) {
        self.state = State::Unsupported;
    }

    /// A batch failed, perhaps temporarily. A collection that worked before stays supported.
    pub(super) fn on_failure(&mut self) {
        self.on_cancelled();
        self.failures = self.failures.saturating_add(1);
        if self.state == State::Untried && self.failures >= MAX_FAILURES {
            self.state = State::Unsupported;
        }
    }
}

/// What the response to a batch means.
#[derive(Debug)]
pub(super) enum BatchReading {
    /// The jobs found. If a job has several records, the last one counts.
    Jobs(Vec<Rc<Snapshot>>),
    /// The server cannot respond now.
    Transient,
    /// The server has no such collection.
    Unsupported,
}

/// Whether the id is safe in a list: it contains no character that could be an operator or a separator.
pub(super) fn is_batchable(id: &str) -> bool {
    !id.is_empty() && is_made_of(id, b"-_.")
}

/// The path and query for a list of ids, up to the longest URL allowed.
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
            text.push_str(&fields.encoded(support.responses));
            text.push('&');
        }
        text.push_str("id=");
        let room = MAX_ADDRESS
            .saturating_sub(base.len())
            .saturating_sub(text.len());
        Self { text, room }
    }

    /// Adds an id; false if it does not fit.
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

/// Reads the response to a batch of these jobs. A response without any of them means that the server does not
/// support batches. `works` says whether a batch has succeeded before.
pub(super) fn read_batch(requested: &[JobId], response: &Response, works: bool) -> BatchReading {
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
        // If a batch has two ids that differ only in case, they are different jobs.
        let exact = |id: &&JobId| record.id.as_deref() == Some(id.as_str());
        let known = requested.iter().find(exact);
        let known = known.or_else(|| requested.iter().find(|id| record.is_of(id)));
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
