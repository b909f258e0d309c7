//! One poller for all tabs and workers of an origin: the leader polls, and the followers receive its records.
//!
//! The leader is the tab that holds a lock. Messages are broadcast and may get lost, so each one is repeated
//! or harmless to lose. A follower that receives nothing for [`LEADER_TIMEOUT`] polls for itself.

use std::time::Duration;

use super::time::Time;

/// How often the leader sends `Alive` and followers send their interest.
pub(super) const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(2);
/// After this time without a message from the leader, a follower polls for itself.
pub(super) const LEADER_TIMEOUT: Duration = Duration::from_secs(7);
/// How long the leader polls for other tabs after they last sent their interest.
pub(super) const INTEREST_TTL: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Peers {
    role: Role,
    /// When the next heartbeat is due.
    next_heartbeat: Option<Time>,
}

/// The role of this engine among the tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It does not share polls.
    Standalone,
    Follower(KnownLeader),
    Leader,
}

/// What a follower knows about its leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct KnownLeader {
    last_message_at: Option<Time>,
    /// No message for too long.
    pub(super) is_silent: bool,
    /// At least one message arrived. If this tab becomes the leader, polls of the old leader may still be
    /// open.
    pub(super) was_seen: bool,
    /// The timeout was restarted after a sleep, and no message arrived since.
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

    /// Sets when the next heartbeat is due and returns the previous time.
    pub(super) fn set_next_heartbeat(&mut self, at: Option<Time>) -> Option<Time> {
        std::mem::replace(&mut self.next_heartbeat, at)
    }

    pub(super) fn is_leader(&self) -> bool {
        self.role == Role::Leader
    }

    /// Becomes the leader. True if polls of a previous leader may still be open.
    pub(super) fn lead(&mut self) -> bool {
        let before = std::mem::replace(&mut self.role, Role::Leader);
        matches!(before, Role::Follower(leader) if leader.was_seen)
    }

    /// Stops sharing.
    pub(super) fn stand_alone(&mut self) {
        self.role = Role::Standalone;
    }

    pub(super) fn follow(&mut self, now: Time) {
        self.role = Role::Follower(KnownLeader {
            last_message_at: Some(now),
            ..KnownLeader::default()
        });
    }

    /// The leader to delegate polls to; `None` if this tab is not a follower. A follower without delegated
    /// jobs expects no messages, so the leader's timeout starts now.
    pub(super) fn leader_to_rely_on(&mut self, now: Time) -> Option<KnownLeader> {
        let Role::Follower(leader) = &mut self.role else {
            return None;
        };
        if self.next_heartbeat.is_none() && !leader.is_silent {
            leader.last_message_at = Some(now);
        }
        Some(*leader)
    }

    pub(super) fn on_leader_message(&mut self, now: Time) {
        if let Role::Follower(leader) = &mut self.role {
            *leader = KnownLeader {
                last_message_at: Some(now),
                was_seen: true,
                ..KnownLeader::default()
            };
        }
    }

    /// Restarts the leader's timeout after a sleep, because no message could arrive. This happens once, since
    /// the timers of a hidden tab are always late.
    pub(super) fn renew_leader_timeout(&mut self, now: Time) {
        if let Role::Follower(leader) = &mut self.role
            && !leader.has_more_time
        {
            leader.last_message_at = Some(now);
            leader.is_silent = false;
            leader.has_more_time = true;
        }
    }

    /// Whether the leader has been silent for too long. The result is kept until its next message.
    pub(super) fn check_leader(&mut self, now: Time) -> bool {
        let Role::Follower(leader) = &mut self.role else {
            return false;
        };
        // A leader responds to the first announcement at once.
        let timeout = if leader.was_seen {
            LEADER_TIMEOUT
        } else {
            HEARTBEAT_INTERVAL
        };
        let is_silent = leader
            .last_message_at
            .is_none_or(|at| now.since(at) >= timeout);
        leader.is_silent |= is_silent;
        is_silent
    }
}
