//! Which failures may pass, so that the same GET may succeed later, and what they say of a change.
//!
//! Two rules stand elsewhere: a call that changes something is never retried (`call`), and a job under way
//! is not given up for a certificate (`poller`).

use crate::engine::protocol::outcome::ChangeOutcome;

/// Whether a status says that the same GET may succeed later. Gateways invent 5xx of their own, so all of
/// them count but the two that say that the server never does this.
pub(crate) fn is_transient(status: u16) -> bool {
    may_be_cut(status) || matches!(status, 409 | 421 | 423 | 425 | 429)
}

/// Whether something on the way may say with this status that it waited too long for the response.
pub(crate) fn may_be_cut(status: u16) -> bool {
    matches!(status, 408 | 500..=599) && !matches!(status, 501 | 505)
}

/// Why a response does not say what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// It says nothing of the job: some servers may end a long poll this way when it times out.
    NoRecord,
    /// The request as such was refused: if it is a poll, because of its `poll_timeout` or its `fields`.
    BadRequest,
    /// The job is not known, as the server itself says.
    NotFound,
    /// The credential is refused.
    Unauthorized,
    /// The server cannot answer now.
    Transient,
    /// The server refuses.
    Refused,
    /// The call was accepted, but there is no job to follow.
    Untrackable,
    /// The body is not JSON; a proxy may be restarting.
    NotJson,
    /// The record has no state.
    NoState,
    /// The record is that of another job.
    OtherJob,
    /// A redirect, which is never followed.
    Redirect,
}

impl Rejection {
    /// What a status outside of 200 to 299 means by itself.
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

    /// What this response, with this status, says of the change that a call was to make.
    pub(crate) fn outcome(self, status: u16) -> ChangeOutcome {
        let refuses = match self {
            // The server was reached, and its answer is not to be understood.
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
                // A proxy waited too long, or saw its client leave: the call may be behind it.
                408 | 460 | 499 => false,
                // A good status with an error object is a refusal, too.
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
    /// The network, CORS or TLS: `fetch` does not tell them apart.
    Network,
    /// There was no connection, so that nothing was sent.
    NotConnected,
    /// The server's certificate was rejected, so that nothing was sent.
    CertificateRejected,
    /// The runtime ended the request by a time-out of its own.
    RuntimeLimit,
    /// The response took too long.
    TimedOut,
    /// The user's own `auth` or `headers` function failed; nothing was sent.
    CallbackFailed,
    /// The user's own `auth` or `headers` function returned what no header can carry. It will again.
    InvalidHeader,
    /// There is no `fetch`, so that nothing was sent.
    NoFetch,
    /// The user's own `fetch` returned what is no response. It will again.
    NoResponse,
    /// The body is larger than the limit; the rest was not read.
    BodyTooLarge,
}

impl TransportErrorKind {
    /// What an error below `fetch` says, by its `code`, its `syscall` and its message; an empty text for
    /// what it has not. `None` if that tells nothing: then its own cause may.
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

    /// Whether a second try would fail in the same way.
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

/// Whether an error's `code` says that the client rejected the server's certificate. The codes are
/// OpenSSL's names, which Node and Bun pass on; a browser gives none. The server's complaints about a
/// client certificate begin with `ERR_SSL_`, and may come after the request was sent.
#[must_use]
pub fn is_certificate_error(code: &str) -> bool {
    let verified =
        code.split('_').any(|word| word == "CERT") || code == "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
    verified && !code.starts_with("ERR_SSL_")
}

/// Whether an error says that there never was a connection. The codes are those of Node's resolver and
/// sockets, of undici and of Bun; Deno has a message alone.
fn is_connect_error(code: &str, syscall: &str, message: &str) -> bool {
    let in_step = matches!(syscall, "connect" | "getaddrinfo") || syscall.starts_with("query");
    let by_code = match code {
        // No address was found.
        _ if code.starts_with("EAI_") => true,
        "ENOTFOUND" | "UND_ERR_CONNECT_TIMEOUT" | "ConnectionRefused" | "FailedToOpenSocket" => {
            true
        }
        // A socket that was connected may report these, too, and then says in which step.
        "ECONNREFUSED" | "EHOSTUNREACH" | "ENETUNREACH" | "EHOSTDOWN" | "ENETDOWN"
        | "EADDRNOTAVAIL" => syscall.is_empty(),
        "ETIMEDOUT" => holds(message, "connect ETIMEDOUT"),
        // A port that fetch refuses.
        _ => message == "bad port" || holds(message, "client error (Connect)"),
    };
    in_step || by_code
}

/// Whether a text holds these words. The standard library's search is for long texts, and takes 1.6 KB.
fn holds(text: &str, words: &str) -> bool {
    let mut places = text.as_bytes().windows(words.len());
    places.any(|place| place == words.as_bytes())
}

/// Whether an error says that a connection broke, which may have carried the request.
fn is_broken_connection(code: &str) -> bool {
    matches!(
        code,
        "ECONNRESET" | "EPIPE" | "UND_ERR_SOCKET" | "ConnectionClosed"
    )
}
