//! Calls, from their sending to the job that they started.

use std::rc::Rc;
use std::time::Duration;

use super::io::{CallSpec, Credential, InitialResponse, Outcome, Output, WaiterId};
use super::state::{Engine, Goal, Owner, with_request};
use super::timers::Timer;
use super::trace::EventKind;
use crate::engine::call::{Call, CallNext};
use crate::engine::policy::RetryContext;
use crate::engine::poller::JobPoller;
use crate::engine::protocol::error::Error;
use crate::engine::protocol::record::Phase;
use crate::engine::protocol::response::{NamedJob, Response, TransportError};
use crate::engine::time::Time;

impl Engine {
    pub(super) fn issue(
        &mut self,
        waiter: WaiterId,
        spec: CallSpec,
        timeout: Option<Duration>,
        progress: bool,
    ) {
        self.add_waiter(
            waiter,
            timeout,
            progress,
            Goal::Response(Box::new(Call::new(spec))),
        );
        self.send_call(waiter, Credential::Usual);
    }

    pub(super) fn send_call(&mut self, waiter: WaiterId, credential: Credential) {
        if self.waiter(waiter).is_none() {
            return;
        }
        let owner = Owner::Call(waiter);
        let exchange = self.open(owner, self.config.request_timeout, credential, None);
        if let Some(waiter) = self.waiter_mut(waiter) {
            waiter.exchange = Some(exchange);
            waiter.backoff_until = None;
        }
        self.command(Output::SendCall {
            exchange,
            waiter,
            credential,
        });
    }

    pub(super) fn call_result(&mut self, id: WaiterId, result: Result<&Response, &TransportError>) {
        let key = self.waiters.find((id.into(), 0));
        let Some(waiter) = self.waiters.row_mut(key) else {
            return;
        };
        waiter.exchange = None;
        let Goal::Response(call) = &mut waiter.goal else {
            return;
        };
        let mut context = RetryContext {
            now: self.now,
            deadline: waiter.deadline,
            policy: &self.config.retry,
            jitter: &mut self.jitter,
            offline: self.offline,
        };
        let next = call.on_response(result, &mut context);
        let follow = call.spec.follow;
        let (named, response) = match (next, result) {
            (CallNext::Retry(delay), _) => {
                let (until, failures) = (Some(self.now + delay), call.failures());
                waiter.backoff_until = until;
                self.set_timer(until, Timer::Backoff, id);
                let report = self.request_report(EventKind::Retry, &Owner::Call(id));
                if let Some(mut report) = report {
                    report.attempt = Some(failures);
                    report.delay = Some(delay);
                    self.report(Some(report));
                }
                return;
            }
            (CallNext::Fail(error), _) => return self.settle(id, Outcome::Failed(error)),
            (CallNext::Done(named), Ok(response)) => (named, response),
            // Only an answer can end a call well.
            (CallNext::Done(_), Err(_)) => return,
        };
        let accepted = Rc::new(InitialResponse::of(response));
        match named {
            Some(job) => self.call_has_job(id, &job, accepted, follow),
            None => self.settle(id, without_job(accepted, follow)),
        }
    }

    fn call_has_job(
        &mut self,
        waiter: WaiterId,
        named: &NamedJob,
        accepted: Rc<InitialResponse>,
        follow: bool,
    ) {
        let Some(id) = &named.id else {
            // Over already, and without an id: there is nothing to hold on to.
            let outcome = match &named.snapshot {
                Some(job) if job.state.phase() == Phase::Failed => {
                    with_request(Error::job_failed(job), Some(&accepted))
                }
                Some(job) if follow => Outcome::Done {
                    accepted,
                    job: Some(Rc::clone(job)),
                },
                _ => without_job(accepted, follow),
            };
            return self.settle(waiter, outcome);
        };
        let key = self.job(id);
        let Some(job) = self.jobs.row_mut(key) else {
            return;
        };
        if job.terminal.is_some() {
            // The server has just named it: what ended was another job of that id.
            job.terminal = None;
            job.poller = JobPoller::new(id.clone());
            job.not_before = Time::default();
        }
        let is_new = job.poller.latest.is_none();
        let terminal = job.poller.accepted(named);
        if job.terminal.is_none() && terminal.is_some() {
            job.terminal = terminal;
            self.stop_polling(key);
            self.notify_all(key);
        } else if is_new {
            self.report_state(key);
        }
        if follow {
            if let Some(waiter) = self.waiter_mut(waiter) {
                waiter.goal = Goal::JobEnd {
                    job: key,
                    accepted: Some(accepted),
                };
            }
            self.add_waiter_to_job(waiter, key);
        } else {
            self.attach(id);
            self.notify_progress(waiter, key);
            self.settle_if_over(key);
            self.settle(
                waiter,
                Outcome::Accepted {
                    accepted,
                    job: Some(id.clone()),
                },
            );
        }
    }
}

/// How a call ends that has no job.
fn without_job(accepted: Rc<InitialResponse>, follow: bool) -> Outcome {
    if follow {
        Outcome::Done {
            accepted,
            job: None,
        }
    } else {
        Outcome::Accepted {
            accepted,
            job: None,
        }
    }
}
