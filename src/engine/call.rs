//! One issued call, up to its first answer.
//!
//! A call that changes something is sent once. The one exception is a 401, which refuses the request
//! unprocessed, when a fresh credential can be had; the engine sees to that.

use std::time::Duration;

use crate::engine::policy::{Jitter, Retry};
use crate::engine::poller::{OFFLINE_PAUSE, before_deadline};
use crate::engine::protocol::error::Error;
use crate::engine::protocol::response::{NamedJob, Response, TransportError, read_call};
use crate::engine::protocol::text::joined;
use crate::engine::time::Time;

/// What the engine needs to know of a call; address, headers and body stay outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSpec {
    /// The method in upper case.
    pub method: String,
    /// The path below the base, without its query: what errors and events may show.
    pub path: String,
    /// Whether to follow the job to its end, or to stop at the acceptance.
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
        joined(&[&self.method, " ", &self.path])
    }
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) spec: CallSpec,
    failures: u32,
}

/// What the engine lends to a call while it judges an answer.
#[derive(Debug)]
pub(super) struct CallContext<'a> {
    pub(super) now: Time,
    /// The deadline of the one who issued it.
    pub(super) deadline: Option<Time>,
    pub(super) retry: &'a Retry,
    pub(super) jitter: &'a mut Jitter,
    /// There is no network, as far as is known.
    pub(super) offline: bool,
}

/// What an answer, or the lack of one, means for a call.
#[derive(Debug)]
pub(super) enum CallNext {
    /// It was answered in good order, with a job or without one.
    Done(Option<NamedJob>),
    /// Send it again after a pause.
    Retry(Duration),
    /// Tell the caller.
    Fail(Box<Error>),
}

impl Call {
    pub(super) fn new(spec: CallSpec) -> Self {
        Self { spec, failures: 0 }
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// The wait ended before there was an answer.
    pub(super) fn timeout(&self) -> Box<Error> {
        Error::call_timeout(&self.spec.name(), !self.spec.is_safe())
    }

    /// Judges the first answer, or the lack of one.
    pub(super) fn on_response(
        &mut self,
        result: Result<&Response, &TransportError>,
        context: &mut CallContext<'_>,
    ) -> CallNext {
        let name = self.spec.name();
        let (error, is_retryable, retry_after) = match result {
            Err(failure) => {
                let error = Error::unanswered(&name, failure, !self.spec.is_safe());
                (error, !failure.kind.is_permanent(), None)
            }
            Ok(response) => match read_call(response) {
                Ok(job) => return CallNext::Done(job),
                Err(rejection) => (
                    rejection.error(&name, response),
                    rejection.is_retryable(),
                    response.retry_after_if(rejection),
                ),
            },
        };
        if !is_retryable {
            return CallNext::Fail(error);
        }
        self.failed(error, retry_after, context)
    }

    fn failed(
        &mut self,
        error: Box<Error>,
        retry_after: Option<Duration>,
        context: &mut CallContext<'_>,
    ) -> CallNext {
        let retry = context.retry;
        if !self.spec.is_safe() || retry.is_never() {
            return CallNext::Fail(error);
        }
        let delay = if context.offline {
            OFFLINE_PAUSE
        } else {
            self.failures = self.failures.saturating_add(1);
            if self.failures >= retry.max_attempts {
                return CallNext::Fail(error);
            }
            retry.delay(self.failures, retry_after, context.jitter)
        };
        CallNext::Retry(before_deadline(delay, context.now, context.deadline))
    }
}
