//! The log of requests for tests, without credentials and bodies.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

/// The kind of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PollKind {
    /// A poll without `poll_timeout` and `last_modified`.
    Standard,
    /// A poll with at least one of them, valid or not.
    Long,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// No response yet.
    Open,
    /// A response was sent, in full or (with a rule) in part.
    Answered,
    /// A rule broke the connection.
    Reset,
    /// The client disconnected first.
    Gone,
}

/// One request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// 1 for the first request.
    pub number: u64,
    /// When it arrived, in milliseconds since the simulator started.
    pub at: u64,
    /// The method, such as `GET`.
    pub method: String,
    /// The raw path and query.
    pub target: String,
    /// `/api` or `/api/v3`; empty for any other path.
    pub base: String,
    /// The decoded path below the base.
    pub path: String,
    /// The decoded query.
    pub query: Vec<(String, String)>,
    /// Names in lower case. The values of `authorization` and `cookie` are hidden.
    pub headers: Vec<(String, String)>,
    /// Length of the body in bytes.
    pub body_bytes: usize,
    /// Whether the credentials were accepted.
    pub authorized: bool,
    /// The id of the polled or started job.
    pub job: Option<String>,
    /// The kind of poll.
    pub poll: Option<PollKind>,
    /// The name of the rule that fired; `unnamed` if it has none.
    pub rule: Option<String>,
    /// The response's status.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub ended_at: Option<u64>,
}

/// Totals since the simulator started.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// All requests.
    pub requests: u64,
    /// Standard polls for jobs.
    pub standard_polls: u64,
    /// Long polls for jobs.
    pub long_polls: u64,
    /// Open polls.
    pub open_polls: u64,
    /// The most polls that were open at the same time.
    pub max_open_polls: u64,
    /// Polls by job id.
    pub jobs: BTreeMap<String, JobCounters>,
    /// The number of each changing call, by method and path: `POST /hosts`.
    pub received: BTreeMap<String, u64>,
    /// The number of responses by status.
    pub statuses: BTreeMap<String, u64>,
}

/// Polls for one job.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobCounters {
    /// Standard polls.
    pub standard_polls: u64,
    /// Long polls.
    pub long_polls: u64,
    /// Open polls.
    pub open_polls: u64,
    /// The most polls that were open at the same time.
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

    /// Records a request and returns its number.
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

    /// Records how a request ended. The caller passes the polled job, because the log drops old entries.
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
