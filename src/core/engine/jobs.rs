//! Jobs and those who wait for them: one poll for a job, however many wait.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::event::{Accepted, Command, Credential, Outcome, WaiterId};
use super::{Activity, Engine, Goal, Job, Owner, Report, ReportKind, Timer, Waiter, with_request};
use crate::core::address::JobId;
use crate::core::error::Trouble;
use crate::core::follow::{Context, Ending, Follow, LAST_LOOK, Next, Verdict, before_deadline};
use crate::core::job::{Phase, Snapshot};
use crate::core::poll::Poll;
use crate::core::response::{Answer, SendFailure};
use crate::core::scheduler::{Haste, ROUND};
use crate::core::time::{Millis, Time};

impl Engine {
    pub(super) fn job(&mut self, id: &JobId) -> &mut Job {
        self.jobs
            .entry(Rc::clone(id.text()))
            .or_insert_with(|| Job {
                follow: Follow::new(id.clone()),
                waiters: BTreeSet::new(),
                attached: 0,
                activity: Activity::Idle,
                wanted_at: None,
                own: false,
                alone: false,
                seen_at: None,
                rest_until: Time::default(),
                ending: None,
                answers: 0,
            })
    }

    /// A waiter begins to wait for a job's end.
    pub(super) fn join(&mut self, now: Time, waiter: WaiterId, id: &Rc<str>) {
        let Some(job) = self.jobs.get_mut(id) else {
            return;
        };
        job.waiters.insert(waiter);
        self.tell_latest(waiter, id);
        let Some(job) = self.jobs.get(id) else {
            return;
        };
        if job.ending.is_some() {
            self.settle_all(id);
        } else if job.activity == Activity::Idle {
            if job.rest_until > now {
                self.rest_again(now, id);
            } else {
                self.want_poll(now, id, Credential::Usual, Haste::News);
            }
        } else {
            self.requeue(now, id);
        }
        self.look_before_deadline(now, id);
    }

    /// Tells what is known already to one who begins to wait.
    pub(super) fn tell_latest(&mut self, waiter: WaiterId, id: &Rc<str>) {
        let wants_progress = self.waiters.get(&waiter).is_some_and(|it| it.progress);
        let latest = self.jobs.get(id).and_then(|job| job.follow.latest.clone());
        if let Some(snapshot) = latest.filter(|_| wants_progress) {
            self.commands
                .push_back(Command::Progress { waiter, snapshot });
        }
    }

    /// A pause that began before this deadline was known leaves room for a look before it, unless the
    /// server is in trouble.
    fn look_before_deadline(&mut self, now: Time, id: &Rc<str>) {
        let deadline = self.nearest_deadline(id);
        let Some(job) = self.jobs.get_mut(id) else {
            return;
        };
        if matches!(job.activity, Activity::Resting { .. }) && job.follow.failures() == 0 {
            let pause = job.rest_until.since(now);
            let until = now.after(before_deadline(pause, now, deadline));
            if until < job.rest_until {
                let timer = (job.rest_until, Timer::Rest(Rc::clone(id)));
                job.rest_until = until;
                self.timers.remove(&timer);
                self.timers.insert((until, timer.1));
            }
        }
    }

    pub(super) fn send_poll(&mut self, now: Time, id: &Rc<str>, credential: Credential) {
        let deadline = if self.is_overdue(id) {
            // What is late already leaves no time for the server to hold a poll.
            now
        } else {
            self.nearest_deadline(id)
        };
        let exchange = self.last_exchange.wrapping_add(1);
        self.becomes(id, Activity::Polling(exchange));
        let share = self.scheduler.share();
        let Some(job) = self.jobs.get_mut(id) else {
            return;
        };
        let mut poll = job.follow.next_poll(now, deadline, &self.style);
        poll.hold = poll.hold.map(|hold| hold.min(share.unwrap_or(hold)));
        poll.hold = poll.hold.filter(|hold| *hold > 0);
        let target = poll.target(&job.follow.id);
        let cut_at = now.after(poll.cut_after());
        let exchange = self.open(
            now,
            Owner::Job(Rc::clone(id)),
            cut_at,
            credential,
            Some(poll),
        );
        self.commands.push_back(Command::SendPoll {
            exchange,
            target,
            credential,
        });
    }

    pub(super) fn poll_result(
        &mut self,
        now: Time,
        id: &Rc<str>,
        poll: &Poll,
        waited: Millis,
        result: Result<&Answer, &SendFailure>,
    ) {
        self.becomes(id, Activity::Idle);
        let Some(job) = self.jobs.get_mut(id) else {
            return;
        };
        job.seen_at = Some(now);
        job.alone = false;
        job.answers = job.answers.wrapping_add(1);
        let verdict = self.judge(now, id, |follow, context| match result {
            Ok(answer) => follow.answered(poll, waited, answer, context),
            Err(failure) => follow.unanswered(poll, waited, failure, context),
        });
        if let Some(verdict) = verdict {
            self.count_poll(verdict.news);
            self.go_on(now, id, verdict);
        }
    }

    /// Lends a job what it needs to judge what was learned of it.
    pub(super) fn judge(
        &mut self,
        now: Time,
        id: &Rc<str>,
        judge: impl FnOnce(&mut Follow, &mut Context<'_>) -> Verdict,
    ) -> Option<Verdict> {
        let deadline = self.nearest_deadline(id);
        let job = self.jobs.get_mut(id)?;
        let mut context = Context {
            now,
            deadline,
            style: &mut self.style,
            retry: &self.config.retry,
            jitter: &mut self.jitter,
            offline: self.offline,
        };
        Some(judge(&mut job.follow, &mut context))
    }

    pub(super) fn count_poll(&mut self, brought_news: bool) {
        if !brought_news {
            self.stats.empty_polls = self.stats.empty_polls.saturating_add(1);
        }
    }

    /// Does what an answer led to.
    pub(super) fn go_on(&mut self, now: Time, id: &Rc<str>, verdict: Verdict) {
        let failures = self.jobs.get(id).map_or(0, |job| job.follow.failures());
        if verdict.news {
            self.publish(id);
        }
        let pause = match verdict.next {
            Next::Poll => None,
            Next::Rest(pause) => Some((pause, Report::of_job(ReportKind::Pause, id))),
            Next::Cool(pause) => Some((pause, Report::of_job(ReportKind::HotLoop, id))),
            Next::Retry(delay) => {
                self.retry(now, id, delay, failures);
                None
            }
            Next::End(ending) => return self.end(id, Some(ending)),
            Next::GiveUp(trouble) => {
                self.tell_failure(id);
                return self.tell_all(id, &Err(trouble));
            }
        };
        let poll_now = matches!(verdict.next, Next::Poll);
        if let Some((pause, report)) = pause {
            self.rest(now, id, pause);
            self.report(|_| Some(report.delayed(pause)));
        }
        if verdict.looked {
            self.expire_overdue(id);
        }
        if poll_now && self.jobs.get(id).is_some_and(Job::is_wanted) {
            let haste = if verdict.news {
                Haste::News
            } else {
                Haste::Usual
            };
            self.want_poll(now, id, Credential::Usual, haste);
        }
    }

    /// Polls again after a pause, since something failed.
    pub(super) fn retry(&mut self, now: Time, id: &Rc<str>, delay: Millis, failures: u32) {
        self.stats.retries = self.stats.retries.saturating_add(1);
        self.rest(now, id, delay);
        self.report(|_| {
            let report = Report::of_job(ReportKind::Retry, id).after_failures(failures);
            Some(report.delayed(delay))
        });
    }

    pub(super) fn rest(&mut self, now: Time, id: &Rc<str>, pause: Millis) {
        let until = now.after(pause);
        if let Some(job) = self.jobs.get_mut(id) {
            job.rest_until = until;
            self.rest_again(now, id);
        }
    }

    /// The job is over: nothing more is asked, and everybody is told, now and later.
    pub(super) fn end(&mut self, id: &Rc<str>, ending: Option<Ending>) {
        self.stop_polling(id);
        let is_gone = matches!(ending, Some(Ending::Gone(_)));
        if let Some(job) = self.jobs.get_mut(id) {
            job.ending = ending;
        }
        if is_gone {
            self.tell_failure(id);
        }
        self.settle_all(id);
        self.leave_remote(id);
    }

    /// Goes on with a pause that somebody left.
    pub(super) fn rest_again(&mut self, now: Time, id: &Rc<str>) {
        if let Some(until) = self.jobs.get(id).map(|job| job.rest_until) {
            let away = until.since(now) > ROUND;
            self.becomes(id, Activity::Resting { away });
            self.timers.insert((until, Timer::Rest(Rc::clone(id))));
        }
    }

    pub(super) fn settle_all(&mut self, id: &Rc<str>) {
        if let Some(result) = self.result_of(id) {
            self.tell_all(id, &result);
        }
    }

    /// How a wait for the job ends now, if it has ended.
    pub(super) fn ending_of(&self, id: &Rc<str>) -> Option<Outcome> {
        let result = self.result_of(id)?;
        Some(result.map_or_else(Outcome::Failed, Outcome::Job))
    }

    fn result_of(&self, id: &Rc<str>) -> Option<Result<Rc<Snapshot>, Trouble>> {
        Some(match self.jobs.get(id)?.ending.as_ref()? {
            Ending::Over(job) if job.state.phase() == Phase::Failed => {
                Err(Trouble::job_failed(job))
            }
            Ending::Over(job) => Ok(Rc::clone(job)),
            Ending::Gone(trouble) => Err(trouble.clone()),
        })
    }

    /// Ends every wait for a job in one way.
    pub(super) fn tell_all(&mut self, id: &Rc<str>, result: &Result<Rc<Snapshot>, Trouble>) {
        let waiters = match self.jobs.get_mut(id) {
            Some(job) => std::mem::take(&mut job.waiters),
            None => return,
        };
        for waiter in waiters {
            let outcome = match (result.clone(), self.accepted_of(waiter)) {
                (Ok(job), Some(accepted)) => Outcome::Done {
                    accepted,
                    job: Some(job),
                },
                (Ok(job), None) => Outcome::Job(job),
                (Err(trouble), Some(accepted)) => Outcome::Failed(with_request(trouble, &accepted)),
                (Err(trouble), None) => Outcome::Failed(trouble),
            };
            self.settle(waiter, outcome);
        }
        self.forget_if_unused(id);
    }

    pub(super) fn publish(&mut self, id: &Rc<str>) {
        self.report_state(id);
        self.tell_record(id);
        let Some(job) = self.jobs.get(id) else { return };
        let Some(snapshot) = &job.follow.latest else {
            return;
        };
        for waiter in &job.waiters {
            if self.waiters.get(waiter).is_some_and(|it| it.progress) {
                let snapshot = Rc::clone(snapshot);
                self.commands.push_back(Command::Progress {
                    waiter: *waiter,
                    snapshot,
                });
            }
        }
    }

    /// The nearest deadline of those who wait for the job, but for those whose time is over already. One
    /// that is too near for a long poll counts only where there is no other: it must not slow those down
    /// who wait for longer, and hears of what their poll brings.
    pub(super) fn nearest_deadline(&self, id: &Rc<str>) -> Time {
        let deadlines = self.waiters_of(id).filter(|waiter| !waiter.overdue);
        let (mut near, mut far) = (None, None);
        for deadline in deadlines.map(|waiter| waiter.deadline) {
            let nearest = if deadline.since(self.now) < LAST_LOOK {
                &mut near
            } else {
                &mut far
            };
            *nearest = Some(nearest.map_or(deadline, |it: Time| it.min(deadline)));
        }
        far.or(near).unwrap_or(Time(Millis::MAX))
    }

    pub(super) fn is_overdue(&self, id: &Rc<str>) -> bool {
        self.waiters_of(id).any(|waiter| waiter.overdue)
    }

    fn waiters_of(&self, id: &Rc<str>) -> impl Iterator<Item = &Waiter> {
        let waiters = self.jobs.get(id).map(|job| &job.waiters);
        waiters
            .into_iter()
            .flatten()
            .filter_map(|waiter| self.waiters.get(waiter))
    }

    pub(super) fn accepted_of(&self, waiter: WaiterId) -> Option<Rc<Accepted>> {
        match &self.waiters.get(&waiter)?.goal {
            Goal::JobEnd { accepted, .. } => accepted.clone(),
            _ => None,
        }
    }

    /// Nobody waits any more: what is open is ended, pauses stay in force.
    pub(super) fn stop_polling(&mut self, id: &Rc<str>) {
        match self.becomes(id, Activity::Idle) {
            Activity::Queued(turn, _) => self.scheduler.leave(&turn),
            Activity::Polling(exchange) => self.leave_exchange(id, exchange),
            Activity::Resting { .. } => {
                if let Some(job) = self.jobs.get(id) {
                    self.timers
                        .remove(&(job.rest_until, Timer::Rest(Rc::clone(id))));
                }
            }
            Activity::AwaitingCredential | Activity::Listening | Activity::Idle => {}
        }
    }

    pub(super) fn forget_if_unused(&mut self, id: &Rc<str>) {
        if self
            .jobs
            .get(id)
            .is_some_and(|job| !job.is_wanted() && job.attached == 0)
        {
            self.stop_polling(id);
            self.jobs.remove(id);
        }
    }
}

impl Job {
    /// Whether anybody wants to hear of it, in this tab or in another.
    pub(super) fn is_wanted(&self) -> bool {
        !self.waiters.is_empty() || self.wanted_at.is_some()
    }
}
