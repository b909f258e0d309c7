//! The events that the engine emits, if events are traced.

use std::time::Duration;

use crate::engine::exchanges::Owner;
use crate::engine::ids::{JobKey, WaiterId};
use crate::engine::io::{Outcome, Output};
use crate::engine::protocol::error::ErrorCode;
use crate::engine::state::Engine;
use crate::engine::trace::{ClientEvent, EventKind};
use crate::engine::waiters::Goal;

impl Engine {
    pub(super) fn emit(&mut self, event: Box<ClientEvent>) {
        if self.config.trace {
            self.output(Output::Event(event));
        }
    }

    /// An event for a request of `owner`, if events are traced.
    pub(super) fn request_event(&self, kind: EventKind, owner: &Owner) -> Option<Box<ClientEvent>> {
        if !self.config.trace {
            return None;
        }
        let (method, path) = self.request_name(owner)?;
        let job = match owner {
            Owner::Job(key) => Some(&self.jobs.get(*key)?.poller.id),
            Owner::Single(waiter) => match &self.waiters.get(*waiter)?.goal {
                Goal::Single { job, .. } => Some(job),
                Goal::Response(_) | Goal::JobEnd { .. } => None,
            },
            Owner::Call(_) | Owner::Batch(_) => None,
        };
        let mut event = ClientEvent::new(kind);
        event.waiter = self.waiter_of(owner);
        event.job = job.map(|job| job.shared());
        event.method = Some(method);
        event.path = Some(path);
        Some(event)
    }

    fn job_event(&self, kind: EventKind, key: JobKey) -> Option<Box<ClientEvent>> {
        let job = self.jobs.get(key).filter(|_| self.config.trace)?;
        let mut event = ClientEvent::of_job(kind, job.poller.id.shared());
        event.waiter = self.first_waiter(key);
        Some(event)
    }

    /// A pause begins.
    pub(super) fn emit_pause(
        &mut self,
        key: JobKey,
        reason: EventKind,
        pause: Duration,
        failures: Option<u32>,
    ) {
        if let Some(mut event) = self.job_event(reason, key) {
            event.delay = Some(pause);
            event.attempt = failures;
            self.emit(event);
        }
    }

    /// The job changed. `seen_by` is the waiter whose own request showed that, if any.
    pub(super) fn emit_state(&mut self, key: JobKey, seen_by: Option<WaiterId>) {
        let latest = self.jobs.get(key).and_then(|job| job.poller.latest.clone());
        if let Some(latest) = latest
            && let Some(mut event) = self.job_event(EventKind::State, key)
        {
            event.state = Some(latest.state.clone());
            event.waiter = seen_by.or(event.waiter);
            self.emit(event);
        }
    }

    /// A wait is about to end.
    pub(super) fn emit_settled(&mut self, id: WaiterId, outcome: &Outcome) {
        let event = match self.waiters.get(id).map(|it| &it.goal) {
            Some(Goal::Response(_)) => self.request_event(EventKind::Settled, &Owner::Call(id)),
            Some(Goal::JobEnd { job, .. }) => self.job_event(EventKind::Settled, *job),
            Some(Goal::Single { job, .. }) => {
                Some(ClientEvent::of_job(EventKind::Settled, job.shared()))
            }
            None => None,
        };
        let Some(mut event) = event else { return };
        event.waiter = Some(id);
        match outcome {
            Outcome::Job(job) | Outcome::Done { job: Some(job), .. } => {
                event.state = Some(job.state.clone());
            }
            Outcome::Done { accepted, .. } => event.status = Some(accepted.status),
            Outcome::Accepted { accepted, job } => {
                event.status = Some(accepted.status);
                event.job = job.as_ref().map(|job| job.shared());
            }
            Outcome::Failed(error) => {
                event.code = Some(error.code.name());
                event.status = error.status;
                if error.code == ErrorCode::JobFailed {
                    event.state = error.job.as_ref().map(|job| job.state.clone());
                }
            }
            Outcome::Aborted => event.code = Some("ABORTED"),
        }
        self.emit(event);
    }
}
