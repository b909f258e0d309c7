//! Which failures are retryable, and what they say about a change.
//!
//! Two rules are elsewhere: a mutating call is never retried (`call`), and a rejected certificate does not
//! end the wait for a known job (`poller`).

use crate::engine::protocol::outcome::ChangeOutcome;

/// Whether the same GET may succeed later. Gateways invent 5xx statuses, so all count except 501 and 505,
/// which are permanent.
pub(crate) fn is_transient(status: u16) -> bool {
    may_be_cut(status) || matches!(status, 409 | 421 | 423 | 425 | 429)
}

/// Whether a proxy may send this status after its timeout.
pub(crate) fn may_be_cut(status: u16) -> bool {
    matches!(status, 408 | 500..=599) && !matches!(status, 501 | 505)
}

/// Why a response is not the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// It has no record. Some servers may end a long poll this way when it times out.
    NoRecord,
    /// The server refused the request; a poll perhaps because of its `poll_timeout` or `fields`.
    BadRequest,
    /// The server does not know the object or job.
    NotFound,
    /// The server refused the credential.
    Unauthorized,
    /// The server cannot respond now.
    Transient,
    /// The server refused the request for another reason.
    Refused,
    /// The server accepted the call but named no job.
    Untrackable,
    /// The body is not JSON; it may come from a proxy or a login page.
    NotJson,
    /// The record has no state.
    NoState,
    /// The record belongs to another job.
    OtherJob,
    /// A redirect, which the client does not follow.
    Redirect,
}

impl Rejection {
    /// The meaning of a status outside of 200 to 299.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            304 => Self::NoRecord,
            400 => Self::BadRequest,
            401 | 403 => Self::Unauthorized,
            404 | 410 => Self::NotFound,
            0 | 300..=399 => Self::Redirect,
            status if is_transient(status) => Self::Transient,
            _ => Self::Refused,
        }
    }

    /// What a response with this status says about a call's change.
    pub(crate) fn outcome(self, status: u16) -> ChangeOutcome {
        let refuses = match self {
            // The request arrived somewhere, but the response is not understandable.
            Self::Untrackable
            | Self::NotJson
            | Self::NoRecord
            | Self::NoState
            | Self::OtherJob
            | Self::Redirect => false,
            Self::BadRequest
            | Self::NotFound
            | Self::Unauthorized
            | Self::Transient
            | Self::Refused => match status {
                // A proxy timed out or lost its client, so the call may have reached the server.
                408 | 460 | 499 => false,
                // A 2xx status with an error object is a refusal, too.
                200..=299 | 400..=499 => true,
                _ => false,
            },
        };
        if refuses {
            ChangeOutcome::Refused
        } else {
            ChangeOutcome::Unknown
        }
    }

    /// Whether the same request may succeed later.
    pub(crate) fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::NoRecord | Self::Transient | Self::NotJson | Self::NoState | Self::OtherJob
        )
    }
}

/// Why a request got no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The network, CORS or TLS; `fetch` does not say which.
    Network,
    /// There was no connection, so nothing was sent.
    NotConnected,
    /// The client rejected the server's certificate, so nothing was sent.
    CertificateRejected,
    /// A timeout of the runtime ended the request.
    RuntimeLimit,
    /// The response took longer than the client's limit.
    TimedOut,
    /// The user's `auth` or `headers` function failed, so nothing was sent.
    CallbackFailed,
    /// The user's `auth` or `headers` function returned an invalid header value, so nothing was sent.
    InvalidHeader,
    /// There is no `fetch`, so nothing was sent.
    NoFetch,
    /// The user's `fetch` did not return a response.
    NoResponse,
    /// The body is larger than the limit, and the rest was not read.
    BodyTooLarge,
}

impl TransportErrorKind {
    /// Classifies an error of `fetch` by its `code`, `syscall` and message, each empty if missing. `None` if
    /// the error is unknown; then try its cause.
    #[must_use]
    pub fn of_error(code: &str, syscall: &str, message: &str) -> Option<Self> {
        if is_certificate_error(code) {
            Some(Self::CertificateRejected)
        } else if is_connect_error(code, syscall, message) {
            Some(Self::NotConnected)
        } else if is_broken_connection(code) {
            Some(Self::Network)
        } else if matches!(code, "UND_ERR_HEADERS_TIMEOUT" | "UND_ERR_BODY_TIMEOUT") {
            Some(Self::RuntimeLimit)
        } else {
            None
        }
    }

    /// Whether nothing of the request was sent.
    #[must_use]
    pub fn is_never_sent(self) -> bool {
        matches!(
            self,
            Self::NotConnected
                | Self::CertificateRejected
                | Self::CallbackFailed
                | Self::InvalidHeader
                | Self::NoFetch
        )
    }

    /// Whether a retry would fail in the same way.
    pub(crate) fn is_permanent(self) -> bool {
        matches!(
            self,
            Self::InvalidHeader
                | Self::NoFetch
                | Self::NoResponse
                | Self::BodyTooLarge
                | Self::CertificateRejected
        )
    }
}

/// Whether an error's `code` says that the client rejected the server's certificate. The codes are OpenSSL's
/// names in Node and Bun; browsers have none. Codes that begin with `ERR_SSL_` are about a client certificate
/// and may come after the request was sent.
#[must_use]
pub fn is_certificate_error(code: &str) -> bool {
    let verified =
        code.split('_').any(|word| word == "CERT") || code == "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
    verified && !code.starts_with("ERR_SSL_")
}

/// Whether an error says that there was no connection. The codes come from Node's resolver and sockets,
/// undici and Bun. Deno has only a message.
fn is_connect_error(code: &str, syscall: &str, message: &str) -> bool {
    let in_step = matches!(syscall, "connect" | "getaddrinfo") || syscall.starts_with("query");
    let by_code = match code {
        // No address was found.
        _ if code.starts_with("EAI_") => true,
        "ENOTFOUND" | "UND_ERR_CONNECT_TIMEOUT" | "ConnectionRefused" | "FailedToOpenSocket" => {
            true
        }
        // A connected socket may report these too, and then names the system call.
        "ECONNREFUSED" | "EHOSTUNREACH" | "ENETUNREACH" | "EHOSTDOWN" | "ENETDOWN"
        | "EADDRNOTAVAIL" => syscall.is_empty(),
        "ETIMEDOUT" => contains(message, "connect ETIMEDOUT"),
        // `fetch` blocks this port.
        _ => message == "bad port" || contains(message, "client error (Connect)"),
    };
    in_step || by_code
}

/// Whether a string contains these words. The standard library's search would add 1.6 KB.
fn contains(text: &str, words: &str) -> bool {
    let mut places = text.as_bytes().windows(words.len());
    places.any(|place| place == words.as_bytes())
}

/// Whether an error says that a connection broke, perhaps after the request was sent.
fn is_broken_connection(code: &str) -> bool {
    matches!(
        code,
        "ECONNRESET" | "EPIPE" | "UND_ERR_SOCKET" | "ConnectionClosed"
    )
}
