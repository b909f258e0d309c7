//! The queue for slots.

use crate::engine::exchanges::Owner;
use crate::engine::ids::{ExchangeId, JobKey};
use crate::engine::io::CredentialChoice;
use crate::engine::job::Activity;
use crate::engine::scheduler::{Priority, Turn};
use crate::engine::state::Engine;
use crate::engine::time::Time;
use crate::engine::timers::Timer;

/// This many open polls without a response are more than chance.
const SEVERAL: usize = 3;

impl Engine {
    /// Polls the job as soon as it gets a slot, here or in the leading tab.
    pub(super) fn schedule_poll(
        &mut self,
        key: JobKey,
        credential: CredentialChoice,
        priority: Priority,
    ) {
        if !self.delegate(key, priority)
            && let Some(turn) = self.enqueue(key, priority)
        {
            self.set_activity(key, Activity::Queued { turn, credential });
        }
    }

    fn enqueue(&mut self, key: JobKey, priority: Priority) -> Option<Turn> {
        let deadline = self.nearest_deadline(key);
        let polled_at = self.jobs.get(key)?.polled_at;
        let turn = self
            .scheduler
            .enqueue(self.now, key, priority, polled_at, deadline);
        Some(turn)
    }

    /// Moves a queued job forward if a new waiter's deadline makes its turn due earlier.
    pub(super) fn requeue(&mut self, key: JobKey) {
        let Activity::Queued { turn, credential } = self.activity(key) else {
            return;
        };
        if let Some(other) = self.enqueue(key, Priority::Normal) {
            self.scheduler.leave(turn.max(other));
            let turn = turn.min(other);
            self.set_activity(key, Activity::Queued { turn, credential });
        }
    }

    /// What a job is doing; `Idle` if it was dropped.
    pub(super) fn activity(&self, key: JobKey) -> Activity {
        let job = self.jobs.get(key);
        job.map_or(Activity::Idle, |job| job.activity)
    }

    /// Sets what the job is doing and returns the previous activity.
    pub(super) fn set_activity(&mut self, key: JobKey, activity: Activity) -> Activity {
        let Some(job) = self.jobs.get_mut(key) else {
            return Activity::Idle;
        };
        let before = std::mem::replace(&mut job.activity, activity);
        self.scheduler
            .count(before.shares_slots(), activity.shares_slots());
        before
    }

    /// Requests share one connection now, or stopped sharing one.
    pub(in crate::engine) fn on_multiplexed(&mut self, yes: bool) {
        if let Some(many) = self.config.max_multiplexed_polls {
            let slots = if yes {
                many
            } else {
                self.config.max_open_polls
            };
            self.scheduler.set_slots(slots.get());
        }
    }

    /// Gives free slots to the jobs that are due, and preempts polls if they need more.
    pub(in crate::engine) fn fill_slots(&mut self) {
        self.watch_open_polls();
        let oldest = loop {
            if let Some(key) = self.scheduler.next(self.now) {
                self.dispatch(key);
                continue;
            }
            match self.oldest_above_slice() {
                Some((id, sent_at)) if self.scheduler.preempts(self.now, sent_at) => {
                    self.preempt(id);
                }
                oldest => break oldest.map(|(_, sent_at)| sent_at),
            }
        };
        let wake_at = self.scheduler.next_timeout(oldest);
        let before = self.scheduler.set_wake_at(wake_at);
        if wake_at != before {
            self.timers.reset(before, wake_at, Timer::Slots);
        }
    }

    /// Reports to the scheduler how long the oldest standard polls have been open, to detect a server that
    /// hangs.
    fn watch_open_polls(&mut self) {
        let oldest = self.open_polls.oldest_standard(SEVERAL);
        if let Some(exchange) = oldest.and_then(|id| self.exchanges.get(id)) {
            self.scheduler.on_open(self.now, exchange.sent_at);
        }
    }

    /// The oldest poll whose `poll_timeout` is above the current time slice.
    fn oldest_above_slice(&self) -> Option<(ExchangeId, Time)> {
        let slice = self.scheduler.time_slice()?;
        let id = self.open_polls.oldest_held_above(slice)?;
        Some((id, self.exchanges.get(id)?.sent_at))
    }

    fn dispatch(&mut self, key: JobKey) {
        let Activity::Queued { credential, .. } = self.activity(key) else {
            return;
        };
        if credential == CredentialChoice::Fresh || !self.send_batch(key) {
            self.send_poll(key, credential);
        }
    }

    /// Cancels a long poll that kept its slot for too long and queues its job again, with its cursor.
    fn preempt(&mut self, exchange: ExchangeId) {
        let owner = self.exchanges.get(exchange).map(|it| &it.owner);
        let Some(&Owner::Job(key)) = owner else {
            return;
        };
        self.cancel(exchange);
        if let Some(job) = self.jobs.get_mut(key) {
            job.polled_at = Some(self.now);
        }
        self.schedule_poll(key, CredentialChoice::Usual, Priority::Normal);
    }
}
