//! Refused credentials: the `auth` function is asked once for all requests together.

use std::time::Duration;

use super::io::{Credential, ExchangeId, Output};
use super::state::{Activity, Engine, Exchange, Goal, JobKey, Owner};
use super::timers::Timer;
use crate::engine::poll::{Fields, Poll};
use crate::engine::protocol::response::Response;
use crate::engine::scheduler::Priority;

impl Engine {
    /// A request was refused for its credential, and the `auth` function may have a better one: it
    /// is asked once for all requests that were sent with the old one.
    pub(super) fn unauthorized(&mut self, id: ExchangeId, exchange: Exchange, response: Response) {
        let owner = exchange.owner;
        self.await_credential(&owner);
        let Some((method, path)) = self.request_name(&owner) else {
            return;
        };
        if exchange.generation != self.generation {
            self.send_again(id, &owner);
        } else if let Some(refused) = &mut self.refused {
            let asked_for_nobody = refused.is_empty();
            refused.push((id, owner, response));
            if asked_for_nobody {
                self.await_credential_until();
            }
        } else {
            self.refused = Some(vec![(id, owner, response)]);
            self.await_credential_until();
            self.command(Output::RefreshCredential { method, path });
        }
    }

    /// A function that never answers must not keep everybody waiting.
    pub(super) fn await_credential_until(&mut self) {
        self.unset_credential_timer();
        let timeout = self.config.request_timeout;
        self.credential_until = timeout.map(|timeout| self.now + timeout);
        self.set_timer(self.credential_until, Timer::Credential, 0);
    }

    fn unset_credential_timer(&mut self) {
        self.unset_timer(self.credential_until, Timer::Credential, 0);
    }

    /// Nobody waits for the answer any more. It will come all the same, and may serve whoever is refused
    /// until then.
    pub(super) fn forget_refused(&mut self) {
        if let Some(refused) = &mut self.refused {
            refused.clear();
            self.batch_support.gives_up();
        }
        self.unset_credential_timer();
    }

    /// Marks the owner as waiting.
    fn await_credential(&mut self, owner: &Owner) {
        match owner {
            Owner::Job(key) => {
                self.set_activity(*key, Activity::AwaitingCredential);
            }
            Owner::Batch(jobs) => {
                for key in jobs {
                    self.set_activity(*key, Activity::AwaitingCredential);
                }
            }
            Owner::Call(waiter) | Owner::Single(waiter) => {
                if let Some(waiter) = self.waiter_mut(*waiter) {
                    waiter.exchange = None;
                }
            }
        }
    }

    /// The method and the path, without the query, of a request that belongs to `owner`.
    pub(super) fn request_name(&self, owner: &Owner) -> Option<(String, String)> {
        let path = match owner {
            Owner::Job(key) => self.jobs.row(*key)?.poller.id.path(),
            Owner::Batch(_) => String::from("/jobs"),
            Owner::Call(waiter) | Owner::Single(waiter) => match &self.waiter(*waiter)?.goal {
                Goal::Response(call) => {
                    return Some((call.spec.method.clone(), call.spec.path.clone()));
                }
                Goal::Single { job, .. } => job.path(),
                Goal::JobEnd { .. } => return None,
            },
        };
        Some((String::from("GET"), path))
    }

    fn send_again(&mut self, exchange: ExchangeId, owner: &Owner) {
        match owner {
            Owner::Call(waiter) => self.send_call(*waiter, Credential::Fresh),
            Owner::Single(waiter) => self.send_single(*waiter, Credential::Fresh),
            Owner::Batch(jobs) => {
                self.batch_support.gives_up();
                for key in jobs {
                    self.send_again(exchange, &Owner::Job(*key));
                }
            }
            // A job that everybody left meanwhile, or that ended, is asked no more.
            Owner::Job(key) => {
                if self.awaits_credential(*key, exchange) {
                    self.schedule_poll(*key, Credential::Fresh, Priority::Immediate);
                }
            }
        }
    }

    pub(super) fn credential(&mut self, fresh: bool) {
        let Some(refused) = self.refused.take() else {
            return;
        };
        self.unset_credential_timer();
        if fresh {
            self.generation = self.generation.wrapping_add(1);
        }
        for (exchange, owner, response) in &refused {
            if fresh {
                self.send_again(*exchange, owner);
            } else {
                self.stays_refused(*exchange, owner, response);
            }
        }
    }

    /// There is no better credential: the refusal is the answer.
    fn stays_refused(&mut self, exchange: ExchangeId, owner: &Owner, response: &Response) {
        match owner {
            Owner::Call(waiter) => self.call_result(*waiter, Ok(response)),
            Owner::Single(waiter) => self.single_result(*waiter, Ok(response)),
            Owner::Batch(jobs) => {
                self.batch_support.gives_up();
                for key in jobs {
                    self.stays_refused(exchange, &Owner::Job(*key), response);
                }
            }
            Owner::Job(key) => {
                if self.awaits_credential(*key, exchange) {
                    let poll = Poll::standard(Fields::Full);
                    self.poll_result(*key, &poll, Duration::ZERO, Ok(response));
                }
            }
        }
    }

    /// Whether the job still waits since this request was refused. Another job may have its number now.
    fn awaits_credential(&self, key: JobKey, exchange: ExchangeId) -> bool {
        let job = self.jobs.row(key);
        job.is_some_and(|job| {
            job.activity == Activity::AwaitingCredential && job.exchange == exchange
        })
    }
}
