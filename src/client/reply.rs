//! How a call ended well.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use super::snapshot::JobSnapshot;
use crate::core::Accepted;

/// The first answer to a call, and the job that it started, if it started one. Cheap to clone.
///
/// `Debug` shows no body.
#[derive(Clone)]
pub struct Reply {
    accepted: Rc<Accepted>,
    job: Option<JobSnapshot>,
}

impl Reply {
    /// The HTTP status of the first answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.accepted.status
    }

    /// The body as it came.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.accepted.body
    }

    /// The body as text; empty where there is none.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        self.accepted.text()
    }

    /// The body's JSON as a type of your own.
    ///
    /// # Errors
    /// A body that is not of this type; an empty one is of none.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.text())
    }

    /// The created object's address, where the server named one and the browser may read it.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.accepted.location.as_deref()
    }

    /// The server's `request-id`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.accepted.request_id.as_deref()
    }

    /// The job as it was last seen; `None` where the call was answered at once.
    #[must_use]
    pub fn job(&self) -> Option<&JobSnapshot> {
        self.job.as_ref()
    }

    pub(super) fn new(accepted: Rc<Accepted>, job: Option<JobSnapshot>) -> Self {
        Self { accepted, job }
    }

    /// What all clones have in common, and no other reply has.
    pub(super) fn address(&self) -> *const Accepted {
        Rc::as_ptr(&self.accepted)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Reply");
        shown.field("status", &self.status());
        shown.field("job", &self.job).finish_non_exhaustive()
    }
}
