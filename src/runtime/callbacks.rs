//! What the shell asks of the JavaScript face: things that only JavaScript can do.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers};

use super::fetch::settled;
use super::options::merge_headers;
use super::outcome;
use super::plain::{Member, Members, number};
use super::settings::AuthContext;
use crate::engine::{Cause, ClientEvent, Outcome, Snapshot, TransportErrorKind, is_header_value};

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

/// What the user's `auth` function gives, if a header can carry it; `kind` says what a failure means.
pub(super) async fn ask_auth(
    ask: &Function,
    context: AuthContext<'_>,
    kind: &Cell<TransportErrorKind>,
) -> Result<Option<String>, JsValue> {
    let context = Members(&[
        ("method", Member::Text(context.method)),
        ("path", Member::Text(context.path)),
        ("status", number(context.status)),
    ]);
    let given = settled(&ask.call1(&JsValue::UNDEFINED, &context.plain())?)?.await?;
    kind.set(TransportErrorKind::InvalidHeader);
    usable(&given)
}

impl Host {
    /// Sets the headers that the user's function gives.
    pub(super) async fn ask_headers(
        &self,
        ask: &Function,
        to: &Headers,
        kind: &Cell<TransportErrorKind>,
    ) -> Result<(), JsValue> {
        let given = settled(&ask.call0(&JsValue::UNDEFINED)?)?.await?;
        kind.set(TransportErrorKind::InvalidHeader);
        merge_headers(to, &given, self)
    }

    /// The whole body, or `None` if it is larger than the limit.
    pub(super) async fn read_body(
        &self,
        response: &JsValue,
        limit: f64,
        signal: &AbortSignal,
    ) -> Result<Option<Rc<[u8]>>, JsValue> {
        let body = JsFuture::from(self.read(response, limit, signal)).await?;
        let is_whole = !body.is_undefined();
        Ok(is_whole.then(|| body.unchecked_into::<Uint8Array>().to_vec().into()))
    }

    pub(super) fn sanitize(
        &self,
        error: JsValue,
        target: &str,
        headers: &Headers,
    ) -> Option<Cause> {
        let cause = self.failed(&error, target, headers);
        (!cause.is_undefined()).then(|| outcome::opaque(cause))
    }

    pub(super) fn tell_progress(&self, waiter: u32, snapshot: &Rc<Snapshot>) {
        self.progress(waiter, &outcome::snapshot(self, snapshot));
    }

    pub(super) fn tell_report(&self, report: &ClientEvent) {
        self.report(&outcome::report(report));
    }

    /// A wait is over; `latest` is what is known of the job that an accepted call has.
    pub(super) fn tell_end(&self, waiter: u32, outcome: Outcome, latest: Option<Rc<Snapshot>>) {
        let mut failed = false;
        let value = match outcome {
            Outcome::Done { accepted, job } => outcome::result(self, &accepted, job.as_ref()),
            Outcome::Accepted { accepted, job } => {
                let response = outcome::result(self, &accepted, latest.as_ref());
                let id = job.map_or(JsValue::UNDEFINED, |job| JsValue::from_str(job.as_str()));
                Array::of2(&response, &id).into()
            }
            Outcome::Job(job) => outcome::snapshot(self, &job),
            Outcome::Failed(error) => {
                failed = true;
                outcome::error(self, &error)
            }
            // The caller already has the signal's reason.
            Outcome::Aborted => JsValue::UNDEFINED,
        };
        self.settle(waiter, &value, failed);
    }
}

/// What the `auth` function gave, if a header can carry it.
fn usable(given: &JsValue) -> Result<Option<String>, JsValue> {
    match given.as_string() {
        Some(value) if is_header_value(&value) => Ok(Some(value)),
        None if given.is_undefined() => Ok(None),
        // What it gave may be a secret, so it is not shown.
        _ => Err(js_sys::TypeError::new(
            "auth: expected the function to give an Authorization value, or undefined for none",
        )
        .into()),
    }
}
