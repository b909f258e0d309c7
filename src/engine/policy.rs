//! Retries, backoff, jitter, `Retry-After`, and the pauses that keep a poll loop from spinning.

use std::time::Duration;

use crate::engine::order::low_half;
use crate::engine::protocol::text::{number, trimmed};
use crate::engine::time::whole_millis;

/// How failed polls and GETs are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Failures in a row after which the last one is told; 1 means that the first one is.
    pub max_attempts: u32,
    /// The first backoff's upper bound; it doubles with each failure.
    pub initial_delay: Duration,
    /// The upper bound of any backoff.
    pub max_delay: Duration,
    /// The longest `Retry-After` that is obeyed in full.
    pub max_retry_after: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max_attempts: 8,
            initial_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(15),
            max_retry_after: Duration::from_secs(60),
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
        retry_after: Option<Duration>,
        jitter: &mut Jitter,
    ) -> Duration {
        let mut bound = self.initial_delay;
        for _ in 1..failures.min(33) {
            bound = bound.saturating_add(bound);
        }
        let bound = bound.min(self.max_delay);
        let asked = retry_after.unwrap_or_default().min(self.max_retry_after);
        jitter.up_to(bound).max(asked)
    }
}

/// A small deterministic generator (SplitMix64): its seed is an input, so a history can be replayed.
#[derive(Debug, Clone)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Whole milliseconds from zero to `bound`, both included.
    pub(super) fn up_to(&mut self, bound: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let choices = whole_millis(bound).saturating_add(1);
        Duration::from_millis(mixed.checked_rem(choices).unwrap_or(mixed))
    }
}

/// Whether a status says that the same GET may well be answered later.
pub(super) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// Pauses between answers that came early and brought nothing: 1 s, doubling, at most 15 s, from the
/// second such answer in a row on. Nobody knows whether `>=` is inclusive on a given server; if it
/// is, an unchanged job answers at once, and only this keeps the loop from spinning.
pub(super) fn hot_loop_pause(streak: u32) -> Option<Duration> {
    let doublings = streak.checked_sub(2)?.min(4);
    Some(Duration::from_secs((1 << doublings).min(15)))
}

/// The interval between polls of a job that has no cursor: 1 s, doubling, at most 5 s.
pub(super) fn interval(interval_streak: u32) -> Duration {
    Duration::from_secs((1 << interval_streak.min(3)).min(5))
}

/// The wait before asking again for a job that was never seen: the 202 that named it may have outrun
/// the job store. Three tries within three seconds.
pub(super) fn unseen_delay(tries: u32) -> Option<Duration> {
    match tries {
        1 => Some(Duration::from_millis(500)),
        2 => Some(Duration::from_millis(1_000)),
        3 => Some(Duration::from_millis(1_500)),
        _ => None,
    }
}

/// Reads a `Retry-After`: seconds, or an HTTP date to be compared with the caller's wall clock.
pub(super) fn retry_after(value: &str, wall_clock: u64) -> Option<Duration> {
    let value = trimmed(value);
    match number(value.as_bytes()) {
        Some(seconds) => Some(Duration::from_secs(seconds)),
        None => http_date(value).map(|at| Duration::from_millis(at.saturating_sub(wall_clock))),
    }
}

/// Reads an HTTP date in its preferred form (`Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 §5.6.7) as
/// milliseconds since 1970; `None` for anything else.
#[must_use]
pub fn http_date(text: &str) -> Option<u64> {
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
    let seconds = u64::from(minutes)
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
