//! The Rust face: a client for front ends that are written in Rust and compiled to WebAssembly.
//!
//! It stands on the same engine and the same shell as the JavaScript package; no rule of the protocol is
//! in here. All names are at the crate's root. Nothing of it may leave its thread, as nothing of
//! JavaScript may.
//!
//! | you | and |
//! |---|---|
//! | await a [`Call`] | it is sent, and its job followed to the end |
//! | [`Call::submit`] it | there is a [`JobHandle`] as soon as it is accepted |
//! | drop a future or a stream | the waiting ends, not the job; the last one that leaves a job ends its poll |
//! | drop the last [`JobHandle`] of a job | what is known of it is forgotten, unless somebody waits |
//! | drop a [`DeployClient`] | nothing ends; whoever waits still hears of the end |
//! | [`close`](DeployClient::close) it | every wait ends, every request is aborted |

mod body;
mod call;
mod deploy_client;
mod desk;
mod error;
mod handle;
mod listening;
mod options;
mod pending;
mod redact;
mod reply;
mod snapshot;
mod updates;

pub use call::Call;
pub use deploy_client::DeployClient;
pub use error::DeployError;
pub use handle::{JobHandle, Wait};
pub use options::{AuthRequest, ClientBuilder, Credentials};
pub use pending::Pending;
pub use reply::Reply;
pub use snapshot::JobSnapshot;
pub use updates::Updates;
