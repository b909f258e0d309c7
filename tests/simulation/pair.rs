//! A client engine and a simulated Deploy, joined by a line with latency.
//!
//! There are two times: that of the world, in which the server and the line live, and that of the
//! client, whose machine may sleep and whose clock may or may not stand still meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

use deploy_simulator::{
    Config as DeployConfig, Reply, Request, Response as Served, Simulator, Ticket, Transport,
};
use ontap_select_deploy::engine::{
    CallSpec, Config, Credential, Engine, ExchangeId, Input, JobId, Outcome, Output, Response,
    Time, Token, TransportError, TransportErrorKind, WaitOptions, WaiterId, retry_after,
};
use serde_json::Value;

use crate::invariants::Watch;

/// Whole milliseconds; [`Millis::MAX`] where a wait has no limit.
pub(crate) type Millis = u64;

/// A number that is not zero.
pub(crate) fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

/// What travels on the line.
#[derive(Debug)]
enum Travelling {
    ToServer(ExchangeId, Request),
    ToClient(ExchangeId, Result<Response, TransportErrorKind>),
    /// What the `auth` function came up with.
    Credential(bool),
}

pub(crate) struct Pair {
    pub(crate) engine: Engine,
    pub(crate) deploy: Simulator,
    watch: Watch,
    now: Millis,
    /// How far the client's clock is behind, since it stood still in sleeps.
    behind: Millis,
    asleep_until: Millis,
    /// After a sleep, timers may fire before what came meanwhile is read.
    timers_first: bool,
    latency: Millis,
    line: BTreeMap<(Millis, u64), Travelling>,
    sequence: u64,
    tickets: BTreeMap<Ticket, ExchangeId>,
    open: BTreeSet<ExchangeId>,
    calls: BTreeMap<WaiterId, (Request, u32)>,
    pub(crate) settled: BTreeMap<WaiterId, Outcome>,
    pub(crate) messages: Vec<String>,
    /// Whether the `auth` function has a better credential.
    pub(crate) has_fresh: bool,
}

pub(crate) fn options(timeout: Millis) -> WaitOptions {
    WaitOptions {
        timeout: limit(timeout),
        progress: true,
    }
}

fn limit(timeout: Millis) -> Option<Duration> {
    (timeout != Millis::MAX).then(|| Duration::from_millis(timeout))
}

/// A simulator's configuration, as its JSON has it.
pub(crate) fn deploy(config: Value) -> DeployConfig {
    serde_json::from_value(config).expect("a configuration")
}

impl Pair {
    pub(crate) fn new(config: DeployConfig, seed: u64) -> Self {
        Self::with(config, Config::default(), seed)
    }

    pub(crate) fn with(config: DeployConfig, client: Config, seed: u64) -> Self {
        let watch = Watch::of(client.max_open_polls.get());
        Self {
            engine: Engine::new(client, seed),
            deploy: Simulator::new(config).expect("a good configuration"),
            watch,
            now: 0,
            behind: 0,
            asleep_until: 0,
            timers_first: false,
            latency: 20,
            line: BTreeMap::new(),
            sequence: 0,
            tickets: BTreeMap::new(),
            open: BTreeSet::new(),
            calls: BTreeMap::new(),
            settled: BTreeMap::new(),
            messages: Vec::new(),
            has_fresh: false,
        }
    }

    /// Issues a POST and follows its job.
    pub(crate) fn post(&mut self, path: &str, body: &Value, timeout: Millis) -> WaiterId {
        self.call("POST", path, Some(body), true, timeout)
    }

    /// Issues a call; without `follow` it is over when it is accepted.
    pub(crate) fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        follow: bool,
        timeout: Millis,
    ) -> WaiterId {
        let request = Request::new(method, &format!("/api{path}"));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let spec = CallSpec {
            method: method.into(),
            path: path.into(),
            follow,
        };
        let now = Time::from_millis(self.client_now());
        let waiter = self.engine.call(now, spec, options(timeout));
        self.calls.insert(waiter, (request, 0));
        self.begin(waiter, timeout)
    }

    pub(crate) fn wait(&mut self, job: &str, timeout: Millis) -> WaiterId {
        let now = Time::from_millis(self.client_now());
        let job = JobId::new(job).unwrap();
        let waiter = self.engine.wait(now, &job, options(timeout));
        self.begin(waiter, timeout)
    }

    pub(crate) fn poll_once(&mut self, job: &str, timeout: Millis) -> WaiterId {
        let now = Time::from_millis(self.client_now());
        let job = JobId::new(job).unwrap();
        self.watch.begins_single();
        let waiter = self.engine.poll_once(now, &job, limit(timeout));
        self.begin(waiter, timeout)
    }

    pub(crate) fn abort(&mut self, waiter: WaiterId) {
        self.command(|engine, now| engine.abort(now, waiter));
    }

    pub(crate) fn detach(&mut self, job: &JobId) {
        self.command(|engine, now| engine.detach(now, job));
    }

    pub(crate) fn resume(&mut self, token: &Token) {
        self.command(|engine, now| engine.resume(now, token));
    }

    pub(crate) fn close(&mut self) {
        self.command(Engine::close);
        self.watch.closes();
        let usage = self.engine.usage();
        assert_eq!(
            [usage.waiters, usage.exchanges, usage.timers],
            [0, 0, 0],
            "I8: the close ends all"
        );
    }

    /// The machine sleeps for so long. Its connections may be dead when it wakes, with or without a
    /// word; its clock may have stood still.
    pub(crate) fn sleep(
        &mut self,
        span: Millis,
        line: Line,
        clock_stops: bool,
        timers_first: bool,
    ) {
        self.asleep_until = self.now + span;
        if clock_stops {
            self.behind += span;
        }
        self.timers_first = timers_first;
        let open: Vec<ExchangeId> = self.open.iter().copied().collect();
        if line != Line::Lives {
            for exchange in open {
                self.leave_line(exchange);
                if line == Line::Breaks {
                    let broken = Err(TransportErrorKind::Network);
                    self.travel(span + self.latency, Travelling::ToClient(exchange, broken));
                }
            }
        }
        // What was on its way waits for the machine to wake.
        let line = std::mem::take(&mut self.line);
        for ((at, sequence), what) in line {
            let at = match what {
                Travelling::ToServer(..) => at,
                _ => at.max(self.asleep_until),
            };
            self.line.insert((at, sequence), what);
        }
        while self.asleep_until > 0 {
            self.step();
        }
    }

    pub(crate) fn now(&self) -> Millis {
        self.now
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.watch.waits() == 0
    }

    /// The ids of all jobs that the server was ever asked for.
    pub(crate) fn jobs(&self) -> Vec<String> {
        self.deploy.counters().jobs.keys().cloned().collect()
    }

    /// Runs until nobody waits any more; fails if that takes longer than `limit` of virtual time.
    pub(crate) fn run(&mut self, limit: Millis) {
        while !self.is_idle() {
            assert!(self.step(), "somebody waits, and nothing will ever happen");
            assert!(self.now <= limit, "still waiting after {limit} ms");
        }
        assert_eq!(self.engine.next_timeout(), None, "no timer is left");
        assert!(self.open.is_empty(), "no request is left");
    }

    /// Goes to the next moment at which something happens. False if there is none.
    pub(crate) fn step(&mut self) -> bool {
        let Some(next) = self.next_moment() else {
            return false;
        };
        self.now = self.now.max(next);
        self.live();
        true
    }

    /// Lets the time pass up to `end`.
    pub(crate) fn run_until(&mut self, end: Millis) {
        while self.next_moment().is_some_and(|at| at <= end) {
            self.step();
        }
        self.now = end;
    }

    fn next_moment(&self) -> Option<Millis> {
        let engine = self.timer_at();
        let server = if self.tickets.is_empty() {
            None
        } else {
            self.deploy.next_event()
        };
        let line = self.line.keys().next().map(|(at, _)| *at);
        let wake = (self.asleep_until > 0).then_some(self.asleep_until);
        [engine, server, line, wake].into_iter().flatten().min()
    }

    /// What happens at this moment.
    fn live(&mut self) {
        if self.asleep_until > 0 && self.now >= self.asleep_until {
            self.asleep_until = 0;
            self.watch.wakes(self.client_now());
            if self.timers_first {
                self.fire();
            }
        }
        while let Some(entry) = self.line.first_entry().filter(|it| it.key().0 <= self.now) {
            match entry.remove() {
                Travelling::ToServer(exchange, request) => self.arrive(exchange, request),
                Travelling::ToClient(exchange, result) => self.deliver(exchange, result),
                Travelling::Credential(fresh) => self.tell(Input::CredentialRefreshed { fresh }),
            }
        }
        self.let_server_answer();
        self.fire();
    }

    fn fire(&mut self) {
        if self.timer_at().is_some_and(|at| at <= self.now) {
            self.tell(Input::Timeout);
        }
    }

    /// When the engine's timer fires, in the world's time.
    fn timer_at(&self) -> Option<Millis> {
        let at = self
            .engine
            .next_timeout()?
            .as_millis()
            .saturating_add(self.behind);
        Some(at.max(self.asleep_until))
    }

    fn client_now(&self) -> Millis {
        // In a sleep whose clock stands still, nothing is told before the wake.
        self.now.saturating_sub(self.behind)
    }

    fn begin(&mut self, waiter: WaiterId, timeout: Millis) -> WaiterId {
        let deadline = self.client_now().saturating_add(timeout);
        self.watch.begins(waiter, deadline);
        self.drain();
        waiter
    }

    pub(crate) fn tell(&mut self, input: Input) {
        self.command(|engine, now| engine.handle(now, input));
    }

    fn command(&mut self, command: impl FnOnce(&mut Engine, Time)) {
        let now = Time::from_millis(self.client_now());
        command(&mut self.engine, now);
        self.drain();
    }

    fn drain(&mut self) {
        let now = self.client_now();
        while let Some(output) = self.engine.poll_output() {
            self.watch.output(now, &output);
            self.carry_out(output);
        }
        let next_timeout = self.engine.next_timeout().map(Time::as_millis);
        // A timer that is due fires within the same step; only then must deadlines have been kept.
        if next_timeout.is_none_or(|at| at > now) {
            self.watch.step(now, self.engine.usage(), next_timeout);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::SendCall {
                exchange,
                waiter,
                credential,
            } => {
                let (request, sent) = self.calls.get_mut(&waiter).expect("a call");
                if request.method != "GET" {
                    self.watch.sent_once(*sent > 0, credential);
                }
                *sent += 1;
                let request = request.clone();
                self.send(exchange, request, credential);
            }
            Output::SendPoll {
                exchange,
                target,
                credential,
            } => {
                let request = Request::new("GET", &format!("/api{target}"));
                self.send(exchange, request, credential);
            }
            Output::Cancel { exchange } => {
                self.open.remove(&exchange);
                self.leave_line(exchange);
            }
            Output::RefreshCredential { .. } => {
                self.travel(self.latency, Travelling::Credential(self.has_fresh));
            }
            Output::Progress { snapshot, .. } => {
                self.messages
                    .push(snapshot.message.clone().unwrap_or_default());
            }
            Output::Event(_) | Output::Broadcast { .. } => {}
            Output::Settle { waiter, outcome } => {
                self.settled.insert(waiter, outcome);
            }
        }
    }

    fn send(&mut self, exchange: ExchangeId, request: Request, credential: Credential) {
        self.open.insert(exchange);
        let request = match credential {
            Credential::Usual => request.basic("admin", "Netapp1!"),
            Credential::Fresh => request.basic("admin", "renewed"),
        };
        self.travel(self.latency, Travelling::ToServer(exchange, request));
    }

    /// The client hears no more of a request. What is on its way to the server cannot be called back.
    fn leave_line(&mut self, exchange: ExchangeId) {
        self.line
            .retain(|_, it| !matches!(it, Travelling::ToClient(of, _) if *of == exchange));
        let ticket = self
            .tickets
            .iter()
            .find(|(_, of)| **of == exchange)
            .map(|(ticket, _)| *ticket);
        if let Some(ticket) = ticket {
            self.tickets.remove(&ticket);
            self.deploy.forget(ticket);
        }
    }

    fn arrive(&mut self, exchange: ExchangeId, request: Request) {
        match self.deploy.request(self.now, request) {
            Reply::Now(response) => self.answer(exchange, &response),
            Reply::Held(ticket) if self.open.contains(&exchange) => {
                self.tickets.insert(ticket, exchange);
            }
            Reply::Held(ticket) => self.deploy.forget(ticket),
        }
    }

    fn let_server_answer(&mut self) {
        for (ticket, response) in self.deploy.advance(self.now) {
            if let Some(exchange) = self.tickets.remove(&ticket) {
                self.answer(exchange, &response);
            }
        }
    }

    /// How far from now a date lies; the world began in 1970.
    fn until_date(&self, text: &str) -> Option<Duration> {
        let at = httpdate::parse_http_date(text).ok()?;
        let at = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(at.saturating_sub(Duration::from_millis(self.now)))
    }

    fn answer(&mut self, exchange: ExchangeId, served: &Served) {
        if !self.open.contains(&exchange) {
            return;
        }
        let header = |name| served.header(name).map(str::to_owned);
        let whole = || Response {
            status: served.status,
            body: served.body.clone().into(),
            location: header("location"),
            request_id: header("request-id"),
            retry_after: served
                .header("retry-after")
                .and_then(|value| retry_after(value, |date| self.until_date(date))),
        };
        let (span, result) = match served.transport {
            Transport::Normal if served.body.len() > 1 << 20 => {
                (0, Err(TransportErrorKind::BodyTooLarge))
            }
            Transport::Normal => (0, Ok(whole())),
            Transport::Reset | Transport::Truncate { .. } => (0, Err(TransportErrorKind::Network)),
            Transport::Drip { bytes, every_ms } => {
                let pieces = u64::try_from(served.body.len().div_ceil(bytes.max(1))).unwrap();
                (pieces * every_ms, Ok(whole()))
            }
            Transport::Stall { .. } => return,
        };
        let asleep = self.asleep_until.saturating_sub(self.now);
        self.travel(
            asleep.max(self.latency + span),
            Travelling::ToClient(exchange, result),
        );
    }

    fn deliver(&mut self, exchange: ExchangeId, result: Result<Response, TransportErrorKind>) {
        if !self.open.remove(&exchange) {
            return;
        }
        self.tell_end(exchange, result);
    }

    fn tell_end(&mut self, exchange: ExchangeId, result: Result<Response, TransportErrorKind>) {
        let event = match result {
            Ok(response) => {
                let body = String::from_utf8_lossy(&response.body).into_owned();
                self.watch.answered(exchange, response.status, &body);
                Input::ResponseReceived { exchange, response }
            }
            Err(kind) => {
                self.watch.ended(exchange);
                let failure = TransportError { kind, cause: None };
                Input::RequestFailed { exchange, failure }
            }
        };
        self.tell(event);
    }

    fn travel(&mut self, span: Millis, what: Travelling) {
        self.sequence += 1;
        self.line.insert((self.now + span, self.sequence), what);
    }

    /// How a wait ended, in a word.
    pub(crate) fn verdict(&self, waiter: WaiterId) -> &str {
        match &self.settled[&waiter] {
            Outcome::Job(job) | Outcome::Done { job: Some(job), .. } => job.state.name(),
            Outcome::Done { job: None, .. } => "done",
            Outcome::Failed(error) => error.code.name(),
            Outcome::Accepted { .. } => "accepted",
            Outcome::Aborted => "aborted",
        }
    }
}

/// What becomes of the connections of a machine that sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// They live, and what came meanwhile is there at the wake.
    Lives,
    /// They break, and that is told at the wake.
    Breaks,
    /// They are dead, and nothing says so.
    Dies,
}
