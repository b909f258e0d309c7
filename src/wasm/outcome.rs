//! The engine's values as JavaScript values.

use std::rc::Rc;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::host::Host;
use crate::core::{Accepted, Cause, Code, Report, Snapshot, Stats, Trouble};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotData<'a> {
    id: &'a str,
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AcceptedData<'a> {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TroubleData<'a> {
    code: &'a str,
    message: &'a str,
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportData<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

#[derive(Serialize)]
struct NotShared<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
}

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
pub(super) fn snapshot(host: &Host, snapshot: &Rc<Snapshot>) -> JsValue {
    let outer = snapshot.outer.get_or_init(|| {
        let data = SnapshotData {
            id: &snapshot.id,
            state: snapshot.state.name(),
            message: snapshot.message.as_deref(),
            last_modified: snapshot.last_modified.as_deref(),
        };
        opaque(host.snapshot(plain(&data), &snapshot.raw))
    });
    transparent(Some(outer))
}

/// How a call ended.
pub(super) fn result(host: &Host, accepted: &Accepted, job: Option<&Rc<Snapshot>>) -> JsValue {
    let data = AcceptedData {
        status: accepted.status,
        location: accepted.location.as_deref(),
        request_id: accepted.request_id.as_deref(),
    };
    host.result(plain(&data), &accepted.text(), &job_or_undefined(host, job))
}

/// An error of the class that belongs to its code.
pub(super) fn error(host: &Host, trouble: &Trouble) -> JsValue {
    let data = TroubleData {
        code: trouble.code.name(),
        message: &trouble.message,
        status: trouble.status,
        server_code: trouble.server_code.as_deref(),
        text: trouble.text.as_deref(),
        location: trouble.location.as_deref(),
        request_id: trouble.request_id.as_deref(),
        token: trouble.token.as_deref(),
    };
    let job = job_or_undefined(host, trouble.job.as_ref());
    let cause = match (&trouble.cause, trouble.code) {
        (None, Code::Transport) => timed_out(),
        (cause, _) => transparent(cause.as_ref()),
    };
    host.error(plain(&data), &job, &cause)
}

/// The cause where nothing but our own clock ended a request.
fn timed_out() -> JsValue {
    let error = js_sys::Error::new("no answer came in time");
    error.set_name("TimeoutError");
    error.into()
}

/// One step, for the user's own trace.
#[allow(clippy::cast_precision_loss)] // No pause is as long as 2^53 milliseconds.
pub(super) fn report(report: &Report) -> JsValue {
    plain(&ReportData {
        kind: report.kind.name(),
        job_id: report.job.as_deref(),
        method: report.method.as_deref(),
        path: report.path.as_deref(),
        status: report.status,
        attempt: report.attempt,
        delay: report.delay.map(|delay| delay as f64),
        state: report.state.as_ref().map(|state| state.name()),
        code: report.code,
    })
}

/// The tabs cannot share one poller here.
pub(super) fn not_shared() -> JsValue {
    plain(&NotShared { kind: "not-shared" })
}

pub(super) fn stats(stats: Stats) -> JsValue {
    plain(&StatsData {
        polls: stats.polls,
        empty_polls: stats.empty_polls,
        retries: stats.retries,
        open_polls: stats.open_polls,
        waits: stats.waits,
    })
}

/// Carries a JavaScript value through the engine.
pub(super) fn opaque(value: JsValue) -> Cause {
    Rc::new(value)
}

fn transparent(value: Option<&Cause>) -> JsValue {
    value
        .and_then(|value| value.downcast_ref::<JsValue>())
        .cloned()
        .unwrap_or_default()
}

fn job_or_undefined(host: &Host, job: Option<&Rc<Snapshot>>) -> JsValue {
    job.map_or(JsValue::UNDEFINED, |job| snapshot(host, job))
}

/// Only strings and small numbers are in these structs, and they always convert.
fn plain(data: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(data).unwrap_or_default()
}
