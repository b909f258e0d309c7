//! The members of objects, read and written.

use wasm_bindgen::prelude::*;

/// A member of an object; `undefined` where there is no object.
pub(crate) fn member(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    if object.is_object() {
        get(object, name)
    } else {
        Ok(JsValue::UNDEFINED)
    }
}

/// A plain object of texts.
pub(super) fn object_of(members: &[(&str, &str)]) -> Result<JsValue, JsValue> {
    let object = js_sys::Object::new().into();
    for (name, value) in members {
        set(&object, name, value)?;
    }
    Ok(object)
}

#[wasm_bindgen]
extern "C" {
    // Takes the name as it is, where `js_sys::Reflect` would have a JavaScript string made of it first.
    #[wasm_bindgen(js_namespace = Reflect, catch)]
    fn get(object: &JsValue, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, catch)]
    fn set(object: &JsValue, name: &str, value: &str) -> Result<bool, JsValue>;
}
