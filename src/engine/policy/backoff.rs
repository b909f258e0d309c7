//! How long to wait after a failure.

use std::time::Duration;

use super::deadline::before_deadline;
use super::jitter::Jitter;
use super::retry::RetryPolicy;
use crate::engine::time::{Time, whole_millis};

/// The pause while there is no network. A failure does not count then; but the browser may be wrong
/// about the network, so the request is tried now and then.
const OFFLINE_PAUSE: Duration = Duration::from_secs(15);

/// What the engine lends for the decision whether to retry.
#[derive(Debug)]
pub(crate) struct RetryContext<'a> {
    pub(crate) now: Time,
    /// The nearest deadline of those who wait.
    pub(crate) deadline: Option<Time>,
    pub(crate) policy: &'a RetryPolicy,
    pub(crate) jitter: &'a mut Jitter,
    /// The browser says that there is no network.
    pub(crate) offline: bool,
}

/// Failures in a row of one call or of the polls of one job.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Failures(u32);

impl Failures {
    /// Counts a failure. How long to wait before the next attempt; `None` if this was the last one.
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
    /// How long to wait after so many failures in a row, but never less than the server asked for. Drawn from the
    /// upper half: clients that failed together do not come back together, and the default outlasts a restart
    /// of 20 s however it is drawn.
    pub(crate) fn delay(
        &self,
        failures: u32,
        retry_after: Option<Duration>,
        jitter: &mut Jitter,
    ) -> Duration {
        let most = self.backoff(failures);
        let least = Duration::from_millis(whole_millis(most) / 2);
        let backoff = least.saturating_add(jitter.up_to(most.saturating_sub(least)));
        backoff.max(self.obeyed(retry_after))
    }
}

/// After so many answers in a row that the job is not known, the next one is believed, whatever came before.
pub(crate) const MOST_NOT_FOUND: u32 = 3;

/// How long to wait after so many answers in a row that the job is not known; `None` if this one is
/// believed. A job that was never seen is asked for three times more within three seconds: the 202 that named
/// it may have come before the job was stored. One that was seen is asked for twice more in that time.
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
