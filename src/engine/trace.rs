//! Client events, for logs and charts of requests, pauses, retries and results.
//!
//! An event contains ids, methods, paths, statuses and states. It contains no query, header, body or job
//! message, because these may contain secrets.

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
    /// A response arrived; see `status`.
    Response,
    /// A request ended without a response.
    NoResponse,
    /// A request was cancelled, because nothing waits for it or another poll replaces it.
    Cancelled,
    /// A request failed. The client sends it again after `delay`; `attempt` counts failures in a row.
    Retry,
    /// The client polls the job again after `delay`, because the server does not hold polls or the job
    /// changes constantly.
    Pause,
    /// The server responds at once although nothing changed. The client polls again after `delay`.
    HotLoop,
    /// A job changed.
    State,
    /// A wait ended; see `state` or `code`.
    Settled,
}

/// One event of a client.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientEvent {
    /// What happened.
    pub kind: EventKind,
    /// A waiter that the event concerns, whose context `onEvent` runs in; `None` if only other tabs wait.
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
    /// The length of the pause.
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
    // Boxed, because it is large and most clients trace nothing.
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
