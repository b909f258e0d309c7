//! Several tabs of an origin that share one poller, on one virtual clock: one lock, one channel, and tabs
//! that close, crash and freeze.

use std::collections::{BTreeMap, BTreeSet};

use deploy_simulator::{Reply, Request, Response as ServerResponse, Simulator, Ticket, Transport};
use ontap_select_deploy::engine::{
    CallGoal, CallSpec, Config, Engine, ExchangeId, Input, JobId, Outcome, Output, Response, Time,
    TransportError, TransportErrorKind, WaiterId, body_text,
};
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::pair::{Millis, count, deploy, one_host, options};

const SECOND: Millis = 1_000;
const HOUR: Millis = 3_600 * SECOND;
const LATENCY: Millis = 10;
/// An abort takes longer than a request, so the polls of a new leader arrive before the server knows that the
/// old ones are gone.
const ABORT_LATENCY: Millis = 60;

type TabId = usize;

/// A scheduled event.
enum Later {
    Arrives(TabId, ExchangeId, Request),
    Response(TabId, ExchangeId, ServerResponse),
    Message(TabId, String),
    /// A caller checked whether a record meets its condition.
    Checked(TabId, WaiterId, bool),
    /// The server learns that a poll was aborted.
    Forgotten(Ticket),
    /// The lock is free, and the next tab gets it.
    Lock,
}

struct Tab {
    engine: Engine,
    open: BTreeSet<ExchangeId>,
    calls: BTreeMap<WaiterId, Request>,
    /// The waiters for a host's status.
    conditions: BTreeMap<WaiterId, &'static str>,
    waiting: BTreeSet<WaiterId>,
    settled: BTreeMap<WaiterId, Outcome>,
    alive: bool,
    frozen_until: Millis,
    /// Timers of a hidden tab fire only at multiples of this.
    timers_every: Millis,
    /// The inputs that a frozen tab has not received yet.
    missed: Vec<Later>,
    polls: u32,
}

struct Origin {
    tabs: Vec<Tab>,
    deploy: Simulator,
    now: Millis,
    later: BTreeMap<(Millis, u64), Later>,
    sequence: u64,
    tickets: BTreeMap<Ticket, (TabId, ExchangeId)>,
    leader: Option<TabId>,
    /// The paths of hosts that the server created.
    objects: Vec<String>,
}

impl Tab {
    fn next_timer(&self) -> Option<Millis> {
        let at = self.engine.next_timeout()?.as_millis();
        Some(at.next_multiple_of(self.timers_every))
    }
}

impl Origin {
    fn new(tabs: usize, config: Value) -> Self {
        let client = Config {
            shared: true,
            max_open_polls: count(4),
            ..Config::default()
        };
        let tab = |at| Tab {
            engine: Engine::new(client.clone(), at),
            open: BTreeSet::new(),
            calls: BTreeMap::new(),
            conditions: BTreeMap::new(),
            waiting: BTreeSet::new(),
            settled: BTreeMap::new(),
            alive: true,
            frozen_until: 0,
            timers_every: 1,
            missed: Vec::new(),
            polls: 0,
        };
        Self {
            tabs: (0..u64::try_from(tabs).unwrap()).map(tab).collect(),
            deploy: Simulator::new(deploy(config)).unwrap(),
            now: 0,
            later: BTreeMap::new(),
            sequence: 0,
            tickets: BTreeMap::new(),
            leader: None,
            objects: Vec::new(),
        }
    }

    fn post(&mut self, tab: TabId, name: &str) -> WaiterId {
        let request = Request::new("POST", "/api/hosts").json(&one_host(name));
        let spec = CallSpec {
            method: "POST".into(),
            path: "/hosts".into(),
            goal: CallGoal::JobEnd,
        };
        let now = Time::from_millis(self.now);
        let engine = &mut self.tabs[tab].engine;
        let waiter = engine.call(now, spec, options(Millis::MAX));
        self.tabs[tab].calls.insert(waiter, request);
        self.begin(tab, waiter)
    }

    /// Reads a host until it has this status.
    fn until(&mut self, tab: TabId, path: &str, status: &'static str) -> WaiterId {
        let request = Request::new("GET", &format!("/api{path}?fields=status"));
        let spec = CallSpec {
            method: "GET".into(),
            path: path.into(),
            goal: CallGoal::Condition,
        };
        let now = Time::from_millis(self.now);
        let it = &mut self.tabs[tab];
        let waiter = it.engine.call(now, spec, options(Millis::MAX));
        it.calls.insert(waiter, request);
        it.conditions.insert(waiter, status);
        self.begin(tab, waiter)
    }

    fn wait(&mut self, tab: TabId, job: &str, timeout: Millis) -> WaiterId {
        let job = JobId::new(job).unwrap();
        let now = Time::from_millis(self.now);
        let waiter = self.tabs[tab].engine.wait(now, &job, options(timeout));
        self.begin(tab, waiter)
    }

    fn begin(&mut self, tab: TabId, waiter: WaiterId) -> WaiterId {
        self.tabs[tab].waiting.insert(waiter);
        self.drain(tab);
        waiter
    }

    /// The tab is gone without a message.
    fn crash(&mut self, tab: TabId) {
        self.tabs[tab].alive = false;
        self.tabs[tab].waiting.clear();
        let open = std::mem::take(&mut self.tabs[tab].open);
        for exchange in open {
            self.forget(tab, exchange);
        }
        self.release(tab);
    }

    fn freeze(&mut self, tab: TabId, span: Millis) {
        self.tabs[tab].frozen_until = self.now + span;
    }

    fn input(&mut self, at: TabId, input: Input) {
        let now = Time::from_millis(self.now);
        self.tabs[at].engine.handle(now, input);
        self.drain(at);
    }

    fn drain(&mut self, at: TabId) {
        while let Some(output) = self.tabs[at].engine.poll_output() {
            self.execute(at, output);
        }
        // A tab requests the lock while it has waiters.
        let waits = !self.tabs[at].waiting.is_empty();
        if waits && self.leader.is_none() {
            self.leader = Some(at);
            self.input(at, Input::LeaderChanged { leads: true });
        } else if !waits && self.leader == Some(at) {
            self.release(at);
            self.input(at, Input::LeaderChanged { leads: false });
        }
    }

    fn release(&mut self, tab: TabId) {
        if self.leader == Some(tab) {
            self.leader = None;
            self.schedule(LATENCY, Later::Lock);
        }
    }

    fn execute(&mut self, tab: TabId, output: Output) {
        match output {
            Output::SendCall {
                exchange, waiter, ..
            } => {
                let it = &mut self.tabs[tab];
                let repeats = it.conditions.contains_key(&waiter);
                let request = it.calls.remove(&waiter).expect("sent once");
                if repeats {
                    it.calls.insert(waiter, request.clone());
                }
                self.send(tab, exchange, request);
            }
            Output::CheckRecord { waiter, response } => {
                let is_met = response.body.contains(self.tabs[tab].conditions[&waiter]);
                self.schedule(0, Later::Checked(tab, waiter, is_met));
            }
            Output::SendPoll {
                exchange, target, ..
            } => {
                self.tabs[tab].polls += 1;
                self.send(tab, exchange, Request::new("GET", &format!("/api{target}")));
            }
            Output::Cancel { exchange } => {
                self.tabs[tab].open.remove(&exchange);
                self.forget(tab, exchange);
            }
            Output::Settle { waiter, outcome } => {
                assert!(self.tabs[tab].waiting.remove(&waiter), "settles once");
                self.tabs[tab].settled.insert(waiter, outcome);
            }
            Output::Broadcast { message } => {
                assert!(!message.contains("Basic") && !message.contains("Netapp"));
                for other in 0..self.tabs.len() {
                    if other != tab && self.tabs[other].alive {
                        self.schedule(1, Later::Message(other, message.clone()));
                    }
                }
            }
            Output::Progress { .. } | Output::Event(_) | Output::RefreshCredential { .. } => {}
        }
    }

    fn send(&mut self, tab: TabId, exchange: ExchangeId, request: Request) {
        self.tabs[tab].open.insert(exchange);
        let request = request.basic("admin", "Netapp1!");
        self.schedule(LATENCY, Later::Arrives(tab, exchange, request));
    }

    fn forget(&mut self, tab: TabId, exchange: ExchangeId) {
        let found = self.tickets.iter().find(|(_, of)| **of == (tab, exchange));
        if let Some(ticket) = found.map(|(ticket, _)| *ticket) {
            self.tickets.remove(&ticket);
            self.schedule(ABORT_LATENCY, Later::Forgotten(ticket));
        }
    }

    fn schedule(&mut self, span: Millis, what: Later) {
        self.sequence += 1;
        self.later.insert((self.now + span, self.sequence), what);
    }

    fn step(&mut self) -> bool {
        let timers = self.tabs.iter().filter(|tab| tab.alive);
        let timers = timers.filter_map(|tab| Some(tab.next_timer()?.max(tab.frozen_until)));
        let thaws = self.tabs.iter().map(|tab| tab.frozen_until);
        let thaws = thaws.filter(|at| *at > self.now);
        let later = self.later.keys().next().map(|(at, _)| *at);
        let server = self
            .deploy
            .next_event()
            .filter(|_| !self.tickets.is_empty());
        let next = timers.chain(thaws).chain(later).chain(server).min();
        let Some(next) = next else { return false };
        self.now = self.now.max(next);
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].frozen_until <= self.now {
                for what in std::mem::take(&mut self.tabs[tab].missed) {
                    self.happen(what);
                }
            }
        }
        while let Some(entry) = self.later.first_entry().filter(|it| it.key().0 <= self.now) {
            let what = entry.remove();
            self.happen(what);
        }
        for (ticket, response) in self.deploy.advance(self.now) {
            if let Some((tab, exchange)) = self.tickets.remove(&ticket) {
                self.schedule(LATENCY, Later::Response(tab, exchange, response));
            }
        }
        for tab in 0..self.tabs.len() {
            let due = self.tabs[tab].next_timer().is_some_and(|at| at <= self.now);
            if due && self.tabs[tab].alive && self.tabs[tab].frozen_until <= self.now {
                self.input(tab, Input::Timeout);
            }
        }
        true
    }

    fn happen(&mut self, what: Later) {
        let of = match &what {
            Later::Response(tab, ..) | Later::Message(tab, _) | Later::Checked(tab, ..) => {
                Some(*tab)
            }
            Later::Arrives(..) | Later::Forgotten(_) | Later::Lock => None,
        };
        if let Some(tab) = of
            && (!self.tabs[tab].alive || self.tabs[tab].frozen_until > self.now)
        {
            self.tabs[tab].missed.push(what);
            return;
        }
        match what {
            Later::Arrives(tab, exchange, request) => {
                match self.deploy.request(self.now, request) {
                    Reply::Now(response) => {
                        let location = response.header("location");
                        let path =
                            location.and_then(|it| Some(it.split_once("/api")?.1.to_owned()));
                        self.objects.extend(path);
                        self.schedule(LATENCY, Later::Response(tab, exchange, response));
                    }
                    Reply::Held(ticket) if self.tabs[tab].open.contains(&exchange) => {
                        self.tickets.insert(ticket, (tab, exchange));
                    }
                    Reply::Held(ticket) => self.deploy.forget(ticket),
                }
            }
            Later::Response(tab, exchange, response) => {
                if !self.tabs[tab].open.remove(&exchange) {
                    return;
                }
                let event = if response.transport == Transport::Normal {
                    let response = Response {
                        status: response.status,
                        body: body_text(&response.body),
                        ..Response::default()
                    };
                    Input::ResponseReceived { exchange, response }
                } else {
                    let failure = TransportError {
                        kind: TransportErrorKind::Network,
                        cause: None,
                    };
                    Input::RequestFailed { exchange, failure }
                };
                self.input(tab, event);
            }
            Later::Message(tab, text) => self.input(tab, Input::PeerMessage { text }),
            Later::Checked(tab, waiter, is_met) => {
                self.input(tab, Input::RecordChecked { waiter, is_met });
            }
            Later::Forgotten(ticket) => self.deploy.forget(ticket),
            Later::Lock => {
                let asks = |tab: &Tab| tab.alive && !tab.waiting.is_empty();
                if self.leader.is_none() {
                    self.leader = self.tabs.iter().position(asks);
                    if let Some(leader) = self.leader {
                        self.input(leader, Input::LeaderChanged { leads: true });
                    }
                }
            }
        }
    }

    fn run_until(&mut self, end: Millis) {
        while self.now < end && self.step() {}
    }

    fn run(&mut self) {
        while self.tabs.iter().any(|tab| !tab.waiting.is_empty()) {
            assert!(self.step(), "a waiter is left, but no event will come");
            assert!(self.now < HOUR, "still waiting after an hour");
        }
        self.run_until(self.now + 60 * SECOND);
        for tab in self.tabs.iter().filter(|tab| tab.alive) {
            let usage = tab.engine.usage();
            let left = [usage.waiters, usage.exchanges, usage.timers];
            assert_eq!(left, [0, 0, 0], "nothing is left");
            assert!(tab.open.is_empty());
        }
    }

    fn verdict(&self, tab: TabId, waiter: WaiterId) -> &str {
        match &self.tabs[tab].settled[&waiter] {
            Outcome::Job(job) | Outcome::Done { job: Some(job), .. } => job.state.name(),
            Outcome::Done { job: None, .. } => "done",
            Outcome::Failed(error) => error.code.name(),
            other => panic!("unexpected: {other:?}"),
        }
    }

    fn most_open_for_a_job(&self) -> u64 {
        let jobs = self.deploy.counters().jobs.values();
        jobs.map(|job| job.max_open_polls).max().unwrap_or(0)
    }
}

/// Ten jobs in three tabs, each with a second waiter in another tab.
fn ten_jobs(config: Value) -> (Origin, Vec<(TabId, WaiterId, &'static str)>) {
    let mut origin = Origin::new(3, config);
    let mut waits = Vec::new();
    for at in 0..10 {
        let tab = at % 3;
        let (name, end) = if at % 4 == 3 {
            (format!("unreachable-{at}"), "JOB_FAILED")
        } else {
            (format!("esx-{at}"), "success")
        };
        waits.push((tab, origin.post(tab, &name), end));
    }
    origin.run_until(SECOND);
    let jobs: Vec<String> = origin.deploy.counters().jobs.keys().cloned().collect();
    assert!(!jobs.is_empty());
    for job in jobs {
        let tab = 1;
        waits.push((tab, origin.wait(tab, &job, Millis::MAX), ""));
    }
    (origin, waits)
}

fn check(origin: &Origin, waits: &[(TabId, WaiterId, &str)]) {
    for (tab, waiter, end) in waits {
        if origin.tabs[*tab].alive {
            let verdict = origin.verdict(*tab, *waiter);
            let known = ["success", "JOB_FAILED"].contains(&verdict);
            assert!(
                verdict == *end || (end.is_empty() && known),
                "{verdict}, not {end}"
            );
        }
    }
}

#[test]
fn one_tab_polls_for_all() {
    let (mut origin, waits) = ten_jobs(json!({"stepMs": 8_000}));
    origin.run_until(12 * SECOND);
    let polls: Vec<u32> = origin.tabs.iter().map(|tab| tab.polls).collect();
    assert_eq!(polls[1..], [0, 0], "the first one leads: {polls:?}");
    origin.run();
    check(&origin, &waits);
    assert_eq!(origin.most_open_for_a_job(), 1);
}

#[test]
fn next_tab_takes_over_after_a_crash() {
    let (mut origin, waits) = ten_jobs(json!({"stepMs": 8_000}));
    origin.run_until(12 * SECOND);
    origin.crash(0);
    let before = origin.deploy.counters().requests;
    origin.run_until(12 * SECOND + 200);
    assert!(origin.deploy.counters().requests > before, "at once");
    origin.run();
    check(&origin, &waits);
    assert_eq!(origin.most_open_for_a_job(), 1);
}

#[test]
fn next_tab_leads_when_the_leader_is_done() {
    let mut origin = Origin::new(2, json!({"stepMs": 5_000}));
    let first = origin.wait(0, "nowhere", 3_000);
    let second = origin.post(1, "esx-1");
    origin.run();
    assert!(["HTTP", "WAIT_TIMEOUT"].contains(&origin.verdict(0, first)));
    assert_eq!(origin.verdict(1, second), "success");
}

#[test]
fn followers_poll_when_the_leader_freezes() {
    let (mut origin, waits) = ten_jobs(json!({"stepMs": 8_000}));
    origin.run_until(12 * SECOND);
    origin.freeze(0, 20 * 60 * SECOND);
    // The followers time out once, not repeatedly.
    origin.run_until(22 * SECOND);
    let jobs = |origin: &Origin| -> u64 {
        let jobs = origin.deploy.counters().jobs.values();
        jobs.map(|job| job.open_polls).sum()
    };
    for _ in 0..20 {
        origin.run_until(origin.now + 500);
        let open: usize = origin.tabs[1..].iter().map(|tab| tab.open.len()).sum();
        assert!(open > 0 || jobs(&origin) > 0 || origin.tabs[1].waiting.is_empty());
    }
    origin.run();
    check(&origin, &waits);
    let polls: Vec<u32> = origin.tabs.iter().map(|tab| tab.polls).collect();
    assert!(polls[1] > 0 && polls[2] > 0, "{polls:?}");
}

#[test]
fn each_tab_reads_for_its_own_condition_with_any_leader() {
    let mut origin = Origin::new(3, json!({"stepMs": 8_000}));
    let leading = origin.post(0, "esx-1");
    origin.run_until(SECOND);
    let path = origin.objects[0].clone();
    let waits = [1, 2].map(|tab| (tab, origin.until(tab, &path, "\"authenticated\"")));
    origin.run_until(10 * SECOND);
    origin.freeze(0, 20 * 60 * SECOND);
    origin.crash(1);
    origin.run_until(60 * SECOND);
    assert_eq!(origin.verdict(2, waits[1].1), "done");
    assert!(!origin.tabs[1].settled.contains_key(&waits[0].1));
    origin.run();
    assert_eq!(origin.verdict(0, leading), "success");
}

#[test]
fn b5_hidden_follower_polls_when_the_leader_hangs() {
    for every in [1_000, 8_000, 60_000] {
        let mut origin = Origin::new(2, json!({"stepMs": 4_000}));
        origin.tabs[1].timers_every = every;
        origin.wait(0, "nowhere", Millis::MAX);
        let waiter = origin.post(1, "esx-1");
        origin.run_until(1_500);
        origin.freeze(0, 50 * 60 * SECOND);
        let hung_at = origin.now;
        while origin.tabs[1].polls == 0 && origin.now < HOUR {
            origin.step();
        }
        let took = origin.now - hung_at;
        assert!(
            took <= (3 * every).max(10 * SECOND),
            "{took} ms, timers every {every}"
        );
        origin.run_until(10 * 60 * SECOND);
        assert_eq!(origin.verdict(1, waiter), "success", "timers every {every}");
    }
}

#[test]
fn b5_hidden_follower_gets_the_end_from_the_leader_at_once() {
    let mut origin = Origin::new(2, json!({"stepMs": 40_000}));
    origin.tabs[1].timers_every = 60_000;
    let leading = origin.post(0, "esx-1");
    let job = loop {
        origin.step();
        if let Some(job) = origin.deploy.counters().jobs.keys().next() {
            break job.clone();
        }
    };
    let waiter = origin.wait(1, &job, Millis::MAX);
    while origin.tabs[0].waiting.contains(&leading) {
        origin.step();
    }
    origin.run_until(origin.now + SECOND);
    assert_eq!(origin.verdict(1, waiter), "success");
    assert_eq!(origin.tabs[1].polls, 0);
}

#[test]
fn job_unknown_to_the_leader_is_polled_locally() {
    let rules = json!([{"match": {"path": "/jobs/*"}, "count": 1, "action": {"kind": "status", "status": 403}}]);
    let mut origin = Origin::new(2, json!({"stepMs": 4_000, "rules": rules}));
    // A long wait, so that the first tab leads.
    origin.wait(0, "nowhere", 60_000);
    let waiter = origin.post(1, "esx-1");
    origin.run_until(59 * SECOND);
    assert!(origin.tabs[1].settled.contains_key(&waiter) || origin.now > 20 * SECOND);
    origin.run();
    assert_eq!(origin.verdict(1, waiter), "success");
}

#[test]
fn arbitrary_messages_do_no_harm() {
    for text in [
        "",
        "{",
        "null",
        "[]",
        r#"{"v":2,"want":["a"]}"#,
        r#"{"v":1}"#,
        r#"{"v":1,"want":"a"}"#,
        r#"{"v":1,"want":[1,"","..","%",null,"%FF"]}"#,
        r#"{"v":1,"id":7,"record":{}}"#,
        r#"{"v":1,"id":"a","record":null}"#,
        r#"{"v":1,"id":"a","record":{"state":"success"}}"#,
        r#"{"v":1,"id":"a"}"#,
        r#"{"v":1,"who":1}"#,
        r#"{"v":1,"alive":1}"#,
    ] {
        let mut origin = Origin::new(2, json!({"stepMs": 3_000}));
        let waiter = origin.post(0, "esx-1");
        let other = origin.post(1, "unreachable-1");
        for _ in 0..40 {
            for tab in [0, 1] {
                origin.input(tab, Input::PeerMessage { text: text.into() });
            }
            origin.run_until(origin.now + 500);
        }
        origin.run();
        assert_eq!(origin.verdict(0, waiter), "success", "{text}");
        assert_eq!(origin.verdict(1, other), "JOB_FAILED", "{text}");
    }
}

#[test]
fn tabs_that_crash_and_freeze_lose_no_waiter() {
    let mut dice = Dice(1);
    let mut below = |bound| dice.below(bound);
    for history in 0..2_000 {
        let step = [500, 4_000, 30_000][usize::try_from(below(3)).unwrap()];
        let mut origin = Origin::new(
            4,
            json!({"stepMs": step, "inclusive": below(2) == 0, "seed": below(1_000)}),
        );
        for tab in &mut origin.tabs {
            // In every fourth history some tabs are hidden.
            if history % 4 == 0 {
                tab.timers_every = [1, 1_000, 8_000, 60_000][usize::try_from(below(4)).unwrap()];
            }
        }
        let mut waits = Vec::new();
        let mut freezes = history % 4 == 0;
        for turn in 0..10 {
            let tab = usize::try_from(below(4)).unwrap();
            match below(8) {
                0 if origin.tabs.iter().filter(|it| it.alive).count() > 1 => origin.crash(tab),
                1 => {
                    freezes = true;
                    origin.freeze(tab, 60 * SECOND);
                }
                _ if origin.tabs[tab].alive && origin.tabs[tab].frozen_until <= origin.now => {
                    let (name, end) = [("esx", "success"), ("unreachable", "JOB_FAILED")]
                        [usize::try_from(below(2)).unwrap()];
                    waits.push((tab, origin.post(tab, &format!("{name}-{turn}")), end));
                    let other = usize::try_from(below(4)).unwrap();
                    if let Some(path) = origin.objects.last().cloned()
                        && origin.tabs[other].alive
                        && origin.tabs[other].frozen_until <= origin.now
                    {
                        // The end of "authenticated" and of "authentication_failed".
                        waits.push((other, origin.until(other, &path, "ed\""), "done"));
                    }
                }
                _ => {}
            }
            origin.run_until(origin.now + below(8_000));
        }
        origin.run();
        check(&origin, &waits);
        if !freezes {
            // A new leader may poll before the server knows that the old one is gone.
            assert!(origin.most_open_for_a_job() <= 1);
        }
    }
}
