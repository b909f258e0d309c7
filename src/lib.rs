//! Follows the asynchronous jobs of the ONTAP Select Deploy REST API: one call, one promise, no poll loop.
//! [`engine`] makes the decisions, does no I/O and runs anywhere. `runtime` drives it with `fetch`, timers
//! and promises; it exists only on WebAssembly, and the npm package is built from it.

pub mod engine;

#[cfg(target_arch = "wasm32")]
pub mod runtime;
