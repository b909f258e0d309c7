//! A harness for the engine: it records the outputs, simulates the server, and checks the invariants after
//! each step.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::rc::Rc;
use std::time::Duration;

use ontap_select_deploy::engine::{
    CallGoal, CallSpec, ClientEvent, Config, CredentialChoice, Engine, Error, ErrorCode,
    ExchangeId, InitialResponse, Input, JobId, Outcome, Output, Response, Time, Token,
    TransportError, TransportErrorKind, WaitOptions, WaiterId, body_text,
};

/// Whole milliseconds; [`NO_LIMIT`] for a wait without a timeout.
pub(crate) type Millis = u64;

pub(crate) const NO_LIMIT: Millis = Millis::MAX;

/// A request that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) exchange: ExchangeId,
    /// The poll's target; `None` for a call.
    pub(crate) target: Option<String>,
    pub(crate) credential: CredentialChoice,
}

/// An engine and its environment.
pub(crate) struct Harness {
    pub(crate) engine: Engine,
    pub(crate) now: Time,
    pub(crate) open: BTreeMap<ExchangeId, Sent>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) settled: BTreeMap<WaiterId, Outcome>,
    pub(crate) progress: Vec<(WaiterId, String)>,
    pub(crate) refreshes: Vec<(String, String)>,
    pub(crate) trace: Vec<ClientEvent>,
    pub(crate) broadcasts: Vec<String>,
    /// The records that callers have not checked yet.
    pub(crate) checks: Vec<(WaiterId, Rc<InitialResponse>)>,
    /// Whether the engine also polls for other tabs, without its own waiters.
    pub(crate) polls_for_others: bool,
    waiting: BTreeSet<WaiterId>,
    /// The request that is ending. A cancel for it comes too late.
    ending: Option<ExchangeId>,
}

fn options(timeout: Millis) -> WaitOptions {
    WaitOptions {
        timeout: limit(timeout),
        progress: true,
    }
}

fn limit(timeout: Millis) -> Option<Duration> {
    (timeout != NO_LIMIT).then(|| ms(timeout))
}

pub(crate) fn ms(millis: Millis) -> Duration {
    Duration::from_millis(millis)
}

fn millis(span: Duration) -> Millis {
    u64::try_from(span.as_millis()).unwrap()
}

/// A number that is not zero.
pub(crate) fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn id(text: &str) -> JobId {
    JobId::new(text).unwrap()
}

pub(crate) fn json(status: u16, body: &str) -> Response {
    Response {
        status,
        body: body_text(body.as_bytes()),
        ..Response::default()
    }
}

/// The server's own "not found" response.
pub(crate) fn not_known(status: u16) -> Response {
    json(
        status,
        r#"{"error": {"code": "4", "message": "entry doesn't exist"}}"#,
    )
}

/// A 200 with a record of the requested job, wrapped as in the API.
pub(crate) fn record(state: &str, message: &str, cursor: &str) -> Response {
    let body = format!(
        r#"{{"record": {{"state": "{state}", "message": "{message}", "last_modified": "{cursor}"}}}}"#
    );
    json(200, &body)
}

/// A 202 with a queued job.
pub(crate) fn accepted(job: &str, cursor: &str) -> Response {
    let body = format!(
        r#"{{"job": {{"id": "{job}", "state": "queued", "message": "", "last_modified": "{cursor}"}}}}"#
    );
    json(202, &body)
}

pub(crate) fn post() -> CallSpec {
    CallSpec {
        method: "POST".into(),
        path: "/clusters".into(),
        goal: CallGoal::JobEnd,
    }
}

impl Harness {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self {
            engine: Engine::new(config, 7),
            now: Time::from_millis(1_000),
            open: BTreeMap::new(),
            sent: Vec::new(),
            settled: BTreeMap::new(),
            progress: Vec::new(),
            refreshes: Vec::new(),
            trace: Vec::new(),
            broadcasts: Vec::new(),
            checks: Vec::new(),
            polls_for_others: false,
            waiting: BTreeSet::new(),
            ending: None,
        }
    }

    pub(crate) fn handle(&mut self, input: Input) {
        self.engine.handle(self.now, input);
        self.drain();
    }

    /// Executes the engine's outputs.
    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            self.execute(output);
        }
        self.check();
    }

    fn execute(&mut self, output: Output) {
        match output {
            Output::SendCall {
                exchange,
                credential,
                waiter,
            } => {
                assert!(
                    self.waiting.contains(&waiter),
                    "a call is sent for a waiter"
                );
                self.send(Sent {
                    exchange,
                    target: None,
                    credential,
                });
            }
            Output::SendPoll {
                exchange,
                target,
                credential,
                ..
            } => {
                self.send(Sent {
                    exchange,
                    target: Some(target),
                    credential,
                });
            }
            Output::Cancel { exchange } => {
                assert!(
                    self.open.remove(&exchange).is_some() || self.ending == Some(exchange),
                    "only open requests are cancelled"
                );
            }
            Output::Event(report) => self.trace.push(*report),
            Output::Broadcast { message } => self.broadcasts.push(message),
            Output::CheckRecord { waiter, response } => {
                assert!(self.waiting.contains(&waiter), "no check after the end");
                self.checks.push((waiter, response));
            }
            Output::RefreshCredential { method, path, .. } => self.refreshes.push((method, path)),
            Output::Progress { waiter, snapshot } => {
                assert!(self.waiting.contains(&waiter), "no progress after the end");
                self.progress
                    .push((waiter, snapshot.state.name().to_owned()));
            }
            Output::Settle { waiter, outcome } => {
                assert!(self.waiting.remove(&waiter), "waiter {waiter} settles once");
                self.settled.insert(waiter, outcome);
            }
        }
    }

    fn send(&mut self, sent: Sent) {
        let fresh_name = self.open.insert(sent.exchange, sent.clone()).is_none();
        assert!(fresh_name, "an exchange is sent once");
        self.sent.push(sent);
    }

    /// Checks the invariants.
    fn check(&self) {
        assert!(
            self.polls_for_others || self.open.len() <= self.waiting.len(),
            "no request is open without a waiter: {:?}",
            self.open
        );
        let usage = self.engine.usage();
        assert_eq!(usage.waiters, self.waiting.len());
        assert_eq!(usage.exchanges, self.open.len());
        if self.waiting.is_empty() && !self.polls_for_others {
            assert_eq!(usage.timers, 0, "no timer is set without waiters");
        }
    }

    fn begin(&mut self, waiter: WaiterId) -> WaiterId {
        assert!(self.waiting.insert(waiter), "each waiter has its own id");
        self.drain();
        waiter
    }

    pub(crate) fn call(&mut self, spec: CallSpec, timeout: Millis) -> WaiterId {
        let waiter = self.engine.call(self.now, spec, options(timeout));
        self.begin(waiter)
    }

    pub(crate) fn wait(&mut self, job: &str, timeout: Millis) -> WaiterId {
        let waiter = self.engine.wait(self.now, &id(job), options(timeout));
        self.begin(waiter)
    }

    pub(crate) fn poll_once(&mut self, job: &str) -> WaiterId {
        self.poll_once_within(job, NO_LIMIT)
    }

    pub(crate) fn poll_once_within(&mut self, job: &str, timeout: Millis) -> WaiterId {
        let waiter = self.engine.poll_once(self.now, &id(job), limit(timeout));
        self.begin(waiter)
    }

    pub(crate) fn abort(&mut self, waiter: WaiterId) {
        self.engine.abort(self.now, waiter);
        self.drain();
    }

    pub(crate) fn attach(&mut self, job: &str) {
        self.engine.attach(self.now, &id(job));
        self.drain();
    }

    pub(crate) fn detach(&mut self, job: &str) {
        self.engine.detach(self.now, &id(job));
        self.drain();
    }

    pub(crate) fn resume(&mut self, token: &Token) {
        self.engine.resume(self.now, token);
        self.drain();
    }

    pub(crate) fn close(&mut self) {
        self.engine.close(self.now);
        self.drain();
    }

    /// The oldest open request.
    pub(crate) fn first_open(&self) -> ExchangeId {
        *self.open.keys().next().expect("something is open")
    }

    /// The target of the poll that was sent last.
    pub(crate) fn last_target(&self) -> &str {
        self.sent.last().unwrap().target.as_deref().expect("a poll")
    }

    pub(crate) fn polls(&self) -> usize {
        self.sent
            .iter()
            .filter(|sent| sent.target.is_some())
            .count()
    }

    /// Responds to the oldest open request after `after` milliseconds.
    pub(crate) fn respond(&mut self, after: Millis, response: Response) {
        let exchange = self.first_open();
        self.respond_to(exchange, after, response);
    }

    pub(crate) fn respond_to(&mut self, exchange: ExchangeId, after: Millis, response: Response) {
        self.pass(after);
        self.respond_now(exchange, response);
    }

    /// Responds to a request before any due timer fires.
    pub(crate) fn respond_now(&mut self, exchange: ExchangeId, response: Response) {
        self.end(exchange, Input::ResponseReceived { exchange, response });
    }

    /// Breaks a request's connection before any due timer fires.
    pub(crate) fn fail_now(&mut self, exchange: ExchangeId, kind: TransportErrorKind) {
        let failure = TransportError { kind, cause: None };
        self.end(exchange, Input::RequestFailed { exchange, failure });
    }

    fn end(&mut self, exchange: ExchangeId, input: Input) {
        assert!(
            self.open.remove(&exchange).is_some(),
            "the request is still open"
        );
        self.ending = Some(exchange);
        self.handle(input);
        self.ending = None;
    }

    /// Breaks the oldest open request's connection after `after` milliseconds.
    pub(crate) fn fail(&mut self, after: Millis, kind: TransportErrorKind) {
        self.pass(after);
        self.fail_now(self.first_open(), kind);
    }

    /// Lets time pass and fires each timer at its time.
    pub(crate) fn pass(&mut self, span: Millis) {
        let end = self.now + ms(span);
        while let Some(at) = self.engine.next_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.handle(Input::Timeout);
        }
        self.now = end;
    }

    /// Fires the next timer; returns how long it took.
    pub(crate) fn wake(&mut self) -> Millis {
        let at = self.engine.next_timeout().expect("a timer is set");
        let span = millis(at.since(self.now));
        self.pass(span);
        span
    }

    pub(crate) fn outcome(&self, waiter: WaiterId) -> &Outcome {
        self.settled.get(&waiter).expect("the waiter has settled")
    }

    pub(crate) fn is_waiting(&self, waiter: WaiterId) -> bool {
        self.waiting.contains(&waiter)
    }

    pub(crate) fn error(&self, waiter: WaiterId) -> &Error {
        match self.outcome(waiter) {
            Outcome::Failed(error) => error,
            other => panic!("expected a failure, not {other:?}"),
        }
    }

    pub(crate) fn code(&self, waiter: WaiterId) -> ErrorCode {
        self.error(waiter).code
    }

    /// Whether a waiter settled because the client was closed.
    pub(crate) fn was_closed(&self, waiter: WaiterId) -> bool {
        matches!(self.outcome(waiter), Outcome::Failed(error) if error.code == ErrorCode::Closed)
    }

    /// The final state of a waiter's job.
    pub(crate) fn final_state(&self, waiter: WaiterId) -> &str {
        match self.outcome(waiter) {
            Outcome::Job(job) | Outcome::Done { job: Some(job), .. } => job.state.name(),
            other => panic!("expected a job, not {other:?}"),
        }
    }
}
