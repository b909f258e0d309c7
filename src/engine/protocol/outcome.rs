//! What an error says about a call's change.

/// What an error says about the change that its call requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeOutcome {
    /// The server said that the job failed.
    Failed,
    /// Nothing changed: the server refused the call, nothing was sent, or the call is a GET or HEAD.
    Refused,
    /// The change may have happened, or may still happen.
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
    /// It changed nothing: it is a GET, or every request got a 401.
    Harmless,
    /// The server may have accepted it.
    InDoubt,
    /// No response has met the caller's condition so far.
    Unmet,
}
