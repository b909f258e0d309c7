//! Functions that need JavaScript: the methods of `Waiters` in `src/js/waiters.ts`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Headers};

// With this type tsc checks the settings from src/js. A type for the callbacks would cause an import cycle.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type { ClientSettings, Goal } from "../../src/js/options.js";
"#;

#[wasm_bindgen]
extern "C" {
    /// The callbacks of one client.
    #[derive(Debug, Clone)]
    pub type JsCallbacks;

    /// The settings of one client, read by `src/js/options.ts`.
    #[derive(Debug)]
    #[wasm_bindgen(typescript_type = "ClientSettings")]
    pub type JsSettings;

    /// A clock in milliseconds, which may go back.
    #[wasm_bindgen(method, structural)]
    pub(super) fn now(this: &JsCallbacks) -> f64;

    /// The async context of a waiter's call; the client's context without a waiter or if it has left.
    #[wasm_bindgen(method, structural)]
    pub(super) fn context(this: &JsCallbacks, waiter: Option<u32>) -> JsValue;

    /// Resolves the promise of a waiter.
    #[wasm_bindgen(method, structural)]
    pub(super) fn resolve(this: &JsCallbacks, waiter: u32, value: &JsValue);

    /// Rejects the promise of a waiter.
    #[wasm_bindgen(method, structural)]
    pub(super) fn reject(this: &JsCallbacks, waiter: u32, error: &JsValue);

    /// Calls a waiter's `onProgress` in a microtask.
    #[wasm_bindgen(method, structural)]
    pub(super) fn progress(this: &JsCallbacks, waiter: u32, snapshot: &JsValue);

    /// Lets the waiter's caller check the record in a microtask, then calls `Client.recordChecked`.
    #[wasm_bindgen(method, structural, js_name = checkRecord)]
    pub(super) fn check_record(this: &JsCallbacks, waiter: u32, result: &JsValue);

    /// Calls the user's `onEvent` in a microtask, in this context, and ignores its errors.
    #[wasm_bindgen(method, structural)]
    pub(super) fn event(this: &JsCallbacks, event: &JsValue, context: &JsValue);

    /// The waiter's call has its response, so no later text can quote what it sent.
    #[wasm_bindgen(method, structural)]
    pub(super) fn forget(this: &JsCallbacks, waiter: u32);

    /// An error of the class for `data.code`, without secrets of the client and of the waiter's call.
    #[wasm_bindgen(method, structural)]
    pub(super) fn error(
        this: &JsCallbacks,
        data: &JsValue,
        job: &JsValue,
        cause: &JsValue,
        waiter: Option<u32>,
    ) -> JsValue;

    /// A deeply frozen snapshot with `raw` parsed, without the same secrets.
    #[wasm_bindgen(method, structural)]
    pub(super) fn snapshot(
        this: &JsCallbacks,
        id: &str,
        state: &str,
        message: Option<&str>,
        last_modified: Option<&str>,
        raw: &str,
        waiter: Option<u32>,
    ) -> JsValue;

    /// A frozen call result: the members of `data`, the parsed body unless it is empty, and the job.
    #[wasm_bindgen(method, structural)]
    pub(super) fn result(this: &JsCallbacks, data: &JsValue, body: &str, job: &JsValue) -> JsValue;

    /// Calls the user's `auth` function in this context and returns its result.
    #[wasm_bindgen(method, structural, js_name = askAuthorization)]
    pub(super) fn ask_authorization(
        this: &JsCallbacks,
        context: &JsValue,
        method: &str,
        path: &str,
        status: Option<u16>,
    ) -> Promise;

    /// Calls the user's `headers` function in this context and returns its result.
    #[wasm_bindgen(method, structural, js_name = askHeaders)]
    pub(super) fn ask_headers(this: &JsCallbacks, context: &JsValue) -> Promise;

    /// Calls the user's `fetch`, or the global one, in this context, and reads up to `limit` bytes of the
    /// body. Without headers it sends the common headers; without a method it sends a GET without a body.
    /// Returns `Fetched` of `src/js/response.ts` and rejects as `fetch` does.
    #[wasm_bindgen(method, structural)]
    #[allow(clippy::too_many_arguments)]
    pub(super) fn fetch(
        this: &JsCallbacks,
        context: &JsValue,
        url: &str,
        headers: Option<&Headers>,
        signal: &AbortSignal,
        limit: f64,
        method: Option<&str>,
        body: &JsValue,
    ) -> Promise;

    /// Sets every header of a `HeadersInit`.
    #[wasm_bindgen(method, structural, catch, js_name = mergeHeaders)]
    pub(super) fn merge_headers(
        this: &JsCallbacks,
        to: &Headers,
        init: &JsValue,
    ) -> Result<(), JsValue>;

    /// The error of a failed request, without the secrets of the request. Also checks whether the browser is
    /// offline, because its event may come later.
    #[wasm_bindgen(method, structural, js_name = requestFailed)]
    pub(super) fn request_failed(
        this: &JsCallbacks,
        cause: &JsValue,
        target: &str,
        headers: &Headers,
        body: &JsValue,
    ) -> JsValue;

    /// Lets tabs with the same name share one poller while something waits. False if that is impossible; then
    /// the user gets an event. Without a name the owner of the jobs is unknown.
    #[wasm_bindgen(method, structural)]
    pub(super) fn share(this: &JsCallbacks, name: Option<&str>) -> bool;

    /// Sends a message to the other tabs.
    #[wasm_bindgen(method, structural)]
    pub(super) fn broadcast(this: &JsCallbacks, message: &str);
}
