//! Batches: one request for several jobs, if jobs far outnumber slots.

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
    /// Polls this job and others with near turns in one request. False if that is not possible.
    pub(super) fn send_batch(&mut self, first: JobKey) -> bool {
        if !self.scheduler.wants_batches() || !self.batch_support.is_available() {
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
        self.batch_support.on_sent();
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

    /// Adds a job to a batch. False if it needs a poll of its own or does not fit.
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
                self.batch_support.on_success();
                self.scheduler.on_batch(jobs.len());
                found
            }
            Ok(BatchReading::Unsupported) => {
                self.batch_support.on_unsupported();
                self.scheduler.on_batch_failure();
                Vec::new()
            }
            Ok(BatchReading::Transient) | Err(_) => {
                self.batch_support.on_failure();
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
            // If a job has several records, the last one counts.
            let of_job = |it: &Rc<Snapshot>| *it.id == *job.poller.id.as_str();
            let Some(at) = found.iter().rposition(of_job) else {
                // The response does not include the job. A poll of its own shows why.
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

    /// The batch failed temporarily, so each job gets its own poll after a pause.
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

    /// Removes the job from its exchange, and cancels the exchange if no job is left.
    pub(super) fn leave_exchange(&mut self, key: JobKey, exchange: ExchangeId) {
        if let Some(Owner::Batch(jobs)) = self.exchanges.get_mut(exchange).map(|it| &mut it.owner) {
            jobs.retain(|job| *job != key);
            if !jobs.is_empty() {
                return;
            }
            self.batch_support.on_cancelled();
        }
        self.cancel(exchange);
    }
}
