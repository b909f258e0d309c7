//! The engine's values as JavaScript values.

use std::rc::Rc;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::callbacks::JsCallbacks;
use crate::engine::{
    AddressError, Cause, ClientEvent, Error, ErrorCode, InitialResponse, OptionError, Snapshot,
    Stats,
};

/// `CallResult` without its `body` and `job`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultData<'a> {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// `ErrorData` without its `job` and `cause`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorData<'a> {
    code: &'static str,
    message: &'a str,
    outcome: &'static str,
    /// `false`, or left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

/// `ClientEvent`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventData<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    /// In milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

/// `ClientStats`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatsData {
    polls: u32,
    empty_polls: u32,
    retries: u32,
    open_polls: u32,
    waits: u32,
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
    let data = ResultData {
        status: response.status,
        location: response.location.as_deref(),
        request_id: response.request_id.as_deref(),
    };
    let job = optional_snapshot(callbacks, job);
    callbacks.result(&to_object(&data), &response.text(), &job)
}

/// An error of the class that belongs to its code.
pub(super) fn error(callbacks: &JsCallbacks, error: &Error) -> JsValue {
    let data = ErrorData {
        code: error.code.name(),
        message: &error.message,
        outcome: error.outcome.name(),
        sent: error.never_sent.then_some(false),
        status: error.status,
        server_code: error.server_code.as_deref(),
        text: error.text.as_deref(),
        location: error.location.as_deref(),
        request_id: error.request_id.as_deref(),
        token: error.token.as_deref(),
    };
    let job = optional_snapshot(callbacks, error.job.as_ref());
    let cause = match (&error.cause, error.code) {
        (Some(cause), _) => unwrap(cause),
        (None, ErrorCode::Transport) => timeout_error(),
        (None, _) => JsValue::UNDEFINED,
    };
    callbacks.error(&to_object(&data), &job, &cause)
}

/// One step, for the user's `onEvent`.
pub(super) fn event(event: &ClientEvent) -> JsValue {
    to_object(&EventData {
        r#type: event.kind.name(),
        job_id: event.job.as_deref(),
        method: event.method.as_deref(),
        path: event.path.as_deref(),
        status: event.status,
        attempt: event.attempt,
        delay: event
            .delay
            .and_then(|delay| delay.as_millis().try_into().ok()),
        state: event.state.as_ref().map(|state| state.name()),
        code: event.code,
    })
}

/// A client's counts.
pub(super) fn stats(stats: Stats) -> JsValue {
    to_object(&StatsData {
        polls: stats.polls,
        empty_polls: stats.empty_polls,
        retries: stats.retries,
        open_polls: stats.open_polls,
        waits: stats.waits,
    })
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

/// A plain object. Its members are strings and numbers, which always convert.
fn to_object(data: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(data).unwrap_or_default()
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
