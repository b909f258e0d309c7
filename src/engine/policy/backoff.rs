//! How long to wait after a failure.

use std::time::Duration;

use super::deadline::before_deadline;
use super::jitter::Jitter;
use super::retry::RetryPolicy;
use crate::engine::time::{Time, whole_millis};

/// The pause while the browser reports that it is offline. Failures do not count then. The browser may be
/// wrong, so the client still tries from time to time.
const OFFLINE_PAUSE: Duration = Duration::from_secs(15);

/// What the engine passes for the decision whether to retry.
#[derive(Debug)]
pub(crate) struct RetryContext<'a> {
    pub(crate) now: Time,
    /// The earliest deadline of the waiters.
    pub(crate) deadline: Option<Time>,
    pub(crate) policy: &'a RetryPolicy,
    pub(crate) jitter: &'a mut Jitter,
    /// Whether the browser reports that it is offline.
    pub(crate) offline: bool,
}

/// Failures in a row of one call or of the polls of one job.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Failures(u32);

impl Failures {
    /// Counts a failure. Returns the pause before the next attempt; `None` if this was the last one.
    pub(crate) fn count(
        &mut self,
        retry_after: Option<Duration>,
        context: &mut RetryContext<'_>,
    ) -> Option<Duration> {
        let delay = if context.offline && !context.policy.is_never() {
            OFFLINE_PAUSE
        } else {
            self.0 = self.0.saturating_add(1);
            if context.policy.is_last(self.0) {
                return None;
            }
            context.policy.delay(self.0, retry_after, context.jitter)
        };
        Some(before_deadline(delay, context.now, context.deadline))
    }

    pub(crate) fn get(self) -> u32 {
        self.0
    }
}

impl RetryPolicy {
    /// The pause after this many failures in a row, at least as long as `Retry-After`. Jitter draws it from the
    /// upper half of the backoff, so that clients do not return together and the default always outlasts a
    /// restart of 20 s.
    pub(crate) fn delay(
        &self,
        failures: u32,
        retry_after: Option<Duration>,
        jitter: &mut Jitter,
    ) -> Duration {
        let most = self.backoff(failures);
        let least = Duration::from_millis(whole_millis(most) / 2);
        let backoff = least.saturating_add(jitter.up_to(most.saturating_sub(least)));
        backoff.max(self.capped(retry_after))
    }
}

/// After this many "not found" responses in a row, the next one is final.
pub(crate) const MAX_NOT_FOUND: u32 = 3;

/// The pause after this many "not found" responses in a row; `None` if this one is final. A job that was never
/// seen is polled three more times within three seconds, because the 202 may arrive before the job is stored.
/// A job that was seen is polled two more times in that time.
pub(crate) fn not_found_delay(attempts: u32, seen: bool) -> Option<Duration> {
    let millis = match (attempts, seen) {
        (1, false) => 500,
        (1, true) | (2, false) => 1_000,
        (3, false) => 1_500,
        (2, true) => 2_000,
        _ => return None,
    };
    Some(Duration::from_millis(millis))
}
