//! One request for many jobs, where jobs outnumber the slots by far.

use std::rc::Rc;
use std::time::Duration;

use super::io::{Credential, ExchangeId};
use super::state::{Activity, Engine, JobKey, Owner};
use crate::engine::batch::{BatchReading, BatchTarget, is_batchable, read_batch};
use crate::engine::policy::before_deadline;
use crate::engine::poll::Poll;
use crate::engine::poller::Observation;
use crate::engine::protocol::record::Snapshot;
use crate::engine::protocol::response::{Response, TransportError};
use crate::engine::scheduler::Priority;

impl Engine {
    /// Asks for this job and for others whose turn is near, in one request. False if that cannot be.
    pub(super) fn send_batch(&mut self, first: JobKey) -> bool {
        if !self.scheduler.wants_lists() || !self.batch_support.may_ask() {
            return false;
        }
        let mut target = BatchTarget::new(&self.config.base, self.profile.fields);
        if !self.add_to_list(&mut target, first) {
            return false;
        }
        let mut jobs = vec![first];
        while let Some((turn, next)) = self.scheduler.peek_soon(self.now) {
            if !self.add_to_list(&mut target, next) {
                break;
            }
            self.scheduler.leave(turn);
            jobs.push(next);
        }
        if jobs.len() < 2 {
            return false;
        }
        self.batch_support.asks();
        for key in &jobs {
            self.set_polling(*key, self.last_exchange.wrapping_add(1));
        }
        let poll = Poll::standard(self.profile.fields);
        self.open_poll(
            Owner::Batch(jobs),
            poll,
            target.into_text(),
            Credential::Usual,
        );
        true
    }

    /// Asks for this job too; false if it is to be asked for by itself, or there is no room for it.
    fn add_to_list(&self, target: &mut BatchTarget, key: JobKey) -> bool {
        self.jobs.row(key).is_some_and(|job| {
            let id = job.poller.id.as_str();
            let by_itself = job.excluded_from_batch || job.credential == Credential::Fresh;
            is_batchable(id) && !by_itself && target.add(id)
        })
    }

    pub(super) fn batch_result(
        &mut self,
        asked: &[JobKey],
        result: Result<&Response, &TransportError>,
    ) {
        let mut ids = Vec::new();
        for key in asked {
            if let Some(job) = self.jobs.row(*key) {
                ids.push(job.poller.id.clone());
            }
        }
        let mut found = match result.map(|response| read_batch(&ids, response)) {
            Ok(BatchReading::Jobs(found)) => {
                self.batch_support.works();
                self.scheduler.listed(asked.len());
                found
            }
            Ok(BatchReading::Unsupported) => {
                self.batch_support.refused();
                self.scheduler.unlisted();
                Vec::new()
            }
            Ok(BatchReading::Transient) | Err(_) => {
                self.batch_support.failed();
                self.scheduler.unlisted();
                let retry_after = result.ok().and_then(|response| response.retry_after);
                return self.rest_all(asked, retry_after);
            }
        };
        let mut brought_news = false;
        for key in asked {
            let key = *key;
            self.set_activity(key, Activity::Idle);
            let Some(job) = self.jobs.row_mut(key) else {
                continue;
            };
            job.seen_at = Some(self.now);
            // Of several records of one job the last counts.
            let of_job = |it: &Rc<Snapshot>| *it.id == *job.poller.id.as_str();
            let Some(at) = found.iter().rposition(of_job) else {
                // What is not in the list is asked for by itself, which tells why.
                job.excluded_from_batch = true;
                self.schedule_poll(key, Credential::Usual, Priority::Immediate);
                continue;
            };
            job.responses = job.responses.wrapping_add(1);
            let snapshot = found.swap_remove(at);
            if let Some(decision) = self.decide(key, Observation::Record(snapshot)) {
                brought_news |= decision.changed;
                self.apply_decision(key, decision);
            }
        }
        self.count_poll(brought_news);
    }

    /// The server cannot answer now: each job is asked for by itself, after a pause.
    fn rest_all(&mut self, asked: &[JobKey], retry_after: Option<Duration>) {
        for key in asked {
            let deadline = self.nearest_deadline(*key);
            let delay = self.config.retry.delay(1, retry_after, &mut self.jitter);
            let delay = before_deadline(delay, self.now, deadline);
            self.set_activity(*key, Activity::Idle);
            if let Some(job) = self.jobs.row_mut(*key) {
                job.seen_at = Some(self.now);
                job.excluded_from_batch = true;
                self.retry(*key, delay, 1);
            }
        }
        self.count_poll(false);
    }

    /// The job leaves a request for many; the last one ends it.
    pub(super) fn leave_exchange(&mut self, key: JobKey, exchange: ExchangeId) {
        if let Some(Owner::Batch(jobs)) = self.exchange_mut(exchange).map(|it| &mut it.owner) {
            jobs.retain(|job| *job != key);
            if !jobs.is_empty() {
                return;
            }
            self.batch_support.gives_up();
        }
        self.cancel(exchange);
    }
}
