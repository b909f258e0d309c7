//! Requests and responses for a host program.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

/// The maximum length of an error message, in characters.
const LONGEST_MESSAGE: usize = 400;

/// A raw request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The raw, encoded path and query: `/api/jobs/1?fields=state`.
    pub target: String,
    /// Names in any case, and values.
    pub headers: Vec<(String, String)>,
    /// The body's bytes; empty if there is none.
    pub body: Vec<u8>,
    /// Scheme and host for `location` headers. None: `https://` and the `Host` header.
    pub origin: Option<String>,
}

impl Request {
    /// Creates a request without headers and body.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            ..Self::default()
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds Basic credentials.
    #[must_use]
    pub fn basic(self, username: &str, password: &str) -> Self {
        let value = basic(username, password);
        self.header("authorization", &value)
    }

    /// Sets a JSON body and its content type.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }

    pub(crate) fn value_of(&self, name: &str) -> Option<&str> {
        value_of(&self.headers, name)
    }
}

/// A response, and how the host program sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// How to send the body.
    pub transport: Transport,
}

impl Response {
    /// The body as a string, for tests.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, for tests; `Null` if it is not JSON.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        value_of(&self.headers, name)
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::empty(status)
            .with("content-type", "application/json")
            .body(body.to_string().into_bytes())
    }

    pub(crate) fn error(status: u16, message: &str) -> Self {
        // A message quotes the client's value, which can be megabytes.
        let shown: String = message.chars().take(LONGEST_MESSAGE).collect();
        let dots = if shown.len() < message.len() {
            " …"
        } else {
            ""
        };
        // The type of `code` is undocumented; a number per status is enough.
        let code = u32::from(status).saturating_mul(100);
        Self::json(
            status,
            &json!({"error": {"code": code, "message": shown + dots}}),
        )
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            transport: Transport::Normal,
        }
    }

    /// Breaks the connection without a response.
    pub(crate) fn reset() -> Self {
        Self {
            transport: Transport::Reset,
            ..Self::empty(502)
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }
}

/// How to send a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum Transport {
    /// Send the whole response.
    #[default]
    Normal,
    /// Break the connection before the first byte.
    Reset,
    /// Break the connection after the headers and `after` bytes of the body, before the announced length.
    Truncate {
        /// The number of body bytes to send.
        after: usize,
    },
    /// Send the headers and `after` bytes of the body, then nothing; keep the connection open.
    Stall {
        /// The number of body bytes to send.
        after: usize,
    },
    /// Send the body in chunks of `bytes`, one every `every_ms`.
    Drip {
        /// Bytes per chunk, at least 1.
        bytes: usize,
        /// Milliseconds between chunks.
        every_ms: u64,
    },
}

/// Identifies a response that [`crate::Simulator::advance`] returns later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Ticket(pub u64);

/// The result of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The response.
    Now(Response),
    /// The response follows later, or never if a rule makes the request hang.
    Held(Ticket),
}

pub(crate) fn basic(username: &str, password: &str) -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{password}"))
    )
}

fn value_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}
