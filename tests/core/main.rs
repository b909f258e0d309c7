//! Native tests of the engine: no sockets, no sleeps, time as an argument.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod address;
mod any_answer;
mod bench;
mod calls;
mod credentials;
mod edges;
mod interleavings;
mod json;
mod lifetime;
mod options;
mod polls;
mod reports;
mod retries;
mod settling;
mod share;
mod sleep;
mod slots;
mod slow;
mod state_machine;
mod tokens;
mod told;
mod waiting;
