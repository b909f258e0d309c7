//! How a poll is written, how long it may be held, and what the client has learned of the server's
//! polls.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::protocol::option::PollTimeout;
use crate::engine::protocol::url::{JobId, encode_query_value, push_escape};
use crate::engine::time::Time;

/// The lowest `poll_timeout` that a timeout on the way leads to, in seconds: shorter polls cost the
/// server more than they save.
const MIN_POLL_TIMEOUT_SECS: u32 = 5;
/// How much longer than the server may hold a poll the client waits for the response.
const MAX_SLACK: Duration = Duration::from_secs(15);
const MIN_SLACK: Duration = Duration::from_secs(3);
/// The least that a standard poll may take, and the most where requests have no limit.
const MIN_STANDARD: Duration = Duration::from_secs(10);
const MAX_STANDARD: Duration = Duration::from_secs(300);
/// A long poll that ended sooner than this was not really held.
const EARLY: Duration = Duration::from_secs(5);
/// How long no long poll is asked for where something on the way lets none through.
const REST: Duration = Duration::from_secs(60);
/// How long after a 401 or 403 the server is asked once more about a job that it has shown.
pub(super) const DOUBT: Duration = Duration::from_secs(3);
/// Held polls in a row after which a reduced `poll_timeout` is raised again.
const HELD_BEFORE_GROWTH: u32 = 8;

/// A poll to be sent, or that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Poll {
    /// How long the server is asked to hold a long poll; `None` for a standard poll.
    pub(super) poll_timeout_secs: Option<u32>,
    pub(super) fields: Fields,
    pub(super) cursor: Option<Rc<str>>,
    pub(super) operator: Operator,
    /// How `fields` is spelled; see [`Fields::spelled`].
    pub(super) spelling: u32,
}

impl Poll {
    /// A poll that is answered at once.
    pub(super) fn standard(fields: Fields) -> Self {
        Self {
            poll_timeout_secs: None,
            fields,
            cursor: None,
            operator: Operator::AtLeast,
            spelling: 0,
        }
    }

    /// The path and query: NetApp's sample to the letter, but `last_modified` is asked for by name,
    /// because nobody knows whether it comes unasked. Both long-poll parameters or neither.
    pub(super) fn target(&self, job: &JobId) -> String {
        let mut target = job.path();
        let mut separator = '?';
        if self.fields != Fields::None {
            target.push_str("?fields=");
            target.push_str(&self.fields.spelled(self.spelling));
            separator = '&';
        }
        if let (Some(seconds), Some(cursor)) = (self.poll_timeout_secs, &self.cursor) {
            target.push(separator);
            target.push_str("poll_timeout=");
            target.push_str(&seconds.to_string());
            target.push_str("&last_modified=");
            target.push_str(self.operator.text());
            target.push_str(&encode_query_value(cursor));
        }
        target
    }

    pub(super) fn is_long(&self) -> bool {
        self.poll_timeout_secs.is_some()
    }

    /// For how many seconds the server is asked to hold it: zero for a standard poll.
    pub(super) fn held_secs(&self) -> u32 {
        self.poll_timeout_secs.unwrap_or(0)
    }

    /// How long the client waits for the response, where other requests may take so long: a dead socket says
    /// nothing.
    pub(super) fn timeout(&self, request_timeout: Option<Duration>) -> Duration {
        match self.poll_timeout_secs {
            Some(seconds) => {
                let held = Duration::from_secs(seconds.into());
                held.saturating_add(held.clamp(MIN_SLACK, MAX_SLACK))
            }
            None => request_timeout.unwrap_or(MAX_STANDARD).max(MIN_STANDARD),
        }
    }

    /// Whether a timeout after so long may come from something that cuts off long polls.
    pub(super) fn was_held(&self, waited: Duration) -> bool {
        self.is_long() && waited >= EARLY
    }

    /// Whether a response after so long came before the server had any reason to send one.
    pub(super) fn is_early(&self, waited: Duration) -> bool {
        self.poll_timeout_secs.is_some_and(|seconds| {
            let half = Duration::from_millis(500).saturating_mul(seconds);
            waited < half.min(EARLY)
        })
    }
}

/// Which fields a poll names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    /// State, message and cursor.
    Full,
    /// State and message, as in NetApp's sample.
    Short,
    /// None: the server's own choice.
    None,
}

impl Fields {
    /// The names as a list. Each number spells them in another way, by escaping some of their letters: a
    /// server reads the same, but a cache that goes by the address alone does not give its old answer again.
    pub(super) fn spelled(self, mut spelling: u32) -> String {
        let names = match self {
            Self::Full => "state,message,last_modified",
            Self::Short => "state,message",
            Self::None => "",
        };
        let mut text = String::new();
        for byte in names.bytes() {
            if byte == b',' {
                text.push(',');
                continue;
            }
            if spelling & 1 == 0 {
                text.push(byte.into());
            } else {
                push_escape(&mut text, byte);
            }
            spelling >>= 1;
        }
        text
    }

    /// The next form to try when a standard poll is refused with this one.
    pub(super) fn fallback(self) -> Option<Self> {
        match self {
            Self::Full => Some(Self::Short),
            Self::Short => Some(Self::None),
            Self::None => None,
        }
    }
}

/// How a long poll says "more recent than its cursor". Firewalls refuse some of these forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `>=` as in NetApp's sample.
    AtLeast,
    /// The same, with both of its characters escaped.
    Escaped,
    /// `>`, which NetApp's query grammar has, too.
    MoreThan,
}

impl Operator {
    fn text(self) -> &'static str {
        match self {
            Self::AtLeast => "%3E=",
            Self::Escaped => "%3E%3D",
            Self::MoreThan => "%3E",
        }
    }

    fn fallback(self) -> Option<Self> {
        match self {
            Self::AtLeast => Some(Self::Escaped),
            Self::Escaped => Some(Self::MoreThan),
            Self::MoreThan => None,
        }
    }
}

/// What one client has learned of its server's polls; shared by all its jobs.
#[derive(Debug, Clone)]
pub(super) struct ServerProfile {
    pub(super) fields: Fields,
    pub(super) operator: Operator,
    /// A long poll with this operator was answered since the last one that was refused.
    operator_works: bool,
    /// The `poll_timeout` to ask for; `None` if the server accepts no long poll at all.
    poll_timeout_secs: Option<u32>,
    /// How far it may grow: the option, or less if the server refused that.
    max_poll_timeout_secs: u32,
    held_streak: u32,
    /// Long polls did not get through, though standard polls did: none goes out before this time.
    rests_until: Option<Time>,
    /// When a good credential was last refused.
    doubted_at: Option<Time>,
}

impl ServerProfile {
    pub(super) fn new(configured: PollTimeout) -> Self {
        let seconds = configured.as_secs();
        Self {
            fields: Fields::Full,
            operator: Operator::AtLeast,
            operator_works: false,
            poll_timeout_secs: Some(seconds),
            max_poll_timeout_secs: seconds,
            held_streak: 0,
            rests_until: None,
            doubted_at: None,
        }
    }

    /// The `poll_timeout` to ask for with so much time left; `None` for a standard poll.
    pub(super) fn poll_timeout_secs(&self, now: Time, deadline: Option<Time>) -> Option<u32> {
        let left = deadline.map(|deadline| deadline.since(now).as_secs());
        let left = left.and_then(|left| u32::try_from(left).ok());
        let left = left.unwrap_or(u32::MAX);
        self.poll_timeout_secs
            .filter(|_| self.rests_until.is_none_or(|until| now >= until))
            .map(|seconds| seconds.min(left))
            .filter(|seconds| *seconds >= 1)
    }

    /// A credential that was good is refused. How long until the next poll for that job: one job goes first,
    /// because what it finds is true of all.
    pub(super) fn doubt_pause(&mut self, now: Time) -> Duration {
        if self.doubted_at.is_some_and(|at| now.since(at) < DOUBT) {
            return DOUBT.saturating_mul(2);
        }
        self.doubted_at = Some(now);
        DOUBT
    }

    /// Long polls do not get through, whatever their length: ask for none for a while.
    pub(super) fn rest(&mut self, now: Time) {
        self.rests_until = Some(now + REST);
    }

    /// Something on the way cut off a long poll of so many seconds: ask for half. False at the lowest
    /// value, where halving cannot help.
    pub(super) fn halve(&mut self, cut_off: u32) -> bool {
        self.held_streak = 0;
        let lowest = MIN_POLL_TIMEOUT_SECS.min(self.max_poll_timeout_secs);
        if cut_off <= lowest {
            return false;
        }
        let half = (cut_off / 2).max(lowest);
        self.poll_timeout_secs = self.poll_timeout_secs.map(|seconds| seconds.min(half));
        true
    }

    /// The server accepts standard polls but refused a long one of so many seconds.
    pub(super) fn refuse_long(&mut self, refused: u32) {
        if self.halve(refused) {
            self.max_poll_timeout_secs =
                self.poll_timeout_secs.unwrap_or(self.max_poll_timeout_secs);
        } else {
            self.poll_timeout_secs = None;
        }
    }

    /// A long poll with this operator was answered.
    pub(super) fn accept_operator(&mut self, accepted: Operator) {
        self.operator = accepted;
        self.operator_works = true;
    }

    /// A long poll with this operator got a 403, though a standard poll shows its job: something on the way
    /// refuses the address. One that has worked gets a second chance, since a server that starts refuses
    /// everything for a moment.
    pub(super) fn refuse_operator(&mut self, refused: Operator) {
        if refused != self.operator || std::mem::take(&mut self.operator_works) {
            return;
        }
        match refused.fallback() {
            Some(operator) => self.operator = operator,
            None => self.poll_timeout_secs = None,
        }
    }

    /// A long poll of so many seconds was held and then answered. One that was shorter than it might
    /// have been proves nothing.
    pub(super) fn held(&mut self, seconds: u32) {
        if self
            .poll_timeout_secs
            .is_some_and(|longest| seconds < longest)
        {
            return;
        }
        self.held_streak = self.held_streak.saturating_add(1);
        if self.held_streak >= HELD_BEFORE_GROWTH {
            self.held_streak = 0;
            let max = self.max_poll_timeout_secs;
            self.poll_timeout_secs = self
                .poll_timeout_secs
                .map(|seconds| seconds.saturating_add((seconds / 4).max(1)).min(max));
        }
    }
}
