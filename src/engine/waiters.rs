//! Those who wait.

use std::time::Duration;

use super::io::{Credential, Input, Outcome, Output, WaiterId};
use super::jobs::outcome;
use super::state::{Engine, Goal, Waiter, with_request};
use super::timers::Timer;
use crate::engine::order::{NONE, low_half};
use crate::engine::protocol::error::Error;
use crate::engine::protocol::url::JobId;
use crate::engine::scheduler::Priority;

impl Engine {
    pub(super) fn waiter(&self, id: WaiterId) -> Option<&Waiter> {
        self.waiters.row(self.waiters.find((id.into(), 0)))
    }

    pub(super) fn waiter_mut(&mut self, id: WaiterId) -> Option<&mut Waiter> {
        self.waiters.row_mut(self.waiters.find((id.into(), 0)))
    }

    pub(super) fn add_waiter(
        &mut self,
        id: WaiterId,
        timeout: Option<Duration>,
        progress: bool,
        goal: Goal,
    ) {
        let deadline = timeout.map(|timeout| self.now + timeout);
        self.set_timer(deadline, Timer::Deadline, id);
        let waiter = Waiter {
            deadline,
            overdue: false,
            progress,
            exchange: None,
            backoff_until: None,
            goal,
        };
        self.waiters.insert((id.into(), 0), Box::new(waiter));
    }

    /// Ends a wait, whatever it was for, and whatever it alone kept going.
    pub(super) fn settle(&mut self, id: WaiterId, outcome: Outcome) {
        self.report_settled(id, &outcome);
        let Some(waiter) = self.waiters.remove((id.into(), 0)) else {
            return;
        };
        self.unset_timer(waiter.deadline, Timer::Deadline, id);
        self.unset_timer(waiter.backoff_until, Timer::Backoff, id);
        if let Some(exchange) = waiter.exchange {
            self.cancel(exchange);
        }
        match waiter.goal {
            Goal::Response(_) => {}
            Goal::Single { job, .. } => self.drop_if_unused(self.find(&job)),
            Goal::JobEnd { job, .. } => {
                let waited = self.waits.remove((job.into(), id.into())) != NONE;
                if waited && !self.is_wanted(job) {
                    self.stop_polling(job);
                    self.drop_if_unused(job);
                }
            }
        }
        if self.waiters.len() == 0 {
            // Nobody listens to the surroundings any more.
            self.offline = false;
            self.forget_refused();
            self.cancel_heartbeat();
        }
        self.command(Output::Settle {
            waiter: id,
            outcome,
        });
    }

    pub(super) fn fire_timers(&mut self) {
        while let Some((pair, timer, whose)) = self.due_from((0, 0)) {
            self.timers.remove(pair);
            match timer {
                Timer::RequestTimeout => self.time_out_exchange(whose),
                Timer::PollDue => self.schedule_poll(whose, Credential::Usual, Priority::Normal),
                // The queue is looked at after each event.
                Timer::Slots => self.slots_at = None,
                Timer::Heartbeat => self.heartbeat(),
                Timer::Credential => self.credential(false),
                Timer::Backoff => {
                    self.stats.retries = self.stats.retries.saturating_add(1);
                    self.send_call(whose, Credential::Usual);
                }
                Timer::Deadline => self.time_out(whose),
            }
        }
    }

    pub(super) fn time_out(&mut self, id: WaiterId) {
        let outcome = match self.waiter(id).map(|it| &it.goal) {
            Some(Goal::Response(call)) => Outcome::Failed(call.timeout()),
            Some(Goal::JobEnd { job, accepted }) => {
                let Some(job) = self.jobs.row(*job) else {
                    return;
                };
                with_request(self.job_timeout(&job.poller.id), accepted.as_ref())
            }
            Some(Goal::Single { job, .. }) => Outcome::Failed(self.job_timeout(job)),
            None => return,
        };
        self.settle(id, outcome);
    }

    fn job_timeout(&self, job: &JobId) -> Box<Error> {
        Error::wait_timeout(job.as_str(), self.latest(job).as_ref(), self.token(job))
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
        self.forget_refused();
        self.drop_all_remote_interest();
        while let Some(((waiter, _), _)) = self.waiters.names().first_from((0, 0)) {
            self.settle(low_half(waiter), Outcome::Failed(Error::closed()));
        }
    }

    /// After the close nothing is sent, and nobody who comes is left waiting. An end that is known is told
    /// as ever.
    pub(super) fn refuse(&mut self, event: &Input) {
        let (waiter, known) = match event {
            Input::Wait { waiter, job, .. } => (*waiter, self.terminal_of(self.find(job))),
            Input::Call { waiter, .. } | Input::PollOnce { waiter, .. } => (*waiter, None),
            _ => return,
        };
        let outcome = match known {
            Some(terminal) => outcome(&terminal, None),
            None => Outcome::Failed(Error::closed()),
        };
        self.command(Output::Settle { waiter, outcome });
    }

    /// Hands out what is to be done.
    #[inline(never)]
    pub(super) fn command(&mut self, command: Output) {
        self.commands.push(Some(command));
    }
}
