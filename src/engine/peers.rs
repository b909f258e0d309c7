//! One poller for all tabs and workers of an origin: the one that leads polls for those that follow.
//!
//! Who leads is for the surroundings to say: whoever holds a lock that all of them ask for. Messages go
//! to everybody at once and may be lost, so each is either repeated or can be missed without harm, and a
//! follower that hears nothing for a while polls for itself. Nothing is taken on trust but records of
//! jobs, which go the same way as those in an answer.

use super::io::{Credential, Output};
use super::state::{Activity, Engine, Job, JobKey};
use super::timers::Timer;
use crate::engine::poller::{NextStep, Observation};
use crate::engine::protocol::json::{Json, Kind};
use crate::engine::protocol::record::Snapshot;
use crate::engine::protocol::text::joined;
use crate::engine::protocol::url::{JobId, encode, percent_decode};
use crate::engine::scheduler::Priority;
use crate::engine::time::{Millis, Time};

/// The leader says that it is alive, and followers what they want, once in so long.
const BEAT: Millis = 2_000;
/// A follower that has not heard the leader for so long polls for itself.
const SILENCE: Millis = 7_000;
/// The leader polls for others so long after they last said that they want it.
const WANTED: Millis = 10_000;
/// More jobs than this in one message are no message of ours.
const MOST_IN_A_MESSAGE: usize = 1_000;

/// What this engine is among those that share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It shares with nobody.
    Alone,
    /// It leaves the polling to the leader, last heard then, unless that has fallen silent.
    Follows {
        heard_at: Time,
        silent: bool,
        /// There was a leader: whoever follows it takes over its polls.
        met: bool,
    },
    /// It polls for all.
    Leads,
}

impl Engine {
    /// The lock is ours, or no longer.
    pub(super) fn lead(&mut self, leads: bool) {
        if self.role == Role::Alone {
            return;
        }
        if leads {
            if let Role::Follows { met: true, .. } = self.role {
                self.scheduler.takes_over(self.now);
            }
            self.role = Role::Leads;
            self.tell(&[r#"{"v":1,"who":1}"#]);
            for key in self.jobs_that(Job::listens) {
                self.schedule_poll(key, Credential::Usual, Priority::Immediate);
            }
        } else {
            self.role = Role::Follows {
                heard_at: self.now,
                silent: false,
                met: false,
            };
            for key in self.jobs_that(Job::is_remote) {
                self.leave_remote(key);
            }
        }
        self.set_beat();
    }

    /// Leaves the polling of a job to the leader. False if there is none to rely on.
    pub(super) fn listen(&mut self, key: JobKey, priority: Priority) -> bool {
        let Role::Follows {
            heard_at,
            silent,
            met,
        } = &mut self.role
        else {
            return false;
        };
        let (silent, met) = (*silent, *met);
        if self.beats_at.is_never() && !silent {
            // Nobody was listened to before: the leader has its time to answer from now on.
            *heard_at = self.now;
        }
        let own = self.jobs.row(key).is_none_or(|job| job.own);
        // Before anybody has answered, a wait that is short must not end without a look.
        let short = !met && self.nearest_deadline(key).since(self.now) < SILENCE;
        let listens = !silent && !own && !short && priority != Priority::Overdue;
        if listens {
            self.set_activity(key, Activity::Listening);
            self.tell_wants(&[key], true);
        }
        self.set_beat();
        listens
    }

    /// Somebody of the origin said something.
    pub(super) fn heard(&mut self, text: &str) {
        let Ok(message) = Json::parse(text) else {
            return;
        };
        if self.role == Role::Alone || message.member("v").map(Json::source) != Some("1") {
            return;
        }
        if let Some(wanted) = message.member("want") {
            if self.role == Role::Leads {
                self.wanted(wanted, message.member("new").is_some());
            }
        } else if message.member("ask").is_some() {
            if self.role == Role::Leads {
                self.tell(&[ALIVE]);
            }
        } else if message.member("who").is_some() {
            self.heard_leader();
            self.say_what_is_wanted();
        } else if message.member("alive").is_some() {
            self.heard_leader();
            self.set_beat();
        } else if let Some(id) = message.member("id").and_then(job_id) {
            self.heard_leader();
            let key = self.find(&id);
            match (self.activity(key), message.member("record")) {
                (Activity::Listening, None) => self.poll_for_ourselves(key),
                (Activity::Listening, Some(record)) => self.heard_record(key, &id, record),
                // The last words of the leader before us may come after its lock.
                (Activity::Queued, Some(record)) if self.scheduler.is_taking_over(self.now) => {
                    self.heard_record(key, &id, record);
                }
                _ => {}
            }
        }
    }

    /// A change was seen, which those who follow may want to hear of.
    pub(super) fn tell_record(&mut self, key: JobKey) {
        if let Some(job) = self.jobs.row(key).filter(|job| job.is_remote())
            && let Some(snapshot) = job.poller.latest.clone()
        {
            let id = encoded(&job.poller.id);
            self.tell(&[OF_JOB, &id, r#"","record":"#, snapshot.raw(), "}"]);
        }
    }

    /// We cannot say how it ended; each has to see for itself.
    pub(super) fn tell_failure(&mut self, key: JobKey) {
        if let Some(job) = self.jobs.row(key).filter(|job| job.is_remote()) {
            let id = encoded(&job.poller.id);
            self.tell(&[OF_JOB, &id, r#""}"#]);
            self.leave_remote(key);
        }
    }

    pub(super) fn beat(&mut self) {
        self.beats_at = Time::NEVER;
        match self.role {
            Role::Alone => {}
            Role::Leads => {
                for key in self.jobs_that(Job::is_remote) {
                    let wanted_at = self.jobs.row(key).and_then(|job| job.wanted_at);
                    if wanted_at.is_some_and(|at| self.now.since(at) >= WANTED) {
                        self.leave_remote(key);
                    }
                }
                if self.has_job_that(Job::is_remote) {
                    self.tell(&[ALIVE]);
                }
            }
            Role::Follows { heard_at, met, .. } => {
                // A leader answers at once when it is told for the first time what is wanted.
                let preempt_after = if met { SILENCE } else { BEAT };
                if self.now.since(heard_at) >= preempt_after {
                    self.role = Role::Follows {
                        heard_at,
                        silent: true,
                        met,
                    };
                    for key in self.jobs_that(Job::listens) {
                        self.set_activity(key, Activity::Idle);
                        self.schedule_poll(key, Credential::Usual, Priority::Immediate);
                    }
                    self.tell(&[r#"{"v":1,"ask":1}"#]);
                }
                self.say_what_is_wanted();
            }
        }
        self.set_beat();
    }

    /// After the machine slept or the page was away, the leader has its time again.
    pub(super) fn listen_again(&mut self) {
        self.give_time();
        self.say_what_is_wanted();
    }

    /// Nobody is polled for any more.
    pub(super) fn leave_all_remote(&mut self) {
        for key in self.jobs_that(Job::is_remote) {
            self.leave_remote(key);
        }
        self.unset_beat();
    }

    fn wanted(&mut self, wanted: Json<'_>, is_new: bool) {
        self.tell(&[ALIVE]);
        for id in wanted.elements().take(MOST_IN_A_MESSAGE).filter_map(job_id) {
            let key = self.job(&id);
            let Some(job) = self.jobs.row_mut(key) else {
                continue;
            };
            if job.wanted_at.replace(self.now).is_none() || is_new {
                self.tell_record(key);
            }
            let Some(job) = self.jobs.row(key) else {
                continue;
            };
            if job.terminal.is_some() {
                self.leave_remote(key);
            } else if job.activity == Activity::Idle {
                if job.rest_until > self.now {
                    self.rest_again(key);
                } else {
                    self.schedule_poll(key, Credential::Usual, Priority::Immediate);
                }
            }
        }
        self.set_beat();
    }

    fn heard_leader(&mut self) {
        self.give_time();
        if let Role::Follows { met, .. } = &mut self.role {
            *met = true;
        }
    }

    fn give_time(&mut self) {
        if let Role::Follows {
            heard_at, silent, ..
        } = &mut self.role
        {
            (*heard_at, *silent) = (self.now, false);
        }
    }

    fn heard_record(&mut self, key: JobKey, id: &JobId, record: Json<'_>) {
        let Some(snapshot) = Snapshot::read(id.text(), record, None) else {
            return;
        };
        let Some(decision) = self.decide(key, Observation::Record(snapshot)) else {
            return;
        };
        if decision.changed {
            self.publish(key);
        }
        if let NextStep::End(terminal) = decision.next {
            self.end(key, terminal);
        } else {
            self.expire_overdue(key);
        }
    }

    fn poll_for_ourselves(&mut self, key: JobKey) {
        if let Some(job) = self.jobs.row_mut(key) {
            job.own = true;
            self.schedule_poll(key, Credential::Usual, Priority::Immediate);
        }
    }

    fn say_what_is_wanted(&mut self) {
        for some in self.jobs_that(Job::listens).chunks(MOST_IN_A_MESSAGE) {
            self.tell_wants(some, false);
        }
    }

    /// Tells the leader that these jobs are wanted; `new` if nothing was heard yet of what is known of them.
    fn tell_wants(&mut self, keys: &[JobKey], new: bool) {
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
        self.tell(&[r#"{"v":1,"#, new, r#""want":[""#, &ids, r#""]}"#]);
    }

    pub(super) fn leave_remote(&mut self, key: JobKey) {
        let Some(job) = self.jobs.row_mut(key) else {
            return;
        };
        job.wanted_at = None;
        if !self.is_wanted(key) {
            self.stop_polling(key);
        }
        self.forget_if_unused(key);
    }

    /// Sets the next beat, if there is one to come and none is set.
    fn set_beat(&mut self) {
        if !self.beats_at.is_never() {
            return;
        }
        let needed = match self.role {
            Role::Alone => false,
            Role::Leads => self.has_job_that(Job::is_remote),
            Role::Follows { silent, .. } => silent || self.has_job_that(Job::listens),
        };
        if needed {
            self.beats_at = self.now.after(BEAT);
            self.set_timer(self.beats_at, Timer::Beat, 0);
        }
    }

    pub(super) fn unset_beat(&mut self) {
        self.unset_timer(self.beats_at, Timer::Beat, 0);
        self.beats_at = Time::NEVER;
    }

    fn tell(&mut self, parts: &[&str]) {
        let message = joined(parts);
        self.command(Output::Broadcast { message });
    }
}

impl Job {
    /// Another tab wants to hear of it.
    fn is_remote(&self) -> bool {
        self.wanted_at.is_some()
    }

    /// It is left to another tab.
    fn listens(&self) -> bool {
        self.activity == Activity::Listening
    }
}

const ALIVE: &str = r#"{"v":1,"alive":1}"#;

const OF_JOB: &str = r#"{"v":1,"id":""#;

/// Percent-encoded, so that nothing in it means anything in JSON.
fn encoded(id: &JobId) -> String {
    let mut out = String::new();
    encode(id.text(), b"", &mut out);
    out
}

fn job_id(value: Json<'_>) -> Option<JobId> {
    let text = value.text().filter(|_| value.kind() == Kind::String)?;
    JobId::new(&percent_decode(&text)?).ok()
}
