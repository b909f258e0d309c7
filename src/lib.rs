//! Follows the asynchronous jobs of the ONTAP Select Deploy REST API: one call, one promise, no poll
//! loop. The decisions are in [`engine`], which does no I/O and runs anywhere. `runtime` runs it with
//! `fetch`, timers and promises; it exists on WebAssembly only, and the npm package is built from it.

pub mod engine;

#[cfg(target_arch = "wasm32")]
pub mod runtime;
