//! Single polls, beside whatever else goes on for a job.

use std::rc::Rc;
use std::time::Duration;

use super::io::{Credential, Outcome, WaiterId};
use super::state::{Engine, Goal, Owner, Waiter};
use crate::engine::poll::Poll;
use crate::engine::protocol::record::Phase;
use crate::engine::protocol::response::{Response, TransportError};
use crate::engine::protocol::url::JobId;

impl Engine {
    pub(super) fn poll_once(&mut self, waiter: WaiterId, id: JobId, timeout: Option<Duration>) {
        let key = self.job(&id);
        let Some(job) = self.jobs.row(key) else {
            return;
        };
        let goal = Goal::Single {
            responses: job.responses,
            job: id,
        };
        self.add_waiter(waiter, timeout, false, goal);
        self.send_single(waiter, Credential::Usual);
    }

    pub(super) fn send_single(&mut self, waiter: WaiterId, credential: Credential) {
        let Some(Waiter {
            goal: Goal::Single { job, .. },
            ..
        }) = self.waiter(waiter)
        else {
            return;
        };
        let poll = Poll::standard(self.profile.fields);
        let target = poll.target(job);
        let exchange = self.open_poll(Owner::Single(waiter), poll, target, credential);
        if let Some(waiter) = self.waiter_mut(waiter) {
            waiter.exchange = Some(exchange);
        }
    }

    pub(super) fn single_result(
        &mut self,
        waiter: WaiterId,
        result: Result<&Response, &TransportError>,
    ) {
        let Some(Waiter {
            goal: Goal::Single { job, responses },
            exchange,
            ..
        }) = self.waiter_mut(waiter)
        else {
            return;
        };
        *exchange = None;
        let (id, responses) = (job.clone(), *responses);
        let fields = self.profile.fields;
        let key = self.job(&id);
        let Some(shared) = self.jobs.row_mut(key) else {
            return;
        };
        match shared.poller.on_single_response(result) {
            Err(error) => self.settle(waiter, Outcome::Failed(error)),
            Ok(snapshot) => {
                let over = snapshot.state.phase() != Phase::Pending;
                let own = Rc::clone(&snapshot);
                if shared.terminal.is_none() && (over || shared.responses == responses) {
                    let (news, terminal) = shared.poller.apply_single_poll(snapshot, fields);
                    if news {
                        self.notify_all(key);
                    }
                    if let Some(terminal) = terminal {
                        self.end(key, terminal);
                    }
                }
                // Users compare snapshots by identity: no news is the one that they have.
                let latest = self.latest(&id).filter(|latest| latest.raw() == own.raw());
                self.settle(waiter, Outcome::Job(latest.unwrap_or(own)));
            }
        }
    }
}
