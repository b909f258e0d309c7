//! What the shell asks of the JavaScript face: things that only JavaScript can do.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Headers};

#[wasm_bindgen]
extern "C" {
    /// The helpers that the face hands in with each client.
    #[derive(Debug, Clone)]
    pub type Host;

    /// An error of the class that belongs to `data.code`.
    #[wasm_bindgen(method, structural)]
    pub(super) fn error(this: &Host, data: JsValue, job: &JsValue, cause: &JsValue) -> JsValue;

    /// A frozen snapshot: the members of `data`, and `raw` parsed and frozen through and through.
    #[wasm_bindgen(method, structural)]
    pub(super) fn snapshot(this: &Host, data: JsValue, raw: &str) -> JsValue;

    /// A frozen call result: the members of `data`, the parsed body if there is one, and the job.
    #[wasm_bindgen(method, structural)]
    pub(super) fn result(this: &Host, data: JsValue, body: &str, job: &JsValue) -> JsValue;

    /// Calls a user's callback soon; what it throws is told to the listener, and harms nothing.
    #[wasm_bindgen(method, structural)]
    pub(super) fn notify(
        this: &Host,
        callback: &Function,
        snapshot: &JsValue,
        listener: Option<&Function>,
    );

    /// Calls the user's `onEvent` soon; what it throws harms nothing.
    #[wasm_bindgen(method, structural)]
    pub(super) fn report(this: &Host, listener: &Function, event: JsValue);

    /// What a request failed with, without what was secret in the request.
    #[wasm_bindgen(method, structural)]
    pub(super) fn clean(this: &Host, cause: JsValue, target: &str, headers: &JsValue) -> JsValue;

    /// Calls back when the signal aborts; the function that it returns ends that.
    #[wasm_bindgen(method, structural, js_name = onAbort)]
    pub(super) fn on_abort(
        this: &Host,
        signal: &AbortSignal,
        heard: &Closure<dyn FnMut(JsValue)>,
    ) -> Function;

    /// `new Headers(init)`, later ones winning.
    #[wasm_bindgen(method, structural, catch)]
    pub(super) fn headers(this: &Host, init: &JsValue) -> Result<Headers, JsValue>;

    /// Sets every header of `from` in `to`.
    #[wasm_bindgen(method, structural)]
    pub(super) fn merge(this: &Host, to: &Headers, from: &Headers);

    /// A body for `fetch`, and whether it is JSON text made from a plain value.
    #[wasm_bindgen(method, structural, catch)]
    pub(super) fn body(this: &Host, value: &JsValue) -> Result<Body, JsValue>;

    /// Whether tabs of an origin can share one poller here.
    #[wasm_bindgen(method, structural, js_name = canShare)]
    pub(super) fn can_share(this: &Host) -> bool;

    /// Joins those that share one.
    #[wasm_bindgen(method, structural)]
    pub(super) fn join(
        this: &Host,
        name: &str,
        heard: &Closure<dyn FnMut(String)>,
        leads: &Closure<dyn FnMut()>,
    ) -> Joined;

    /// What [`Host::join`] returns.
    pub(super) type Joined;

    #[wasm_bindgen(method, structural)]
    pub(super) fn post(this: &Joined, message: &str);

    #[wasm_bindgen(method, structural)]
    pub(super) fn leave(this: &Joined);

    /// What [`Host::body`] returns.
    pub(super) type Body;

    #[wasm_bindgen(method, getter, structural)]
    pub(super) fn content(this: &Body) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    pub(super) fn json(this: &Body) -> bool;
}
