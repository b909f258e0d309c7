//! An engine that watches many jobs, and a server that exists only in memory.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use ontap_select_deploy::engine::{
    Config, Engine, ExchangeId, Input, JobId, Output, Response, Time, WaitOptions,
};

/// How many jobs are watched at once.
pub const SIZES: [u32; 5] = [10, 100, 1_000, 10_000, 100_000];

/// How many polls may be open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Slots {
    /// One for each job.
    Each,
    /// As many as the package has in Node unless told otherwise: jobs take turns.
    Few,
}

/// An engine and its environment.
pub struct World {
    engine: Engine,
    now: Time,
    /// Time passes so slowly that every poll gets its response before it times out.
    events_a_millisecond: u32,
    events: u32,
    polls: VecDeque<(ExchangeId, String)>,
    /// Made beforehand, so that only the engine is measured. Each has its own cursor.
    responses: Vec<Response>,
    success: Response,
    no_list: Response,
    settled: u32,
}

impl World {
    /// A world in which all jobs are watched, with as many open polls as there are slots.
    pub fn new(jobs: u32, slots: Slots) -> Self {
        let config = Config {
            max_open_polls: NonZeroU32::new(if slots == Slots::Each { 200_000 } else { 100 }).unwrap(),
            ..Config::default()
        };
        let mut world = Self {
            engine: Engine::new(config, 7),
            now: Time::from_millis(1_000),
            // The first responses come at once. If each of so many came later than the last, the server would look slow.
            events_a_millisecond: u32::MAX,
            events: 0,
            polls: VecDeque::new(),
            responses: (0..61).map(|number| record("running", number)).collect(),
            success: record("success", 99),
            // As from a server without batches.
            no_list: Response {
                status: 405,
                ..Response::default()
            },
            settled: 0,
        };
        for number in 0..jobs {
            world.wait(&format!("job-{number}"));
        }
        // The first responses show what the server can do, and give each job a cursor.
        for _ in 0..jobs.saturating_mul(2).max(200) {
            world.change();
        }
        world.events_a_millisecond = jobs.div_ceil(1_000);
        world
    }

    /// A job changes: its poll gets a response, and the next one is sent.
    pub fn change(&mut self) {
        let (exchange, target) = self.next_poll();
        let response = if target.starts_with("/jobs?") {
            self.no_list.clone()
        } else {
            let turn = self.events as usize % self.responses.len();
            self.responses[turn].clone()
        };
        self.handle(Input::ResponseReceived { exchange, response });
    }

    /// One more job comes, succeeds at its first poll, and its waiter settles. Only where each job has a poll.
    /// Time stands still, because the others get no response.
    pub fn life(&mut self) {
        let settled = self.settled;
        self.wait("guest");
        let (exchange, _) = self.polls.pop_back().expect("it is polled at once");
        let response = self.success.clone();
        self.tell(Input::ResponseReceived { exchange, response });
        assert_eq!(self.settled, settled + 1, "it is settled");
    }

    /// The timer fires, and nothing is due.
    pub fn timer(&mut self) {
        self.engine.handle(self.now, Input::Timeout);
        self.drain();
    }

    fn wait(&mut self, job: &str) {
        let job = JobId::new(job).expect("it is an id");
        self.engine.wait(self.now, &job, WaitOptions::default());
        self.drain();
    }

    fn next_poll(&mut self) -> (ExchangeId, String) {
        loop {
            if let Some(poll) = self.polls.pop_front() {
                return poll;
            }
            self.now = self.engine.next_timeout().expect("there are jobs").max(self.now);
            self.timer();
        }
    }

    fn handle(&mut self, input: Input) {
        self.events += 1;
        if self.events.is_multiple_of(self.events_a_millisecond) {
            self.now = self.now + Duration::from_millis(1);
        }
        self.tell(input);
    }

    fn tell(&mut self, input: Input) {
        self.engine.handle(self.now, input);
        self.drain();
        // The runtime sets its timer by this after each input.
        std::hint::black_box(self.engine.next_timeout());
    }

    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::SendPoll {
                    exchange, target, ..
                } => self.polls.push_back((exchange, target)),
                Output::Cancel { exchange } => self.polls.retain(|(open, _)| *open != exchange),
                Output::Settle { .. } => self.settled += 1,
                _ => {}
            }
        }
    }
}

fn record(state: &str, stamp: u32) -> Response {
    let body = format!(
        r#"{{"record": {{"state": "{state}", "message": "step {stamp}", "last_modified": "2019-04-04T15:41:29.{stamp:06}Z"}}}}"#
    );
    Response {
        status: 200,
        body: body.into(),
        ..Response::default()
    }
}
