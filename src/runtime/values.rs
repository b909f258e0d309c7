//! The engine's values as JavaScript values.

use std::rc::Rc;
use std::time::Duration;

use serde::{Serialize, Serializer as _};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use super::callbacks::JsCallbacks;
use crate::engine::{
    AddressError, Cause, ClientEvent, Error, ErrorCode, InitialResponse, JobState, OptionError,
    Snapshot, Stats,
};

/// What a member of a plain object holds.
#[derive(Serialize)]
#[serde(untagged)]
enum Member<'a> {
    Text(&'a str),
    Number(f64),
}

/// A snapshot, made once: users compare snapshots by identity.
pub(super) fn snapshot(callbacks: &JsCallbacks, snapshot: &Rc<Snapshot>) -> JsValue {
    let made = snapshot.extension.get_or_init(|| {
        // Once for each change of a job, so in one call over the boundary.
        wrap(callbacks.snapshot(
            &snapshot.id,
            snapshot.state.name(),
            snapshot.message.as_deref(),
            snapshot.last_modified.as_deref(),
            snapshot.raw(),
        ))
    });
    unwrap(made)
}

/// How a call ended.
pub(super) fn result(
    callbacks: &JsCallbacks,
    response: &InitialResponse,
    job: Option<&Rc<Snapshot>>,
) -> JsValue {
    let data = to_object(&[
        ("status", number(Some(response.status))),
        ("location", text(response.location.as_deref())),
        ("requestId", text(response.request_id.as_deref())),
    ]);
    let job = optional_snapshot(callbacks, job);
    callbacks.result(&data, &response.text(), &job)
}

/// An error of the class that belongs to its code.
pub(super) fn error(callbacks: &JsCallbacks, error: &Error) -> JsValue {
    let data = to_object(&[
        ("code", text(Some(error.code.name()))),
        ("message", text(Some(&error.message))),
        ("status", number(error.status)),
        ("serverCode", text(error.server_code.as_deref())),
        ("text", text(error.text.as_deref())),
        ("location", text(error.location.as_deref())),
        ("requestId", text(error.request_id.as_deref())),
        ("token", text(error.token.as_deref())),
    ]);
    let job = optional_snapshot(callbacks, error.job.as_ref());
    let cause = match (&error.cause, error.code) {
        (Some(cause), _) => unwrap(cause),
        (None, ErrorCode::Transport) => timeout_error(),
        (None, _) => JsValue::UNDEFINED,
    };
    callbacks.error(&data, &job, &cause)
}

/// One step, for the user's `onEvent`.
pub(super) fn event(event: &ClientEvent) -> JsValue {
    to_object(&[
        ("type", text(Some(event.kind.name()))),
        ("jobId", text(event.job.as_deref())),
        ("method", text(event.method.as_deref())),
        ("path", text(event.path.as_deref())),
        ("status", number(event.status)),
        ("attempt", number(event.attempt)),
        ("delay", number(event.delay.and_then(millis))),
        ("state", text(event.state.as_ref().map(JobState::name))),
        ("code", text(event.code)),
    ])
}

/// A client's counts.
pub(super) fn stats(stats: Stats) -> JsValue {
    to_object(&[
        ("polls", number(Some(stats.polls))),
        ("emptyPolls", number(Some(stats.empty_polls))),
        ("retries", number(Some(stats.retries))),
        ("openPolls", number(Some(stats.open_polls))),
        ("waits", number(Some(stats.waits))),
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

#[allow(clippy::cast_precision_loss)] // Exact for 285 thousand years.
fn millis(delay: Duration) -> Option<f64> {
    let whole = u64::try_from(delay.as_millis()).ok()?;
    Some(whole as f64)
}

fn text(value: Option<&str>) -> Option<Member<'_>> {
    value.map(Member::Text)
}

fn number<'a>(value: Option<impl Into<f64>>) -> Option<Member<'a>> {
    value.map(|value| Member::Number(value.into()))
}

/// A plain object of the members that are there. They always convert. As a map, because for structs
/// serde-wasm-bindgen keeps a table of all names, which is 1.3 KB more of the download.
fn to_object(members: &[(&str, Option<Member<'_>>)]) -> JsValue {
    let present = members
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)));
    Serializer::new()
        .serialize_maps_as_objects(true)
        .collect_map(present)
        .unwrap_or_default()
}

fn optional_snapshot(callbacks: &JsCallbacks, job: Option<&Rc<Snapshot>>) -> JsValue {
    job.map_or(JsValue::UNDEFINED, |job| snapshot(callbacks, job))
}

/// The cause where only our own timer ended a request.
fn timeout_error() -> JsValue {
    let error = js_sys::Error::new("no answer came in time");
    error.set_name("TimeoutError");
    error.into()
}
