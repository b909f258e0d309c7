//! Requests, from their sending to their end.

use super::event::{Command, Credential, ExchangeId};
use super::{Engine, Exchange, Owner, Report, ReportKind, Timer};
use crate::core::options::Auth;
use crate::core::poll::Poll;
use crate::core::response::{Answer, SendFailure, SendFailureKind};
use crate::core::time::Time;

impl Engine {
    pub(super) fn open(
        &mut self,
        now: Time,
        owner: Owner,
        cut_at: Time,
        credential: Credential,
        poll: Option<Poll>,
    ) -> ExchangeId {
        self.last_exchange = self.last_exchange.wrapping_add(1);
        let exchange = self.last_exchange;
        if poll.is_some() {
            self.stats.polls = self.stats.polls.wrapping_add(1);
        }
        self.add_timer(cut_at, Timer::Cut(exchange));
        if owner.takes_slot() {
            let hold = poll
                .as_ref()
                .filter(|it| it.is_long())
                .and_then(|it| it.hold);
            self.scheduler.sent(now, exchange, hold);
        }
        let mut about = None;
        self.report(|engine| {
            about = engine.request_report(ReportKind::Request, &owner);
            about.clone()
        });
        self.exchanges.insert(
            exchange,
            Exchange {
                owner,
                sent_at: now,
                cut_at,
                generation: self.generation,
                fresh: credential == Credential::Fresh,
                poll,
                put_off: false,
                about,
            },
        );
        exchange
    }

    pub(super) fn take_exchange(&mut self, exchange: ExchangeId) -> Option<Exchange> {
        let taken = self.exchanges.remove(&exchange)?;
        if taken.owner.takes_slot() {
            self.scheduler.ended(taken.sent_at, exchange);
        }
        self.timers.remove(&(taken.cut_at, Timer::Cut(exchange)));
        Some(taken)
    }

    pub(super) fn cancel(&mut self, exchange: ExchangeId) {
        if let Some(taken) = self.take_exchange(exchange) {
            self.report_end(&taken, ReportKind::Cancelled, None);
            self.abort(&taken.owner, exchange);
        }
    }

    pub(super) fn answered(&mut self, now: Time, exchange: ExchangeId, answer: Answer) {
        let Some(taken) = self.take_exchange(exchange) else {
            return;
        };
        // Whoever answers is reached by some network.
        self.offline = false;
        self.report_end(&taken, ReportKind::Response, Some(answer.status));
        if taken.poll.is_some() {
            match answer.status {
                429 | 503 => self.scheduler.overloaded(now, taken.sent_at),
                _ => self.scheduler.relieved(now, taken.sent_at),
            }
        }
        if answer.status == 401 && self.config.auth == Auth::Asked && !taken.fresh {
            return self.unauthorized(now, taken, answer);
        }
        self.result(now, taken, Ok(&answer));
    }

    pub(super) fn unanswered(&mut self, now: Time, exchange: ExchangeId, failure: &SendFailure) {
        if let Some(taken) = self.take_exchange(exchange) {
            self.report_end(&taken, ReportKind::NoResponse, None);
            self.result(now, taken, Err(failure));
        }
    }

    /// No answer came in time: a dead socket says nothing.
    pub(super) fn cut(&mut self, now: Time, exchange: ExchangeId) {
        if let Some(taken) = self.take_exchange(exchange) {
            self.report_end(&taken, ReportKind::NoResponse, None);
            self.abort(&taken.owner, exchange);
            let failure = SendFailure {
                kind: SendFailureKind::TimedOut,
                cause: None,
            };
            self.result(now, taken, Err(&failure));
        }
    }

    fn abort(&mut self, owner: &Owner, exchange: ExchangeId) {
        if owner.takes_slot() {
            self.scheduler.aborts(self.now);
        }
        self.commands.push_back(Command::Cancel { exchange });
    }

    fn report_end(&mut self, exchange: &Exchange, kind: ReportKind, status: Option<u16>) {
        self.report(|_| {
            let about = exchange.about.clone()?;
            Some(Report {
                kind,
                status,
                ..about
            })
        });
    }

    pub(super) fn result(
        &mut self,
        now: Time,
        exchange: Exchange,
        result: Result<&Answer, &SendFailure>,
    ) {
        match (exchange.owner, exchange.poll) {
            (Owner::Call(waiter), _) => self.call_result(now, waiter, result),
            (Owner::Single(waiter), _) => self.single_result(waiter, result),
            (Owner::Job(job), Some(poll)) => {
                self.poll_result(now, &job, &poll, now.since(exchange.sent_at), result);
            }
            (Owner::List(jobs), _) => self.list_result(now, jobs, result),
            (Owner::Job(_), None) => {}
        }
    }
}
