//! Follows the asynchronous jobs of the ONTAP Select Deploy REST API: one call, one promise, no poll
//! loop. The decisions are in [`core`]; around them stands a thin shell of `fetch`, timers and
//! promises, which exists on WebAssembly only.

pub mod core;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
