//! The shell: carries the engine's commands out with `fetch`, timers and promises.
//!
//! Nothing is decided here. The loop that feeds the engine and carries its commands out stands in
//! `driver` and `exchange`. What the engine never looks into (a waiter's promise, callbacks and signal,
//! the page's own events) stays in `src/js`, and only a waiter's number goes back and forth.
//!
//! The exports are a private surface for `src/js`.

mod api;
mod callbacks;
mod clock;
pub(crate) mod driver;
pub(crate) mod environment;
pub(crate) mod fetch;
pub(crate) mod members;
mod options;
mod outcome;
mod panic;
mod plain;
pub(crate) mod settings;

/// The standard library's own takes 3 KB more of the download.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

pub use api::{Client, Job};
pub use callbacks::Host;
