//! Those who wait, and the timers.

use super::event::{Command, Credential, Event, Outcome, WaiterId};
use super::{Engine, Goal, Timer, Waiter, with_request};
use crate::core::address::JobId;
use crate::core::error::Trouble;
use crate::core::scheduler::Haste;
use crate::core::time::Time;

impl Engine {
    pub(super) fn add_waiter(&mut self, id: WaiterId, waiter: Waiter) {
        self.add_timer(waiter.deadline, Timer::Deadline(id));
        self.waiters.insert(id, waiter);
    }

    pub(super) fn add_timer(&mut self, at: Time, timer: Timer) {
        if !at.is_never() {
            self.timers.insert((at, timer));
        }
    }

    /// Ends a wait, whatever it was for, and whatever it alone kept going.
    pub(super) fn settle(&mut self, id: WaiterId, outcome: Outcome) {
        self.report_settled(id, &outcome);
        let Some(waiter) = self.waiters.remove(&id) else {
            return;
        };
        self.timers.remove(&(waiter.deadline, Timer::Deadline(id)));
        match waiter.goal {
            Goal::Answer {
                exchange,
                backoff_until,
                ..
            } => {
                if let Some(exchange) = exchange {
                    self.cancel(exchange);
                }
                if let Some(until) = backoff_until {
                    self.timers.remove(&(until, Timer::Backoff(id)));
                }
            }
            Goal::Single { job, exchange, .. } => {
                if let Some(exchange) = exchange {
                    self.cancel(exchange);
                }
                self.forget_if_unused(job.text());
            }
            Goal::JobEnd { job, .. } => {
                let left = self
                    .jobs
                    .get_mut(&job)
                    .is_some_and(|known| known.waiters.remove(&id) && !known.is_wanted());
                if left {
                    self.stop_polling(&job);
                    self.forget_if_unused(&job);
                }
            }
        }
        if self.waiters.is_empty() {
            // Nobody listens to the surroundings any more.
            self.offline = false;
            self.forget_refused();
            self.unset_beat();
        }
        self.commands.push_back(Command::Settle {
            waiter: id,
            outcome,
        });
    }

    pub(super) fn fire(&mut self, now: Time) {
        while let Some((at, timer)) = self.timers.first().cloned() {
            if at > now {
                break;
            }
            self.timers.remove(&(at, timer.clone()));
            match timer {
                Timer::Cut(exchange) => self.cut(now, exchange),
                Timer::Rest(job) => self.want_poll(now, &job, Credential::Usual, Haste::Usual),
                // The queue is looked at after each event.
                Timer::Slots => self.slots_at = None,
                Timer::Beat => self.beat(now),
                Timer::Credential => self.credential(now, false),
                Timer::Backoff(waiter) => {
                    self.stats.retries = self.stats.retries.saturating_add(1);
                    self.send_call(now, waiter, Credential::Usual);
                }
                Timer::Deadline(waiter) => self.time_out(waiter),
            }
        }
    }

    pub(super) fn time_out(&mut self, waiter: WaiterId) {
        let trouble = match self.waiters.get(&waiter).map(|it| &it.goal) {
            Some(Goal::Answer { call, .. }) => {
                Trouble::call_timeout(&call.spec.name(), !call.spec.is_safe())
            }
            Some(Goal::JobEnd { job, accepted }) => {
                let Some(job) = self.jobs.get(job) else {
                    return;
                };
                let trouble = self.job_timeout(&job.follow.id);
                match accepted {
                    Some(accepted) => with_request(trouble, accepted),
                    None => trouble,
                }
            }
            Some(Goal::Single { job, .. }) => self.job_timeout(job),
            None => return,
        };
        self.settle(waiter, Outcome::Failed(trouble));
    }

    fn job_timeout(&self, job: &JobId) -> Trouble {
        Trouble::wait_timeout(job.text(), self.latest(job).as_ref(), self.token(job))
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
        self.forget_refused();
        self.leave_all_remote();
        let waiters: Vec<WaiterId> = self.waiters.keys().copied().collect();
        for waiter in waiters {
            self.settle(waiter, Outcome::Failed(Trouble::closed()));
        }
    }

    /// After the close nothing is sent, and nobody who comes is left waiting. An end that is known is told
    /// as ever.
    pub(super) fn refuse(&mut self, event: Event) {
        if let Event::Wait { waiter, job, .. } = &event
            && let Some(outcome) = self.ending_of(job.text())
        {
            let waiter = *waiter;
            self.commands.push_back(Command::Settle { waiter, outcome });
        } else if let Event::Call { waiter, .. }
        | Event::Wait { waiter, .. }
        | Event::PollOnce { waiter, .. } = event
        {
            let outcome = Outcome::Failed(Trouble::closed());
            self.commands.push_back(Command::Settle { waiter, outcome });
        }
    }
}
