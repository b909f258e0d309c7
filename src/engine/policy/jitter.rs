//! Random numbers from a seed, so that tests can replay a history.

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

    /// SplitMix64 uses wrapping arithmetic.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::Jitter;

    /// The first numbers of the seed 1234567 in other implementations.
    #[test]
    fn numbers_match_splitmix64() {
        let mut jitter = Jitter::new(1_234_567);
        for number in [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ] {
            assert_eq!(jitter.next(), number);
        }
    }
}
