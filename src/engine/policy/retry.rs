//! The user's options for retries.

use std::num::NonZeroU32;
use std::time::Duration;

/// How failed polls and GETs are retried.
///
/// ```
/// use std::num::NonZeroU32;
/// use ontap_select_deploy::engine::RetryPolicy;
/// let patient = RetryPolicy::default().with_max_attempts(NonZeroU32::new(30).unwrap());
/// assert_ne!(patient, RetryPolicy::never());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: NonZeroU32,
    initial_delay: Duration,
    max_delay: Duration,
    max_retry_after: Duration,
}

/// Without a pause the client would flood a failing server.
const MIN_DELAY: Duration = Duration::from_millis(1);

/// Eight attempts, 0.5 s doubling to 15 s between them, and `Retry-After` up to a minute.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: NonZeroU32::MIN.saturating_add(7),
            initial_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(15),
            max_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// Never retries.
    #[must_use]
    pub fn never() -> Self {
        Self::default().with_max_attempts(NonZeroU32::MIN)
    }

    /// The failures in a row after which a request fails. With 1 there are no retries. Default: 8.
    #[must_use]
    pub fn with_max_attempts(self, max_attempts: NonZeroU32) -> Self {
        Self {
            max_attempts,
            ..self
        }
    }

    /// The upper bound of the first backoff, which doubles with each failure. The minimum is 1 ms. Default:
    /// 500 ms.
    #[must_use]
    pub fn with_initial_delay(self, delay: Duration) -> Self {
        Self {
            initial_delay: delay.max(MIN_DELAY),
            ..self
        }
    }

    /// The upper bound of every backoff. The minimum is 1 ms. Default: 15 s.
    #[must_use]
    pub fn with_max_delay(self, delay: Duration) -> Self {
        Self {
            max_delay: delay.max(MIN_DELAY),
            ..self
        }
    }

    /// The longest `Retry-After` that the client waits; longer ones are cut to this. Default: 60 s.
    #[must_use]
    pub fn with_max_retry_after(self, limit: Duration) -> Self {
        Self {
            max_retry_after: limit,
            ..self
        }
    }

    /// See [`with_max_attempts`](Self::with_max_attempts).
    #[must_use]
    pub fn max_attempts(&self) -> NonZeroU32 {
        self.max_attempts
    }

    /// See [`with_initial_delay`](Self::with_initial_delay).
    #[must_use]
    pub fn initial_delay(&self) -> Duration {
        self.initial_delay
    }

    /// See [`with_max_delay`](Self::with_max_delay).
    #[must_use]
    pub fn max_delay(&self) -> Duration {
        self.max_delay
    }

    /// See [`with_max_retry_after`](Self::with_max_retry_after).
    #[must_use]
    pub fn max_retry_after(&self) -> Duration {
        self.max_retry_after
    }

    /// Whether the first failure is final.
    pub(crate) fn is_never(&self) -> bool {
        self.is_last(1)
    }

    /// Whether the client gives up after this many failures in a row.
    pub(crate) fn is_last(&self, failures: u32) -> bool {
        failures >= self.max_attempts.get()
    }

    /// The upper bound of the backoff after this many failures in a row.
    pub(crate) fn backoff(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        self.initial_delay
            .saturating_mul(1 << doublings)
            .min(self.max_delay)
    }

    /// The `Retry-After`, cut to its limit.
    pub(crate) fn capped(&self, retry_after: Option<Duration>) -> Duration {
        retry_after.unwrap_or_default().min(self.max_retry_after)
    }
}
