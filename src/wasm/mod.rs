//! The shell: carries the engine's commands out with `fetch`, timers and promises.
//!
//! Nothing is decided here. The exports are a private surface for the JavaScript face beside it.

mod api;
mod clock;
mod driver;
mod exchange;
mod host;
mod options;
mod outcome;
mod surroundings;
mod tabs;

pub use api::{Client, Job};
pub use host::Host;
