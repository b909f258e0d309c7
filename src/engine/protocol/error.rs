//! The engine's errors: codes and messages.

use std::fmt;
use std::rc::Rc;

use crate::engine::protocol::classify::{Rejection, TransportErrorKind};
use crate::engine::protocol::outcome::{CallProgress, ChangeOutcome};
use crate::engine::protocol::record::{Phase, Snapshot};
use crate::engine::protocol::response::{Cause, Response, TransportError, beginning};
use crate::engine::protocol::token::TokenError;

/// The kind of a failure. Each code has one error class in JavaScript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The server reported that the job failed.
    JobFailed,
    /// The waiter's timeout passed; the outcome is unknown.
    WaitTimeout,
    /// The server no longer knows the job; the outcome is unknown.
    JobGone,
    /// The server accepted the call, but the response names no job.
    NotTrackable,
    /// The server refused the request.
    Http,
    /// The server refused the credential.
    Auth,
    /// The response does not follow the protocol.
    Protocol,
    /// There was no response.
    Transport,
    /// The client was closed.
    Closed,
    /// The token is corrupted, or from another server.
    BadToken,
}

impl ErrorCode {
    /// The name that users match on.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::JobFailed => "JOB_FAILED",
            Self::WaitTimeout => "WAIT_TIMEOUT",
            Self::JobGone => "JOB_GONE",
            Self::NotTrackable => "NOT_TRACKABLE",
            Self::Http => "HTTP",
            Self::Auth => "AUTH",
            Self::Protocol => "PROTOCOL",
            Self::Transport => "TRANSPORT",
            Self::Closed => "CLOSED",
            Self::BadToken => "BAD_TOKEN",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a wait failed. Contains no header, credential or query.
#[derive(Clone)]
#[non_exhaustive]
pub struct Error {
    /// The kind.
    pub code: ErrorCode,
    /// The message, about 2 048 characters at most.
    pub message: String,
    /// What is known about the change. If a wait ends before its job, this is
    /// [`Unknown`](ChangeOutcome::Unknown).
    pub outcome: ChangeOutcome,
    /// Whether nothing of the call was sent.
    pub never_sent: bool,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// The server's own error code.
    pub server_code: Option<String>,
    /// The beginning of the response's body.
    pub text: Option<String>,
    /// The created object's URL, if the initial response named one.
    pub location: Option<String>,
    /// The server's `request-id`.
    pub request_id: Option<String>,
    /// The last known snapshot of the job.
    pub job: Option<Rc<Snapshot>>,
    /// The underlying error.
    pub cause: Option<Cause>,
    /// The token that resumes the wait, if there is a job.
    pub token: Option<String>,
}

/// Omits the response's body, which may contain secrets.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// An error of this kind. Boxed, because it is large and rare.
    pub(crate) fn new(code: ErrorCode, message: String) -> Box<Self> {
        Box::new(Self {
            code,
            // A server may send a whole page as its message.
            message: beginning(&message),
            outcome: ChangeOutcome::Unknown,
            never_sent: false,
            status: None,
            server_code: None,
            text: None,
            location: None,
            request_id: None,
            job: None,
            cause: None,
            token: None,
        })
    }

    #[must_use]
    pub(crate) fn with_outcome(mut self: Box<Self>, outcome: ChangeOutcome) -> Box<Self> {
        self.outcome = outcome;
        self
    }

    /// Marks that nothing of the call was sent.
    #[must_use]
    pub(crate) fn unsent(mut self: Box<Self>) -> Box<Self> {
        self.never_sent = true;
        self.with_outcome(ChangeOutcome::Refused)
    }

    /// An error about a response.
    fn of_response(code: ErrorCode, message: String, response: &Response) -> Box<Self> {
        let mut error = Self::new(code, message);
        error.status = Some(response.status);
        error.request_id.clone_from(&response.request_id);
        error.text = response.excerpt();
        error
    }

    /// The server reported that the job failed.
    pub(crate) fn job_failed(job: &Rc<Snapshot>) -> Box<Self> {
        debug_assert_eq!(job.state.phase(), Phase::Failed);
        let (server_code, reason) = job.reason();
        let message = reason.unwrap_or_else(|| {
            format!(
                "job {} ended with state {} and gave no message",
                job.id, job.state
            )
        });
        let mut error = Self::new(ErrorCode::JobFailed, message);
        error.job = Some(Rc::clone(job));
        error.server_code = server_code.as_deref().map(beginning);
        error.with_outcome(ChangeOutcome::Failed)
    }

    /// The server no longer knows the job.
    pub(crate) fn job_gone(
        id: &str,
        response: &Response,
        last: Option<&Rc<Snapshot>>,
    ) -> Box<Self> {
        let status = response.status;
        let message = format!(
            "the server no longer knows job {id} (status {status}); its outcome is unknown"
        );
        let mut error = Self::of_response(ErrorCode::JobGone, message, response);
        error.job = last.cloned();
        error
    }

    /// The wait for a job timed out.
    pub(crate) fn wait_timeout(id: &str) -> Box<Self> {
        let message = format!("timed out waiting for job {id}; it may still succeed");
        Self::new(ErrorCode::WaitTimeout, message)
    }

    /// The wait timed out before the call got its response.
    pub(crate) fn call_timeout(what: &str, progress: CallProgress) -> Box<Self> {
        Self::unfinished_call(ErrorCode::WaitTimeout, "timed out", what, progress)
    }

    /// The client was closed before the call got its response.
    pub(crate) fn closed_call(what: &str, progress: CallProgress) -> Box<Self> {
        Self::unfinished_call(ErrorCode::Closed, "the client was closed", what, progress)
    }

    fn unfinished_call(
        code: ErrorCode,
        event: &str,
        what: &str,
        progress: CallProgress,
    ) -> Box<Self> {
        const WAITING: &str = "while waiting for a response to ";
        let (before, after) = match progress {
            CallProgress::Unsent => ("before ", " was sent"),
            CallProgress::Harmless => (WAITING, ""),
            CallProgress::InDoubt => (WAITING, "; the call may have been accepted"),
            CallProgress::Unmet => ("before the record of ", " met the condition"),
        };
        let message = format!("{event} {before}{what}{after}");
        Self::new(code, message).of_call(progress)
    }

    /// Adds what is known about a call without a response.
    #[must_use]
    pub(crate) fn of_call(self: Box<Self>, progress: CallProgress) -> Box<Self> {
        match progress {
            CallProgress::Unsent => self.unsent(),
            CallProgress::Harmless | CallProgress::Unmet => {
                self.with_outcome(ChangeOutcome::Refused)
            }
            CallProgress::InDoubt => self,
        }
    }

    /// The response to `what` is not the expected one.
    pub(crate) fn from_rejection(
        what: &str,
        rejection: Rejection,
        response: &Response,
    ) -> Box<Self> {
        let why = match rejection {
            Rejection::NoRecord => "the response lacks the expected record or list of records",
            Rejection::NotJson => {
                "the response is not JSON; it may come from a proxy or a login page"
            }
            Rejection::NoState => "the response has a record without a state",
            Rejection::OtherJob => "the response has the record of another job",
            Rejection::Redirect => {
                "the response is a redirect, which the client does not follow; check baseUrl and the proxy"
            }
            Rejection::Untrackable => return Self::not_trackable(what, response),
            Rejection::BadRequest
            | Rejection::NotFound
            | Rejection::Unauthorized
            | Rejection::Transient
            | Rejection::Refused => return Self::refused(what, response),
        };
        Self::of_response(ErrorCode::Protocol, format!("{what}: {why}"), response)
    }

    /// The server accepted the call without naming a job.
    fn not_trackable(what: &str, response: &Response) -> Box<Self> {
        let status = response.status;
        let message =
            format!("the server accepted {what} (status {status}), but the response names no job");
        let mut error = Self::of_response(ErrorCode::NotTrackable, message, response);
        error.location.clone_from(&response.location);
        error
    }

    /// The server refused the request: `Auth` for 401 and 403, otherwise `Http`.
    fn refused(what: &str, response: &Response) -> Box<Self> {
        let code = if matches!(response.status, 401 | 403) {
            ErrorCode::Auth
        } else {
            ErrorCode::Http
        };
        let (server_code, reason) = response.server_error();
        let mut message = format!("{what} failed with status {}", response.status);
        if let Some(reason) = reason {
            message = format!("{message}: {reason}");
        }
        let mut error = Self::of_response(code, message, response);
        error.server_code = server_code.as_deref().map(beginning);
        error
    }

    /// There was no response, or it was too large.
    pub(crate) fn from_transport(
        what: &str,
        error: &TransportError,
        request: RequestKind,
    ) -> Box<Self> {
        let code = if error.kind == TransportErrorKind::BodyTooLarge {
            ErrorCode::Protocol
        } else {
            ErrorCode::Transport
        };
        let why = transport_message(error.kind);
        let never_sent = error.kind.is_never_sent();
        // A poll that was not sent says nothing about the call that started its job.
        let unsent = if never_sent && request != RequestKind::Poll {
            "not sent: "
        } else {
            ""
        };
        let advice = match error.kind {
            TransportErrorKind::BodyTooLarge => "",
            _ if never_sent || request != RequestKind::Change => "",
            _ => ". The call may have been accepted: check before you repeat it",
        };
        let cause = error.cause.clone();
        let mut error = Self::new(code, format!("{what}: {unsent}{why}{advice}"));
        error.cause = cause;
        error
    }

    /// The token is invalid.
    #[must_use]
    pub fn bad_token(error: TokenError) -> Box<Self> {
        Self::new(ErrorCode::BadToken, error.to_string())
    }

    /// The polls of a job ended before the job, after this many failures in a row.
    #[must_use]
    pub(crate) fn of_unfinished_job(mut self: Box<Self>, failures: u32) -> Box<Self> {
        let message = &mut self.message;
        if message.ends_with('.') {
            message.pop();
        }
        if failures > 1 {
            message.push_str(&format!(". The client gave up after {failures} failures"));
        }
        message.push_str(". The job may still be running");
        self
    }

    /// The client was closed before the call or wait.
    pub(crate) fn closed() -> Box<Self> {
        let message = "the client was closed; nothing was sent";
        Self::new(ErrorCode::Closed, message.into())
    }

    /// The client was closed during the wait for a job.
    pub(crate) fn closed_wait(id: &str) -> Box<Self> {
        let message =
            format!("the client was closed while it waited for job {id}; the job continues");
        Self::new(ErrorCode::Closed, message)
    }
}

/// What a request without a response was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind {
    /// A call that may change something.
    Change,
    /// A call that changes nothing.
    Read,
    /// A poll of a job.
    Poll,
}

/// The message for a request without a response.
fn transport_message(kind: TransportErrorKind) -> &'static str {
    match kind {
        TransportErrorKind::CallbackFailed => "the auth or headers function failed",
        TransportErrorKind::InvalidHeader => {
            "the auth or headers function returned an invalid value"
        }
        TransportErrorKind::NoFetch => "there is no fetch function",
        TransportErrorKind::NoResponse => "no response: the fetch option did not return a Response",
        TransportErrorKind::CertificateRejected => "the server's TLS certificate was rejected",
        TransportErrorKind::NotConnected => "no connection; the cause may be the network or TLS",
        TransportErrorKind::BodyTooLarge => "the response body is larger than maxResponseBytes",
        TransportErrorKind::RuntimeLimit => {
            "no response within the runtime's own timeout; in Node, use a fetch with an undici Agent \
             that has a longer headersTimeout and bodyTimeout"
        }
        TransportErrorKind::Network => {
            "no response; the cause may be the network, CORS or TLS (fetch does not say which)"
        }
        TransportErrorKind::TimedOut => {
            "no response in time; the cause may be a slow server, the network, CORS or TLS"
        }
    }
}
