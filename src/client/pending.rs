//! The futures, and the options of a wait.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::error::DeployError;
use super::options::millis;
use super::snapshot::JobSnapshot;
use crate::core::{Millis, Snapshot};

/// What a call or a wait comes to. Nothing is done before it is polled for the first time, and its time
/// runs from then on. Dropping it ends the waiting: the request of its own is aborted, and a job that
/// nobody waits for any more is polled no more. The job itself goes on.
#[must_use = "nothing is done before it is awaited"]
pub struct Pending<T>(Pin<Box<dyn Future<Output = Result<T, DeployError>>>>);

impl<T> Pending<T> {
    pub(super) fn of(future: impl Future<Output = Result<T, DeployError>> + 'static) -> Self {
        Self(Box::pin(future))
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, DeployError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

/// The options of one wait, as they are given.
#[derive(Default)]
pub(super) struct WaitOptions {
    span: Option<Duration>,
    pub(super) on_progress: Option<OnProgress>,
}

type OnProgress = Box<dyn FnMut(JobSnapshot)>;

/// The options of a wait that begins.
pub(super) struct Begun {
    pub(super) timeout: Millis,
    pub(super) on_progress: Option<OnProgress>,
}

impl WaitOptions {
    pub(super) fn timeout(&mut self, span: Duration) {
        self.span = Some(span);
    }

    pub(super) fn begin(self, default_timeout: Millis) -> Result<Begun, DeployError> {
        let timeout = match self.span {
            Some(span) => millis("timeout", span)?,
            None => default_timeout,
        };
        Ok(Begun {
            timeout,
            on_progress: self.on_progress,
        })
    }
}

impl Begun {
    pub(super) fn tell(&mut self, job: &Rc<Snapshot>) {
        if let Some(hear) = &mut self.on_progress {
            hear(JobSnapshot::of(job));
        }
    }
}
