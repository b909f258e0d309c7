//! The machine slept, or the network was away: a laptop's lid, a suspended VM, a page that the browser
//! froze or kept in its back/forward cache.
//!
//! A sleep shows by a timer that fires far too late; the rest is told. What seemed to take long then
//! says nothing of the line, requests from before may be dead without a word, and a deadline that
//! passed meanwhile is not declared before one more look at the job.

use std::rc::Rc;

use super::event::{Credential, WaiterId};
use super::{Activity, Engine, Goal, Timer, Waiter};
use crate::core::scheduler::Haste;
use crate::core::time::{Millis, Time};

/// A timer this much too late was slept through. Busy event loops and throttled tabs stay below, or
/// lose no more than one needless poll.
const SLEPT: Millis = 5_000;
/// A call or a single poll gets so long to deliver what came meanwhile: timers may fire before it is read.
const GRACE: Millis = 3_000;
/// The last look at a job may take so long: after a wake the network needs seconds to come back.
const LAST_LOOK: Millis = 10_000;
/// Networks that come and go, and timers that are late, lead to no more looks than this.
const AWAKE_AGAIN: Millis = 1_000;

impl Engine {
    /// Notices a sleep by the first timer, and puts off what fell due in it.
    pub(super) fn notice_sleep(&mut self, now: Time) {
        let first = self.timers.first().map(|(at, _)| *at);
        if first.is_none_or(|at| now.since(at) < SLEPT) {
            return;
        }
        let due: Vec<(Time, Timer)> = self
            .timers
            .iter()
            .take_while(|(at, _)| *at <= now)
            .cloned()
            .collect();
        for (at, timer) in due {
            match timer {
                Timer::Cut(exchange) => {
                    let open = self.exchanges.get_mut(&exchange);
                    if let Some(open) = open.filter(|it| !it.put_off) {
                        open.put_off = true;
                        open.cut_at = now.after(GRACE);
                        self.timers.remove(&(at, Timer::Cut(exchange)));
                        self.timers.insert((open.cut_at, Timer::Cut(exchange)));
                    }
                }
                Timer::Deadline(waiter) => self.put_off(now, waiter),
                Timer::Credential => self.await_credential_until(now),
                Timer::Slots | Timer::Beat | Timer::Rest(_) | Timer::Backoff(_) => {}
            }
        }
        self.look_again_soon(now);
    }

    /// The machine woke up, or the network is back.
    pub(super) fn awake(&mut self, now: Time) {
        self.offline = false;
        self.look_again_soon(now);
    }

    /// Late timers may be noticed again and again before they have fired.
    fn look_again_soon(&mut self, now: Time) {
        if now.since(self.looked_at) >= AWAKE_AGAIN {
            self.look_again(now);
        }
    }

    /// A deadline passed in a sleep. It is put off once only, so that timers which always come late
    /// cannot put it off for ever.
    fn put_off(&mut self, now: Time, id: WaiterId) {
        let Some(waiter) = self.waiters.get_mut(&id).filter(|it| !it.overdue) else {
            return;
        };
        waiter.overdue = true;
        self.timers.remove(&(waiter.deadline, Timer::Deadline(id)));
        waiter.deadline = now.after(match waiter.goal {
            Goal::JobEnd { .. } => LAST_LOOK,
            Goal::Answer { .. } | Goal::Single { .. } => GRACE,
        });
        self.timers.insert((waiter.deadline, Timer::Deadline(id)));
    }

    /// Polls each job anew, in place of whatever it is at. What a poll from before may still bring, the
    /// new one brings too.
    fn look_again(&mut self, now: Time) {
        self.looked_at = now;
        let jobs: Vec<Rc<str>> = self.jobs.keys().cloned().collect();
        for id in jobs {
            let overdue = self.is_overdue(&id);
            let Some(job) = self.jobs.get_mut(&id) else {
                continue;
            };
            job.follow.begins_anew();
            match &job.activity {
                // The answer to the question about the credential is what a poll would wait for too.
                Activity::Idle | Activity::AwaitingCredential => continue,
                Activity::Listening if !overdue => continue,
                Activity::Listening
                | Activity::Queued(..)
                | Activity::Polling(_)
                | Activity::Resting { .. } => {}
            }
            self.stop_polling(&id);
            let haste = if overdue { Haste::Overdue } else { Haste::News };
            self.want_poll(now, &id, Credential::Usual, haste);
        }
        self.listen_again(now);
        self.send_resting_calls(now);
    }

    /// A GET that failed while there was no network need not wait any longer.
    fn send_resting_calls(&mut self, now: Time) {
        let resting: Vec<(Time, WaiterId)> = self.waiters.iter().filter_map(rests).collect();
        for (until, waiter) in resting {
            self.timers.remove(&(until, Timer::Backoff(waiter)));
            self.timers.insert((now, Timer::Backoff(waiter)));
            self.set_backoff(waiter, now);
        }
    }

    fn set_backoff(&mut self, id: WaiterId, until: Time) {
        let goal = self.waiters.get_mut(&id).map(|it| &mut it.goal);
        if let Some(Goal::Answer { backoff_until, .. }) = goal {
            *backoff_until = Some(until);
        }
    }

    /// The job was looked at and is not over: those whose deadline passed in a sleep are told now.
    pub(super) fn expire_overdue(&mut self, id: &Rc<str>) {
        let Some(job) = self.jobs.get(id) else { return };
        let overdue = |waiter: &WaiterId| self.waiters.get(waiter).is_some_and(|it| it.overdue);
        let overdue: Vec<WaiterId> = job.waiters.iter().copied().filter(overdue).collect();
        for waiter in overdue {
            self.time_out(waiter);
        }
    }
}

fn rests((id, waiter): (&WaiterId, &Waiter)) -> Option<(Time, WaiterId)> {
    match waiter.goal {
        Goal::Answer { backoff_until, .. } => Some((backoff_until?, *id)),
        Goal::JobEnd { .. } | Goal::Single { .. } => None,
    }
}
