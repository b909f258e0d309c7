//! Reads and sets properties of JavaScript objects.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    // `js_sys::Reflect` would need a JavaScript string for each name.
    /// Reads a property. Fails if the value is not an object, or if a getter throws.
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    pub(super) fn get_property(object: &JsValue, name: &str) -> Result<JsValue, JsValue>;

    /// Sets a property of one of our own objects.
    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    pub(super) fn set_property(object: &JsValue, name: &str, value: &JsValue) -> bool;
}
