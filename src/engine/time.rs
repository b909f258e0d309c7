//! Time as the engine sees it: moments in whole milliseconds on a clock that never goes back.

use std::ops::Add;
use std::time::Duration;

/// A moment in whole milliseconds since some fixed start, on a monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Time(u64);

impl Time {
    /// The moment so many milliseconds after the start.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the start.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The moment `span` earlier, at the least the start.
    pub(super) fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(whole_millis(span)))
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    /// The moment `span` later, at the most the last one there is. A part of a millisecond counts as a
    /// whole one, so that nothing happens too early.
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(span)))
    }
}

/// Whole milliseconds, rounded up; at the most [`u64::MAX`].
pub(super) fn whole_millis(span: Duration) -> u64 {
    let part = span.subsec_nanos().div_ceil(1_000_000);
    span.as_secs()
        .saturating_mul(1_000)
        .saturating_add(part.into())
}
