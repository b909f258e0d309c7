//! Recovery after a sleep or a stall, and when the network or the page is back.
//!
//! After a sleep, open requests may be dead, and the client polls once more before it reports a deadline that
//! passed meanwhile. After a stall, responses may have arrived already; the client reads them first.

use std::time::Duration;

use crate::engine::ids::{ExchangeId, JobKey, WaiterId};
use crate::engine::io::CredentialChoice;
use crate::engine::job::Activity;
use crate::engine::scheduler::Priority;
use crate::engine::state::Engine;
use crate::engine::timers::Timer;
use crate::engine::waiters::{Goal, Waiter};
use crate::engine::wake::{Gap, WakeDetector};

/// How long open requests may take to deliver responses that arrived meanwhile. Timers may fire before these
/// are read.
const GRACE: Duration = Duration::from_secs(3);
/// How long the last poll of a job may take, because the network needs seconds to come back after a wake-up.
const POLL_AFTER_SLEEP: Duration = Duration::from_secs(10);

/// A timer this late means that the client was busy and left responses unread.
const LAG: Duration = Duration::from_millis(100);

impl Engine {
    /// Detects a sleep or a stall, and extends timeouts that passed meanwhile.
    pub(in crate::engine) fn detect_gap(&mut self) {
        let due = self.timers.next();
        if due.is_some_and(|due| self.now.since(due) >= LAG) {
            self.scheduler.on_lag(self.now);
        }
        let Some(gap) = WakeDetector::gap(self.now, due) else {
            return;
        };
        for timer in self.timers.all_due(self.now) {
            match timer {
                Timer::RequestTimeout(exchange) => self.extend_request(exchange),
                Timer::Deadline(waiter) => self.extend_deadline(waiter, gap),
                Timer::Credential => self.limit_refresh(),
                Timer::Slots | Timer::Heartbeat | Timer::PollDue(_) | Timer::CallRetry(_) => {}
            }
        }
        self.poll_all_again(gap);
    }

    /// The network or the page is back.
    pub(in crate::engine) fn on_resumed(&mut self) {
        self.offline = false;
        self.poll_all_again(Gap::Sleep);
    }

    /// Whether the `auth` or `headers` function is still running for the job's poll.
    fn is_preparing_poll(&self, key: JobKey) -> bool {
        match self.activity(key) {
            Activity::Polling { exchange } => {
                self.exchanges.get(exchange).is_some_and(|it| !it.is_sent)
            }
            _ => false,
        }
    }

    fn extend_request(&mut self, id: ExchangeId) {
        let until = Some(self.now + GRACE);
        let Some(exchange) = self.exchanges.get_mut(id).filter(|it| !it.extended) else {
            return;
        };
        exchange.extended = true;
        let before = std::mem::replace(&mut exchange.timeout_at, until);
        self.timers.reset(before, until, Timer::RequestTimeout(id));
    }

    /// Extends a deadline that passed meanwhile. This happens once, so that timers that are always late
    /// cannot extend it forever.
    fn extend_deadline(&mut self, id: WaiterId, gap: Gap) {
        let now = self.now;
        let Some(waiter) = self.waiters.get_mut(id).filter(|it| !it.overdue) else {
            return;
        };
        waiter.overdue = true;
        let extension = match (&waiter.goal, gap) {
            (Goal::JobEnd { .. }, Gap::Sleep) => POLL_AFTER_SLEEP,
            (goal, Gap::Sleep) if goal.is_condition() => POLL_AFTER_SLEEP,
            _ => GRACE,
        };
        let until = Some(now + extension);
        let before = std::mem::replace(&mut waiter.deadline, until);
        self.timers.reset(before, until, Timer::Deadline(id));
    }

    /// Replaces the activity of each job by a new poll. After a stall, it polls only jobs with a deadline
    /// that passed, and skips those with an open poll, because the response may have arrived already.
    fn poll_all_again(&mut self, gap: Gap) {
        let slept = gap == Gap::Sleep;
        if slept && !self.wake.should_poll_all(self.now) {
            return;
        }
        for key in self.jobs.keys_where(|_| true) {
            let overdue = self.is_overdue(key);
            let prepares = self.is_preparing_poll(key);
            let Some(job) = self.jobs.get_mut(key) else {
                continue;
            };
            if slept {
                job.poller.reset_failures();
            } else if !overdue {
                continue;
            }
            match job.activity {
                // A new poll would wait for the new credential, too.
                Activity::Idle | Activity::AwaitingCredential { .. } => continue,
                Activity::Delegated if !overdue => continue,
                Activity::Polling { .. } if !slept => continue,
                // The poll has no connection yet that may be dead.
                Activity::Polling { .. } if prepares && !overdue => continue,
                Activity::Delegated
                | Activity::Queued { .. }
                | Activity::Polling { .. }
                | Activity::Paused { .. } => {}
            }
            self.stop_polling(key);
            let priority = if overdue {
                Priority::Overdue
            } else {
                Priority::Immediate
            };
            self.schedule_poll(key, CredentialChoice::Usual, priority);
        }
        if slept {
            self.delegate_again();
            self.end_call_backoffs();
        }
    }

    /// Sends paused GETs again now. A GET that waits for a condition is also resent if it is in flight,
    /// because its connection may be dead.
    fn end_call_backoffs(&mut self) {
        let now = Some(self.now);
        let mut dead = Vec::new();
        for (id, waiter) in self.waiters.iter_mut() {
            let is_dead = |exchange: &ExchangeId| {
                let exchange = self.exchanges.get(*exchange);
                waiter.goal.is_condition() && exchange.is_some_and(|it| it.is_sent)
            };
            let exchange = waiter.exchange.take_if(|it| is_dead(it));
            dead.extend(exchange);
            if waiter.retry_at.is_some() || exchange.is_some() {
                let before = std::mem::replace(&mut waiter.retry_at, now);
                self.timers.reset(before, now, Timer::CallRetry(id));
            }
        }
        for exchange in dead {
            self.cancel(exchange);
        }
    }

    /// The job was polled and has not ended: times out the waiters whose extended deadline passed.
    pub(super) fn expire_overdue(&mut self, key: JobKey) {
        let Some(job) = self.jobs.get(key) else {
            return;
        };
        let is_overdue = |id: &&WaiterId| self.waiters.get(**id).is_some_and(|it| it.overdue);
        let overdue: Vec<WaiterId> = job.waiters.iter().filter(is_overdue).copied().collect();
        for waiter in overdue {
            self.time_out(waiter);
        }
    }

    pub(super) fn is_overdue(&self, key: JobKey) -> bool {
        self.waiters_of(key).any(|waiter| waiter.overdue)
    }

    /// The waiters for the job's end.
    pub(super) fn waiters_of(&self, key: JobKey) -> impl Iterator<Item = &Waiter> {
        let ids = self.jobs.get(key).map(|job| job.waiters.iter());
        ids.into_iter()
            .flatten()
            .filter_map(|id| self.waiters.get(*id))
    }
}
