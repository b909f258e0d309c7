//! The engine's state of one job.

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
    /// When another tab last requested updates of the job.
    pub(super) remote_interest_at: Option<Time>,
    /// This tab polls the job itself, because the leader does not know how it ended.
    pub(super) polled_locally: bool,
    /// The last batch did not return the job, so the next poll is for it alone.
    pub(super) excluded_from_batch: bool,
    /// When its last poll ended.
    pub(super) polled_at: Option<Time>,
    /// The end of a pause. It belongs to the job: a caller that aborts a wait and starts another must not
    /// shorten it.
    pub(super) not_before: Option<Time>,
    pub(super) terminal: Option<Terminal>,
    /// Responses so far. They prevent a slow single poll from overwriting a newer snapshot. Compared for equality
    /// only, so they may wrap.
    pub(super) responses: u32,
}

/// What a job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activity {
    Idle,
    /// Waiting for a slot.
    Queued {
        turn: Turn,
        /// The credential for the next poll.
        credential: CredentialChoice,
    },
    Polling {
        exchange: ExchangeId,
    },
    /// Waiting for a pause to end.
    Paused {
        until: Time,
        /// The pause is so long that other jobs may use the slot.
        releases_slot: bool,
    },
    /// This exchange got a 401, and the `auth` function is running.
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
        // A waiter that began with a call may have a lower id than the last one.
        if let Err(at) = self.waiters.binary_search(&waiter) {
            self.waiters.insert(at, waiter);
        }
    }

    /// Removes a waiter; false if it was not waiting for this job.
    pub(super) fn remove_waiter(&mut self, waiter: WaiterId) -> bool {
        let at = self.waiters.binary_search(&waiter);
        at.is_ok_and(|at| self.waiters.remove(at) == waiter)
    }

    /// Whether a waiter in any tab wants updates.
    pub(super) fn has_waiters(&self) -> bool {
        !self.waiters.is_empty() || self.has_remote_waiters()
    }

    pub(super) fn has_remote_waiters(&self) -> bool {
        self.remote_interest_at.is_some()
    }

    pub(super) fn is_delegated(&self) -> bool {
        self.activity == Activity::Delegated
    }

    /// The end of the current pause; `None` if it is over.
    pub(super) fn pause_at(&self, now: Time) -> Option<Time> {
        self.not_before.filter(|until| *until > now)
    }
}

impl Activity {
    /// Whether the job counts among those that share the slots.
    pub(super) fn shares_slots(self) -> bool {
        match self {
            Self::Idle | Self::Delegated => false,
            Self::Paused { releases_slot, .. } => !releases_slot,
            Self::Queued { .. } | Self::Polling { .. } | Self::AwaitingCredential { .. } => true,
        }
    }
}
