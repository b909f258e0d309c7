//! The timers: what is due when, and for whom.

use super::state::Engine;
use crate::engine::order::{Pair, low_half, pair_up};
use crate::engine::time::Time;

/// At one moment the ends of requests come before the deadlines of those who wait for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// A request gets no answer.
    RequestTimeout,
    /// The queue for slots is looked at again.
    Slots,
    /// The next message to the other tabs is due.
    Heartbeat,
    /// The `auth` function does not answer.
    Credential,
    /// A job's pause is over.
    PollDue,
    /// A waiter's call is sent again.
    Backoff,
    /// A waiter waits no longer.
    Deadline,
}

impl Timer {
    const ALL: [Self; 7] = [
        Self::RequestTimeout,
        Self::Slots,
        Self::Heartbeat,
        Self::Credential,
        Self::PollDue,
        Self::Backoff,
        Self::Deadline,
    ];

    fn at(self, at: Time, whose: u32) -> Pair {
        (at.as_millis(), pair_up(self as u32, whose))
    }
}

impl Engine {
    /// Sets a timer for a request, a job or a waiter, if it has a time.
    pub(super) fn set_timer(&mut self, at: Option<Time>, timer: Timer, whose: u32) {
        if let Some(at) = at {
            self.timers.insert(timer.at(at, whose));
        }
    }

    pub(super) fn unset_timer(&mut self, at: Option<Time>, timer: Timer, whose: u32) {
        if let Some(at) = at {
            self.timers.remove(timer.at(at, whose));
        }
    }

    /// The first timer from here on that is due by now.
    pub(super) fn due_from(&self, from: Pair) -> Option<(Pair, Timer, u32)> {
        let (pair, _) = self.timers.first_from(from)?;
        let kind = usize::try_from(pair.1 >> 32).ok()?;
        let timer = Timer::ALL
            .get(kind)
            .filter(|_| pair.0 <= self.now.as_millis())?;
        Some((pair, *timer, low_half(pair.1)))
    }
}
