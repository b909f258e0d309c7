//! Decides which job is polled when, if jobs outnumber slots.
//!
//! A browser opens six connections to an origin, and the Deploy VM is a small machine, so the client limits
//! open polls: these are the slots. If every job has a slot, each one has a long poll. If jobs outnumber
//! slots, the slots rotate: each job gets one turn per rotation, and its long poll lasts at most one time
//! slice. [`PollRate`] finds the fastest rotation that the server can handle.

use std::time::Duration;

use super::ids::JobKey;
use super::ordered::OrderedSet;
use super::policy::{LoadSignal, PollRate, ROUND};
use super::time::Time;

/// The length of a rotation, unless the server is too slow for it.
pub(super) const ROTATION_PERIOD: Duration = Duration::from_secs(5);
/// A long poll that keeps its slot for this long after its time slice is preempted.
const PREEMPT_AFTER: Duration = Duration::from_secs(1);
/// An abort needs this time to reach the server. Until then the slot counts as taken.
const ABORT_GRACE: Duration = Duration::from_millis(100);
/// A job whose turn is due within this time joins a batch.
const BATCH_AHEAD: Duration = Duration::from_millis(2_500);
/// The shortest interval between polls of a job with a near deadline.
const NEAR_DEADLINE: Duration = Duration::from_secs(1);
/// One in this many slots may wait for the end of an aborted poll.
const SLOTS_PER_ABORT: usize = 16;

/// The slots and the queue for them.
#[derive(Debug)]
pub(super) struct Scheduler {
    slots: usize,
    /// Polls that take a slot.
    open: usize,
    /// When the slots of aborted polls become free, in order.
    aborted: Vec<Time>,
    /// Until then, polls of the previous leader may be open.
    taken_until: Option<Time>,
    /// Jobs that share the slots.
    active: usize,
    queue: OrderedSet<Turn>,
    last_ticket: u64,
    /// Jobs per poll.
    per_poll: usize,
    rate: PollRate,
    /// The time of the slot timer.
    wake_at: Option<Time>,
}

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    due: Time,
    /// Orders turns that are due at the same time.
    ticket: u64,
    pub(super) job: JobKey,
}

/// How urgent a job's next poll is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// A deadline passed during a sleep: before all others.
    Overdue,
    /// The job is new or has just changed.
    Immediate,
    /// In rotation order.
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
            rate: PollRate::new(),
            wake_at: None,
        }
    }

    /// Sets how many polls may be open.
    pub(super) fn set_slots(&mut self, slots: u32) {
        self.slots = usize::try_from(slots).unwrap_or(usize::MAX);
    }

    /// Sets when a slot may be free and returns the previous time.
    pub(super) fn set_wake_at(&mut self, wake_at: Option<Time>) -> Option<Time> {
        std::mem::replace(&mut self.wake_at, wake_at)
    }

    /// Counts a job in or out of those that share the slots.
    pub(super) fn count(&mut self, was_active: bool, is_active: bool) {
        match (was_active, is_active) {
            (false, true) => self.active = self.active.saturating_add(1),
            (true, false) => self.active = self.active.saturating_sub(1),
            _ => {}
        }
    }

    /// Adds a job to the queue. `polled_at` is when its last poll ended, `deadline` the earliest deadline of
    /// its waiters.
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
        // If a rotation takes longer than planned, the queue is always late by this much.
        let late = rotation.saturating_sub(ROTATION_PERIOD);
        let due = match (priority, polled_at) {
            (Priority::Overdue, _) => Time::default(),
            (Priority::Normal, Some(polled_at)) if self.is_crowded() => {
                if deadline.is_some_and(|at| at.since(now) <= rotation) {
                    (polled_at + NEAR_DEADLINE).before(late)
                } else {
                    polled_at + ROUND
                }
            }
            _ => now.before(late),
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

    /// Takes the next job out of the queue, if its turn is due and a slot is free.
    pub(super) fn next(&mut self, now: Time) -> Option<JobKey> {
        self.aborted.retain(|until| *until > now);
        if self.is_full() || self.may_send_at()? > now {
            return None;
        }
        self.queue.pop_first().map(|turn| turn.job)
    }

    /// The next turn, if it is due soon enough for a batch.
    pub(super) fn peek_soon(&self, now: Time) -> Option<Turn> {
        let soon = now + BATCH_AHEAD;
        self.queue.first().copied().filter(|turn| turn.due <= soon)
    }

    /// A batch of this many jobs succeeded.
    pub(super) fn on_batch(&mut self, jobs: usize) {
        self.per_poll = self.per_poll.max(jobs);
    }

    /// Batches do not work.
    pub(super) fn on_batch_failure(&mut self) {
        self.per_poll = 1;
    }

    /// When to check the queue again if nothing else happens. `oldest` is when the oldest poll above the
    /// [time slice](Self::time_slice) was sent.
    pub(super) fn next_timeout(&self, oldest: Option<Time>) -> Option<Time> {
        let may_send_at = self.may_send_at()?;
        if !self.is_full() {
            return Some(may_send_at);
        }
        match self.aborted.first() {
            Some(at) => Some(may_send_at.max(*at)),
            None => oldest.map(|sent_at| sent_at + self.preempt_after()),
        }
    }

    /// Whether to preempt a poll above the time slice, for a queued job or because there are fewer slots now.
    /// A poll with a shorter `poll_timeout` that is still open is late; its response or timeout ends it.
    pub(super) fn preempts(&self, now: Time, sent_at: Time) -> bool {
        if self.open > self.slots {
            return true;
        }
        // Few at a time, because the slots of aborted polls become free soon.
        let at_once = self.slots.div_ceil(SLOTS_PER_ABORT).min(self.queue.len());
        self.is_full() && self.aborted.len() < at_once && now.since(sent_at) >= self.preempt_after()
    }

    /// The longest `poll_timeout` now, in whole seconds; `None` while every job has a slot.
    pub(super) fn time_slice(&self) -> Option<u32> {
        if !self.is_crowded() {
            return None;
        }
        if self.per_poll > 1 && self.is_limited() {
            return Some(0);
        }
        let slice = |rotation: Duration| {
            let all = rotation.saturating_mul(count(self.slots));
            Some(all.checked_div(count(self.active))?.as_secs())
        };
        let seconds = slice(ROTATION_PERIOD)?;
        let seconds = if seconds > 0 && self.is_limited() {
            // At a low rate each poll lasts longer, but not so long that the scheduler learns about the
            // server too late.
            slice(self.rotation())?.min(ROTATION_PERIOD.as_secs())
        } else {
            seconds
        };
        Some(u32::try_from(seconds).unwrap_or(u32::MAX))
    }

    /// Whether one request should poll several jobs. Otherwise each job's poll would
    /// be too short or too rare.
    pub(super) fn wants_batches(&self) -> bool {
        self.time_slice() == Some(0) || self.is_limited()
    }

    /// A poll takes a slot.
    pub(super) fn on_sent(&mut self, now: Time) {
        self.rate.on_sent(now, self.needed());
        self.open = self.open.saturating_add(1);
    }

    /// A poll left its slot.
    pub(super) fn on_end(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    /// A poll was aborted.
    pub(super) fn on_abort(&mut self, now: Time) {
        self.aborted.push(now + ABORT_GRACE);
    }

    /// The previous leader is gone, but its polls may still be open on the server. Only one tab polls a job
    /// at a time.
    pub(super) fn take_over(&mut self, now: Time) {
        self.taken_until = Some(now + ABORT_GRACE);
    }

    /// Whether polls of the previous leader may still be open.
    pub(super) fn is_taking_over(&self, now: Time) -> bool {
        self.taken_until.is_some_and(|until| now < until)
    }

    /// A poll sent at `sent_at` ended.
    pub(super) fn on_load_signal(&mut self, now: Time, sent_at: Time, sign: LoadSignal) {
        self.rate.on_end(now, sent_at, sign, self.needed());
    }

    /// The client itself is late.
    pub(super) fn on_lag(&mut self, now: Time) {
        self.rate.on_lag(now);
    }

    /// Several standard polls have been open since `sent_at`.
    pub(super) fn on_open(&mut self, now: Time, sent_at: Time) {
        self.rate.on_open(now, sent_at, self.needed());
    }

    fn is_full(&self) -> bool {
        self.open.saturating_add(self.aborted.len()) >= self.slots
    }

    fn is_crowded(&self) -> bool {
        self.active > self.slots
    }

    /// Whether the server is too slow to poll each job alone in each rotation.
    fn is_limited(&self) -> bool {
        self.is_crowded() && self.rate.is_limited(PollRate::needed(self.active))
    }

    /// The polls needed to cover every job.
    fn polls(&self) -> usize {
        self.active.div_ceil(self.per_poll.max(1))
    }

    fn needed(&self) -> u64 {
        PollRate::needed(self.polls())
    }

    fn rotation(&self) -> Duration {
        if self.rate.is_limited(self.needed()) {
            self.rate.time_for(self.polls()).max(ROTATION_PERIOD)
        } else {
            ROTATION_PERIOD
        }
    }

    /// How long a poll keeps its slot while other jobs wait.
    fn preempt_after(&self) -> Duration {
        let slice = self.time_slice().unwrap_or(0);
        Duration::from_secs(slice.into()).saturating_add(PREEMPT_AFTER)
    }

    fn may_send_at(&self) -> Option<Time> {
        let first = self.queue.first()?;
        // Long polls keep their slots for a time slice, which paces the queue. Standard polls end at once, so
        // their due times must pace it.
        let due = if self.time_slice() == Some(0) {
            first.due
        } else {
            Time::default()
        };
        let is_crowded = self.is_crowded();
        // A single job has its own backoff.
        let is_spaced = is_crowded || (self.active > 1 && self.rate.is_low());
        let spaced = is_spaced.then(|| self.rate.next_at(is_crowded));
        Some(due).max(spaced).max(self.taken_until)
    }
}

/// A count of jobs, polls or slots, which always fits.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Priority, Scheduler};
    use crate::engine::ids::JobKey;
    use crate::engine::policy::LoadSignal;
    use crate::engine::time::Time;

    const NOW: Time = Time::from_millis(100_000);

    fn job(index: u32) -> JobKey {
        JobKey {
            index,
            generation: 0,
        }
    }

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// A scheduler with these slots and active jobs.
    fn crowd(slots: u32, jobs: usize) -> Scheduler {
        let mut scheduler = Scheduler::new(slots);
        for _ in 0..jobs {
            scheduler.count(false, true);
        }
        scheduler
    }

    /// The same with a server that allows five polls a second.
    fn overloaded(slots: u32, jobs: usize) -> Scheduler {
        let mut scheduler = crowd(slots, jobs);
        scheduler.on_load_signal(NOW, NOW, LoadSignal::Overloaded(Duration::ZERO));
        scheduler
    }

    #[test]
    fn time_slice_is_each_jobs_share_of_a_rotation() {
        for (slots, jobs, slice) in [
            (4, 4, None),
            (4, 5, Some(4)),
            (4, 20, Some(1)),
            (4, 21, Some(0)),
            (32, 100, Some(1)),
        ] {
            assert_eq!(crowd(slots, jobs).time_slice(), slice, "{slots} {jobs}");
        }
    }

    #[test]
    fn at_a_low_rate_polls_last_longer_and_with_batches_none_is_held() {
        // A rotation takes 20 s, of which a slice is 6 s.
        let mut scheduler = overloaded(32, 100);
        assert_eq!(scheduler.time_slice(), Some(5));
        scheduler.on_batch(10);
        assert_eq!(scheduler.time_slice(), Some(0));
        scheduler.on_batch_failure();
        assert_eq!(scheduler.time_slice(), Some(5));
        // A rotation takes 6 s, of which a slice is 3 s.
        assert_eq!(overloaded(16, 30).time_slice(), Some(3));
        // Too many jobs for the slots, however long a rotation takes.
        assert_eq!(overloaded(10, 100).time_slice(), Some(0));
        // Batches alone do not end long polls.
        let mut scheduler = crowd(32, 100);
        scheduler.on_batch(10);
        assert_eq!(scheduler.time_slice(), Some(1));
    }

    #[test]
    fn rejection_right_after_a_lag_is_ignored() {
        let mut scheduler = crowd(32, 100);
        scheduler.on_lag(NOW);
        scheduler.on_load_signal(NOW, NOW, LoadSignal::Overloaded(Duration::ZERO));
        assert!(!scheduler.is_limited());
    }

    #[test]
    fn polls_open_for_too_long_mean_overload() {
        let mut scheduler = crowd(32, 100);
        let sent_at = Time::from_millis(90_000);
        scheduler.on_open(NOW, sent_at);
        assert!(scheduler.is_limited());
    }

    #[test]
    fn few_polls_are_preempted_at_once() {
        let mut scheduler = crowd(32, 33);
        for _ in 0..32 {
            scheduler.on_sent(NOW);
        }
        let long_ago = Time::from_millis(10_000);
        assert!(!scheduler.preempts(NOW, long_ago), "no job waits");
        for at in 0..9 {
            scheduler.enqueue(NOW, job(at), Priority::Immediate, None, None);
        }
        assert!(!scheduler.preempts(NOW, NOW), "it has just been sent");
        for _ in 0..2 {
            assert!(scheduler.preempts(NOW, long_ago));
            scheduler.on_end();
            scheduler.on_abort(NOW);
        }
        assert!(!scheduler.preempts(NOW, long_ago));
    }

    #[test]
    fn slot_of_an_aborted_poll_is_free_after_100_ms() {
        let mut scheduler = crowd(1, 1);
        scheduler.on_sent(NOW);
        scheduler.on_end();
        scheduler.on_abort(NOW);
        scheduler.enqueue(NOW, job(1), Priority::Immediate, None, None);
        assert_eq!(scheduler.next(NOW), None);
        assert_eq!(scheduler.next(NOW + ms(99)), None);
        assert_eq!(scheduler.next(NOW + ms(100)), Some(job(1)));
    }

    #[test]
    fn take_over_lasts_100_ms() {
        let mut scheduler = crowd(1, 1);
        scheduler.take_over(NOW);
        assert!(scheduler.is_taking_over(NOW + ms(99)));
        assert!(!scheduler.is_taking_over(NOW + ms(100)));
    }

    #[test]
    fn overdue_job_is_first_and_free_slots_need_no_turns() {
        let mut scheduler = crowd(4, 3);
        scheduler.enqueue(NOW, job(1), Priority::Normal, Some(NOW), None);
        scheduler.enqueue(NOW, job(2), Priority::Immediate, None, None);
        scheduler.enqueue(NOW, job(3), Priority::Overdue, Some(NOW), None);
        let order: Vec<_> = std::iter::from_fn(|| scheduler.next(NOW)).collect();
        assert_eq!(order, [job(3), job(1), job(2)]);
    }
}
