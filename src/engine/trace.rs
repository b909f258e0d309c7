//! Client events: enough to log or draw each request, pause, retry and result.
//!
//! An event holds ids, methods, paths, statuses and states. It holds no query, no header, no body and no
//! message of a job, because any of these may contain a secret.

use std::rc::Rc;
use std::time::Duration;

use super::ids::WaiterId;
use super::protocol::record::JobState;

/// What an event is about.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A request is sent.
    Request,
    /// A response came; see `status`.
    Response,
    /// A request ended without a response.
    NoResponse,
    /// A request was cancelled: nothing waits for it any more, or another poll takes its place.
    Cancelled,
    /// A request failed and is sent again after `delay`; `attempt` counts the failures in a row.
    Retry,
    /// A job is polled again after `delay`: the server holds no long poll for it, or it changes all the time.
    Pause,
    /// The server responds at once although nothing changes, so the job is polled again after `delay`.
    HotLoop,
    /// A job changed.
    State,
    /// A wait ended; see `state` or `code`.
    Settled,
}

/// One event in a client's life.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientEvent {
    /// What happened.
    pub kind: EventKind,
    /// A waiter that it concerns, in whose context it is reported; none if it concerns other tabs alone.
    pub waiter: Option<WaiterId>,
    /// The job, if there is one.
    pub job: Option<Rc<str>>,
    /// The request's method.
    pub method: Option<String>,
    /// The request's path below the base, without its query.
    pub path: Option<String>,
    /// The status of the response.
    pub status: Option<u16>,
    /// Failures in a row.
    pub attempt: Option<u32>,
    /// The pause that begins.
    pub delay: Option<Duration>,
    /// The state of the job.
    pub state: Option<JobState>,
    /// The code of the error that ended a wait; `ABORTED` if the caller aborted it.
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
    // In a box, because it is large, moves through the engine, and most clients ask for none.
    pub(super) fn new(kind: EventKind) -> Box<Self> {
        Box::new(Self {
            kind,
            waiter: None,
            job: None,
            method: None,
            path: None,
            status: None,
            attempt: None,
            delay: None,
            state: None,
            code: None,
        })
    }

    pub(super) fn of_job(kind: EventKind, job: Rc<str>) -> Box<Self> {
        let mut event = Self::new(kind);
        event.job = Some(job);
        event
    }
}
