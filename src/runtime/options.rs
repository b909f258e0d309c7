//! Reading options out of JavaScript values; their limits are the core's.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::Headers;

use super::callbacks::Host;
use super::environment::{most_polls, whole_base};
use super::members::member;
use super::outcome;
use super::settings::{AuthOption, DEFAULT_MAX_RESPONSE_BYTES, HeadersOption, Settings};
use crate::engine::{
    AddressError, Config, OptionError, PollTimeout, RetryPolicy, WaitOptions, channel_name,
    duration, whole_number,
};

/// The options of one wait.
#[derive(Debug)]
pub(super) struct WaitSettings {
    pub(super) timeout: Option<Duration>,
    /// Whether there is an `onProgress`.
    pub(super) progress: bool,
}

/// Reads the members of an options object.
///
/// The first member that cannot be used is remembered and told at the end: to leave at each of them
/// at once would double the code, with what is to be dropped on each way out.
pub(super) struct Reader {
    options: JsValue,
    /// What errors put before a member's name, where the object is itself an option.
    prefix: &'static str,
    error: Cell<Option<JsValue>>,
}

impl Settings {
    pub(super) fn read(options: &JsValue, host: &Host) -> Result<Self, JsValue> {
        if !options.is_object() {
            return Err(wrong_type("options", "an object with a baseUrl"));
        }
        let options = Reader::new(options);
        let defaults = Config::default();
        let auth = read_auth(&options);
        let base = read_base(&options);
        let trace = options.function("onEvent").is_some();
        let headers = read_headers(&options, host);
        let fetch = options.function("fetch");
        let modes = ["omit", "same-origin", "include"];
        let credentials = options
            .one_of(
                "credentials",
                r#""omit", "same-origin" or "include""#,
                &modes,
            )
            .unwrap_or(auth.default_credentials());
        let timeout = options.number("timeout", None, duration);
        let max_response_bytes =
            options.number("maxResponseBytes", DEFAULT_MAX_RESPONSE_BYTES, whole_number);
        let request_timeout = options.number("requestTimeout", defaults.request_timeout, duration);
        let poll_timeout = options.number(
            "pollTimeout",
            defaults.poll_timeout,
            PollTimeout::from_millis,
        );
        let retry = read_retry(&options);
        let max_open_polls = options.number("maxOpenPolls", most_polls(), whole_number);
        let wants_sharing =
            options.one_of("share", r#""client" or "origin""#, &["client", "origin"])
                == Some("origin");
        let principal = principal(&options.below("auth", ""));
        options.finish()?;
        let shared = wants_sharing
            && principal.is_some_and(|principal| host.share(&channel_name(&base, &principal)));
        if wants_sharing && !shared && trace {
            host.report(&outcome::not_shared());
        }
        Ok(Self {
            config: Config {
                base,
                shared,
                trace,
                auth: auth.kind(),
                request_timeout,
                poll_timeout,
                retry,
                max_open_polls,
            },
            auth,
            headers,
            fetch,
            credentials,
            timeout,
            max_response_bytes: max_response_bytes.get().into(),
        })
    }
}

impl WaitSettings {
    pub(super) fn options(&self) -> WaitOptions {
        WaitOptions {
            timeout: self.timeout,
            progress: self.progress,
        }
    }

    pub(super) fn read(
        options: &JsValue,
        default_timeout: Option<Duration>,
    ) -> Result<Self, JsValue> {
        if !options.is_undefined() && !options.is_object() {
            return Err(wrong_type("options", "an object"));
        }
        let options = Reader::new(options);
        let timeout = options.number("timeout", default_timeout, duration);
        let progress = options.function("onProgress").is_some();
        let signal = options.below("signal", "");
        // One of another realm, or a polyfill, is as good as our own: it is known by what it can do.
        let does = |name| signal.member(name).is_function();
        let is_signal = signal.member("aborted").as_bool().is_some()
            && does("addEventListener")
            && does("removeEventListener");
        if !signal.options.is_undefined() && !is_signal {
            options.refuse("signal", "an AbortSignal");
        }
        options.finish()?;
        Ok(Self { timeout, progress })
    }

    /// Reads them for a wait that begins; a signal that is aborted already gives its reason.
    pub(super) fn begin(
        options: &JsValue,
        default_timeout: Option<Duration>,
    ) -> Result<Self, JsValue> {
        let wait = Self::read(options, default_timeout)?;
        let signal = member(options, "signal")?;
        if member(&signal, "aborted")?.is_truthy() {
            return Err(member(&signal, "reason")?);
        }
        Ok(wait)
    }
}

impl Reader {
    pub(super) fn new(options: &JsValue) -> Self {
        Self {
            options: options.clone(),
            prefix: "",
            error: Cell::new(None),
        }
    }

    /// An option that is itself an object; without members where it is none.
    fn below(&self, name: &str, prefix: &'static str) -> Self {
        Self {
            prefix,
            ..Self::new(&self.member(name))
        }
    }

    /// `undefined` where there is no object.
    pub(super) fn member(&self, name: &str) -> JsValue {
        self.member_of(&self.options, name)
    }

    pub(super) fn member_of(&self, object: &JsValue, name: &str) -> JsValue {
        member(object, name).unwrap_or_else(|error| {
            self.fail(error);
            JsValue::UNDEFINED
        })
    }

    fn text(&self, name: &str) -> Option<String> {
        self.member(name).as_string()
    }

    fn number<T>(
        &self,
        name: &str,
        default: T,
        check: fn(&str, f64) -> Result<T, OptionError>,
    ) -> T {
        let value = self.member(name);
        if value.is_undefined() {
            return default;
        }
        let Some(number) = value.as_f64() else {
            self.refuse(name, "a number");
            return default;
        };
        check(&format!("{}{name}", self.prefix), number).unwrap_or_else(|error| {
            self.fail(option_error(error));
            default
        })
    }

    fn function(&self, name: &str) -> Option<Function> {
        let value = self.member(name);
        if !value.is_undefined() && !value.is_function() {
            self.refuse(name, "a function");
        }
        value.dyn_into().ok()
    }

    fn one_of(&self, name: &str, expected: &str, words: &[&'static str]) -> Option<&'static str> {
        let value = self.member(name);
        let text = value.as_string();
        let word = words.iter().find(|it| text.as_deref() == Some(**it));
        if word.is_none() && !value.is_undefined() {
            self.refuse(name, expected);
        }
        word.copied()
    }

    pub(super) fn refuse(&self, name: &str, expected: &str) {
        self.fail(wrong_type(&format!("{}{name}", self.prefix), expected));
    }

    pub(super) fn fail(&self, error: JsValue) {
        self.error.set(self.error.take().or(Some(error)));
    }

    pub(super) fn finish(&self) -> Result<(), JsValue> {
        self.error.take().map_or(Ok(()), Err)
    }
}

/// A `TypeError` that names the option.
pub(super) fn wrong_type(name: &str, expected: &str) -> JsValue {
    option_error(OptionError::wrong_type(name, expected))
}

/// A `TypeError` for a path, an id or a base.
pub(super) fn address_error(error: AddressError) -> JsValue {
    js_sys::TypeError::new(error.0).into()
}

fn option_error(error: OptionError) -> JsValue {
    if error.wrong_type {
        js_sys::TypeError::new(&error.message).into()
    } else {
        js_sys::RangeError::new(&error.message).into()
    }
}

fn read_base(options: &Reader) -> String {
    let given = options.below("baseUrl", "");
    // A URL is known by its address: it may come from another realm.
    let Some(text) = given.options.as_string().or_else(|| given.text("href")) else {
        options.refuse("baseUrl", "a string or a URL");
        return String::new();
    };
    let allow_insecure = options.member("allowInsecure");
    if !allow_insecure.is_undefined() && allow_insecure.as_bool().is_none() {
        options.refuse("allowInsecure", "true or false");
    }
    whole_base(&text, allow_insecure.is_truthy()).unwrap_or_else(|error| {
        options.fail(address_error(error));
        String::new()
    })
}

fn read_auth(options: &Reader) -> AuthOption {
    let auth = options.below("auth", "");
    if auth.options.is_undefined() {
        return AuthOption::None;
    }
    if let Some(ask) = auth.options.dyn_ref::<Function>() {
        return AuthOption::Ask(ask.clone());
    }
    let value = match (
        auth.text("username"),
        auth.text("password"),
        auth.text("bearer"),
    ) {
        (Some(username), Some(password), None) => {
            crate::engine::basic("auth", &username, &password)
        }
        (None, None, Some(token)) => crate::engine::bearer("auth", &token),
        _ => Err(OptionError::wrong_type(
            "auth",
            "{ username, password }, { bearer } or a function, all values being strings",
        )),
    };
    match value {
        Ok(value) => AuthOption::Fixed(value),
        Err(error) => {
            options.fail(option_error(error));
            AuthOption::None
        }
    }
}

/// Who the requests are made for: jobs of one principal are none of another's business. A function
/// does not tell.
fn principal(auth: &Reader) -> Option<String> {
    if auth.options.is_undefined() {
        return Some(String::new());
    }
    let text = |name, kind: &str| auth.text(name).map(|text| format!("{kind}{text}"));
    text("username", "user ").or_else(|| text("bearer", "bearer "))
}

fn read_headers(options: &Reader, host: &Host) -> HeadersOption {
    let headers = options.member("headers");
    if let Some(ask) = headers.dyn_ref::<Function>() {
        return HeadersOption::Ask(ask.clone());
    }
    HeadersOption::Fixed(checked_headers(&headers, host).unwrap_or_else(|error| {
        options.fail(error);
        JsValue::UNDEFINED.unchecked_into()
    }))
}

pub(super) fn checked_headers(init: &JsValue, host: &Host) -> Result<Headers, JsValue> {
    let headers = Headers::new()?;
    merge_headers(&headers, init, host)?;
    Ok(headers)
}

/// The runtime's own error may quote a header's value, so it goes no further.
pub(super) fn merge_headers(to: &Headers, init: &JsValue, host: &Host) -> Result<(), JsValue> {
    host.merge(to, init)
        .map_err(|_| wrong_type("headers", "what the Headers constructor takes"))
}

fn read_retry(options: &Reader) -> RetryPolicy {
    let retry = options.below("retry", "retry.");
    if retry.options.as_bool() == Some(false) {
        return RetryPolicy::never();
    }
    if !retry.options.is_undefined() && !retry.options.is_object() {
        options.refuse("retry", "false or an object");
    }
    let mut policy = RetryPolicy::default();
    let given = |name: &str| !retry.member(name).is_undefined();
    let span = |name| {
        let limit = retry.number(name, None, duration);
        limit.unwrap_or(Duration::MAX)
    };
    if given("maxAttempts") {
        policy =
            policy.with_max_attempts(retry.number("maxAttempts", NonZeroU32::MIN, whole_number));
    }
    if given("initialDelay") {
        policy = policy.with_initial_delay(span("initialDelay"));
    }
    if given("maxDelay") {
        policy = policy.with_max_delay(span("maxDelay"));
    }
    if given("maxRetryAfter") {
        policy = policy.with_max_retry_after(span("maxRetryAfter"));
    }
    if let Err(error) = retry.finish() {
        options.fail(error);
    }
    policy
}
