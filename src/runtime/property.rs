//! The properties of JavaScript objects by their names.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    // `js_sys::Reflect` takes the name as a JavaScript string, which would be made first.
    /// A property; an error for what is no object, and where a getter throws.
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    pub(super) fn get_property(object: &JsValue, name: &str) -> Result<JsValue, JsValue>;

    /// Sets a property of an object of our own.
    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    pub(super) fn set_property(object: &JsValue, name: &str, value: &JsValue) -> bool;
}
