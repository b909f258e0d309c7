//! Which job is polled when, where polls are scarce.
//!
//! A browser opens six connections to an origin, and the Deploy VM is a small machine, so a limited number
//! of polls is open at once: the slots. While every job has a slot, each one holds a long poll. When jobs
//! outnumber the slots, the slots rotate: each job has one turn in a rotation, and a long poll lasts no
//! longer than its time slice.

use std::time::Duration;

use super::ids::JobKey;
use super::ordered::OrderedSet;
use super::time::{Time, whole_millis};

/// The length of a rotation, unless that would make more than ten polls a second.
pub(super) const ROTATION_PERIOD: Duration = Duration::from_secs(5);
/// The time between two polls when jobs outnumber the slots.
const MIN_SPACING: Duration = Duration::from_millis(100);
/// A long poll that holds its slot for this much longer than a time slice is preempted.
const PREEMPT_AFTER: Duration = Duration::from_secs(1);
/// An abort takes a moment to reach the server; the slot counts as taken until then.
const ABORT_GRACE: Duration = Duration::from_millis(100);
/// A job whose deadline is near is polled at most this often.
const NEAR_DEADLINE: Duration = Duration::from_secs(1);
/// The time between two polls after the server first said that it is overloaded.
const MIN_BACKPRESSURE: Duration = Duration::from_millis(250);
const MAX_BACKPRESSURE: Duration = Duration::from_secs(1);
/// Backpressure halves each time this many seconds pass without such a response.
const BACKPRESSURE_HALF_LIFE_SECS: u64 = 10;

/// The queue for slots, and what is known of the slots.
#[derive(Debug)]
pub(super) struct Scheduler {
    slots: usize,
    /// How many polls take a slot.
    open: usize,
    /// Until when the slots of aborted polls count as taken, in order.
    aborted: Vec<Time>,
    /// Until when the polls of the tab that led before this one may still be open.
    taken_until: Option<Time>,
    /// How many jobs share the slots.
    active: usize,
    queue: OrderedSet<Turn>,
    last_ticket: u64,
    /// How many jobs one poll asks for.
    per_poll: usize,
    last_sent: Option<Time>,
    backpressure: Option<Backpressure>,
    /// When the timer for the slots is set.
    wake_at: Option<Time>,
}

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    due: Time,
    /// Turns that are due at the same time are taken in the order of their tickets.
    ticket: u64,
    pub(super) job: JobKey,
}

/// The server is overloaded, so that polls are spaced out.
#[derive(Debug, Clone, Copy)]
struct Backpressure {
    spacing: Duration,
    since: Time,
}

/// How urgent a job's next poll is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// A deadline passed in a sleep: before all others.
    Overdue,
    /// The job is new here, or has just changed.
    Immediate,
    /// At its turn in the rotation.
    Normal,
}

impl Scheduler {
    pub(super) fn new(slots: u32) -> Self {
        Self {
            slots: usize::try_from(slots).unwrap_or(usize::MAX),
            open: 0,
            aborted: Vec::new(),
            taken_until: None,
            active: 0,
            queue: OrderedSet::new(),
            last_ticket: 0,
            per_poll: 1,
            last_sent: None,
            backpressure: None,
            wake_at: None,
        }
    }

    /// Changes when a slot may be free; gives the time before.
    pub(super) fn set_wake_at(&mut self, wake_at: Option<Time>) -> Option<Time> {
        std::mem::replace(&mut self.wake_at, wake_at)
    }

    /// Counts the jobs that share the slots.
    pub(super) fn count(&mut self, was_active: bool, is_active: bool) {
        match (was_active, is_active) {
            (false, true) => self.active = self.active.saturating_add(1),
            (true, false) => self.active = self.active.saturating_sub(1),
            _ => {}
        }
    }

    /// Adds a job to the queue. `polled_at` is when its last poll ended, `deadline` the earliest of its
    /// waiters.
    pub(super) fn enqueue(
        &mut self,
        now: Time,
        job: JobKey,
        priority: Priority,
        polled_at: Option<Time>,
        deadline: Option<Time>,
    ) -> Turn {
        self.last_ticket = self.last_ticket.saturating_add(1);
        let rotation = self.rotation();
        let due = match (priority, polled_at) {
            (Priority::Overdue, _) => Time::default(),
            (Priority::Normal, Some(polled_at)) if self.is_crowded() => {
                let is_near = deadline.is_some_and(|at| at.since(now) <= rotation);
                polled_at + if is_near { NEAR_DEADLINE } else { rotation }
            }
            _ => now,
        };
        let turn = Turn {
            due,
            ticket: self.last_ticket,
            job,
        };
        self.queue.insert(turn);
        turn
    }

    pub(super) fn leave(&mut self, turn: Turn) {
        self.queue.remove(&turn);
    }

    /// Takes the job whose turn it is out of the queue, if a slot is free.
    pub(super) fn next(&mut self, now: Time) -> Option<JobKey> {
        self.aborted.retain(|until| *until > now);
        if self.is_full() || self.may_send_at(now)? > now {
            return None;
        }
        self.queue.pop_first().map(|turn| turn.job)
    }

    /// The next turn, if it is soon enough for its job to join a batch.
    pub(super) fn peek_soon(&self, now: Time) -> Option<Turn> {
        let soon = now + halved(self.rotation(), 1);
        self.queue.first().copied().filter(|turn| turn.due <= soon)
    }

    /// A batch of this many jobs was answered.
    pub(super) fn on_batch(&mut self, jobs: usize) {
        self.per_poll = self.per_poll.max(jobs);
    }

    /// Batches do not work.
    pub(super) fn on_batch_failure(&mut self) {
        self.per_poll = 1;
    }

    /// When to look at the queue again if nothing else happens. `oldest` is when the oldest poll above the
    /// [time slice](Self::time_slice) was sent.
    pub(super) fn next_timeout(&self, now: Time, oldest: Option<Time>) -> Option<Time> {
        let may_send_at = self.may_send_at(now)?;
        if !self.is_full() {
            return Some(may_send_at);
        }
        match self.aborted.first() {
            Some(at) => Some(may_send_at.max(*at)),
            None => oldest.map(|sent_at| sent_at + self.preempt_after()),
        }
    }

    /// Whether a poll above the time slice has to give its slot to a job in the queue. One that asked the
    /// server for no more than a slice and is still open is late; its response or its timeout ends it.
    pub(super) fn preempts(&self, now: Time, sent_at: Time) -> bool {
        // One at a time: the slot of an aborted poll will be free in a moment.
        self.is_full()
            && !self.queue.is_empty()
            && self.aborted.is_empty()
            && now.since(sent_at) >= self.preempt_after()
    }

    /// The longest a long poll may be held now, in whole seconds; `None` while every job has a slot.
    pub(super) fn time_slice(&self) -> Option<u32> {
        if !self.is_crowded() {
            return None;
        }
        if self.per_poll > 1 && self.rotates_slowly() {
            return Some(0);
        }
        let all = self.rotation().saturating_mul(count(self.slots));
        let slice = all.checked_div(count(self.active))?;
        Some(u32::try_from(slice.as_secs()).unwrap_or(u32::MAX))
    }

    /// Whether there are so many jobs that several should be polled by one request. Alone, each would be
    /// watched for a moment only, or too seldom.
    pub(super) fn wants_batches(&self) -> bool {
        self.time_slice() == Some(0) || self.rotates_slowly()
    }

    /// A poll takes a slot.
    pub(super) fn on_sent(&mut self, now: Time) {
        self.last_sent = Some(now);
        self.open = self.open.saturating_add(1);
    }

    /// A poll leaves its slot.
    pub(super) fn on_end(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    /// A poll is aborted before its end.
    pub(super) fn on_abort(&mut self, now: Time) {
        self.aborted.push(now + ABORT_GRACE);
    }

    /// The tab that led before is gone, but the server may not know yet that its polls are, too. Each job
    /// is polled by one tab at a time.
    pub(super) fn take_over(&mut self, now: Time) {
        self.taken_until = Some(now + ABORT_GRACE);
    }

    /// Whether the polls of the tab that led before may still be open.
    pub(super) fn is_taking_over(&self, now: Time) -> bool {
        self.taken_until.is_some_and(|until| now < until)
    }

    /// The server said that it is overloaded, so all jobs are polled less often for a while. A response to
    /// a request that was sent before this was known adds nothing.
    pub(super) fn on_overload(&mut self, now: Time, sent_at: Time) {
        if self.backpressure.is_some_and(|it| sent_at <= it.since) {
            return;
        }
        let spacing = self.spacing_at(now).saturating_mul(2);
        self.backpressure = Some(Backpressure {
            spacing: spacing.clamp(MIN_BACKPRESSURE, MAX_BACKPRESSURE),
            since: now,
        });
    }

    /// The server answered a request that was sent after it said that it is overloaded.
    pub(super) fn on_recovery(&mut self, now: Time, sent_at: Time) {
        if self.backpressure.is_some_and(|it| sent_at > it.since) {
            let spacing = halved(self.spacing_at(now), 1);
            self.backpressure = (!spacing.is_zero()).then_some(Backpressure {
                spacing,
                since: now,
            });
        }
    }

    fn is_full(&self) -> bool {
        self.open.saturating_add(self.aborted.len()) >= self.slots
    }

    fn is_crowded(&self) -> bool {
        self.active > self.slots
    }

    /// Whether a rotation takes longer than it should if each poll asks for one job.
    fn rotates_slowly(&self) -> bool {
        self.is_crowded() && MIN_SPACING.saturating_mul(count(self.active)) > ROTATION_PERIOD
    }

    fn rotation(&self) -> Duration {
        let polls = self.active.div_ceil(self.per_poll.max(1));
        MIN_SPACING
            .saturating_mul(count(polls))
            .max(ROTATION_PERIOD)
    }

    /// For how long a poll keeps its slot while others wait for it.
    fn preempt_after(&self) -> Duration {
        let slice = self.time_slice().unwrap_or(0);
        Duration::from_secs(slice.into()).saturating_add(PREEMPT_AFTER)
    }

    fn may_send_at(&self, now: Time) -> Option<Time> {
        let first = self.queue.first()?;
        // Long polls hold their slots for a time slice each, which paces the queue. Standard polls end at
        // once, so that only their due times make a rotation of them.
        let due = if self.time_slice() == Some(0) {
            first.due
        } else {
            Time::default()
        };
        let crowd = if self.is_crowded() {
            MIN_SPACING
        } else {
            Duration::ZERO
        };
        // A single job is paced by its own backoff.
        let load = if self.active > 1 {
            self.spacing_at(now)
        } else {
            Duration::ZERO
        };
        let spaced = self.last_sent.map(|at| at + crowd.max(load));
        Some(due).max(spaced).max(self.taken_until)
    }

    /// The time between two polls that backpressure asks for at `now`.
    fn spacing_at(&self, now: Time) -> Duration {
        self.backpressure.map_or(Duration::ZERO, |it| {
            let times = now.since(it.since).as_secs() / BACKPRESSURE_HALF_LIFE_SECS;
            halved(it.spacing, times)
        })
    }
}

/// Half of it, so many times, in whole milliseconds.
fn halved(span: Duration, times: u64) -> Duration {
    Duration::from_millis(whole_millis(span) >> times.min(63))
}

/// A number of jobs, polls or slots; memory does not hold more than can be counted here.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
