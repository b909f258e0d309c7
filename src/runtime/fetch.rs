//! One request: headers, credential, `fetch`, and the response's body up to its limit.

use std::cell::{Cell, RefCell};

use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers};

use super::callbacks::JsCallbacks;
use super::clock;
use super::property::get_property;
use super::settings::{Authorization, HttpSettings};
use super::values;
use crate::engine::{
    CredentialChoice, Response, TransportError, TransportErrorKind, before_query, is_header_value,
    retry_after,
};

/// A request to send.
#[derive(Debug)]
pub(super) struct Request {
    /// Path and query below the base.
    pub(super) target: String,
    /// The call's part; `None` for a poll.
    pub(super) call: Option<Call>,
}

/// The parts of a call beyond its path.
#[derive(Debug)]
pub(super) struct Call {
    /// The root of the target: the base, or its origin for a file.
    pub(super) root: String,
    pub(super) method: String,
    /// A body for `fetch`; `undefined` if there is none.
    pub(super) body: JsValue,
    /// The body's type, unless the headers set one.
    pub(super) content_type: Option<String>,
    /// The headers of this call alone.
    pub(super) headers: Option<Headers>,
}

/// Sends the requests of one client.
pub(super) struct Fetcher {
    callbacks: JsCallbacks,
    base: String,
    authorization: Authorization,
    asks_headers: bool,
    max_response_bytes: f64,
    /// The common headers. A request with more headers copies them.
    headers: Headers,
    /// The credential that the `auth` function returned after the last 401.
    refreshed: RefCell<Option<String>>,
    /// How often it was called after a 401. Compared only for equality, so it may wrap.
    refreshes: Cell<u32>,
}

/// The most nested causes that are checked.
const DEPTH: u32 = 8;

/// Why there is no response: the step that failed.
enum Failure {
    /// The `auth` or `headers` function threw or rejected.
    Callback(JsValue),
    /// The `auth` or `headers` function returned an invalid header value.
    InvalidHeader(JsValue),
    /// `fetch` failed.
    Network(JsValue),
    /// There is no `fetch`.
    NoFetch(JsValue),
    /// `fetch` did not return a response.
    NoResponse(JsValue),
    /// Reading the body failed.
    Body(JsValue),
    /// The body is over the limit.
    BodyTooLarge,
    /// The request was cancelled.
    Cancelled,
}

impl Request {
    pub(super) fn poll(target: String) -> Self {
        Self { target, call: None }
    }

    fn method(&self) -> &str {
        self.call.as_ref().map_or("GET", |call| &call.method)
    }
}

impl Fetcher {
    /// # Errors
    /// Errors of the runtime's `Headers`.
    pub(super) fn new(settings: HttpSettings, callbacks: JsCallbacks) -> Result<Self, JsValue> {
        if let Authorization::Fixed(value) = &settings.authorization {
            settings.headers.set("authorization", value)?;
        }
        Ok(Self {
            callbacks,
            base: settings.base,
            authorization: settings.authorization,
            asks_headers: settings.asks_headers,
            max_response_bytes: settings.max_response_bytes,
            headers: settings.headers,
            refreshed: RefCell::default(),
            refreshes: Cell::default(),
        })
    }

    /// The base URL, without a trailing slash.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Whether the `auth` or `headers` function runs before each request.
    fn asks(&self) -> bool {
        self.asks_headers || matches!(self.authorization, Authorization::Asked)
    }

    /// Sends a request and reads its response. Calls `on_sent` when the request is sent, if the `auth` or
    /// `headers` function ran before.
    ///
    /// # Errors
    /// Why there is no response.
    pub(super) async fn execute(
        &self,
        request: &Request,
        credential: CredentialChoice,
        context: &JsValue,
        abort: AbortController,
        on_sent: impl FnOnce(),
    ) -> Result<Response, TransportError> {
        // A poll has only the common headers.
        let adds = request.call.is_some() || self.asks();
        let headers = match adds.then(|| Headers::new_with_headers(&self.headers)) {
            None => None,
            Some(Ok(headers)) => Some(headers),
            Some(Err(error)) => {
                return Err(self.transport_error(Failure::Network(error), request, None));
            }
        };
        let headers = headers.as_ref();
        self.send(request, credential, context, headers, abort, on_sent)
            .await
            .map_err(|failure| self.transport_error(failure, request, headers))
    }

    /// Calls the `auth` function for a new credential after a 401. False if it returned none; `None` if it
    /// was called again meanwhile, so that this result is obsolete.
    pub(super) async fn refresh_credential(
        &self,
        context: &JsValue,
        method: &str,
        path: &str,
    ) -> Option<bool> {
        let question = self.refreshes.get().wrapping_add(1);
        self.refreshes.set(question);
        // If the function fails, there is no new credential, and the user gets the 401.
        let asked = self.ask_authorization(context, method, path, Some(401));
        let given = asked.await;
        if question != self.refreshes.get() {
            return None;
        }
        let given = given.ok().flatten();
        let has_one = given.is_some();
        *self.refreshed.borrow_mut() = given;
        Some(has_one)
    }

    async fn send(
        &self,
        request: &Request,
        credential: CredentialChoice,
        context: &JsValue,
        headers: Option<&Headers>,
        abort: AbortController,
        on_sent: impl FnOnce(),
    ) -> Result<Response, Failure> {
        let signal = abort.signal();
        if let Some(headers) = headers {
            self.apply_headers(request, headers, credential, context)
                .await?;
        }
        if self.asks() && !signal.aborted() {
            on_sent();
        }
        if signal.aborted() {
            return Err(Failure::Cancelled);
        }
        let fetched = self.fetch(request, headers, context, &signal).await;
        let response = fetched.and_then(|fetched| read_response(&fetched.unchecked_into()));
        if matches!(
            response,
            Ok(None) | Err(Failure::Body(_) | Failure::BodyTooLarge)
        ) {
            // An unread body would keep its connection busy.
            abort.abort();
        }
        Ok(response?.unwrap_or_default())
    }

    /// Sets the headers that differ between requests; later ones win.
    async fn apply_headers(
        &self,
        request: &Request,
        headers: &Headers,
        credential: CredentialChoice,
        context: &JsValue,
    ) -> Result<(), Failure> {
        let call = request.call.as_ref();
        if let Some(content_type) = call.and_then(|call| call.content_type.as_deref())
            && !headers
                .has("content-type")
                .map_err(Failure::InvalidHeader)?
        {
            set(headers, "content-type", content_type)?;
        }
        if self.asks_headers {
            let given = JsFuture::from(self.callbacks.ask_headers(context)).await;
            self.merge_headers(headers, &given.map_err(Failure::Callback)?)?;
        }
        match (&self.authorization, credential) {
            (Authorization::None, _) => {}
            (Authorization::Fixed(value), _) => {
                // The common headers include it, but the `headers` function may have replaced it.
                if self.asks_headers {
                    set(headers, "authorization", value)?;
                }
            }
            (Authorization::Asked, CredentialChoice::Fresh) => {
                let value = self.refreshed.borrow().clone();
                if let Some(value) = value {
                    set(headers, "authorization", &value)?;
                }
            }
            (Authorization::Asked, CredentialChoice::Usual) => {
                // The path without the query, which may contain a secret.
                let path = before_query(&request.target);
                let value = self
                    .ask_authorization(context, request.method(), path, None)
                    .await?;
                if let Some(value) = value {
                    set(headers, "authorization", &value)?;
                }
            }
        }
        if let Some(own) = call.and_then(|call| call.headers.as_ref()) {
            self.merge_headers(headers, own)?;
        }
        Ok(())
    }

    fn merge_headers(&self, to: &Headers, init: &JsValue) -> Result<(), Failure> {
        self.callbacks
            .merge_headers(to, init)
            .map_err(Failure::InvalidHeader)
    }

    async fn ask_authorization(
        &self,
        context: &JsValue,
        method: &str,
        path: &str,
        status: Option<u16>,
    ) -> Result<Option<String>, Failure> {
        let asked = self
            .callbacks
            .ask_authorization(context, method, path, status);
        let given = JsFuture::from(asked).await.map_err(Failure::Callback)?;
        match given.as_string() {
            Some(value) if is_header_value(&value) => Ok(Some(value)),
            None if given.is_undefined() => Ok(None),
            // The value may be a secret, so the error does not show it.
            _ => Err(Failure::InvalidHeader(
                js_sys::TypeError::new(
                    "auth: expected the function to return an Authorization value or undefined",
                )
                .into(),
            )),
        }
    }

    async fn fetch(
        &self,
        request: &Request,
        headers: Option<&Headers>,
        context: &JsValue,
        signal: &AbortSignal,
    ) -> Result<JsValue, Failure> {
        let call = request.call.as_ref();
        let root = call.map_or(&self.base, |call| &call.root);
        let url = format!("{root}{}", request.target);
        let limit = self.max_response_bytes;
        let method = call.map(|call| call.method.as_str());
        let none = JsValue::UNDEFINED;
        let body = call.map_or(&none, |call| &call.body);
        let fetched = self
            .callbacks
            .fetch(context, &url, headers, signal, limit, method, body);
        JsFuture::from(fetched).await.map_err(Failure::Network)
    }

    fn transport_error(
        &self,
        failure: Failure,
        request: &Request,
        headers: Option<&Headers>,
    ) -> TransportError {
        let (kind, cause) = failure.into_parts();
        let headers = headers.unwrap_or(&self.headers);
        let undefined = JsValue::UNDEFINED;
        let body = request.call.as_ref().map_or(&undefined, |call| &call.body);
        let cause = self
            .callbacks
            .request_failed(&cause, &request.target, headers, body);
        TransportError {
            kind,
            cause: (!cause.is_undefined()).then(|| values::wrap(cause)),
        }
    }
}

impl Failure {
    fn into_parts(self) -> (TransportErrorKind, JsValue) {
        match self {
            Self::Callback(error) => (TransportErrorKind::CallbackFailed, error),
            Self::InvalidHeader(error) => (TransportErrorKind::InvalidHeader, error),
            Self::Network(error) => {
                let kind = failure_kind(&error, DEPTH);
                (kind.unwrap_or(TransportErrorKind::Network), error)
            }
            // A response arrived, so the request was sent, whatever the error says.
            Self::Body(error) => {
                let kind = failure_kind(&error, DEPTH).filter(|kind| !kind.is_never_sent());
                (kind.unwrap_or(TransportErrorKind::Network), error)
            }
            Self::NoFetch(error) => (TransportErrorKind::NoFetch, error),
            Self::NoResponse(error) => (TransportErrorKind::NoResponse, error),
            Self::BodyTooLarge => (TransportErrorKind::BodyTooLarge, JsValue::UNDEFINED),
            Self::Cancelled => (TransportErrorKind::Network, JsValue::UNDEFINED),
        }
    }
}

/// Reads `Fetched` of `src/js/response.ts`. `None` for a redirect.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A valid HTTP status.
fn read_response(fetched: &Array) -> Result<Option<Response>, Failure> {
    let text = |at| fetched.get(at).as_string();
    if let Some(status) = fetched.get(0).as_f64() {
        return Ok(Some(Response {
            status: status as u16,
            body: text(1).unwrap_or_default().into(),
            request_id: text(2),
            retry_after: text(3).and_then(|it| retry_after(&it, clock::until_date)),
            location: text(4),
        }));
    }
    let cause = fetched.get(1);
    match text(0).as_deref() {
        Some("no fetch") => Err(Failure::NoFetch(cause)),
        Some("no response") => Err(Failure::NoResponse(cause)),
        Some("body") => Err(Failure::Body(cause)),
        Some("too large") => Err(Failure::BodyTooLarge),
        _ => Ok(None),
    }
}

/// Classifies an error of `fetch`; `None` if it is unknown. Node puts the code into the error's cause, other
/// runtimes into the error itself.
fn failure_kind(error: &JsValue, depth: u32) -> Option<TransportErrorKind> {
    let depth = depth.checked_sub(1).filter(|_| error.is_object())?;
    // A getter may throw.
    let property = |name| get_property(error, name).unwrap_or_default();
    let several = property("errors");
    if let Some(errors) = several.dyn_ref::<Array>().filter(|it| it.length() > 0) {
        // One error for each address that was tried. The outer code is that of only one.
        let mut kinds = errors.iter().map(|it| failure_kind(&it, depth));
        // Stops at the first unknown error, because errors that refer to each other could take forever.
        let first = kinds.next().flatten()?;
        let never_sent = |kind: Option<_>| kind.is_some_and(TransportErrorKind::is_never_sent);
        return kinds.all(never_sent).then_some(first);
    }
    let text = |name| property(name).as_string().unwrap_or_default();
    TransportErrorKind::of_error(&text("code"), &text("syscall"), &text("message"))
        .or_else(|| failure_kind(&property("cause"), depth))
}

fn set(headers: &Headers, name: &str, value: &str) -> Result<(), Failure> {
    headers.set(name, value).map_err(Failure::InvalidHeader)
}
