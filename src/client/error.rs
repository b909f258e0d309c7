//! Why a call or a wait came to no good end.

use std::error::Error;
use std::fmt;

use super::redact::redact;
use super::snapshot::JobSnapshot;
use crate::core::{AddressError, Cause, Code, OptionError, Trouble};

/// What a wait ends with that did not end well, and what is told of an argument that cannot be used.
///
/// Only [`Code::JobFailed`] says that the job failed; every other code leaves its outcome open.
///
/// `Display` and `Debug` add no header, credential or query of yours. They do quote the server: a failed
/// job's own message as it is, a refusal without what follows the words `Basic` and `Bearer` and without
/// the queries of addresses.
///
/// ```no_run
/// # use ontap_select_deploy::{Code, DeployClient, DeployError};
/// # async fn example(client: DeployClient) -> Result<(), DeployError> {
/// match client.delete("/hosts/7").await {
///     Ok(reply) => println!("over, with status {}", reply.status()),
///     Err(error) if error.code() == Some(Code::JobFailed) => println!("failed: {error}"),
///     Err(error) => println!("not known how it ended: {error}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DeployError(Kind);

#[derive(Clone)]
enum Kind {
    Argument(String),
    Trouble(Box<Trouble>),
}

impl DeployError {
    /// The stable name of what went wrong; `None` for an argument that cannot be used, in which case
    /// nothing was sent.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        self.trouble().map(|it| it.code)
    }

    /// The HTTP status of the answer, if it came to one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.trouble()?.status
    }

    /// The server's own error code, as a string.
    #[must_use]
    pub fn server_code(&self) -> Option<&str> {
        self.trouble()?.server_code.as_deref()
    }

    /// The beginning of the answer's body, at most 2 048 characters.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.trouble()?.text.as_deref()
    }

    /// The created object's address, where a call was accepted that cannot be followed.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.trouble()?.location.as_deref()
    }

    /// The server's `request-id`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.trouble()?.request_id.as_deref()
    }

    /// What was last known of the job. With any other code than [`Code::JobFailed`] it may go on.
    #[must_use]
    pub fn job(&self) -> Option<JobSnapshot> {
        self.trouble()?.job.as_ref().map(JobSnapshot::of)
    }

    /// The token with which [`DeployClient::resume`](super::DeployClient::resume) takes a wait up that
    /// reached its time-out.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.trouble()?.token.as_deref()
    }

    pub(super) fn argument(name: &str, expected: &str) -> Self {
        OptionError::wrong_type(name, expected).into()
    }

    fn trouble(&self) -> Option<&Trouble> {
        match &self.0 {
            Kind::Argument(_) => None,
            Kind::Trouble(trouble) => Some(trouble),
        }
    }
}

impl From<Box<Trouble>> for DeployError {
    fn from(mut trouble: Box<Trouble>) -> Self {
        // A server that refuses may quote the credential that it did not like.
        if trouble.status.is_some() {
            trouble.message = redact(&trouble.message);
        }
        Self(Kind::Trouble(trouble))
    }
}

impl From<OptionError> for DeployError {
    fn from(error: OptionError) -> Self {
        Self(Kind::Argument(error.message))
    }
}

impl From<AddressError> for DeployError {
    fn from(error: AddressError) -> Self {
        Self(Kind::Argument(error.0.to_owned()))
    }
}

impl fmt::Display for DeployError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Kind::Argument(message) => message,
            Kind::Trouble(trouble) => &trouble.message,
        })
    }
}

impl fmt::Debug for DeployError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.code().map_or("ARGUMENT", Code::name);
        write!(f, "DeployError({name}: {self})")
    }
}

impl Error for DeployError {
    /// What the user's own `auth` or `headers` function failed with. What `fetch` failed with says no
    /// more than the code does.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let cause = self.trouble()?.cause.as_ref()?;
        let own: &OwnError = cause.downcast_ref()?;
        Some(&*own.0)
    }
}

/// An error of the user's on its way through the engine.
struct OwnError(Box<dyn Error>);

pub(super) fn own_cause(error: Box<dyn Error>) -> Cause {
    std::rc::Rc::new(OwnError(error))
}
