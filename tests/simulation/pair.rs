//! A client engine and a simulated Deploy, joined by a line with latency.

use std::collections::{BTreeMap, BTreeSet};

use deploy_simulator::{
    Config as DeployConfig, Reply, Request, Response, Simulator, Ticket, Transport,
};
use ontap_select_deploy::core::{
    Answer, CallSpec, Command, Config, Engine, Event, ExchangeId, JobId, Millis, Outcome, Report,
    SendFailure, SendFailureKind, Time, WaiterId,
};
use serde_json::Value;

/// What travels on the line.
#[derive(Debug)]
enum Travelling {
    ToServer(ExchangeId, Request),
    ToClient(ExchangeId, Result<Answer, SendFailureKind>),
}

pub(crate) struct Pair {
    engine: Engine,
    pub(crate) deploy: Simulator,
    now: Millis,
    latency: Millis,
    line: BTreeMap<(Millis, u64), Travelling>,
    sequence: u64,
    tickets: BTreeMap<Ticket, ExchangeId>,
    open: BTreeSet<ExchangeId>,
    calls: BTreeMap<WaiterId, Request>,
    waiting: BTreeSet<WaiterId>,
    pub(crate) settled: BTreeMap<WaiterId, Outcome>,
    pub(crate) messages: Vec<String>,
    pub(crate) reports: Vec<Report>,
    last_waiter: WaiterId,
}

/// A simulator's configuration, as its JSON has it.
pub(crate) fn deploy(config: Value) -> DeployConfig {
    serde_json::from_value(config).expect("a configuration")
}

impl Pair {
    pub(crate) fn new(config: DeployConfig, seed: u64) -> Self {
        Self {
            engine: Engine::new(Config::default(), seed),
            deploy: Simulator::new(config).expect("a good configuration"),
            now: 0,
            latency: 20,
            line: BTreeMap::new(),
            sequence: 0,
            tickets: BTreeMap::new(),
            open: BTreeSet::new(),
            calls: BTreeMap::new(),
            waiting: BTreeSet::new(),
            settled: BTreeMap::new(),
            messages: Vec::new(),
            reports: Vec::new(),
            last_waiter: 0,
        }
    }

    /// Issues a POST and follows its job.
    pub(crate) fn post(&mut self, path: &str, body: &Value, timeout: Millis) -> WaiterId {
        let waiter = self.new_waiter();
        let request = Request::new("POST", &format!("/api{path}")).json(body);
        self.calls.insert(waiter, request);
        let spec = CallSpec {
            method: "POST".into(),
            path: path.into(),
            follow: true,
        };
        self.tell(Event::Call {
            waiter,
            spec,
            timeout,
            progress: true,
        });
        waiter
    }

    pub(crate) fn wait(&mut self, job: &str, timeout: Millis) -> WaiterId {
        let waiter = self.new_waiter();
        let job = JobId::new(job).unwrap();
        self.tell(Event::Wait {
            waiter,
            job,
            timeout,
            progress: false,
        });
        waiter
    }

    pub(crate) fn abort(&mut self, waiter: WaiterId) {
        self.tell(Event::Abort { waiter });
    }

    pub(crate) fn now(&self) -> Millis {
        self.now
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
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
        assert_eq!(self.engine.wake_at(), None, "no timer is left");
        assert!(self.open.is_empty(), "no request is left");
    }

    /// Goes to the next moment at which something happens. False if there is none.
    pub(crate) fn step(&mut self) -> bool {
        let engine = self.engine.wake_at().map(|at| at.0);
        let server = if self.tickets.is_empty() {
            None
        } else {
            self.deploy.next_event()
        };
        let line = self.line.keys().next().map(|(at, _)| *at);
        let Some(next) = [engine, server, line].into_iter().flatten().min() else {
            return false;
        };
        self.now = self.now.max(next);
        while let Some(entry) = self.line.first_entry().filter(|it| it.key().0 <= self.now) {
            match entry.remove() {
                Travelling::ToServer(exchange, request) => self.arrive(exchange, request),
                Travelling::ToClient(exchange, result) => self.deliver(exchange, result),
            }
        }
        self.let_server_answer();
        if self.engine.wake_at().is_some_and(|at| at.0 <= self.now) {
            self.tell(Event::Timer);
        }
        true
    }

    fn new_waiter(&mut self) -> WaiterId {
        self.last_waiter += 1;
        self.waiting.insert(self.last_waiter);
        self.last_waiter
    }

    fn tell(&mut self, event: Event) {
        self.engine.handle(Time(self.now), event);
        while let Some(command) = self.engine.next_command() {
            self.carry_out(command);
        }
        assert!(
            self.open.len() <= self.waiting.len(),
            "nothing is open that nobody waits for"
        );
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::SendCall {
                exchange, waiter, ..
            } => {
                let request = self
                    .calls
                    .remove(&waiter)
                    .expect("a changing call is sent once");
                self.send(exchange, request);
            }
            Command::SendPoll {
                exchange, target, ..
            } => {
                self.send(exchange, Request::new("GET", &format!("/api{target}")));
            }
            Command::Cancel { exchange } => self.cancel(exchange),
            Command::Report(report) => self.reports.push(report),
            Command::AskCredential { .. } => unreachable!("the credential is a fixed one"),
            Command::Progress { waiter, snapshot } => {
                assert!(self.waiting.contains(&waiter));
                self.messages
                    .push(snapshot.message.clone().unwrap_or_default());
            }
            Command::Settle { waiter, outcome } => {
                assert!(self.waiting.remove(&waiter), "each waiter settles once");
                self.settled.insert(waiter, outcome);
            }
        }
    }

    fn send(&mut self, exchange: ExchangeId, request: Request) {
        self.open.insert(exchange);
        let request = request.basic("admin", "Netapp1!");
        self.travel(self.latency, Travelling::ToServer(exchange, request));
    }

    fn cancel(&mut self, exchange: ExchangeId) {
        assert!(
            self.open.remove(&exchange),
            "only what is open is cancelled"
        );
        self.line.retain(|_, it| match it {
            // What is on its way to the server cannot be called back.
            Travelling::ToServer(..) => true,
            Travelling::ToClient(of, _) => *of != exchange,
        });
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

    fn answer(&mut self, exchange: ExchangeId, response: &Response) {
        if !self.open.contains(&exchange) {
            return;
        }
        let header = |name| response.header(name).map(str::to_owned);
        let whole = || Answer {
            status: response.status,
            body: response.body.clone().into(),
            location: header("location"),
            request_id: header("request-id"),
            retry_after: header("retry-after"),
            wall_clock: self.now,
        };
        let (span, result) = match response.transport {
            Transport::Normal if response.body.len() > 1 << 20 => {
                (0, Err(SendFailureKind::TooLarge))
            }
            Transport::Normal => (0, Ok(whole())),
            Transport::Reset | Transport::Truncate { .. } => (0, Err(SendFailureKind::Network)),
            Transport::Drip { bytes, every_ms } => {
                let pieces = u64::try_from(response.body.len().div_ceil(bytes.max(1))).unwrap();
                (pieces * every_ms, Ok(whole()))
            }
            Transport::Stall { .. } => return,
        };
        self.travel(self.latency + span, Travelling::ToClient(exchange, result));
    }

    fn deliver(&mut self, exchange: ExchangeId, result: Result<Answer, SendFailureKind>) {
        if !self.open.remove(&exchange) {
            return;
        }
        self.tell(match result {
            Ok(answer) => Event::Answered { exchange, answer },
            Err(kind) => Event::Unanswered {
                exchange,
                failure: SendFailure { kind, cause: None },
            },
        });
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
            Outcome::Failed(trouble) => trouble.code.name(),
            Outcome::Accepted { .. } => "accepted",
            Outcome::Aborted => "aborted",
        }
    }
}
