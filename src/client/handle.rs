//! A job, to be waited for.

use std::fmt;
use std::future::IntoFuture;
use std::rc::Rc;
use std::time::Duration;

use super::call::unexpected;
use super::desk::{Desk, Waiter};
use super::error::DeployError;
use super::pending::{Pending, WaitOptions};
use super::reply::Reply;
use super::snapshot::JobSnapshot;
use super::updates::Updates;
use crate::core::{Event, JobId, Millis, Outcome, Trouble, WaiterId};
use crate::wasm::driver::Driver;

/// A job, to be waited for: what [`Call::submit`](super::Call::submit),
/// [`DeployClient::job`](super::DeployClient::job) and [`DeployClient::resume`](super::DeployClient::resume)
/// give. Cheap to clone. A handle that nobody waits on makes no request; with the last one goes what is
/// known of the job, unless somebody waits for it.
///
/// ```no_run
/// # use ontap_select_deploy::{DeployClient, DeployError};
/// # async fn example(client: DeployClient) -> Result<(), DeployError> {
/// let handle = client.post("/clusters/42/deploy").json_text("{}").submit().await?;
/// let job = handle.result().on_progress(|job| println!("{:?}", job.message())).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JobHandle {
    /// None where the call was answered at once.
    hold: Option<Rc<Hold>>,
    response: Option<Reply>,
}

/// Keeps what is known of a job as long as it lives.
pub(super) struct Hold {
    driver: Rc<Driver<Desk>>,
    job: JobId,
}

/// A wait for a job that begins when it is awaited.
#[must_use = "a wait begins by awaiting it"]
pub struct Wait {
    handle: JobHandle,
    once: bool,
    options: WaitOptions,
}

impl JobHandle {
    /// The job's id, opaque; `None` only where the call was answered at once.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.hold.as_ref().map(|hold| &**hold.job.text())
    }

    /// The answer that accepted the call, on a handle from [`Call::submit`](super::Call::submit): where
    /// the created object is, and the request's id.
    #[must_use]
    pub fn response(&self) -> Option<&Reply> {
        self.response.as_ref()
    }

    /// What the server last said of the job, as far as this client knows; `None` before the first answer.
    #[must_use]
    pub fn latest(&self) -> Option<JobSnapshot> {
        let hold = self.hold.as_ref()?;
        hold.driver.latest(&hold.job).as_ref().map(JobSnapshot::of)
    }

    /// Waits for the job's end. Any number of waits share one poll. An outcome of the job is told again,
    /// the same, however often it is asked; trouble on the way there is no outcome, and a later wait
    /// tries again. Of a call that was answered at once it gives a success without an id.
    pub fn result(&self) -> Wait {
        self.wait(false)
    }

    /// One standard poll, now: beside the shared poll if there is one, not retried, no slot taken. A
    /// failed job is shown and is no error. [`Code::NotTrackable`](crate::Code::NotTrackable) where the
    /// call was answered at once.
    pub fn poll(&self) -> Wait {
        self.wait(true)
    }

    /// Every change seen, the last one always; ends after a success, and after the error that
    /// [`result`](Self::result) would be. Waiting begins with the first step; dropping it ends the waiting.
    pub fn updates(&self) -> Updates {
        Updates::of(self.clone())
    }

    /// A versioned token with the job's id, its cursor and its server: no address, no secret. Fit for the
    /// session storage; [`DeployClient::resume`](super::DeployClient::resume) takes it.
    ///
    /// # Errors
    /// [`Code::NotTrackable`](crate::Code::NotTrackable) where the call was answered at once.
    pub fn serialize(&self) -> Result<String, DeployError> {
        let hold = self.tracked("serialize")?;
        Ok(hold.driver.token(&hold.job))
    }

    pub(super) fn of(hold: Hold) -> Self {
        Self {
            hold: Some(Rc::new(hold)),
            response: None,
        }
    }

    pub(super) fn accepted(response: Reply, hold: Option<Hold>) -> Self {
        Self {
            hold: hold.map(Rc::new),
            response: Some(response),
        }
    }

    pub(super) fn hold(&self) -> Option<&Rc<Hold>> {
        self.hold.as_ref()
    }

    fn wait(&self, once: bool) -> Wait {
        Wait {
            handle: self.clone(),
            once,
            options: WaitOptions::default(),
        }
    }

    fn tracked(&self, what: &str) -> Result<&Rc<Hold>, DeployError> {
        self.hold.as_ref().ok_or_else(|| {
            let status = self.response.as_ref().map(Reply::status);
            Trouble::no_job(what, status).into()
        })
    }
}

impl Hold {
    /// Takes over a hold that the engine counts already.
    pub(super) fn new(driver: &Rc<Driver<Desk>>, job: JobId) -> Self {
        Self {
            driver: Rc::clone(driver),
            job,
        }
    }

    pub(super) fn default_timeout(&self) -> Millis {
        self.driver.settings.timeout
    }

    /// Somebody waits for the job's end.
    pub(super) fn wait(&self, timeout: Millis, progress: bool) -> Waiter {
        self.waiter(|waiter, job| Event::Wait {
            waiter,
            job,
            timeout,
            progress,
        })
    }

    fn is_of_the_job_of(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.driver, &other.driver) && self.job == other.job
    }

    fn poll_once(&self, timeout: Millis) -> Waiter {
        self.waiter(|waiter, job| Event::PollOnce {
            waiter,
            job,
            timeout,
        })
    }

    fn waiter(&self, event: impl FnOnce(WaiterId, JobId) -> Event) -> Waiter {
        Waiter::new(&self.driver, |waiter| {
            self.driver.handle(event(waiter, self.job.clone()));
        })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let job = self.job.clone();
        self.driver.handle(Event::Detach { job });
    }
}

impl Wait {
    /// The longest this wait may take, request time and sleeps included. Then
    /// [`Code::WaitTimeout`](crate::Code::WaitTimeout): the outcome is unknown, not failed, and the error's
    /// token takes the wait up again. Checked when it is awaited.
    pub fn timeout(mut self, span: Duration) -> Self {
        self.options.timeout(span);
        self
    }

    /// Called with the latest that is known of the job, then for each change that is seen, the last one
    /// included; from within the polling of the future. A single poll tells none.
    pub fn on_progress(mut self, hear: impl FnMut(JobSnapshot) + 'static) -> Self {
        self.options.on_progress = Some(Box::new(hear));
        self
    }
}

impl IntoFuture for Wait {
    type Output = Result<JobSnapshot, DeployError>;
    type IntoFuture = Pending<JobSnapshot>;

    fn into_future(self) -> Pending<JobSnapshot> {
        let Self {
            handle,
            once,
            options,
        } = self;
        Pending::of(async move {
            let hold = match handle.hold() {
                Some(hold) => hold,
                None if once => handle.tracked("poll")?,
                None => {
                    options.begin(Millis::MAX)?;
                    return Ok(JobSnapshot::of_none());
                }
            };
            let mut wait = options.begin(hold.default_timeout())?;
            let waiter = if once {
                hold.poll_once(wait.timeout)
            } else {
                hold.wait(wait.timeout, wait.on_progress.is_some())
            };
            match waiter.end(|job| wait.tell(job)).await {
                (Outcome::Job(job), _) => Ok(JobSnapshot::of(&job)),
                (outcome, _) => Err(unexpected(outcome)),
            }
        })
    }
}

/// Whether they are of one job of one client; of calls that were answered at once, whether they are of one
/// call.
impl PartialEq for JobHandle {
    fn eq(&self, other: &Self) -> bool {
        match (&self.hold, &other.hold) {
            (Some(one), Some(other)) => one.is_of_the_job_of(other),
            (None, None) => {
                let first_answer = |it: &Self| it.response.as_ref().map(Reply::address);
                first_answer(self) == first_answer(other)
            }
            _ => false,
        }
    }
}

impl Eq for JobHandle {}

impl fmt::Debug for JobHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JobHandle({})", self.id().unwrap_or("answered at once"))
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wait({:?})", self.handle)
    }
}
