//! Rejected credentials: the `auth` function runs once for all requests that got a 401.

use std::time::Duration;

use crate::engine::auth_refresh::Unauthorized;
use crate::engine::exchanges::Owner;
use crate::engine::ids::{ExchangeId, JobKey};
use crate::engine::io::{CredentialChoice, Output};
use crate::engine::job::Activity;
use crate::engine::poll::{Fields, Poll};
use crate::engine::protocol::response::Response;
use crate::engine::scheduler::Priority;
use crate::engine::state::Engine;
use crate::engine::timers::Timer;
use crate::engine::waiters::Goal;

impl Engine {
    /// A request got a 401, and the `auth` function may return a better credential. `generation` is that of
    /// the refused credential.
    pub(super) fn on_unauthorized(&mut self, request: Unauthorized, generation: u32) {
        self.await_credential(request.exchange, &request.owner);
        let Some((method, path)) = self.request_name(&request.owner) else {
            return;
        };
        if generation != self.auth_refresh.generation() {
            // A newer credential is available.
            return self.send_again(request.exchange, &request.owner);
        }
        let waiting = self.auth_refresh.waiting().iter();
        if waiting.filter(|it| self.still_waits(it)).count() == 0 {
            // No request waits for the earlier call of the function, which may never return, so call it
            // again.
            self.forget_unauthorized();
            self.limit_refresh();
            let waiter = self.waiter_of(&request.owner);
            self.output(Output::RefreshCredential {
                waiter,
                method,
                path,
            });
        }
        self.auth_refresh.add(request);
    }

    /// Whether a request that got a 401 still has a waiter.
    fn still_waits(&self, request: &Unauthorized) -> bool {
        match &request.owner {
            // A call or single poll has no other request meanwhile.
            Owner::Call(waiter) | Owner::Single(waiter) => self.waiters.get(*waiter).is_some(),
            Owner::Job(key) => self.awaits_credential(*key, request.exchange),
            Owner::Batch(jobs) => jobs
                .iter()
                .any(|key| self.awaits_credential(*key, request.exchange)),
        }
    }

    /// Gives the `auth` function as much time as a request, from now.
    pub(super) fn limit_refresh(&mut self) {
        let timeout = self.config.request_timeout;
        let deadline = timeout.map(|timeout| self.now + timeout);
        let before = self.auth_refresh.set_deadline(deadline);
        self.timers.reset(before, deadline, Timer::Credential);
    }

    fn clear_refresh_limit(&mut self) {
        let before = self.auth_refresh.set_deadline(None);
        self.timers.clear(before, Timer::Credential);
    }

    /// Cancels the refresh, because no request waits for it.
    pub(super) fn forget_unauthorized(&mut self) {
        if self.auth_refresh.forget_all() {
            self.batch_support.on_cancelled();
        }
        self.clear_refresh_limit();
    }

    fn await_credential(&mut self, exchange: ExchangeId, owner: &Owner) {
        match owner {
            Owner::Job(key) => {
                self.set_activity(*key, Activity::AwaitingCredential { exchange });
            }
            Owner::Batch(jobs) => {
                for key in jobs {
                    self.set_activity(*key, Activity::AwaitingCredential { exchange });
                }
            }
            Owner::Call(waiter) | Owner::Single(waiter) => {
                if let Some(waiter) = self.waiters.get_mut(*waiter) {
                    waiter.exchange = None;
                }
            }
        }
    }

    /// The method and the path, without the query, of a request for `owner`.
    pub(super) fn request_name(&self, owner: &Owner) -> Option<(String, String)> {
        let path = match owner {
            Owner::Job(key) => self.jobs.get(*key)?.poller.id.path(),
            Owner::Batch(_) => String::from("/jobs"),
            Owner::Call(waiter) | Owner::Single(waiter) => match &self.waiters.get(*waiter)?.goal {
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
            Owner::Call(waiter) => self.send_call(*waiter, CredentialChoice::Fresh),
            Owner::Single(waiter) => self.send_single(*waiter, CredentialChoice::Fresh),
            Owner::Batch(jobs) => {
                self.batch_support.on_cancelled();
                for key in jobs {
                    self.send_again(exchange, &Owner::Job(*key));
                }
            }
            // The job may have ended or lost its waiters meanwhile.
            Owner::Job(key) => {
                if self.awaits_credential(*key, exchange) {
                    self.schedule_poll(*key, CredentialChoice::Fresh, Priority::Immediate);
                }
            }
        }
    }

    /// The `auth` function returned or timed out.
    pub(in crate::engine) fn finish_refresh(&mut self, fresh: bool) {
        let Some(waiting) = self.auth_refresh.finish(fresh) else {
            return;
        };
        self.clear_refresh_limit();
        for request in &waiting {
            if fresh {
                self.send_again(request.exchange, &request.owner);
            } else {
                self.reject(request.exchange, &request.owner, &request.response);
            }
        }
    }

    /// There is no new credential, so the 401 is the result.
    fn reject(&mut self, exchange: ExchangeId, owner: &Owner, response: &Response) {
        match owner {
            Owner::Call(waiter) => self.on_call_result(*waiter, Ok(response)),
            Owner::Single(waiter) => self.on_single_result(*waiter, Ok(response)),
            Owner::Batch(jobs) => {
                self.batch_support.on_cancelled();
                for key in jobs {
                    self.reject(exchange, &Owner::Job(*key), response);
                }
            }
            Owner::Job(key) => {
                if self.awaits_credential(*key, exchange) {
                    let poll = Poll::standard(Fields::Full);
                    self.on_poll_result(*key, &poll, Duration::ZERO, Ok(response));
                }
            }
        }
    }

    /// Whether the job still waits for a credential because of this exchange.
    fn awaits_credential(&self, key: JobKey, exchange: ExchangeId) -> bool {
        self.activity(key) == Activity::AwaitingCredential { exchange }
    }
}
