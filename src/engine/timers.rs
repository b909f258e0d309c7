//! All timers, in the order in which they are due.

use super::ids::{ExchangeId, JobKey, WaiterId};
use super::ordered::OrderedSet;
use super::time::Time;

/// Timers due at the same time fire in this order, so that a request times out before its waiter's deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A request got no response in time.
    RequestTimeout(ExchangeId),
    /// A slot may be free.
    Slots,
    /// The next message to the other tabs is due.
    Heartbeat,
    /// The `auth` function took too long.
    Credential,
    /// A job's pause ends.
    PollDue(JobKey),
    /// A waiter's call is due again.
    CallRetry(WaiterId),
    /// A waiter's deadline.
    Deadline(WaiterId),
}

#[derive(Debug)]
pub(super) struct Timers {
    due: OrderedSet<(Time, Timer)>,
}

impl Timers {
    pub(super) fn new() -> Self {
        Self {
            due: OrderedSet::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.due.len()
    }

    /// When the first timer is due.
    pub(super) fn next(&self) -> Option<Time> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Sets a timer if `at` is a time.
    pub(super) fn set(&mut self, at: Option<Time>, timer: Timer) {
        if let Some(at) = at {
            self.due.insert((at, timer));
        }
    }

    /// Clears a timer that was set for this time.
    pub(super) fn clear(&mut self, at: Option<Time>, timer: Timer) {
        if let Some(at) = at {
            self.due.remove(&(at, timer));
        }
    }

    /// Moves a timer from one time to another.
    pub(super) fn reset(&mut self, from: Option<Time>, to: Option<Time>, timer: Timer) {
        self.clear(from, timer);
        self.set(to, timer);
    }

    /// Takes the first timer that is due at `now`.
    pub(super) fn pop_due(&mut self, now: Time) -> Option<Timer> {
        self.next().filter(|at| *at <= now)?;
        self.due.pop_first().map(|(_, timer)| timer)
    }

    /// The timers due at `now`, without removing them.
    pub(super) fn all_due(&self, now: Time) -> Vec<Timer> {
        let due = self.due.iter().take_while(|(at, _)| *at <= now);
        due.map(|(_, timer)| *timer).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Timer, Timers};
    use crate::engine::time::Time;

    #[test]
    fn request_times_out_before_its_waiters_deadline() {
        let mut timers = Timers::new();
        let now = Time::from_millis(5);
        let (exchange, waiter) = (7.try_into().unwrap(), 3.try_into().unwrap());
        timers.set(Some(now), Timer::Deadline(waiter));
        timers.set(Some(now), Timer::Slots);
        timers.set(Some(now), Timer::RequestTimeout(exchange));
        timers.set(None, Timer::Credential);
        assert_eq!(timers.len(), 3);
        assert_eq!(timers.pop_due(Time::from_millis(4)), None);
        let fired: Vec<Timer> = std::iter::from_fn(|| timers.pop_due(now)).collect();
        assert_eq!(
            fired,
            [
                Timer::RequestTimeout(exchange),
                Timer::Slots,
                Timer::Deadline(waiter)
            ]
        );
    }

    #[test]
    fn moved_timer_fires_once() {
        let mut timers = Timers::new();
        let [early, late] = [1, 2].map(|millis| Some(Time::from_millis(millis)));
        timers.set(early, Timer::Heartbeat);
        timers.reset(early, late, Timer::Heartbeat);
        assert_eq!(timers.next(), late);
        assert_eq!(timers.all_due(Time::from_millis(2)), [Timer::Heartbeat]);
        timers.clear(late, Timer::Heartbeat);
        assert_eq!(timers.next(), None);
    }
}
