//! Requests, from their sending to their end.

use std::time::Duration;

use super::io::{Credential, ExchangeId, Output};
use super::state::{Engine, Exchange, Owner};
use super::timers::Timer;
use super::trace::EventKind;
use crate::engine::config::Auth;
use crate::engine::poll::Poll;
use crate::engine::protocol::classify::TransportErrorKind;
use crate::engine::protocol::response::{Response, TransportError};

impl Engine {
    /// Sends a poll of one job or of many.
    pub(super) fn open_poll(
        &mut self,
        owner: Owner,
        poll: Poll,
        target: String,
        credential: Credential,
    ) -> ExchangeId {
        self.stats.polls = self.stats.polls.wrapping_add(1);
        self.stats.open_polls = self.stats.open_polls.wrapping_add(1);
        let exchange = self.open(owner, Some(poll.timeout()), credential, Some(poll));
        self.command(Output::SendPoll {
            exchange,
            target,
            credential,
        });
        exchange
    }

    pub(super) fn open(
        &mut self,
        owner: Owner,
        timeout: Option<Duration>,
        credential: Credential,
        poll: Option<Poll>,
    ) -> ExchangeId {
        self.last_exchange = self.last_exchange.wrapping_add(1);
        let exchange = self.last_exchange;
        let timeout_at = timeout.map(|timeout| self.now + timeout);
        self.set_timer(timeout_at, Timer::RequestTimeout, exchange);
        if owner.takes_slot() {
            let hold = seconds_held(poll.as_ref());
            self.scheduler.sent(self.now, exchange, hold);
        }
        self.report(self.request_report(EventKind::Request, &owner));
        let report = self.request_report(EventKind::Response, &owner);
        let sent = Exchange {
            owner,
            sent_at: self.now,
            timeout_at,
            generation: self.generation,
            fresh: credential == Credential::Fresh,
            poll,
            extended: false,
            report,
        };
        self.exchanges.insert((exchange.into(), 0), Box::new(sent));
        exchange
    }

    pub(super) fn exchange_mut(&mut self, exchange: ExchangeId) -> Option<&mut Exchange> {
        let key = self.exchanges.find((exchange.into(), 0));
        self.exchanges.row_mut(key)
    }

    /// A request is at its end, in this way.
    fn take_exchange(
        &mut self,
        exchange: ExchangeId,
        how: EventKind,
        status: Option<u16>,
    ) -> Option<Box<Exchange>> {
        let mut taken = self.exchanges.remove((exchange.into(), 0))?;
        if taken.owner.takes_slot() {
            let hold = seconds_held(taken.poll.as_ref());
            self.scheduler.ended(taken.sent_at, exchange, hold);
        }
        if taken.poll.is_some() {
            self.stats.open_polls = self.stats.open_polls.wrapping_sub(1);
        }
        self.unset_timer(taken.timeout_at, Timer::RequestTimeout, exchange);
        if let Some(mut report) = taken.report.take() {
            report.kind = how;
            report.status = status;
            self.report(Some(report));
        }
        Some(taken)
    }

    pub(super) fn cancel(&mut self, exchange: ExchangeId) {
        if let Some(taken) = self.take_exchange(exchange, EventKind::Cancelled, None) {
            self.abort(&taken.owner, exchange);
        }
    }

    pub(super) fn answered(&mut self, exchange: ExchangeId, response: Response) {
        let status = Some(response.status);
        let Some(taken) = self.take_exchange(exchange, EventKind::Response, status) else {
            return;
        };
        // Whoever answers is reached by some network.
        self.offline = false;
        if taken.poll.is_some() {
            match response.status {
                429 | 503 => self.scheduler.overloaded(self.now, taken.sent_at),
                _ => self.scheduler.recovered(self.now, taken.sent_at),
            }
        }
        if response.status == 401 && self.config.auth == Auth::Asked && !taken.fresh {
            return self.unauthorized(exchange, *taken, response);
        }
        self.result(&taken, Ok(&response));
    }

    pub(super) fn unanswered(&mut self, exchange: ExchangeId, failure: &TransportError) {
        if let Some(taken) = self.take_exchange(exchange, EventKind::NoResponse, None) {
            self.result(&taken, Err(failure));
        }
    }

    /// No answer came in time: a dead socket says nothing.
    pub(super) fn time_out_exchange(&mut self, exchange: ExchangeId) {
        if let Some(taken) = self.take_exchange(exchange, EventKind::NoResponse, None) {
            self.abort(&taken.owner, exchange);
            let failure = TransportError {
                kind: TransportErrorKind::TimedOut,
                cause: None,
            };
            self.result(&taken, Err(&failure));
        }
    }

    fn abort(&mut self, owner: &Owner, exchange: ExchangeId) {
        if owner.takes_slot() {
            self.scheduler.aborts(self.now);
        }
        self.command(Output::Cancel { exchange });
    }

    fn result(&mut self, exchange: &Exchange, result: Result<&Response, &TransportError>) {
        match &exchange.owner {
            Owner::Call(waiter) => self.call_result(*waiter, result),
            Owner::Single(waiter) => self.single_result(*waiter, result),
            Owner::Batch(jobs) => self.batch_result(jobs, result),
            Owner::Job(job) => {
                if let Some(poll) = &exchange.poll {
                    let waited = self.now.since(exchange.sent_at);
                    self.poll_result(*job, poll, waited, result);
                }
            }
        }
    }
}

/// How long the server is asked to hold a poll.
fn seconds_held(poll: Option<&Poll>) -> u32 {
    let long = poll.filter(|poll| poll.is_long());
    long.and_then(|poll| poll.poll_timeout_secs).unwrap_or(0)
}
