//! The limits of every option, checked when it is given.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::engine::policy::Retry;
use crate::engine::protocol::text::joined;

/// An option that cannot be used; the message names it and says what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionError {
    /// Whether the value is of a wrong type, rather than out of range.
    pub wrong_type: bool,
    /// What JavaScript shows.
    pub message: String,
}

impl OptionError {
    /// A value of a type that the option does not take.
    #[must_use]
    pub fn wrong_type(name: &str, expected: &str) -> Self {
        Self {
            wrong_type: true,
            message: joined(&[name, ": expected ", expected]),
        }
    }

    /// A value of the right type that the option does not take.
    #[must_use]
    pub fn out_of_range(name: &str, expected: &str) -> Self {
        Self {
            wrong_type: false,
            ..Self::wrong_type(name, expected)
        }
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for OptionError {}

/// Where the `Authorization` header comes from; the value itself never enters the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Nowhere, or a value that stays the same: a 401 is final.
    Fixed,
    /// A function of the user's, which is asked once more when a 401 comes.
    Asked,
}

/// All that the engine is told of a client's options.
#[derive(Debug, Clone)]
pub struct Config {
    /// The base address, which tokens are bound to.
    pub base: String,
    /// Whether one tab polls for all that have the same base and principal.
    pub shared: bool,
    /// Whether somebody listens to reports.
    pub trace: bool,
    /// Whether a refused credential can be asked for again.
    pub auth: Auth,
    /// The longest a request that is not a poll may take, if there is a limit.
    pub request_timeout: Option<Duration>,
    /// What a long poll asks for at the most, in whole seconds from 1 to 120.
    pub poll_timeout: u32,
    /// How failed polls and GETs are tried again.
    pub retry: Retry,
    /// How many polls may be open at once, single ones aside.
    pub max_open_polls: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base: String::new(),
            shared: false,
            trace: false,
            auth: Auth::Fixed,
            request_timeout: Some(Duration::from_secs(30)),
            poll_timeout: 30,
            retry: Retry::default(),
            max_open_polls: 32,
        }
    }
}

/// Checks a duration in milliseconds. Fractions are rounded up; `Infinity` means no limit, `None`.
///
/// # Errors
/// Zero, a negative number or NaN.
pub fn duration(name: &str, value: f64) -> Result<Option<Duration>, OptionError> {
    if value > 0.0 {
        let is_limit = value.is_finite();
        Ok(is_limit.then(|| Duration::from_millis(saturating_whole(value.ceil()))))
    } else {
        Err(OptionError::out_of_range(
            name,
            "more than 0 milliseconds, or Infinity for none",
        ))
    }
}

/// Checks `pollTimeout` in milliseconds and cuts it down to whole seconds.
///
/// # Errors
/// Anything outside of 1 000 to 120 000, the limits that NetApp documents for `poll_timeout`.
pub fn poll_timeout(name: &str, value: f64) -> Result<u32, OptionError> {
    let seconds = u32::try_from(saturating_whole(value) / 1_000).ok();
    seconds
        .filter(|_| (1_000.0..=120_000.0).contains(&value))
        .ok_or_else(|| OptionError::out_of_range(name, "1000 to 120000 milliseconds"))
}

/// Checks a whole number that is at least 1.
///
/// # Errors
/// Zero, a negative number, a fraction, NaN or Infinity.
pub fn whole_number(name: &str, value: f64) -> Result<u32, OptionError> {
    let whole = value >= 1.0 && value <= f64::from(u32::MAX) && value.fract() == 0.0;
    whole
        .then(|| u32::try_from(saturating_whole(value)).ok())
        .flatten()
        .ok_or_else(|| OptionError::out_of_range(name, "a whole number of at least 1"))
}

/// The cast saturates at both ends, and NaN becomes zero.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn saturating_whole(value: f64) -> u64 {
    value as u64
}
