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
mod any_input;
mod calls;
mod change;
mod condition;
mod credentials;
mod edges;
mod faults;
mod harness;
mod interleavings;
mod json;
mod lifetime;
mod messages;
mod names;
mod options;
mod outcomes;
mod polls;
mod retries;
mod share;
mod sleep;
mod slots;
mod slow_servers;
mod state_machine;
mod tokens;
mod trace;
mod waiting;
