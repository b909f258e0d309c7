//! An environment that throws, loses and repeats events: `fetch`, timers, a channel and a lock that fail at
//! random. The tests do not check outcomes: the engine must survive, settle each waiter once, and leave
//! nothing behind.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ontap_select_deploy::engine::{
    Auth, CallGoal, CallSpec, Config, Engine, ExchangeId, Input, JobId, Outcome, Output, Response,
    Time, Token, TransportError, TransportErrorKind, WaitOptions, WaiterId,
};

use crate::dice::Dice;
use crate::pair::{Millis, count};

const HISTORIES: u64 = 20_000;
const BASE: &str = "https://deploy.example.com/api";
/// The longest timeout of a wait.
const LONGEST: Millis = 60_000;
/// How late a timer may be after setting it failed.
const LATEST: u64 = 20_000;

#[test]
fn throwing_environment_leaves_nothing_behind() {
    for seed in 0..HISTORIES {
        let played = std::panic::catch_unwind(|| World::new(seed).run());
        assert!(played.is_ok(), "history {seed}");
    }
}

/// A scheduled event of the environment.
#[derive(Debug, Clone)]
enum Later {
    Sent(ExchangeId),
    Answer(ExchangeId),
    Fails(ExchangeId),
    Checked(WaiterId),
    Refreshed,
    Message(String),
}

struct World {
    engine: Engine,
    dice: Dice,
    now: Millis,
    later: BTreeMap<(Millis, u64), Later>,
    sequence: u64,
    /// No timer fires until then, because setting one failed.
    no_timer_until: Millis,
    open: BTreeSet<ExchangeId>,
    waiting: BTreeSet<WaiterId>,
    handles: Vec<JobId>,
    closed: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let config = Config {
            base: BASE.into(),
            shared: dice.below(2) == 0,
            trace: dice.below(2) == 0,
            auth: dice.pick(&[Auth::Fixed, Auth::Asked]),
            asks_before_sending: dice.below(2) == 0,
            max_open_polls: count(dice.pick(&[1, 2, 4, 32])),
            ..Config::default()
        };
        Self {
            engine: Engine::new(config, seed),
            dice,
            now: 0,
            later: BTreeMap::new(),
            sequence: 0,
            no_timer_until: 0,
            open: BTreeSet::new(),
            waiting: BTreeSet::new(),
            handles: Vec::new(),
            closed: false,
        }
    }

    fn run(mut self) {
        for _ in 0..self.dice.below(40) {
            self.act();
            for _ in 0..self.dice.below(6) {
                self.step();
            }
        }
        if self.dice.below(4) == 0 {
            self.command(Engine::close);
            self.closed = true;
        }
        let begin = self.now;
        while !self.waiting.is_empty() {
            assert!(self.step(), "a waiter is left, but no event will come");
            // A deadline that passed in a gap gets one more poll, and its timer may be late.
            let limit = begin + 2 * LONGEST + 4 * LATEST;
            assert!(self.now <= limit, "still waiting after {} ms", self.now);
        }
        for job in std::mem::take(&mut self.handles) {
            self.command(|engine, now| engine.detach(now, &job));
        }
        // A tab without waiters releases the lock.
        self.input(Input::LeaderChanged { leads: false });
        let usage = self.engine.usage();
        // A closed client still returns what it knew about jobs.
        let jobs = if self.closed { 0 } else { usage.jobs };
        let left = [usage.waiters, usage.exchanges, usage.timers, jobs];
        assert_eq!(left, [0, 0, 0, 0], "nothing is left");
        assert_eq!(self.engine.next_timeout(), None, "no timer is left");
    }

    /// One action of a user or the environment.
    fn act(&mut self) {
        let job = JobId::new(self.dice.pick(&["a", "b", "c"])).unwrap();
        let timeout = Duration::from_millis(self.dice.pick(&[1, 5_000, LONGEST]));
        let options = WaitOptions {
            timeout: Some(timeout),
            progress: self.dice.below(2) == 0,
        };
        let now = Time::from_millis(self.now);
        match self.dice.below(14) {
            0..=2 => {
                let spec = CallSpec {
                    method: self.dice.pick(&["GET", "POST"]).into(),
                    path: "/hosts".into(),
                    goal: self.dice.pick(&[
                        CallGoal::JobEnd,
                        CallGoal::Response,
                        CallGoal::Record,
                        CallGoal::Records,
                        CallGoal::Condition,
                    ]),
                };
                let waiter = self.engine.call(now, spec, options);
                self.begin(waiter);
            }
            3 | 4 => {
                let waiter = self.engine.wait(now, &job, options);
                self.begin(waiter);
            }
            5 => {
                let waiter = self.engine.poll_once(now, &job, Some(timeout));
                self.begin(waiter);
            }
            6 => {
                if let Some(waiter) = self.waiting.first().copied() {
                    self.command(|engine, now| engine.abort(now, waiter));
                }
            }
            7 => {
                self.command(|engine, now| engine.attach(now, &job));
                self.handles.push(job);
            }
            8 => {
                let token = self.engine.token(&job);
                let token = Token::parse(&token, BASE).unwrap();
                self.command(|engine, now| engine.resume(now, &token));
                self.handles.push(job);
            }
            9 => {
                if let Some(job) = self.handles.pop() {
                    self.command(|engine, now| engine.detach(now, &job));
                }
            }
            10 => {
                let leads = self.dice.below(2) == 0;
                self.input(Input::LeaderChanged { leads });
            }
            11 => {
                let yes = self.dice.below(2) == 0;
                self.input(Input::Multiplexed { yes });
            }
            12 => {
                let input = self.dice.below(2) == 0;
                self.input(if input {
                    Input::Offline
                } else {
                    Input::Resumed
                });
            }
            _ => {
                let text = self.dice.pick(&["", "{}", "[]", "\u{0}", "{\"type\":1}"]);
                self.input(Input::PeerMessage { text: text.into() });
            }
        }
    }

    fn begin(&mut self, waiter: WaiterId) {
        assert!(self.waiting.insert(waiter), "each waiter has its own id");
        self.drain();
    }

    fn input(&mut self, input: Input) {
        self.command(|engine, now| engine.handle(now, input));
    }

    fn command(&mut self, command: impl FnOnce(&mut Engine, Time)) {
        command(&mut self.engine, Time::from_millis(self.now));
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            self.execute(output);
        }
        // Setting a timer fails. The next event sets a new one.
        if self.dice.below(50) == 0 {
            self.no_timer_until = self.now + self.dice.below(LATEST);
        }
    }

    fn execute(&mut self, output: Output) {
        match output {
            Output::SendCall { exchange, .. } | Output::SendPoll { exchange, .. } => {
                assert!(!self.closed, "a closed client sends nothing");
                assert!(self.open.insert(exchange), "each request has its own id");
                self.send(exchange);
            }
            Output::Cancel { exchange } => {
                self.open.remove(&exchange);
                // An aborted request may still report its end.
                if self.dice.below(4) == 0 {
                    self.schedule(Later::Fails(exchange));
                }
            }
            Output::RefreshCredential { .. } => {
                for _ in 0..self.dice.below(3) {
                    self.schedule(Later::Refreshed);
                }
            }
            Output::CheckRecord { waiter, .. } => {
                for _ in 0..self.dice.below(3) {
                    self.schedule(Later::Checked(waiter));
                }
            }
            Output::Broadcast { message } => match self.dice.below(8) {
                0 => self.input(Input::NotShared),
                // The channel returns the message, late and twice.
                1 => {
                    self.schedule(Later::Message(message.clone()));
                    self.schedule(Later::Message(message));
                }
                2 => {
                    let half = message.chars().take(message.chars().count() / 2);
                    self.schedule(Later::Message(half.collect()));
                }
                _ => {}
            },
            Output::Settle { waiter, outcome } => {
                assert!(self.waiting.remove(&waiter), "each waiter settles once");
                // An accepted call has a handle on its job.
                if let Outcome::Accepted { job: Some(job), .. } = outcome {
                    self.handles.push(job);
                }
            }
            Output::Progress { waiter, .. } => {
                assert!(self.waiting.contains(&waiter), "no progress after the end");
            }
            Output::Event(_) => {}
        }
    }

    fn send(&mut self, exchange: ExchangeId) {
        match self.dice.below(8) {
            // `fetch` throws at once, while the output is executed.
            0 => self.fail(exchange),
            1 => {}
            2 => self.schedule(Later::Fails(exchange)),
            _ => {
                if self.dice.below(8) > 0 {
                    self.schedule(Later::Sent(exchange));
                }
                for _ in 0..=self.dice.below(2) {
                    self.schedule(Later::Answer(exchange));
                }
            }
        }
    }

    fn fail(&mut self, exchange: ExchangeId) {
        self.open.remove(&exchange);
        let kind = self.dice.pick(&[
            TransportErrorKind::Network,
            TransportErrorKind::NotConnected,
            TransportErrorKind::CertificateRejected,
            TransportErrorKind::RuntimeLimit,
            TransportErrorKind::TimedOut,
            TransportErrorKind::CallbackFailed,
            TransportErrorKind::InvalidHeader,
            TransportErrorKind::NoFetch,
            TransportErrorKind::NoResponse,
            TransportErrorKind::BodyTooLarge,
        ]);
        let failure = TransportError { kind, cause: None };
        self.input(Input::RequestFailed { exchange, failure });
    }

    fn answer(&mut self, exchange: ExchangeId) {
        self.open.remove(&exchange);
        let running = r#"{"record":{"id":"a","state":"running","last_modified":"s1"}}"#;
        let response = Response {
            status: self.dice.pick(&[
                200, 200, 200, 202, 204, 304, 401, 403, 404, 409, 429, 500, 503,
            ]),
            body: self
                .dice
                .pick(&[
                    "",
                    "<html>",
                    running,
                    r#"{"job":{"id":"b","state":"queued","last_modified":"s0"}}"#,
                    r#"{"record":{"id":"b","state":"success"}}"#,
                    r#"{"record":{"id":"c","state":"failure"}}"#,
                    r#"{"records":[{"id":"a","state":"success"},{"id":"b","state":"running"}]}"#,
                    r#"{"error":{"code":4,"message":"entry doesn't exist"}}"#,
                ])
                .into(),
            ..Response::default()
        };
        self.input(Input::ResponseReceived { exchange, response });
    }

    fn schedule(&mut self, what: Later) {
        let span = self.dice.pick(&[0, 20, 2_000, 40_000]);
        self.sequence += 1;
        self.later.insert((self.now + span, self.sequence), what);
    }

    /// Advances to the next event. False if there is none.
    fn step(&mut self) -> bool {
        let timer = self.engine.next_timeout().map(Time::as_millis);
        let timer = timer.map(|at| at.max(self.no_timer_until));
        let later = self.later.keys().next().map(|(at, _)| *at);
        let Some(next) = [timer, later].into_iter().flatten().min() else {
            return false;
        };
        self.now = self.now.max(next);
        if timer.is_some_and(|at| at <= self.now) {
            self.input(Input::Timeout);
        }
        let due = self.later.first_entry().filter(|it| it.key().0 <= self.now);
        if let Some(due) = due {
            let what = due.remove();
            self.happen(what);
        }
        true
    }

    fn happen(&mut self, what: Later) {
        match what {
            Later::Sent(exchange) => self.input(Input::RequestSent { exchange }),
            Later::Answer(exchange) => self.answer(exchange),
            Later::Fails(exchange) => self.fail(exchange),
            // A throwing function ends its wait.
            Later::Checked(waiter) if self.dice.below(4) == 0 => {
                self.command(|engine, now| engine.abort(now, waiter));
            }
            Later::Checked(waiter) => {
                let is_met = self.dice.below(2) == 0;
                self.input(Input::RecordChecked { waiter, is_met });
            }
            Later::Refreshed => {
                let fresh = self.dice.below(2) == 0;
                self.input(Input::CredentialRefreshed { fresh });
            }
            Later::Message(text) => self.input(Input::PeerMessage { text }),
        }
    }
}
