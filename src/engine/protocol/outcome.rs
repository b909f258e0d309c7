//! What is known of the change that a call was to make, when it ends with an error.

/// What an error says of the change that its call was to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeOutcome {
    /// The server said that the job failed.
    Failed,
    /// Nothing was done: the server refused the call, nothing was sent, or the call changes nothing.
    Refused,
    /// The change may have been made, or may still be made.
    Unknown,
}

impl ChangeOutcome {
    /// The name that users match on.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// How far a call without a response got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallProgress {
    /// Nothing was sent.
    Unsent,
    /// Nothing is changed by it: it is a GET, or what was sent got a 401.
    Harmless,
    /// It may be accepted.
    InDoubt,
    /// Its responses did not meet the caller's condition so far.
    Unmet,
}
