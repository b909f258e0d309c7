//! A client engine and a simulated Deploy VM, with latency between them.
//!
//! There are two clocks: one for the server and the network, and one for the client, whose machine may sleep
//! and whose clock may stop meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

use deploy_simulator::{
    Config as DeployConfig, Reply, Request, Response as ServerResponse, Simulator, Ticket,
    Transport,
};
use ontap_select_deploy::engine::{
    CallGoal, CallSpec, ChangeOutcome, Config, CredentialChoice, Engine, Error, ErrorCode,
    ExchangeId, Input, JobId, Outcome, Output, Response, Time, Token, TransportError,
    TransportErrorKind, WaitOptions, WaiterId, body_text, retry_after,
};
use serde_json::{Value, json};

use crate::conditions::{Condition, Verdict};
use crate::invariants::Watch;
use crate::load::{Fate, Loaded};

/// Whole milliseconds; [`Millis::MAX`] for a wait without a timeout.
pub(crate) type Millis = u64;

/// A number that is not zero.
pub(crate) fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

/// A scheduled event.
#[derive(Debug)]
enum Message {
    /// The callbacks for a request return.
    Given(ExchangeId, Request),
    ToServer(ExchangeId, Request),
    /// A request leaves the server's queue.
    Served(ExchangeId, Request),
    ToClient(ExchangeId, Result<Response, TransportErrorKind>),
    /// Whether the `auth` function has a new credential.
    Credential(bool),
    /// A caller's result for a record.
    Checked(WaiterId, Verdict),
}

pub(crate) struct Pair {
    pub(crate) engine: Engine,
    pub(crate) deploy: Simulator,
    watch: Watch,
    now: Millis,
    /// How far the client's clock is behind, because it stopped during sleeps.
    behind: Millis,
    asleep_until: Millis,
    /// Whether timers fire before the messages that arrived during a sleep.
    timers_first: bool,
    latency: Millis,
    in_transit: BTreeMap<(Millis, u64), Message>,
    sequence: u64,
    tickets: BTreeMap<Ticket, ExchangeId>,
    open: BTreeSet<ExchangeId>,
    calls: BTreeMap<WaiterId, (Request, u32)>,
    /// The calls that wait for a condition, and the number of checks of each.
    conditions: BTreeMap<WaiterId, (Condition, u32)>,
    /// How long a caller checks a record.
    pub(crate) checks_for: Millis,
    /// The paths of objects that the server created.
    pub(crate) objects: Vec<String>,
    /// The calls by exchange, those sent, and those that the server accepted.
    call_of: BTreeMap<ExchangeId, WaiterId>,
    sent: BTreeSet<WaiterId>,
    accepted: BTreeSet<WaiterId>,
    /// How long the callbacks take, if there are any.
    asks_for: Option<Millis>,
    pub(crate) settled: BTreeMap<WaiterId, Outcome>,
    pub(crate) settled_at: BTreeMap<WaiterId, Millis>,
    pub(crate) messages: Vec<String>,
    /// Whether the `auth` function has a new credential.
    pub(crate) has_fresh: bool,
    /// The server's load model, if there is one.
    pub(crate) loaded: Option<Loaded>,
    /// The contents of a cache by URL, and how long it keeps them.
    kept: BTreeMap<String, (Millis, ServerResponse)>,
    pub(crate) cache_for: Option<Millis>,
    asked: BTreeMap<ExchangeId, String>,
    /// A browser or a proxy sends each mutating call twice.
    pub(crate) resent: Option<Resent>,
}

/// A call arrives twice. Both copies start a job; the job of the copy with the lost response ends the other
/// way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resent {
    FirstAnswers,
    LastAnswers,
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

/// A simulator's configuration from JSON.
pub(crate) fn deploy(config: Value) -> DeployConfig {
    serde_json::from_value(config).expect("a configuration")
}

/// The body that registers an ESX host. Its name decides the outcome.
pub(crate) fn one_host(name: &str) -> Value {
    json!({"hosts": [{"name": name, "hypervisor_type": "ESX"}]})
}

impl Pair {
    pub(crate) fn new(config: DeployConfig, seed: u64) -> Self {
        Self::with(config, Config::default(), seed)
    }

    pub(crate) fn with(config: DeployConfig, client: Config, seed: u64) -> Self {
        let watch = Watch::of(&client);
        let asks_for = client.asks_before_sending.then_some(seed % 5_000);
        Self {
            engine: Engine::new(client, seed),
            deploy: Simulator::new(config).expect("a good configuration"),
            watch,
            now: 0,
            behind: 0,
            asleep_until: 0,
            timers_first: false,
            latency: 20,
            in_transit: BTreeMap::new(),
            sequence: 0,
            tickets: BTreeMap::new(),
            open: BTreeSet::new(),
            calls: BTreeMap::new(),
            conditions: BTreeMap::new(),
            checks_for: 0,
            objects: Vec::new(),
            call_of: BTreeMap::new(),
            sent: BTreeSet::new(),
            accepted: BTreeSet::new(),
            asks_for,
            settled: BTreeMap::new(),
            settled_at: BTreeMap::new(),
            messages: Vec::new(),
            has_fresh: false,
            loaded: None,
            kept: BTreeMap::new(),
            cache_for: None,
            asked: BTreeMap::new(),
            resent: None,
        }
    }

    /// Issues a POST and follows its job.
    pub(crate) fn post(&mut self, path: &str, body: &Value, timeout: Millis) -> WaiterId {
        self.call("POST", path, Some(body), true, timeout)
    }

    /// Issues a call. Without `follow` it completes when it is accepted.
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
        let goal = if follow {
            CallGoal::JobEnd
        } else {
            CallGoal::Response
        };
        let waiter = self.issue(request, path, goal, timeout);
        self.begin(waiter, timeout)
    }

    /// Reads an object until it meets a condition.
    pub(crate) fn until(&mut self, path: &str, condition: Condition, timeout: Millis) -> WaiterId {
        let request = Request::new("GET", &format!("/api{path}?fields=status"));
        let waiter = self.issue(request, path, CallGoal::Condition, timeout);
        let deadline = self.client_now().saturating_add(timeout);
        self.watch.readings.on_begin(waiter, deadline);
        self.conditions.insert(waiter, (condition, 0));
        self.begin(waiter, timeout)
    }

    fn issue(&mut self, request: Request, path: &str, goal: CallGoal, timeout: Millis) -> WaiterId {
        let spec = CallSpec {
            method: request.method.clone(),
            path: path.into(),
            goal,
        };
        let now = Time::from_millis(self.client_now());
        let waiter = self.engine.call(now, spec, options(timeout));
        self.calls.insert(waiter, (request, 0));
        waiter
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
        self.watch.on_begin_single();
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
        self.watch.on_close();
        let usage = self.engine.usage();
        assert_eq!(
            [usage.waiters, usage.exchanges, usage.timers],
            [0, 0, 0],
            "I8: the close ends every wait"
        );
    }

    /// Lets the machine sleep for `span`. Afterwards its connections may be dead, with or without an error,
    /// and its clock may be behind.
    pub(crate) fn sleep(
        &mut self,
        span: Millis,
        line: Connections,
        clock_stops: bool,
        timers_first: bool,
    ) {
        self.asleep_until = self.now + span;
        if clock_stops {
            self.behind += span;
        }
        self.timers_first = timers_first;
        let open: Vec<ExchangeId> = self.open.iter().copied().collect();
        if line != Connections::Survive {
            for exchange in open {
                self.disconnect(exchange);
                if line == Connections::Break {
                    let broken = Err(TransportErrorKind::Network);
                    self.deliver_in(span + self.latency, Message::ToClient(exchange, broken));
                }
            }
        }
        // Messages to the machine wait until it wakes up.
        let line = std::mem::take(&mut self.in_transit);
        for ((at, sequence), what) in line {
            let at = match what {
                Message::ToServer(..) | Message::Served(..) => at,
                _ => at.max(self.asleep_until),
            };
            self.in_transit.insert((at, sequence), what);
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

    /// The ids of all polled jobs.
    pub(crate) fn jobs(&self) -> Vec<String> {
        self.deploy.counters().jobs.keys().cloned().collect()
    }

    /// Runs until no waiter is left. Fails if that takes longer than `limit` of virtual time.
    pub(crate) fn run(&mut self, limit: Millis) {
        while !self.is_idle() {
            assert!(self.step(), "a waiter is left, but no event will come");
            assert!(self.now <= limit, "still waiting after {limit} ms");
        }
        assert_eq!(self.engine.next_timeout(), None, "no timer is left");
        assert!(self.open.is_empty(), "no request is left");
    }

    /// Advances to the next event. False if there is none.
    pub(crate) fn step(&mut self) -> bool {
        let Some(next) = self.next_moment() else {
            return false;
        };
        self.now = self.now.max(next);
        self.run_events();
        true
    }

    /// Runs until `end`.
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
        let line = self.in_transit.keys().next().map(|(at, _)| *at);
        let wake = (self.asleep_until > 0).then_some(self.asleep_until);
        [engine, server, line, wake].into_iter().flatten().min()
    }

    /// Runs the events of this time.
    fn run_events(&mut self) {
        if self.asleep_until > 0 && self.now >= self.asleep_until {
            self.asleep_until = 0;
            self.watch.on_wake(self.client_now());
            if self.timers_first {
                self.fire();
            }
        }
        while let Some(entry) = self
            .in_transit
            .first_entry()
            .filter(|it| it.key().0 <= self.now)
        {
            match entry.remove() {
                Message::Given(exchange, request) if self.open.contains(&exchange) => {
                    self.input(Input::RequestSent { exchange });
                    self.send_now(exchange, request);
                }
                Message::Given(..) => {}
                Message::ToServer(exchange, request) => self.enter(exchange, request),
                Message::Served(exchange, request) => self.arrive(exchange, request),
                Message::ToClient(exchange, result) => self.deliver(exchange, result),
                Message::Credential(fresh) => {
                    if !fresh {
                        self.watch.readings.on_no_new_credential(self.client_now());
                    }
                    self.input(Input::CredentialRefreshed { fresh });
                }
                Message::Checked(waiter, verdict) => self.answer(waiter, verdict),
            }
        }
        self.advance_server();
        self.fire();
    }

    fn fire(&mut self) {
        if self.timer_at().is_some_and(|at| at <= self.now) {
            self.input(Input::Timeout);
        }
    }

    /// When the engine's timer fires, by the server's clock.
    fn timer_at(&self) -> Option<Millis> {
        let at = self
            .engine
            .next_timeout()?
            .as_millis()
            .saturating_add(self.behind);
        Some(at.max(self.asleep_until))
    }

    fn client_now(&self) -> Millis {
        // While the client's clock has stopped in a sleep, the engine gets no input.
        self.now.saturating_sub(self.behind)
    }

    fn begin(&mut self, waiter: WaiterId, timeout: Millis) -> WaiterId {
        let deadline = self.client_now().saturating_add(timeout);
        self.watch.on_begin(waiter, deadline);
        self.drain();
        waiter
    }

    /// A caller checked a record. As in `src/js/waiters.ts`, the wait is aborted if the function throws.
    fn answer(&mut self, waiter: WaiterId, verdict: Verdict) {
        let now = self.client_now();
        self.watch.readings.on_verdict(now, waiter, verdict);
        match verdict {
            Verdict::Throws => self.abort(waiter),
            Verdict::Met | Verdict::Unmet => {
                let is_met = verdict == Verdict::Met;
                self.input(Input::RecordChecked { waiter, is_met });
            }
        }
    }

    pub(crate) fn lose_network(&mut self) {
        self.watch.readings.on_offline();
        self.input(Input::Offline);
    }

    pub(crate) fn resume_network(&mut self) {
        self.watch.readings.on_resume(self.client_now());
        self.input(Input::Resumed);
    }

    pub(crate) fn input(&mut self, input: Input) {
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
            self.execute(output);
        }
        let next_timeout = self.engine.next_timeout().map(Time::as_millis);
        // A due timer fires in the same step; deadlines are checked after that.
        if next_timeout.is_none_or(|at| at > now) {
            self.watch.step(now, self.engine.usage(), next_timeout);
        }
    }

    fn execute(&mut self, output: Output) {
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
                self.call_of.insert(exchange, waiter);
                self.send(exchange, request, credential);
            }
            Output::CheckRecord { waiter, response } => {
                let (condition, looks) = self.conditions.get_mut(&waiter).expect("a condition");
                *looks += 1;
                let verdict = condition.verdict(*looks, &response.body);
                self.deliver_in(self.checks_for, Message::Checked(waiter, verdict));
            }
            Output::SendPoll {
                exchange,
                target,
                credential,
                ..
            } => {
                let request = Request::new("GET", &format!("/api{target}"));
                self.send(exchange, request, credential);
            }
            Output::Cancel { exchange } => {
                self.open.remove(&exchange);
                self.disconnect(exchange);
            }
            Output::RefreshCredential { .. } => {
                self.deliver_in(self.latency, Message::Credential(self.has_fresh));
            }
            Output::Progress { snapshot, .. } => {
                self.messages
                    .push(snapshot.message.clone().unwrap_or_default());
            }
            Output::Event(_) | Output::Broadcast { .. } => {}
            Output::Settle { waiter, outcome } => {
                if let Outcome::Failed(error) = &outcome {
                    self.check_error(waiter, error);
                }
                self.settled.insert(waiter, outcome);
                self.settled_at.insert(waiter, self.now);
            }
        }
    }

    fn send(&mut self, exchange: ExchangeId, request: Request, credential: CredentialChoice) {
        self.open.insert(exchange);
        let request = match credential {
            CredentialChoice::Usual => request.basic("admin", "Netapp1!"),
            CredentialChoice::Fresh => request.basic("admin", "renewed"),
        };
        match self.asks_for {
            Some(span) => self.deliver_in(span, Message::Given(exchange, request)),
            None => self.send_now(exchange, request),
        }
    }

    /// Sends a request to the network.
    fn send_now(&mut self, exchange: ExchangeId, request: Request) {
        if let Some(waiter) = self.call_of.get(&exchange) {
            self.sent.insert(*waiter);
            self.watch.readings.on_leave(self.client_now(), *waiter);
        }
        self.deliver_in(self.latency, Message::ToServer(exchange, request));
    }

    fn check_error(&self, waiter: WaiterId, error: &Error) {
        let refused = error.outcome == ChangeOutcome::Refused;
        assert!(
            !error.never_sent || refused && !self.sent.contains(&waiter),
            "I12: a sent call was reported as unsent"
        );
        assert!(
            !refused || !self.accepted.contains(&waiter),
            "I12: an accepted call was reported as refused"
        );
        assert_eq!(
            error.outcome == ChangeOutcome::Failed,
            error.code == ErrorCode::JobFailed,
            "I12: a job fails only if the server says so"
        );
        if error.job.as_ref().is_some_and(|job| !job.id.is_empty()) {
            assert!(error.token.is_some(), "I12: a wait for a job can resume");
            assert!(!refused, "I12: a call with a job was reported as refused");
        }
    }

    /// The client gets no response any more, but a request in flight still arrives.
    fn disconnect(&mut self, exchange: ExchangeId) {
        self.in_transit
            .retain(|_, it| !matches!(it, Message::ToClient(of, _) if *of == exchange));
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

    /// A request arrives at the server, which may be busy. A poll of a gone client costs the same.
    fn enter(&mut self, exchange: ExchangeId, request: Request) {
        let now = self.now;
        let loaded = self.loaded.as_mut().filter(|_| request.method == "GET");
        match loaded.map(|it| it.take(now)) {
            None => self.arrive(exchange, request),
            Some(Fate::After(span)) => self.deliver_in(span, Message::Served(exchange, request)),
            Some(Fate::Nothing) => {}
            Some(Fate::Status(status, retry_after)) => {
                let response = Response {
                    status,
                    retry_after: retry_after.map(Duration::from_secs),
                    ..Response::default()
                };
                if self.open.contains(&exchange) {
                    self.deliver_in(self.latency, Message::ToClient(exchange, Ok(response)));
                }
            }
        }
    }

    fn arrive(&mut self, exchange: ExchangeId, request: Request) {
        if self.cache_for.is_some() && request.method == "GET" {
            let kept = self.kept.get(&request.target);
            if let Some((_, response)) = kept.filter(|(until, _)| *until > self.now) {
                let response = response.clone();
                return self.send_response(exchange, &response);
            }
            self.asked.insert(exchange, request.target.clone());
        }
        let copy = self
            .resent
            .and_then(|resent| Some((resent, copy(&request)?)));
        if let Some((Resent::LastAnswers, copy)) = &copy {
            self.deploy.request(self.now, copy.clone());
        }
        let reply = self.deploy.request(self.now, request);
        if let Some((Resent::FirstAnswers, copy)) = copy {
            self.deploy.request(self.now, copy);
        }
        match reply {
            Reply::Now(response) => self.send_response(exchange, &response),
            Reply::Held(ticket) if self.open.contains(&exchange) => {
                self.tickets.insert(ticket, exchange);
            }
            Reply::Held(ticket) => self.deploy.forget(ticket),
        }
    }

    fn advance_server(&mut self) {
        for (ticket, response) in self.deploy.advance(self.now) {
            if let Some(exchange) = self.tickets.remove(&ticket) {
                self.send_response(exchange, &response);
            }
        }
    }

    /// The time from now until a date; the clock started in 1970.
    fn until_date(&self, text: &str) -> Option<Duration> {
        let at = httpdate::parse_http_date(text).ok()?;
        let at = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(at.saturating_sub(Duration::from_millis(self.now)))
    }

    fn send_response(&mut self, exchange: ExchangeId, response: &ServerResponse) {
        if let Some(target) = self.asked.remove(&exchange)
            && let Some(span) = self.cache_for
            && matches!(response.status, 200 | 404)
        {
            let until = self.now.saturating_add(span);
            let mut kept = response.clone();
            kept.transport = Transport::Normal;
            self.kept.insert(target, (until, kept));
        }
        let changes = |waiter| {
            self.calls
                .get(waiter)
                .is_some_and(|it| it.0.method != "GET")
        };
        let call = self.call_of.get(&exchange).filter(|it| changes(it));
        if (200..300).contains(&response.status) {
            self.accepted.extend(call);
            let location = response.header("location");
            let path = location.and_then(|it| Some(it.split_once("/api")?.1.to_owned()));
            self.objects.extend(path.filter(|_| call.is_some()));
        }
        if !self.open.contains(&exchange) {
            return;
        }
        let header = |name| response.header(name).map(str::to_owned);
        let whole = || Response {
            status: response.status,
            body: body_text(&response.body),
            location: header("location"),
            request_id: header("request-id"),
            retry_after: response
                .header("retry-after")
                .and_then(|value| retry_after(value, |date| self.until_date(date))),
        };
        let (span, result) = match response.transport {
            Transport::Normal if response.body.len() > 1 << 20 => {
                (0, Err(TransportErrorKind::BodyTooLarge))
            }
            Transport::Normal => (0, Ok(whole())),
            Transport::Reset | Transport::Truncate { .. } => (0, Err(TransportErrorKind::Network)),
            Transport::Drip { bytes, every_ms } => {
                let pieces = u64::try_from(response.body.len().div_ceil(bytes.max(1))).unwrap();
                (pieces * every_ms, Ok(whole()))
            }
            Transport::Stall { .. } => return,
        };
        let asleep = self.asleep_until.saturating_sub(self.now);
        self.deliver_in(
            asleep.max(self.latency + span),
            Message::ToClient(exchange, result),
        );
    }

    fn deliver(&mut self, exchange: ExchangeId, result: Result<Response, TransportErrorKind>) {
        if !self.open.remove(&exchange) {
            return;
        }
        self.on_end(exchange, result);
    }

    fn on_end(&mut self, exchange: ExchangeId, result: Result<Response, TransportErrorKind>) {
        let now = self.client_now();
        let event = match result {
            Ok(response) => {
                self.watch.on_response(now, exchange, &response);
                Input::ResponseReceived { exchange, response }
            }
            Err(kind) => {
                self.watch.on_end(now, exchange, None);
                let failure = TransportError { kind, cause: None };
                Input::RequestFailed { exchange, failure }
            }
        };
        self.input(event);
    }

    fn deliver_in(&mut self, span: Millis, what: Message) {
        self.sequence += 1;
        self.in_transit
            .insert((self.now + span, self.sequence), what);
    }

    /// How a wait ended, in one word.
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

/// The same call for a host with the other outcome.
fn copy(request: &Request) -> Option<Request> {
    if request.method == "GET" {
        return None;
    }
    let mut body: Value = serde_json::from_slice(&request.body).ok()?;
    let name = body.pointer_mut("/hosts/0/name")?;
    let kind = if name.as_str()?.starts_with("esx") {
        "unreachable"
    } else {
        "esx"
    };
    *name = json!(format!("{kind}-again-{}", name.as_str()?));
    Some(Request {
        body: body.to_string().into_bytes(),
        ..request.clone()
    })
}

/// What happens to the connections of a machine that sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connections {
    /// They survive, and messages from the sleep are delivered at the wake-up.
    Survive,
    /// They break with an error at the wake-up.
    Break,
    /// They are dead without an error.
    Die,
}
