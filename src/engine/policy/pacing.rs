//! Pauses between polls that succeed, so that no server makes the poll loop spin.

use std::time::Duration;

/// After so many empty responses in a row, a standard poll finds out what the job's state is.
const EMPTY_BEFORE_RESYNC: u32 = 2;
/// After so many early responses in a row with nothing but a new cursor, the job counts as unchanged:
/// a server may write a new cursor into every response.
const CURSOR_ONLY_BEFORE_PAUSE: u32 = 6;
/// After so many early responses in a row with something new in each, a job is polled at most ten times
/// a second: a message with a running clock in it changes as often as it is asked for.
const BUSY_BEFORE_PAUSE: u32 = 64;
const BUSY_PAUSE: Duration = Duration::from_millis(100);

/// A response to a poll, as far as its pace matters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered {
    /// It was a long poll.
    pub(crate) long: bool,
    /// It is a long poll's, and came before a server that holds polls would send one.
    pub(crate) early: bool,
    /// State, message or cursor are new.
    pub(crate) changed: bool,
    /// State or message are new.
    pub(crate) visible: bool,
}

/// What came in a row for one job.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    /// Responses that say nothing of the job.
    empty_streak: u32,
    /// Early responses without a change.
    early_streak: u32,
    /// Early responses with nothing but a new cursor.
    cursor_only_streak: u32,
    /// Early responses, changed or not.
    busy_streak: u32,
    /// Pauses of interval polling without a change.
    interval_streak: u32,
}

impl Pacing {
    /// Counts a response. A standard poll is always answered at once, so it ends a streak only if it
    /// brings a change.
    pub(crate) fn count(&mut self, it: Answered) {
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

    /// A response says nothing of the job. Whether it is time for a standard poll.
    pub(crate) fn count_empty(&mut self) -> bool {
        self.empty_streak = self.empty_streak.saturating_add(1);
        let is_enough = self.empty_streak >= EMPTY_BEFORE_RESYNC;
        if is_enough {
            self.empty_streak = 0;
        }
        is_enough
    }

    /// A response shows the job.
    pub(crate) fn not_empty(&mut self) {
        self.empty_streak = 0;
    }

    /// The connection may be a different one; what came quickly before says nothing of it.
    pub(crate) fn not_busy(&mut self) {
        self.busy_streak = 0;
    }

    /// The pause for a server that answers at once although nothing changes: 1 s, doubling, at most
    /// 15 s, from the second such response in a row on. Nobody knows whether `>=` is inclusive on a
    /// given server. If it is, every poll of an unchanged job returns at once, and only this pause keeps
    /// the loop from spinning.
    pub(crate) fn hot_loop_pause(&self) -> Option<Duration> {
        let cursor_only = self
            .cursor_only_streak
            .saturating_sub(CURSOR_ONLY_BEFORE_PAUSE);
        let streak = self.early_streak.max(cursor_only);
        let doublings = streak.checked_sub(2)?.min(4);
        Some(Duration::from_secs((1 << doublings).min(15)))
    }

    /// The pause for a job that changes all the time.
    pub(crate) fn busy_pause(&self) -> Option<Duration> {
        (self.busy_streak >= BUSY_BEFORE_PAUSE).then_some(BUSY_PAUSE)
    }

    /// The pause between standard polls of a job.
    pub(crate) fn next_interval(&mut self) -> Duration {
        next_interval(&mut self.interval_streak)
    }
}

/// The pause between two looks at what a server holds no polls for: 1 s, doubling while nothing changes, at most
/// 5 s. `unchanged` counts the pauses so far.
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
