//! When to retry and how long to wait. Each file is one policy, independent of the engine.

mod backoff;
mod deadline;
mod jitter;
mod pacing;
mod rate;
mod retry;

pub(crate) use backoff::{Failures, MAX_NOT_FOUND, RetryContext, not_found_delay};
pub(crate) use deadline::{LAST_POLL_MARGIN, before_deadline, is_last_poll};
pub(crate) use jitter::Jitter;
pub(crate) use pacing::{Pacing, PollResponse, next_interval};
pub(crate) use rate::{LoadSignal, PollRate, ROUND, Took};
pub use retry::RetryPolicy;
