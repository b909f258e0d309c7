//! Time as the engine sees it: whole milliseconds on a clock that never goes back.

/// A length of time in milliseconds; [`u64::MAX`] stands for "without end".
pub type Millis = u64;

/// A moment, in milliseconds since some fixed start, on a monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Time(pub Millis);

impl Time {
    /// The moment that never comes.
    pub(super) const NEVER: Self = Self(Millis::MAX);

    /// The moment `span` later; an endless span gives a moment that never comes.
    #[must_use]
    #[inline(never)]
    pub fn after(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span))
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    #[must_use]
    #[inline(never)]
    pub fn since(self, earlier: Self) -> Millis {
        self.0.saturating_sub(earlier.0)
    }

    /// Whether this moment never comes.
    #[must_use]
    pub fn is_never(self) -> bool {
        self.0 == Millis::MAX
    }
}
