//! One poller for all tabs and workers of an origin: the one that leads polls for those that follow.
//!
//! Who leads is for the surroundings to say: whoever holds a lock that all of them ask for. Messages go
//! to everybody at once and may be lost, so each is either repeated or can be missed without harm, and a
//! follower that hears nothing for a while polls for itself. Nothing is taken on trust but records of
//! jobs, which go the same way as those in an answer.

use std::rc::Rc;

use super::event::{Command, Credential};
use super::{Activity, Engine, Timer};
use crate::core::address::{JobId, encode, percent_decode};
use crate::core::follow::Next;
use crate::core::job::Snapshot;
use crate::core::json::{Json, Kind};
use crate::core::scheduler::Haste;
use crate::core::time::{Millis, Time};

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
    pub(super) fn lead(&mut self, now: Time, leads: bool) {
        if self.role == Role::Alone {
            return;
        }
        if leads {
            if let Role::Follows { met: true, .. } = self.role {
                self.scheduler.takes_over(now);
            }
            self.role = Role::Leads;
            self.tell(String::from(r#"{"v":1,"who":1}"#));
            for id in self.listening() {
                self.want_poll(now, &id, Credential::Usual, Haste::News);
            }
        } else {
            self.role = Role::Follows {
                heard_at: now,
                silent: false,
                met: false,
            };
            for id in self.remote() {
                self.leave_remote(&id);
            }
        }
        self.beat_from(now);
    }

    /// Leaves the polling of a job to the leader. False if there is none to rely on.
    pub(super) fn listen(&mut self, now: Time, id: &Rc<str>, haste: Haste) -> bool {
        let Role::Follows {
            heard_at,
            silent,
            met,
        } = &mut self.role
        else {
            return false;
        };
        let (silent, met) = (*silent, *met);
        if self.beats_at.is_none() && !silent {
            // Nobody was listened to before: the leader has its time to answer from now on.
            *heard_at = now;
        }
        let own = self.jobs.get(id).is_none_or(|job| job.own);
        // Before anybody has answered, a wait that is short must not end without a look.
        let short = !met && self.nearest_deadline(id).since(now) < SILENCE;
        if silent || own || short || haste == Haste::Overdue {
            self.beat_from(now);
            return false;
        }
        self.becomes(id, Activity::Listening);
        self.tell(want(std::slice::from_ref(id), true));
        self.beat_from(now);
        true
    }

    /// Somebody of the origin said something.
    pub(super) fn heard(&mut self, now: Time, text: &str) {
        let Ok(message) = Json::parse(text) else {
            return;
        };
        if self.role == Role::Alone || message.member("v").map(Json::source) != Some("1") {
            return;
        }
        if let Some(wanted) = message.member("want") {
            if self.role == Role::Leads {
                self.wanted(now, wanted, message.member("new").is_some());
            }
        } else if message.member("ask").is_some() {
            if self.role == Role::Leads {
                self.tell(String::from(ALIVE));
            }
        } else if message.member("who").is_some() {
            self.heard_leader(now);
            self.say_what_is_wanted();
        } else if message.member("alive").is_some() {
            self.heard_leader(now);
            self.beat_from(now);
        } else if let Some(id) = message.member("id").and_then(job_id) {
            self.heard_leader(now);
            match message.member("record") {
                Some(record) => self.heard_record(now, &id, record),
                None => self.poll_for_ourselves(now, id.text()),
            }
        }
    }

    /// A change was seen, which those who follow may want to hear of.
    pub(super) fn tell_record(&mut self, id: &Rc<str>) {
        let latest = self.remote_latest(id);
        if let Some(snapshot) = latest {
            self.tell(record(id, &snapshot.raw));
        }
    }

    /// We cannot say how it ended; each has to see for itself.
    pub(super) fn tell_failure(&mut self, id: &Rc<str>) {
        if self.jobs.get(id).is_some_and(|job| job.wanted_at.is_some()) {
            self.tell([r#"{"v":1,"id":""#, &encoded(id), r#""}"#].concat());
            self.leave_remote(id);
        }
    }

    pub(super) fn beat(&mut self, now: Time) {
        self.beats_at = None;
        match self.role {
            Role::Alone => {}
            Role::Leads => {
                for id in self.remote() {
                    let wanted_at = self.jobs.get(&id).and_then(|job| job.wanted_at);
                    if wanted_at.is_some_and(|at| now.since(at) >= WANTED) {
                        self.leave_remote(&id);
                    }
                }
                if !self.remote().is_empty() {
                    self.tell(String::from(ALIVE));
                }
            }
            Role::Follows { heard_at, met, .. } => {
                // A leader answers at once when it is told for the first time what is wanted.
                let patience = if met { SILENCE } else { BEAT };
                if now.since(heard_at) >= patience {
                    self.role = Role::Follows {
                        heard_at,
                        silent: true,
                        met,
                    };
                    for id in self.listening() {
                        self.becomes(&id, Activity::Idle);
                        self.want_poll(now, &id, Credential::Usual, Haste::News);
                    }
                    self.tell(String::from(r#"{"v":1,"ask":1}"#));
                }
                self.say_what_is_wanted();
            }
        }
        self.beat_from(now);
    }

    /// After the machine slept or the page was away, the leader has its time again.
    pub(super) fn listen_again(&mut self, now: Time) {
        self.give_time(now);
        self.say_what_is_wanted();
    }

    /// Nobody is polled for any more.
    pub(super) fn leave_all_remote(&mut self) {
        for id in self.remote() {
            self.leave_remote(&id);
        }
        self.unset_beat();
    }

    fn wanted(&mut self, now: Time, wanted: Json<'_>, is_new: bool) {
        self.tell(String::from(ALIVE));
        for id in wanted.elements().take(MOST_IN_A_MESSAGE).filter_map(job_id) {
            let job = self.job(&id);
            if job.wanted_at.replace(now).is_none() || is_new {
                self.tell_record(id.text());
            }
            let job = self.job(&id);
            if job.ending.is_some() {
                self.leave_remote(id.text());
            } else if job.activity == Activity::Idle {
                if job.rest_until > now {
                    self.rest_again(now, id.text());
                } else {
                    self.want_poll(now, id.text(), Credential::Usual, Haste::News);
                }
            }
        }
        self.beat_from(now);
    }

    fn heard_leader(&mut self, now: Time) {
        self.give_time(now);
        if let Role::Follows { met, .. } = &mut self.role {
            *met = true;
        }
    }

    fn give_time(&mut self, now: Time) {
        if let Role::Follows {
            heard_at, silent, ..
        } = &mut self.role
        {
            (*heard_at, *silent) = (now, false);
        }
    }

    fn heard_record(&mut self, now: Time, id: &JobId, record: Json<'_>) {
        let listens = |job: &super::Job| job.activity == Activity::Listening;
        if !self.jobs.get(id.text()).is_some_and(listens) {
            return;
        }
        let Some(snapshot) = Snapshot::read(id.text(), record) else {
            return;
        };
        let verdict = self.judge(now, id.text(), |follow, context| {
            follow.listed(snapshot, context)
        });
        let Some(verdict) = verdict else { return };
        if verdict.news {
            self.publish(id.text());
        }
        if let Next::End(ending) = verdict.next {
            self.end(id.text(), Some(ending));
        } else {
            self.expire_overdue(id.text());
        }
    }

    fn poll_for_ourselves(&mut self, now: Time, id: &Rc<str>) {
        let listens = |job: &&mut super::Job| job.activity == Activity::Listening;
        if let Some(job) = self.jobs.get_mut(id).filter(listens) {
            job.own = true;
            self.want_poll(now, id, Credential::Usual, Haste::News);
        }
    }

    fn say_what_is_wanted(&mut self) {
        let listening = self.listening();
        for some in listening.chunks(MOST_IN_A_MESSAGE) {
            self.tell(want(some, false));
        }
    }

    pub(super) fn leave_remote(&mut self, id: &Rc<str>) {
        let Some(job) = self.jobs.get_mut(id) else {
            return;
        };
        job.wanted_at = None;
        if job.waiters.is_empty() {
            self.stop_polling(id);
        }
        self.forget_if_unused(id);
    }

    fn remote_latest(&self, id: &Rc<str>) -> Option<Rc<Snapshot>> {
        let job = self.jobs.get(id).filter(|job| job.wanted_at.is_some())?;
        job.follow.latest.clone()
    }

    fn remote(&self) -> Vec<Rc<str>> {
        let jobs = self.jobs.iter().filter(|(_, job)| job.wanted_at.is_some());
        jobs.map(|(id, _)| Rc::clone(id)).collect()
    }

    fn listening(&self) -> Vec<Rc<str>> {
        let jobs = self
            .jobs
            .iter()
            .filter(|(_, job)| job.activity == Activity::Listening);
        jobs.map(|(id, _)| Rc::clone(id)).collect()
    }

    /// Sets the next beat, if there is one to come and none is set.
    fn beat_from(&mut self, now: Time) {
        if self.beats_at.is_some() {
            return;
        }
        let needed = match self.role {
            Role::Alone => false,
            Role::Leads => !self.remote().is_empty(),
            Role::Follows { silent, .. } => silent || !self.listening().is_empty(),
        };
        if needed {
            let at = now.after(BEAT);
            self.beats_at = Some(at);
            self.timers.insert((at, Timer::Beat));
        }
    }

    pub(super) fn unset_beat(&mut self) {
        if let Some(at) = self.beats_at.take() {
            self.timers.remove(&(at, Timer::Beat));
        }
    }

    fn tell(&mut self, message: String) {
        self.commands.push_back(Command::Tell { message });
    }
}

const ALIVE: &str = r#"{"v":1,"alive":1}"#;

/// `new` for those who have not heard yet what is known of the job.
fn want(ids: &[Rc<str>], new: bool) -> String {
    let ids: Vec<String> = ids.iter().map(|id| encoded(id)).collect();
    let head = if new {
        r#"{"v":1,"new":1,"want":[""#
    } else {
        r#"{"v":1,"want":[""#
    };
    [head, &ids.join(r#"",""#), r#""]}"#].concat()
}

fn record(id: &str, raw: &str) -> String {
    [r#"{"v":1,"id":""#, &encoded(id), r#"","record":"#, raw, "}"].concat()
}

/// Percent-encoded, so that nothing in it means anything in JSON.
fn encoded(id: &str) -> String {
    let mut out = String::new();
    encode(id, b"", &mut out);
    out
}

fn job_id(value: Json<'_>) -> Option<JobId> {
    let text = value.text().filter(|_| value.kind() == Kind::String)?;
    JobId::new(&percent_decode(&text)?).ok()
}
