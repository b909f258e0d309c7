//! The engine against the simulator, natively: two state machines and one virtual clock, with latency
//! between them. No sockets, no sleeps; a seed gives one history.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod conditions;
mod crowd;
mod dice;
mod faults;
mod invariants;
mod load;
mod pair;
mod servers;
mod surroundings;
mod tabs;
