//! Calls, from sending to the job that they start.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::call::{Call, CallGoal, CallNext, CallSpec};
use crate::engine::exchanges::Owner;
use crate::engine::ids::WaiterId;
use crate::engine::io::{CredentialChoice, InitialResponse, Outcome, Output, WaitOptions};
use crate::engine::policy::{RetryContext, before_deadline};
use crate::engine::poller::JobPoller;
use crate::engine::protocol::error::Error;
use crate::engine::protocol::record::Phase;
use crate::engine::protocol::response::{NamedJob, Response, TransportError};
use crate::engine::state::Engine;
use crate::engine::timers::Timer;
use crate::engine::trace::EventKind;
use crate::engine::transitions::jobs::failed_call;
use crate::engine::waiters::Goal;

impl Engine {
    pub(in crate::engine) fn issue(
        &mut self,
        waiter: WaiterId,
        spec: CallSpec,
        options: WaitOptions,
    ) {
        let goal = Goal::Response(Box::new(Call::new(spec)));
        self.add_waiter(waiter, options, goal);
        self.send_call(waiter, CredentialChoice::Usual);
    }

    pub(super) fn send_call(&mut self, waiter: WaiterId, credential: CredentialChoice) {
        let Some(Goal::Response(call)) = self.waiters.get(waiter).map(|it| &it.goal) else {
            return;
        };
        let timeout = call.timeout(self.config.request_timeout);
        let exchange = self.open(Owner::Call(waiter), timeout, credential, None);
        if let Some(waiter) = self.waiters.get_mut(waiter) {
            waiter.exchange = Some(exchange);
            waiter.retry_at = None;
        }
        self.output(Output::SendCall {
            exchange,
            waiter,
            credential,
        });
    }

    pub(super) fn on_call_result(
        &mut self,
        id: WaiterId,
        result: Result<&Response, &TransportError>,
    ) {
        let Some(waiter) = self.waiters.get_mut(id) else {
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
        let goal = call.spec.goal;
        let (named, response) = match (next, result) {
            (CallNext::Retry(delay), _) => {
                return self.send_call_after(id, delay, EventKind::Retry);
            }
            (CallNext::Fail(error), _) => return self.settle(id, Outcome::Failed(error)),
            (CallNext::Done(named), Ok(response)) => (named, response),
            // A transport error does not complete a call.
            (CallNext::Done(_), Err(_)) => return,
        };
        let base = &self.config.base;
        let accepted = Rc::new(InitialResponse::of(response, &call.spec.path, base));
        match named {
            Some(job) => self.on_accepted(id, &job, accepted, goal),
            None if goal == CallGoal::Condition => {
                call.start_check(Rc::clone(&accepted));
                self.output(Output::CheckRecord {
                    waiter: id,
                    response: accepted,
                });
            }
            None => self.settle(id, without_job(accepted, goal)),
        }
    }

    /// The caller checked a record: ends the wait, or sends the call again after a pause.
    pub(in crate::engine) fn on_record_checked(&mut self, id: WaiterId, is_met: bool) {
        let Some(waiter) = self.waiters.get_mut(id) else {
            return;
        };
        let Goal::Response(call) = &mut waiter.goal else {
            return;
        };
        let Some(response) = call.finish_check() else {
            return;
        };
        if is_met {
            self.settle(id, without_job(response, CallGoal::Condition));
        } else if waiter.overdue {
            self.time_out(id);
        } else {
            let delay = before_deadline(call.next_interval(), self.now, waiter.deadline);
            self.send_call_after(id, delay, EventKind::Pause);
        }
    }

    /// A call's pause ended.
    pub(super) fn send_call_again(&mut self, id: WaiterId) {
        let waiter = self.waiters.get(id).map(|it| &it.goal);
        if matches!(waiter, Some(Goal::Response(call)) if call.failures() > 0) {
            self.stats.retries = self.stats.retries.saturating_add(1);
        }
        self.send_call(id, CredentialChoice::Usual);
    }

    /// Sends a call again after a pause.
    fn send_call_after(&mut self, id: WaiterId, delay: Duration, reason: EventKind) {
        let Some(waiter) = self.waiters.get_mut(id) else {
            return;
        };
        let until = Some(self.now + delay);
        waiter.retry_at = until;
        let failures = match &waiter.goal {
            Goal::Response(call) => Some(call.failures()).filter(|it| *it > 0),
            Goal::JobEnd { .. } | Goal::Single { .. } => None,
        };
        self.timers.set(until, Timer::CallRetry(id));
        if let Some(mut event) = self.request_event(reason, &Owner::Call(id)) {
            event.attempt = failures;
            event.delay = Some(delay);
            self.emit(event);
        }
    }

    fn on_accepted(
        &mut self,
        waiter: WaiterId,
        named: &NamedJob,
        accepted: Rc<InitialResponse>,
        goal: CallGoal,
    ) {
        let Some(id) = &named.id else {
            // The job is finished and has no id, so there is nothing to poll.
            let job = &named.snapshot;
            let outcome = if job.state.phase() == Phase::Failed {
                failed_call(Error::job_failed(job), Some(&accepted))
            } else if goal != CallGoal::Response {
                Outcome::Done {
                    accepted,
                    job: Some(Rc::clone(job)),
                }
            } else {
                without_job(accepted, goal)
            };
            return self.settle(waiter, outcome);
        };
        let key = self.jobs.find_or_insert(id);
        let Some(job) = self.jobs.get_mut(key) else {
            return;
        };
        if job.terminal.is_some() {
            // The server has just started this job, so the ended one was another job with the same id.
            job.terminal = None;
            job.poller = JobPoller::new(id.clone());
            job.not_before = None;
        }
        let is_new = job.poller.latest.is_none();
        let terminal = job.poller.accepted(named, self.auth_refresh.generation());
        if job.terminal.is_none() && terminal.is_some() {
            job.terminal = terminal;
            self.stop_polling(key);
            self.notify_all(key, Some(waiter));
        } else if is_new {
            self.emit_state(key, Some(waiter));
        }
        if goal != CallGoal::Response {
            if let Some(waiter) = self.waiters.get_mut(waiter) {
                waiter.goal = Goal::JobEnd {
                    job: key,
                    accepted: Some(accepted),
                };
            }
            self.add_waiter_to_job(waiter, key);
        } else {
            self.add_handle(id);
            self.notify_progress(waiter, key);
            self.settle_if_terminal(key);
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

/// The outcome of a call without a job.
fn without_job(accepted: Rc<InitialResponse>, goal: CallGoal) -> Outcome {
    if goal != CallGoal::Response {
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
