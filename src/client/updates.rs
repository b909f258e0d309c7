//! A wait as a stream of the changes that it sees.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::{FusedStream, Stream};

use super::call::unexpected;
use super::desk::{News, Waiter};
use super::error::DeployError;
use super::handle::JobHandle;
use super::pending::WaitOptions;
use super::snapshot::JobSnapshot;
use crate::core::{Millis, Outcome};

/// The changes of a job: what [`JobHandle::updates`] gives. After a success, or after one error, there is
/// no more.
///
/// ```no_run
/// # use ontap_select_deploy::{DeployError, JobHandle};
/// # async fn example(handle: JobHandle) -> Result<(), DeployError> {
/// let mut updates = handle.updates();
/// while let Some(job) = updates.next().await {
///     println!("{}", job?.state().name());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "waiting begins with the first step"]
pub struct Updates {
    handle: JobHandle,
    options: WaitOptions,
    stage: Stage,
    last: Option<JobSnapshot>,
}

enum Stage {
    Before,
    Waiting(Waiter),
    After,
}

type Step = Option<Result<JobSnapshot, DeployError>>;

impl Updates {
    /// The longest it waits for the job's end in all. Then
    /// [`Code::WaitTimeout`](crate::Code::WaitTimeout). Checked at the first step.
    pub fn timeout(mut self, span: Duration) -> Self {
        self.options.timeout(span);
        self
    }

    /// The next change; the same as `StreamExt::next` of the `futures` crate, for those who do without.
    pub async fn next(&mut self) -> Option<Result<JobSnapshot, DeployError>> {
        std::future::poll_fn(|context| self.step(context)).await
    }

    pub(super) fn of(handle: JobHandle) -> Self {
        Self {
            handle,
            options: WaitOptions::default(),
            stage: Stage::Before,
            last: None,
        }
    }

    fn step(&mut self, context: &Context<'_>) -> Poll<Step> {
        if let Stage::Before = self.stage
            && let Err(step) = self.begin()
        {
            return self.end(step);
        }
        let Stage::Waiting(waiter) = &self.stage else {
            return Poll::Ready(None);
        };
        match waiter.poll_news(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(News::Progress(job)) => {
                let job = JobSnapshot::of(&job);
                self.last = Some(job.clone());
                Poll::Ready(Some(Ok(job)))
            }
            Poll::Ready(News::End(Outcome::Job(job), _)) => {
                let job = JobSnapshot::of(&job);
                // The end is the last change too, unless it was told already.
                let told = self.last.as_ref().is_some_and(|last| last.is(&job));
                self.end((!told).then_some(Ok(job)))
            }
            Poll::Ready(News::End(outcome, _)) => self.end(Some(Err(unexpected(outcome)))),
        }
    }

    /// Begins the wait; what there is to tell where there is nothing to wait for.
    fn begin(&mut self) -> Result<(), Step> {
        let options = std::mem::take(&mut self.options);
        let hold = self.handle.hold();
        let default = hold.map_or(Millis::MAX, |hold| hold.default_timeout());
        let wait = options.begin(default).map_err(|error| Some(Err(error)))?;
        let hold = hold.ok_or_else(|| Some(Ok(JobSnapshot::of_none())))?;
        self.stage = Stage::Waiting(hold.wait(wait.timeout, true));
        Ok(())
    }

    fn end(&mut self, step: Step) -> Poll<Step> {
        self.stage = Stage::After;
        Poll::Ready(step)
    }
}

impl Stream for Updates {
    type Item = Result<JobSnapshot, DeployError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Step> {
        self.step(context)
    }
}

/// Whether there is no more, so that `select!` leaves it out.
impl FusedStream for Updates {
    fn is_terminated(&self) -> bool {
        matches!(self.stage, Stage::After)
    }
}

impl fmt::Debug for Updates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Updates({:?})", self.handle)
    }
}
