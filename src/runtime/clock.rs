//! Times and spans as JavaScript has them: in milliseconds, with fractions.

use std::time::Duration;

use crate::engine::Time;

/// A reading of the monotonic clock of `src/js/clock.ts`.
pub(super) fn time(millis: f64) -> Time {
    Time::from_millis(whole_millis(millis))
}

/// A span for a timer. One that is too long for it fires early, and the engine, woken early, asks again.
pub(super) fn timer_span(span: Duration) -> f64 {
    u32::try_from(span.as_millis()).unwrap_or(u32::MAX).into()
}

/// How far from now an HTTP date lies, by the wall clock; zero if it has passed, `None` if it is no date.
pub(super) fn until_date(text: &str) -> Option<Duration> {
    // `Date.parse` would find a year in almost any text.
    let text = text.strip_suffix(" GMT").map(|_| text)?;
    let at = js_sys::Date::parse(text);
    let left = at - js_sys::Date::now();
    at.is_finite()
        .then(|| Duration::from_millis(whole_millis(left)))
}

/// Drops the fraction; less than zero becomes zero.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole_millis(millis: f64) -> u64 {
    millis as u64
}
