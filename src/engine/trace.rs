//! What happens, told step by step: enough to draw a trace of each poll, pause, retry and settlement.
//!
//! A report holds ids, methods, paths, statuses and states. It holds no query, no header, no body and
//! no message of a job, any of which may hold a secret.

use std::rc::Rc;
use std::time::Duration;

use super::io::WaiterId;
use super::io::{Outcome, Output};
use super::state::{Engine, Goal, JobKey, Owner};
use crate::engine::protocol::error::ErrorCode;
use crate::engine::protocol::record::JobState;

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A request goes out.
    Request,
    /// It was answered; `status` says how.
    Response,
    /// It ended without an answer.
    NoResponse,
    /// It was given up, since nobody waits for it any more.
    Cancelled,
    /// It failed, and is sent again after `delay`; `attempt` failed in a row so far.
    Retry,
    /// A job that the server cannot hold polls for is asked again after `delay`.
    Pause,
    /// The server answers at once and nothing changes, so the job is asked again after `delay`.
    HotLoop,
    /// A job was seen to change.
    State,
    /// A wait is over; `state` or `code` says how.
    Settled,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientEvent {
    /// What it is about.
    pub kind: EventKind,
    /// The job, if there is one.
    pub job: Option<Rc<str>>,
    /// The request's method.
    pub method: Option<String>,
    /// The request's path below the base, without its query.
    pub path: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
    /// Failures in a row.
    pub attempt: Option<u32>,
    /// The pause that begins.
    pub delay: Option<Duration>,
    /// The job's state.
    pub state: Option<JobState>,
    /// The kind of trouble that ended a wait; `ABORTED` where the waiter left by itself.
    pub code: Option<&'static str>,
}

impl EventKind {
    /// The name that users match on.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::NoResponse => "no-response",
            Self::Cancelled => "cancelled",
            Self::Retry => "retry",
            Self::Pause => "pause",
            Self::HotLoop => "hot-loop",
            Self::State => "state",
            Self::Settled => "settled",
        }
    }
}

impl ClientEvent {
    fn new(kind: EventKind) -> Self {
        Self {
            kind,
            job: None,
            method: None,
            path: None,
            status: None,
            attempt: None,
            delay: None,
            state: None,
            code: None,
        }
    }

    pub(super) fn of_job(kind: EventKind, job: &Rc<str>) -> Self {
        Self {
            job: Some(Rc::clone(job)),
            ..Self::new(kind)
        }
    }
}

impl Engine {
    /// Reports, if there is something to report and anybody listens.
    pub(super) fn report(&mut self, report: Option<ClientEvent>) {
        if let Some(report) = report.filter(|_| self.config.trace) {
            self.command(Output::Event(report));
        }
    }

    /// A report of a request that belongs to `owner`, if anybody listens.
    pub(super) fn request_report(&self, kind: EventKind, owner: &Owner) -> Option<ClientEvent> {
        if !self.config.trace {
            return None;
        }
        let (method, path) = self.request_name(owner)?;
        let job = match owner {
            Owner::Job(key) => Some(&self.jobs.row(*key)?.poller.id),
            Owner::Single(waiter) => match &self.waiter(*waiter)?.goal {
                Goal::Single { job, .. } => Some(job),
                Goal::Response(_) | Goal::JobEnd { .. } => None,
            },
            Owner::Call(_) | Owner::Batch(_) => None,
        };
        Some(ClientEvent {
            job: job.map(|job| job.shared()),
            method: Some(method),
            path: Some(path),
            ..ClientEvent::new(kind)
        })
    }

    fn job_report(&self, kind: EventKind, key: JobKey) -> Option<ClientEvent> {
        let job = self.jobs.row(key)?;
        Some(ClientEvent::of_job(kind, &job.poller.id.shared()))
    }

    /// A pause begins.
    pub(super) fn report_pause(
        &mut self,
        key: JobKey,
        why: EventKind,
        pause: Duration,
        failures: Option<u32>,
    ) {
        if let Some(mut report) = self.job_report(why, key) {
            report.delay = Some(pause);
            report.attempt = failures;
            self.report(Some(report));
        }
    }

    /// The job was seen to change.
    pub(super) fn report_state(&mut self, key: JobKey) {
        let latest = self.jobs.row(key).and_then(|job| job.poller.latest.clone());
        if let Some(latest) = latest
            && let Some(mut report) = self.job_report(EventKind::State, key)
        {
            report.state = Some(latest.state.clone());
            self.report(Some(report));
        }
    }

    /// A wait is about to end.
    pub(super) fn report_settled(&mut self, id: WaiterId, outcome: &Outcome) {
        let about = match self.waiter(id).map(|it| &it.goal) {
            Some(Goal::Response(_)) => self.request_report(EventKind::Settled, &Owner::Call(id)),
            Some(Goal::JobEnd { job, .. }) => self.job_report(EventKind::Settled, *job),
            Some(Goal::Single { job, .. }) => {
                Some(ClientEvent::of_job(EventKind::Settled, &job.shared()))
            }
            None => None,
        };
        let Some(mut report) = about else { return };
        match outcome {
            Outcome::Job(job) | Outcome::Done { job: Some(job), .. } => {
                report.state = Some(job.state.clone());
            }
            Outcome::Done { accepted, .. } => report.status = Some(accepted.status),
            Outcome::Accepted { accepted, job } => {
                report.status = Some(accepted.status);
                report.job = job.as_ref().map(|job| job.shared());
            }
            Outcome::Failed(error) => {
                report.code = Some(error.code.name());
                report.status = error.status;
                if error.code == ErrorCode::JobFailed {
                    report.state = error.job.as_ref().map(|job| job.state.clone());
                }
            }
            Outcome::Aborted => report.code = Some("ABORTED"),
        }
        self.report(Some(report));
    }
}
