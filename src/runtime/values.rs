//! The engine's values as JavaScript values.

use std::rc::Rc;

use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

use super::callbacks::JsCallbacks;
use super::clock;
use crate::engine::{
    AddressError, Cause, ClientEvent, Error, ErrorCode, InitialResponse, OptionError, Snapshot,
    Stats, WaiterId,
};

/// A member of a plain object. Those that are `None` are left out.
type Member<'a> = (&'static str, Option<Value<'a>>);

#[derive(Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Text(&'a str),
    Number(f64),
    Flag(bool),
}

impl<'a> Value<'a> {
    fn text(text: Option<&'a str>) -> Option<Self> {
        text.map(Self::Text)
    }

    fn number(number: Option<impl Into<f64>>) -> Option<Self> {
        number.map(|number| Self::Number(number.into()))
    }
}

/// A snapshot, made once: users compare snapshots by identity. Without the secrets of the waiter's call.
pub(super) fn snapshot(
    callbacks: &JsCallbacks,
    snapshot: &Rc<Snapshot>,
    waiter: Option<WaiterId>,
) -> JsValue {
    let made = snapshot.extension.get_or_init(|| {
        // Once for each change of a job, so in one call over the boundary.
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
    let data = plain(&[
        ("status", Value::number(Some(response.status))),
        ("location", Value::text(response.location.as_deref())),
        ("path", Value::text(object.map(|it| &*it.path))),
        ("id", Value::text(object.map(|it| &*it.id))),
        ("requestId", Value::text(response.request_id.as_deref())),
    ]);
    let job = optional_snapshot(callbacks, job, Some(waiter));
    callbacks.result(&data, &response.body, &job)
}

/// An error of the class that belongs to its code, of `ErrorData` of `src/js/errors.ts`, without the secrets of
/// the waiter's call.
pub(super) fn error(callbacks: &JsCallbacks, error: &Error, waiter: Option<WaiterId>) -> JsValue {
    let data = plain(&[
        ("code", Some(Value::Text(error.code.name()))),
        ("message", Some(Value::Text(&error.message))),
        ("outcome", Some(Value::Text(error.outcome.name()))),
        ("sent", error.never_sent.then_some(Value::Flag(false))),
        ("status", Value::number(error.status)),
        ("serverCode", Value::text(error.server_code.as_deref())),
        ("text", Value::text(error.text.as_deref())),
        ("location", Value::text(error.location.as_deref())),
        ("requestId", Value::text(error.request_id.as_deref())),
        ("token", Value::text(error.token.as_deref())),
    ]);
    let job = optional_snapshot(callbacks, error.job.as_ref(), waiter);
    let cause = match (&error.cause, error.code) {
        (Some(cause), _) => unwrap(cause),
        (None, ErrorCode::Transport) => timeout_error(),
        (None, _) => JsValue::UNDEFINED,
    };
    callbacks.error(&data, &job, &cause, waiter.map(WaiterId::get))
}

/// One step, for the user's `onEvent`: `ClientEvent` of `src/js/types.ts`.
pub(super) fn event(event: &ClientEvent) -> JsValue {
    plain(&[
        ("type", Some(Value::Text(event.kind.name()))),
        ("jobId", Value::text(event.job.as_deref())),
        ("method", Value::text(event.method.as_deref())),
        ("path", Value::text(event.path.as_deref())),
        ("status", Value::number(event.status)),
        ("attempt", Value::number(event.attempt)),
        ("delay", Value::number(event.delay.map(clock::millis))),
        (
            "state",
            Value::text(event.state.as_ref().map(|it| it.name())),
        ),
        ("code", Value::text(event.code)),
    ])
}

/// A client's counts: `ClientStats` of `src/js/types.ts`.
pub(super) fn stats(stats: Stats) -> JsValue {
    plain(&[
        ("polls", Value::number(Some(stats.polls))),
        ("emptyPolls", Value::number(Some(stats.empty_polls))),
        ("retries", Value::number(Some(stats.retries))),
        ("openPolls", Value::number(Some(stats.open_polls))),
        ("waits", Value::number(Some(stats.waits))),
    ])
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

/// Makes a JavaScript value one that the engine carries without looking into it.
pub(super) fn wrap(value: JsValue) -> Cause {
    Rc::new(value)
}

fn unwrap(value: &Cause) -> JsValue {
    value.downcast_ref::<JsValue>().cloned().unwrap_or_default()
}

/// A plain object. Strings, numbers and booleans always convert. Serialised as a map: the names of a struct's
/// members would go through a hash table of their own.
fn plain(members: &[Member<'_>]) -> JsValue {
    let given = members
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    serializer.collect_map(given).unwrap_or_default()
}

fn optional_snapshot(
    callbacks: &JsCallbacks,
    job: Option<&Rc<Snapshot>>,
    waiter: Option<WaiterId>,
) -> JsValue {
    job.map_or(JsValue::UNDEFINED, |job| snapshot(callbacks, job, waiter))
}

/// The cause where only our own timer ended a request.
fn timeout_error() -> JsValue {
    let error = js_sys::Error::new("no answer came in time");
    error.set_name("TimeoutError");
    error.into()
}
