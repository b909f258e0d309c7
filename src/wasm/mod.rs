//! The shell: carries the engine's commands out with `fetch`, timers and promises.
//!
//! Nothing is decided here. The loop that feeds the engine and carries its commands out stands in
//! `driver` and `exchange`, once for both faces (`face`): the JavaScript one, and the Rust one in
//! `client`. What the engine never looks into (a waiter's promise or future, callbacks and signal, the
//! page's own events) stays with the face, and only a waiter's number goes back and forth.
//!
//! The exports are a private surface for the JavaScript face in `src/js`. They come with the feature
//! `javascript`, as does the allocator: neither is for a binary of somebody else's.

#[cfg(feature = "javascript")]
mod api;
mod clock;
pub(crate) mod driver;
pub(crate) mod exchange;
pub(crate) mod face;
#[cfg(feature = "javascript")]
mod host;
pub(crate) mod members;
#[cfg(feature = "javascript")]
mod options;
#[cfg(feature = "javascript")]
mod outcome;
#[cfg(feature = "javascript")]
mod plain;
pub(crate) mod settings;
pub(crate) mod surroundings;

/// The standard library's own takes 3 KB more of the download.
#[cfg(feature = "javascript")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(feature = "javascript")]
pub use api::{Client, Job};
#[cfg(feature = "javascript")]
pub use host::Host;
