//! One poller for several tabs: the actions of the leader and its followers.

use crate::engine::ids::JobKey;
use crate::engine::io::{CredentialChoice, Output};
use crate::engine::job::{Activity, Job};
use crate::engine::peer_message::{MAX_JOBS, PeerMessage};
use crate::engine::peers::{HEARTBEAT_INTERVAL, INTEREST_TTL, LEADER_TIMEOUT, Role};
use crate::engine::poller::{NextStep, Observation, Terminal};
use crate::engine::protocol::json::Json;
use crate::engine::protocol::record::Record;
use crate::engine::protocol::url::JobId;
use crate::engine::scheduler::Priority;
use crate::engine::state::Engine;
use crate::engine::timers::Timer;

impl Engine {
    pub(in crate::engine) fn on_leader_changed(&mut self, leads: bool) {
        if self.peers.role() == Role::Standalone {
            return;
        }
        if leads {
            if self.peers.lead() {
                self.scheduler.take_over(self.now);
            }
            self.broadcast(&PeerMessage::NewLeader);
            for key in self.jobs.keys_where(Job::is_delegated) {
                self.schedule_poll(key, CredentialChoice::Usual, Priority::Immediate);
            }
        } else {
            self.peers.follow(self.now);
            self.drop_all_remote_interest();
        }
        self.schedule_heartbeat();
    }

    /// Tabs cannot share here, so this tab polls only for itself.
    pub(in crate::engine) fn on_not_shared(&mut self) {
        self.drop_all_remote_interest();
        self.peers.stand_alone();
        for key in self.jobs.keys_where(Job::is_delegated) {
            self.schedule_poll(key, CredentialChoice::Usual, Priority::Immediate);
        }
    }

    /// Delegates a job to the leader. False if this tab must poll it.
    pub(super) fn delegate(&mut self, key: JobKey, priority: Priority) -> bool {
        let Some(leader) = self.peers.leader_to_rely_on(self.now) else {
            return false;
        };
        let polled_locally = self.jobs.get(key).is_none_or(|job| job.polled_locally);
        let is_short = self
            .nearest_deadline(key)
            .is_some_and(|deadline| deadline.since(self.now) < LEADER_TIMEOUT);
        // A short wait needs a poll even if no leader has responded yet.
        let is_doubtful = leader.is_silent || (is_short && !leader.was_seen);
        let is_delegated = !is_doubtful && !polled_locally && priority != Priority::Overdue;
        if is_delegated {
            self.set_activity(key, Activity::Delegated);
            self.announce(&[key], true);
        }
        self.schedule_heartbeat();
        is_delegated
    }

    /// Another tab sent a message.
    pub(in crate::engine) fn on_peer_message(&mut self, text: &str) {
        if self.peers.role() == Role::Standalone {
            return;
        }
        match PeerMessage::parse(text) {
            Some(PeerMessage::Interest { jobs, is_new }) if self.peers.is_leader() => {
                self.on_interest(&jobs, is_new);
            }
            Some(PeerMessage::Ping) if self.peers.is_leader() => {
                self.broadcast(&PeerMessage::Alive);
            }
            Some(PeerMessage::NewLeader) => {
                self.peers.on_leader_message(self.now);
                self.announce_interest();
            }
            Some(PeerMessage::Alive) => {
                self.peers.on_leader_message(self.now);
                self.schedule_heartbeat();
            }
            Some(PeerMessage::Job { id, record }) => {
                self.peers.on_leader_message(self.now);
                self.on_peer_job(&id, record);
            }
            Some(PeerMessage::Interest { .. } | PeerMessage::Ping) | None => {}
        }
        // In a hidden tab timers are late but messages are not.
        if self.peers.next_heartbeat().is_some_and(|at| at <= self.now) {
            self.cancel_heartbeat();
            self.heartbeat();
        }
    }

    /// Broadcasts the latest record of a job if a follower wants it.
    pub(super) fn broadcast_record(&mut self, key: JobKey) {
        if let Some(job) = self.jobs.get(key).filter(|job| job.has_remote_waiters())
            && let Some(snapshot) = job.poller.latest.clone()
        {
            let id = job.poller.id.clone();
            let record = Some(snapshot.raw());
            self.broadcast(&PeerMessage::Job { id, record });
        }
    }

    /// Broadcasts that this tab does not know how a job ended, so that each follower polls it.
    pub(super) fn broadcast_unknown(&mut self, key: JobKey) {
        if let Some(job) = self.jobs.get(key).filter(|job| job.has_remote_waiters()) {
            let id = job.poller.id.clone();
            self.broadcast(&PeerMessage::Job { id, record: None });
            self.drop_remote_interest(key);
        }
    }

    pub(super) fn heartbeat(&mut self) {
        self.peers.set_next_heartbeat(None);
        match self.peers.role() {
            Role::Standalone => {}
            Role::Leader => {
                for key in self.jobs.keys_where(Job::has_remote_waiters) {
                    let interest_at = self.jobs.get(key).and_then(|job| job.remote_interest_at);
                    if interest_at.is_some_and(|at| self.now.since(at) >= INTEREST_TTL) {
                        self.drop_remote_interest(key);
                    }
                }
                if self.jobs.any(Job::has_remote_waiters) {
                    self.broadcast(&PeerMessage::Alive);
                }
            }
            Role::Follower(_) => {
                if self.peers.check_leader(self.now) {
                    for key in self.jobs.keys_where(Job::is_delegated) {
                        self.set_activity(key, Activity::Idle);
                        self.schedule_poll(key, CredentialChoice::Usual, Priority::Immediate);
                    }
                    self.broadcast(&PeerMessage::Ping);
                }
                self.announce_interest();
            }
        }
        self.schedule_heartbeat();
    }

    /// Restarts the leader's timeout after a sleep.
    pub(super) fn delegate_again(&mut self) {
        self.peers.renew_leader_timeout(self.now);
        self.announce_interest();
    }

    /// Stops polling for other tabs.
    pub(super) fn drop_all_remote_interest(&mut self) {
        for key in self.jobs.keys_where(Job::has_remote_waiters) {
            self.drop_remote_interest(key);
        }
        self.cancel_heartbeat();
    }

    /// A follower wants updates of these jobs.
    fn on_interest(&mut self, ids: &[JobId], is_new: bool) {
        self.broadcast(&PeerMessage::Alive);
        for id in ids {
            let key = self.jobs.find_or_insert(id);
            let Some(job) = self.jobs.get_mut(key) else {
                continue;
            };
            let is_first = job.remote_interest_at.replace(self.now).is_none();
            if matches!(job.terminal, Some(Terminal::Gone(_))) {
                // The last snapshot does not say how the job ended.
                self.broadcast_unknown(key);
                continue;
            }
            if is_first || is_new {
                self.broadcast_record(key);
            }
            let Some(job) = self.jobs.get(key) else {
                continue;
            };
            if job.terminal.is_some() {
                self.drop_remote_interest(key);
            } else if job.activity == Activity::Idle {
                if let Some(until) = job.pause_at(self.now) {
                    self.set_paused(key, until);
                } else {
                    self.schedule_poll(key, CredentialChoice::Usual, Priority::Immediate);
                }
            }
        }
        self.schedule_heartbeat();
    }

    fn on_peer_job(&mut self, id: &JobId, record: Option<&str>) {
        let Some(key) = self.jobs.find(id) else {
            return;
        };
        let is_gone = matches!(self.terminal_of(key), Some(Terminal::Gone(_)));
        match (self.activity(key), record) {
            // A record is newer than the "not found" response before it.
            (Activity::Idle, Some(record)) if is_gone => self.on_peer_record(key, id, record),
            (Activity::Delegated, None) => self.poll_locally(key),
            (Activity::Delegated, Some(record)) => self.on_peer_record(key, id, record),
            // The previous leader's last messages may arrive after this tab got the lock.
            (Activity::Queued { .. }, Some(record)) if self.scheduler.is_taking_over(self.now) => {
                self.on_peer_record(key, id, record);
            }
            _ => {}
        }
    }

    fn on_peer_record(&mut self, key: JobKey, id: &JobId, record: &str) {
        let Ok(record) = Json::parse(record) else {
            return;
        };
        let record = Record::read(record);
        if !record.is_of(id) {
            return;
        }
        let Some(snapshot) = record.snapshot(id.shared()) else {
            return;
        };
        if let Some(job) = self.jobs.get_mut(key) {
            job.terminal = None;
        }
        let Some(decision) = self.decide(key, Observation::Record(snapshot)) else {
            return;
        };
        if decision.changed {
            self.notify_all(key, None);
        }
        if let NextStep::End(terminal) = decision.next {
            self.end(key, terminal);
        } else {
            self.expire_overdue(key);
        }
    }

    fn poll_locally(&mut self, key: JobKey) {
        if let Some(job) = self.jobs.get_mut(key) {
            job.polled_locally = true;
            self.schedule_poll(key, CredentialChoice::Usual, Priority::Immediate);
        }
    }

    fn announce_interest(&mut self) {
        for keys in self.jobs.keys_where(Job::is_delegated).chunks(MAX_JOBS) {
            self.announce(keys, false);
        }
    }

    /// Broadcasts that this tab wants updates of these jobs.
    fn announce(&mut self, keys: &[JobKey], is_new: bool) {
        let jobs = keys.iter().filter_map(|key| self.jobs.get(*key));
        let jobs = jobs.map(|job| job.poller.id.clone()).collect();
        self.broadcast(&PeerMessage::Interest { jobs, is_new });
    }

    pub(super) fn drop_remote_interest(&mut self, key: JobKey) {
        let Some(job) = self.jobs.get_mut(key) else {
            return;
        };
        job.remote_interest_at = None;
        if !job.has_waiters() {
            self.stop_polling(key);
        }
        self.drop_if_unused(key);
    }

    /// Sets the heartbeat timer, if a heartbeat is needed and none is set.
    fn schedule_heartbeat(&mut self) {
        if self.peers.next_heartbeat().is_some() {
            return;
        }
        let is_needed = match self.peers.role() {
            Role::Standalone => false,
            Role::Leader => self.jobs.any(Job::has_remote_waiters),
            Role::Follower(leader) => leader.is_silent || self.jobs.any(Job::is_delegated),
        };
        if is_needed {
            let next = Some(self.now + HEARTBEAT_INTERVAL);
            self.peers.set_next_heartbeat(next);
            self.timers.set(next, Timer::Heartbeat);
        }
    }

    pub(super) fn cancel_heartbeat(&mut self) {
        let next = self.peers.set_next_heartbeat(None);
        self.timers.clear(next, Timer::Heartbeat);
    }

    fn broadcast(&mut self, message: &PeerMessage<'_>) {
        let message = message.write();
        self.output(Output::Broadcast { message });
    }
}
