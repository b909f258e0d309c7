//! The machine slept, or the network was away: a laptop's lid, a suspended VM, a page that the browser
//! froze or kept in its back/forward cache.
//!
//! A sleep shows by a timer that fires far too late; the rest is told. What seemed to take long then
//! says nothing of the line, requests from before may be dead without a word, and a deadline that
//! passed meanwhile is not declared before one more look at the job.

use std::time::Duration;

use super::io::{Credential, ExchangeId, WaiterId};
use super::state::{Activity, Engine, Goal, JobKey};
use super::timers::Timer;
use crate::engine::order::{after, low_half};
use crate::engine::scheduler::Priority;
use crate::engine::time::Time;

/// A timer this much too late was slept through. Busy event loops and throttled tabs stay below, or
/// lose no more than one needless poll.
const SLEPT: Duration = Duration::from_secs(5);
/// A call or a single poll gets so long to deliver what came meanwhile: timers may fire before it is read.
const GRACE: Duration = Duration::from_secs(3);
/// The last look at a job may take so long: after a wake the network needs seconds to come back.
const LOOK_AFTER_SLEEP: Duration = Duration::from_secs(10);
/// Networks that come and go, and timers that are late, lead to no more looks than this.
const AWAKE_AGAIN: Duration = Duration::from_secs(1);

impl Engine {
    /// Notices a sleep by the first timer, and puts off what fell due in it.
    pub(super) fn detect_sleep(&mut self) {
        let first = self.timers.first();
        if first.is_none_or(|(at, _)| self.now.since(Time::from_millis(at)) < SLEPT) {
            return;
        }
        let mut from = (0, 0);
        // What is put off comes later than what is due.
        while let Some((pair, timer, whose)) = self.due_from(from) {
            match timer {
                Timer::RequestTimeout => self.extend_request(whose),
                Timer::Deadline => self.extend_deadline(whose),
                Timer::Credential => self.await_credential_until(),
                Timer::Slots | Timer::Heartbeat | Timer::PollDue | Timer::Backoff => {}
            }
            from = after(pair);
        }
        self.poll_all_again_soon();
    }

    /// The machine woke up, or the network is back.
    pub(super) fn awake(&mut self) {
        self.offline = false;
        self.poll_all_again_soon();
    }

    /// Late timers may be noticed again and again before they have fired.
    fn poll_all_again_soon(&mut self) {
        if self.now.since(self.polled_all_at) >= AWAKE_AGAIN {
            self.poll_all_again();
        }
    }

    fn extend_request(&mut self, id: ExchangeId) {
        let until = Some(self.now + GRACE);
        let Some(open) = self.exchange_mut(id).filter(|it| !it.extended) else {
            return;
        };
        open.extended = true;
        let before = std::mem::replace(&mut open.timeout_at, until);
        self.unset_timer(before, Timer::RequestTimeout, id);
        self.set_timer(until, Timer::RequestTimeout, id);
    }

    /// A deadline passed in a sleep. It is put off once only, so that timers which always come late
    /// cannot put it off for ever.
    fn extend_deadline(&mut self, id: WaiterId) {
        let now = self.now;
        let Some(waiter) = self.waiter_mut(id).filter(|it| !it.overdue) else {
            return;
        };
        waiter.overdue = true;
        let extension = match waiter.goal {
            Goal::JobEnd { .. } => LOOK_AFTER_SLEEP,
            Goal::Response(_) | Goal::Single { .. } => GRACE,
        };
        let until = Some(now + extension);
        let before = std::mem::replace(&mut waiter.deadline, until);
        self.unset_timer(before, Timer::Deadline, id);
        self.set_timer(until, Timer::Deadline, id);
    }

    /// Polls each job anew, in place of whatever it is at. What a poll from before may still bring, the
    /// new one brings too.
    fn poll_all_again(&mut self) {
        self.polled_all_at = self.now;
        for key in self.jobs.numbers() {
            let overdue = self.is_overdue(key);
            let Some(job) = self.jobs.row_mut(key) else {
                continue;
            };
            job.poller.reset_failures();
            match job.activity {
                // The answer to the question about the credential is what a poll would wait for too.
                Activity::Idle | Activity::AwaitingCredential => continue,
                Activity::Delegated if !overdue => continue,
                Activity::Delegated
                | Activity::Queued
                | Activity::Polling
                | Activity::Resting
                | Activity::Away => {}
            }
            self.stop_polling(key);
            let priority = if overdue {
                Priority::Overdue
            } else {
                Priority::Immediate
            };
            self.schedule_poll(key, Credential::Usual, priority);
        }
        self.delegate_again();
        self.send_resting_calls();
    }

    /// A GET that failed while there was no network need not wait any longer.
    fn send_resting_calls(&mut self) {
        let now = Some(self.now);
        let mut from = (0, 0);
        while let Some((name, key)) = self.waiters.names().first_from(from) {
            let id = low_half(name.0);
            let waiter = self.waiters.row_mut(key);
            if let Some(waiter) = waiter.filter(|it| it.backoff_until.is_some()) {
                let before = std::mem::replace(&mut waiter.backoff_until, now);
                self.unset_timer(before, Timer::Backoff, id);
                self.set_timer(now, Timer::Backoff, id);
            }
            from = after(name);
        }
    }

    /// The job was looked at and is not over: those whose deadline passed in a sleep are told now.
    pub(super) fn expire_overdue(&mut self, key: JobKey) {
        let mut from = 0;
        while let Some(waiter) = self.next_overdue(key, from) {
            self.time_out(waiter);
            from = waiter.wrapping_add(1);
        }
    }

    /// Who waits for the job although the deadline has passed, from this id on.
    pub(super) fn next_overdue(&self, key: JobKey, from: WaiterId) -> Option<WaiterId> {
        let mut next = self.next_waiter(key, from)?;
        while !self.waiter(next).is_some_and(|it| it.overdue) {
            next = self.next_waiter(key, next.wrapping_add(1))?;
        }
        Some(next)
    }
}
