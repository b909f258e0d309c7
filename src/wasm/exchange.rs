//! One request: credential, headers, `fetch`, and the body up to its limit.

use std::cell::Cell;

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, RequestInit};

use super::clock;
use super::host::Host;
use super::options::{AuthOption, HeadersOption, Settings, member, merge_headers};
use super::outcome::{Member, Members, number, opaque};
use crate::core::{Answer, Credential, SendFailure, SendFailureKind, is_header_value};

/// What is sent.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query below the base.
    pub(super) target: String,
    /// A body for `fetch`, if there is one.
    pub(super) body: JsValue,
    /// Whether the body is JSON text.
    pub(super) json: bool,
    /// The headers of this call alone.
    pub(super) headers: Option<Headers>,
}

impl Request {
    pub(super) fn get(target: String) -> Self {
        Self {
            method: String::from("GET"),
            target,
            body: JsValue::UNDEFINED,
            json: false,
            headers: None,
        }
    }

    /// The path alone: a query may hold what is nobody's business.
    fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// Sends a request and reads its answer. `fresh` is the credential that came after a 401.
pub(super) async fn perform(
    settings: &Settings,
    host: &Host,
    request: &Request,
    credential: Credential,
    fresh: Option<String>,
    headers: &Headers,
    abort: &AbortController,
) -> Result<Answer, SendFailure> {
    let kind = Cell::new(SendFailureKind::Unsent);
    // In one piece, so that what went wrong is told in one place, whichever step it was.
    let answer = async {
        dress(settings, host, request, headers, credential, fresh, &kind).await?;
        let signal = abort.signal();
        if signal.aborted() {
            // Whoever asked has left while the credential was fetched.
            return Err(JsValue::UNDEFINED);
        }
        kind.set(SendFailureKind::Network);
        let response = send(settings, request, headers, &signal)?.await?;
        let redirected = member(&response, "redirected")?.is_truthy();
        // One that a `fetch` of the user's followed all the same is no better.
        if redirected || member(&response, "type")?.as_string().as_deref() == Some("opaqueredirect")
        {
            // Nobody reads its body.
            abort.abort();
            return Ok(Answer::default());
        }
        let (status, answered) = read_head(&response)?;
        let body = host.read(&response, settings.max_response_bytes, &signal);
        let body = JsFuture::from(body).await?;
        if body.is_undefined() {
            kind.set(SendFailureKind::TooLarge);
            abort.abort();
            return Err(body);
        }
        let header = |name| answered.get(name).ok()?.as_string();
        Ok(Answer {
            status,
            body: body.unchecked_into::<Uint8Array>().to_vec().into(),
            location: header("location"),
            request_id: header("request-id"),
            retry_after: header("retry-after"),
            wall_clock: clock::wall_clock(),
        })
    };
    let answer = answer.await;
    answer.map_err(|cause| {
        let cause = host.failed(&cause, &request.target, headers);
        let cause = (!cause.is_undefined()).then(|| opaque(cause));
        SendFailure {
            kind: kind.get(),
            cause,
        }
    })
}

/// Asks the `auth` function; `status` is 401 when what it gave before was refused.
pub(super) async fn ask_credential(
    ask: &Function,
    method: &str,
    path: &str,
    status: Option<u16>,
) -> Result<JsValue, JsValue> {
    let context = Members(&[
        ("method", Member::Text(method)),
        ("path", Member::Text(path)),
        ("status", number(status)),
    ]);
    settled(&ask.call1(&JsValue::UNDEFINED, &context.plain())?)?.await
}

/// What the `auth` function gave, if a header can carry it.
pub(super) fn usable(given: &JsValue) -> Result<Option<String>, JsValue> {
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

/// Sets all headers of a request; the later ones win.
async fn dress(
    settings: &Settings,
    host: &Host,
    request: &Request,
    headers: &Headers,
    credential: Credential,
    fresh: Option<String>,
    kind: &Cell<SendFailureKind>,
) -> Result<(), JsValue> {
    headers.set("accept", "application/json")?;
    if request.json {
        headers.set("content-type", "application/json")?;
    }
    match &settings.headers {
        HeadersOption::Fixed(own) => host.merge(headers, own)?,
        HeadersOption::Ask(ask) => {
            let given = settled(&ask.call0(&JsValue::UNDEFINED)?)?.await?;
            kind.set(SendFailureKind::Unusable);
            merge_headers(headers, &given, host)?;
            kind.set(SendFailureKind::Unsent);
        }
    }
    let authorization = match (&settings.auth, credential) {
        (AuthOption::None, _) => None,
        (AuthOption::Fixed(value), _) => Some(value.clone()),
        (AuthOption::Ask(_), Credential::Fresh) => fresh,
        (AuthOption::Ask(ask), Credential::Usual) => {
            let given = ask_credential(ask, &request.method, request.path(), None).await?;
            kind.set(SendFailureKind::Unusable);
            usable(&given)?
        }
    };
    if let Some(value) = authorization {
        headers.set("authorization", &value)?;
    }
    if let Some(own) = &request.headers {
        host.merge(headers, own)?;
    }
    Ok(())
}

/// Calls `fetch`.
fn send(
    settings: &Settings,
    request: &Request,
    headers: &Headers,
    signal: &AbortSignal,
) -> Result<JsFuture, JsValue> {
    let init: RequestInit = Members(&[
        ("method", Member::Text(&request.method)),
        ("cache", Member::Text("no-store")),
        // "manual" tells a redirect from a network error in every runtime; it is never followed.
        ("redirect", Member::Text("manual")),
        ("credentials", Member::Text(settings.credentials)),
    ])
    .plain()
    .unchecked_into();
    init.set_headers(headers);
    init.set_signal(Some(signal));
    init.set_body(&request.body);
    let url = [settings.config.base.as_str(), &request.target].concat();
    let global = js_sys::global();
    let fetch = match &settings.fetch {
        Some(fetch) => fetch.clone(),
        // Looked up each time, so that a test that replaces it later is heard.
        None => member(&global, "fetch")?.dyn_into()?,
    };
    settled(&fetch.call2(&global, &JsValue::from_str(&url), &init)?)
}

#[wasm_bindgen]
extern "C" {
    /// What answers for headers; web_sys would take whatever it gives for a string.
    type Answered;

    #[wasm_bindgen(method, structural, catch)]
    fn get(this: &Answered, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = Promise, js_name = resolve, catch)]
    fn promise_of(value: &JsValue) -> Result<Promise, JsValue>;
}

/// A `fetch` that the user handed in may give anything, so nothing of its answer is taken on trust.
fn read_head(response: &JsValue) -> Result<(u16, Answered), JsValue> {
    let status = member(response, "status")?.as_f64();
    let status = status.filter(|status| (100.0..=599.0).contains(status));
    let headers = member(response, "headers")?;
    match status.map(clock::whole).map(u16::try_from) {
        Some(Ok(status)) if member(&headers, "get")?.is_function() => {
            Ok((status, headers.unchecked_into()))
        }
        _ => Err(js_sys::TypeError::new("fetch: expected it to give a Response").into()),
    }
}

/// What a promise comes to, or a plain value as it is.
fn settled(value: &JsValue) -> Result<JsFuture, JsValue> {
    promise_of(value).map(JsFuture::from)
}
