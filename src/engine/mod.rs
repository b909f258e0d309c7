//! The job engine: what to send next, when, and what a response means.
//!
//! It does no I/O. Time and the random seed are arguments, so a native test can replay any history.
//!
//! # Running it
//!
//! 1. Make an [`Engine`] from a [`Config`] and a seed.
//! 2. Give it the user's commands ([`Engine::call`], [`Engine::wait`], [`Engine::abort`], …) and external
//!    events ([`Engine::handle`] with one [`Input`]), always with the current time.
//! 3. After each of these, take every [`Output`] from [`Engine::poll_output`] and execute it.
//! 4. Set one timer for [`Engine::next_timeout`]. It replaces the previous one.
//! 5. Give [`Input::Timeout`] when the timer fires and [`Input::ResponseReceived`] when a response arrives.
//!    Continue with step 3.
//! 6. After [`Engine::close`] the engine sends nothing more, and you can drop it.
//!
//! A command that starts a wait returns a [`WaiterId`]. Each waiter gets exactly one [`Output::Settle`],
//! after the command has returned.
//!
//! # Where decisions are made
//!
//! `state` composes the state machines. Each machine has its own file and owns its fields. `transitions`
//! connects them, one file per subject. Only `transitions/waiters` settles waiters.
//!
//! | file | decides |
//! |---|---|
//! | `call` | one call, up to its initial response |
//! | `poller` | one job from its first poll to its end: poll, pause, retry or fail |
//! | `batch` | many jobs in one request, if the server supports it |
//! | `scheduler` | which job is polled next when jobs outnumber slots |
//! | `auth_refresh` | which requests wait for a new credential |
//! | `peers`, `peer_message` | which tab polls, and the messages between tabs |
//! | `wake` | whether the machine slept or the event loop stalled |
//! | `timers` | which timer is next |
//! | `poll` | a poll's URL and `poll_timeout`, and what the client learned about the server |
//! | `policy/retry`, `policy/backoff` | how often and when a failed request is retried |
//! | `policy/pacing` | the pauses between polls that succeed |
//! | `policy/rate` | how many polls a second to send when jobs outnumber slots |
//! | `policy/deadline` | the last poll before a deadline |
//! | `protocol/classify` | which failures are retryable, and which ones prove that nothing changed |
//! | `protocol/response` | what a response's status and body mean |
//! | `protocol/record` | the fields of a job's record |
//! | `protocol/url` | paths, queries and ids, and which ones are rejected |
//! | `protocol/location` | the path of a created object below the base |
//! | `protocol/credential` | the `Authorization` header |
//! | `protocol/option` | the limits of every option |
//! | `protocol/outcome` | what an error says about the change: failed, refused or unknown |
//! | `protocol/error` | error codes and messages |
//! | `protocol/token` | the token that resumes a wait elsewhere |
//! | `protocol/json` | finding members in JSON without building a tree |
//!
//! The other files store data: `job` and `store`, `waiters`, `exchanges`, `by_id`, `ids`, `ordered`.

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
