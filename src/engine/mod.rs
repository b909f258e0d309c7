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
//! | `call` | the life of one issued call, up to its first answer |
//! | `follow` | one job from its first poll to its end: poll, pause, retry, give up |
//! | `list` | how many jobs are asked for at once, where the server can do that |
//! | `scheduler` | whose turn it is where jobs outnumber the polls that may be open |
//! | `poll` | how a poll is spelled, how long it may be held, what the server taught us of it |
//! | `response` | what the status and the bytes of an answer mean |
//! | `job` | what a record says |
//! | `address` | paths, queries and ids, and what is refused in them |
//! | `policy` | retries, backoff, jitter, `Retry-After`, pauses |
//! | `credential` | how a credential is spelled |
//! | `options` | the limits of every option |
//! | `error` | how each kind of trouble is told |
//! | `token` | how a wait is written down, to go on elsewhere |
//! | `json` | finding a member in JSON text without building a tree |
//! | `order`, `table` | how all that has an order or a name is kept |
//! | `text` | how small texts are put together |

mod auth_refresh;
mod batch;
mod batches;
mod call;
mod calls;
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

pub use io::{
    CallSpec, Credential, ExchangeId, InitialResponse, Input, Outcome, Output, Stats, WaiterId,
};
pub use policy::{Retry, http_date};
pub use protocol::config::{Auth, Config, OptionError, duration, poll_timeout, whole_number};
pub use protocol::credential::{basic, bearer, is_header_value};
pub use protocol::error::{Cause, Error, ErrorCode};
pub use protocol::json::{Json, Kind, Malformed};
pub use protocol::record::{JobState, Phase, Snapshot};
pub use protocol::response::{Response, TransportError, TransportErrorKind, is_certificate_error};
#[cfg(target_arch = "wasm32")]
pub(crate) use protocol::text::joined;
pub use protocol::token::{Token, TokenError, channel_name};
#[cfg(target_arch = "wasm32")]
pub(crate) use protocol::url::before_query;
pub use protocol::url::{AddressError, BaseUrl, CallPath, JobId, encode_query_value, method};
pub use state::Engine;
pub use time::Time;
pub use trace::{ClientEvent, EventKind};
