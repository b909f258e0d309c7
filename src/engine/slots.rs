//! Jobs that wait for a slot, and what they are given.

use super::io::{Credential, ExchangeId};
use super::state::{Activity, Engine, Job, JobKey, Owner};
use super::timers::Timer;
use crate::engine::order::Pair;
use crate::engine::scheduler::Priority;

impl Engine {
    /// The job is to be polled as soon as there is a slot for it.
    pub(super) fn schedule_poll(
        &mut self,
        key: JobKey,
        credential: Credential,
        priority: Priority,
    ) {
        if !self.delegate(key, priority)
            && let Some(turn) = self.enqueue(key, priority)
        {
            self.set_queued(key, turn, credential);
        }
    }

    fn enqueue(&mut self, key: JobKey, priority: Priority) -> Option<Pair> {
        let deadline = self.nearest_deadline(key);
        let seen_at = self.jobs.row(key)?.seen_at;
        let turn = self
            .scheduler
            .queue(self.now, key, priority, seen_at, deadline);
        Some(turn)
    }

    /// Somebody with a nearer deadline may have come to wait: the turn may be due sooner.
    pub(super) fn requeue(&mut self, key: JobKey) {
        if self.activity(key) != Activity::Queued {
            return;
        }
        let other = self.enqueue(key, Priority::Normal);
        if let (Some(other), Some(job)) = (other, self.jobs.row_mut(key)) {
            self.scheduler.leave(job.turn.max(other));
            job.turn = job.turn.min(other);
        }
    }

    fn set_queued(&mut self, key: JobKey, turn: Pair, credential: Credential) {
        self.set_activity(key, Activity::Queued);
        if let Some(job) = self.jobs.row_mut(key) {
            job.turn = turn;
            job.credential = credential;
        }
    }

    pub(super) fn set_polling(&mut self, key: JobKey, exchange: ExchangeId) {
        self.set_activity(key, Activity::Polling);
        if let Some(job) = self.jobs.row_mut(key) {
            job.exchange = exchange;
        }
    }

    /// What a job is at; one that is forgotten is at nothing.
    pub(super) fn activity(&self, key: JobKey) -> Activity {
        let job = self.jobs.row(key);
        job.map_or(Activity::Idle, |job| job.activity)
    }

    /// Changes what the job is at; what it was at before.
    pub(super) fn set_activity(&mut self, key: JobKey, activity: Activity) -> Activity {
        let Some(job) = self.jobs.row_mut(key) else {
            return Activity::Idle;
        };
        let before = std::mem::replace(&mut job.activity, activity);
        self.scheduler
            .count(before.takes_turns(), activity.takes_turns());
        before
    }

    /// Gives free slots to those whose turn it is, and sees to it that one becomes free.
    pub(super) fn fill_slots(&mut self) {
        loop {
            if let Some(key) = self.scheduler.next(self.now) {
                self.dispatch(key);
            } else if let Some(exchange) = self.scheduler.preemptible(self.now) {
                self.preempt(exchange);
            } else {
                break;
            }
        }
        let next_timeout = self.scheduler.next_timeout(self.now);
        if next_timeout != self.slots_at {
            self.unset_timer(self.slots_at, Timer::Slots, 0);
            self.set_timer(next_timeout, Timer::Slots, 0);
            self.slots_at = next_timeout;
        }
    }

    fn dispatch(&mut self, key: JobKey) {
        let queued = |job: &&Job| job.activity == Activity::Queued;
        let Some(job) = self.jobs.row(key).filter(queued) else {
            return;
        };
        let credential = job.credential;
        if credential == Credential::Fresh || !self.send_batch(key) {
            self.send_poll(key, credential);
        }
    }

    /// A long poll from before the crowd ends early; its job queues up again, with its cursor.
    fn preempt(&mut self, exchange: ExchangeId) {
        let sent = self.exchange_mut(exchange).map(|it| &it.owner);
        let Some(&Owner::Job(key)) = sent else {
            return;
        };
        self.cancel(exchange);
        if let Some(job) = self.jobs.row_mut(key) {
            job.seen_at = Some(self.now);
        }
        self.schedule_poll(key, Credential::Usual, Priority::Normal);
    }
}

impl Activity {
    /// Whether the job is one of those that slots are shared out among.
    fn takes_turns(self) -> bool {
        !matches!(self, Self::Idle | Self::Delegated | Self::Away)
    }
}
