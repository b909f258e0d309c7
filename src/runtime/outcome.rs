//! The engine's values as JavaScript values.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::callbacks::Host;
use super::plain::{Member, Members, number, text};
use crate::engine::{Cause, ClientEvent, Error, ErrorCode, InitialResponse, Snapshot, Stats};

/// A snapshot, made once: users compare snapshots by identity.
pub(super) fn snapshot(host: &Host, snapshot: &Rc<Snapshot>) -> JsValue {
    let outer = snapshot.extension.get_or_init(|| {
        let data = Members(&[
            ("id", Member::Text(&snapshot.id)),
            ("state", Member::Text(snapshot.state.name())),
            ("message", text(snapshot.message.as_deref())),
            ("lastModified", text(snapshot.last_modified.as_deref())),
        ]);
        opaque(host.snapshot(&data.plain(), snapshot.raw()))
    });
    transparent(Some(outer))
}

/// How a call ended.
pub(super) fn result(
    host: &Host,
    accepted: &InitialResponse,
    job: Option<&Rc<Snapshot>>,
) -> JsValue {
    let data = Members(&[
        ("status", number(Some(accepted.status))),
        ("location", text(accepted.location.as_deref())),
        ("requestId", text(accepted.request_id.as_deref())),
    ]);
    host.result(
        &data.plain(),
        &accepted.text(),
        &job_or_undefined(host, job),
    )
}

/// An error of the class that belongs to its code.
pub(super) fn error(host: &Host, error: &Error) -> JsValue {
    let data = Members(&[
        ("code", Member::Text(error.code.name())),
        ("message", Member::Text(&error.message)),
        ("status", number(error.status)),
        ("serverCode", text(error.server_code.as_deref())),
        ("text", text(error.text.as_deref())),
        ("location", text(error.location.as_deref())),
        ("requestId", text(error.request_id.as_deref())),
        ("token", text(error.token.as_deref())),
    ]);
    let job = job_or_undefined(host, error.job.as_ref());
    let cause = match (&error.cause, error.code) {
        (None, ErrorCode::Transport) => timed_out(),
        (cause, _) => transparent(cause.as_ref()),
    };
    host.error(&data.plain(), &job, &cause)
}

/// The cause where nothing but our own clock ended a request.
fn timed_out() -> JsValue {
    let error = js_sys::Error::new("no answer came in time");
    error.set_name("TimeoutError");
    error.into()
}

/// One step, for the user's own trace.
#[allow(clippy::cast_precision_loss)] // No pause is as long as 2^53 milliseconds.
pub(super) fn report(report: &ClientEvent) -> JsValue {
    Members(&[
        ("type", Member::Text(report.kind.name())),
        ("jobId", text(report.job.as_deref())),
        ("method", text(report.method.as_deref())),
        ("path", text(report.path.as_deref())),
        ("status", number(report.status)),
        ("attempt", number(report.attempt)),
        (
            "delay",
            number(report.delay.map(|delay| delay.as_millis() as f64)),
        ),
        ("state", text(report.state.as_ref().map(|it| it.name()))),
        ("code", text(report.code)),
    ])
    .plain()
}

/// The tabs cannot share one poller here.
pub(super) fn not_shared() -> JsValue {
    Members(&[("type", Member::Text("not-shared"))]).plain()
}

pub(super) fn stats(stats: Stats) -> JsValue {
    Members(&[
        ("polls", number(Some(stats.polls))),
        ("emptyPolls", number(Some(stats.empty_polls))),
        ("retries", number(Some(stats.retries))),
        ("openPolls", number(Some(stats.open_polls))),
        ("waits", number(Some(stats.waits))),
    ])
    .plain()
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
