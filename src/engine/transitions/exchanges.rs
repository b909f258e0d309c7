//! Requests, from sending to their end.

use std::time::Duration;

use crate::engine::auth_refresh::Unauthorized;
use crate::engine::config::Auth;
use crate::engine::exchanges::{Exchange, Owner};
use crate::engine::ids::{ExchangeId, JobKey, WaiterId};
use crate::engine::io::{CredentialChoice, Output};
use crate::engine::policy::{LoadSignal, Took};
use crate::engine::poll::Poll;
use crate::engine::protocol::classify::{TransportErrorKind, may_be_cut};
use crate::engine::protocol::response::{Response, TransportError};
use crate::engine::state::Engine;
use crate::engine::timers::Timer;
use crate::engine::trace::EventKind;
use crate::engine::waiters::Goal;

impl Engine {
    /// Sends a poll of one job or of a batch.
    pub(super) fn open_poll(
        &mut self,
        owner: Owner,
        poll: Poll,
        target: String,
        credential: CredentialChoice,
    ) -> ExchangeId {
        self.stats.polls = self.stats.polls.saturating_add(1);
        let waiter = self.waiter_of(&owner);
        let timeout = Some(poll.timeout(self.config.request_timeout));
        let exchange = self.open(owner, timeout, credential, Some(poll));
        self.output(Output::SendPoll {
            exchange,
            waiter,
            target,
            credential,
        });
        exchange
    }

    pub(super) fn open(
        &mut self,
        owner: Owner,
        timeout: Option<Duration>,
        credential: CredentialChoice,
        poll: Option<Poll>,
    ) -> ExchangeId {
        let id = self.exchanges.new_id();
        if owner.takes_slot() {
            self.scheduler.on_sent(self.now);
        }
        if let Some(event) = self.request_event(EventKind::Request, &owner) {
            self.emit(event);
        }
        let event = self.request_event(EventKind::Response, &owner);
        let exchange = Exchange {
            owner,
            sent_at: self.now,
            is_sent: false,
            timeout,
            timeout_at: None,
            generation: self.auth_refresh.generation(),
            fresh: credential == CredentialChoice::Fresh,
            poll,
            extended: false,
            event,
        };
        self.exchanges.insert(id, exchange);
        if !self.config.asks_before_sending {
            self.on_request_sent(id);
        }
        id
    }

    /// A request was sent. Its time starts now; the user's functions ran before.
    pub(in crate::engine) fn on_request_sent(&mut self, id: ExchangeId) {
        let Some(exchange) = self.exchanges.get_mut(id).filter(|it| !it.is_sent) else {
            return;
        };
        exchange.is_sent = true;
        exchange.sent_at = self.now;
        exchange.timeout_at = exchange.timeout.map(|timeout| self.now + timeout);
        self.timers
            .set(exchange.timeout_at, Timer::RequestTimeout(id));
        if let Some(poll) = exchange.poll.as_ref().filter(|_| exchange.owner.is_job()) {
            self.open_polls.add(poll.held_secs(), id);
        }
        if let Owner::Call(waiter) = exchange.owner
            && let Some(waiter) = self.waiters.get_mut(waiter)
            && let Goal::Response(call) = &mut waiter.goal
        {
            call.was_sent = true;
        }
    }

    /// Removes an exchange that ended.
    fn take_exchange(
        &mut self,
        id: ExchangeId,
        kind: EventKind,
        status: Option<u16>,
    ) -> Option<Box<Exchange>> {
        let mut exchange = self.exchanges.remove(id)?;
        if exchange.owner.takes_slot() {
            self.scheduler.on_end();
        }
        if let Some(poll) = &exchange.poll {
            self.open_polls.remove(poll.held_secs(), id);
        }
        self.timers
            .clear(exchange.timeout_at, Timer::RequestTimeout(id));
        if let Some(mut event) = exchange.event.take() {
            event.kind = kind;
            event.status = status;
            // The waiter that it was sent for may have left.
            event.waiter = self.waiter_of(&exchange.owner).or(event.waiter);
            self.emit(event);
        }
        Some(exchange)
    }

    pub(super) fn cancel(&mut self, id: ExchangeId) {
        if let Some(exchange) = self.take_exchange(id, EventKind::Cancelled, None) {
            self.abort_request(&exchange.owner, id);
        }
    }

    pub(in crate::engine) fn on_response(&mut self, id: ExchangeId, response: Response) {
        let status = Some(response.status);
        let Some(exchange) = self.take_exchange(id, EventKind::Response, status) else {
            return;
        };
        // A response proves that the network works.
        self.offline = false;
        self.report_load(&exchange, Ok(&response));
        if response.status == 401 && self.config.auth == Auth::Asked && !exchange.fresh {
            let generation = exchange.generation;
            let request = Unauthorized {
                exchange: id,
                owner: exchange.owner,
                response,
            };
            return self.on_unauthorized(request, generation);
        }
        self.on_result(&exchange, Ok(&response));
    }

    pub(in crate::engine) fn on_transport_error(&mut self, id: ExchangeId, error: &TransportError) {
        if let Some(exchange) = self.take_exchange(id, EventKind::NoResponse, None) {
            self.report_load(&exchange, Err(error));
            self.on_result(&exchange, Err(error));
        }
    }

    /// Ends a request that got no response in time. Nothing else detects a dead connection.
    pub(super) fn time_out_exchange(&mut self, id: ExchangeId) {
        if let Some(exchange) = self.take_exchange(id, EventKind::NoResponse, None) {
            self.abort_request(&exchange.owner, id);
            let error = TransportError {
                kind: TransportErrorKind::TimedOut,
                cause: None,
            };
            self.report_load(&exchange, Err(&error));
            self.on_result(&exchange, Err(&error));
        }
    }

    /// Reports to the scheduler what a poll's end says about the server's load.
    fn report_load(&mut self, exchange: &Exchange, result: Result<&Response, &TransportError>) {
        let Some(poll) = &exchange.poll else {
            return;
        };
        let waited = self.now.since(exchange.sent_at);
        let was_held = poll.was_held(waited);
        let sign = match result {
            Ok(response) => {
                let refused =
                    LoadSignal::Overloaded(self.config.retry.capped(response.retry_after));
                match response.status {
                    429 => refused,
                    // A proxy cut off a long poll, which says nothing about the load.
                    status if was_held && may_be_cut(status) => return,
                    503 | 504 | 408 => refused,
                    status if may_be_cut(status) => LoadSignal::Failure,
                    _ => LoadSignal::Good(took(&exchange.owner, poll, waited)),
                }
            }
            Err(error) => match error.kind {
                TransportErrorKind::TimedOut if !was_held => LoadSignal::Overloaded(Duration::ZERO),
                TransportErrorKind::TimedOut => LoadSignal::Failure,
                TransportErrorKind::Network if !was_held && !self.offline => LoadSignal::Failure,
                _ => return,
            },
        };
        self.scheduler
            .on_load_signal(self.now, exchange.sent_at, sign);
    }

    fn abort_request(&mut self, owner: &Owner, exchange: ExchangeId) {
        if owner.takes_slot() {
            self.scheduler.on_abort(self.now);
        }
        self.output(Output::Cancel { exchange });
    }

    fn on_result(&mut self, exchange: &Exchange, result: Result<&Response, &TransportError>) {
        match &exchange.owner {
            Owner::Call(waiter) => self.on_call_result(*waiter, result),
            Owner::Single(waiter) => self.on_single_result(*waiter, result),
            Owner::Batch(jobs) => self.on_batch_result(jobs, result),
            Owner::Job(job) => {
                if let Some(poll) = &exchange.poll {
                    let waited = self.now.since(exchange.sent_at);
                    self.on_poll_result(*job, poll, waited, result);
                }
            }
        }
    }

    /// The first waiter of a request, if it has one in this tab.
    pub(super) fn waiter_of(&self, owner: &Owner) -> Option<WaiterId> {
        match owner {
            Owner::Call(waiter) | Owner::Single(waiter) => Some(*waiter),
            Owner::Job(key) => self.first_waiter(*key),
            Owner::Batch(jobs) => jobs.iter().find_map(|key| self.first_waiter(*key)),
        }
    }

    pub(super) fn first_waiter(&self, key: JobKey) -> Option<WaiterId> {
        self.jobs.get(key)?.waiters.first().copied()
    }

    /// Queues an output.
    pub(super) fn output(&mut self, output: Output) {
        self.outputs.push_back(output);
    }
}

/// How long the server took to respond, without the `poll_timeout`.
fn took(owner: &Owner, poll: &Poll, waited: Duration) -> Took {
    let held = Duration::from_secs(poll.held_secs().into());
    match owner {
        Owner::Batch(_) => Took::Batch(waited),
        _ if !poll.is_long() => Took::Standard(waited),
        _ => waited.checked_sub(held).map_or(Took::Unknown, Took::Held),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::took;
    use crate::engine::exchanges::Owner;
    use crate::engine::ids::JobKey;
    use crate::engine::policy::Took;
    use crate::engine::poll::{Fields, Poll};

    #[test]
    fn batch_and_single_job_times_are_separate() {
        let job = JobKey {
            index: 0,
            generation: 0,
        };
        let standard = Poll::standard(Fields::Full);
        let long = Poll {
            poll_timeout_secs: Some(30),
            ..standard.clone()
        };
        let secs = Duration::from_secs;
        for (owner, poll, waited, expected) in [
            (Owner::Batch(vec![job]), &standard, 2, Took::Batch(secs(2))),
            (Owner::Job(job), &standard, 2, Took::Standard(secs(2))),
            (Owner::Job(job), &long, 32, Took::Held(secs(2))),
            (Owner::Job(job), &long, 2, Took::Unknown),
        ] {
            assert_eq!(took(&owner, poll, secs(waited)), expected);
        }
    }
}
