//! Refused credentials: the `auth` function is asked once for all requests together.

use std::rc::Rc;

use super::event::{Command, Credential};
use super::{Activity, Engine, Exchange, Goal, Owner, Timer};
use crate::core::address::JobId;
use crate::core::poll::{Fields, Poll};
use crate::core::response::Answer;
use crate::core::scheduler::Haste;
use crate::core::time::Time;

impl Engine {
    /// A request was refused for its credential, and the `auth` function may have a better one: it
    /// is asked once for all requests that were sent with the old one.
    pub(super) fn unauthorized(&mut self, now: Time, exchange: Exchange, answer: Answer) {
        let Some((method, path)) = self.await_credential(&exchange.owner) else {
            return;
        };
        if exchange.generation != self.generation {
            self.send_again(now, exchange.owner);
        } else if let Some(refused) = &mut self.refused {
            let asked_for_nobody = refused.is_empty();
            refused.push((exchange.owner, answer));
            if asked_for_nobody {
                self.await_credential_until(now);
            }
        } else {
            self.refused = Some(vec![(exchange.owner, answer)]);
            self.await_credential_until(now);
            self.commands
                .push_back(Command::AskCredential { method, path });
        }
    }

    /// A function that never answers must not keep everybody waiting.
    pub(super) fn await_credential_until(&mut self, now: Time) {
        self.unset_credential_timer();
        self.credential_until = now.after(self.config.request_timeout);
        self.add_timer(self.credential_until, Timer::Credential);
    }

    fn unset_credential_timer(&mut self) {
        self.timers
            .remove(&(self.credential_until, Timer::Credential));
    }

    /// Nobody waits for the answer any more. It will come all the same, and may serve whoever is refused
    /// until then.
    pub(super) fn forget_refused(&mut self) {
        if let Some(refused) = &mut self.refused {
            refused.clear();
            self.listing.gives_up();
        }
        self.unset_credential_timer();
    }

    /// Marks the owner as waiting; its method and path, or nothing if it is gone.
    pub(super) fn await_credential(&mut self, owner: &Owner) -> Option<(String, String)> {
        let poll_of = |job: &JobId| (String::from("GET"), job.path());
        match owner {
            Owner::Job(id) => {
                self.becomes(id, Activity::AwaitingCredential);
                Some(poll_of(&self.jobs.get(id)?.follow.id))
            }
            Owner::List(jobs) => {
                for id in jobs {
                    self.becomes(id, Activity::AwaitingCredential);
                }
                Some((String::from("GET"), String::from("/jobs")))
            }
            Owner::Call(waiter) | Owner::Single(waiter) => {
                match &mut self.waiters.get_mut(waiter)?.goal {
                    Goal::Answer { call, exchange, .. } => {
                        *exchange = None;
                        Some((call.spec.method.clone(), call.spec.path.clone()))
                    }
                    Goal::Single { job, exchange, .. } => {
                        *exchange = None;
                        Some(poll_of(job))
                    }
                    Goal::JobEnd { .. } => None,
                }
            }
        }
    }

    pub(super) fn send_again(&mut self, now: Time, owner: Owner) {
        match owner {
            Owner::Call(waiter) => self.send_call(now, waiter, Credential::Fresh),
            Owner::Single(waiter) => self.send_single(now, waiter, Credential::Fresh),
            Owner::List(jobs) => {
                self.listing.gives_up();
                for id in jobs {
                    self.send_again(now, Owner::Job(id));
                }
            }
            Owner::Job(id) => {
                // A job that everybody left meanwhile, or that ended, is asked no more.
                if self
                    .jobs
                    .get(&id)
                    .is_some_and(|it| it.activity == Activity::AwaitingCredential)
                {
                    self.want_poll(now, &id, Credential::Fresh, Haste::News);
                }
            }
        }
    }

    pub(super) fn credential(&mut self, now: Time, fresh: bool) {
        let Some(refused) = self.refused.take() else {
            return;
        };
        self.unset_credential_timer();
        if fresh {
            self.generation = self.generation.wrapping_add(1);
            for (owner, _) in refused {
                self.send_again(now, owner);
            }
        } else {
            for (owner, answer) in refused {
                match owner {
                    Owner::Call(waiter) => self.call_result(now, waiter, Ok(&answer)),
                    Owner::Single(waiter) => self.single_result(waiter, Ok(&answer)),
                    Owner::Job(id) => self.job_unauthorized(now, &id, &answer),
                    Owner::List(jobs) => self.list_unauthorized(now, &jobs, &answer),
                }
            }
        }
    }

    pub(super) fn job_unauthorized(&mut self, now: Time, id: &Rc<str>, answer: &Answer) {
        if self
            .jobs
            .get(id)
            .is_some_and(|it| it.activity == Activity::AwaitingCredential)
        {
            let poll = Poll {
                hold: None,
                fields: Fields::Full,
                cursor: None,
            };
            self.poll_result(now, id, &poll, 0, Ok(answer));
        }
    }
}
