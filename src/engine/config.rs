//! What the engine needs to know of a client's options. Each field's type admits only values that work.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::engine::policy::RetryPolicy;
use crate::engine::protocol::option::PollTimeout;

/// Where the `Authorization` header comes from; the value itself never enters the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Nowhere, or a value that stays the same: a 401 is final.
    Fixed,
    /// A function of the user's, which is asked once more after a 401.
    Asked,
}

/// A client's options, as far as the engine decides by them.
#[derive(Debug, Clone)]
pub struct Config {
    /// The base address, which tokens are bound to.
    pub base: String,
    /// Whether one tab polls for all that have the same base and principal.
    pub shared: bool,
    /// Whether somebody listens to events.
    pub trace: bool,
    /// Whether a refused credential can be asked for again.
    pub auth: Auth,
    /// Whether functions of the user's are asked for what goes with each request. It counts as sent at
    /// [`Input::RequestSent`](super::Input::RequestSent) then, and else at once.
    pub asks_before_sending: bool,
    /// The longest a request that is not a long poll may take, if there is a limit. Standard polls have 10 s at
    /// least, and 5 minutes where there is no limit.
    pub request_timeout: Option<Duration>,
    /// The longest that a long poll asks to be held.
    pub poll_timeout: PollTimeout,
    /// How failed polls and GETs are retried.
    pub retry: RetryPolicy,
    /// How many polls may be open at once, single ones aside. By default one for each cluster that a Deploy VM
    /// administers at most.
    pub max_open_polls: NonZeroU32,
    /// How many instead once [`Input::Multiplexed`](super::Input::Multiplexed) says that they share a
    /// connection; `None` if that makes no difference.
    pub max_multiplexed_polls: Option<NonZeroU32>,
}

impl Config {
    /// As many open polls as a browser bears: over HTTP/1.1 it opens six connections to an origin, over all
    /// its tabs, and the page needs some of them for itself.
    #[must_use]
    pub fn in_browser(self) -> Self {
        Self {
            max_open_polls: NonZeroU32::MIN.saturating_add(3),
            max_multiplexed_polls: Some(NonZeroU32::MIN.saturating_add(31)),
            ..self
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base: String::new(),
            shared: false,
            trace: false,
            auth: Auth::Fixed,
            asks_before_sending: false,
            request_timeout: Some(Duration::from_secs(30)),
            poll_timeout: PollTimeout::default(),
            retry: RetryPolicy::default(),
            max_open_polls: NonZeroU32::MIN.saturating_add(99),
            max_multiplexed_polls: None,
        }
    }
}
