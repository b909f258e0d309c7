//! One request: credential, headers, `fetch`, and the body up to its limit.

use std::cell::Cell;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, RequestInit};

use super::callbacks::{Host, ask_auth};
use super::clock;
use super::members::{member, object_of};
use super::settings::{AuthContext, AuthOption, HeadersOption, Settings};
use crate::engine::{
    Credential, Response, TransportError, TransportErrorKind, before_query, is_certificate_error,
    retry_after,
};

/// What a call's method is expected to be.
pub(crate) const METHOD: &str = "an HTTP method that fetch can send";
/// What the body of a call that changes nothing is expected to be.
pub(crate) const NO_BODY: &str = "none: a GET or HEAD carries no body";

/// What is sent.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query below the base.
    pub(crate) target: String,
    /// A body for `fetch`, if there is one.
    pub(crate) body: JsValue,
    /// Whether the body is JSON text.
    pub(crate) json: bool,
    /// The headers of this call alone.
    pub(crate) headers: Option<Headers>,
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
        before_query(&self.target)
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
) -> Result<Response, TransportError> {
    let kind = Cell::new(TransportErrorKind::CallbackFailed);
    // In one piece, so that what went wrong is told in one place, whichever step it was.
    let response = async {
        dress(settings, host, request, headers, credential, fresh, &kind).await?;
        let signal = abort.signal();
        if signal.aborted() {
            // Whoever asked has left while the credential was fetched.
            return Err(JsValue::UNDEFINED);
        }
        kind.set(TransportErrorKind::Network);
        let response = send(settings, request, headers, &signal)?.await;
        let response = response.inspect_err(|error| kind.set(kind_of(error)))?;
        let redirected = member(&response, "redirected")?.is_truthy();
        // One that a `fetch` of the user's followed all the same is no better.
        if redirected || member(&response, "type")?.as_string().as_deref() == Some("opaqueredirect")
        {
            // Nobody reads its body.
            abort.abort();
            return Ok(Response::default());
        }
        let (status, answered) = read_head(&response)?;
        let limit = settings.max_response_bytes;
        let Some(body) = host.read_body(&response, limit, &signal).await? else {
            kind.set(TransportErrorKind::BodyTooLarge);
            abort.abort();
            return Err(JsValue::UNDEFINED);
        };
        let header = |name| answered.get(name).ok()?.as_string();
        Ok(Response {
            status,
            body,
            location: header("location"),
            request_id: header("request-id"),
            retry_after: header("retry-after")
                .and_then(|value| retry_after(&value, clock::until_date)),
        })
    };
    let response = response.await;
    response.map_err(|error| TransportError {
        kind: kind.get(),
        cause: host.sanitize(error, &request.target, headers),
    })
}

/// What `fetch` failed for, as far as it tells. Node's has it in its error's cause, other runtimes' in the
/// error itself.
fn kind_of(error: &JsValue) -> TransportErrorKind {
    let code = |error: &JsValue| member(error, "code").ok()?.as_string();
    let below = member(error, "cause").unwrap_or_default();
    let codes = [code(error), code(&below)];
    if codes.iter().flatten().any(|it| is_certificate_error(it)) {
        TransportErrorKind::CertificateRejected
    } else {
        TransportErrorKind::Network
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
    kind: &Cell<TransportErrorKind>,
) -> Result<(), JsValue> {
    headers.set("accept", "application/json")?;
    if request.json {
        headers.set("content-type", "application/json")?;
    }
    match &settings.headers {
        HeadersOption::Fixed(own) => host.merge(headers, own)?,
        HeadersOption::Ask(ask) => {
            host.ask_headers(ask, headers, kind).await?;
            kind.set(TransportErrorKind::CallbackFailed);
        }
    }
    let authorization = match (&settings.auth, credential) {
        (AuthOption::None, _) => None,
        (AuthOption::Fixed(value), _) => Some(value.clone()),
        (AuthOption::Ask(_), Credential::Fresh) => fresh,
        (AuthOption::Ask(ask), Credential::Usual) => {
            let context = AuthContext {
                method: &request.method,
                path: request.path(),
                status: None,
            };
            ask_auth(ask, context, kind).await?
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
    let init: RequestInit = object_of(&[
        ("method", &request.method),
        ("cache", "no-store"),
        // "manual" tells a redirect from a network error in every runtime; it is never followed.
        ("redirect", "manual"),
        ("credentials", settings.credentials),
    ])?
    .unchecked_into();
    init.set_headers(headers);
    init.set_signal(Some(signal));
    init.set_body(&request.body);
    let url = format!("{}{}", settings.config.base, request.target);
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
pub(super) fn settled(value: &JsValue) -> Result<JsFuture, JsValue> {
    promise_of(value).map(JsFuture::from)
}
