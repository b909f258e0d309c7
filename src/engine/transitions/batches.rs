//! Batches: one request for several jobs, where jobs far outnumber the slots.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::batch::{BatchReading, BatchTarget, is_batchable, read_batch};
use crate::engine::exchanges::Owner;
use crate::engine::ids::{ExchangeId, JobKey};
use crate::engine::io::CredentialChoice;
use crate::engine::job::Activity;
use crate::engine::policy::before_deadline;
use crate::engine::poll::Poll;
use crate::engine::poller::Observation;
use crate::engine::protocol::record::Snapshot;
use crate::engine::protocol::response::{Response, TransportError};
use crate::engine::scheduler::Priority;
use crate::engine::state::Engine;

impl Engine {
    /// Polls this job and others whose turns are near by one request. False if that is not possible.
    pub(super) fn send_batch(&mut self, first: JobKey) -> bool {
        if !self.scheduler.wants_batches() || !self.batch_support.may_ask() {
            return false;
        }
        let mut target =
            BatchTarget::new(&self.config.base, self.profile.fields, &self.batch_support);
        if !self.add_to_batch(&mut target, first) {
            return false;
        }
        let mut jobs = vec![first];
        while let Some(turn) = self.scheduler.peek_soon(self.now) {
            if !self.add_to_batch(&mut target, turn.job) {
                break;
            }
            self.scheduler.leave(turn);
            jobs.push(turn.job);
        }
        if jobs.len() < 2 {
            return false;
        }
        self.batch_support.asks();
        let poll = Poll::standard(self.profile.fields);
        let exchange = self.open_poll(
            Owner::Batch(jobs.clone()),
            poll,
            target.into_text(),
            CredentialChoice::Usual,
        );
        for key in jobs {
            self.set_activity(key, Activity::Polling { exchange });
        }
        true
    }

    /// Adds a job to a batch. False if it has to be polled alone, or there is no room for it.
    fn add_to_batch(&self, target: &mut BatchTarget, key: JobKey) -> bool {
        self.jobs.get(key).is_some_and(|job| {
            let id = job.poller.id.as_str();
            let is_fresh = matches!(
                job.activity,
                Activity::Queued {
                    credential: CredentialChoice::Fresh,
                    ..
                }
            );
            is_batchable(id) && !job.excluded_from_batch && !is_fresh && target.add(id)
        })
    }

    pub(super) fn on_batch_result(
        &mut self,
        jobs: &[JobKey],
        result: Result<&Response, &TransportError>,
    ) {
        let mut ids = Vec::new();
        for key in jobs {
            if let Some(job) = self.jobs.get(*key) {
                ids.push(job.poller.id.clone());
            }
        }
        let works = self.batch_support.has_worked();
        let mut found = match result.map(|response| read_batch(&ids, response, works)) {
            Ok(BatchReading::Jobs(found)) => {
                self.batch_support.works();
                self.scheduler.on_batch(jobs.len());
                found
            }
            Ok(BatchReading::Unsupported) => {
                self.batch_support.refused();
                self.scheduler.on_batch_failure();
                Vec::new()
            }
            Ok(BatchReading::Transient) | Err(_) => {
                self.batch_support.failed();
                self.scheduler.on_batch_failure();
                let retry_after = result.ok().and_then(|response| response.retry_after);
                return self.retry_all(jobs, retry_after);
            }
        };
        let mut any_changed = false;
        for key in jobs {
            let key = *key;
            self.set_activity(key, Activity::Idle);
            let Some(job) = self.jobs.get_mut(key) else {
                continue;
            };
            job.polled_at = Some(self.now);
            // The last of several records of one job counts.
            let of_job = |it: &Rc<Snapshot>| *it.id == *job.poller.id.as_str();
            let Some(at) = found.iter().rposition(of_job) else {
                // The job is not in the response. Polled alone, it shows why.
                job.excluded_from_batch = true;
                self.schedule_poll(key, CredentialChoice::Usual, Priority::Immediate);
                continue;
            };
            job.responses = job.responses.wrapping_add(1);
            let snapshot = found.swap_remove(at);
            if let Some(decision) = self.decide(key, Observation::Record(snapshot)) {
                any_changed |= decision.changed;
                self.apply_decision(key, decision);
            }
        }
        self.count_poll(any_changed);
    }

    /// The server cannot respond now: each job is polled alone, after a pause.
    fn retry_all(&mut self, jobs: &[JobKey], retry_after: Option<Duration>) {
        for key in jobs {
            let deadline = self.nearest_deadline(*key);
            let delay = self.config.retry.delay(1, retry_after, &mut self.jitter);
            let delay = before_deadline(delay, self.now, deadline);
            self.set_activity(*key, Activity::Idle);
            if let Some(job) = self.jobs.get_mut(*key) {
                job.polled_at = Some(self.now);
                job.excluded_from_batch = true;
                self.retry(*key, delay, 1);
            }
        }
        self.count_poll(false);
    }

    /// Removes the job from its exchange, which is cancelled when no job is left.
    pub(super) fn leave_exchange(&mut self, key: JobKey, exchange: ExchangeId) {
        if let Some(Owner::Batch(jobs)) = self.exchanges.get_mut(exchange).map(|it| &mut it.owner) {
            jobs.retain(|job| *job != key);
            if !jobs.is_empty() {
                return;
            }
            self.batch_support.gives_up();
        }
        self.cancel(exchange);
    }
}
