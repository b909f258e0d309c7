//! Converts the engine's values to JavaScript values.

use std::rc::Rc;

use js_sys::Object;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::callbacks::JsCallbacks;
use super::clock;
use super::property::set_property;
use crate::engine::{
    AddressError, Cause, ClientEvent, Error, InitialResponse, OptionError, Snapshot, Stats,
    WaiterId,
};

/// A plain object; members that are `None` are omitted.
struct Plain(Object);

impl Plain {
    fn new() -> Self {
        Self(Object::new())
    }

    fn with(self, name: &str, value: Option<impl Serialize>) -> Self {
        // Strings, numbers and booleans always convert.
        if let Some(value) = value.and_then(|value| serde_wasm_bindgen::to_value(&value).ok()) {
            set_property(&self.0, name, &value);
        }
        self
    }
}

/// A snapshot without the secrets of the waiter's call. It is created once, because users compare snapshots
/// by identity.
pub(super) fn snapshot(
    callbacks: &JsCallbacks,
    snapshot: &Rc<Snapshot>,
    waiter: Option<WaiterId>,
) -> JsValue {
    let made = snapshot.extension.get_or_init(|| {
        // One call over the boundary, because this runs for each change of a job.
        wrap(callbacks.snapshot(
            &snapshot.id,
            snapshot.state.name(),
            snapshot.message.as_deref(),
            snapshot.last_modified.as_deref(),
            snapshot.raw(),
            waiter.map(WaiterId::get),
        ))
    });
    unwrap(made)
}

/// How a call ended: `CallResult` of `src/js/types.ts`.
pub(super) fn result(
    callbacks: &JsCallbacks,
    response: &InitialResponse,
    job: Option<&Rc<Snapshot>>,
    waiter: WaiterId,
) -> JsValue {
    let object = response.object.as_ref();
    let data = Plain::new()
        .with("status", Some(f64::from(response.status)))
        .with("location", response.location.as_deref())
        .with("path", object.map(|it| &*it.path))
        .with("id", object.map(|it| &*it.id))
        .with("requestId", response.request_id.as_deref());
    let job = optional_snapshot(callbacks, job, Some(waiter));
    callbacks.result(&data.0, &response.body, &job)
}

/// An error of the class for its code, from `ErrorData` of `src/js/errors.ts`, without the secrets of the
/// waiter's call.
pub(super) fn error(callbacks: &JsCallbacks, error: &Error, waiter: Option<WaiterId>) -> JsValue {
    let data = Plain::new()
        .with("code", Some(error.code.name()))
        .with("message", Some(&*error.message))
        .with("outcome", Some(error.outcome.name()))
        .with("status", error.status.map(f64::from))
        .with("serverCode", error.server_code.as_deref())
        .with("text", error.text.as_deref())
        .with("location", error.location.as_deref())
        .with("requestId", error.request_id.as_deref())
        .with("token", error.token.as_deref())
        .with("sent", error.never_sent.then_some(false));
    let job = optional_snapshot(callbacks, error.job.as_ref(), waiter);
    let cause = error.cause.as_ref().map_or(JsValue::UNDEFINED, unwrap);
    callbacks.error(&data.0, &job, &cause, waiter.map(WaiterId::get))
}

/// An event for the user's `onEvent`: `ClientEvent` of `src/js/types.ts`.
pub(super) fn event(event: &ClientEvent) -> JsValue {
    let data = Plain::new()
        .with("type", Some(event.kind.name()))
        .with("jobId", event.job.as_deref())
        .with("method", event.method.as_deref())
        .with("path", event.path.as_deref())
        .with("status", event.status.map(f64::from))
        .with("attempt", event.attempt.map(f64::from))
        .with("delay", event.delay.map(clock::millis))
        .with("state", event.state.as_ref().map(|it| it.name()))
        .with("code", event.code);
    data.0.into()
}

/// A client's counts: `ClientStats` of `src/js/types.ts`.
pub(super) fn stats(stats: Stats) -> JsValue {
    let data = Plain::new()
        .with("polls", Some(f64::from(stats.polls)))
        .with("emptyPolls", Some(f64::from(stats.empty_polls)))
        .with("retries", Some(f64::from(stats.retries)))
        .with("openPolls", Some(f64::from(stats.open_polls)))
        .with("waits", Some(f64::from(stats.waits)));
    data.0.into()
}

/// A `TypeError` or `RangeError` that names the option.
pub(super) fn option_error(error: OptionError) -> JsValue {
    if error.wrong_type {
        js_sys::TypeError::new(&error.message).into()
    } else {
        js_sys::RangeError::new(&error.message).into()
    }
}

/// A `TypeError` for a path, an id or a base.
pub(super) fn address_error(error: AddressError) -> JsValue {
    js_sys::TypeError::new(&error.to_string()).into()
}

/// Wraps a JavaScript value as an opaque value for the engine.
pub(super) fn wrap(value: JsValue) -> Cause {
    Rc::new(value)
}

fn unwrap(value: &Cause) -> JsValue {
    value.downcast_ref::<JsValue>().cloned().unwrap_or_default()
}

fn optional_snapshot(
    callbacks: &JsCallbacks,
    job: Option<&Rc<Snapshot>>,
    waiter: Option<WaiterId>,
) -> JsValue {
    job.map_or(JsValue::UNDEFINED, |job| snapshot(callbacks, job, waiter))
}
