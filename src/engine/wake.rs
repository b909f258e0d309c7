//! Detects that the event loop stood still, that the machine slept or the network was away: a laptop lid, a suspended VM, a page that the
//! browser froze or kept in its back/forward cache.

use std::time::Duration;

use super::time::Time;

/// A timer this late means that nothing was read in between: a long task, a debugger, a stopped process.
const STALLED: Duration = Duration::from_secs(1);
/// A timer this late means that the machine slept. Busy event loops and throttled tabs stay below, or
/// cause one needless poll.
const SLEPT: Duration = Duration::from_secs(5);
/// Flapping networks and repeatedly late timers cause a round of polls at most this often.
const REPEAT_AFTER: Duration = Duration::from_secs(1);

/// A time in which nothing was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// It was short: the connections are as good as before, and may hold what came in between.
    Stall,
    /// Connections may be dead.
    Sleep,
}

#[derive(Debug)]
pub(super) struct WakeDetector {
    /// When all jobs were last polled again.
    last_look: Option<Time>,
}

impl WakeDetector {
    pub(super) fn new() -> Self {
        Self { last_look: None }
    }

    /// What the first timer that is set shows, if it is late.
    pub(super) fn gap(now: Time, first_timer: Option<Time>) -> Option<Gap> {
        let late = now.since(first_timer?);
        if late >= SLEPT {
            Some(Gap::Sleep)
        } else {
            (late >= STALLED).then_some(Gap::Stall)
        }
    }

    /// Whether to poll all jobs again now. Says so once for several signs of one wake.
    pub(super) fn should_look(&mut self, now: Time) -> bool {
        let is_recent = |last: Time| now.since(last) < REPEAT_AFTER;
        let due = !self.last_look.is_some_and(is_recent);
        if due {
            self.last_look = Some(now);
        }
        due
    }
}
