//! Native tests of the engine against the simulator: two state machines on one virtual clock, with latency
//! between them. There are no sockets and no sleeps. A seed determines the history.
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
