//! Detects a stalled event loop and a machine that slept: a closed laptop, a suspended VM, a page that the
//! browser froze or kept in its back/forward cache.

use std::time::Duration;

use super::time::Time;

/// A timer this late means that the client read nothing meanwhile: a long task, a debugger, a stopped
/// process.
const STALLED: Duration = Duration::from_secs(1);
/// A timer this late means that the machine slept. A busy event loop or a throttled tab is rarely this late;
/// if it is, the cost is one extra poll.
const SLEPT: Duration = Duration::from_secs(5);
/// The least time between two rounds of polls after wake-ups.
const REPEAT_AFTER: Duration = Duration::from_secs(1);

/// A time in which the client read nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Short: connections still work and may have unread responses.
    Stall,
    /// Long: connections may be dead.
    Sleep,
}

#[derive(Debug)]
pub(super) struct WakeDetector {
    /// When all jobs were last polled after a wake-up.
    last_poll: Option<Time>,
}

impl WakeDetector {
    pub(super) fn new() -> Self {
        Self { last_poll: None }
    }

    /// Detects a gap from how late the first timer is.
    pub(super) fn gap(now: Time, first_timer: Option<Time>) -> Option<Gap> {
        let late = now.since(first_timer?);
        if late >= SLEPT {
            Some(Gap::Sleep)
        } else {
            (late >= STALLED).then_some(Gap::Stall)
        }
    }

    /// Whether to poll all jobs again now. True once for several signs of one wake-up.
    pub(super) fn should_poll_all(&mut self, now: Time) -> bool {
        let is_recent = |last: Time| now.since(last) < REPEAT_AFTER;
        let due = !self.last_poll.is_some_and(is_recent);
        if due {
            self.last_poll = Some(now);
        }
        due
    }
}
