//! What the shell asks of the JavaScript face: things that only JavaScript can do.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Headers};

#[wasm_bindgen]
extern "C" {
    /// The helpers that the face hands in with each client.
    #[derive(Debug, Clone)]
    pub type Host;

    /// Ends the wait of one who waits, with what it resolves or rejects with.
    #[wasm_bindgen(method, structural)]
    pub(super) fn settle(this: &Host, waiter: u32, value: &JsValue, failed: bool);

    /// Tells one who waits, soon, of a job's change.
    #[wasm_bindgen(method, structural)]
    pub(super) fn progress(this: &Host, waiter: u32, snapshot: &JsValue);

    /// Calls the user's `onEvent` soon; what it throws harms nothing.
    #[wasm_bindgen(method, structural)]
    pub(super) fn report(this: &Host, event: &JsValue);

    /// An error of the class that belongs to `data.code`.
    #[wasm_bindgen(method, structural)]
    pub(super) fn error(this: &Host, data: &JsValue, job: &JsValue, cause: &JsValue) -> JsValue;

    /// A frozen snapshot: the members of `data`, and `raw` parsed and frozen through and through.
    #[wasm_bindgen(method, structural)]
    pub(super) fn snapshot(this: &Host, data: &JsValue, raw: &str) -> JsValue;

    /// A frozen call result: the members of `data`, the parsed body if there is one, and the job.
    #[wasm_bindgen(method, structural)]
    pub(super) fn result(this: &Host, data: &JsValue, body: &str, job: &JsValue) -> JsValue;

    /// A request failed: with what, without what was secret in the request. Looks whether there is a
    /// network still, since the page may be told of it only later.
    #[wasm_bindgen(method, structural)]
    pub(super) fn failed(this: &Host, cause: &JsValue, target: &str, headers: &Headers) -> JsValue;

    /// Sets every header of what the `Headers` constructor takes.
    #[wasm_bindgen(method, structural, catch)]
    pub(super) fn merge(this: &Host, to: &Headers, init: &JsValue) -> Result<(), JsValue>;

    /// A body as `fetch` takes it: a plain value becomes JSON text.
    #[wasm_bindgen(method, structural, catch)]
    pub(super) fn body(this: &Host, value: &JsValue) -> Result<JsValue, JsValue>;

    /// A promise of the whole body as bytes; of `undefined` if it is larger than the limit.
    #[wasm_bindgen(method, structural)]
    pub(super) fn read(
        this: &Host,
        response: &JsValue,
        limit: f64,
        signal: &AbortSignal,
    ) -> Promise;

    /// From now on tabs that say the same name share one poller while somebody waits; false where
    /// they cannot.
    #[wasm_bindgen(method, structural)]
    pub(super) fn share(this: &Host, name: &str) -> bool;

    /// Says something to the other tabs.
    #[wasm_bindgen(method, structural)]
    pub(super) fn tell(this: &Host, message: &str);
}
