//! The clocks and the timer. `src/js/clock.ts` describes their behavior if a library or a test replaced the
//! runtime's own.

use std::cell::Cell;
use std::time::Duration;

use gloo_timers::callback::Timeout;

use crate::engine::Time;

/// A monotonic clock, based on one that may go back.
#[derive(Debug, Default)]
pub(super) struct Clock {
    reading: Cell<f64>,
    elapsed: Cell<f64>,
}

impl Clock {
    /// The monotonic time when the other clock shows this many milliseconds.
    pub(super) fn at(&self, reading: f64) -> Time {
        let step = reading - self.reading.replace(reading);
        if step > 0.0 {
            self.elapsed.set(self.elapsed.get() + step);
        }
        Time::from_millis(whole_millis(self.elapsed.get()))
    }
}

/// A timer; dropping it clears it.
pub(super) fn timer(span: Duration, callback: impl FnOnce() + 'static) -> Timeout {
    // setTimeout takes a signed 32-bit number and fires at once beyond it. After an early timer the engine
    // sets a new one.
    let longest = i32::MAX.unsigned_abs();
    let millis = u32::try_from(span.as_millis()).map_or(longest, |span| span.min(longest));
    Timeout::new(millis, callback)
}

/// The time from now until an HTTP date, by the wall clock; zero if it has passed, `None` if it is not a
/// date.
pub(super) fn until_date(text: &str) -> Option<Duration> {
    // `Date.parse` finds a year in almost any string.
    let text = text.strip_suffix(" GMT").map(|_| text)?;
    let at = js_sys::Date::parse(text);
    let left = at - js_sys::Date::now();
    at.is_finite()
        .then(|| Duration::from_millis(whole_millis(left)))
}

/// A duration in milliseconds.
#[allow(clippy::cast_precision_loss)] // Exact for 285 000 years.
pub(super) fn millis(span: Duration) -> f64 {
    span.as_secs() as f64 * 1_000.0 + f64::from(span.subsec_millis())
}

/// Drops the fraction; negative numbers become zero.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole_millis(millis: f64) -> u64 {
    millis as u64
}
