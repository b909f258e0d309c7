//! What the engine keeps of one job.

use super::ids::{ExchangeId, WaiterId};
use super::io::CredentialChoice;
use super::poller::{JobPoller, Terminal};
use super::protocol::url::JobId;
use super::scheduler::Turn;
use super::time::Time;

#[derive(Debug)]
pub(super) struct Job {
    pub(super) poller: JobPoller,
    pub(super) activity: Activity,
    /// The waiters for the job's end, sorted.
    pub(super) waiters: Vec<WaiterId>,
    pub(super) handle_count: u32,
    /// When another tab last said that it wants updates of the job.
    pub(super) remote_interest_at: Option<Time>,
    /// The leader could not tell how the job ended, so this tab polls it itself.
    pub(super) polled_locally: bool,
    /// A batch did not return the job, so it is polled alone next.
    pub(super) excluded_from_batch: bool,
    /// When its last poll ended.
    pub(super) polled_at: Option<Time>,
    /// The end of a pause. A pause holds for the job, not for its waiters: aborting a wait and starting
    /// another one must not cut it short.
    pub(super) not_before: Option<Time>,
    pub(super) terminal: Option<Terminal>,
    /// Responses so far, so that a slow single poll cannot overwrite something newer.
    pub(super) responses: u32,
}

/// What a job does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activity {
    Idle,
    /// It waits for a slot.
    Queued {
        turn: Turn,
        /// The credential of its next poll.
        credential: CredentialChoice,
    },
    Polling {
        exchange: ExchangeId,
    },
    /// It waits for the end of a pause.
    Paused {
        until: Time,
        /// The pause is so long that other jobs share its slot.
        releases_slot: bool,
    },
    /// This exchange got a 401, and the `auth` function has been asked for a new credential.
    AwaitingCredential {
        exchange: ExchangeId,
    },
    /// Another tab polls it.
    Delegated,
}

impl Job {
    pub(super) fn new(id: JobId) -> Self {
        Self {
            poller: JobPoller::new(id),
            activity: Activity::Idle,
            waiters: Vec::new(),
            handle_count: 0,
            remote_interest_at: None,
            polled_locally: false,
            excluded_from_batch: false,
            polled_at: None,
            not_before: None,
            terminal: None,
            responses: 0,
        }
    }

    pub(super) fn add_waiter(&mut self, waiter: WaiterId) {
        // A waiter that began with a call is not always the last one.
        if let Err(at) = self.waiters.binary_search(&waiter) {
            self.waiters.insert(at, waiter);
        }
    }

    /// Removes a waiter; false if it did not wait for this job.
    pub(super) fn remove_waiter(&mut self, waiter: WaiterId) -> bool {
        let at = self.waiters.binary_search(&waiter);
        at.is_ok_and(|at| self.waiters.remove(at) == waiter)
    }

    /// Whether a waiter in this tab or another tab wants updates.
    pub(super) fn has_waiters(&self) -> bool {
        !self.waiters.is_empty() || self.has_remote_waiters()
    }

    pub(super) fn has_remote_waiters(&self) -> bool {
        self.remote_interest_at.is_some()
    }

    pub(super) fn is_delegated(&self) -> bool {
        self.activity == Activity::Delegated
    }

    /// The pause that is left at `now`, if one is.
    pub(super) fn pause_at(&self, now: Time) -> Option<Time> {
        self.not_before.filter(|until| *until > now)
    }
}

impl Activity {
    /// Whether the job is one of those that share the slots.
    pub(super) fn shares_slots(self) -> bool {
        match self {
            Self::Idle | Self::Delegated => false,
            Self::Paused { releases_slot, .. } => !releases_slot,
            Self::Queued { .. } | Self::Polling { .. } | Self::AwaitingCredential { .. } => true,
        }
    }
}
