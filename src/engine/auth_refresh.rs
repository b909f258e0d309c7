//! The refresh of a rejected credential: requests that got a 401 wait here while the `auth` function is
//! asked, once for all of them.

use super::exchanges::Owner;
use super::ids::ExchangeId;
use super::protocol::response::Response;
use super::time::Time;

#[derive(Debug)]
pub(super) struct AuthRefresh {
    /// What waits for the new credential; `None` while no refresh is running.
    waiting: Option<Vec<Unauthorized>>,
    /// When a refresh that takes too long is given up.
    deadline: Option<Time>,
    /// How many new credentials there have been.
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

    /// The generation of the credential that goes with requests now.
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    /// Changes the limit of the refresh; gives the one before.
    pub(super) fn set_deadline(&mut self, deadline: Option<Time>) -> Option<Time> {
        std::mem::replace(&mut self.deadline, deadline)
    }

    /// The requests that wait for the answer, those included whose waiters have left since.
    pub(super) fn waiting(&self) -> &[Unauthorized] {
        self.waiting.as_deref().unwrap_or_default()
    }

    /// Adds a request.
    pub(super) fn add(&mut self, request: Unauthorized) {
        self.waiting.get_or_insert_default().push(request);
    }

    /// Drops the requests, and with them the refresh. False if it was not running.
    pub(super) fn forget_all(&mut self) -> bool {
        self.waiting.take().is_some()
    }

    /// Ends the refresh; what waited for it.
    pub(super) fn finish(&mut self, fresh: bool) -> Option<Vec<Unauthorized>> {
        let waiting = self.waiting.take()?;
        if fresh {
            self.generation = self.generation.saturating_add(1);
        }
        Some(waiting)
    }
}
