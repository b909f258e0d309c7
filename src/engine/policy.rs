//! Retries, backoff, jitter, `Retry-After`, and the pauses that keep a poll loop from spinning.

use crate::engine::order::low_half;
use crate::engine::protocol::text::{number, trimmed};
use crate::engine::time::Millis;

/// How failed polls and GETs are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Failures in a row after which the last one is told; 1 means that the first one is.
    pub max_attempts: u32,
    /// The first backoff's upper bound, in milliseconds; it doubles with each failure.
    pub initial_delay: Millis,
    /// The upper bound of any backoff, in milliseconds.
    pub max_delay: Millis,
    /// The longest `Retry-After` that is obeyed in full, in milliseconds.
    pub max_retry_after: Millis,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max_attempts: 8,
            initial_delay: 500,
            max_delay: 15_000,
            max_retry_after: 60_000,
        }
    }
}

impl Retry {
    /// No second try.
    #[must_use]
    pub fn never() -> Self {
        Self {
            max_attempts: 1,
            ..Self::default()
        }
    }

    /// Whether the first failure is told.
    pub(super) fn is_never(&self) -> bool {
        self.max_attempts <= 1
    }

    /// How long to wait after so many failures in a row: full jitter, so that clients which failed
    /// together do not come back together, but never sooner than the server asked.
    pub(super) fn delay(
        &self,
        failures: u32,
        retry_after: Option<Millis>,
        jitter: &mut Jitter,
    ) -> Millis {
        let mut bound = self.initial_delay;
        for _ in 1..failures.min(33) {
            bound = bound.saturating_add(bound);
        }
        let bound = bound.min(self.max_delay);
        let asked = retry_after.unwrap_or(0).min(self.max_retry_after);
        jitter.below(bound).max(asked)
    }
}

/// A small deterministic generator (SplitMix64): its seed is an input, so a history can be replayed.
#[derive(Debug, Clone)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to `bound`, both included.
    pub(super) fn below(&mut self, bound: Millis) -> Millis {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        mixed.checked_rem(bound.saturating_add(1)).unwrap_or(mixed)
    }
}

/// Whether a status says that the same GET may well be answered later.
pub(super) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// Pauses between answers that came early and brought nothing: 1 s, doubling, at most 15 s, from the
/// second such answer in a row on. Nobody knows whether `>=` is inclusive on a given server; if it
/// is, an unchanged job answers at once, and only this keeps the loop from spinning.
pub(super) fn hot_loop_pause(streak: u32) -> Option<Millis> {
    let doublings = streak.checked_sub(2)?.min(4);
    Some((1_000 << doublings).min(15_000))
}

/// The interval between polls of a job that has no cursor: 1 s, doubling, at most 5 s.
pub(super) fn interval(interval_streak: u32) -> Millis {
    (1_000 << interval_streak.min(3)).min(5_000)
}

/// The wait before asking again for a job that was never seen: the 202 that named it may have outrun
/// the job store. Three tries within three seconds.
pub(super) fn unseen_delay(tries: u32) -> Option<Millis> {
    match tries {
        1 => Some(500),
        2 => Some(1_000),
        3 => Some(1_500),
        _ => None,
    }
}

/// Reads a `Retry-After`: seconds, or an HTTP date to be compared with the caller's wall clock.
pub(super) fn retry_after(value: &str, wall_clock: Millis) -> Option<Millis> {
    let value = trimmed(value);
    match number(value.as_bytes()) {
        // Too large a number is as good as for ever; the policy cuts it down.
        Some(seconds) if seconds > Millis::MAX / 1_000 => Some(Millis::MAX),
        Some(seconds) => Some(seconds.wrapping_mul(1_000)),
        None => http_date(value).map(|at| at.saturating_sub(wall_clock)),
    }
}

/// Reads an HTTP date in its preferred form (`Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 §5.6.7) as
/// milliseconds since 1970; `None` for anything else.
#[must_use]
pub fn http_date(text: &str) -> Option<Millis> {
    let bytes = text.as_bytes();
    let separated = [7, 11, 16, 19, 22, 25]
        .iter()
        .all(|at| matches!(bytes.get(*at), Some(b' ' | b':')));
    if !separated || bytes.get(3..5)? != b", " || bytes.get(26..)? != b"GMT" {
        return None;
    }
    let name = bytes.get(8..11)?;
    let month = MONTHS.chunks_exact(3).position(|month| month == name)?;
    let (day, year, hour) = (
        digits(bytes, 5, 7),
        digits(bytes, 12, 16),
        digits(bytes, 17, 19),
    );
    let (minute, second) = (digits(bytes, 20, 22), digits(bytes, 23, 25));
    let is_date = (1970..=9999).contains(&year) && (1..=31).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days since 1970, counting years from March so that the leap day comes last. The numbers have at
    // most four digits, so that nothing wraps.
    let month = u32::try_from(month).ok()?;
    let (year, month) = if month < 2 {
        (year.wrapping_sub(1), month.wrapping_add(10))
    } else {
        (year, month.wrapping_sub(2))
    };
    let days = year
        .wrapping_mul(365)
        .wrapping_add(year / 4)
        .wrapping_sub(year / 100)
        .wrapping_add(year / 400)
        .wrapping_add(month.wrapping_mul(153).wrapping_add(2) / 5)
        .wrapping_add(day)
        .wrapping_sub(719_469);
    let minutes = days
        .wrapping_mul(24)
        .wrapping_add(hour)
        .wrapping_mul(60)
        .wrapping_add(minute);
    let seconds = Millis::from(minutes)
        .wrapping_mul(60)
        .wrapping_add(second.into());
    Some(seconds.wrapping_mul(1_000))
}

/// The number that stands there; what is no number is larger than any that fits there.
#[inline(never)]
fn digits(bytes: &[u8], from: usize, to: usize) -> u32 {
    let number = bytes.get(from..to).and_then(number);
    number.map_or(u32::MAX, low_half)
}

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
