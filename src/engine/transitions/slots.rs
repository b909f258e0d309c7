//! The queue for slots: how jobs enter it and what they get from it.

use crate::engine::exchanges::Owner;
use crate::engine::ids::{ExchangeId, JobKey};
use crate::engine::io::CredentialChoice;
use crate::engine::job::Activity;
use crate::engine::scheduler::{Priority, Turn};
use crate::engine::state::Engine;
use crate::engine::time::Time;
use crate::engine::timers::Timer;

/// So many polls without an answer mean more than the bad luck of one.
const SEVERAL: usize = 3;

impl Engine {
    /// Polls the job as soon as there is a slot for it, here or in the tab that leads.
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

    /// Moves a queued job forward if a new waiter's deadline makes its turn due sooner.
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

    /// What a job does at the moment. One that has been dropped does nothing.
    pub(super) fn activity(&self, key: JobKey) -> Activity {
        let job = self.jobs.get(key);
        job.map_or(Activity::Idle, |job| job.activity)
    }

    /// Changes what the job does, and returns what it did before.
    pub(super) fn set_activity(&mut self, key: JobKey, activity: Activity) -> Activity {
        let Some(job) = self.jobs.get_mut(key) else {
            return Activity::Idle;
        };
        let before = std::mem::replace(&mut job.activity, activity);
        self.scheduler
            .count(before.shares_slots(), activity.shares_slots());
        before
    }

    /// Requests share one connection now, or no longer do.
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

    /// Gives free slots to the jobs whose turn it is, and preempts a poll if they need its slot.
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

    /// Tells the scheduler how long the oldest standard polls have been open: a server that hangs says nothing.
    fn watch_open_polls(&mut self) {
        let oldest = self.open_polls.oldest_standard(SEVERAL);
        if let Some(exchange) = oldest.and_then(|id| self.exchanges.get(id)) {
            self.scheduler.on_open(self.now, exchange.sent_at);
        }
    }

    /// The oldest poll that the server was asked to hold for longer than a time slice is now.
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

    /// Ends a long poll that holds its slot for too long. Its job enters the queue again, with its cursor.
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
