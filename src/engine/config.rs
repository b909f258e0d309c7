//! The client options that the engine needs. The field types allow only valid values.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::engine::policy::RetryPolicy;
use crate::engine::protocol::option::PollTimeout;

/// The source of the `Authorization` header. The value itself never enters the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// No header, or a fixed value: a 401 is final.
    Fixed,
    /// The user's `auth` function, which the client calls again after a 401.
    Asked,
}

/// The options of a client that affect the engine's decisions.
#[derive(Debug, Clone)]
pub struct Config {
    /// The base URL. Tokens are bound to it.
    pub base: String,
    /// Whether one tab polls for all tabs with the same base and principal.
    pub shared: bool,
    /// Whether the engine emits events.
    pub trace: bool,
    /// Whether the client can get a new credential after a 401.
    pub auth: Auth,
    /// Whether the user's `auth` or `headers` function runs before each request. If so, a request counts as
    /// sent at [`Input::RequestSent`](super::Input::RequestSent), otherwise at once.
    pub asks_before_sending: bool,
    /// The limit for requests other than long polls; `None` for no limit. A standard poll gets at least 10 s,
    /// and 5 minutes if there is no limit.
    pub request_timeout: Option<Duration>,
    /// The longest `poll_timeout` of a long poll.
    pub poll_timeout: PollTimeout,
    /// How failed polls and GETs are retried.
    pub retry: RetryPolicy,
    /// The most polls open at once, not counting single polls. The default is 100, the most clusters that one
    /// Deploy VM manages.
    pub max_open_polls: NonZeroU32,
    /// Replaces `max_open_polls` while [`Input::Multiplexed`](super::Input::Multiplexed) says that requests
    /// share a connection; `None` to keep it.
    pub max_multiplexed_polls: Option<NonZeroU32>,
}

impl Config {
    /// The poll limits for a browser: 4 over HTTP/1.1, 32 over HTTP/2. Over HTTP/1.1 a browser opens six
    /// connections to an origin for all tabs together, and the page needs some of them.
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
