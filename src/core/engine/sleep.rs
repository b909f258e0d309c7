//! The machine slept: a laptop's lid, a suspended VM, a page that the browser froze.
//!
//! A timer that fires far too late is how it shows. Whatever seemed to take long then says nothing of
//! the line, and a deadline that passed meanwhile is not declared before one more look at the job.

use std::rc::Rc;

use super::event::{Credential, WaiterId};
use super::{Activity, Engine, Goal, Timer};
use crate::core::scheduler::Haste;
use crate::core::time::{Millis, Time};

/// A timer this much too late was slept through. Busy event loops and throttled tabs stay below, or
/// lose no more than one needless poll.
const SLEPT: Millis = 5_000;
/// What is open gets so long to deliver what came meanwhile: timers may fire before it is read.
const GRACE: Millis = 3_000;
/// The last look at a job may take so long: after a wake the network needs seconds to come back.
const LAST_LOOK: Millis = 10_000;

impl Engine {
    /// Puts off what fell due in a sleep, and has one look at each job whose deadline passed in it.
    pub(super) fn wake_up(&mut self, now: Time) {
        let Some(slept_from) = self.timers.first().map(|(at, _)| *at) else {
            return;
        };
        if now.since(slept_from) < SLEPT {
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
                    let open = self.exchanges.get_mut(&exchange).filter(|it| !it.slept);
                    if let Some(open) = open {
                        open.cut_at = now.after(GRACE);
                        self.timers.remove(&(at, Timer::Cut(exchange)));
                        self.timers.insert((open.cut_at, Timer::Cut(exchange)));
                    }
                }
                Timer::Deadline(waiter) => self.put_off(now, waiter),
                Timer::Slots | Timer::Rest(_) | Timer::Backoff(_) => {}
            }
        }
        for open in self.exchanges.values_mut() {
            open.slept |= open.sent_at <= slept_from;
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
        let job = match &waiter.goal {
            Goal::JobEnd { job, .. } => Some(Rc::clone(job)),
            Goal::Answer { .. } | Goal::Single { .. } => None,
        };
        waiter.deadline = now.after(if job.is_some() { LAST_LOOK } else { GRACE });
        self.timers.insert((waiter.deadline, Timer::Deadline(id)));
        if let Some(job) = job {
            self.look_now(now, &job);
        }
    }

    /// One standard poll in place of whatever the job is at.
    fn look_now(&mut self, now: Time, id: &Rc<str>) {
        let activity = self.jobs.get(id).map(|job| job.activity.clone());
        let looking = match activity {
            // The answer to the question about the credential is what a poll would wait for too.
            None | Some(Activity::AwaitingCredential) => true,
            Some(Activity::Polling(open)) => self
                .exchanges
                .get(&open)
                .is_some_and(|it| it.sent_at == now),
            Some(Activity::Queued(..) | Activity::Resting | Activity::Idle) => false,
        };
        if !looking {
            self.stop_polling(id);
            self.want_poll(now, id, Credential::Usual, Haste::Overdue);
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
