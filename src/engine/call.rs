//! One call, up to its initial response.
//!
//! A call that may change something is sent once. The one exception is a 401, which says that the server
//! did not process the request, if a fresh credential is available; the engine takes care of that.

use std::time::Duration;

use crate::engine::policy::{Failures, RetryContext};
use crate::engine::protocol::classify::{Rejection, TransportErrorKind};
use crate::engine::protocol::error::Error;
use crate::engine::protocol::outcome::{CallProgress, ChangeOutcome};
use crate::engine::protocol::response::{NamedJob, Response, TransportError, read_call};

/// What the engine needs to know of a call; address, headers and body stay outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSpec {
    /// The method in upper case.
    pub method: String,
    /// The path below the base, without its query: what errors and events may show.
    pub path: String,
    /// Whether to follow the job to its end, or to stop at the initial response.
    pub follow: bool,
}

impl CallSpec {
    /// Whether the call changes nothing, so that it may be sent again.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// What error texts call it.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) spec: CallSpec,
    /// A request of it was sent.
    pub(super) was_sent: bool,
    /// It was sent again because a response took too long, which happens once only.
    was_late: bool,
    failures: Failures,
}

/// What a response, or the lack of one, means for a call.
#[derive(Debug)]
pub(super) enum CallNext {
    /// It succeeded, with a job or without one.
    Done(Option<NamedJob>),
    /// Send it again after a pause.
    Retry(Duration),
    /// Report this to the caller.
    Fail(Box<Error>),
}

impl Call {
    pub(super) fn new(spec: CallSpec) -> Self {
        Self {
            spec,
            was_sent: false,
            was_late: false,
            failures: Failures::default(),
        }
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures.get()
    }

    /// How long a request of it may take. One that is slow on purpose is no quicker the second time.
    pub(super) fn timeout(&self, configured: Option<Duration>) -> Option<Duration> {
        configured.map(|timeout| timeout.saturating_mul(if self.was_late { 2 } else { 1 }))
    }

    /// How far it got without a response. `is_open` says whether a request of it is on its way.
    pub(super) fn progress(&self, is_open: bool) -> CallProgress {
        if !self.was_sent {
            CallProgress::Unsent
        } else if is_open && !self.spec.is_safe() {
            CallProgress::InDoubt
        } else {
            CallProgress::Harmless
        }
    }

    /// Decides what follows from the initial response, or from the lack of one.
    pub(super) fn on_response(
        &mut self,
        result: Result<&Response, &TransportError>,
        context: &mut RetryContext<'_>,
    ) -> CallNext {
        let (name, is_safe) = (self.spec.name(), self.spec.is_safe());
        let (error, is_retryable, retry_after) = match result {
            Err(error) => {
                let told = Error::from_transport(&name, error, !is_safe);
                let told = if error.kind.is_never_sent() {
                    told.unsent()
                } else if is_safe {
                    told.with_outcome(ChangeOutcome::Refused)
                } else {
                    told
                };
                let again = match error.kind {
                    TransportErrorKind::TimedOut | TransportErrorKind::RuntimeLimit => {
                        !std::mem::replace(&mut self.was_late, true)
                    }
                    kind => !kind.is_permanent(),
                };
                (told, again, None)
            }
            Ok(response) => match read_call(response) {
                Ok(job) => return CallNext::Done(job),
                Err(rejection) => {
                    // Even a GET may start something that is accepted.
                    let outcome = if is_safe && rejection != Rejection::Untrackable {
                        ChangeOutcome::Refused
                    } else {
                        rejection.outcome(response.status)
                    };
                    (
                        Error::from_rejection(&name, rejection, response).with_outcome(outcome),
                        rejection.is_retryable(),
                        response.retry_after_if(rejection),
                    )
                }
            },
        };
        if !is_retryable || !is_safe {
            return CallNext::Fail(error);
        }
        match self.failures.count(retry_after, context) {
            Some(delay) => CallNext::Retry(delay),
            None => CallNext::Fail(error),
        }
    }
}
