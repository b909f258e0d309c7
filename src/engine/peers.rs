//! One poller for all tabs and workers of an origin: the one that leads polls for those that follow.
//!
//! Who leads is for the surroundings to say: whoever holds a lock that all of them ask for. Messages go
//! to everybody at once and may be lost, so each is either repeated or can be missed without harm, and a
//! follower that hears nothing for a while polls for itself. Nothing is taken on trust but records of
//! jobs, which go the same way as those in an answer.

use std::time::Duration;

use super::io::{Credential, Output};
use super::state::{Activity, Engine, Job, JobKey};
use super::timers::Timer;
use crate::engine::poller::{NextStep, Observation};
use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::record::Snapshot;
use crate::engine::protocol::url::{JobId, encode, percent_decode};
use crate::engine::scheduler::Priority;
use crate::engine::time::Time;

/// The leader says that it is alive, and followers what they want, once in so long.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(2);
/// A follower that has not heard the leader for so long polls for itself.
const LEADER_TIMEOUT: Duration = Duration::from_secs(7);
/// The leader polls for others so long after they last said that they want it.
const INTEREST_TTL: Duration = Duration::from_secs(10);
/// More jobs than this in one message are no message of ours.
const MOST_IN_A_MESSAGE: usize = 1_000;

/// What this engine is among those that share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It shares with nobody.
    Standalone,
    /// It leaves the polling to the leader, last heard then, unless that has fallen silent.
    Follower {
        heard_at: Time,
        silent: bool,
        /// There was a leader: whoever follows it takes over its polls.
        leader_seen: bool,
    },
    /// It polls for all.
    Leader,
}

impl Engine {
    /// The lock is ours, or no longer.
    pub(super) fn lead(&mut self, leads: bool) {
        if self.role == Role::Standalone {
            return;
        }
        if leads {
            if let Role::Follower {
                leader_seen: true, ..
            } = self.role
            {
                self.scheduler.takes_over(self.now);
            }
            self.role = Role::Leader;
            self.broadcast(&[r#"{"v":1,"who":1}"#]);
            for key in self.jobs_that(Job::is_delegated) {
                self.schedule_poll(key, Credential::Usual, Priority::Immediate);
            }
        } else {
            self.role = Role::Follower {
                heard_at: self.now,
                silent: false,
                leader_seen: false,
            };
            for key in self.jobs_that(Job::has_remote_waiters) {
                self.drop_remote_interest(key);
            }
        }
        self.schedule_heartbeat();
    }

    /// Leaves the polling of a job to the leader. False if there is none to rely on.
    pub(super) fn delegate(&mut self, key: JobKey, priority: Priority) -> bool {
        let Role::Follower {
            heard_at,
            silent,
            leader_seen,
        } = &mut self.role
        else {
            return false;
        };
        let (silent, leader_seen) = (*silent, *leader_seen);
        if self.next_heartbeat.is_none() && !silent {
            // Nobody was listened to before: the leader has its time to answer from now on.
            *heard_at = self.now;
        }
        let polled_locally = self.jobs.row(key).is_none_or(|job| job.polled_locally);
        // Before anybody has answered, a wait that is short must not end without a look.
        let short = !leader_seen
            && self
                .nearest_deadline(key)
                .is_some_and(|deadline| deadline.since(self.now) < LEADER_TIMEOUT);
        let is_delegated = !silent && !polled_locally && !short && priority != Priority::Overdue;
        if is_delegated {
            self.set_activity(key, Activity::Delegated);
            self.announce(&[key], true);
        }
        self.schedule_heartbeat();
        is_delegated
    }

    /// Somebody of the origin said something.
    pub(super) fn on_message(&mut self, text: &str) {
        let Ok(message) = Json::parse(text) else {
            return;
        };
        if self.role == Role::Standalone || message.member("v").map(Json::source) != Some("1") {
            return;
        }
        if let Some(wanted) = message.member("want") {
            if self.role == Role::Leader {
                self.wanted(wanted, message.member("new").is_some());
            }
        } else if message.member("ask").is_some() {
            if self.role == Role::Leader {
                self.broadcast(&[ALIVE]);
            }
        } else if message.member("who").is_some() {
            self.on_leader_message();
            self.announce_interest();
        } else if message.member("alive").is_some() {
            self.on_leader_message();
            self.schedule_heartbeat();
        } else if let Some(id) = message.member("id").and_then(job_id) {
            self.on_leader_message();
            let key = self.find(&id);
            match (self.activity(key), message.member("record")) {
                (Activity::Delegated, None) => self.poll_locally(key),
                (Activity::Delegated, Some(record)) => self.on_peer_record(key, &id, record),
                // The last words of the leader before us may come after its lock.
                (Activity::Queued, Some(record)) if self.scheduler.is_taking_over(self.now) => {
                    self.on_peer_record(key, &id, record);
                }
                _ => {}
            }
        }
    }

    /// A change was seen, which those who follow may want to hear of.
    pub(super) fn broadcast_record(&mut self, key: JobKey) {
        if let Some(job) = self.jobs.row(key).filter(|job| job.has_remote_waiters())
            && let Some(snapshot) = job.poller.latest.clone()
        {
            let id = encoded(&job.poller.id);
            self.broadcast(&[OF_JOB, &id, r#"","record":"#, snapshot.raw(), "}"]);
        }
    }

    /// We cannot say how it ended; each has to see for itself.
    pub(super) fn broadcast_unknown(&mut self, key: JobKey) {
        if let Some(job) = self.jobs.row(key).filter(|job| job.has_remote_waiters()) {
            let id = encoded(&job.poller.id);
            self.broadcast(&[OF_JOB, &id, r#""}"#]);
            self.drop_remote_interest(key);
        }
    }

    pub(super) fn heartbeat(&mut self) {
        self.next_heartbeat = None;
        match self.role {
            Role::Standalone => {}
            Role::Leader => {
                for key in self.jobs_that(Job::has_remote_waiters) {
                    let remote_interest_at =
                        self.jobs.row(key).and_then(|job| job.remote_interest_at);
                    if remote_interest_at.is_some_and(|at| self.now.since(at) >= INTEREST_TTL) {
                        self.drop_remote_interest(key);
                    }
                }
                if self.has_job_that(Job::has_remote_waiters) {
                    self.broadcast(&[ALIVE]);
                }
            }
            Role::Follower {
                heard_at,
                leader_seen,
                ..
            } => {
                // A leader answers at once when it is told for the first time what is wanted.
                let preempt_after = if leader_seen {
                    LEADER_TIMEOUT
                } else {
                    HEARTBEAT_INTERVAL
                };
                if self.now.since(heard_at) >= preempt_after {
                    self.role = Role::Follower {
                        heard_at,
                        silent: true,
                        leader_seen,
                    };
                    for key in self.jobs_that(Job::is_delegated) {
                        self.set_activity(key, Activity::Idle);
                        self.schedule_poll(key, Credential::Usual, Priority::Immediate);
                    }
                    self.broadcast(&[r#"{"v":1,"ask":1}"#]);
                }
                self.announce_interest();
            }
        }
        self.schedule_heartbeat();
    }

    /// After the machine slept or the page was away, the leader has its time again.
    pub(super) fn delegate_again(&mut self) {
        self.renew_leader_timeout();
        self.announce_interest();
    }

    /// Nobody is polled for any more.
    pub(super) fn drop_all_remote_interest(&mut self) {
        for key in self.jobs_that(Job::has_remote_waiters) {
            self.drop_remote_interest(key);
        }
        self.cancel_heartbeat();
    }

    fn wanted(&mut self, wanted: Json<'_>, is_new: bool) {
        self.broadcast(&[ALIVE]);
        for id in wanted.elements().take(MOST_IN_A_MESSAGE).filter_map(job_id) {
            let key = self.job(&id);
            let Some(job) = self.jobs.row_mut(key) else {
                continue;
            };
            if job.remote_interest_at.replace(self.now).is_none() || is_new {
                self.broadcast_record(key);
            }
            let Some(job) = self.jobs.row(key) else {
                continue;
            };
            if job.terminal.is_some() {
                self.drop_remote_interest(key);
            } else if job.activity == Activity::Idle {
                if job.not_before > self.now {
                    self.resume_pause(key);
                } else {
                    self.schedule_poll(key, Credential::Usual, Priority::Immediate);
                }
            }
        }
        self.schedule_heartbeat();
    }

    fn on_leader_message(&mut self) {
        self.renew_leader_timeout();
        if let Role::Follower { leader_seen, .. } = &mut self.role {
            *leader_seen = true;
        }
    }

    fn renew_leader_timeout(&mut self) {
        if let Role::Follower {
            heard_at, silent, ..
        } = &mut self.role
        {
            (*heard_at, *silent) = (self.now, false);
        }
    }

    fn on_peer_record(&mut self, key: JobKey, id: &JobId, record: Json<'_>) {
        let Some(snapshot) = Snapshot::read(&id.shared(), record) else {
            return;
        };
        let Some(decision) = self.decide(key, Observation::Record(snapshot)) else {
            return;
        };
        if decision.changed {
            self.notify_all(key);
        }
        if let NextStep::End(terminal) = decision.next {
            self.end(key, terminal);
        } else {
            self.expire_overdue(key);
        }
    }

    fn poll_locally(&mut self, key: JobKey) {
        if let Some(job) = self.jobs.row_mut(key) {
            job.polled_locally = true;
            self.schedule_poll(key, Credential::Usual, Priority::Immediate);
        }
    }

    fn announce_interest(&mut self) {
        for some in self.jobs_that(Job::is_delegated).chunks(MOST_IN_A_MESSAGE) {
            self.announce(some, false);
        }
    }

    /// Tells the leader that these jobs are wanted; `new` if nothing was heard yet of what is known of them.
    fn announce(&mut self, keys: &[JobKey], new: bool) {
        let mut ids = String::new();
        for key in keys {
            if let Some(job) = self.jobs.row(*key) {
                if !ids.is_empty() {
                    ids.push_str(r#"",""#);
                }
                ids.push_str(&encoded(&job.poller.id));
            }
        }
        let new = if new { r#""new":1,"# } else { "" };
        self.broadcast(&[r#"{"v":1,"#, new, r#""want":[""#, &ids, r#""]}"#]);
    }

    pub(super) fn drop_remote_interest(&mut self, key: JobKey) {
        let Some(job) = self.jobs.row_mut(key) else {
            return;
        };
        job.remote_interest_at = None;
        if !self.is_wanted(key) {
            self.stop_polling(key);
        }
        self.drop_if_unused(key);
    }

    /// Sets the next beat, if there is one to come and none is set.
    fn schedule_heartbeat(&mut self) {
        if self.next_heartbeat.is_some() {
            return;
        }
        let needed = match self.role {
            Role::Standalone => false,
            Role::Leader => self.has_job_that(Job::has_remote_waiters),
            Role::Follower { silent, .. } => silent || self.has_job_that(Job::is_delegated),
        };
        if needed {
            self.next_heartbeat = Some(self.now + HEARTBEAT_INTERVAL);
            self.set_timer(self.next_heartbeat, Timer::Heartbeat, 0);
        }
    }

    pub(super) fn cancel_heartbeat(&mut self) {
        self.unset_timer(self.next_heartbeat, Timer::Heartbeat, 0);
        self.next_heartbeat = None;
    }

    fn broadcast(&mut self, parts: &[&str]) {
        let message = parts.concat();
        self.command(Output::Broadcast { message });
    }
}

impl Job {
    /// Another tab wants to hear of it.
    fn has_remote_waiters(&self) -> bool {
        self.remote_interest_at.is_some()
    }

    /// It is left to another tab.
    fn is_delegated(&self) -> bool {
        self.activity == Activity::Delegated
    }
}

const ALIVE: &str = r#"{"v":1,"alive":1}"#;

const OF_JOB: &str = r#"{"v":1,"id":""#;

/// Percent-encoded, so that nothing in it means anything in JSON.
fn encoded(id: &JobId) -> String {
    encode(id.as_str()).to_string()
}

fn job_id(value: Json<'_>) -> Option<JobId> {
    let text = value.text().filter(|_| value.kind() == Kind::String)?;
    JobId::new(&percent_decode(&text)?).ok()
}
