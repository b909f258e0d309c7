//! The job engine: what to send next, when, and what an answer means.
//!
//! Sans-IO. Nothing here opens a socket, reads a clock, draws a random number or knows of
//! JavaScript; time and a seed come in as arguments, so that every history can be replayed natively.
//!
//! # Running it
//!
//! 1. Make an [`Engine`] from a checked [`Config`] and a seed.
//! 2. Tell it what happened: [`Engine::handle`] with the time and one [`Input`].
//! 3. Drain [`Engine::poll_output`] until it is empty, and carry out each [`Output`].
//! 4. Set one timer for [`Engine::wake_at`], replacing the one before.
//! 5. When the timer fires, an answer comes or the user acts, go to 2.
//! 6. After [`Input::Close`] it sends and settles nothing more, and may be dropped.
//!
//! # Where things are decided
//!
//! | file | decides |
//! |---|---|
//! | `engine` | who waits for which job, whose answer this is, which timer is next |
//! | `call` | one call, up to its initial response |
//! | `poller` | one job from its first poll to its end: poll, pause, retry, give up |
//! | `batch` | many jobs in one request, where the server supports that |
//! | `scheduler` | whose turn it is where jobs outnumber the polls that may be open |
//! | `poll` | how a poll is written, how long it may be held, what is known of the server's polls |
//! | `policy/retry`, `policy/backoff` | how often a failed request is retried, and when |
//! | `policy/pacing` | the pauses between polls that succeed |
//! | `policy/deadline` | the last poll before a deadline |
//! | `protocol/classify` | which failures may be retried |
//! | `protocol/response` | what the status and the bytes of a response mean |
//! | `protocol/record` | what a record says |
//! | `protocol/url` | paths, queries and ids, and which ones are refused |
//! | `protocol/credential` | how a credential is written |
//! | `protocol/option` | the limits of every option |
//! | `protocol/error` | how each kind of failure is reported |
//! | `protocol/token` | how a wait is written down, to continue it elsewhere |
//! | `protocol/json` | finding members in JSON text without building a tree |
//! | `order`, `table` | how all that has an order or a name is kept |

mod auth_refresh;
mod batch;
mod batches;
mod call;
mod calls;
mod config;
mod exchanges;
mod io;
mod jobs;
mod order;
mod peers;
mod policy;
mod poll;
mod poller;
mod protocol;
mod scheduler;
mod single;
mod slots;
mod state;
mod table;
mod time;
mod timers;
mod trace;
mod waiters;
mod wake;

pub use config::{Auth, Config};
pub use io::{
    CallSpec, Credential, ExchangeId, InitialResponse, Input, Outcome, Output, Stats, WaiterId,
};
pub use policy::RetryPolicy;
pub use protocol::classify::{TransportErrorKind, is_certificate_error};
pub use protocol::credential::{basic, bearer, is_header_value};
pub use protocol::error::{Error, ErrorCode};
pub use protocol::json::{Json, Kind, Malformed};
pub use protocol::option::{OptionError, PollTimeout, duration, whole_number};
pub use protocol::record::{JobState, Phase, Snapshot};
pub use protocol::response::{Cause, Response, TransportError, retry_after};
pub use protocol::token::{Token, TokenError, channel_name};
#[cfg(target_arch = "wasm32")]
pub(crate) use protocol::url::before_query;
pub use protocol::url::{AddressError, BaseUrl, CallPath, JobId, encode_query_value, method};
pub use state::Engine;
pub use time::Time;
pub use trace::{ClientEvent, EventKind};
