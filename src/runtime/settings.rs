//! A client's settings. `src/js/options.ts` checks their types; this file checks their limits.

use std::num::NonZeroU32;
use std::time::Duration;

use wasm_bindgen::prelude::*;
use web_sys::Headers;

use super::callbacks::JsCallbacks;
use super::property::get_property;
use super::values::{address_error, option_error};
use crate::engine::{
    Auth, BaseUrl, Config, OptionError, PollTimeout, RetryPolicy, basic, bearer, channel_name,
    duration, whole_number,
};

/// The default of `maxResponseBytes`: 1 MiB.
const DEFAULT_MAX_RESPONSE_BYTES: u32 = 1 << 20;

/// A client's checked settings.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) http: HttpSettings,
    /// The default timeout of a wait; `None` for no limit.
    pub(super) timeout: Option<Duration>,
}

/// The settings for a client's requests.
pub(super) struct HttpSettings {
    /// The base URL, without a trailing slash.
    pub(super) base: String,
    pub(super) authorization: Authorization,
    /// The headers of every request.
    pub(super) headers: Headers,
    /// Whether the `headers` option is a function.
    pub(super) asks_headers: bool,
    pub(super) max_response_bytes: f64,
}

/// The source of the `Authorization` header.
pub(super) enum Authorization {
    None,
    Fixed(String),
    /// The `auth` function returns it for each request.
    Asked,
}

/// `ClientSettings` of `src/js/options.ts`, which has checked the type of each member.
struct Given<'a>(&'a JsValue);

impl Settings {
    /// # Errors
    /// A `TypeError` or `RangeError` that names the option.
    pub(super) fn check(settings: &JsValue, callbacks: &JsCallbacks) -> Result<Self, JsValue> {
        let given = Given(settings);
        let defaults = if given.get("isBrowser").is_truthy() {
            Config::default().in_browser()
        } else {
            Config::default()
        };
        let authorization = given.authorization().map_err(option_error)?;
        let base = given.base()?;
        let max_bytes = given.limit(
            "maxResponseBytes",
            DEFAULT_MAX_RESPONSE_BYTES,
            |name, value| whole_number(name, value).map(NonZeroU32::get),
        )?;
        let timeout = given.limit("timeout", None, duration)?;
        let mut config = Config {
            base: base.clone(),
            shared: false,
            trace: given.has("onEvent"),
            auth: match authorization {
                Authorization::Asked => Auth::Asked,
                Authorization::None | Authorization::Fixed(_) => Auth::Fixed,
            },
            asks_before_sending: given.has("headersFor")
                || matches!(authorization, Authorization::Asked),
            request_timeout: given.limit("requestTimeout", defaults.request_timeout, duration)?,
            poll_timeout: given.limit(
                "pollTimeout",
                defaults.poll_timeout,
                PollTimeout::from_millis,
            )?,
            retry: given.retry()?,
            max_open_polls: given.limit("maxOpenPolls", defaults.max_open_polls, whole_number)?,
            max_multiplexed_polls: defaults
                .max_multiplexed_polls
                .filter(|_| !given.has("maxOpenPolls")),
        };
        if given.get("shares").is_truthy() {
            let principal = given.text("principal");
            let name = principal.map(|principal| channel_name(&base, &principal));
            config.shared = callbacks.share(name.as_deref());
        }
        Ok(Self {
            config,
            http: HttpSettings {
                base,
                authorization,
                headers: given.get("headers").unchecked_into(),
                asks_headers: given.has("headersFor"),
                max_response_bytes: max_bytes.into(),
            },
            timeout,
        })
    }
}

/// The timeout of one wait: its own, or the client's default.
///
/// # Errors
/// A `RangeError` that names the option.
pub(super) fn wait_timeout(
    given: Option<f64>,
    default: Option<Duration>,
) -> Result<Option<Duration>, JsValue> {
    given.map_or(Ok(default), |value| {
        duration("timeout", value).map_err(option_error)
    })
}

impl Given<'_> {
    fn get(&self, name: &str) -> JsValue {
        get_property(self.0, name).unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        !self.get(name).is_undefined()
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    fn limit<T>(
        &self,
        name: &str,
        default: T,
        check: fn(&str, f64) -> Result<T, OptionError>,
    ) -> Result<T, JsValue> {
        self.get(name).as_f64().map_or(Ok(default), |value| {
            check(name, value).map_err(option_error)
        })
    }

    fn authorization(&self) -> Result<Authorization, OptionError> {
        if let (Some(username), Some(password)) = (self.text("username"), self.text("password")) {
            return basic("auth", &username, &password).map(Authorization::Fixed);
        }
        if let Some(token) = self.text("bearer") {
            return bearer("auth", &token).map(Authorization::Fixed);
        }
        Ok(if self.has("auth") {
            Authorization::Asked
        } else {
            Authorization::None
        })
    }

    /// The base URL without a trailing slash.
    fn base(&self) -> Result<String, JsValue> {
        let url = self.get("baseUrl");
        let part = |name| Given(&url).text(name).unwrap_or_default();
        BaseUrl {
            protocol: &part("protocol"),
            hostname: &part("hostname"),
            has_credentials: !part("username").is_empty() || !part("password").is_empty(),
            has_query: !part("search").is_empty() || !part("hash").is_empty(),
        }
        .check("baseUrl", self.get("allowInsecure").is_truthy())
        .map_err(address_error)?;
        Ok(part("origin") + part("pathname").trim_end_matches('/'))
    }

    /// Without this member there are no retries.
    fn retry(&self) -> Result<RetryPolicy, JsValue> {
        let retry = self.get("retry");
        if retry.is_undefined() {
            return Ok(RetryPolicy::never());
        }
        let given = Given(&retry);
        let mut policy = RetryPolicy::default();
        let attempts: fn(&str, f64) -> _ = |name, value| whole_number(name, value).map(Some);
        if let Some(attempts) = given.limit("retry.maxAttempts", None, attempts)? {
            policy = policy.with_max_attempts(attempts);
        }
        if let Some(delay) = given.delay("retry.initialDelay")? {
            policy = policy.with_initial_delay(delay);
        }
        if let Some(delay) = given.delay("retry.maxDelay")? {
            policy = policy.with_max_delay(delay);
        }
        if let Some(limit) = given.delay("retry.maxRetryAfter")? {
            policy = policy.with_max_retry_after(limit);
        }
        Ok(policy)
    }

    fn delay(&self, name: &str) -> Result<Option<Duration>, JsValue> {
        self.limit(name, None, |name, value| {
            let limit = duration(name, value)?;
            Ok(Some(limit.unwrap_or(Duration::MAX)))
        })
    }
}
