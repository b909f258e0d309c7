//! Jobs and their waiters: all waiters of a job share one poll.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::exchanges::Owner;
use crate::engine::ids::{JobKey, WaiterId};
use crate::engine::io::{CredentialChoice, InitialResponse, Outcome, Output, WaitOptions};
use crate::engine::job::{Activity, Job};
use crate::engine::policy::{LAST_POLL_MARGIN, RetryContext, before_deadline};
use crate::engine::poll::Poll;
use crate::engine::poller::{Context, Decision, NextStep, Observation, Terminal};
use crate::engine::protocol::classify::Rejection;
use crate::engine::protocol::error::Error;
use crate::engine::protocol::record::Phase;
use crate::engine::protocol::response::{Response, TransportError};
use crate::engine::protocol::url::JobId;
use crate::engine::scheduler::{Priority, ROTATION_PERIOD};
use crate::engine::state::Engine;
use crate::engine::time::Time;
use crate::engine::timers::Timer;
use crate::engine::trace::EventKind;
use crate::engine::waiters::Goal;

impl Engine {
    pub(in crate::engine) fn add_handle(&mut self, id: &JobId) -> JobKey {
        let key = self.jobs.find_or_insert(id);
        if let Some(job) = self.jobs.get_mut(key) {
            job.handle_count = job.handle_count.saturating_add(1);
        }
        key
    }

    pub(in crate::engine) fn remove_handle(&mut self, id: &JobId) {
        let Some(key) = self.jobs.find(id) else {
            return;
        };
        if let Some(job) = self.jobs.get_mut(key) {
            job.handle_count = job.handle_count.saturating_sub(1);
        }
        self.drop_if_unused(key);
    }

    pub(in crate::engine) fn wait_for_job(
        &mut self,
        waiter: WaiterId,
        job: &JobId,
        options: WaitOptions,
    ) {
        let job = self.jobs.find_or_insert(job);
        let accepted = None;
        self.add_waiter(waiter, options, Goal::JobEnd { job, accepted });
        self.add_waiter_to_job(waiter, job);
    }

    pub(super) fn add_waiter_to_job(&mut self, waiter: WaiterId, key: JobKey) {
        if let Some(job) = self.jobs.get_mut(key) {
            job.add_waiter(waiter);
            if let Some(Terminal::Gone(_)) = job.terminal {
                job.terminal = None;
                job.poller.recheck();
            }
        }
        self.notify_progress(waiter, key);
        let Some(job) = self.jobs.get(key) else {
            return;
        };
        if job.terminal.is_some() {
            self.settle_if_terminal(key);
        } else if job.activity != Activity::Idle {
            self.requeue(key);
        } else if let Some(until) = job.pause_at(self.now) {
            self.set_paused(key, until);
        } else {
            self.schedule_poll(key, CredentialChoice::Usual, Priority::Immediate);
        }
        self.poll_before_deadline(key);
    }

    /// Shortens a pause so that one more poll fits before a new waiter's deadline. A pause after a failure
    /// stays.
    fn poll_before_deadline(&mut self, key: JobKey) {
        let deadline = self.nearest_deadline(key);
        let Some(job) = self.jobs.get_mut(key) else {
            return;
        };
        let Activity::Paused { until, .. } = &mut job.activity else {
            return;
        };
        if job.poller.failures() > 0 {
            return;
        }
        let before = *until;
        let pause = before_deadline(before.since(self.now), self.now, deadline);
        let sooner = self.now + pause;
        if sooner < before {
            *until = sooner;
            job.not_before = Some(sooner);
            self.timers
                .reset(Some(before), Some(sooner), Timer::PollDue(key));
        }
    }

    pub(super) fn send_poll(&mut self, key: JobKey, credential: CredentialChoice) {
        let deadline = if self.is_overdue(key) {
            // There is no time left for a long poll.
            Some(self.now)
        } else {
            self.nearest_deadline(key)
        };
        let time_slice = self.scheduler.time_slice();
        let Some(job) = self.jobs.get(key) else {
            return;
        };
        let mut poll = job.poller.next_poll(self.now, deadline, &self.profile);
        poll.poll_timeout_secs = poll
            .poll_timeout_secs
            .map(|seconds| seconds.min(time_slice.unwrap_or(seconds)))
            .filter(|seconds| *seconds > 0);
        let target = poll.target(&job.poller.id);
        let exchange = self.open_poll(Owner::Job(key), poll, target, credential);
        self.set_activity(key, Activity::Polling { exchange });
    }

    pub(super) fn on_poll_result(
        &mut self,
        key: JobKey,
        poll: &Poll,
        waited: Duration,
        result: Result<&Response, &TransportError>,
    ) {
        let has_failed = self.apply_poll_result(key, poll, waited, result);
        let Ok(response) = result else { return };
        if !has_failed || Rejection::of_status(response.status) != Rejection::Unauthorized {
            return;
        }
        // The refusal is final, so the other jobs that wait to retry fail too.
        let auth_failed =
            |job: &Job| job.poller.auth_failed && matches!(job.activity, Activity::Paused { .. });
        for other in self.jobs.keys_where(auth_failed) {
            self.stop_polling(other);
            let poll = Poll::standard(self.profile.fields);
            self.apply_poll_result(other, &poll, Duration::ZERO, Ok(response));
        }
    }

    /// Applies the result of a job's poll. True if the current waits failed because of it.
    fn apply_poll_result(
        &mut self,
        key: JobKey,
        poll: &Poll,
        waited: Duration,
        result: Result<&Response, &TransportError>,
    ) -> bool {
        self.set_activity(key, Activity::Idle);
        let Some(job) = self.jobs.get_mut(key) else {
            return false;
        };
        job.polled_at = Some(self.now);
        job.excluded_from_batch = false;
        job.responses = job.responses.wrapping_add(1);
        let observation = match result {
            Ok(response) => Observation::Response(poll, waited, response),
            Err(error) => Observation::NoResponse(poll, waited, error),
        };
        let Some(decision) = self.decide(key, observation) else {
            return false;
        };
        let has_failed = matches!(decision.next, NextStep::Fail(_));
        self.count_poll(decision.changed);
        self.apply_decision(key, decision);
        has_failed
    }

    /// Lets the job's poller decide what to do next.
    pub(super) fn decide(&mut self, key: JobKey, observation: Observation<'_>) -> Option<Decision> {
        let deadline = self.nearest_deadline(key);
        let job = self.jobs.get_mut(key)?;
        let mut context = Context {
            retry: RetryContext {
                now: self.now,
                deadline,
                policy: &self.config.retry,
                jitter: &mut self.jitter,
                offline: self.offline,
            },
            profile: &mut self.profile,
            credential: self.auth_refresh.generation(),
        };
        Some(job.poller.on_observation(observation, &mut context))
    }

    pub(super) fn count_poll(&mut self, changed: bool) {
        if !changed {
            self.stats.empty_polls = self.stats.empty_polls.saturating_add(1);
        }
    }

    pub(super) fn apply_decision(&mut self, key: JobKey, decision: Decision) {
        let failures = self.jobs.get(key).map_or(0, |job| job.poller.failures());
        if decision.changed {
            self.notify_all(key, None);
        }
        let poll_now = matches!(decision.next, NextStep::Poll);
        let pause = match decision.next {
            NextStep::Poll => None,
            NextStep::Wait(pause) => Some((pause, EventKind::Pause)),
            NextStep::Throttle(pause) => Some((pause, EventKind::HotLoop)),
            NextStep::Retry(delay) => {
                self.retry(key, delay, failures);
                None
            }
            NextStep::End(terminal) => return self.end(key, terminal),
            NextStep::Fail(error) => {
                self.broadcast_unknown(key);
                return self.settle_waiters(key, |accepted| {
                    failed_call(error.clone(), accepted.as_ref())
                });
            }
        };
        if let Some((pause, reason)) = pause {
            self.pause(key, pause);
            self.emit_pause(key, reason, pause, None);
        }
        if decision.observed {
            self.expire_overdue(key);
        }
        if poll_now && self.jobs.get(key).is_some_and(Job::has_waiters) {
            let priority = if decision.changed {
                Priority::Immediate
            } else {
                Priority::Normal
            };
            self.schedule_poll(key, CredentialChoice::Usual, priority);
        }
    }

    /// Polls again after a pause, because a request failed.
    pub(super) fn retry(&mut self, key: JobKey, delay: Duration, failures: u32) {
        self.stats.retries = self.stats.retries.saturating_add(1);
        self.pause(key, delay);
        self.emit_pause(key, EventKind::Retry, delay, Some(failures));
    }

    fn pause(&mut self, key: JobKey, pause: Duration) {
        let until = self.now + pause;
        if let Some(job) = self.jobs.get_mut(key) {
            job.not_before = Some(until);
            self.set_paused(key, until);
        }
    }

    /// Waits for the end of a pause.
    pub(super) fn set_paused(&mut self, key: JobKey, until: Time) {
        let releases_slot = until.since(self.now) > ROTATION_PERIOD;
        self.set_activity(
            key,
            Activity::Paused {
                until,
                releases_slot,
            },
        );
        self.timers.set(Some(until), Timer::PollDue(key));
    }

    /// The job ended: stops polling it and settles its waiters, now and later.
    pub(super) fn end(&mut self, key: JobKey, terminal: Terminal) {
        self.stop_polling(key);
        let is_gone = matches!(terminal, Terminal::Gone(_));
        if let Some(job) = self.jobs.get_mut(key) {
            job.terminal = Some(terminal);
        }
        if is_gone {
            self.broadcast_unknown(key);
        }
        self.settle_if_terminal(key);
        self.drop_remote_interest(key);
    }

    pub(super) fn settle_if_terminal(&mut self, key: JobKey) {
        if let Some(terminal) = self.terminal_of(key) {
            self.settle_waiters(key, |accepted| outcome(&terminal, accepted));
        }
    }

    /// How the job ended; `None` if it has not.
    pub(super) fn terminal_of(&self, key: JobKey) -> Option<Terminal> {
        self.jobs.get(key)?.terminal.clone()
    }

    /// Settles all waiters of the job. `outcome` gets the initial response if the wait began with a call.
    fn settle_waiters(
        &mut self,
        key: JobKey,
        outcome: impl Fn(Option<Rc<InitialResponse>>) -> Outcome,
    ) {
        let waiters = self
            .jobs
            .get_mut(key)
            .map(|job| std::mem::take(&mut job.waiters));
        for waiter in waiters.unwrap_or_default() {
            let outcome = outcome(self.accepted_of(waiter));
            self.settle(waiter, outcome);
        }
        self.drop_if_unused(key);
    }

    /// Reports the latest snapshot to all waiters in this tab and others. `seen_by` is the waiter whose own
    /// request brought it, if any.
    pub(super) fn notify_all(&mut self, key: JobKey, seen_by: Option<WaiterId>) {
        self.emit_state(key, seen_by);
        self.broadcast_record(key);
        let Some(job) = self.jobs.get(key) else {
            return;
        };
        let Some(latest) = &job.poller.latest else {
            return;
        };
        for waiter in &job.waiters {
            if self.waiters.get(*waiter).is_some_and(|it| it.progress) {
                self.outputs.push_back(Output::Progress {
                    waiter: *waiter,
                    snapshot: Rc::clone(latest),
                });
            }
        }
    }

    /// Reports the latest snapshot to a waiter that wants progress.
    pub(super) fn notify_progress(&mut self, waiter: WaiterId, key: JobKey) {
        let wants_progress = self.waiters.get(waiter).is_some_and(|it| it.progress);
        let latest = self.jobs.get(key).and_then(|job| job.poller.latest.clone());
        if let Some(snapshot) = latest.filter(|_| wants_progress) {
            self.output(Output::Progress { waiter, snapshot });
        }
    }

    /// The earliest deadline of the job's waiters, ignoring overdue ones. A deadline too close for a long
    /// poll counts only if there is no later one, so that a short wait does not turn the poll of all
    /// waiters into a standard poll.
    pub(super) fn nearest_deadline(&self, key: JobKey) -> Option<Time> {
        let (mut near, mut far): (Option<Time>, Option<Time>) = (None, None);
        let mut is_unlimited = false;
        for waiter in self.waiters_of(key).filter(|it| !it.overdue) {
            let Some(deadline) = waiter.deadline else {
                is_unlimited = true;
                continue;
            };
            let side = if deadline.since(self.now) < LAST_POLL_MARGIN {
                &mut near
            } else {
                &mut far
            };
            *side = Some(side.map_or(deadline, |other| other.min(deadline)));
        }
        far.or(near.filter(|_| !is_unlimited))
    }

    fn accepted_of(&self, waiter: WaiterId) -> Option<Rc<InitialResponse>> {
        match &self.waiters.get(waiter)?.goal {
            Goal::JobEnd { accepted, .. } => accepted.clone(),
            Goal::Response(_) | Goal::Single { .. } => None,
        }
    }

    /// Stops the job's current activity. The end of a pause still applies to the next poll.
    pub(super) fn stop_polling(&mut self, key: JobKey) {
        match self.set_activity(key, Activity::Idle) {
            Activity::Queued { turn, .. } => self.scheduler.leave(turn),
            Activity::Polling { exchange } => self.leave_exchange(key, exchange),
            Activity::Paused { until, .. } => {
                self.timers.clear(Some(until), Timer::PollDue(key));
            }
            Activity::AwaitingCredential { .. } | Activity::Delegated | Activity::Idle => {}
        }
    }

    /// Drops a job without handles and waiters, whatever its state.
    pub(super) fn drop_if_unused(&mut self, key: JobKey) {
        let is_unused = |job: &Job| job.handle_count == 0 && !job.has_waiters();
        if self.jobs.get(key).is_some_and(is_unused) {
            self.stop_polling(key);
            self.jobs.remove(key);
        }
    }
}

/// The outcome of a wait for an ended job; `accepted` is the initial response if the wait began with a call.
pub(super) fn outcome(terminal: &Terminal, accepted: Option<Rc<InitialResponse>>) -> Outcome {
    match terminal {
        Terminal::Gone(error) => failed_call(error.clone(), accepted.as_ref()),
        Terminal::Finished(job) if job.state.phase() == Phase::Failed => {
            failed_call(Error::job_failed(job), accepted.as_ref())
        }
        Terminal::Finished(job) => match accepted {
            Some(accepted) => Outcome::Done {
                accepted,
                job: Some(Rc::clone(job)),
            },
            None => Outcome::Job(Rc::clone(job)),
        },
    }
}

/// A failed outcome. If the wait began with a call and the error has no `request-id`, it gets that of the
/// call.
pub(super) fn failed_call(
    mut error: Box<Error>,
    accepted: Option<&Rc<InitialResponse>>,
) -> Outcome {
    if let Some(accepted) = accepted.filter(|_| error.request_id.is_none()) {
        error.request_id.clone_from(&accepted.request_id);
    }
    Outcome::Failed(error)
}
