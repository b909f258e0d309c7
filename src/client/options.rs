//! The options of a client.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Function;
use wasm_bindgen::JsValue;
use web_sys::Headers;

use super::deploy_client::DeployClient;
use super::desk::{AskAuth, AskHeaders, Desk, OnEvent};
use super::error::DeployError;
use crate::core::{
    Config, Millis, OptionError, Report, Retry, basic, bearer, duration, poll_timeout, whole_number,
};
use crate::wasm::settings::{
    AuthContext, AuthOption, DEFAULT_MAX_RESPONSE_BYTES, DEFAULT_TIMEOUT, HeadersOption, Settings,
};
use crate::wasm::surroundings::{most_polls, whole_base};

/// Whether the browser's own credentials (cookies, client certificates) go with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// Never. The default where the client has a credential of its own: it keeps the browser's login
    /// prompt away.
    Omit,
    /// To the page's own origin. The default otherwise.
    SameOrigin,
    /// To any origin.
    Include,
}

/// What the function of [`ClientBuilder::auth_with`] is told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthRequest {
    /// The method of the request that the credential is for.
    pub method: String,
    /// Its path below the base, without its query.
    pub path: String,
    /// 401 when what the function gave before was refused.
    pub status: Option<u16>,
}

/// Makes a [`DeployClient`]. The first option that cannot be used is told by [`build`](Self::build).
///
/// ```no_run
/// # use std::time::Duration;
/// # use ontap_select_deploy::{DeployClient, DeployError};
/// # fn example(password: &str) -> Result<(), DeployError> {
/// let client = DeployClient::builder("https://deploy.example.com/api")
///     .basic("admin", password)
///     .timeout(Duration::from_secs(3_600))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a client is made by build()"]
pub struct ClientBuilder {
    base: String,
    allow_insecure: bool,
    auth: AuthOption<AskAuth>,
    headers: Vec<(String, String)>,
    ask_headers: Option<AskHeaders>,
    fetch: Option<Function>,
    credentials: Option<Credentials>,
    timeout: Millis,
    max_response_bytes: u32,
    max_open_polls: Option<u32>,
    config: Config,
    on_event: Option<OnEvent>,
    problem: Option<DeployError>,
}

impl ClientBuilder {
    pub(super) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            allow_insecure: false,
            auth: AuthOption::None,
            headers: Vec::new(),
            ask_headers: None,
            fetch: None,
            credentials: None,
            timeout: DEFAULT_TIMEOUT,
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
            max_open_polls: None,
            config: Config::default(),
            on_event: None,
            problem: None,
        }
    }

    /// HTTP Basic, as Deploy asks for it. A user name holds no colon, and neither holds a control
    /// character.
    pub fn basic(self, username: &str, password: &str) -> Self {
        self.fixed(basic(username, password))
    }

    /// A bearer token, for a proxy that asks for one.
    pub fn bearer(self, token: &str) -> Self {
        self.fixed(bearer(token))
    }

    /// A function that gives the whole `Authorization` value, or `None` for none. It is asked before
    /// each request; when a 401 comes it is asked once more, for all requests together, and what was
    /// refused is sent again once, a changing call included.
    ///
    /// What it takes counts as time of the request. After a 401 it has
    /// [`request_timeout`](Self::request_timeout), 30 s by default; then those who wait are told
    /// [`Code::Auth`](crate::Code::Auth). Where a person types it, wait anew once it has come, from a
    /// handle or its token.
    ///
    /// A client that its own function captures is never freed, nor is one whose handle it captures:
    /// capture what the function needs of them, or a `Weak`.
    ///
    /// ```no_run
    /// # use ontap_select_deploy::{ClientBuilder, DeployClient};
    /// # async fn log_in() -> Result<String, Box<dyn std::error::Error>> { Ok(String::new()) }
    /// let builder = DeployClient::builder("/api").auth_with(|request| async move {
    ///     // 401: what was given before is good no longer.
    ///     let token = log_in().await?;
    ///     Ok(Some(format!("Bearer {token}")))
    /// });
    /// ```
    pub fn auth_with<F>(mut self, ask: impl Fn(AuthRequest) -> F + 'static) -> Self
    where
        F: Future<Output = Result<Option<String>, Box<dyn Error>>> + 'static,
    {
        self.auth = AuthOption::Ask(Rc::new(move |request| Box::pin(ask(request))));
        self
    }

    /// A header for every request. A later one of the same name wins.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A function that gives headers for each request, as names and values, in place of those of
    /// [`header`](Self::header). What it takes counts as time of the request. As of
    /// [`auth_with`](Self::auth_with), a client that it captures is never freed, nor is one whose handle
    /// it captures.
    pub fn headers_with<F>(mut self, ask: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<Vec<(String, String)>, Box<dyn Error>>> + 'static,
    {
        self.ask_headers = Some(Box::new(move || Box::pin(ask())));
        self
    }

    /// A `fetch` in place of the global one: of a desktop shell, or of a test.
    pub fn fetch(mut self, fetch: Function) -> Self {
        self.fetch = Some(fetch);
        self
    }

    /// Whether the browser's own credentials go along.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Plain http to another machine is refused without this.
    pub fn allow_insecure(mut self, allow: bool) -> Self {
        self.allow_insecure = allow;
        self
    }

    /// The longest a request that is not a poll may take. Default: 30 s.
    pub fn request_timeout(mut self, span: Duration) -> Self {
        let span = millis("requestTimeout", span);
        self.config.request_timeout = self.checked(self.config.request_timeout, span);
        self
    }

    /// The longest each wait may take, unless it says so itself. Default: no end.
    pub fn timeout(mut self, span: Duration) -> Self {
        self.timeout = self.checked(self.timeout, millis("timeout", span));
        self
    }

    /// What the server is asked to hold a long poll for, 1 s to 120 s, cut down to whole seconds.
    /// Default: 30 s. It shrinks by itself behind a proxy that cuts earlier.
    pub fn poll_timeout(mut self, span: Duration) -> Self {
        let seconds = poll_timeout("pollTimeout", span.as_secs_f64() * 1_000.0);
        self.config.poll_timeout = self.checked(self.config.poll_timeout, seconds);
        self
    }

    /// How many polls may be open at once, at least 1. Default: 4 in browsers, 32 elsewhere.
    pub fn max_open_polls(mut self, most: u32) -> Self {
        let most = whole_number("maxOpenPolls", most.into());
        self.max_open_polls = self.checked(None, most.map(Some));
        self
    }

    /// How failed polls and GETs are tried again; its delays are in milliseconds. [`Retry::never()`] is
    /// what `retry: false` is in JavaScript.
    pub fn retry(mut self, retry: Retry) -> Self {
        let attempts = whole_number("retry.maxAttempts", retry.max_attempts.into());
        self.checked((), attempts.map(drop));
        for (name, delay) in [
            ("retry.initialDelay", retry.initial_delay),
            ("retry.maxDelay", retry.max_delay),
            ("retry.maxRetryAfter", retry.max_retry_after),
        ] {
            self.checked((), millis(name, Duration::from_millis(delay)).map(drop));
        }
        self.config.retry = retry;
        self
    }

    /// The longest body that is read, at least 1 byte. Default: 1 MiB.
    pub fn max_response_bytes(mut self, most: u32) -> Self {
        let most = whole_number("maxResponseBytes", most.into());
        self.max_response_bytes = self.checked(self.max_response_bytes, most);
        self
    }

    /// Hears each request, answer, retry, pause and settlement, free of secrets, in a microtask. As of
    /// [`auth_with`](Self::auth_with), a client that it captures is never freed, nor is one whose handle
    /// it captures.
    pub fn on_event(mut self, hear: impl Fn(&Report) + 'static) -> Self {
        self.on_event = Some(Rc::new(hear));
        self
    }

    /// The client. Does no I/O.
    ///
    /// # Errors
    /// The first option that cannot be used; the text names it, as it is called in JavaScript
    /// (`requestTimeout`).
    pub fn build(self) -> Result<DeployClient, DeployError> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let headers = match self.ask_headers {
            Some(ask) => HeadersOption::Ask(ask),
            None => HeadersOption::Fixed(checked_headers(&self.headers)?),
        };
        let credentials = match self.credentials {
            Some(credentials) => credentials.name(),
            None => self.auth.default_credentials(),
        };
        let most_polls = u32::try_from(most_polls()).unwrap_or(u32::MAX);
        let settings = Settings {
            config: Config {
                base: whole_base(&self.base, self.allow_insecure)?,
                reports: self.on_event.is_some(),
                auth: self.auth.kind(),
                max_open_polls: self.max_open_polls.unwrap_or(most_polls),
                ..self.config
            },
            auth: self.auth,
            headers,
            fetch: self.fetch,
            credentials,
            timeout: self.timeout,
            max_response_bytes: self.max_response_bytes.into(),
        };
        Ok(DeployClient::of(Desk::open(settings, self.on_event)))
    }

    fn fixed(mut self, value: Result<String, OptionError>) -> Self {
        let value = self.checked(String::new(), value);
        self.auth = AuthOption::Fixed(value);
        self
    }

    /// What cannot be used leaves what was there, and is told by [`build`](Self::build).
    fn checked<T>(&mut self, before: T, value: Result<T, OptionError>) -> T {
        value.unwrap_or_else(|error| {
            self.problem.get_or_insert(error.into());
            before
        })
    }
}

/// Shows no option: some are secret.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
}

impl Credentials {
    fn name(self) -> &'static str {
        match self {
            Self::Omit => "omit",
            Self::SameOrigin => "same-origin",
            Self::Include => "include",
        }
    }
}

impl AuthRequest {
    pub(super) fn of(context: AuthContext<'_>) -> Self {
        Self {
            method: context.method.to_owned(),
            path: context.path.to_owned(),
            status: context.status,
        }
    }
}

/// A span in milliseconds, checked.
pub(super) fn millis(name: &str, span: Duration) -> Result<Millis, OptionError> {
    duration(name, span.as_secs_f64() * 1_000.0)
}

/// The runtime's own error may quote a header's value, so it goes no further.
pub(super) fn checked_headers(given: &[(String, String)]) -> Result<Headers, DeployError> {
    let refused = |_| DeployError::argument("headers", "names and values that a header can carry");
    let headers = Headers::new().map_err(refused)?;
    set_headers(&headers, given).map_err(refused)?;
    Ok(headers)
}

pub(super) fn set_headers(to: &Headers, given: &[(String, String)]) -> Result<(), JsValue> {
    given
        .iter()
        .try_for_each(|(name, value)| to.set(name, value))
}
