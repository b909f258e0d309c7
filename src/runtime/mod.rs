//! The runtime: executes the engine's outputs with `fetch`, timers and promises. It makes no decisions.
//!
//! | file | holds |
//! |---|---|
//! | `client`, `job` | the exports, a private surface for `src/js` |
//! | `driver` | the loop that passes events to the engine and executes its outputs |
//! | `fetch` | one request: headers, credential, `fetch` and the response's body |
//! | `settings` | a client's settings, checked against the engine's limits |
//! | `callbacks` | functions of `src/js` that need JavaScript |
//! | `values` | the engine's values as JavaScript values |
//! | `clock` | the monotonic clock and the timer |
//! | `property` | reading a property of an object |
//! | `id_map` | a map from the engine's ids |
//! | `panic` | a panic as a JavaScript error |
//!
//! `src/js` owns what the engine does not need: each waiter's promise, `onProgress` and signal, the page's
//! events and the channel between tabs. Both sides share only the waiter's number.

mod callbacks;
mod client;
mod clock;
mod driver;
mod fetch;
mod job;
mod panic;
mod property;
mod settings;
mod values;

/// Saves 3 KB of the download compared with the standard library's allocator.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

pub use callbacks::JsCallbacks;
pub use client::Client;
pub use job::Job;
