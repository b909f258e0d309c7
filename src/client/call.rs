//! One call, from its options to its end.

use std::fmt;
use std::future::IntoFuture;
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use web_sys::ReadableStream;

use super::desk::{Desk, Waiter};
use super::error::DeployError;
use super::handle::{Hold, JobHandle};
use super::options::checked_headers;
use super::pending::{Pending, WaitOptions};
use super::reply::Reply;
use super::snapshot::JobSnapshot;
use crate::core::{CallPath, CallSpec, Outcome, Trouble, method};
use crate::wasm::driver::Driver;
use crate::wasm::exchange::{METHOD, NO_BODY, Request};

/// A call that is not sent yet. Awaiting it sends it and follows its job to the end;
/// [`submit`](Self::submit) stops at its acceptance. Its path and options are checked then, not before.
///
/// A call that changes something is sent once, and never again on failure; a 401 aside, which refuses it
/// unprocessed. Dropping the future ends the waiting, not the job.
///
/// ```no_run
/// # use std::time::Duration;
/// # use ontap_select_deploy::{DeployClient, DeployError};
/// # async fn example(client: DeployClient) -> Result<(), DeployError> {
/// let reply = client
///     .get("/clusters")
///     .query("fields", "name,state")
///     .timeout(Duration::from_secs(20))
///     .await?;
/// println!("{}", reply.text());
/// # Ok(())
/// # }
/// ```
#[must_use = "a call is sent by awaiting it, or by submit()"]
pub struct Call {
    driver: Rc<Driver<Desk>>,
    target: Result<(String, CallPath), DeployError>,
    headers: Vec<(String, String)>,
    body: JsValue,
    json: bool,
    wait: WaitOptions,
}

impl Call {
    /// Adds one name and value to the query.
    pub fn query(mut self, name: &str, value: impl fmt::Display) -> Self {
        if let Ok((_, path)) = &mut self.target {
            path.add_query(name, &value.to_string());
        }
        self
    }

    /// A header of this call alone; it wins over the client's.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A body that is JSON text already.
    pub fn json_text(mut self, text: &str) -> Self {
        self.body = JsValue::from_str(text);
        self.json = true;
        self
    }

    /// A body that becomes JSON text.
    #[cfg(feature = "json")]
    pub fn json(self, value: &(impl serde::Serialize + ?Sized)) -> Self {
        match serde_json::to_string(value) {
            Ok(text) => self.json_text(&text),
            Err(_) => self.refuse("a value that JSON can express"),
        }
    }

    /// A body as `fetch` takes it: a `FormData`, a `Blob`, a `Uint8Array`, a string. Not a stream, which
    /// could not be sent again after a 401.
    pub fn body(mut self, body: impl Into<JsValue>) -> Self {
        self.body = body.into();
        self.json = false;
        if self.body.is_instance_of::<ReadableStream>() {
            return self.refuse("a value that can be sent again, not a stream");
        }
        self
    }

    /// The longest this call is waited for, request time and sleeps included. Then
    /// [`Code::WaitTimeout`](crate::Code::WaitTimeout): the outcome is unknown, not failed.
    pub fn timeout(mut self, span: Duration) -> Self {
        self.wait.timeout(span);
        self
    }

    /// Called with the latest that is known of the job, then for each change that is seen, the last one
    /// included; from within the polling of the future, so never after it was dropped. With
    /// [`submit`](Self::submit) once at most, with the job as it was accepted.
    pub fn on_progress(mut self, hear: impl FnMut(JobSnapshot) + 'static) -> Self {
        self.wait.on_progress = Some(Box::new(hear));
        self
    }

    /// Sends the call, and is ready as soon as it is accepted, with a handle on its job. The time-out is
    /// for the acceptance alone. A synchronous answer gives a handle without an id that is done already;
    /// what the server said is its [`response`](JobHandle::response).
    ///
    /// # Errors
    /// As of the call itself, but for the job's own outcome.
    pub fn submit(self) -> Pending<JobHandle> {
        Pending::of(async move {
            let driver = Rc::clone(&self.driver);
            match self.send(false).await? {
                (Outcome::Accepted { accepted, job }, latest) => {
                    let reply = Reply::new(accepted, latest);
                    Ok(JobHandle::accepted(
                        reply,
                        job.map(|job| Hold::new(&driver, job)),
                    ))
                }
                (outcome, _) => Err(unexpected(outcome)),
            }
        })
    }

    pub(super) fn new(driver: &Rc<Driver<Desk>>, given_method: &str, path: &str) -> Self {
        let method = method(given_method).ok_or_else(|| DeployError::argument("method", METHOD));
        let path = CallPath::parse(path).map_err(DeployError::from);
        Self {
            driver: Rc::clone(driver),
            target: method.and_then(|method| Ok((method, path?))),
            headers: Vec::new(),
            body: JsValue::UNDEFINED,
            json: false,
            wait: WaitOptions::default(),
        }
    }

    async fn send(self, follow: bool) -> Result<(Outcome, Option<JobSnapshot>), DeployError> {
        let (method, path) = self.target?;
        let spec = CallSpec {
            method: method.clone(),
            path: path.without_query().to_owned(),
            follow,
        };
        if spec.is_safe() && !self.body.is_undefined() {
            return Err(DeployError::argument("body", NO_BODY));
        }
        let request = Request {
            method,
            target: path.as_str().to_owned(),
            body: self.body,
            json: self.json,
            headers: Some(checked_headers(&self.headers)?),
        };
        let mut wait = self.wait.begin(self.driver.settings.timeout)?;
        let waiter = Waiter::new(&self.driver, |id| {
            let progress = wait.on_progress.is_some();
            self.driver.call(id, spec, request, wait.timeout, progress);
        });
        let (outcome, latest) = waiter.end(|job| wait.tell(job)).await;
        Ok((outcome, latest.as_ref().map(JobSnapshot::of)))
    }

    fn refuse(mut self, expected: &str) -> Self {
        self.target = self
            .target
            .and_then(|_| Err(DeployError::argument("body", expected)));
        self
    }
}

impl IntoFuture for Call {
    type Output = Result<Reply, DeployError>;
    type IntoFuture = Pending<Reply>;

    fn into_future(self) -> Pending<Reply> {
        Pending::of(async move {
            match self.send(true).await? {
                (Outcome::Done { accepted, job }, _) => {
                    Ok(Reply::new(accepted, job.as_ref().map(JobSnapshot::of)))
                }
                (outcome, _) => Err(unexpected(outcome)),
            }
        })
    }
}

/// An end that is none of those that were waited for.
pub(super) fn unexpected(outcome: Outcome) -> DeployError {
    match outcome {
        Outcome::Failed(trouble) => trouble.into(),
        // Only whoever leaves is told so, and hears it no more.
        _ => Trouble::closed().into(),
    }
}

/// Shows neither headers nor body nor query.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Ok((method, path)) => write!(f, "Call({method} {})", path.without_query()),
            Err(error) => error.fmt(f),
        }
    }
}
