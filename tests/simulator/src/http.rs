//! Requests and answers, as far as a host needs to know them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

/// Characters of an error's message.
const LONGEST_MESSAGE: usize = 400;

/// A request as it came over the wire.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and raw query, nothing decoded: `/api/jobs/1?fields=state`.
    pub target: String,
    /// Name and value; names in any case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes; empty when there is none.
    pub body: Vec<u8>,
    /// Scheme and host that `location` headers are built on. None: `https://` and the `Host` header.
    pub origin: Option<String>,
}

impl Request {
    /// A request without headers or body.
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

    /// Adds a Basic credential.
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

/// An answer, and how a host is to carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// What happens to the bytes on their way.
    pub transport: Transport,
}

impl Response {
    /// The body as text, for tests.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, `Null` when it is none, for tests.
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
        // A message quotes what the client sent, which can be megabytes.
        let shown: String = message.chars().take(LONGEST_MESSAGE).collect();
        let dots = if shown.len() < message.len() {
            " …"
        } else {
            ""
        };
        // The type of `code` is undocumented; a number that tells the status apart is enough here.
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

    /// No answer: the connection breaks.
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

/// What happens to an answer on its way to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum Transport {
    /// It arrives.
    #[default]
    Normal,
    /// The connection breaks before the first byte of the answer.
    Reset,
    /// The connection breaks after the headers and `after` bytes of the body, short of the announced length.
    Truncate {
        /// Bytes of the body that still arrive.
        after: usize,
    },
    /// The headers and `after` bytes of the body arrive, then nothing more; the connection stays open.
    Stall {
        /// Bytes of the body that still arrive.
        after: usize,
    },
    /// The body arrives in pieces of `bytes`, one each `every_ms`.
    Drip {
        /// Bytes in a piece, at least 1.
        bytes: usize,
        /// Milliseconds between two pieces.
        every_ms: u64,
    },
}

/// Stands for an answer that will come later, from [`crate::Simulator::advance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Ticket(pub u64);

/// What a request gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The answer.
    Now(Response),
    /// The answer comes later, or never if a rule lets the request hang.
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
