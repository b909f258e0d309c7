//! Open exchanges: requests that wait for their responses.

use std::time::Duration;

use super::by_id::ById;
use super::ids::{ExchangeId, JobKey, WaiterId};
use super::ordered::{OrderedMap, OrderedSet};
use super::poll::Poll;
use super::time::Time;
use super::trace::ClientEvent;

#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) owner: Owner,
    /// When the request was sent; before that, when the exchange was opened.
    pub(super) sent_at: Time,
    /// Whether the request was sent. The `auth` and `headers` functions run before that.
    pub(super) is_sent: bool,
    /// The limit from sending to the response.
    pub(super) timeout: Option<Duration>,
    pub(super) timeout_at: Option<Time>,
    /// The generation of the credential that the request carries.
    pub(super) generation: u32,
    /// Whether this is a resend with the new credential after a 401.
    pub(super) fresh: bool,
    /// `None` for a call.
    pub(super) poll: Option<Poll>,
    /// Whether the timeout was extended after a sleep or a stall. This happens once.
    pub(super) extended: bool,
    /// The event to emit at the end, if events are traced.
    pub(super) event: Option<Box<ClientEvent>>,
}

/// The purpose of an exchange.
#[derive(Debug)]
pub(super) enum Owner {
    /// A waiter's call.
    Call(WaiterId),
    /// A job's shared poll.
    Job(JobKey),
    /// One poll of several jobs.
    Batch(Vec<JobKey>),
    /// A waiter's single poll.
    Single(WaiterId),
}

impl Owner {
    /// Whether it is the shared poll of a single job.
    pub(super) fn is_job(&self) -> bool {
        matches!(self, Self::Job(_))
    }

    /// Whether the exchange takes a slot. Single polls and calls do not.
    pub(super) fn takes_slot(&self) -> bool {
        matches!(self, Self::Job(_) | Self::Batch(_))
    }
}

impl ById<ExchangeId, Exchange> {
    /// The number of open polls.
    pub(super) fn open_polls(&self) -> usize {
        self.iter().filter(|(_, it)| it.poll.is_some()).count()
    }
}

/// The open job polls, grouped by `poll_timeout` in seconds: zero for a standard poll.
#[derive(Debug)]
pub(super) struct OpenPolls {
    by_seconds: OrderedMap<u32, OrderedSet<ExchangeId>>,
}

impl OpenPolls {
    pub(super) fn new() -> Self {
        Self {
            by_seconds: OrderedMap::new(),
        }
    }

    pub(super) fn add(&mut self, seconds: u32, id: ExchangeId) {
        if let Some(ids) = self.by_seconds.get_mut(seconds) {
            ids.insert(id);
        } else {
            let mut ids = OrderedSet::new();
            ids.insert(id);
            self.by_seconds.insert(seconds, ids);
        }
    }

    pub(super) fn remove(&mut self, seconds: u32, id: ExchangeId) {
        if let Some(ids) = self.by_seconds.get_mut(seconds) {
            ids.remove(&id);
        }
    }

    /// The oldest poll with a `poll_timeout` above this.
    pub(super) fn oldest_held_above(&self, seconds: u32) -> Option<ExchangeId> {
        let above = self.by_seconds.iter().filter(|(held, _)| *held > seconds);
        above.filter_map(|(_, ids)| ids.first()).min().copied()
    }

    /// The newest of the `several` oldest standard polls; `None` if fewer are open.
    pub(super) fn oldest_standard(&self, several: usize) -> Option<ExchangeId> {
        let ids = self.by_seconds.get(0)?;
        ids.iter().nth(several.saturating_sub(1)).copied()
    }
}
