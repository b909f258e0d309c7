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

/// What is sent.
#[derive(Debug)]
pub(super) struct Request {
    /// Path and query below the base.
    pub(super) target: String,
    /// What a call has beyond a poll.
    pub(super) call: Option<Call>,
}

/// What a call sends beyond its path.
#[derive(Debug)]
pub(super) struct Call {
    /// What the target is below: the base, or for a file its origin.
    pub(super) root: String,
    pub(super) method: String,
    /// A body for `fetch`; `undefined` if there is none.
    pub(super) body: JsValue,
    /// The body's type, unless the headers name one.
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
    /// What every request has in common; one that has more takes a copy.
    headers: Headers,
    /// What the `auth` function last gave after a 401.
    refreshed: RefCell<Option<String>>,
    /// How often it was asked after a 401. It is compared for equality only, so it may wrap.
    refreshes: Cell<u32>,
}

/// How many causes an error may have below it.
const DEPTH: u32 = 8;

/// Why there is no response, by the step that failed.
enum Failure {
    /// A function of the user threw or rejected.
    Callback(JsValue),
    /// A function of the user gave what a header cannot carry.
    InvalidHeader(JsValue),
    /// `fetch` failed.
    Network(JsValue),
    /// There is no `fetch`.
    NoFetch(JsValue),
    /// `fetch` gave what is no response.
    NoResponse(JsValue),
    /// The body could not be read to its end.
    Body(JsValue),
    /// The body is over the limit.
    BodyTooLarge,
    /// Nobody waits any more.
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
    /// What the runtime's `Headers` throw.
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

    /// The base address, without a slash at its end.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Whether functions of the user are asked for what goes with each request.
    fn asks(&self) -> bool {
        self.asks_headers || matches!(self.authorization, Authorization::Asked)
    }

    /// Sends a request and reads its response. Calls `on_sent` when functions of the user were asked and
    /// the request is on its way.
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
        // A poll adds nothing of its own to what all requests have in common.
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

    /// Asks the `auth` function for a new credential after a 401; false if it gave none, `None` if it was
    /// asked again in between, so that this answer counts no more.
    pub(super) async fn refresh_credential(
        &self,
        context: &JsValue,
        method: &str,
        path: &str,
    ) -> Option<bool> {
        let question = self.refreshes.get().wrapping_add(1);
        self.refreshes.set(question);
        // A function that fails has no better credential; the user gets the 401.
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
            // The rest of a body that nobody reads would keep a connection busy.
            abort.abort();
        }
        Ok(response?.unwrap_or_default())
    }

    /// Sets the headers that are not the same for each request; later ones win.
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
                // The common headers have it, and the function's headers may have replaced it.
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
                // The path alone: a query may hold a secret.
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
            // A response came, so the request was sent, whatever the error says.
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

/// Reads what the callbacks give of a request: `Fetched` of `src/js/response.ts`. `None` is a redirect.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The status is one that HTTP has.
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

/// What an error of `fetch` says, as far as it does. Node has the code in its error's cause, other runtimes
/// in the error itself.
fn failure_kind(error: &JsValue, depth: u32) -> Option<TransportErrorKind> {
    let depth = depth.checked_sub(1).filter(|_| error.is_object())?;
    // A getter may throw.
    let property = |name| get_property(error, name).unwrap_or_default();
    let several = property("errors");
    if let Some(errors) = several.dyn_ref::<Array>().filter(|it| it.length() > 0) {
        // One for each address that was tried; the code beside them is that of one alone.
        let mut kinds = errors.iter().map(|it| failure_kind(&it, depth));
        // The first one that says nothing ends it: errors that refer to each other are more than can be asked.
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
