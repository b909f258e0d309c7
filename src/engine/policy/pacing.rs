//! Pauses between successful polls, so that no server can make the poll loop spin.

use std::time::Duration;

/// After this many empty responses in a row, the client sends a standard poll.
const EMPTY_BEFORE_RESYNC: u32 = 2;
/// After this many early responses in a row with only a new cursor, the job counts as unchanged, because a
/// server may write a new cursor into every response.
const CURSOR_ONLY_BEFORE_PAUSE: u32 = 6;
/// After this many early responses in a row with a change in each, a job is polled at most ten times a second.
/// A message that contains the time changes with every poll.
const BUSY_BEFORE_PAUSE: u32 = 64;
const BUSY_PAUSE: Duration = Duration::from_millis(100);

/// The features of a poll's response that affect pacing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PollResponse {
    /// It was a long poll.
    pub(crate) long: bool,
    /// It was a long poll whose response arrived too early for a server that holds polls.
    pub(crate) early: bool,
    /// State, message or cursor changed.
    pub(crate) changed: bool,
    /// State or message changed.
    pub(crate) visible: bool,
}

/// The streaks of one job's responses.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    /// Responses without a record.
    empty_streak: u32,
    /// Early responses without a change.
    early_streak: u32,
    /// Early responses with only a new cursor.
    cursor_only_streak: u32,
    /// Early responses, changed or not.
    busy_streak: u32,
    /// Pauses of interval polling without a change.
    interval_streak: u32,
}

impl Pacing {
    /// Counts a response. The server answers a standard poll at once, so it ends a streak only with a change.
    pub(crate) fn count(&mut self, it: PollResponse) {
        let held = it.long && !it.early;
        count(&mut self.early_streak, it.changed || held, it.early);
        count(
            &mut self.cursor_only_streak,
            it.visible || held,
            it.early && it.changed,
        );
        count(&mut self.busy_streak, held, it.early);
        count(&mut self.interval_streak, it.changed, false);
    }

    /// Counts a response without a record. True if it is time for a standard poll.
    pub(crate) fn count_empty(&mut self) -> bool {
        self.empty_streak = self.empty_streak.saturating_add(1);
        let is_enough = self.empty_streak >= EMPTY_BEFORE_RESYNC;
        if is_enough {
            self.empty_streak = 0;
        }
        is_enough
    }

    /// A response had a record.
    pub(crate) fn not_empty(&mut self) {
        self.empty_streak = 0;
    }

    /// The connection may be a different one, so earlier responses no longer count.
    pub(crate) fn not_busy(&mut self) {
        self.busy_streak = 0;
    }

    /// The pause for a server that responds at once although nothing changes: 1 s, doubling to at most 15 s,
    /// from the second such response in a row. It is unknown whether `>=` is inclusive on Deploy. If it is,
    /// every poll of an unchanged job returns at once, and only this pause prevents a busy loop.
    pub(crate) fn hot_loop_pause(&self) -> Option<Duration> {
        let cursor_only = self
            .cursor_only_streak
            .saturating_sub(CURSOR_ONLY_BEFORE_PAUSE);
        let streak = self.early_streak.max(cursor_only);
        let doublings = streak.checked_sub(2)?.min(4);
        Some(Duration::from_secs((1 << doublings).min(15)))
    }

    /// The pause for a job that changes constantly.
    pub(crate) fn busy_pause(&self) -> Option<Duration> {
        (self.busy_streak >= BUSY_BEFORE_PAUSE).then_some(BUSY_PAUSE)
    }

    /// The pause between standard polls of a job.
    pub(crate) fn next_interval(&mut self) -> Duration {
        next_interval(&mut self.interval_streak)
    }
}

/// The pause between standard polls: 1 s, doubling to at most 5 s while nothing changes. `unchanged` counts
/// the pauses so far.
pub(crate) fn next_interval(unchanged: &mut u32) -> Duration {
    let pause = Duration::from_secs((1 << (*unchanged).min(3)).min(5));
    *unchanged = unchanged.saturating_add(1);
    pause
}

fn count(streak: &mut u32, ends: bool, continues: bool) {
    if ends {
        *streak = 0;
    } else if continues {
        *streak = streak.saturating_add(1);
    }
}
