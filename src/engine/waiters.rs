//! The waiters: promises that settle once.

use std::rc::Rc;

use super::call::Call;
use super::ids::{ExchangeId, JobKey, WaiterId};
use super::io::InitialResponse;
use super::ordered::OrderedMap;
use super::protocol::url::JobId;
use super::time::Time;

#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) deadline: Option<Time>,
    /// The deadline passed while the machine slept, and was extended: a job is polled once more before
    /// the wait times out, and a call or a single poll may still get its response.
    pub(super) overdue: bool,
    pub(super) progress: bool,
    /// The open request that belongs to this waiter alone.
    pub(super) exchange: Option<ExchangeId>,
    /// When its call is sent again.
    pub(super) retry_at: Option<Time>,
    pub(super) goal: Goal,
}

/// What a waiter waits for.
#[derive(Debug)]
pub(super) enum Goal {
    /// The first response to a call.
    Response(Box<Call>),
    /// The end of a job; `accepted` is the response to the call that started it, if this wait began with
    /// one.
    JobEnd {
        job: JobKey,
        accepted: Option<Rc<InitialResponse>>,
    },
    /// The response to a single poll. `responses` counts those that the job had when the poll was sent.
    Single { job: JobId, responses: u32 },
}

#[derive(Debug)]
pub(super) struct Waiters {
    // In a box, because a waiter is large and entries move.
    by_id: OrderedMap<WaiterId, Box<Waiter>>,
    last_id: Option<WaiterId>,
}

impl Waiters {
    pub(super) fn new() -> Self {
        Self {
            by_id: OrderedMap::new(),
            last_id: None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn new_id(&mut self) -> WaiterId {
        let id = WaiterId::after(self.last_id);
        self.last_id = Some(id);
        id
    }

    pub(super) fn insert(&mut self, id: WaiterId, waiter: Waiter) {
        self.by_id.insert(id, Box::new(waiter));
    }

    pub(super) fn remove(&mut self, id: WaiterId) -> Option<Box<Waiter>> {
        self.by_id.remove(id)
    }

    pub(super) fn get(&self, id: WaiterId) -> Option<&Waiter> {
        self.by_id.get(id).map(|waiter| &**waiter)
    }

    pub(super) fn get_mut(&mut self, id: WaiterId) -> Option<&mut Waiter> {
        self.by_id.get_mut(id).map(|waiter| &mut **waiter)
    }

    pub(super) fn first_id(&self) -> Option<WaiterId> {
        self.by_id.iter().next().map(|(id, _)| id)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (WaiterId, &mut Waiter)> {
        self.by_id
            .iter_mut()
            .map(|(id, waiter)| (id, &mut **waiter))
    }
}
