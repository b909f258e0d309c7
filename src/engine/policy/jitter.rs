//! Random numbers from a seed, so that a history can be replayed.

use std::time::Duration;

use crate::engine::time::whole_millis;

/// The generator SplitMix64.
#[derive(Debug, Clone)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Whole milliseconds from zero to `bound`, both included.
    pub(crate) fn up_to(&mut self, bound: Duration) -> Duration {
        let number = self.next();
        let choices = whole_millis(bound).saturating_add(1);
        Duration::from_millis(number.checked_rem(choices).unwrap_or(number))
    }

    /// The generator's own arithmetic wraps.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
