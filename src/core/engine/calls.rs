//! Calls, from their sending to the job that they started.

use std::rc::Rc;

use super::event::{Accepted, CallSpec, Command, Credential, Outcome, WaiterId};
use super::{Engine, Goal, Owner, ReportKind, Timer, Waiter, with_request};
use crate::core::address::JobId;
use crate::core::call::{Call, CallContext, CallNext};
use crate::core::error::Trouble;
use crate::core::follow::Follow;
use crate::core::job::Phase;
use crate::core::response::{Answer, NamedJob, SendFailure};
use crate::core::time::Time;

impl Engine {
    pub(super) fn issue(
        &mut self,
        now: Time,
        waiter: WaiterId,
        spec: CallSpec,
        deadline: Time,
        progress: bool,
    ) {
        let goal = Goal::Answer {
            call: Call::new(spec),
            backoff_until: None,
            exchange: None,
        };
        self.add_waiter(
            waiter,
            Waiter {
                deadline,
                overdue: false,
                progress,
                goal,
            },
        );
        self.send_call(now, waiter, Credential::Usual);
    }

    pub(super) fn send_call(&mut self, now: Time, waiter: WaiterId, credential: Credential) {
        let cut_at = now.after(self.config.request_timeout);
        let next = self.last_exchange.wrapping_add(1);
        match self.waiters.get_mut(&waiter).map(|it| &mut it.goal) {
            Some(Goal::Answer {
                exchange,
                backoff_until,
                ..
            }) => (*exchange, *backoff_until) = (Some(next), None),
            _ => return,
        }
        let exchange = self.open(now, Owner::Call(waiter), cut_at, credential, None);
        self.commands.push_back(Command::SendCall {
            exchange,
            waiter,
            credential,
        });
    }

    pub(super) fn call_result(
        &mut self,
        now: Time,
        waiter: WaiterId,
        result: Result<&Answer, &SendFailure>,
    ) {
        let Some(Waiter {
            deadline,
            goal:
                Goal::Answer {
                    call,
                    exchange,
                    backoff_until,
                },
            ..
        }) = self.waiters.get_mut(&waiter)
        else {
            return;
        };
        *exchange = None;
        let mut context = CallContext {
            now,
            deadline: *deadline,
            retry: &self.config.retry,
            jitter: &mut self.jitter,
            offline: self.offline,
        };
        let next = match result {
            Ok(answer) => call.answered(answer, &mut context),
            Err(failure) => call.unanswered(failure, &mut context),
        };
        let follow = call.spec.follow;
        match (next, result) {
            (CallNext::Retry(delay), _) => {
                let (until, failures) = (now.after(delay), call.failures());
                *backoff_until = Some(until);
                self.timers.insert((until, Timer::Backoff(waiter)));
                self.report(|engine| {
                    let report = engine.request_report(ReportKind::Retry, &Owner::Call(waiter))?;
                    Some(report.after_failures(failures).delayed(delay))
                });
            }
            (CallNext::Fail(trouble), _) => self.settle(waiter, Outcome::Failed(trouble)),
            (CallNext::Done, Ok(answer)) => {
                let accepted = Rc::new(Accepted::of(answer));
                let outcome = if follow {
                    Outcome::Done {
                        accepted,
                        job: None,
                    }
                } else {
                    Outcome::Accepted {
                        accepted,
                        job: None,
                    }
                };
                self.settle(waiter, outcome);
            }
            (CallNext::Job(job), Ok(answer)) => {
                self.call_has_job(now, waiter, &job, Rc::new(Accepted::of(answer)), follow);
            }
            // Only an answer can end a call well.
            (CallNext::Done | CallNext::Job(_), Err(_)) => {}
        }
    }

    pub(super) fn call_has_job(
        &mut self,
        now: Time,
        waiter: WaiterId,
        named: &NamedJob,
        accepted: Rc<Accepted>,
        follow: bool,
    ) {
        let Ok(id) = JobId::new(&named.id) else {
            // Over already, and without an id: there is nothing to hold on to.
            let outcome = match &named.snapshot {
                Some(job) if job.state.phase() == Phase::Failed => {
                    Outcome::Failed(with_request(Trouble::job_failed(job), &accepted))
                }
                job if follow => Outcome::Done {
                    accepted,
                    job: job.clone(),
                },
                _ => Outcome::Accepted {
                    accepted,
                    job: None,
                },
            };
            return self.settle(waiter, outcome);
        };
        let job = self.job(&id);
        if job.ending.is_some() {
            // The server has just named it: what ended was another job of that id.
            job.ending = None;
            job.follow = Follow::new(id.clone());
            job.rest_until = Time::default();
        }
        let is_new = job.follow.latest.is_none();
        let ending = job.follow.accepted(named);
        if job.ending.is_none() && ending.is_some() {
            job.ending = ending;
            self.stop_polling(id.text());
            self.publish(id.text());
        } else if is_new {
            self.report_state(id.text());
        }
        if follow {
            if let Some(waiter) = self.waiters.get_mut(&waiter) {
                waiter.goal = Goal::JobEnd {
                    job: Rc::clone(id.text()),
                    accepted: Some(accepted),
                };
            }
            self.join(now, waiter, id.text());
        } else {
            let job = self.job(&id);
            job.attached = job.attached.saturating_add(1);
            self.tell_latest(waiter, id.text());
            self.settle_all(id.text());
            self.settle(
                waiter,
                Outcome::Accepted {
                    accepted,
                    job: Some(id),
                },
            );
        }
    }
}
