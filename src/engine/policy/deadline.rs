//! Keeps time for one more poll before a deadline.

use std::time::Duration;

use crate::engine::time::Time;

/// The time reserved before a deadline for one more poll.
pub(crate) const LAST_POLL_MARGIN: Duration = Duration::from_secs(1);

/// Shortens a pause that would outlast the deadline, so that one more poll fits before it.
pub(crate) fn before_deadline(delay: Duration, now: Time, deadline: Option<Time>) -> Duration {
    let Some(left) = deadline.map(|deadline| deadline.since(now)) else {
        return delay;
    };
    // Close to the deadline, shorter pauses would only cause a burst of polls.
    if delay < left || left <= LAST_POLL_MARGIN.saturating_mul(2) {
        delay
    } else {
        left.saturating_sub(LAST_POLL_MARGIN)
    }
}

/// Whether a poll now is the last one before the deadline, too late for a long poll.
pub(crate) fn is_last_poll(now: Time, deadline: Option<Time>) -> bool {
    deadline.is_some_and(|deadline| {
        let left = deadline.since(now);
        left > Duration::ZERO && left < LAST_POLL_MARGIN
    })
}
