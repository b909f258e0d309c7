//! One call, up to its initial response.
//!
//! A call that may change something is sent once. The one exception is a 401, which says that the server
//! did not process the request, if a fresh credential is available; the engine takes care of that.
//!
//! A GET may be sent until its record meets a condition. Its pauses are those between standard polls of a job,
//! and it outlasts the same failures: see `poller`.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::io::InitialResponse;
use crate::engine::policy::{Failures, MOST_NOT_FOUND, RetryContext, next_interval};
use crate::engine::poll::DOUBT;
use crate::engine::protocol::classify::{Rejection, TransportErrorKind};
use crate::engine::protocol::error::Error;
use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::outcome::{CallProgress, ChangeOutcome};
use crate::engine::protocol::response::{NamedJob, Response, TransportError, read_call};

/// What the engine needs to know of a call; address, headers and body stay outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSpec {
    /// The method in upper case.
    pub method: String,
    /// The path below the base, without its query: what errors and events may show.
    pub path: String,
    /// What the caller waits for.
    pub goal: CallGoal,
}

/// What the caller of a call waits for.
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
    /// A record that meets the caller's condition: see [`Output::CheckRecord`](super::Output::CheckRecord). The
    /// call is sent again and again, with pauses.
    Condition,
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
    repetition: Repetition,
}

/// What a call keeps that is sent until a condition is met.
#[derive(Debug, Default)]
struct Repetition {
    /// Pauses in a row without a change.
    unchanged: u32,
    /// The last response with a record.
    latest: Option<Rc<InitialResponse>>,
    /// The caller is looking at it.
    is_checked: bool,
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
            repetition: Repetition::default(),
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

    /// Takes a response whose record the caller is to check.
    pub(super) fn start_check(&mut self, response: Rc<InitialResponse>) {
        let repetition = &mut self.repetition;
        let latest = repetition.latest.replace(Rc::clone(&response));
        if latest.is_none_or(|latest| latest.body != response.body) {
            repetition.unchanged = 0;
        }
        repetition.is_checked = true;
    }

    /// The caller has checked the record. `None` if there was nothing to check.
    pub(super) fn finish_check(&mut self) -> Option<Rc<InitialResponse>> {
        let is_checked = std::mem::take(&mut self.repetition.is_checked);
        self.repetition.latest.clone().filter(|_| is_checked)
    }

    /// The pause before it is sent again, since its record does not meet the condition.
    pub(super) fn next_interval(&mut self) -> Duration {
        next_interval(&mut self.repetition.unchanged)
    }

    /// How far it got without a response. `is_open` says whether a request of it is on its way.
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
            Ok(response) => match self.read(response) {
                Ok(job) => {
                    self.failures = Failures::default();
                    self.was_late = false;
                    return CallNext::Done(job);
                }
                Err(rejection) => {
                    // Even a GET may start something that is accepted.
                    let outcome = if is_safe && rejection != Rejection::Untrackable {
                        ChangeOutcome::Refused
                    } else {
                        rejection.outcome(response.status)
                    };
                    let may_pass =
                        self.spec.goal == CallGoal::Condition && self.may_pass(rejection);
                    (
                        Error::from_rejection(&name, rejection, response).with_outcome(outcome),
                        rejection.is_retryable() || may_pass,
                        if may_pass && rejection == Rejection::Unauthorized {
                            Some(DOUBT)
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

    /// Reads a response as the caller wants it.
    fn read(&self, response: &Response) -> Result<Option<NamedJob>, Rejection> {
        let goal = self.spec.goal;
        if goal == CallGoal::Condition && response.is_not_found_of_a_proxy() {
            return Err(Rejection::Transient);
        }
        let job = read_call(response)?;
        match goal.member() {
            None => Ok(job),
            // A job beside a record is not waited for.
            Some((name, kind)) if has_member(&response.body, name, kind) => Ok(None),
            Some(_) => Err(Rejection::NoRecord),
        }
    }

    /// Whether a server that has just started may say otherwise soon: an object is not known yet, or a credential
    /// that was good before. The latter is asked once more only, because accounts are locked by repetition.
    fn may_pass(&self, rejection: Rejection) -> bool {
        let failures = self.failures();
        match rejection {
            Rejection::NotFound => failures < MOST_NOT_FOUND,
            Rejection::Unauthorized => failures == 0 && self.repetition.latest.is_some(),
            _ => false,
        }
    }
}

impl CallGoal {
    /// The member of the response that the caller waits for, if it is not a job.
    fn member(self) -> Option<(&'static str, Kind)> {
        match self {
            Self::Response | Self::JobEnd => None,
            Self::Record | Self::Condition => Some(("record", Kind::Object)),
            Self::Records => Some(("records", Kind::Array)),
        }
    }
}

/// Whether a body has this member. An empty record says no more of the object than a long poll that timed out.
fn has_member(body: &str, name: &str, kind: Kind) -> bool {
    let member = Json::parse(body).ok().and_then(|json| json.member(name));
    let is_empty = |it: Json<'_>| kind == Kind::Object && !it.source().contains(':');
    member.is_some_and(|it| it.kind() == kind && !is_empty(it))
}
