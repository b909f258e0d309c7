//! The runtime: carries out the engine's outputs with `fetch`, timers and promises. It decides nothing.
//!
//! | file | holds |
//! |---|---|
//! | `client`, `job` | the exports, a private surface for `src/js` |
//! | `driver` | the loop that feeds the engine and carries out its outputs |
//! | `fetch` | one request: headers, credential, `fetch` and the response's body |
//! | `settings` | a client's settings, checked against the engine's limits |
//! | `callbacks` | what only JavaScript can do, as functions of `src/js` |
//! | `values` | the engine's values as JavaScript values |
//! | `clock` | the monotonic clock and the timer |
//! | `property` | reading a property of an object |
//! | `id_map` | a map from the engine's ids |
//! | `panic` | a panic as a JavaScript error |
//!
//! `src/js` keeps what the engine never looks into: each waiter's promise, `onProgress` and signal, the
//! page's events and the channel between tabs. Only a waiter's number goes back and forth.

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

/// 3 KB smaller in the download than the standard library's allocator.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

pub use callbacks::JsCallbacks;
pub use client::Client;
pub use job::Job;
