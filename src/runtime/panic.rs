//! Turns a panic into a JavaScript error with its message and place.
//!
//! Otherwise it would be a trap without a message. `src/js` adds the error as the cause of its own.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(start)]
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        wasm_bindgen::throw_str(&panic.to_string())
    }));
}
