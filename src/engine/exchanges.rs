//! The open exchanges: requests whose responses are awaited.

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
    /// When it was sent; until then, when it was opened.
    pub(super) sent_at: Time,
    /// The user's functions have given what goes with it, and it is on its way.
    pub(super) is_sent: bool,
    /// How long it may take once it is sent.
    pub(super) timeout: Option<Duration>,
    pub(super) timeout_at: Option<Time>,
    /// The generation of the credential that went with the request.
    pub(super) generation: u32,
    /// The request was sent again after a 401, with the new credential.
    pub(super) fresh: bool,
    /// `None` for a call.
    pub(super) poll: Option<Poll>,
    /// Its timeout passed in a sleep or a stall and was extended, which happens once only.
    pub(super) extended: bool,
    /// The event for its end, where events are traced.
    pub(super) event: Option<Box<ClientEvent>>,
}

/// What an exchange is for.
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

    /// Whether the exchange takes a slot. Single polls and calls take none.
    pub(super) fn takes_slot(&self) -> bool {
        matches!(self, Self::Job(_) | Self::Batch(_))
    }
}

impl ById<ExchangeId, Exchange> {
    /// How many of them are polls.
    pub(super) fn open_polls(&self) -> usize {
        self.iter().filter(|(_, it)| it.poll.is_some()).count()
    }
}

/// The open shared polls of single jobs, by how many seconds the server was asked to hold them: zero for a
/// standard poll. There are few different numbers, however many polls are open.
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

    /// The oldest poll that the server was asked to hold for more than so many seconds.
    pub(super) fn oldest_held_above(&self, seconds: u32) -> Option<ExchangeId> {
        let above = self.by_seconds.iter().filter(|(held, _)| *held > seconds);
        above.filter_map(|(_, ids)| ids.first()).min().copied()
    }

    /// The youngest of several standard polls, if so many are open and older than all others.
    pub(super) fn oldest_standard(&self, several: usize) -> Option<ExchangeId> {
        let ids = self.by_seconds.get(0)?;
        ids.iter().nth(several.saturating_sub(1)).copied()
    }
}
