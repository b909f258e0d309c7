//! The limits of options, and the errors for values outside them.
//!
//! Each check takes the option's name as the caller writes it: `requestTimeout` in JavaScript,
//! `request_timeout` in Rust.

use std::fmt;
use std::num::{NonZeroU8, NonZeroU32};
use std::time::Duration;

/// An invalid option. The message names it and says what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OptionError {
    /// Whether the value has the wrong type; otherwise it is out of range.
    pub wrong_type: bool,
    /// The option's name, and what was expected.
    pub message: String,
}

impl OptionError {
    /// A value of the wrong type.
    #[must_use]
    pub fn wrong_type(name: &str, expected: &str) -> Self {
        Self {
            wrong_type: true,
            message: format!("{name}: expected {expected}"),
        }
    }

    /// A value of the right type that is out of range.
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

impl std::error::Error for OptionError {}

/// How long the server may hold a long poll: 1 to 120 whole seconds, NetApp's documented limits for
/// `poll_timeout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PollTimeout(NonZeroU8);

impl PollTimeout {
    const MAX_SECONDS: u8 = 120;

    /// A timeout in seconds; `None` outside of 1 to 120.
    #[must_use]
    pub fn from_secs(seconds: u8) -> Option<Self> {
        let seconds = NonZeroU8::new(seconds)?;
        (seconds.get() <= Self::MAX_SECONDS).then_some(Self(seconds))
    }

    /// A timeout in milliseconds, rounded down to whole seconds.
    ///
    /// # Errors
    /// A value outside of 1 000 to 120 000. `name` is the option's name.
    pub fn from_millis(name: &str, millis: f64) -> Result<Self, OptionError> {
        u8::try_from(saturating_whole(millis) / 1_000)
            .ok()
            .filter(|_| (1_000.0..=120_000.0).contains(&millis))
            .and_then(Self::from_secs)
            .ok_or_else(|| OptionError::out_of_range(name, "1000 to 120000 milliseconds"))
    }

    /// The timeout in seconds.
    #[must_use]
    pub fn as_secs(self) -> u32 {
        self.0.get().into()
    }
}

/// 30 seconds.
impl Default for PollTimeout {
    fn default() -> Self {
        Self(NonZeroU8::MIN.saturating_add(29))
    }
}

/// Checks a duration in milliseconds. Fractions are rounded up; `Infinity` means no limit, `None`.
///
/// # Errors
/// Zero, a negative number or NaN. `name` is the option's name.
pub fn duration(name: &str, millis: f64) -> Result<Option<Duration>, OptionError> {
    if millis > 0.0 {
        let is_limit = millis.is_finite();
        Ok(is_limit.then(|| Duration::from_millis(saturating_whole(millis.ceil()))))
    } else {
        Err(OptionError::out_of_range(
            name,
            "more than 0 milliseconds, or Infinity for no limit",
        ))
    }
}

/// Checks a whole number of at least 1.
///
/// # Errors
/// Zero, a negative number, a fraction, NaN or Infinity. `name` is the option's name.
pub fn whole_number(name: &str, value: f64) -> Result<NonZeroU32, OptionError> {
    u32::try_from(saturating_whole(value))
        .ok()
        .filter(|_| value.fract() == 0.0)
        .and_then(NonZeroU32::new)
        .ok_or_else(|| OptionError::out_of_range(name, "a whole number of at least 1"))
}

/// The cast saturates at both ends, and NaN becomes zero.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn saturating_whole(value: f64) -> u64 {
    value as u64
}
