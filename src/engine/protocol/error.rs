//! How each kind of trouble is told.

use std::any::Any;
use std::rc::Rc;

use crate::engine::protocol::record::{Phase, Snapshot};
use crate::engine::protocol::response::{Response, TransportError, TransportErrorKind};
use crate::engine::protocol::text::{decimal, joined, trimmed};
use crate::engine::protocol::token::TokenError;

/// The error that led here, as the extension world knows it; opaque to the engine.
pub type Cause = Rc<dyn Any>;

/// The stable name of a kind of trouble, and with it the class of the error in JavaScript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// The server said that the job failed.
    JobFailed,
    /// The waiter's own deadline passed; the outcome is unknown.
    WaitTimeout,
    /// The job was known and is no longer; the outcome is unknown.
    JobGone,
    /// Accepted, but the answer names no job.
    NotTrackable,
    /// The server answered, and the answer is a refusal.
    Http,
    /// The credential was refused.
    Auth,
    /// The answer is not what the protocol says.
    Protocol,
    /// There was no answer.
    Transport,
    /// The client was closed.
    Closed,
    /// A token that is damaged, or of another server.
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

/// Why a promise rejects. Holds no header, no credential and no query.
#[derive(Clone)]
pub struct Error {
    /// The kind.
    pub code: ErrorCode,
    /// What a person reads.
    pub message: String,
    /// The status of the answer, if it came to one.
    pub status: Option<u16>,
    /// The server's own error code.
    pub server_code: Option<String>,
    /// The beginning of the answer's body.
    pub text: Option<String>,
    /// The created object's address, where an accepting answer named one.
    pub location: Option<String>,
    /// The server's `request-id`.
    pub request_id: Option<String>,
    /// What was last known of the job.
    pub job: Option<Rc<Snapshot>>,
    /// The error below.
    pub cause: Option<Cause>,
    /// The token with which the wait goes on, where it ended before the job did.
    pub token: Option<String>,
}

impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trouble")
            .field("code", &self.code)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

impl Error {
    /// Trouble of this kind; its message comes in parts. In a box, since it is large and rare.
    pub(crate) fn new(code: ErrorCode, message: &[&str]) -> Box<Self> {
        Box::new(Self {
            code,
            message: joined(message),
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

    /// Adds what was last known of the job.
    #[must_use]
    pub(crate) fn of_job(mut self: Box<Self>, job: Option<&Rc<Snapshot>>) -> Box<Self> {
        self.job = job.cloned();
        self
    }

    /// Trouble with an answer, which is told but for the job.
    fn of_answer(code: ErrorCode, message: &[&str], response: &Response) -> Box<Self> {
        let mut error = Self::new(code, message);
        error.status = Some(response.status);
        error.request_id.clone_from(&response.request_id);
        error.text = response.excerpt();
        error
    }

    /// The server said that the job failed.
    pub(crate) fn job_failed(job: &Rc<Snapshot>) -> Box<Self> {
        debug_assert_eq!(job.state.phase(), Phase::Failed);
        let said = job.message.as_deref().unwrap_or_default();
        let silent = [
            "job ",
            &job.id,
            " ended with state ",
            job.state.name(),
            " and gave no message",
        ];
        let message: &[&str] = if trimmed(said).is_empty() {
            &silent
        } else {
            &[said]
        };
        Self::new(ErrorCode::JobFailed, message).of_job(Some(job))
    }

    /// The job is no longer known.
    pub(crate) fn job_gone(
        id: &str,
        response: &Response,
        last: Option<&Rc<Snapshot>>,
    ) -> Box<Self> {
        let message = [
            "job ",
            id,
            " is not known to the server (",
            &decimal(response.status.into()),
            "): its outcome is unknown",
        ];
        Self::of_answer(ErrorCode::JobGone, &message, response).of_job(last)
    }

    /// The wait for a job took too long.
    pub(crate) fn wait_timeout(id: &str, last: Option<&Rc<Snapshot>>, token: String) -> Box<Self> {
        let message = [
            "the wait for job ",
            id,
            " reached its time-out: the outcome is unknown, not failed",
        ];
        let mut error = Self::new(ErrorCode::WaitTimeout, &message).of_job(last);
        error.token = Some(token);
        error
    }

    /// The wait ended before the call itself was answered.
    pub(crate) fn call_timeout(what: &str, changing: bool) -> Box<Self> {
        let acceptance = if changing {
            ": whether it was accepted is not known"
        } else {
            ""
        };
        let message = [
            "the wait for ",
            what,
            " reached its time-out before any answer came",
            acceptance,
        ];
        Self::new(ErrorCode::WaitTimeout, &message)
    }

    /// Accepted without a job to follow.
    pub(crate) fn not_trackable(what: &str, response: &Response) -> Box<Self> {
        let message = [
            "the server accepted ",
            what,
            " (",
            &decimal(response.status.into()),
            ") but its answer names no job to follow",
        ];
        let mut error = Self::of_answer(ErrorCode::NotTrackable, &message, response);
        error.location.clone_from(&response.location);
        error
    }

    /// Of a call that was answered at once something is asked that only a job has.
    #[must_use]
    pub fn no_job(what: &str, status: Option<u16>) -> Box<Self> {
        let why = ": the call was answered at once, so there is no job to ask for";
        let mut error = Self::new(ErrorCode::NotTrackable, &[what, why]);
        error.status = status;
        error
    }

    /// The server refused: 401 and 403 are about the credential, all else is not.
    pub(crate) fn refused(what: &str, response: &Response) -> Box<Self> {
        let code = if matches!(response.status, 401 | 403) {
            ErrorCode::Auth
        } else {
            ErrorCode::Http
        };
        let (server_code, said) = response.server_error();
        let status = decimal(response.status.into());
        let (colon, said) = said.as_deref().map_or(("", ""), |said| (": ", said));
        let message = [what, " was answered ", &status, colon, said];
        let mut error = Self::of_answer(code, &message, response);
        error.server_code = server_code;
        error
    }

    /// The answer is not what the protocol says.
    pub(crate) fn protocol(what: &str, why: &str, response: &Response) -> Box<Self> {
        Self::of_answer(ErrorCode::Protocol, &[what, ": ", why], response)
    }

    /// There was no answer, or one that was cut off since it is too large.
    pub(crate) fn unanswered(what: &str, failure: &TransportError, changing: bool) -> Box<Self> {
        let code = if failure.kind == TransportErrorKind::BodyTooLarge {
            ErrorCode::Protocol
        } else {
            ErrorCode::Transport
        };
        let mut error = Self::new(code, &[what, ": ", failure.kind.message(changing)]);
        error.cause.clone_from(&failure.cause);
        error
    }

    /// A token that cannot be used.
    #[must_use]
    pub fn bad_token(error: TokenError) -> Box<Self> {
        Self::new(ErrorCode::BadToken, &[error.0])
    }

    /// The client was closed.
    #[must_use]
    pub fn closed() -> Box<Self> {
        Self::new(ErrorCode::Closed, &["the client was closed"])
    }
}
