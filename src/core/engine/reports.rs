//! What happens, told step by step: enough to draw a trace of each poll, pause, retry and settlement.
//!
//! A report holds ids, methods, paths, statuses and states. It holds no query, no header, no body and
//! no message of a job, any of which may hold a secret.

use std::rc::Rc;

use super::event::{Command, Outcome};
use super::{Engine, Goal, Owner, WaiterId};
use crate::core::error::Code;
use crate::core::job::JobState;
use crate::core::time::Millis;

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
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
pub struct Report {
    /// What it is about.
    pub kind: ReportKind,
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
    pub delay: Option<Millis>,
    /// The job's state.
    pub state: Option<JobState>,
    /// The kind of trouble that ended a wait; `ABORTED` where the waiter left by itself.
    pub code: Option<&'static str>,
}

impl ReportKind {
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

impl Report {
    fn new(kind: ReportKind) -> Self {
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

    pub(super) fn of_job(kind: ReportKind, job: &Rc<str>) -> Self {
        Self {
            job: Some(Rc::clone(job)),
            ..Self::new(kind)
        }
    }

    pub(super) fn delayed(mut self, delay: Millis) -> Self {
        self.delay = Some(delay);
        self
    }

    pub(super) fn after_failures(mut self, failures: u32) -> Self {
        self.attempt = Some(failures);
        self
    }
}

impl Engine {
    /// Reports, if anybody listens.
    pub(super) fn report(&mut self, report: impl FnOnce(&Self) -> Option<Report>) {
        if self.config.reports
            && let Some(report) = report(self)
        {
            self.commands.push_back(Command::Report(report));
        }
    }

    /// A report of a request that belongs to `owner`.
    pub(super) fn request_report(&self, kind: ReportKind, owner: &Owner) -> Option<Report> {
        let job = match owner {
            Owner::Job(id) => &self.jobs.get(id)?.follow.id,
            Owner::List(_) => {
                return Some(Report {
                    method: Some(String::from("GET")),
                    path: Some(String::from("/jobs")),
                    ..Report::new(kind)
                });
            }
            Owner::Call(waiter) | Owner::Single(waiter) => match &self.waiters.get(waiter)?.goal {
                Goal::Answer { call, .. } => {
                    return Some(Report {
                        method: Some(call.spec.method.clone()),
                        path: Some(call.spec.path.clone()),
                        ..Report::new(kind)
                    });
                }
                Goal::Single { job, .. } => job,
                Goal::JobEnd { .. } => return None,
            },
        };
        Some(Report {
            method: Some(String::from("GET")),
            path: Some(job.path()),
            ..Report::of_job(kind, job.text())
        })
    }

    /// The job was seen to change.
    pub(super) fn report_state(&mut self, id: &Rc<str>) {
        self.report(|engine| {
            let latest = engine.jobs.get(id)?.follow.latest.as_ref()?;
            Some(Report {
                state: Some(latest.state.clone()),
                ..Report::of_job(ReportKind::State, id)
            })
        });
    }

    /// A wait is about to end.
    pub(super) fn report_settled(&mut self, waiter: WaiterId, outcome: &Outcome) {
        self.report(|engine| {
            let mut report = match &engine.waiters.get(&waiter)?.goal {
                Goal::Answer { .. } => {
                    engine.request_report(ReportKind::Settled, &Owner::Call(waiter))?
                }
                Goal::JobEnd { job, .. } => Report::of_job(ReportKind::Settled, job),
                Goal::Single { job, .. } => Report::of_job(ReportKind::Settled, job.text()),
            };
            match outcome {
                Outcome::Job(job) | Outcome::Done { job: Some(job), .. } => {
                    report.state = Some(job.state.clone());
                }
                Outcome::Done { accepted, .. } => report.status = Some(accepted.status),
                Outcome::Accepted { accepted, job } => {
                    report.status = Some(accepted.status);
                    report.job = job.as_ref().map(|job| Rc::clone(job.text()));
                }
                Outcome::Failed(trouble) => {
                    report.code = Some(trouble.code.name());
                    report.status = trouble.status;
                    if trouble.code == Code::JobFailed {
                        report.state = trouble.job.as_ref().map(|job| job.state.clone());
                    }
                }
                Outcome::Aborted => report.code = Some("ABORTED"),
            }
            Some(report)
        });
    }
}
