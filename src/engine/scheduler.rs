//! Which job is polled when, where polls are scarce.
//!
//! A browser opens six connections to an origin, and the Deploy VM is a small machine: so at most so
//! many polls are open at once, the slots. While jobs fit in them each holds a long poll. When they
//! outnumber them the slots go round: each job has its turn once in a round, and a long poll lasts no
//! longer than its share of it.

use std::time::Duration;

use crate::engine::order::{Order, Pair, after, high_half, low_half, pair_up};
use crate::engine::time::{Time, whole_millis};

/// A round takes so long, if that makes no more than ten polls a second.
pub(super) const ROTATION_PERIOD: Duration = Duration::from_secs(5);
/// The time between two polls once jobs outnumber the slots.
const MIN_SPACING: Duration = Duration::from_millis(100);
/// A long poll that was asked to be longer than its share is now makes room so long after it.
const PREEMPT_AFTER: Duration = Duration::from_secs(1);
/// An abort takes a while to reach the server, and the slot is not free before.
const ABORT_GRACE: Duration = Duration::from_millis(100);
/// A job whose deadline is near is not looked at more often than this.
const NEAR_DEADLINE: Duration = Duration::from_secs(1);
/// The first time between two polls after a server said that it has too much to do.
const FIRST_LOAD: Duration = Duration::from_millis(250);
const MOST_LOAD: Duration = Duration::from_secs(1);
/// After so many seconds without such an answer the time between two polls is half.
const LOAD_HALVES: u64 = 10;

/// Who waits for a slot, and when the next one may go.
#[derive(Debug)]
pub(super) struct Scheduler {
    slots: usize,
    /// How many polls hold a slot.
    open: usize,
    /// Those of them that the server holds, by the time at which they were sent; with how long it was
    /// asked to hold them.
    held: Order,
    /// Until when the slots of aborted polls count as taken, one after the other.
    aborted: Vec<Time>,
    /// Until when the slots are those of another tab, which led before.
    taken_until: Time,
    /// Jobs that somebody waits for, but for those that are away for longer than a round.
    active: usize,
    /// When a turn is due; the order of coming, and the job.
    queue: Order,
    last_ticket: u32,
    /// How many jobs one poll asks for.
    per_poll: usize,
    last_sent: Option<Time>,
    backpressure: Duration,
    loaded_at: Time,
}

/// Why a job wants to be polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// A deadline passed in a sleep: before all others.
    Overdue,
    /// It was just submitted, or has just changed.
    Immediate,
    /// It is its turn again.
    Normal,
}

impl Scheduler {
    pub(super) fn new(slots: u32) -> Self {
        Self {
            slots: usize::try_from(slots).unwrap_or(usize::MAX),
            open: 0,
            held: Order::default(),
            aborted: Vec::new(),
            taken_until: Time::default(),
            active: 0,
            queue: Order::default(),
            last_ticket: 0,
            per_poll: 1,
            last_sent: None,
            backpressure: Duration::ZERO,
            loaded_at: Time::default(),
        }
    }

    /// A job became one that somebody waits for, or is one no longer.
    pub(super) fn count(&mut self, was_active: bool, is_active: bool) {
        match (was_active, is_active) {
            (false, true) => self.active = self.active.wrapping_add(1),
            (true, false) => self.active = self.active.saturating_sub(1),
            _ => {}
        }
    }

    /// A job queues for a slot. `seen_at` is when it last left one, `deadline` the nearest of those
    /// who wait for it.
    pub(super) fn queue(
        &mut self,
        now: Time,
        job: u32,
        priority: Priority,
        seen_at: Option<Time>,
        deadline: Option<Time>,
    ) -> Pair {
        self.last_ticket = self.last_ticket.wrapping_add(1);
        let round = self.round();
        let due = match (priority, seen_at) {
            (Priority::Overdue, _) => Time::default(),
            (Priority::Normal, Some(seen_at)) if self.is_crowded() => {
                let near = deadline.is_some_and(|deadline| deadline.since(now) <= round);
                seen_at + if near { NEAR_DEADLINE } else { round }
            }
            _ => now,
        };
        let turn = (due.as_millis(), pair_up(self.last_ticket, job));
        self.queue.insert(turn);
        turn
    }

    pub(super) fn leave(&mut self, turn: Pair) {
        self.queue.remove(turn);
    }

    /// The job whose turn it is now.
    pub(super) fn next(&mut self, now: Time) -> Option<u32> {
        self.aborted.retain(|until| *until > now);
        if self.is_full() || self.may_send_at(now)? > now {
            return None;
        }
        let turn = self.queue.first()?;
        self.leave(turn);
        Some(low_half(turn.1))
    }

    /// The turn that is next, and its job, if that is soon enough to go along with one whose turn it is.
    pub(super) fn peek_soon(&self, now: Time) -> Option<(Pair, u32)> {
        let soon = now + halved(self.round(), 1);
        let turn = self
            .queue
            .first()
            .filter(|(due, _)| *due <= soon.as_millis())?;
        Some((turn, low_half(turn.1)))
    }

    /// One poll asked for so many jobs, and was answered.
    pub(super) fn listed(&mut self, jobs: usize) {
        self.per_poll = self.per_poll.max(jobs);
    }

    /// Each job has to be asked for by itself.
    pub(super) fn unlisted(&mut self) {
        self.per_poll = 1;
    }

    /// When it may be somebody's turn although nothing else happens.
    pub(super) fn next_timeout(&self, now: Time) -> Option<Time> {
        let may_send_at = self.may_send_at(now)?;
        if !self.is_full() {
            return Some(may_send_at);
        }
        let outstays_at = self.too_long().map(|(at, _)| at + self.preempt_after());
        let aborted_at = self.aborted.first().copied();
        match aborted_at {
            Some(at) => Some(at.max(may_send_at)),
            None => outstays_at,
        }
    }

    /// The poll that has to make room for those who wait, if one has.
    pub(super) fn preemptible(&self, now: Time) -> Option<u32> {
        let (sent_at, exchange) = self.too_long()?;
        let waits = self.is_full() && self.queue.len() > 0;
        // One at a time: the slot of the last one is on its way.
        (waits && self.aborted.is_empty() && now.since(sent_at) >= self.preempt_after())
            .then_some(exchange)
    }

    /// The longest that a long poll may be held now, in seconds; `None` while there is room for all.
    pub(super) fn time_slice(&self) -> Option<u32> {
        if !self.is_crowded() {
            return None;
        }
        if self.per_poll > 1 && self.is_huge() {
            return Some(0);
        }
        let all = self.round().saturating_mul(count(self.slots));
        let share = all.checked_div(count(self.active))?;
        Some(u32::try_from(share.as_secs()).unwrap_or(u32::MAX))
    }

    /// Whether so many jobs are followed that many should be asked for at once: each by itself would be
    /// seen but for a moment, or too seldom.
    pub(super) fn wants_lists(&self) -> bool {
        self.time_slice() == Some(0) || self.is_huge()
    }

    /// A poll takes a slot; the server is asked to hold it for so many seconds, if for any.
    pub(super) fn sent(&mut self, now: Time, exchange: u32, hold: u32) {
        self.last_sent = Some(now);
        self.open = self.open.wrapping_add(1);
        if hold > 0 {
            self.held.insert((now.as_millis(), pair_up(exchange, hold)));
        }
    }

    /// A poll leaves its slot.
    pub(super) fn ended(&mut self, sent_at: Time, exchange: u32, hold: u32) {
        self.open = self.open.saturating_sub(1);
        self.held
            .remove((sent_at.as_millis(), pair_up(exchange, hold)));
    }

    /// A poll is aborted before its end.
    pub(super) fn aborts(&mut self, now: Time) {
        self.aborted.push(now + ABORT_GRACE);
    }

    /// The tab that led before is gone, and its polls with it, which the server has yet to hear of: each
    /// job is polled by one tab at a time.
    pub(super) fn takes_over(&mut self, now: Time) {
        self.taken_until = now + ABORT_GRACE;
    }

    /// Whether the polls of the tab that led before may still be open.
    pub(super) fn is_taking_over(&self, now: Time) -> bool {
        now < self.taken_until
    }

    /// A server said that it has too much to do: all jobs are asked less often for a while. What was sent
    /// before that was known says nothing new.
    pub(super) fn overloaded(&mut self, now: Time, sent_at: Time) {
        if !self.backpressure.is_zero() && sent_at <= self.loaded_at {
            return;
        }
        self.backpressure = self
            .load_at(now)
            .saturating_mul(2)
            .clamp(FIRST_LOAD, MOST_LOAD);
        self.loaded_at = now;
    }

    /// A server that had too much to do has answered what was sent since.
    pub(super) fn recovered(&mut self, now: Time, sent_at: Time) {
        if sent_at > self.loaded_at {
            self.backpressure = halved(self.load_at(now), 1);
            self.loaded_at = now;
        }
    }

    /// The oldest poll that the server was asked to hold for longer than its share is now. One that asked
    /// for no more is late, not greedy: it ends by its answer or by the watchdog, and that counts.
    fn too_long(&self) -> Option<(Time, u32)> {
        let share = self.time_slice()?;
        let mut from = (0, 0);
        loop {
            let (held, _) = self.held.first_from(from)?;
            if low_half(held.1) > share {
                return Some((Time::from_millis(held.0), high_half(held.1)));
            }
            from = after(held);
        }
    }

    fn is_full(&self) -> bool {
        self.open.wrapping_add(self.aborted.len()) >= self.slots
    }

    fn is_crowded(&self) -> bool {
        self.active > self.slots
    }

    /// Whether a round with one job a poll takes longer than it should.
    fn is_huge(&self) -> bool {
        self.is_crowded() && MIN_SPACING.saturating_mul(count(self.active)) > ROTATION_PERIOD
    }

    fn round(&self) -> Duration {
        let polls = self.active.div_ceil(self.per_poll.max(1));
        MIN_SPACING
            .saturating_mul(count(polls))
            .max(ROTATION_PERIOD)
    }

    /// How long an open poll is left alone while others wait for its slot.
    fn preempt_after(&self) -> Duration {
        let share = self.time_slice().unwrap_or(0);
        Duration::from_secs(share.into()).saturating_add(PREEMPT_AFTER)
    }

    fn may_send_at(&self, now: Time) -> Option<Time> {
        let first = self.queue.first()?;
        // Long polls hold their slots for their share, so that a free slot is the next one's turn.
        // Standard polls are over at once, and only their due times make a round of them.
        let due = if self.time_slice() == Some(0) {
            Time::from_millis(first.0)
        } else {
            Time::default()
        };
        let crowd = if self.is_crowded() {
            MIN_SPACING
        } else {
            Duration::ZERO
        };
        // One job alone is paced by its own backoff.
        let load = if self.active > 1 {
            self.load_at(now)
        } else {
            Duration::ZERO
        };
        let spaced = self
            .last_sent
            .map_or(Time::default(), |at| at + crowd.max(load));
        Some(due.max(spaced).max(self.taken_until))
    }

    fn load_at(&self, now: Time) -> Duration {
        let times = now.since(self.loaded_at).as_secs() / LOAD_HALVES;
        halved(self.backpressure, times)
    }
}

/// Half of it, so many times, in whole milliseconds.
fn halved(span: Duration, times: u64) -> Duration {
    Duration::from_millis(whole_millis(span) >> times.min(63))
}

/// A number of jobs, polls or slots; no more fit into memory than can be counted here.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
