//! When to try again, and how long to wait. Each file is one policy; none knows the engine.

mod backoff;
mod deadline;
mod jitter;
mod pacing;
mod rate;
mod retry;

pub(crate) use backoff::{Failures, MOST_NOT_FOUND, RetryContext, not_found_delay};
pub(crate) use deadline::{LAST_LOOK, before_deadline, is_last_look};
pub(crate) use jitter::Jitter;
pub(crate) use pacing::{Answered, Pacing, next_interval};
pub(crate) use rate::{PollRate, ROUND, Sign, Took};
pub use retry::RetryPolicy;
