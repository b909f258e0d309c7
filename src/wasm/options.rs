//! Reading options out of JavaScript values; their limits are the core's.

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Headers, Url};

use super::host::Host;
use crate::core::{
    AddressError, Auth, BaseUrl, Config, Millis, OptionError, Retry, channel_name, duration,
    poll_timeout, whole_number,
};

/// A client's options, checked.
#[derive(Debug)]
pub(super) struct Settings {
    /// The base, without a slash at its end.
    pub(super) base: String,
    pub(super) auth: AuthOption,
    pub(super) headers: HeadersOption,
    pub(super) fetch: Option<Function>,
    pub(super) on_event: Option<Function>,
    /// By what name this client shares one poller with those of other tabs, if it does.
    pub(super) shared_as: Option<String>,
    pub(super) credentials: JsValue,
    pub(super) timeout: Millis,
    pub(super) max_response_bytes: usize,
    pub(super) config: Config,
}

/// Where the `Authorization` header comes from.
#[derive(Debug)]
pub(super) enum AuthOption {
    None,
    Fixed(String),
    Ask(Function),
}

/// Where the client's own headers come from.
#[derive(Debug)]
pub(super) enum HeadersOption {
    None,
    Fixed(Headers),
    Ask(Function),
}

/// The options of one wait.
#[derive(Debug)]
pub(super) struct WaitSettings {
    pub(super) signal: Option<AbortSignal>,
    pub(super) timeout: Millis,
    pub(super) progress: Option<Function>,
}

impl Settings {
    pub(super) fn read(options: &JsValue, host: &Host) -> Result<Self, JsValue> {
        if !options.is_object() {
            return Err(wrong_type("options", "an object with a baseUrl"));
        }
        let defaults = Config::default();
        let auth = read_auth(&member(options, "auth")?)?;
        let credentials = member(options, "credentials")?;
        let credentials = match credentials.as_string().as_deref() {
            Some("omit" | "same-origin" | "include") => credentials,
            None if credentials.is_undefined() => JsValue::from_str(match auth {
                // Beside an explicit header, this keeps the browser's login prompt away.
                AuthOption::None => "same-origin",
                _ => "omit",
            }),
            _ => {
                return Err(wrong_type(
                    "credentials",
                    r#""omit", "same-origin" or "include""#,
                ));
            }
        };
        let millis = |name, default| read(options, name, default, |value| duration(name, value));
        let base = read_base(options)?;
        let on_event = function(options, "onEvent")?;
        let shared_as = if wants_sharing(options)? {
            let principal = principal(&member(options, "auth")?)?;
            principal
                .filter(|_| host.can_share())
                .map(|principal| channel_name(&base, &principal))
        } else {
            None
        };
        Ok(Self {
            headers: read_headers(&member(options, "headers")?, host)?,
            fetch: function(options, "fetch")?,
            credentials,
            timeout: millis("timeout", Millis::MAX)?,
            max_response_bytes: read(options, "maxResponseBytes", 1 << 20, |value| {
                whole_number("maxResponseBytes", value)
                    .map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
            })?,
            config: Config {
                base: base.clone(),
                shared: shared_as.is_some(),
                reports: on_event.is_some(),
                auth: match auth {
                    AuthOption::Ask(_) => Auth::Asked,
                    _ => Auth::Fixed,
                },
                request_timeout: millis("requestTimeout", defaults.request_timeout)?,
                poll_timeout: read(options, "pollTimeout", defaults.poll_timeout, |value| {
                    poll_timeout("pollTimeout", value)
                })?,
                retry: read_retry(&member(options, "retry")?)?,
                max_open_polls: read(options, "maxOpenPolls", most_polls(), |value| {
                    whole_number("maxOpenPolls", value)
                })?,
            },
            auth,
            base,
            on_event,
            shared_as,
        })
    }
}

impl WaitSettings {
    pub(super) fn read(options: &JsValue, default_timeout: Millis) -> Result<Self, JsValue> {
        if !options.is_undefined() && !options.is_object() {
            return Err(wrong_type("options", "an object"));
        }
        let timeout = read(options, "timeout", default_timeout, |value| {
            duration("timeout", value)
        })?;
        Ok(Self {
            signal: read_signal(member(options, "signal")?)?,
            timeout,
            progress: function(options, "onProgress")?,
        })
    }
}

/// A member of an options object; `undefined` where there is no object.
pub(super) fn member(options: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    if options.is_object() {
        Reflect::get(options, &JsValue::from_str(name))
    } else {
        Ok(JsValue::UNDEFINED)
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

fn read<T>(
    options: &JsValue,
    name: &str,
    default: T,
    check: impl FnOnce(f64) -> Result<T, OptionError>,
) -> Result<T, JsValue> {
    // What errors call it may begin with the name of the option that it is part of.
    let own = name.rsplit('.').next().unwrap_or(name);
    let value = member(options, own)?;
    match value.as_f64() {
        Some(number) => check(number).map_err(option_error),
        None if value.is_undefined() => Ok(default),
        None => Err(wrong_type(name, "a number")),
    }
}

/// A browser opens six connections to an origin over HTTP/1.1, counted over all its tabs.
fn most_polls() -> u32 {
    let global = js_sys::global();
    let has = |name| member(&global, name).is_ok_and(|it| !it.is_undefined());
    if has("document") || has("WorkerGlobalScope") {
        4
    } else {
        32
    }
}

fn function(options: &JsValue, name: &str) -> Result<Option<Function>, JsValue> {
    let value = member(options, name)?;
    if value.is_undefined() {
        return Ok(None);
    }
    value
        .dyn_into()
        .map(Some)
        .map_err(|_| wrong_type(name, "a function"))
}

fn read_base(options: &JsValue) -> Result<String, JsValue> {
    let given = member(options, "baseUrl")?;
    // A URL is known by its address: it may come from another realm.
    let text = given.as_string().or(member(&given, "href")?.as_string());
    let text = text.ok_or_else(|| wrong_type("baseUrl", "a string or a URL"))?;
    let allow_insecure = member(options, "allowInsecure")?;
    if !allow_insecure.is_undefined() && allow_insecure.as_bool().is_none() {
        return Err(wrong_type("allowInsecure", "true or false"));
    }
    let url = Url::new(&text).or_else(|_| {
        let page = member(&js_sys::global(), "location")
            .and_then(|location| member(&location, "href"))
            .ok()
            .and_then(|href| href.as_string());
        match page {
            Some(page) => Url::new_with_base(&text, &page),
            None => Err(JsValue::UNDEFINED),
        }
    });
    let url = url.map_err(|_| {
        wrong_type(
            "baseUrl",
            "an address such as https://deploy.example.com/api, or a path on the page's own origin",
        )
    })?;
    let base = BaseUrl {
        protocol: &url.protocol(),
        hostname: &url.hostname(),
        has_credentials: !url.username().is_empty() || !url.password().is_empty(),
        has_query: !url.search().is_empty() || !url.hash().is_empty(),
    };
    base.check(allow_insecure.is_truthy())
        .map_err(address_error)?;
    let base = [url.origin(), url.pathname()].concat();
    Ok(base.trim_end_matches('/').to_owned())
}

fn read_auth(auth: &JsValue) -> Result<AuthOption, JsValue> {
    if auth.is_undefined() {
        return Ok(AuthOption::None);
    }
    if let Some(ask) = auth.dyn_ref::<Function>() {
        return Ok(AuthOption::Ask(ask.clone()));
    }
    let text = |name| Ok::<_, JsValue>(member(auth, name)?.as_string());
    let value = match (text("username")?, text("password")?, text("bearer")?) {
        (Some(username), Some(password), None) => crate::core::basic(&username, &password),
        (None, None, Some(token)) => crate::core::bearer(&token),
        _ => {
            return Err(wrong_type(
                "auth",
                "{ username, password }, { bearer } or a function, all values being strings",
            ));
        }
    };
    value.map(AuthOption::Fixed).map_err(option_error)
}

/// Whether one tab is to poll for all.
pub(super) fn wants_sharing(options: &JsValue) -> Result<bool, JsValue> {
    let share = member(options, "share")?;
    match share.as_string().as_deref() {
        Some("origin") => Ok(true),
        Some("client") => Ok(false),
        None if share.is_undefined() => Ok(false),
        _ => Err(wrong_type("share", r#""client" or "origin""#)),
    }
}

/// Who the requests are made for: jobs of one principal are none of another's business. A function
/// does not tell.
fn principal(auth: &JsValue) -> Result<Option<String>, JsValue> {
    if auth.is_undefined() {
        return Ok(Some(String::new()));
    }
    let text = |name, kind: &str| {
        let text = member(auth, name)?.as_string();
        Ok::<_, JsValue>(text.map(|text| [kind, &text].concat()))
    };
    Ok(text("username", "user ")?.or(text("bearer", "bearer ")?))
}

fn read_headers(headers: &JsValue, host: &Host) -> Result<HeadersOption, JsValue> {
    if headers.is_undefined() {
        return Ok(HeadersOption::None);
    }
    if let Some(ask) = headers.dyn_ref::<Function>() {
        return Ok(HeadersOption::Ask(ask.clone()));
    }
    checked_headers(headers, host).map(HeadersOption::Fixed)
}

/// The runtime's own error may quote a header's value, so it goes no further.
pub(super) fn checked_headers(headers: &JsValue, host: &Host) -> Result<Headers, JsValue> {
    host.headers(headers)
        .map_err(|_| wrong_type("headers", "what the Headers constructor takes"))
}

fn read_retry(retry: &JsValue) -> Result<Retry, JsValue> {
    if retry.is_undefined() {
        return Ok(Retry::default());
    }
    if retry.as_bool() == Some(false) {
        return Ok(Retry::never());
    }
    if !retry.is_object() {
        return Err(wrong_type("retry", "false or an object"));
    }
    let defaults = Retry::default();
    let millis = |name, default| read(retry, name, default, |it| duration(name, it));
    Ok(Retry {
        max_attempts: read(retry, "retry.maxAttempts", defaults.max_attempts, |value| {
            whole_number("retry.maxAttempts", value)
        })?,
        initial_delay: millis("retry.initialDelay", defaults.initial_delay)?,
        max_delay: millis("retry.maxDelay", defaults.max_delay)?,
        max_retry_after: millis("retry.maxRetryAfter", defaults.max_retry_after)?,
    })
}

/// A signal of another realm, or a polyfill, is as good as our own: it is known by what it can do.
fn read_signal(signal: JsValue) -> Result<Option<AbortSignal>, JsValue> {
    if signal.is_undefined() {
        return Ok(None);
    }
    let is_signal = member(&signal, "aborted")?.as_bool().is_some()
        && member(&signal, "addEventListener")?.is_function();
    if is_signal {
        Ok(Some(signal.unchecked_into()))
    } else {
        Err(wrong_type("signal", "an AbortSignal"))
    }
}
