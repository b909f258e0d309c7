//! What happens after a sleep or a stall, or when the network or the page is back.
//!
//! After a sleep requests from before may be dead, and a deadline that passed in it is declared only after
//! one more poll. After a stall the open requests may have their responses already, which are read first.

use std::time::Duration;

use crate::engine::ids::{ExchangeId, JobKey, WaiterId};
use crate::engine::io::CredentialChoice;
use crate::engine::job::Activity;
use crate::engine::scheduler::Priority;
use crate::engine::state::Engine;
use crate::engine::timers::Timer;
use crate::engine::waiters::{Goal, Waiter};
use crate::engine::wake::{Gap, WakeDetector};

/// What is open gets this long to deliver what came in between: timers may fire before that is read.
const GRACE: Duration = Duration::from_secs(3);
/// The last poll of a job may take this long: after a wake the network needs seconds to come back.
const LOOK_AFTER_SLEEP: Duration = Duration::from_secs(10);

/// A timer that fires so late means that the client was busy, and answers were left unread.
const LAG: Duration = Duration::from_millis(100);

impl Engine {
    /// Detects a sleep or a stall, and extends what became due in it.
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

    /// The network is back, or the page is.
    pub(in crate::engine) fn on_resumed(&mut self) {
        self.offline = false;
        self.poll_all_again(Gap::Sleep);
    }

    /// Whether the user's functions are asked for what goes with the job's poll.
    fn prepares_poll(&self, key: JobKey) -> bool {
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

    /// Extends a deadline that passed unseen: once only, so that timers which are always late cannot extend it
    /// for ever.
    fn extend_deadline(&mut self, id: WaiterId, gap: Gap) {
        let now = self.now;
        let Some(waiter) = self.waiters.get_mut(id).filter(|it| !it.overdue) else {
            return;
        };
        waiter.overdue = true;
        let extension = match (&waiter.goal, gap) {
            (Goal::JobEnd { .. }, Gap::Sleep) => LOOK_AFTER_SLEEP,
            (goal, Gap::Sleep) if goal.is_condition() => LOOK_AFTER_SLEEP,
            _ => GRACE,
        };
        let until = Some(now + extension);
        let before = std::mem::replace(&mut waiter.deadline, until);
        self.timers.reset(before, until, Timer::Deadline(id));
    }

    /// Polls each job anew, in place of whatever it does. The new poll also brings what an older one might
    /// still bring. After a stall, only jobs are polled whose deadline passed in it, and that have no poll open
    /// whose response may have come.
    fn poll_all_again(&mut self, gap: Gap) {
        let slept = gap == Gap::Sleep;
        if slept && !self.wake.should_look(self.now) {
            return;
        }
        for key in self.jobs.keys_where(|_| true) {
            let overdue = self.is_overdue(key);
            let prepares = self.prepares_poll(key);
            let Some(job) = self.jobs.get_mut(key) else {
                continue;
            };
            if slept {
                job.poller.reset_failures();
            } else if !overdue {
                continue;
            }
            match job.activity {
                // A poll would wait for the new credential, too.
                Activity::Idle | Activity::AwaitingCredential { .. } => continue,
                Activity::Delegated if !overdue => continue,
                Activity::Polling { .. } if !slept => continue,
                // It has no connection yet that may be dead.
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

    /// A GET in a pause is sent again now, and one that waits for a condition also if it is on its way: its
    /// connection may be dead.
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

    /// The job was polled and has not ended: times out the waiters whose deadline passed unseen.
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
