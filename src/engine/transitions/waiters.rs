//! Waiters, from the start of a wait to its settlement.

use crate::engine::ids::WaiterId;
use crate::engine::io::{Outcome, Output, WaitOptions};
use crate::engine::protocol::error::Error;
use crate::engine::protocol::url::JobId;
use crate::engine::state::Engine;
use crate::engine::timers::Timer;
use crate::engine::transitions::jobs::{failed_call, outcome};
use crate::engine::waiters::{Goal, Waiter};

impl Engine {
    pub(super) fn add_waiter(&mut self, id: WaiterId, options: WaitOptions, goal: Goal) {
        let deadline = options.timeout.map(|timeout| self.now + timeout);
        self.timers.set(deadline, Timer::Deadline(id));
        let waiter = Waiter {
            deadline,
            overdue: false,
            progress: options.progress,
            exchange: None,
            retry_at: None,
            goal,
        };
        self.waiters.insert(id, waiter);
    }

    /// Ends a wait of any kind, and everything that goes on for this waiter alone.
    pub(in crate::engine) fn settle(&mut self, id: WaiterId, outcome: Outcome) {
        self.emit_settled(id, &outcome);
        let Some(waiter) = self.waiters.remove(id) else {
            return;
        };
        self.timers.clear(waiter.deadline, Timer::Deadline(id));
        self.timers.clear(waiter.retry_at, Timer::CallRetry(id));
        if let Some(exchange) = waiter.exchange {
            self.cancel(exchange);
        }
        match waiter.goal {
            Goal::Response(_) => {}
            Goal::Single { job, .. } => {
                if let Some(key) = self.jobs.find(&job) {
                    self.drop_if_unused(key);
                }
            }
            Goal::JobEnd { job: key, .. } => {
                let job = self.jobs.get_mut(key);
                if job.is_some_and(|job| job.remove_waiter(id) && !job.has_waiters()) {
                    self.stop_polling(key);
                    self.drop_if_unused(key);
                }
            }
        }
        if self.waiters.is_empty() {
            // The runtime watches no network events any more.
            self.offline = false;
            self.forget_unauthorized();
            self.cancel_heartbeat();
        }
        self.output(Output::Settle {
            waiter: id,
            outcome,
        });
    }

    pub(super) fn time_out(&mut self, id: WaiterId) {
        let outcome = match self.waiters.get(id).map(|it| &it.goal) {
            Some(Goal::Response(call)) => Outcome::Failed(call.timeout()),
            Some(Goal::JobEnd { job, accepted }) => {
                let Some(job) = self.jobs.get(*job) else {
                    return;
                };
                failed_call(self.wait_timeout(&job.poller.id), accepted.as_ref())
            }
            Some(Goal::Single { job, .. }) => Outcome::Failed(self.wait_timeout(job)),
            None => return,
        };
        self.settle(id, outcome);
    }

    fn wait_timeout(&self, job: &JobId) -> Box<Error> {
        Error::wait_timeout(job.as_str(), self.latest(job).as_ref(), self.token(job))
    }

    /// Settles all waiters when the client is closed.
    pub(in crate::engine) fn end_everything(&mut self) {
        self.closed = true;
        self.forget_unauthorized();
        self.drop_all_remote_interest();
        while let Some(waiter) = self.waiters.first_id() {
            self.settle(waiter, Outcome::Failed(Error::closed()));
        }
    }

    /// Settles a waiter that came after the close: with the end of its job, if it is known.
    pub(in crate::engine) fn settle_closed(&mut self, waiter: WaiterId, job: Option<&JobId>) {
        let key = job.and_then(|job| self.jobs.find(job));
        let outcome = match key.and_then(|key| self.terminal_of(key)) {
            Some(terminal) => outcome(&terminal, None),
            None => Outcome::Failed(Error::closed()),
        };
        self.output(Output::Settle { waiter, outcome });
    }
}
