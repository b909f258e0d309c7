//! What the server last said of a job.

use std::fmt;
use std::rc::Rc;

use crate::core::{JobState, Phase, Snapshot};

/// What the server last said of a job. Cheap to clone.
///
/// `Debug` shows no message, which may hold names of hosts: it is for the people who wait.
#[derive(Clone)]
pub struct JobSnapshot(Rc<Snapshot>);

impl JobSnapshot {
    /// The job's id, opaque.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The state: `queued`, `running`, `success`, `failure`, or one that is not known here.
    #[must_use]
    pub fn state(&self) -> &JobState {
        &self.0.state
    }

    /// What the state means for one who waits.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.0.state.phase()
    }

    /// The job's latest message, if it gave one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The stamp of the last change, opaque, byte for byte as the server sent it.
    #[must_use]
    pub fn last_modified(&self) -> Option<&str> {
        self.0.last_modified.as_deref()
    }

    /// The record's own JSON text, with whatever else it has.
    #[must_use]
    pub fn raw(&self) -> &str {
        self.0.raw()
    }

    /// The record as a type of your own.
    ///
    /// # Errors
    /// A record that is not of this type.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.raw())
    }

    pub(super) fn of(snapshot: &Rc<Snapshot>) -> Self {
        Self(Rc::clone(snapshot))
    }

    /// Stands for the job of a call that was answered at once.
    pub(super) fn of_none() -> Self {
        Self(Rc::new(Snapshot::success()))
    }

    /// Whether it is the very same, not only an equal one.
    pub(super) fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl PartialEq for JobSnapshot {
    fn eq(&self, other: &Self) -> bool {
        self.is(other) || (self.id() == other.id() && self.raw() == other.raw())
    }
}

impl Eq for JobSnapshot {}

impl fmt::Debug for JobSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JobSnapshot({}: {})", self.id(), self.state().name())
    }
}
