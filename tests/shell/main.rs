//! wasm-bindgen tests of the shell.
