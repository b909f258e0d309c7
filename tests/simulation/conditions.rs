//! Callers that wait until a record meets a condition, and the invariants of their reads.

use std::collections::{BTreeMap, VecDeque};

use ontap_select_deploy::engine::{
    ChangeOutcome, CredentialChoice, ErrorCode, ExchangeId, Outcome, WaiterId,
};
use serde_json::Value;

use crate::pair::Millis;

/// The pauses while a record does not change; the last one repeats.
const PAUSES: [Millis; 4] = [1_000, 2_000, 4_000, 5_000];
/// A pause that would outlast the deadline ends this long before it, unless less than twice that time is
/// left.
const LAST_POLL_MARGIN: Millis = 1_000;
/// The first pause after a failure is between half of this and this. The next ones double, up to the maximum.
const FIRST_BACKOFF: Millis = 500;
const LAST_BACKOFF: Millis = 15_000;
/// The longest `Retry-After` that the client waits.
const LONGEST_RETRY_AFTER: Millis = 60_000;
/// The pause while the client is offline.
const OFFLINE_PAUSE: Millis = 15_000;
/// The pause before the retry of a credential that worked before.
const AUTH_RETRY_DELAY: Millis = 3_000;
/// The least time between two rounds of reads after a wake-up or a return of the network.
const BETWEEN_ROUNDS: Millis = 1_000;
/// A timer this late means a sleep.
const SLEPT: Millis = 5_000;
/// The default number of failures in a row.
const MAX_FAILURES: u32 = 8;
/// The most reads in any second and any minute while the record does not change.
const MAX_PER_SECOND: usize = 8;
const MAX_PER_MINUTE: usize = 40;

/// What a caller waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The host's `status` is one of these.
    Status(&'static [&'static str]),
    Never,
    /// Met at this check, whatever the record says. The first check is 1.
    AtLook(u32),
    /// The caller's function throws at this check.
    ThrowsAt(u32),
}

/// The result of the caller's check of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met,
    Unmet,
    Throws,
}

impl Condition {
    /// The result for a response's body at this check.
    pub(crate) fn verdict(self, look: u32, body: &str) -> Verdict {
        let body: Value = serde_json::from_str(body).expect("a record is JSON");
        let record = &body["record"];
        assert!(
            record.as_object().is_some_and(|it| !it.is_empty()),
            "only a record is checked: {body}"
        );
        let is_met = match self {
            Self::Status(wanted) => record["status"]
                .as_str()
                .is_some_and(|it| wanted.contains(&it)),
            Self::Never => false,
            Self::AtLook(at) => look >= at,
            Self::ThrowsAt(at) if look >= at => return Verdict::Throws,
            Self::ThrowsAt(_) => false,
        };
        if is_met { Verdict::Met } else { Verdict::Unmet }
    }
}

/// The parts of a response that decide the next pause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Millis>,
}

/// All callers that wait for a condition.
#[derive(Default)]
pub(crate) struct Readings {
    by_waiter: BTreeMap<WaiterId, Reading>,
    /// Whether a 401 leads to a new credential.
    renews: bool,
    /// Whether failures are retried.
    retries: bool,
    /// Whether the environment may have reported offline last.
    is_offline: bool,
    /// When all were last read again for certain, and when possibly.
    looked_at: Option<Millis>,
    may_look_at: Option<Millis>,
    woke_at: Option<Millis>,
}

struct Reading {
    deadline: Millis,
    now: Step,
    /// The last record, and the pauses since it changed.
    latest: Option<String>,
    unchanged: usize,
    /// Reads without a record since the last one, and how many rejections in a row are among them.
    failures: u32,
    refused: u32,
    /// Returns of the network since. Each one resends the read and may have cut off the one with a new
    /// credential.
    renewals: u32,
    /// When reads were sent while the record did not change.
    sent: VecDeque<Millis>,
    /// The credential of the open read, whether it was sent, and whether its connection may be dead.
    is_fresh: bool,
    is_on_its_way: bool,
    may_be_dead: bool,
    /// When a read was last sent, after the callbacks returned.
    left_at: Option<Millis>,
    /// The first wake-up after the deadline. Later ones do not extend it.
    extended_at: Option<Millis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Never sent.
    New,
    Open(ExchangeId),
    /// The caller checks the record.
    Checking,
    /// It got a 401, and a new credential may follow.
    Refused,
    /// It will be resent between these two times.
    Paused {
        since: Millis,
        from: Millis,
        to: Millis,
    },
    /// The condition is met, the caller threw, or the deadline passed.
    Met,
    Thrown,
    Overdue,
}

impl Readings {
    pub(crate) fn new(renews: bool, retries: bool) -> Self {
        Self {
            renews,
            retries,
            ..Self::default()
        }
    }

    pub(crate) fn on_begin(&mut self, waiter: WaiterId, deadline: Millis) {
        let reading = Reading {
            deadline,
            now: Step::New,
            latest: None,
            unchanged: 0,
            failures: 0,
            refused: 0,
            renewals: 0,
            sent: VecDeque::new(),
            is_fresh: false,
            is_on_its_way: false,
            may_be_dead: false,
            left_at: None,
            extended_at: None,
        };
        self.by_waiter.insert(waiter, reading);
    }

    /// A request for this waiter begins.
    pub(crate) fn on_send(
        &mut self,
        now: Millis,
        waiter: WaiterId,
        exchange: ExchangeId,
        credential: CredentialChoice,
    ) {
        let Some(reading) = self.by_waiter.get_mut(&waiter) else {
            return;
        };
        match reading.now {
            Step::New => {}
            Step::Refused => assert_eq!(credential, CredentialChoice::Fresh, "I13: too early"),
            Step::Paused { from, to, .. } => assert!(
                (from..=to).contains(&now),
                "I13: a read comes between {from} and {to}, not at {now}"
            ),
            other => panic!("I13: a read begins during another, or after the end: {other:?}"),
        }
        let most = match (self.renews, reading.latest.is_some()) {
            (false, false) => 0,
            (false, true) | (true, false) => 1,
            (true, true) => 3,
        };
        assert!(
            reading.refused <= most + reading.renewals,
            "I13: a credential was rejected {} times, and is sent again",
            reading.refused
        );
        reading.now = Step::Open(exchange);
        reading.is_fresh = credential == CredentialChoice::Fresh;
        reading.is_on_its_way = false;
        reading.may_be_dead = false;
        let sent = &mut reading.sent;
        sent.push_back(now);
        while sent.front().is_some_and(|at| now - at >= 60_000) {
            sent.pop_front();
        }
        let within = sent.iter().filter(|at| now - **at < 1_000).count();
        assert!(
            within <= MAX_PER_SECOND && sent.len() <= MAX_PER_MINUTE,
            "I13: {within} reads in a second, {} in a minute, without a change",
            sent.len()
        );
    }

    /// The waiter's request was sent to the server.
    pub(crate) fn on_leave(&mut self, now: Millis, waiter: WaiterId) {
        if let Some(reading) = self.by_waiter.get_mut(&waiter) {
            reading.left_at = Some(now);
            reading.is_on_its_way = true;
        }
    }

    /// A request of this waiter ended; `None` without a response.
    pub(crate) fn on_end(&mut self, now: Millis, waiter: WaiterId, answer: Option<Answer>) {
        self.is_offline &= answer.is_none();
        let Some(reading) = self.by_waiter.get_mut(&waiter) else {
            return;
        };
        let status = answer.map(|it| it.status);
        reading.failures += 1;
        let is_refused = matches!(status, Some(401 | 403));
        if self.may_look_at == Some(now) {
            // After a sleep the client may treat open requests as dead and read again without this response.
            reading.now = Step::Paused {
                since: now,
                from: now,
                to: now + 2 * LONGEST_RETRY_AFTER,
            };
            return;
        }
        reading.refused = if is_refused { reading.refused + 1 } else { 0 };
        let longest = [
            FIRST_BACKOFF << (reading.failures - 1).min(31),
            if is_refused { AUTH_RETRY_DELAY } else { 0 },
            if self.is_offline { OFFLINE_PAUSE } else { 0 },
        ];
        let longest = longest.into_iter().max().unwrap().min(LAST_BACKOFF);
        let asked = answer.and_then(|it| it.retry_after).unwrap_or(0);
        let longest = longest.max(asked.min(LONGEST_RETRY_AFTER));
        let shortest = if is_refused {
            AUTH_RETRY_DELAY
        } else {
            FIRST_BACKOFF / 2
        };
        reading.now = if status == Some(401) && self.renews && !reading.is_fresh {
            Step::Refused
        } else {
            Step::Paused {
                since: now,
                from: now + shortened(shortest, now, reading.deadline),
                to: now + longest,
            }
        };
    }

    /// The client aborted a request of this waiter, because it took too long or its connection may be dead.
    pub(crate) fn on_cancel(&mut self, now: Millis, waiter: WaiterId) {
        self.on_end(now, waiter, None);
        if self.looked_at == Some(now)
            && let Some(reading) = self.by_waiter.get_mut(&waiter)
        {
            reading.is_sent_at(now);
        }
    }

    /// There is no new credential, so the 401 is final.
    pub(crate) fn on_no_new_credential(&mut self, now: Millis) {
        for reading in self.by_waiter.values_mut() {
            if reading.now == Step::Refused {
                reading.now = Step::Paused {
                    since: now,
                    from: now + shortened(AUTH_RETRY_DELAY, now, reading.deadline),
                    to: now + LAST_BACKOFF,
                };
            }
        }
    }

    /// The caller must check this record.
    pub(crate) fn on_check(&mut self, waiter: WaiterId, body: &str) {
        let reading = self.by_waiter.get_mut(&waiter);
        let reading = reading.expect("I13: only a waiting caller checks a record");
        assert!(
            matches!(reading.now, Step::Paused { .. }),
            "I13: a record is checked once, when it arrives: {:?}",
            reading.now
        );
        reading.now = Step::Checking;
        reading.failures = 0;
        reading.refused = 0;
        reading.renewals = 0;
        if reading.latest.as_deref() != Some(body) {
            reading.latest = Some(body.to_owned());
            reading.unchanged = 0;
            reading.sent.clear();
        }
    }

    /// The caller checked the record.
    pub(crate) fn on_verdict(&mut self, now: Millis, waiter: WaiterId, verdict: Verdict) {
        let Some(reading) = self.by_waiter.get_mut(&waiter) else {
            return;
        };
        assert_eq!(reading.now, Step::Checking);
        reading.now = match verdict {
            Verdict::Met => Step::Met,
            Verdict::Throws => Step::Thrown,
            Verdict::Unmet if now >= reading.deadline => Step::Overdue,
            Verdict::Unmet => {
                let pause = PAUSES[reading.unchanged.min(PAUSES.len() - 1)];
                reading.unchanged += 1;
                let at = now + shortened(pause, now, reading.deadline);
                Step::Paused {
                    since: now,
                    from: at,
                    to: at,
                }
            }
        };
    }

    pub(crate) fn on_offline(&mut self) {
        self.is_offline = true;
    }

    /// The network or the page is back.
    pub(crate) fn on_resume(&mut self, now: Millis) {
        self.is_offline = false;
        for reading in self.by_waiter.values_mut() {
            reading.renewals += 1;
        }
        let is_recent = |at: Option<Millis>| at.is_some_and(|at| now - at < BETWEEN_ROUNDS);
        if is_recent(self.looked_at) {
            return;
        }
        // The engine may have detected a wake-up just before.
        if is_recent(self.woke_at) {
            return self.may_read_now(now);
        }
        self.looked_at = Some(now);
        for reading in self.by_waiter.values_mut() {
            reading.is_sent_at(now);
            reading.may_be_dead = reading.is_on_its_way;
        }
    }

    pub(crate) fn on_wake(&mut self, now: Millis) {
        self.woke_at = Some(now);
        for reading in self.by_waiter.values_mut() {
            if now >= reading.deadline {
                reading.extended_at.get_or_insert(now);
            }
        }
        self.may_read_now(now);
    }

    fn may_read_now(&mut self, now: Millis) {
        self.may_look_at = Some(now);
        for reading in self.by_waiter.values_mut() {
            reading.may_be_sent_at(now);
        }
    }

    /// A wait ended.
    pub(crate) fn on_settle(&mut self, waiter: WaiterId, outcome: &Outcome) {
        let Some(reading) = self.by_waiter.remove(&waiter) else {
            return;
        };
        let step = reading.now;
        match outcome {
            Outcome::Done { accepted, job } => {
                assert_eq!(step, Step::Met, "I13: the condition was met");
                assert_eq!(reading.latest.as_deref(), Some(accepted.body.as_ref()));
                assert!(job.is_none(), "I13: a record is not a job");
            }
            Outcome::Failed(error) => {
                assert!(
                    !matches!(step, Step::Met | Step::Thrown),
                    "I13: the caller decided how the wait ends"
                );
                assert_eq!(error.outcome, ChangeOutcome::Refused, "nothing was changed");
                assert!(error.job.is_none() && error.token.is_none());
                match error.code {
                    ErrorCode::WaitTimeout => reading.check_timeout(),
                    ErrorCode::Http => {
                        let is_transient = matches!(error.status, Some(429 | 502 | 503 | 504));
                        assert!(
                            !is_transient || !self.retries || reading.failures >= MAX_FAILURES,
                            "I13: gave up after {} failures",
                            reading.failures
                        );
                    }
                    ErrorCode::Auth => {
                        // Responses at the moment of a wake-up were not counted.
                        let is_unsure = matches!(step, Step::Paused { since, .. } if Some(since) == self.may_look_at);
                        assert!(
                            reading.refused >= 1 || is_unsure,
                            "I13: the server did not reject it"
                        );
                    }
                    ErrorCode::Transport | ErrorCode::Protocol => {
                        assert!(reading.failures >= 1, "I13: no read failed");
                    }
                    ErrorCode::Closed => {}
                    other => panic!("I13: ends with {}", other.name()),
                }
            }
            Outcome::Aborted => assert!(!matches!(step, Step::Met | Step::Overdue)),
            Outcome::Job(_) | Outcome::Accepted { .. } => panic!("I13: {outcome:?}"),
        }
    }

    /// Checks the invariants when nothing is left to do at this time.
    pub(crate) fn step(&self, now: Millis) {
        for reading in self.by_waiter.values() {
            match reading.now {
                Step::Paused { to, .. } => {
                    assert!(now <= to, "I13: a read was due at {to}, now it is {now}");
                }
                Step::New | Step::Met | Step::Thrown | Step::Overdue => {
                    panic!("I13: no next step after {:?}", reading.now)
                }
                Step::Open(_) => assert!(
                    !reading.may_be_dead,
                    "I13: a read is resent when the network is back"
                ),
                Step::Checking | Step::Refused => {}
            }
        }
    }
}

impl Reading {
    /// Its pause may be over.
    fn may_be_sent_at(&mut self, now: Millis) {
        if let Step::Paused { from, to, .. } = &mut self.now {
            *from = now.min(*from);
            *to = now.max(*to);
        }
    }

    fn check_timeout(&self) {
        let deadline = self.deadline;
        assert_ne!(
            deadline,
            Millis::MAX,
            "I7: a wait without a deadline timed out"
        );
        let Step::Paused { since, .. } = self.now else {
            return;
        };
        match self.extended_at {
            None => assert!(
                since + 2 * LAST_POLL_MARGIN >= deadline,
                "I13: the last read ended at {since}, long before {deadline}"
            ),
            Some(woke_at) if woke_at >= deadline + SLEPT => assert!(
                self.left_at.is_some_and(|at| at >= woke_at),
                "I13: a deadline that passed in a sleep leaves time for one read"
            ),
            // After a stall open requests get some more time.
            Some(_) => {}
        }
    }

    /// Its pause is over.
    fn is_sent_at(&mut self, now: Millis) {
        if let Step::Paused { from, to, .. } = &mut self.now {
            (*from, *to) = (now, now);
        }
    }
}

/// A pause that leaves time for a last read before the deadline.
fn shortened(pause: Millis, now: Millis, deadline: Millis) -> Millis {
    let left = deadline.saturating_sub(now);
    if pause < left || left <= 2 * LAST_POLL_MARGIN {
        pause
    } else {
        left - LAST_POLL_MARGIN
    }
}
