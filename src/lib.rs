//! Follows the asynchronous jobs of the ONTAP Select Deploy REST API: one call, one promise, no poll
//! loop. The decisions are in [`engine`], which needs no I/O and runs anywhere; around them stands a thin
//! shell of `fetch`, timers and promises, which exists on WebAssembly only and is what the npm package
//! is built from.

pub mod engine;

#[cfg(target_arch = "wasm32")]
pub mod runtime;
