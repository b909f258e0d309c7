//! An engine that follows many jobs, with a server in memory.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use ontap_select_deploy::engine::{
    Config, Engine, ExchangeId, Input, JobId, Output, Response, Time, WaitOptions,
};

/// How many jobs are followed at once.
pub const SIZES: [u32; 5] = [10, 100, 1_000, 10_000, 100_000];

/// How many polls may be open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Slots {
    /// One for each job.
    Each,
    /// The package's default in Node; jobs take turns.
    Few,
}

/// An engine and its environment.
pub struct World {
    engine: Engine,
    now: Time,
    /// Time advances so slowly that every poll gets its response before it times out.
    events_a_millisecond: u32,
    events: u32,
    polls: VecDeque<(ExchangeId, String)>,
    /// Prepared, so that only the engine is measured. Each has its own cursor.
    responses: Vec<Response>,
    success: Response,
    no_list: Response,
    settled: u32,
}

impl World {
    /// Starts following all jobs, with a poll in every slot.
    pub fn new(jobs: u32, slots: Slots) -> Self {
        let config = Config {
            max_open_polls: NonZeroU32::new(if slots == Slots::Each { 200_000 } else { 100 })
                .unwrap(),
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

    /// One more job starts and succeeds at its first poll, and its waiter settles. Only with a slot for each
    /// job. Time does not advance, because the other polls get no response.
    pub fn life(&mut self) {
        let settled = self.settled;
        self.wait("guest");
        let (exchange, _) = self.polls.pop_back().expect("it is polled at once");
        let response = self.success.clone();
        self.send_input(Input::ResponseReceived { exchange, response });
        assert_eq!(self.settled, settled + 1, "it is settled");
    }

    /// The timer fires when nothing is due.
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
            self.now = self
                .engine
                .next_timeout()
                .expect("there are jobs")
                .max(self.now);
            self.timer();
        }
    }

    fn handle(&mut self, input: Input) {
        self.events += 1;
        if self.events.is_multiple_of(self.events_a_millisecond) {
            self.now = self.now + Duration::from_millis(1);
        }
        self.send_input(input);
    }

    fn send_input(&mut self, input: Input) {
        self.engine.handle(self.now, input);
        self.drain();
        // The runtime reads this after each input to set its timer.
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

fn record(state: &str, cursor: u32) -> Response {
    let body = format!(
        r#"{{"record": {{"state": "{state}", "message": "step {cursor}", "last_modified": "2019-04-04T15:41:29.{cursor:06}Z"}}}}"#
    );
    Response {
        status: 200,
        body: body.into(),
        ..Response::default()
    }
}
