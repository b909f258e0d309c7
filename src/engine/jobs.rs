//! Jobs and those who wait for them: one poll for a job, however many wait.

use std::rc::Rc;
use std::time::Duration;

use super::io::{Credential, InitialResponse, Outcome, Output, WaiterId};
use super::state::{Activity, Engine, Goal, Job, JobKey, Owner, Waiter, with_request};
use super::timers::Timer;
use super::trace::EventKind;
use crate::engine::order::NONE;
use crate::engine::policy::{LAST_LOOK, RetryContext, before_deadline};
use crate::engine::poll::Poll;
use crate::engine::poller::{Context, Decision, JobPoller, NextStep, Observation, Terminal};
use crate::engine::protocol::error::Error;
use crate::engine::protocol::record::Phase;
use crate::engine::protocol::response::{Response, TransportError};
use crate::engine::protocol::token::hash;
use crate::engine::protocol::url::JobId;
use crate::engine::scheduler::{Priority, ROTATION_PERIOD};
use crate::engine::time::Time;

impl Engine {
    /// The job of this id, if it is known; else [`NONE`].
    pub(super) fn find(&self, id: &JobId) -> JobKey {
        let hash = hash(id.as_str());
        let mut from = (hash, 0);
        while let Some((name, key)) = self.jobs.names().first_from(from) {
            if name.0 != hash {
                break;
            }
            if self.jobs.row(key).is_some_and(|job| job.poller.id == *id) {
                return key;
            }
            // Another id with the same hash.
            from = (hash, name.1.wrapping_add(1));
        }
        NONE
    }

    /// The job of this id, known from now on.
    pub(super) fn job(&mut self, id: &JobId) -> JobKey {
        let known = self.find(id);
        if known != NONE {
            return known;
        }
        self.jobs_known = self.jobs_known.wrapping_add(1);
        let name = (hash(id.as_str()), self.jobs_known);
        let job = Job {
            name,
            poller: JobPoller::new(id.clone()),
            handle_count: 0,
            activity: Activity::Idle,
            turn: (0, 0),
            credential: Credential::Usual,
            exchange: 0,
            remote_interest_at: None,
            polled_locally: false,
            excluded_from_batch: false,
            seen_at: None,
            not_before: Time::default(),
            terminal: None,
            responses: 0,
        };
        self.jobs.insert(name, Box::new(job))
    }

    /// Somebody holds on to a job.
    pub(super) fn attach(&mut self, id: &JobId) -> JobKey {
        let key = self.job(id);
        if let Some(job) = self.jobs.row_mut(key) {
            job.handle_count = job.handle_count.saturating_add(1);
        }
        key
    }

    /// The jobs of which this is true.
    pub(super) fn jobs_that(&self, are_so: fn(&Job) -> bool) -> Vec<JobKey> {
        let mut jobs = Vec::new();
        for key in self.jobs.numbers() {
            if self.jobs.row(key).is_some_and(are_so) {
                jobs.push(key);
            }
        }
        jobs
    }

    /// Whether this is true of a job.
    pub(super) fn has_job_that(&self, is_so: fn(&Job) -> bool) -> bool {
        let mut keys = self.jobs.numbers();
        keys.any(|key| self.jobs.row(key).is_some_and(is_so))
    }

    /// A waiter begins to wait for a job's end.
    pub(super) fn add_waiter_to_job(&mut self, waiter: WaiterId, key: JobKey) {
        self.waits.insert((key.into(), waiter.into()));
        self.notify_progress(waiter, key);
        let Some(job) = self.jobs.row(key) else {
            return;
        };
        if job.terminal.is_some() {
            self.settle_if_over(key);
        } else if job.activity != Activity::Idle {
            self.requeue(key);
        } else if job.not_before > self.now {
            self.resume_pause(key);
        } else {
            self.schedule_poll(key, Credential::Usual, Priority::Immediate);
        }
        self.look_before_deadline(key);
    }

    /// A pause that began before this deadline was known leaves room for a look before it, unless the
    /// server is in trouble.
    fn look_before_deadline(&mut self, key: JobKey) {
        let deadline = self.nearest_deadline(key);
        let Some(job) = self.jobs.row_mut(key) else {
            return;
        };
        if matches!(job.activity, Activity::Resting | Activity::Away) && job.poller.failures() == 0
        {
            let before = job.not_before;
            let pause = before_deadline(before.since(self.now), self.now, deadline);
            let until = self.now + pause;
            if until < before {
                job.not_before = until;
                self.unset_timer(Some(before), Timer::PollDue, key);
                self.set_timer(Some(until), Timer::PollDue, key);
            }
        }
    }

    pub(super) fn send_poll(&mut self, key: JobKey, credential: Credential) {
        let deadline = if self.is_overdue(key) {
            // What is late already leaves no time for the server to hold a poll.
            Some(self.now)
        } else {
            self.nearest_deadline(key)
        };
        let share = self.scheduler.time_slice();
        let Some(job) = self.jobs.row(key) else {
            return;
        };
        let mut poll = job.poller.next_poll(self.now, deadline, &self.profile);
        poll.poll_timeout_secs = poll
            .poll_timeout_secs
            .map(|seconds| seconds.min(share.unwrap_or(seconds)))
            .filter(|seconds| *seconds > 0);
        let target = poll.target(&job.poller.id);
        let exchange = self.open_poll(Owner::Job(key), poll, target, credential);
        self.set_polling(key, exchange);
    }

    pub(super) fn poll_result(
        &mut self,
        key: JobKey,
        poll: &Poll,
        waited: Duration,
        result: Result<&Response, &TransportError>,
    ) {
        self.set_activity(key, Activity::Idle);
        let Some(job) = self.jobs.row_mut(key) else {
            return;
        };
        job.seen_at = Some(self.now);
        job.excluded_from_batch = false;
        job.responses = job.responses.wrapping_add(1);
        let observation = match result {
            Ok(response) => Observation::Response(poll, waited, response),
            Err(failure) => Observation::NoResponse(poll, waited, failure),
        };
        if let Some(decision) = self.decide(key, observation) {
            self.count_poll(decision.changed);
            self.apply_decision(key, decision);
        }
    }

    /// Lends a job what it needs to judge what was learned of it.
    pub(super) fn decide(&mut self, key: JobKey, observation: Observation<'_>) -> Option<Decision> {
        let deadline = self.nearest_deadline(key);
        let job = self.jobs.row_mut(key)?;
        let mut context = Context {
            retry: RetryContext {
                now: self.now,
                deadline,
                policy: &self.config.retry,
                jitter: &mut self.jitter,
                offline: self.offline,
            },
            profile: &mut self.profile,
        };
        Some(job.poller.on_observation(observation, &mut context))
    }

    pub(super) fn count_poll(&mut self, brought_news: bool) {
        if !brought_news {
            self.stats.empty_polls = self.stats.empty_polls.saturating_add(1);
        }
    }

    /// Does what an answer led to.
    pub(super) fn apply_decision(&mut self, key: JobKey, decision: Decision) {
        let failures = self.jobs.row(key).map_or(0, |job| job.poller.failures());
        if decision.changed {
            self.notify_all(key);
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
                return self.settle_waiters(key, &Terminal::Gone(error));
            }
        };
        if let Some((pause, why)) = pause {
            self.pause(key, pause);
            self.report_pause(key, why, pause, None);
        }
        if decision.observed {
            self.expire_overdue(key);
        }
        if poll_now && self.is_wanted(key) {
            let priority = if decision.changed {
                Priority::Immediate
            } else {
                Priority::Normal
            };
            self.schedule_poll(key, Credential::Usual, priority);
        }
    }

    /// Polls again after a pause, since something failed.
    pub(super) fn retry(&mut self, key: JobKey, delay: Duration, failures: u32) {
        self.stats.retries = self.stats.retries.saturating_add(1);
        self.pause(key, delay);
        self.report_pause(key, EventKind::Retry, delay, Some(failures));
    }

    fn pause(&mut self, key: JobKey, pause: Duration) {
        if let Some(job) = self.jobs.row_mut(key) {
            job.not_before = self.now + pause;
            self.resume_pause(key);
        }
    }

    /// Goes on with a pause that somebody left.
    pub(super) fn resume_pause(&mut self, key: JobKey) {
        if let Some(until) = self.jobs.row(key).map(|job| job.not_before) {
            let away = until.since(self.now) > ROTATION_PERIOD;
            self.set_activity(
                key,
                if away {
                    Activity::Away
                } else {
                    Activity::Resting
                },
            );
            self.set_timer(Some(until), Timer::PollDue, key);
        }
    }

    /// The job is over: nothing more is asked, and everybody is told, now and later.
    pub(super) fn end(&mut self, key: JobKey, terminal: Terminal) {
        self.stop_polling(key);
        let is_gone = matches!(terminal, Terminal::Gone(_));
        if let Some(job) = self.jobs.row_mut(key) {
            job.terminal = Some(terminal);
        }
        if is_gone {
            self.broadcast_unknown(key);
        }
        self.settle_if_over(key);
        self.drop_remote_interest(key);
    }

    pub(super) fn settle_if_over(&mut self, key: JobKey) {
        if let Some(terminal) = self.terminal_of(key) {
            self.settle_waiters(key, &terminal);
        }
    }

    /// How the job has ended, if it has.
    pub(super) fn terminal_of(&self, key: JobKey) -> Option<Terminal> {
        self.jobs.row(key)?.terminal.clone()
    }

    /// Ends every wait for a job in one way.
    fn settle_waiters(&mut self, key: JobKey, terminal: &Terminal) {
        while let Some(waiter) = self.next_waiter(key, 0) {
            self.waits.remove((key.into(), waiter.into()));
            let outcome = outcome(terminal, self.accepted_of(waiter));
            self.settle(waiter, outcome);
        }
        self.drop_if_unused(key);
    }

    pub(super) fn notify_all(&mut self, key: JobKey) {
        self.report_state(key);
        self.broadcast_record(key);
        let mut from = 0;
        while let Some(waiter) = self.next_waiter(key, from) {
            self.notify_progress(waiter, key);
            from = waiter.wrapping_add(1);
        }
    }

    /// Tells a waiter what is known of the job, if it wants to hear of it.
    pub(super) fn notify_progress(&mut self, waiter: WaiterId, key: JobKey) {
        let wanted = self.waiter(waiter).is_some_and(|it| it.progress);
        let latest = self.jobs.row(key).and_then(|job| job.poller.latest.clone());
        if let Some(snapshot) = latest.filter(|_| wanted) {
            self.command(Output::Progress { waiter, snapshot });
        }
    }

    /// The nearest deadline of those who wait for the job, but for those whose time is over already. One
    /// that is too near for a long poll counts only where there is no other: it must not slow those down
    /// who wait for longer, and hears of what their poll brings.
    pub(super) fn nearest_deadline(&self, key: JobKey) -> Option<Time> {
        let (mut near, mut far): (Option<Time>, Option<Time>) = (None, None);
        let (mut unlimited, mut from) = (false, 0);
        while let Some(id) = self.next_waiter(key, from) {
            let waiter = self.waiter(id).filter(|it| !it.overdue);
            if let Some(deadline) = waiter.and_then(|it| it.deadline) {
                let side = if deadline.since(self.now) < LAST_LOOK {
                    &mut near
                } else {
                    &mut far
                };
                *side = Some(side.map_or(deadline, |other| other.min(deadline)));
            } else if waiter.is_some() {
                unlimited = true;
            }
            from = id.wrapping_add(1);
        }
        far.or(near.filter(|_| !unlimited))
    }

    pub(super) fn is_overdue(&self, key: JobKey) -> bool {
        self.next_overdue(key, 0).is_some()
    }

    /// Who waits for the job, from this id on.
    pub(super) fn next_waiter(&self, key: JobKey, from: WaiterId) -> Option<WaiterId> {
        let (pair, _) = self.waits.first_from((key.into(), from.into()))?;
        u32::try_from(pair.1)
            .ok()
            .filter(|_| pair.0 == u64::from(key))
    }

    /// Whether anybody wants to hear of it, in this tab or in another.
    pub(super) fn is_wanted(&self, key: JobKey) -> bool {
        let wanted = |job: &Job| job.remote_interest_at.is_some();
        self.next_waiter(key, 0).is_some() || self.jobs.row(key).is_some_and(wanted)
    }

    fn accepted_of(&self, waiter: WaiterId) -> Option<Rc<InitialResponse>> {
        match self.waiter(waiter) {
            Some(Waiter {
                goal: Goal::JobEnd { accepted, .. },
                ..
            }) => accepted.clone(),
            _ => None,
        }
    }

    /// Nobody waits any more: what is open is ended, pauses stay in force.
    pub(super) fn stop_polling(&mut self, key: JobKey) {
        let before = self.set_activity(key, Activity::Idle);
        let Some(job) = self.jobs.row(key) else {
            return;
        };
        match before {
            Activity::Queued => self.scheduler.leave(job.turn),
            Activity::Polling => self.leave_exchange(key, job.exchange),
            Activity::Resting | Activity::Away => {
                self.unset_timer(Some(job.not_before), Timer::PollDue, key);
            }
            Activity::AwaitingCredential | Activity::Delegated | Activity::Idle => {}
        }
    }

    pub(super) fn drop_if_unused(&mut self, key: JobKey) {
        if self.is_wanted(key) {
            return;
        }
        if let Some(job) = self.jobs.row(key).filter(|job| job.handle_count == 0) {
            let name = job.name;
            self.stop_polling(key);
            self.jobs.remove(name);
        }
    }
}

/// How a wait for a job ends; with the accepting answer if the wait began with a call.
pub(super) fn outcome(terminal: &Terminal, accepted: Option<Rc<InitialResponse>>) -> Outcome {
    match terminal {
        Terminal::Gone(error) => with_request(error.clone(), accepted.as_ref()),
        Terminal::Finished(job) if job.state.phase() == Phase::Failed => {
            with_request(Error::job_failed(job), accepted.as_ref())
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
