//! Single polls, independent of a job's shared poll.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::exchanges::Owner;
use crate::engine::ids::WaiterId;
use crate::engine::io::{CredentialChoice, Outcome, WaitOptions};
use crate::engine::poll::Poll;
use crate::engine::poller::Terminal;
use crate::engine::protocol::record::Phase;
use crate::engine::protocol::response::{Response, TransportError};
use crate::engine::protocol::url::JobId;
use crate::engine::state::Engine;
use crate::engine::waiters::{Goal, Waiter};

impl Engine {
    pub(in crate::engine) fn start_single(
        &mut self,
        waiter: WaiterId,
        id: &JobId,
        timeout: Option<Duration>,
    ) {
        let key = self.jobs.find_or_insert(id);
        let Some(job) = self.jobs.get(key) else {
            return;
        };
        let goal = Goal::Single {
            responses: job.responses,
            job: id.clone(),
        };
        let options = WaitOptions {
            timeout,
            progress: false,
        };
        self.add_waiter(waiter, options, goal);
        self.send_single(waiter, CredentialChoice::Usual);
    }

    pub(super) fn send_single(&mut self, waiter: WaiterId, credential: CredentialChoice) {
        let Some(Waiter {
            goal: Goal::Single { job, .. },
            ..
        }) = self.waiters.get(waiter)
        else {
            return;
        };
        let fields = self.profile.fields;
        let known = self.jobs.find(job).and_then(|key| self.jobs.get(key));
        let poll = known.map_or_else(
            || Poll::standard(fields),
            |known| known.poller.standard_poll(fields),
        );
        let target = poll.target(job);
        let exchange = self.open_poll(Owner::Single(waiter), poll, target, credential);
        if let Some(waiter) = self.waiters.get_mut(waiter) {
            waiter.exchange = Some(exchange);
        }
    }

    pub(super) fn on_single_result(
        &mut self,
        waiter: WaiterId,
        result: Result<&Response, &TransportError>,
    ) {
        let Some(Waiter {
            goal: Goal::Single { job, responses },
            exchange,
            ..
        }) = self.waiters.get_mut(waiter)
        else {
            return;
        };
        *exchange = None;
        let (id, responses) = (job.clone(), *responses);
        let (fields, credential) = (self.profile.fields, self.auth_refresh.generation());
        let key = self.jobs.find_or_insert(&id);
        let Some(job) = self.jobs.get_mut(key) else {
            return;
        };
        match job.poller.on_single_response(result) {
            Err(error) => self.settle(waiter, Outcome::Failed(error)),
            Ok(snapshot) => {
                let ended = snapshot.state.phase() != Phase::Pending;
                let own = Rc::clone(&snapshot);
                let is_over = matches!(job.terminal, Some(Terminal::Finished(_)));
                if !is_over && (ended || job.responses == responses) {
                    // This snapshot is newer than a "not found" response before it.
                    job.terminal = None;
                    let poller = &mut job.poller;
                    let (changed, terminal) =
                        poller.apply_single_poll(snapshot, fields, credential);
                    if changed {
                        self.notify_all(key, Some(waiter));
                    }
                    if let Some(terminal) = terminal {
                        self.end(key, terminal);
                    }
                }
                // Callers compare snapshots by identity, so an unchanged snapshot must be the same object.
                let latest = self.latest(&id).filter(|latest| latest.raw() == own.raw());
                self.settle(waiter, Outcome::Job(latest.unwrap_or(own)));
            }
        }
    }
}
