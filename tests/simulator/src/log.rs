//! What the simulator saw, for tests to look at. No credential and no body is kept.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

/// How a client asks for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PollKind {
    /// Without `poll_timeout` and `last_modified`.
    Standard,
    /// With at least one of them, valid or not.
    Long,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It is still held.
    Open,
    /// It was answered, in full or, by a rule, in part.
    Answered,
    /// A rule broke the connection.
    Reset,
    /// The client went away first.
    Gone,
}

/// One request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// 1 for the first request.
    pub number: u64,
    /// When it came, in milliseconds since the simulator began.
    pub at: u64,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// `/api` or `/api/v3`; empty when the path is below neither.
    pub base: String,
    /// Path below the base, decoded.
    pub path: String,
    /// Decoded query.
    pub query: Vec<(String, String)>,
    /// Names in lower case; the value of `authorization` and `cookie` is hidden.
    pub headers: Vec<(String, String)>,
    /// Length of the body.
    pub body_bytes: usize,
    /// Whether the credential was right.
    pub authorized: bool,
    /// The job asked for, or the one that was started.
    pub job: Option<String>,
    /// How a job was asked for.
    pub poll: Option<PollKind>,
    /// Name of the rule that the request met; `unnamed` for one without.
    pub rule: Option<String>,
    /// Status of the answer.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub ended_at: Option<u64>,
}

/// Totals since the simulator began.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// All requests.
    pub requests: u64,
    /// Standard polls of jobs.
    pub standard_polls: u64,
    /// Long polls of jobs.
    pub long_polls: u64,
    /// Polls without an answer so far.
    pub open_polls: u64,
    /// The most that were open at once.
    pub max_open_polls: u64,
    /// Per job id.
    pub jobs: BTreeMap<String, JobCounters>,
    /// How often each changing call was received, by method and path: `POST /hosts`.
    pub received: BTreeMap<String, u64>,
    /// How many answers had each status.
    pub statuses: BTreeMap<String, u64>,
}

/// Polls of one job.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobCounters {
    /// Standard polls.
    pub standard_polls: u64,
    /// Long polls.
    pub long_polls: u64,
    /// Polls without an answer so far.
    pub open_polls: u64,
    /// The most that were open at once.
    pub max_open_polls: u64,
}

#[derive(Debug)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    limit: usize,
    counters: Counters,
}

impl Log {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            limit,
            counters: Counters::default(),
        }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Takes a request in and gives it its number.
    pub(crate) fn begin(&mut self, mut entry: Entry) -> u64 {
        let counters = &mut self.counters;
        bump(&mut counters.requests);
        entry.number = counters.requests;
        if entry.method != "GET" {
            bump(
                counters
                    .received
                    .entry(format!("{} {}", entry.method, entry.path))
                    .or_default(),
            );
        }
        if let (Some(kind), Some(id)) = (entry.poll, &entry.job) {
            let job = counters.jobs.entry(id.clone()).or_default();
            match kind {
                PollKind::Standard => {
                    bump(&mut counters.standard_polls);
                    bump(&mut job.standard_polls);
                }
                PollKind::Long => {
                    bump(&mut counters.long_polls);
                    bump(&mut job.long_polls);
                }
            }
            bump(&mut counters.open_polls);
            bump(&mut job.open_polls);
            counters.max_open_polls = counters.max_open_polls.max(counters.open_polls);
            job.max_open_polls = job.max_open_polls.max(job.open_polls);
        }
        let number = entry.number;
        if self.entries.len() >= self.limit {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        number
    }

    /// Writes down how a request ended. `poll` is the job it asked for, kept by the caller because old entries are dropped.
    pub(crate) fn end(
        &mut self,
        number: u64,
        poll: Option<&str>,
        at: u64,
        outcome: Outcome,
        status: Option<u16>,
    ) {
        if let Some(id) = poll {
            self.counters.open_polls = self.counters.open_polls.saturating_sub(1);
            if let Some(job) = self.counters.jobs.get_mut(id) {
                job.open_polls = job.open_polls.saturating_sub(1);
            }
        }
        if let Some(status) = status {
            bump(
                self.counters
                    .statuses
                    .entry(status.to_string())
                    .or_default(),
            );
        }
        if let Some(entry) = self.entry(number) {
            entry.outcome = outcome;
            entry.status = status;
            entry.ended_at = Some(at);
        }
    }

    pub(crate) fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        let first = self.entries.front()?.number;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        self.entries.get_mut(index)
    }
}

fn bump(count: &mut u64) {
    *count = count.saturating_add(1);
}
