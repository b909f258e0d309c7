//! Callers that wait until a record meets a condition, and what must hold of their reads at each step.

use std::collections::{BTreeMap, VecDeque};

use ontap_select_deploy::engine::{
    ChangeOutcome, CredentialChoice, ErrorCode, ExchangeId, Outcome, WaiterId,
};
use serde_json::Value;

use crate::pair::Millis;

/// The pauses while a record stays as it is; the last one repeats.
const PAUSES: [Millis; 4] = [1_000, 2_000, 4_000, 5_000];
/// A pause that would outlast the deadline ends so long before it, unless less than twice that is left.
const LAST_LOOK: Millis = 1_000;
/// The first pause after a failure is between half of this and this; the next ones double up to the other.
const FIRST_BACKOFF: Millis = 500;
const LAST_BACKOFF: Millis = 15_000;
/// The longest `Retry-After` that is obeyed.
const LONGEST_RETRY_AFTER: Millis = 60_000;
/// The pause while there is no network.
const OFFLINE_PAUSE: Millis = 15_000;
/// How long a credential rests that was good before.
const DOUBT: Millis = 3_000;
/// A round of reads after a wake or a return of the network comes at most this often.
const BETWEEN_LOOKS: Millis = 1_000;
/// A timer that is so late means a sleep.
const SLEPT: Millis = 5_000;
/// Failures in a row that are retried by default.
const MOST_FAILURES: u32 = 8;
/// Reads in any second and in any minute while the record stays as it is.
const MOST_IN_A_SECOND: usize = 8;
const MOST_IN_A_MINUTE: usize = 40;

/// What a caller waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The host's `status` is one of these.
    Status(&'static [&'static str]),
    Never,
    /// It is met at this look, whatever the record says. The first one is 1.
    AtLook(u32),
    /// The caller's function throws at this look.
    ThrowsAt(u32),
}

/// What the caller's function says of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met,
    Unmet,
    Throws,
}

impl Condition {
    /// What it says of the body of a response, at the look with this number.
    pub(crate) fn verdict(self, look: u32, body: &str) -> Verdict {
        let body: Value = serde_json::from_str(body).expect("a record is JSON");
        let record = &body["record"];
        assert!(
            record.as_object().is_some_and(|it| !it.is_empty()),
            "a record is checked, and nothing else: {body}"
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

/// What of a response the pause after it depends on.
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
    /// Whether the environment may have said last that there is no network.
    is_offline: bool,
    /// When all were last read anew for certain, and when that may have been.
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
    /// Reads without a record since the last one, and how many of them were refused in a row.
    failures: u32,
    refused: u32,
    /// Returns of the network since: each sends the read anew, and may have cut off the one with a fresh credential.
    renewals: u32,
    /// When it was sent while the record stayed as it is.
    sent: VecDeque<Millis>,
    /// The credential of the read that is open, whether it has left, and whether its connection may be dead.
    is_fresh: bool,
    is_on_its_way: bool,
    may_be_dead: bool,
    /// When a read last went out, after the user's functions gave what goes with it.
    left_at: Option<Millis>,
    /// The first wake after the deadline; later ones extend it no more.
    extended_at: Option<Millis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It was never sent.
    New,
    Open(ExchangeId),
    /// The caller's function looks at the record.
    Checking,
    /// It got a 401, and a new credential may come.
    Refused,
    /// It is sent again between these two times.
    Paused {
        since: Millis,
        from: Millis,
        to: Millis,
    },
    /// The caller's function has said that the wait is over, or the time is.
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

    pub(crate) fn begins(&mut self, waiter: WaiterId, deadline: Millis) {
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

    /// A request goes out for this waiter.
    pub(crate) fn sends(
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
            other => panic!("I13: a read goes out beside another, or after the end: {other:?}"),
        }
        let most = match (self.renews, reading.latest.is_some()) {
            (false, false) => 0,
            (false, true) | (true, false) => 1,
            (true, true) => 3,
        };
        assert!(
            reading.refused <= most + reading.renewals,
            "I13: a credential was refused {} times, and goes out again",
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
            within <= MOST_IN_A_SECOND && sent.len() <= MOST_IN_A_MINUTE,
            "I13: {within} reads in a second, {} in a minute, without a change",
            sent.len()
        );
    }

    /// What was given out for this waiter goes to the server.
    pub(crate) fn leaves(&mut self, now: Millis, waiter: WaiterId) {
        if let Some(reading) = self.by_waiter.get_mut(&waiter) {
            reading.left_at = Some(now);
            reading.is_on_its_way = true;
        }
    }

    /// A request of this waiter ended; without an answer if there was no response.
    pub(crate) fn ended(&mut self, now: Millis, waiter: WaiterId, answer: Option<Answer>) {
        self.is_offline &= answer.is_none();
        let Some(reading) = self.by_waiter.get_mut(&waiter) else {
            return;
        };
        let status = answer.map(|it| it.status);
        reading.failures += 1;
        let is_refused = matches!(status, Some(401 | 403));
        if self.may_look_at == Some(now) {
            // After a sleep the client may take what is open for dead, and read anew without a look at this.
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
            if is_refused { DOUBT } else { 0 },
            if self.is_offline { OFFLINE_PAUSE } else { 0 },
        ];
        let longest = longest.into_iter().max().unwrap().min(LAST_BACKOFF);
        let asked = answer.and_then(|it| it.retry_after).unwrap_or(0);
        let longest = longest.max(asked.min(LONGEST_RETRY_AFTER));
        let shortest = if is_refused { DOUBT } else { FIRST_BACKOFF / 2 };
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

    /// The client aborts a request of this waiter: it took too long, or its connection may be dead.
    pub(crate) fn cancelled(&mut self, now: Millis, waiter: WaiterId) {
        self.ended(now, waiter, None);
        if self.looked_at == Some(now)
            && let Some(reading) = self.by_waiter.get_mut(&waiter)
        {
            reading.is_sent_at(now);
        }
    }

    /// There is no new credential: the 401 stands.
    pub(crate) fn not_renewed(&mut self, now: Millis) {
        for reading in self.by_waiter.values_mut() {
            if reading.now == Step::Refused {
                reading.now = Step::Paused {
                    since: now,
                    from: now + shortened(DOUBT, now, reading.deadline),
                    to: now + LAST_BACKOFF,
                };
            }
        }
    }

    /// The caller is asked for a verdict on this record.
    pub(crate) fn asks(&mut self, waiter: WaiterId, body: &str) {
        let reading = self.by_waiter.get_mut(&waiter);
        let reading = reading.expect("I13: only a caller that waits is asked");
        assert!(
            matches!(reading.now, Step::Paused { .. }),
            "I13: a record is checked once, when it comes: {:?}",
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

    /// The caller has looked at the record.
    pub(crate) fn answers(&mut self, now: Millis, waiter: WaiterId, verdict: Verdict) {
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

    pub(crate) fn loses_network(&mut self) {
        self.is_offline = true;
    }

    /// The network or the page is back.
    pub(crate) fn resumes(&mut self, now: Millis) {
        self.is_offline = false;
        for reading in self.by_waiter.values_mut() {
            reading.renewals += 1;
        }
        let is_recent = |at: Option<Millis>| at.is_some_and(|at| now - at < BETWEEN_LOOKS);
        if is_recent(self.looked_at) {
            return;
        }
        // A wake just before may have been seen by the engine, too.
        if is_recent(self.woke_at) {
            return self.may_read_now(now);
        }
        self.looked_at = Some(now);
        for reading in self.by_waiter.values_mut() {
            reading.is_sent_at(now);
            reading.may_be_dead = reading.is_on_its_way;
        }
    }

    pub(crate) fn wakes(&mut self, now: Millis) {
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
    pub(crate) fn settles(&mut self, waiter: WaiterId, outcome: &Outcome) {
        let Some(reading) = self.by_waiter.remove(&waiter) else {
            return;
        };
        let step = reading.now;
        match outcome {
            Outcome::Done { accepted, job } => {
                assert_eq!(step, Step::Met, "I13: it was not met");
                assert_eq!(reading.latest.as_deref(), Some(accepted.body.as_ref()));
                assert!(job.is_none(), "I13: a record is no job");
            }
            Outcome::Failed(error) => {
                assert!(
                    !matches!(step, Step::Met | Step::Thrown),
                    "I13: the caller has said how it ends"
                );
                assert_eq!(error.outcome, ChangeOutcome::Refused, "nothing was changed");
                assert!(error.job.is_none() && error.token.is_none());
                match error.code {
                    ErrorCode::WaitTimeout => reading.judge_time_out(),
                    ErrorCode::Http => {
                        let is_transient = matches!(error.status, Some(429 | 502 | 503 | 504));
                        assert!(
                            !is_transient || !self.retries || reading.failures >= MOST_FAILURES,
                            "I13: gave up after {} failures",
                            reading.failures
                        );
                    }
                    ErrorCode::Auth => {
                        // What came in the moment of a wake was not counted.
                        let is_unsure = matches!(step, Step::Paused { since, .. } if Some(since) == self.may_look_at);
                        assert!(reading.refused >= 1 || is_unsure, "I13: nobody refused it");
                    }
                    ErrorCode::Transport | ErrorCode::Protocol => {
                        assert!(reading.failures >= 1, "I13: nothing failed");
                    }
                    ErrorCode::Closed => {}
                    other => panic!("I13: ends with {}", other.name()),
                }
            }
            Outcome::Aborted => assert!(!matches!(step, Step::Met | Step::Overdue)),
            Outcome::Job(_) | Outcome::Accepted { .. } => panic!("I13: {outcome:?}"),
        }
    }

    /// Checks what holds when nothing is left to do at this moment.
    pub(crate) fn step(&self, now: Millis) {
        for reading in self.by_waiter.values() {
            match reading.now {
                Step::Paused { to, .. } => {
                    assert!(now <= to, "I13: a read was due at {to}, and it is {now}");
                }
                Step::New | Step::Met | Step::Thrown | Step::Overdue => {
                    panic!("I13: nothing follows from {:?}", reading.now)
                }
                Step::Open(_) => assert!(
                    !reading.may_be_dead,
                    "I13: a read is renewed when the network is back"
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

    fn judge_time_out(&self) {
        let deadline = self.deadline;
        assert_ne!(deadline, Millis::MAX, "I7: it had no deadline");
        let Step::Paused { since, .. } = self.now else {
            return;
        };
        match self.extended_at {
            None => assert!(
                since + 2 * LAST_LOOK >= deadline,
                "I13: the last look was over at {since}, long before {deadline}"
            ),
            Some(woke_at) if woke_at >= deadline + SLEPT => assert!(
                self.left_at.is_some_and(|at| at >= woke_at),
                "I13: a deadline that passed in a sleep leaves room for one look"
            ),
            // In a stall what was open gets some more time.
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

/// A pause that leaves room for a last look before the deadline.
fn shortened(pause: Millis, now: Millis, deadline: Millis) -> Millis {
    let left = deadline.saturating_sub(now);
    if pause < left || left <= 2 * LAST_LOOK {
        pause
    } else {
        left - LAST_LOOK
    }
}
