//! Credential refresh: requests that got a 401 wait here while the `auth` function runs once for all of them.

use super::exchanges::Owner;
use super::ids::ExchangeId;
use super::protocol::response::Response;
use super::time::Time;

#[derive(Debug)]
pub(super) struct AuthRefresh {
    /// The requests that wait for the new credential; `None` while no refresh runs.
    waiting: Option<Vec<Unauthorized>>,
    /// When the refresh times out.
    deadline: Option<Time>,
    /// How many new credentials there were.
    generation: u32,
}

/// A request that got a 401.
#[derive(Debug)]
pub(super) struct Unauthorized {
    pub(super) exchange: ExchangeId,
    pub(super) owner: Owner,
    pub(super) response: Response,
}

impl AuthRefresh {
    pub(super) fn new() -> Self {
        Self {
            waiting: None,
            deadline: None,
            generation: 0,
        }
    }

    /// The generation of the credential that requests send now.
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    /// Sets the deadline of the refresh and returns the previous one.
    pub(super) fn set_deadline(&mut self, deadline: Option<Time>) -> Option<Time> {
        std::mem::replace(&mut self.deadline, deadline)
    }

    /// The requests that wait for the credential, including those whose waiters have left.
    pub(super) fn waiting(&self) -> &[Unauthorized] {
        self.waiting.as_deref().unwrap_or_default()
    }

    pub(super) fn add(&mut self, request: Unauthorized) {
        self.waiting.get_or_insert_default().push(request);
    }

    /// Cancels the refresh and drops its requests. False if none was running.
    pub(super) fn forget_all(&mut self) -> bool {
        self.waiting.take().is_some()
    }

    /// Ends the refresh and returns the requests that waited for it.
    pub(super) fn finish(&mut self, fresh: bool) -> Option<Vec<Unauthorized>> {
        let waiting = self.waiting.take()?;
        if fresh {
            self.generation = self.generation.saturating_add(1);
        }
        Some(waiting)
    }
}
