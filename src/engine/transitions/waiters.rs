//! Waiters, from the start of a wait to its result.

use crate::engine::ids::WaiterId;
use crate::engine::io::{Outcome, Output, WaitOptions};
use crate::engine::job::Job;
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

    /// Ends a wait of any kind, and every request for this waiter alone.
    pub(in crate::engine) fn settle(&mut self, id: WaiterId, mut outcome: Outcome) {
        if let Outcome::Failed(error) = &mut outcome
            && let Some(job) = self.job_of(id)
        {
            self.add_job(error, &job);
        }
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
            // The runtime stops watching network events now.
            self.offline = false;
            // Other tabs may still wait for jobs that this tab polls.
            if !self.jobs.any(Job::has_remote_waiters) {
                self.forget_unauthorized();
                self.cancel_heartbeat();
            }
        }
        self.output(Output::Settle {
            waiter: id,
            outcome,
        });
    }

    pub(super) fn time_out(&mut self, id: WaiterId) {
        let Some(waiter) = self.waiters.get(id) else {
            return;
        };
        let outcome = match &waiter.goal {
            Goal::Response(call) => {
                let progress = call.progress(self.is_in_flight(waiter));
                Outcome::Failed(Error::call_timeout(&call.spec.name(), progress))
            }
            Goal::JobEnd { job, accepted } => {
                let Some(job) = self.jobs.get(*job) else {
                    return;
                };
                let error = Error::wait_timeout(job.poller.id.as_str());
                failed_call(error, accepted.as_ref())
            }
            Goal::Single { job, .. } => Outcome::Failed(Error::wait_timeout(job.as_str())),
        };
        self.settle(id, outcome);
    }

    /// Whether a request of this waiter alone is in flight.
    fn is_in_flight(&self, waiter: &Waiter) -> bool {
        let exchange = waiter.exchange.and_then(|id| self.exchanges.get(id));
        exchange.is_some_and(|it| it.is_sent)
    }

    /// The job that a waiter waits for.
    fn job_of(&self, waiter: WaiterId) -> Option<JobId> {
        match &self.waiters.get(waiter)?.goal {
            Goal::Response(_) => None,
            Goal::JobEnd { job, .. } => Some(self.jobs.get(*job)?.poller.id.clone()),
            Goal::Single { job, .. } => Some(job.clone()),
        }
    }

    /// Adds the job's last snapshot and the token that resumes the wait.
    fn add_job(&self, error: &mut Error, job: &JobId) {
        error.job = error.job.take().or_else(|| self.latest(job));
        error.token = Some(self.token(job));
    }

    /// Settles all waiters when the client is closed.
    pub(in crate::engine) fn end_everything(&mut self) {
        self.closed = true;
        self.forget_unauthorized();
        self.drop_all_remote_interest();
        while let Some(id) = self.waiters.first_id() {
            let outcome = match self.waiters.get(id).map(|waiter| (waiter, &waiter.goal)) {
                Some((waiter, Goal::Response(call))) => {
                    let progress = call.progress(self.is_in_flight(waiter));
                    Outcome::Failed(Error::closed_call(&call.spec.name(), progress))
                }
                Some((_, Goal::JobEnd { job, accepted })) => {
                    let job = self.jobs.get(*job).map(|job| job.poller.id.as_str());
                    let error = Error::closed_wait(job.unwrap_or_default());
                    failed_call(error, accepted.as_ref())
                }
                Some((_, Goal::Single { job, .. })) => {
                    Outcome::Failed(Error::closed_wait(job.as_str()))
                }
                None => return,
            };
            self.settle(id, outcome);
        }
    }

    /// Settles a call that began after the close.
    pub(in crate::engine) fn settle_closed_call(&mut self, waiter: WaiterId) {
        let outcome = Outcome::Failed(Error::closed().unsent());
        self.output(Output::Settle { waiter, outcome });
    }

    /// Settles a wait that began after the close, with the end of its job if that is known.
    pub(in crate::engine) fn settle_closed_wait(&mut self, waiter: WaiterId, job: &JobId) {
        let key = self.jobs.find(job);
        let Some(terminal) = key.and_then(|key| self.terminal_of(key)) else {
            return self.settle_closed_poll(waiter, job);
        };
        let mut outcome = outcome(&terminal, None);
        if let Outcome::Failed(error) = &mut outcome {
            self.add_job(error, job);
        }
        self.output(Output::Settle { waiter, outcome });
    }

    /// Settles a single poll that began after the close.
    pub(in crate::engine) fn settle_closed_poll(&mut self, waiter: WaiterId, job: &JobId) {
        let mut error = Error::closed();
        self.add_job(&mut error, job);
        let outcome = Outcome::Failed(error);
        self.output(Output::Settle { waiter, outcome });
    }
}
