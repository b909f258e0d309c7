//! One request: credential, headers, `fetch`, and the body up to its limit.

use js_sys::{Function, JsString, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AbortSignal, Headers, RequestCache, RequestInit, RequestRedirect};

use super::clock;
use super::host::Host;
use super::options::{AuthOption, HeadersOption, Settings, checked_headers, member};
use super::outcome::opaque;
use super::surroundings::Listener;
use crate::core::{Answer, Credential, SendFailure, SendFailureKind, is_header_value};

/// What is sent.
#[derive(Debug, Clone)]
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
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// Sends a request and reads its answer. `fresh` is the credential that came after a 401.
pub(super) async fn perform(
    settings: &Settings,
    host: &Host,
    request: Request,
    credential: Credential,
    fresh: Option<String>,
    abort: &AbortController,
) -> Result<Answer, SendFailure> {
    let signal = abort.signal();
    let clean = |cause, headers: &JsValue| host.clean(cause, &request.target, headers);
    let (init, headers) = prepare(settings, host, &request, credential, fresh, &signal)
        .await
        .map_err(|it| failure(it.kind, clean(it.cause, &JsValue::UNDEFINED)))?;
    if signal.aborted() {
        // Whoever asked has left while the credential was fetched.
        return Err(failure(SendFailureKind::Unsent, JsValue::UNDEFINED));
    }
    let url = [settings.base.as_str(), &request.target].concat();
    let network = |cause| failure(SendFailureKind::Network, clean(cause, &headers));
    let response = send(settings, &url, &init).await.map_err(network)?;
    let kind = member(&response, "type").map_err(network)?;
    let redirected = member(&response, "redirected").map_err(network)?;
    // One that a `fetch` of the user's followed all the same is no better.
    if kind.as_string().as_deref() == Some("opaqueredirect") || redirected.is_truthy() {
        return Ok(Answer::default());
    }
    let (status, headers) = read_head(&response).map_err(network)?;
    let header = |name| headers.get(name).ok().flatten();
    let body = read_body(&response, settings.max_response_bytes, &signal)
        .await
        .map_err(network)?;
    let Some(body) = body else {
        abort.abort();
        return Err(failure(SendFailureKind::TooLarge, JsValue::UNDEFINED));
    };
    Ok(Answer {
        status,
        body: body.into(),
        location: header("location"),
        request_id: header("request-id"),
        retry_after: header("retry-after"),
        wall_clock: clock::wall_clock(),
    })
}

/// Asks the `auth` function; `status` is 401 when what it gave before was refused.
pub(super) async fn ask_credential(
    ask: &Function,
    method: &str,
    path: &str,
    status: Option<u16>,
) -> Result<Option<String>, Unsent> {
    let context = js_sys::Object::new();
    let set = |name: &str, value: JsValue| Reflect::set(&context, &name.into(), &value).map(drop);
    set("method", method.into())?;
    set("path", path.into())?;
    if let Some(status) = status {
        set("status", status.into())?;
    }
    let given = settled(ask.call1(&JsValue::UNDEFINED, &context)?).await?;
    match given.as_string() {
        Some(value) if is_header_value(&value) => Ok(Some(value)),
        None if given.is_undefined() => Ok(None),
        // What it gave may be a secret, so it is not shown.
        _ => Err(Unsent::unusable(
            js_sys::TypeError::new(
                "auth: expected the function to give an Authorization value, or undefined for none",
            )
            .into(),
        )),
    }
}

/// Why a request did not go out.
pub(super) struct Unsent {
    kind: SendFailureKind,
    cause: JsValue,
}

impl Unsent {
    fn unusable(cause: JsValue) -> Self {
        Self {
            kind: SendFailureKind::Unusable,
            cause,
        }
    }
}

impl From<JsValue> for Unsent {
    fn from(cause: JsValue) -> Self {
        Self {
            kind: SendFailureKind::Unsent,
            cause,
        }
    }
}

async fn prepare(
    settings: &Settings,
    host: &Host,
    request: &Request,
    credential: Credential,
    fresh: Option<String>,
    signal: &AbortSignal,
) -> Result<(RequestInit, Headers), Unsent> {
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    if request.json {
        headers.set("content-type", "application/json")?;
    }
    match &settings.headers {
        HeadersOption::None => {}
        HeadersOption::Fixed(own) => host.merge(&headers, own),
        HeadersOption::Ask(ask) => {
            let given = settled(ask.call0(&JsValue::UNDEFINED)?).await?;
            let given = checked_headers(&given, host).map_err(Unsent::unusable)?;
            host.merge(&headers, &given);
        }
    }
    let authorization = match (&settings.auth, credential) {
        (AuthOption::None, _) => None,
        (AuthOption::Fixed(value), _) => Some(value.clone()),
        (AuthOption::Ask(_), Credential::Fresh) => fresh,
        (AuthOption::Ask(ask), Credential::Usual) => {
            ask_credential(ask, &request.method, request.path(), None).await?
        }
    };
    if let Some(value) = authorization {
        headers.set("authorization", &value)?;
    }
    if let Some(own) = &request.headers {
        host.merge(&headers, own);
    }
    let init = RequestInit::new();
    init.set_method(&request.method);
    init.set_headers(&headers);
    init.set_cache(RequestCache::NoStore);
    // "manual" tells a redirect from a network error in every runtime; it is never followed.
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(signal));
    if !request.body.is_undefined() {
        init.set_body(&request.body);
    }
    Reflect::set(&init, &"credentials".into(), &settings.credentials)?;
    Ok((init, headers))
}

async fn send(settings: &Settings, url: &str, init: &RequestInit) -> Result<JsValue, JsValue> {
    let global = js_sys::global();
    let fetch = match &settings.fetch {
        Some(fetch) => fetch.clone(),
        // Looked up each time, so that a test that replaces it later is heard.
        None => member(&global, "fetch")?.dyn_into::<Function>()?,
    };
    settled(fetch.call2(&global, &JsString::from(url), init)?).await
}

// A `fetch` that the user handed in may give anything, so nothing of its answer is taken on trust.

fn read_head(response: &JsValue) -> Result<(u16, Headers), JsValue> {
    let status = member(response, "status")?.as_f64().and_then(|status| {
        (100.0..=599.0)
            .contains(&status)
            .then(|| clock::whole(status))
    });
    let status = status.and_then(|status| u16::try_from(status).ok());
    let headers = member(response, "headers")?;
    let readable = member(&headers, "get")?.is_function();
    match status {
        Some(status) if readable => Ok((status, headers.unchecked_into())),
        _ => Err(js_sys::TypeError::new("fetch: expected it to give a Response").into()),
    }
}

/// The whole body, or `None` if it is larger than the limit; no more than that is ever held.
async fn read_body(
    response: &JsValue,
    limit: usize,
    signal: &AbortSignal,
) -> Result<Option<Vec<u8>>, JsValue> {
    let stream = member(response, "body")?;
    let mut body = Vec::new();
    if stream.is_undefined() && member(response, "arrayBuffer")?.is_function() {
        // Some runtimes have no streams.
        let whole = settled(call_method(response, "arrayBuffer")?).await?;
        let bytes = Uint8Array::new(&whole);
        return Ok(fits(&body, &bytes, limit).then(|| bytes.to_vec()));
    }
    if !stream.is_object() {
        return Ok(Some(body));
    }
    let reader = call_method(&stream, "getReader")?;
    if signal.aborted() {
        cancel(&reader);
        return Err(JsValue::UNDEFINED);
    }
    let cancelled = reader.clone();
    // Not every `fetch` ties the body to the signal.
    let _aborted = Listener::new(signal, "abort", move |_| cancel(&cancelled));
    loop {
        let chunk = settled(call_method(&reader, "read")?).await?;
        if member(&chunk, "done")?.is_truthy() {
            return Ok(Some(body));
        }
        // Not `dyn_into`: a test environment may bring a Uint8Array of its own.
        let bytes: Uint8Array = member(&chunk, "value")?.unchecked_into();
        if !fits(&body, &bytes, limit) {
            cancel(&reader);
            return Ok(None);
        }
        body.extend(bytes.to_vec());
    }
}

fn fits(body: &[u8], more: &Uint8Array, limit: usize) -> bool {
    let length = usize::try_from(more.length()).unwrap_or(usize::MAX);
    body.len().saturating_add(length) <= limit
}

/// Nobody reads on. What comes of it concerns nobody either.
fn cancel(reader: &JsValue) {
    if let Ok(done) = call_method(reader, "cancel") {
        spawn_local(async {
            let _ = settled(done).await;
        });
    }
}

fn call_method(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    member(object, name)?.dyn_into::<Function>()?.call0(object)
}

/// Awaits a promise, or takes a plain value as it is.
async fn settled(value: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&value)).await
}

fn failure(kind: SendFailureKind, cause: JsValue) -> SendFailure {
    let cause = (!cause.is_undefined()).then(|| opaque(cause));
    SendFailure { kind, cause }
}
