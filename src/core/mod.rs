//! The job engine: what to send next, when, and what an answer means.
//!
//! Sans-IO. Nothing here opens a socket, reads a clock, draws a random number or knows of
//! JavaScript; time and a seed come in as arguments, so that every history can be replayed natively.
//!
//! # Running it
//!
//! 1. Make an [`Engine`] from a checked [`Config`] and a seed.
//! 2. Tell it what happened: [`Engine::handle`] with the time and one [`Event`].
//! 3. Drain [`Engine::next_command`] until it is empty, and carry out each [`Command`].
//! 4. Set one timer for [`Engine::wake_at`], replacing the one before.
//! 5. When the timer fires, an answer comes or the user acts, go to 2.
//! 6. After [`Event::Close`] it sends and settles nothing more, and may be dropped.
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

mod address;
mod call;
mod credential;
mod engine;
mod error;
mod follow;
mod job;
mod json;
mod list;
mod options;
mod order;
mod policy;
mod poll;
mod response;
mod scheduler;
mod table;
mod text;
mod time;
mod token;

#[cfg(target_arch = "wasm32")]
pub(crate) use address::before_query;
pub use address::{AddressError, BaseUrl, CallPath, JobId, encode_query_value, method};
pub use credential::{basic, bearer, is_header_value};
pub use engine::{
    Accepted, CallSpec, Command, Credential, Engine, Event, ExchangeId, Outcome, Report,
    ReportKind, Stats, WaiterId,
};
pub use error::{Cause, Code, Trouble};
pub use job::{JobState, Phase, Snapshot};
pub use json::{Json, Kind, Malformed};
pub use options::{Auth, Config, OptionError, duration, poll_timeout, whole_number};
pub use policy::{Retry, http_date};
pub use response::{Answer, SendFailure, SendFailureKind, tells_of_a_certificate};
#[cfg(target_arch = "wasm32")]
pub(crate) use text::joined;
pub use time::{Millis, Time};
pub use token::{Token, TokenError, channel_name};
