//! The clocks and the timer.

use std::time::Duration;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;

use crate::engine::Time;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// The monotonic clock.
pub(super) fn now() -> Time {
    Time::from_millis(whole_millis(performance_now()))
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

/// A timer; dropping it clears it.
pub(super) fn timer(span: Duration, callback: impl FnOnce() + 'static) -> Timeout {
    // setTimeout takes a signed 32-bit number and fires at once beyond it; the engine, woken early,
    // asks again.
    let longest = i32::MAX.unsigned_abs();
    Timeout::new(
        u32::try_from(span.as_millis()).map_or(longest, |span| span.min(longest)),
        callback,
    )
}

/// Drops the fraction; less than zero becomes zero.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole_millis(millis: f64) -> u64 {
    millis as u64
}
