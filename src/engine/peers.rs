//! One poller for all tabs and workers of an origin: the leader polls, the followers listen.
//!
//! The leader is the tab that holds a lock which all of them request; the runtime reports who that is.
//! Messages are broadcast and may get lost, so each one is either repeated or can be missed without harm.
//! A follower that hears nothing for a while polls for itself.

use std::time::Duration;

use super::time::Time;

/// How often the leader says that it is alive, and followers what they are interested in.
pub(super) const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(2);
/// A follower that has not heard the leader for this long polls for itself.
pub(super) const LEADER_TIMEOUT: Duration = Duration::from_secs(7);
/// The leader polls for other tabs for this long after they last announced their interest.
pub(super) const INTEREST_TTL: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Peers {
    role: Role,
    /// When the next heartbeat is due, if one is set.
    next_heartbeat: Option<Time>,
}

/// The part that this engine has among the tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It shares with no other tab.
    Standalone,
    Follower(KnownLeader),
    Leader,
}

/// What a follower knows of its leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct KnownLeader {
    heard_at: Option<Time>,
    /// It has not been heard for too long.
    pub(super) is_silent: bool,
    /// It has been heard at least once. If this tab becomes the leader, the polls of that one may still
    /// be open.
    pub(super) was_seen: bool,
    /// It got its time again after a sleep, and has not been heard since.
    has_more_time: bool,
}

impl Peers {
    pub(super) fn new(shared: bool) -> Self {
        Self {
            role: if shared {
                Role::Follower(KnownLeader::default())
            } else {
                Role::Standalone
            },
            next_heartbeat: None,
        }
    }

    pub(super) fn role(&self) -> Role {
        self.role
    }

    pub(super) fn next_heartbeat(&self) -> Option<Time> {
        self.next_heartbeat
    }

    /// Changes when the next heartbeat is due; gives the time before.
    pub(super) fn set_next_heartbeat(&mut self, at: Option<Time>) -> Option<Time> {
        std::mem::replace(&mut self.next_heartbeat, at)
    }

    pub(super) fn is_leader(&self) -> bool {
        self.role == Role::Leader
    }

    /// Takes the lead. True if another leader was heard before, whose polls may still be open.
    pub(super) fn lead(&mut self) -> bool {
        let before = std::mem::replace(&mut self.role, Role::Leader);
        matches!(before, Role::Follower(leader) if leader.was_seen)
    }

    /// There is nobody to share with.
    pub(super) fn stand_alone(&mut self) {
        self.role = Role::Standalone;
    }

    pub(super) fn follow(&mut self, now: Time) {
        self.role = Role::Follower(KnownLeader {
            heard_at: Some(now),
            ..KnownLeader::default()
        });
    }

    /// The leader to delegate polls to; `None` if this tab is not a follower. A follower that had nothing
    /// to delegate did not listen, so the leader's time starts now.
    pub(super) fn leader_to_rely_on(&mut self, now: Time) -> Option<KnownLeader> {
        let Role::Follower(leader) = &mut self.role else {
            return None;
        };
        if self.next_heartbeat.is_none() && !leader.is_silent {
            leader.heard_at = Some(now);
        }
        Some(*leader)
    }

    pub(super) fn on_leader_message(&mut self, now: Time) {
        if let Role::Follower(leader) = &mut self.role {
            *leader = KnownLeader {
                heard_at: Some(now),
                was_seen: true,
                ..KnownLeader::default()
            };
        }
    }

    /// Gives the leader its time again after a sleep, in which nothing could be heard: once, since the timers
    /// of a hidden tab are always as late as after a sleep.
    pub(super) fn renew_leader_timeout(&mut self, now: Time) {
        if let Role::Follower(leader) = &mut self.role
            && !leader.has_more_time
        {
            leader.heard_at = Some(now);
            leader.is_silent = false;
            leader.has_more_time = true;
        }
    }

    /// Whether the leader has been silent for too long, which is kept in mind until it is heard again.
    pub(super) fn check_leader(&mut self, now: Time) -> bool {
        let Role::Follower(leader) = &mut self.role else {
            return false;
        };
        // A leader answers the first announcement at once.
        let timeout = if leader.was_seen {
            LEADER_TIMEOUT
        } else {
            HEARTBEAT_INTERVAL
        };
        let is_silent = leader.heard_at.is_none_or(|at| now.since(at) >= timeout);
        leader.is_silent |= is_silent;
        is_silent
    }
}
