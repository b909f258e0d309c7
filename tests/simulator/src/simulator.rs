//! The machine that a host program drives: the VM, the faults, the held responses and the log.

use crate::config::{Config, ConfigError};
use crate::deploy::polls::Poll;
use crate::deploy::{self, Call, Deploy, Outcome as Handled};
use crate::faults::{Fate, Faults};
use crate::held::{Held, HeldRequests, Waits, Who};
use crate::http::{Reply, Request, Response, Ticket, Transport};
use crate::log::{Counters, Entry, Log, Outcome, PollKind};
use crate::rules::{Rule, Seen};

/// ONTAP Select Deploy on a virtual clock. The crate's documentation describes how to drive it.
#[derive(Debug)]
pub struct Simulator {
    deploy: Deploy,
    faults: Faults,
    log: Log,
    now: u64,
    /// After a restart the VM is unreachable until this time.
    down_until: u64,
    held: HeldRequests,
    ready: Vec<(Ticket, Response)>,
}

impl Simulator {
    /// Creates a VM without clusters and hosts, at time 0.
    ///
    /// # Errors
    /// If a value of the configuration or of a rule is out of range; the error names it.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            faults: Faults::new(config.rules.clone(), config.seed),
            log: Log::new(config.log_limit),
            deploy: Deploy::new(config),
            now: 0,
            down_until: 0,
            held: HeldRequests::default(),
            ready: Vec::new(),
        })
    }

    /// Processes a request at `now_ms`, in milliseconds since the simulator started. A time before the last one is replaced by the last one.
    pub fn request(&mut self, now_ms: u64, request: Request) -> Reply {
        self.run_until(now_ms);
        let mut call = self.deploy.read(&request);
        let (path, job, poll) = (call.path(), asked_job(&call), poll_kind(&call));
        let seen = Seen {
            method: &call.method,
            path: &path,
            query: &call.raw_query,
            job: job.as_deref(),
            poll,
        };
        let down = self.now < self.down_until;
        let rule = if down { None } else { self.faults.fire(&seen) };
        let mut entry = entry(&request, &call, self.now);
        entry.rule = rule
            .as_ref()
            .map(|rule| rule.name.clone().unwrap_or_else(|| "unnamed".to_owned()));
        let number = self.log.begin(entry);
        call.request_id = deploy::request_id(self.deploy.config.seed, number);
        let who = Who {
            number,
            asks: job.filter(|_| poll.is_some()),
        };
        if down {
            return self.meet(Fate::Answer(Response::reset()), who, None);
        }
        let restart = rule.as_ref().and_then(|rule| rule.action.down_ms());

        let handled = match &rule {
            Some(rule) if !rule.processes() => None,
            _ => Some(self.deploy.handle(self.now, &call)),
        };
        if let Some(Handled::Started(_, key)) = &handled {
            let id = self.deploy.jobs.get(*key).map(|job| job.id_text());
            if let Some(entry) = self.log.entry(number) {
                entry.job = id;
            }
        }
        if let Some(down_ms) = restart {
            self.go_down(down_ms);
        }
        let instead = rule.as_ref().and_then(|rule| rule.action.instead());
        match (instead, handled) {
            (Some(fate), _) => self.meet(fate, who, None),
            (None, Some(Handled::Hold(poll))) => self.hold(poll, rule, who),
            (None, Some(Handled::Answer(answer) | Handled::Started(answer, _))) => {
                let answer = self.stamped(answer, who.number);
                self.meet(altered(rule.as_ref(), answer), who, None)
            }
            // The rule stops the VM from processing the request and has no response of its own.
            (None, None) => self.meet(Fate::Never, who, None),
        }
    }

    /// The time of the next event: a job's step, or the end of a held poll. None: nothing happens until the next request.
    #[must_use]
    pub fn next_event(&self) -> Option<u64> {
        if !self.ready.is_empty() {
            return Some(self.now);
        }
        let held = self.held.next_due();
        [self.deploy.jobs.next_event(), held]
            .into_iter()
            .flatten()
            .min()
    }

    /// Advances the time to `now_ms` and returns the responses that are ready.
    pub fn advance(&mut self, now_ms: u64) -> Vec<(Ticket, Response)> {
        self.run_until(now_ms);
        std::mem::take(&mut self.ready)
    }

    /// Drops the ticket of a client that has disconnected. Ignores unknown tickets.
    pub fn forget(&mut self, ticket: Ticket) {
        self.ready.retain(|(other, _)| *other != ticket);
        if let Some(Held { who, .. }) = self.held.release(ticket) {
            self.log.end(
                who.number,
                who.asks.as_deref(),
                self.now,
                Outcome::Gone,
                None,
            );
        }
    }

    /// Whether a request is waiting for its response. If not, the host program needs no timer.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.held.is_empty() || !self.ready.is_empty()
    }

    /// Adds a rule after the existing ones.
    ///
    /// # Errors
    /// If a value of the rule is out of range; the error names it.
    pub fn add_rule(&mut self, rule: Rule) -> Result<(), ConfigError> {
        rule.check("rule")?;
        self.faults.add(rule);
        Ok(())
    }

    /// Removes all rules.
    pub fn clear_rules(&mut self) {
        self.faults.clear();
    }

    /// Replaces the account and the bearer token for the next requests.
    pub fn set_credentials(&mut self, username: &str, password: &str, bearer: Option<&str>) {
        let config = &mut self.deploy.config;
        username.clone_into(&mut config.username);
        password.clone_into(&mut config.password);
        config.bearer = bearer.map(str::to_owned);
    }

    /// The latest requests, oldest first, up to [`Config::log_limit`].
    pub fn log(&self) -> impl Iterator<Item = &Entry> {
        self.log.entries()
    }

    /// Totals since the simulator started.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        self.log.counters()
    }

    /// Runs the events in the order of their times, so that a late call does not change a stamp.
    fn run_until(&mut self, now: u64) {
        let now = now.max(self.now);
        loop {
            let job = self.deploy.jobs.next_event().filter(|at| *at <= now);
            let held = self.held.next_due().filter(|at| *at <= now);
            // A change goes before the end of a held poll at the same time, so that the poll returns it.
            match (job, held) {
                (Some(job), held) if held.is_none_or(|held| job <= held) => self.step(job),
                (_, Some(held)) => self.time_out(held),
                _ => break,
            }
        }
        self.now = now;
    }

    fn step(&mut self, at: u64) {
        self.now = at;
        let Some(job) = self.deploy.step(at) else {
            return;
        };
        for (ticket, poll) in self.held.polls_of(job) {
            let Some(answer) = self.deploy.changed(&poll) else {
                continue;
            };
            match self.held.release(ticket) {
                Some(Held {
                    who,
                    waits: Waits::Poll(_, rule),
                    ..
                }) => self.answer(ticket, who, rule.as_deref(), answer),
                Some(Held { who, .. }) => self.answer(ticket, who, None, answer),
                None => {}
            }
        }
    }

    fn time_out(&mut self, at: u64) {
        self.now = at;
        let Some((ticket, Held { who, waits, .. })) = self.held.release_due() else {
            return;
        };
        match waits {
            Waits::Poll(poll, rule) => {
                self.answer(ticket, who, rule.as_deref(), self.deploy.timed_out(&poll))
            }
            Waits::Cut(_, answer) | Waits::Late(answer) => {
                self.close(&who, &answer);
                self.ready.push((ticket, *answer));
            }
            Waits::Forever => {}
        }
    }

    /// The VM responds to a held poll; a rule may still change or delay the response.
    fn answer(&mut self, ticket: Ticket, who: Who, rule: Option<&Rule>, answer: Response) {
        let answer = self.stamped(answer, who.number);
        if let Reply::Now(answer) = self.meet(altered(rule, answer), who, Some(ticket)) {
            self.ready.push((ticket, answer));
        }
    }

    /// Breaks every open connection.
    fn go_down(&mut self, down_ms: u64) {
        self.down_until = self.now.saturating_add(down_ms);
        for (ticket, Held { who, .. }) in self.held.release_all() {
            let answer = Response::reset();
            self.close(&who, &answer);
            self.ready.push((ticket, answer));
        }
    }

    fn hold(&mut self, poll: Poll, rule: Option<Rule>, who: Who) -> Reply {
        let end = self.now.saturating_add(poll.hold_ms);
        let cut = rule.as_ref().and_then(|rule| rule.action.cut());
        let (due, waits) = match cut.map(|(after, answer)| (self.now.saturating_add(after), answer))
        {
            Some((at, answer)) if at < end => (at, Waits::Cut(poll, Box::new(answer))),
            _ => (end, Waits::Poll(poll, rule.map(Box::new))),
        };
        Reply::Held(self.held.keep(
            None,
            Held {
                who,
                due: Some(due),
                waits,
            },
        ))
    }

    fn meet(&mut self, fate: Fate, who: Who, ticket: Option<Ticket>) -> Reply {
        let (due, waits) = match fate {
            Fate::Answer(answer) => {
                self.close(&who, &answer);
                return Reply::Now(answer);
            }
            Fate::Late(answer, ms) => (
                Some(self.now.saturating_add(ms)),
                Waits::Late(Box::new(answer)),
            ),
            Fate::Never => (None, Waits::Forever),
        };
        Reply::Held(self.held.keep(ticket, Held { who, due, waits }))
    }

    fn close(&mut self, who: &Who, answer: &Response) {
        let (outcome, status) = match answer.transport {
            Transport::Reset => (Outcome::Reset, None),
            _ => (Outcome::Answered, Some(answer.status)),
        };
        self.log
            .end(who.number, who.asks.as_deref(), self.now, outcome, status);
    }

    fn stamped(&self, answer: Response, number: u64) -> Response {
        answer
            .with(
                "request-id",
                &deploy::request_id(self.deploy.config.seed, number),
            )
            .with("cache-control", "no-store")
    }
}

fn altered(rule: Option<&Rule>, answer: Response) -> Fate {
    match rule {
        Some(rule) => rule.action.alter(answer),
        None => Fate::Answer(answer),
    }
}

fn asked_job(call: &Call) -> Option<String> {
    match call.segments.as_slice() {
        [jobs, id] if jobs == "jobs" && call.method == "GET" && !call.base.is_empty() => {
            Some(id.clone())
        }
        _ => None,
    }
}

fn poll_kind(call: &Call) -> Option<PollKind> {
    asked_job(call)?;
    let long = call
        .query
        .get("poll_timeout")
        .or(call.query.get("last_modified"))
        .is_some();
    Some(if long {
        PollKind::Long
    } else {
        PollKind::Standard
    })
}

fn entry(request: &Request, call: &Call, now: u64) -> Entry {
    let hidden = |name: &str| matches!(name, "authorization" | "cookie" | "proxy-authorization");
    let headers = request.headers.iter().map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let value = if hidden(&name) {
            "(hidden)".to_owned()
        } else {
            value.clone()
        };
        (name, value)
    });
    Entry {
        number: 0,
        at: now,
        method: call.method.clone(),
        target: request.target.clone(),
        base: call.base.clone(),
        path: call.path(),
        query: call.query.pairs.clone(),
        headers: headers.collect(),
        body_bytes: request.body.len(),
        authorized: call.authorized,
        job: asked_job(call),
        poll: poll_kind(call),
        rule: None,
        status: None,
        outcome: Outcome::Open,
        ended_at: None,
    }
}
