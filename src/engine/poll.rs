//! How a poll is spelled, how long it may be held, and what the server taught us of it.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::protocol::text::decimal;
use crate::engine::protocol::url::{JobId, encode_query_value};
use crate::engine::time::Time;

/// Shrinking goes no lower, in seconds: below it a poll costs the server more than it spares.
const FLOOR: u32 = 5;
/// The client's patience beyond what it asked the server to hold.
const MAX_SLACK: Duration = Duration::from_secs(10);
const MIN_SLACK: Duration = Duration::from_secs(3);
/// A long poll that ended sooner than this was not really held.
const EARLY: Duration = Duration::from_secs(5);
/// Held polls in a row before a shrunken `poll_timeout` is tried larger again.
const HELD_BEFORE_GROWTH: u32 = 8;

/// A poll to be sent, or that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Poll {
    /// Seconds that the server is asked to hold a long poll; `None` for a standard poll.
    pub(super) hold: Option<u32>,
    pub(super) fields: Fields,
    pub(super) cursor: Option<Rc<str>>,
}

impl Poll {
    /// A poll that is answered at once.
    pub(super) fn standard(fields: Fields) -> Self {
        Self {
            hold: None,
            fields,
            cursor: None,
        }
    }

    /// The path and query: NetApp's sample to the letter, with the stamp asked for by name, since
    /// nobody knows whether it comes back unasked. Both long-poll parameters or neither.
    pub(super) fn target(&self, job: &JobId) -> String {
        let mut target = job.path();
        target.push_str(match self.fields {
            Fields::Full => "?fields=state,message,last_modified",
            Fields::Short => "?fields=state,message",
            Fields::None => "",
        });
        if let (Some(hold), Some(cursor)) = (self.hold, &self.cursor) {
            target.push(if self.fields == Fields::None {
                '?'
            } else {
                '&'
            });
            target.push_str("poll_timeout=");
            target.push_str(&decimal(hold));
            target.push_str("&last_modified=%3E=");
            target.push_str(&encode_query_value(cursor));
        }
        target
    }

    pub(super) fn is_long(&self) -> bool {
        self.hold.is_some() && self.cursor.is_some()
    }

    /// When we stop waiting for an answer: a dead socket says nothing.
    pub(super) fn timeout(&self) -> Duration {
        match self.hold {
            Some(seconds) => {
                let held = Duration::from_secs(seconds.into());
                held.saturating_add(held.clamp(MIN_SLACK, MAX_SLACK))
            }
            None => MAX_SLACK,
        }
    }

    /// Whether a time-out after so long may come from something that cuts long polls off.
    pub(super) fn was_held(&self, waited: Duration) -> bool {
        self.is_long() && waited >= EARLY
    }

    /// Whether an answer after so long came before the server had any reason to give one.
    pub(super) fn is_early(&self, waited: Duration) -> bool {
        self.hold.is_some_and(|seconds| {
            let half = Duration::from_millis(500).saturating_mul(seconds);
            waited < half.min(EARLY)
        })
    }
}

/// Which fields a poll names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    /// State, message and stamp.
    Full,
    /// State and message, as NetApp's sample has it.
    Short,
    /// None: the server's own choice.
    None,
}

impl Fields {
    /// The next form to try when a standard poll is refused with this one.
    pub(super) fn fallback(self) -> Option<Self> {
        match self {
            Self::Full => Some(Self::Short),
            Self::Short => Some(Self::None),
            Self::None => None,
        }
    }
}

/// What one client has learned of its server's polls; shared by all its jobs.
#[derive(Debug, Clone)]
pub(super) struct ServerProfile {
    pub(super) fields: Fields,
    /// Seconds to ask for; `None` when the server takes no long poll at all.
    hold: Option<u32>,
    /// As large as `hold` may grow: the option, or less where the server said so.
    ceiling: u32,
    held_in_a_row: u32,
}

impl ServerProfile {
    pub(super) fn new(configured: u32) -> Self {
        Self {
            fields: Fields::Full,
            hold: Some(configured),
            ceiling: configured,
            held_in_a_row: 0,
        }
    }

    /// Seconds to ask for with so much time left; `None` for a standard poll.
    pub(super) fn hold(&self, now: Time, deadline: Option<Time>) -> Option<u32> {
        let left = deadline.map(|deadline| deadline.since(now).as_secs());
        let left = left.and_then(|left| u32::try_from(left).ok());
        let left = left.unwrap_or(u32::MAX);
        self.hold
            .map(|hold| hold.min(left))
            .filter(|hold| *hold >= 1)
    }

    /// Something between us and the server cuts long polls off: ask for half. False at the floor,
    /// where halving cannot be the cure.
    pub(super) fn shrink(&mut self, refused: u32) -> bool {
        self.held_in_a_row = 0;
        let floor = FLOOR.min(self.ceiling);
        if refused <= floor {
            return false;
        }
        let half = (refused / 2).max(floor);
        self.hold = self.hold.map(|hold| hold.min(half));
        true
    }

    /// The server takes standard polls but refused a long one of so many seconds.
    pub(super) fn refuse_long(&mut self, refused: u32) {
        if self.shrink(refused) {
            self.ceiling = self.hold.unwrap_or(self.ceiling);
        } else {
            self.hold = None;
        }
    }

    /// A long poll of so many seconds was answered in good order after being held. One that was shorter
    /// than it might have been proves nothing.
    pub(super) fn held(&mut self, hold: u32) {
        if self.hold.is_some_and(|longest| hold < longest) {
            return;
        }
        self.held_in_a_row = self.held_in_a_row.wrapping_add(1);
        if self.held_in_a_row >= HELD_BEFORE_GROWTH {
            self.held_in_a_row = 0;
            let ceiling = self.ceiling;
            self.hold = self
                .hold
                .map(|hold| hold.wrapping_add((hold / 4).max(1)).min(ceiling));
        }
    }
}
