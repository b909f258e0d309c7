//! A panic becomes a JavaScript error that says what happened and where.
//!
//! Left alone it would be a trap without a word. `src/js` gives the error as the cause of its own.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(start)]
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        wasm_bindgen::throw_str(&panic.to_string())
    }));
}
