//! One call, up to its initial response.
//!
//! A mutating call is sent once. The one exception is a 401, which proves that the server did not process the
//! request: the engine resends the call if the `auth` function returns a new credential.
//!
//! A GET may be repeated until its record meets a condition. It pauses and retries like the standard polls of
//! a job; see `poller`.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::io::InitialResponse;
use crate::engine::policy::{Failures, MAX_NOT_FOUND, RetryContext, next_interval};
use crate::engine::poll::AUTH_RETRY_DELAY;
use crate::engine::protocol::classify::{Rejection, TransportErrorKind};
use crate::engine::protocol::error::{Error, RequestKind};
use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::outcome::{CallProgress, ChangeOutcome};
use crate::engine::protocol::response::{NamedJob, Response, TransportError, read_call};

/// What the engine needs to know about a call. The runtime keeps URL, headers and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSpec {
    /// The method in upper case.
    pub method: String,
    /// The path below the base, without the query. Errors and events show it.
    pub path: String,
    /// What the caller waits for.
    pub goal: CallGoal,
}

/// What a caller waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallGoal {
    /// The initial response.
    Response,
    /// The end of its job, if it starts one.
    JobEnd,
    /// A response with one record.
    Record,
    /// A response with a list of records.
    Records,
    /// A record that meets the caller's condition: see [`Output::CheckRecord`](super::Output::CheckRecord).
    /// The engine repeats the call, with pauses.
    Condition,
}

impl CallSpec {
    /// Whether the call is a GET or HEAD, which may be repeated.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// The call's name in error messages.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// A call in progress.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) spec: CallSpec,
    /// Whether a request was sent.
    pub(super) was_sent: bool,
    /// Whether it was resent because a response took too long. This happens once.
    was_late: bool,
    failures: Failures,
    repetition: Repetition,
}

/// The state of a call that repeats until a condition is met.
#[derive(Debug, Default)]
struct Repetition {
    /// Pauses in a row without a change.
    unchanged: u32,
    /// The last response with a record.
    latest: Option<Rc<InitialResponse>>,
    /// Whether the caller is checking it.
    is_checked: bool,
}

/// What a call does after a response or a failed request.
#[derive(Debug)]
pub(super) enum CallNext {
    /// Succeed, with or without a job.
    Done(Option<NamedJob>),
    /// Send the call again after a pause.
    Retry(Duration),
    /// Report this error to the caller.
    Fail(Box<Error>),
}

impl Call {
    pub(super) fn new(spec: CallSpec) -> Self {
        Self {
            spec,
            was_sent: false,
            was_late: false,
            failures: Failures::default(),
            repetition: Repetition::default(),
        }
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures.get()
    }

    /// How long a request may take. The second attempt gets twice the time, because a slow server is rarely
    /// faster then.
    pub(super) fn timeout(&self, configured: Option<Duration>) -> Option<Duration> {
        configured.map(|timeout| timeout.saturating_mul(if self.was_late { 2 } else { 1 }))
    }

    /// Stores a response whose record the caller will check.
    pub(super) fn start_check(&mut self, response: Rc<InitialResponse>) {
        let repetition = &mut self.repetition;
        let latest = repetition.latest.replace(Rc::clone(&response));
        if latest.is_none_or(|latest| latest.body != response.body) {
            repetition.unchanged = 0;
        }
        repetition.is_checked = true;
    }

    /// Takes the response that the caller has checked; `None` if there was none.
    pub(super) fn finish_check(&mut self) -> Option<Rc<InitialResponse>> {
        let is_checked = std::mem::take(&mut self.repetition.is_checked);
        self.repetition.latest.clone().filter(|_| is_checked)
    }

    /// The pause before the next attempt, when the record does not meet the condition.
    pub(super) fn next_interval(&mut self) -> Duration {
        next_interval(&mut self.repetition.unchanged)
    }

    /// How far the call got without a response. `is_open` says whether a request is in flight.
    pub(super) fn progress(&self, is_open: bool) -> CallProgress {
        if self.repetition.latest.is_some() {
            CallProgress::Unmet
        } else if !self.was_sent {
            CallProgress::Unsent
        } else if is_open && !self.spec.is_safe() {
            CallProgress::InDoubt
        } else {
            CallProgress::Harmless
        }
    }

    /// Decides what to do after the initial response or a failed request.
    pub(super) fn on_response(
        &mut self,
        result: Result<&Response, &TransportError>,
        context: &mut RetryContext<'_>,
    ) -> CallNext {
        let (name, is_safe) = (self.spec.name(), self.spec.is_safe());
        let (error, is_retryable, retry_after) = match result {
            Err(error) => {
                let reported = {
                    let request = if is_safe {
                        RequestKind::Read
                    } else {
                        RequestKind::Change
                    };
                    Error::from_transport(&name, error, request)
                };
                let reported = if error.kind.is_never_sent() {
                    reported.unsent()
                } else if is_safe {
                    reported.with_outcome(ChangeOutcome::Refused)
                } else {
                    reported
                };
                let is_retryable = match error.kind {
                    TransportErrorKind::TimedOut | TransportErrorKind::RuntimeLimit => {
                        !std::mem::replace(&mut self.was_late, true)
                    }
                    kind => !kind.is_permanent(),
                };
                (reported, is_retryable, None)
            }
            Ok(response) => match self.read(response) {
                Ok(job) => {
                    self.failures = Failures::default();
                    self.was_late = false;
                    return CallNext::Done(job);
                }
                Err(rejection) => {
                    // Even a GET may have started a job.
                    let outcome = if is_safe && rejection != Rejection::Untrackable {
                        ChangeOutcome::Refused
                    } else {
                        rejection.outcome(response.status)
                    };
                    let may_recover =
                        self.spec.goal == CallGoal::Condition && self.may_recover(rejection);
                    (
                        Error::from_rejection(&name, rejection, response).with_outcome(outcome),
                        rejection.is_retryable() || may_recover,
                        if may_recover && rejection == Rejection::Unauthorized {
                            Some(AUTH_RETRY_DELAY)
                        } else {
                            response.retry_after_if(rejection)
                        },
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

    /// Reads a response for the caller's goal.
    fn read(&self, response: &Response) -> Result<Option<NamedJob>, Rejection> {
        let goal = self.spec.goal;
        if goal == CallGoal::Condition && response.is_not_found_of_a_proxy() {
            return Err(Rejection::Transient);
        }
        let job = read_call(response)?;
        match goal.member() {
            None => Ok(job),
            // A caller that wants a record does not wait for a job in the same response.
            Some((name, kind)) if has_member(&response.body, name, kind) => Ok(None),
            Some(_) => Err(Rejection::NoRecord),
        }
    }

    /// Whether a server that has just started may respond differently soon: to an unknown object, or to a
    /// credential that worked before. The client retries the credential only once, because repeated failures
    /// can lock the account.
    fn may_recover(&self, rejection: Rejection) -> bool {
        let failures = self.failures();
        match rejection {
            Rejection::NotFound => failures < MAX_NOT_FOUND,
            Rejection::Unauthorized => failures == 0 && self.repetition.latest.is_some(),
            _ => false,
        }
    }
}

impl CallGoal {
    /// The member of the response that the caller waits for; `None` for a job or any response.
    fn member(self) -> Option<(&'static str, Kind)> {
        match self {
            Self::Response | Self::JobEnd => None,
            Self::Record | Self::Condition => Some(("record", Kind::Object)),
            Self::Records => Some(("records", Kind::Array)),
        }
    }
}

/// Whether a body has this member. An empty record counts as missing.
fn has_member(body: &str, name: &str, kind: Kind) -> bool {
    let member = Json::parse(body).ok().and_then(|json| json.member(name));
    let is_empty = |it: Json<'_>| kind == Kind::Object && !it.source().contains(':');
    member.is_some_and(|it| it.kind() == kind && !is_empty(it))
}
