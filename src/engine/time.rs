//! Time in whole milliseconds on a monotonic clock.

use std::ops::Add;
use std::time::Duration;

/// A point in time: whole milliseconds since a fixed start, on a monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Time(u64);

impl Time {
    /// The time this many milliseconds after the start.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the start.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The time since `earlier`; zero if it is later than `self`.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The time `span` earlier, but not before the start.
    pub(super) fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(whole_millis(span)))
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    /// The time `span` later, saturating. Rounds up to whole milliseconds, so that no timer fires early.
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(span)))
    }
}

/// Whole milliseconds, rounded up, saturating at [`u64::MAX`].
pub(super) fn whole_millis(span: Duration) -> u64 {
    let part = span.subsec_nanos().div_ceil(1_000_000);
    span.as_secs()
        .saturating_mul(1_000)
        .saturating_add(part.into())
}
