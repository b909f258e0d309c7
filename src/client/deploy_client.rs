//! The client.

use std::fmt;
use std::rc::Rc;

use super::call::Call;
use super::desk::Desk;
use super::error::DeployError;
use super::handle::{Hold, JobHandle};
use super::options::ClientBuilder;
use crate::core::{Event, JobId, Stats, Token, Trouble};
use crate::wasm::driver::Driver;

/// Calls the ONTAP Select Deploy REST API and follows its jobs. Cheap to clone; clones are one client.
///
/// Dropping it ends nothing: whoever waits still hears how it ends. [`close`](Self::close) ends all.
///
/// ```no_run
/// # use ontap_select_deploy::{DeployClient, DeployError};
/// # async fn example(password: &str) -> Result<(), DeployError> {
/// let client = DeployClient::builder("/api").basic("admin", password).build()?;
/// let reply = client.post("/clusters/42/deploy").json_text(r#"{"ontap_credential":{}}"#).await?;
/// if let Some(job) = reply.job() {
///     println!("{}", job.state().name()); // success; a failure would have been an error
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DeployClient(Rc<Driver<Desk>>);

impl DeployClient {
    /// A client without a credential of its own, with default options.
    ///
    /// # Errors
    /// A base that is no https or http address and no path on the page's own origin; one with
    /// credentials, a query or a fragment in it; plain http to another machine.
    pub fn new(base_url: &str) -> Result<Self, DeployError> {
        Self::builder(base_url).build()
    }

    /// Options for a client whose calls all go below `base_url`: `https://deploy.example.com/api`, or
    /// `/api` on the page's own origin.
    pub fn builder(base_url: &str) -> ClientBuilder {
        ClientBuilder::new(base_url)
    }

    /// One call, to be sent by awaiting it or by [`Call::submit`]. `path` is below the base, leading
    /// slash or not; a query in it is kept. Absolute and scheme-relative addresses, backslashes, dot
    /// segments in any encoding and fragments are refused.
    pub fn request(&self, method: &str, path: &str) -> Call {
        Call::new(&self.0, method, path)
    }

    /// A GET. Failures that may pass are retried.
    pub fn get(&self, path: &str) -> Call {
        self.request("GET", path)
    }

    /// A POST.
    pub fn post(&self, path: &str) -> Call {
        self.request("POST", path)
    }

    /// A PUT.
    pub fn put(&self, path: &str) -> Call {
        self.request("PUT", path)
    }

    /// A PATCH.
    pub fn patch(&self, path: &str) -> Call {
        self.request("PATCH", path)
    }

    /// A DELETE.
    pub fn delete(&self, path: &str) -> Call {
        self.request("DELETE", path)
    }

    /// A handle on a job that exists already. No I/O until it is used.
    ///
    /// # Errors
    /// An id that is empty, `.`, `..` or longer than 512 characters.
    pub fn job(&self, id: &str) -> Result<JobHandle, DeployError> {
        let job = JobId::new(id)?;
        self.0.handle(Event::Attach { job: job.clone() });
        Ok(JobHandle::of(Hold::new(&self.0, job)))
    }

    /// A handle from [`JobHandle::serialize`] or [`DeployError::token`], of this program or of another;
    /// the JavaScript package's tokens are the same. No I/O until it is used.
    ///
    /// # Errors
    /// [`Code::BadToken`](crate::Code::BadToken) for a token that is damaged, of another version, or
    /// of another server.
    pub fn resume(&self, token: &str) -> Result<JobHandle, DeployError> {
        let token =
            Token::parse(token, &self.0.settings.config.base).map_err(Trouble::bad_token)?;
        let job = token.job.clone();
        self.0.handle(Event::Resume { token });
        Ok(JobHandle::of(Hold::new(&self.0, job)))
    }

    /// Counts over this client's life, as they are now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }

    /// Ends every wait with [`Code::Closed`](crate::Code::Closed), aborts every request, clears every
    /// timer. Jobs on the server go on. Whatever is asked of the client afterwards ends so as well,
    /// but for ends that are known.
    pub fn close(&self) {
        self.0.handle(Event::Close);
    }

    pub(super) fn of(driver: Rc<Driver<Desk>>) -> Self {
        Self(driver)
    }
}

/// Whether they are one client.
impl PartialEq for DeployClient {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for DeployClient {}

/// Shows no option: some are secret.
impl fmt::Debug for DeployClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeployClient").finish_non_exhaustive()
    }
}
