//! A poll's URL and `poll_timeout`, and what the client has learned about the server.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::protocol::option::PollTimeout;
use crate::engine::protocol::url::{JobId, encode_query_value, push_escape};
use crate::engine::time::Time;

/// A proxy's timeout never lowers `poll_timeout` below this, because shorter polls cost the server more than
/// they save.
const MIN_POLL_TIMEOUT_SECS: u32 = 5;
/// How long the client waits for a response after `poll_timeout` has passed.
const MAX_SLACK: Duration = Duration::from_secs(15);
const MIN_SLACK: Duration = Duration::from_secs(3);
/// The shortest limit of a standard poll, and its limit if requests have none.
const MIN_STANDARD: Duration = Duration::from_secs(10);
const MAX_STANDARD: Duration = Duration::from_secs(300);
/// A long poll that ended sooner than this was not held.
const EARLY: Duration = Duration::from_secs(5);
/// Bytes of a usual query of a long poll.
const QUERY_LENGTH: usize = 112;
/// How long the client sends no long polls if a proxy lets none through.
const LONG_POLL_PAUSE: Duration = Duration::from_secs(60);
/// The pause before the one retry after a 401 or 403 on a job that was visible before.
pub(super) const AUTH_RETRY_DELAY: Duration = Duration::from_secs(3);
/// After this many held polls in a row, a reduced `poll_timeout` grows again.
const HELD_BEFORE_GROWTH: u32 = 8;

/// A poll to send, or one that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Poll {
    /// The `poll_timeout` of a long poll; `None` for a standard poll.
    pub(super) poll_timeout_secs: Option<u32>,
    pub(super) fields: Fields,
    pub(super) cursor: Option<Rc<str>>,
    pub(super) operator: Operator,
    /// How `fields` is encoded; see [`Fields::encoded`].
    pub(super) variant: u32,
}

impl Poll {
    /// A poll that the server answers at once.
    pub(super) fn standard(fields: Fields) -> Self {
        Self {
            poll_timeout_secs: None,
            fields,
            cursor: None,
            operator: Operator::AtLeast,
            variant: 0,
        }
    }

    /// The path and query, exactly as in NetApp's sample, plus `last_modified` in `fields`, because it is
    /// unknown whether the server sends it by default. A poll has both long-poll parameters or neither.
    pub(super) fn target(&self, job: &JobId) -> String {
        let mut target = job.path();
        // One allocation in place of several while the query grows.
        target.reserve(QUERY_LENGTH);
        let mut separator = '?';
        if self.fields != Fields::None {
            target.push_str("?fields=");
            target.push_str(&self.fields.encoded(self.variant));
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

    /// The `poll_timeout` in seconds; zero for a standard poll.
    pub(super) fn held_secs(&self) -> u32 {
        self.poll_timeout_secs.unwrap_or(0)
    }

    /// How long the client waits for the response. Nothing else detects a dead socket.
    pub(super) fn timeout(&self, request_timeout: Option<Duration>) -> Duration {
        match self.poll_timeout_secs {
            Some(seconds) => {
                let held = Duration::from_secs(seconds.into());
                held.saturating_add(held.clamp(MIN_SLACK, MAX_SLACK))
            }
            None => request_timeout.unwrap_or(MAX_STANDARD).max(MIN_STANDARD),
        }
    }

    /// Whether a timeout after this time may come from a proxy that limits requests.
    pub(super) fn was_held(&self, waited: Duration) -> bool {
        self.is_long() && waited >= EARLY
    }

    /// Whether a response after this time is too early for a server that holds polls.
    pub(super) fn is_early(&self, waited: Duration) -> bool {
        self.poll_timeout_secs.is_some_and(|seconds| {
            let half = Duration::from_millis(500).saturating_mul(seconds);
            waited < half.min(EARLY)
        })
    }
}

/// The fields that a poll requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    /// State, message and cursor.
    Full,
    /// State and message, as in NetApp's sample.
    Short,
    /// None; the server decides.
    None,
}

impl Fields {
    /// The names as a list. Each `variant` escapes other letters: a server reads the same names, but a cache
    /// that compares URLs does not return an old response.
    pub(super) fn encoded(self, mut variant: u32) -> String {
        let names = match self {
            Self::Full => "state,message,last_modified",
            Self::Short => "state,message",
            Self::None => "",
        };
        let mut text = String::with_capacity(names.len());
        for byte in names.bytes() {
            if byte == b',' {
                text.push(',');
                continue;
            }
            if variant & 1 == 0 {
                text.push(byte.into());
            } else {
                push_escape(&mut text, byte);
            }
            variant >>= 1;
        }
        text
    }

    /// The form to try after the server refused a standard poll with this one.
    pub(super) fn fallback(self) -> Option<Self> {
        match self {
            Self::Full => Some(Self::Short),
            Self::Short => Some(Self::None),
            Self::None => None,
        }
    }
}

/// How a long poll says "more recent than the cursor". Some firewalls refuse some of these forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `>=` as in NetApp's sample.
    AtLeast,
    /// `>=` with both characters escaped.
    Escaped,
    /// `>`, which NetApp's query grammar also allows.
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

/// What a client has learned about its server. All its jobs share it.
#[derive(Debug, Clone)]
pub(super) struct ServerProfile {
    pub(super) fields: Fields,
    pub(super) operator: Operator,
    /// Whether a long poll with this operator has succeeded since the last refused one.
    operator_works: bool,
    /// The current `poll_timeout`; `None` if the server accepts no long polls.
    poll_timeout_secs: Option<u32>,
    /// The upper limit: the option, or less if the server refused that.
    max_poll_timeout_secs: u32,
    held_streak: u32,
    /// Long polls failed although standard polls worked. The client sends none before this time.
    long_polls_paused_until: Option<Time>,
    /// When the server last refused a credential that had worked.
    auth_failed_at: Option<Time>,
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
            long_polls_paused_until: None,
            auth_failed_at: None,
        }
    }

    /// The `poll_timeout` for a poll with this deadline; `None` for a standard poll.
    pub(super) fn poll_timeout_secs(&self, now: Time, deadline: Option<Time>) -> Option<u32> {
        let left = deadline.map(|deadline| deadline.since(now).as_secs());
        let left = left.and_then(|left| u32::try_from(left).ok());
        let left = left.unwrap_or(u32::MAX);
        self.poll_timeout_secs
            .filter(|_| {
                self.long_polls_paused_until
                    .is_none_or(|until| now >= until)
            })
            .map(|seconds| seconds.min(left))
            .filter(|seconds| *seconds >= 1)
    }

    /// The pause before the retry of a job whose credential worked before and is now refused. One job
    /// retries first; its result applies to all.
    pub(super) fn auth_retry_delay(&mut self, now: Time) -> Duration {
        if self
            .auth_failed_at
            .is_some_and(|at| now.since(at) < AUTH_RETRY_DELAY)
        {
            return AUTH_RETRY_DELAY.saturating_mul(2);
        }
        self.auth_failed_at = Some(now);
        AUTH_RETRY_DELAY
    }

    /// Stops long polls for a while, because none gets through, whatever its length.
    pub(super) fn pause_long_polls(&mut self, now: Time) {
        self.long_polls_paused_until = Some(now + LONG_POLL_PAUSE);
    }

    /// Halves `poll_timeout` after something cut off a long poll of this many seconds. False at the lowest
    /// value.
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

    /// The server accepts standard polls but refused a long poll of this many seconds.
    pub(super) fn refuse_long(&mut self, refused: u32) {
        if self.halve(refused) {
            self.max_poll_timeout_secs =
                self.poll_timeout_secs.unwrap_or(self.max_poll_timeout_secs);
        } else {
            self.poll_timeout_secs = None;
        }
    }

    /// A long poll with this operator succeeded.
    pub(super) fn accept_operator(&mut self, accepted: Operator) {
        self.operator = accepted;
        self.operator_works = true;
    }

    /// A long poll with this operator got a 403, but a standard poll of the job works, so a firewall may
    /// refuse the URL. An operator that has worked gets a second chance, because a starting server refuses
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

    /// The server held a long poll of this many seconds. A poll shorter than the current `poll_timeout`
    /// proves nothing.
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
