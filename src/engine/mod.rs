//! The job engine: what to send next, when, and what a response means.
//!
//! It does no I/O: nothing here opens a connection, reads a clock, draws a random number or knows
//! JavaScript. Time and a seed are arguments, so every history can be replayed natively.
//!
//! # Running it
//!
//! 1. Make an [`Engine`] from a [`Config`] and a seed.
//! 2. Give it the user's commands ([`Engine::call`], [`Engine::wait`], [`Engine::abort`], …) and what
//!    happens outside ([`Engine::handle`] with one [`Input`]), always with the time.
//! 3. After each of these, take every [`Output`] from [`Engine::poll_output`] and carry it out.
//! 4. Set one timer for [`Engine::next_timeout`], in place of the one before.
//! 5. When the timer fires, give [`Input::Timeout`]; when a response comes, give
//!    [`Input::ResponseReceived`]; go on with step 3.
//! 6. After [`Engine::close`] nothing is sent any more, and the engine may be dropped.
//!
//! A command that starts a wait returns a [`WaiterId`]. Each waiter gets exactly one [`Output::Settle`],
//! never before the command has returned.
//!
//! # Where things are decided
//!
//! `state` composes the machines, each of which owns its fields and is a file of its own.
//! `transitions` holds what happens between them, by subject, and has a table of its own; a waiter is
//! settled in `transitions/waiters`.
//!
//! | file | decides |
//! |---|---|
//! | `call` | one call, up to its initial response |
//! | `poller` | one job from its first poll to its end: poll, pause, retry, give up |
//! | `batch` | many jobs in one request, where the server supports that |
//! | `scheduler` | whose turn it is where jobs outnumber the polls that may be open |
//! | `auth_refresh` | which requests wait for a new credential |
//! | `peers`, `peer_message` | which tab polls, and what tabs say to each other |
//! | `wake` | whether the machine slept |
//! | `timers` | which timer is next |
//! | `poll` | how a poll is written, how long it may be held, what is known of the server's polls |
//! | `policy/retry`, `policy/backoff` | how often a failed request is retried, and when |
//! | `policy/pacing` | the pauses between polls that succeed |
//! | `policy/rate` | how many polls a second the server bears, where jobs outnumber the slots |
//! | `policy/deadline` | the last poll before a deadline |
//! | `protocol/classify` | which failures may be retried, and which ones say that nothing was done |
//! | `protocol/response` | what the status and the bytes of a response mean |
//! | `protocol/record` | what a record says |
//! | `protocol/url` | paths, queries and ids, and which ones are refused |
//! | `protocol/location` | where a created object is, below the base |
//! | `protocol/credential` | how a credential is written |
//! | `protocol/option` | the limits of every option |
//! | `protocol/outcome` | what an error may say of a change: failed, refused or unknown |
//! | `protocol/error` | how each kind of failure is reported |
//! | `protocol/token` | how a wait is written down, to continue it elsewhere |
//! | `protocol/json` | finding members in JSON text without building a tree |
//!
//! The rest stores things: `job` and `store`, `waiters`, `exchanges`, `by_id`, `ids`, `ordered`.

mod auth_refresh;
mod batch;
mod by_id;
mod call;
mod config;
mod exchanges;
mod ids;
mod io;
mod job;
mod ordered;
mod peer_message;
mod peers;
mod policy;
mod poll;
mod poller;
mod protocol;
mod scheduler;
mod state;
mod store;
mod time;
mod timers;
mod trace;
mod transitions;
mod waiters;
mod wake;

pub use call::{CallGoal, CallSpec};
pub use config::{Auth, Config};
pub use ids::{ExchangeId, WaiterId};
pub use io::{
    CredentialChoice, InitialResponse, Input, Outcome, Output, Stats, Usage, WaitOptions,
};
#[cfg(target_arch = "wasm32")]
pub(crate) use ordered::OrderedMap;
pub use policy::RetryPolicy;
pub use protocol::classify::{TransportErrorKind, is_certificate_error};
pub use protocol::credential::{basic, bearer, is_header_value};
pub use protocol::error::{Error, ErrorCode};
pub use protocol::json::{Json, Kind, Malformed};
pub use protocol::location::ObjectPath;
pub use protocol::option::{OptionError, PollTimeout, duration, whole_number};
pub use protocol::outcome::ChangeOutcome;
pub use protocol::record::{JobState, Phase, Snapshot};
pub use protocol::response::{Cause, Response, TransportError, body_text, retry_after};
pub use protocol::token::{Token, TokenError, channel_name};
#[cfg(target_arch = "wasm32")]
pub(crate) use protocol::url::before_query;
pub use protocol::url::{
    AddressError, BaseUrl, CallPath, JobId, encode_query_value, encode_segment, method,
};
pub use state::Engine;
pub use time::Time;
pub use trace::{ClientEvent, EventKind};
