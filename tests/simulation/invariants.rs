//! The invariants of every step of every history, numbered as in docs/state-machine.md.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use crate::conditions::{Answer, Readings};
use crate::pair::Millis;
use ontap_select_deploy::engine::{
    Auth, Config, CredentialChoice, ExchangeId, Output, Response, Snapshot, Usage, WaiterId,
};

/// The longest extension of a deadline that passed during a sleep, for a last poll.
const LAST_POLL_EXTENSION: Millis = 10_000;
/// The most polls of one job in any second and any minute without a change. A server that responds at once
/// gets 4 in the first second (U1). The rest allows for finding a server's lower limits, which takes eight
/// polls once per client, and for failures with a short backoff.
const MOST_IN_A_SECOND: usize = 16;
const MOST_IN_A_MINUTE: usize = 60;

/// Watches one engine from outside.
#[derive(Default)]
pub(crate) struct Watch {
    waiting: BTreeMap<WaiterId, Waiting>,
    /// The open requests, each with the paths of its jobs.
    open: BTreeMap<ExchangeId, Vec<String>>,
    ending: Option<ExchangeId>,
    single_polls: usize,
    slots: usize,
    /// The calls that were sent, and whether they got a 401 since.
    calls: BTreeMap<WaiterId, bool>,
    call_of: BTreeMap<ExchangeId, WaiterId>,
    /// The cursors that the client received, as it must send them.
    cursors: BTreeSet<String>,
    unchanged: BTreeMap<String, VecDeque<Millis>>,
    heard: BTreeMap<WaiterId, Rc<Snapshot>>,
    pub(crate) readings: Readings,
    woke_at: Option<Millis>,
    closed: bool,
}

struct Waiting {
    deadline: Millis,
}

impl Watch {
    pub(crate) fn of(client: &Config) -> Self {
        let renews = client.auth == Auth::Asked;
        let retries = client.retry.max_attempts().get() > 1;
        Self {
            slots: usize::try_from(client.max_open_polls.get()).unwrap(),
            readings: Readings::new(renews, retries),
            ..Self::default()
        }
    }

    pub(crate) fn on_begin(&mut self, waiter: WaiterId, deadline: Millis) {
        self.waiting.insert(waiter, Waiting { deadline });
    }

    pub(crate) fn on_begin_single(&mut self) {
        self.single_polls += 1;
    }

    pub(crate) fn is_waiting(&self, waiter: WaiterId) -> bool {
        self.waiting.contains_key(&waiter)
    }

    pub(crate) fn waits(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn on_wake(&mut self, now: Millis) {
        self.woke_at = Some(now);
        self.readings.on_wake(now);
    }

    pub(crate) fn on_close(&mut self) {
        self.closed = true;
    }

    /// The client got a response.
    pub(crate) fn on_response(&mut self, now: Millis, exchange: ExchangeId, response: &Response) {
        let retry_after = response.retry_after.map(|it| it.as_millis());
        let answer = Answer {
            status: response.status,
            retry_after: retry_after.map(|it| it.try_into().unwrap_or(Millis::MAX)),
        };
        self.on_end(now, exchange, Some(answer));
        for part in response.body.split("\"last_modified\":\"").skip(1) {
            let cursor = part.split('"').next().unwrap_or_default();
            self.cursors.insert(cursor.replace('+', "%2B"));
        }
        if response.status == 401
            && let Some(waiter) = self.call_of.get(&exchange)
        {
            self.calls.insert(*waiter, true);
        }
    }

    /// A request ended; `None` without a response.
    pub(crate) fn on_end(&mut self, now: Millis, exchange: ExchangeId, answer: Option<Answer>) {
        if let Some(waiter) = self.call_of.get(&exchange) {
            self.readings.on_end(now, *waiter, answer);
        }
        self.ending = Some(exchange);
        self.on_leave(exchange);
    }

    fn on_leave(&mut self, exchange: ExchangeId) {
        assert!(
            self.open.remove(&exchange).is_some(),
            "only open requests end"
        );
    }

    /// Checks an output before it is executed.
    pub(crate) fn output(&mut self, now: Millis, output: &Output) {
        match output {
            Output::SendCall {
                exchange,
                waiter,
                credential,
            } => {
                self.on_send(*exchange, Vec::new());
                assert!(self.is_waiting(*waiter), "I3: a call is sent for a waiter");
                let refused = self.calls.insert(*waiter, false);
                self.call_of.insert(*exchange, *waiter);
                self.readings.on_send(now, *waiter, *exchange, *credential);
                assert!(
                    refused != Some(false) || *credential == CredentialChoice::Usual,
                    "a call is resent only with a new credential after a 401"
                );
            }
            Output::CheckRecord { waiter, response } => {
                assert!(!self.closed, "I8: no request after the close");
                self.readings.on_check(*waiter, &response.body);
            }
            Output::SendPoll {
                exchange, target, ..
            } => self.on_send_poll(now, *exchange, target),
            // A cancel for a request that has just ended has no effect.
            Output::Cancel { exchange } if self.ending == Some(*exchange) => {}
            Output::Cancel { exchange } => {
                if let Some(waiter) = self.call_of.get(exchange) {
                    self.readings.on_cancel(now, *waiter);
                }
                self.on_leave(*exchange);
            }
            Output::Settle { waiter, outcome } => {
                self.readings.on_settle(*waiter, outcome);
                let waiting = self.waiting.remove(waiter);
                let waiting = waiting.expect("I1: each waiter settles exactly once");
                if matches!(outcome, ontap_select_deploy::engine::Outcome::Failed(it) if it.code.name() == "WAIT_TIMEOUT")
                {
                    assert!(now >= waiting.deadline, "I7: no wait times out early");
                }
            }
            Output::Progress { waiter, snapshot } => {
                assert!(self.is_waiting(*waiter), "I1: no progress after the end");
                if let Some(last) = self.heard.insert(*waiter, Rc::clone(snapshot)) {
                    let same =
                        last.same_status(snapshot) && last.last_modified == snapshot.last_modified;
                    assert!(!same, "progress means a change");
                }
                let id = snapshot.id.to_string();
                self.unchanged.remove(&id);
            }
            Output::RefreshCredential { .. } => {
                assert!(!self.closed, "I8: no request after the close")
            }
            Output::Event(_) | Output::Broadcast { .. } => {}
        }
    }

    /// A mutating call is about to be sent again.
    pub(crate) fn sent_once(&self, sent_before: bool, credential: CredentialChoice) {
        assert!(
            !sent_before || credential == CredentialChoice::Fresh,
            "I4: a mutating call is sent once"
        );
    }

    /// Checks the invariants after all outputs were executed.
    pub(crate) fn step(&self, now: Millis, usage: Usage, next_timeout: Option<Millis>) {
        assert_eq!(usage.waiters, self.waiting.len());
        assert_eq!(usage.exchanges, self.open.len());
        assert!(
            self.open.len() <= self.waiting.len(),
            "I3: no request is open without a waiter"
        );
        if self.waiting.is_empty() {
            assert_eq!(
                (usage.timers, next_timeout),
                (0, None),
                "I8: no timer is left"
            );
        }
        self.readings.step(now);
        for waiting in self.waiting.values() {
            let limit = match self.woke_at {
                Some(woke_at) if woke_at >= waiting.deadline => {
                    woke_at.saturating_add(LAST_POLL_EXTENSION)
                }
                _ => waiting.deadline,
            };
            assert!(
                now <= limit,
                "I7: a deadline passed at {limit}, now it is {now}"
            );
        }
    }

    fn on_send(&mut self, exchange: ExchangeId, jobs: Vec<String>) {
        assert!(!self.closed, "I8: nothing is sent after the close");
        let before = self.open.insert(exchange, jobs);
        assert!(before.is_none(), "each request has its own id");
    }

    fn on_send_poll(&mut self, now: Millis, exchange: ExchangeId, target: &str) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let jobs: Vec<String> = match query.split_once("&id=") {
            Some((_, ids)) if path == "/jobs" => {
                let ids = ids.split("%7C");
                ids.map(|id| format!("/jobs/{id}")).collect()
            }
            _ => vec![path.to_owned()],
        };
        self.on_send(exchange, jobs.clone());
        for job in &jobs {
            let open = self.open.values().filter(|it| it.contains(job)).count();
            assert!(
                open <= 1 + self.single_polls,
                "I2: one shared poll for a job"
            );
            self.check_rate(now, job);
        }
        let all = self.open.values().filter(|it| !it.is_empty()).count();
        assert!(
            all <= self.slots + self.single_polls,
            "I11: {all} polls are open"
        );
        let member = |name: &str| query.split('&').find_map(|it| it.strip_prefix(name));
        let cursor = member("last_modified=").map(|it| {
            let forms = ["%3E=", "%3E%3D", "%3E"].into_iter();
            let cursor = forms.filter_map(|form| it.strip_prefix(form)).next();
            cursor.expect("I5: an operator that Deploy knows")
        });
        match (member("poll_timeout="), cursor) {
            (None, None) => {}
            (Some(hold), Some(cursor)) => {
                let hold: u32 = hold.parse().expect("a whole number");
                assert!((1..=30).contains(&hold), "I6: poll_timeout is {hold}");
                assert!(
                    self.cursors.contains(cursor),
                    "I5: the server never sent the cursor {cursor}"
                );
            }
            _ => panic!("I5: both parameters or neither: {target}"),
        }
    }

    fn check_rate(&mut self, now: Millis, path: &str) {
        let singles = self.single_polls;
        let id = path.strip_prefix("/jobs/").expect("a job");
        let id = id
            .replace("%2F", "/")
            .replace("%20", " ")
            .replace("%25", "%");
        let sent = self.unchanged.entry(id).or_default();
        sent.push_back(now);
        while sent.front().is_some_and(|at| now - at >= 60_000) {
            sent.pop_front();
        }
        let within = |span: Millis| sent.iter().filter(|at| now - **at < span).count();
        assert!(
            within(1_000) <= MOST_IN_A_SECOND + singles,
            "I9: {} polls within a second without a change",
            within(1_000)
        );
        assert!(
            sent.len() <= MOST_IN_A_MINUTE + singles,
            "I9: {} polls within a minute without a change",
            sent.len()
        );
    }
}
