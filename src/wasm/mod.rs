//! The shell: carries the engine's commands out with `fetch`, timers and promises.
//!
//! Nothing is decided here. The exports are a private surface for the JavaScript face beside it. What
//! the engine never looks into (a waiter's promise, callbacks and signal, the page's own events) stays
//! in JavaScript, and only a waiter's number goes back and forth.

mod api;
mod clock;
mod driver;
mod exchange;
mod host;
mod options;
mod outcome;

/// The standard library's own takes 3 KB more of the download.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

pub use api::{Client, Job};
pub use host::Host;
