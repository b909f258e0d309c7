//! How many polls a second the server bears, where jobs outnumber the polls that may be open.
//!
//! The rate starts at ten a second and doubles each second while the server answers quickly. It falls by half
//! when the server refuses, times out or slows down. After a fall it rests for a while, doubles up to half of
//! what was too much, and goes on in small steps. That is how TCP does it (slow start up to a threshold, then
//! additive increase, RFC 5681). Slowing is what TCP Vegas and HyStart++ (RFC 9406) take for it: the quickest
//! of several answers in a row is slower than the quickest one of late.

use std::time::Duration;

use crate::engine::time::{Time, whole_millis};

/// The time between two polls of one job, where the server bears that. A poll itself takes a while too, so
/// that an end is seen within five seconds.
pub(crate) const ROUND: Duration = Duration::from_millis(4_750);
/// Polls in a thousand seconds: ten a second.
const START: u64 = 10_000;
/// One a second.
const LOWEST: u64 = 1_000;
/// How long the rate stays as it is before it doubles.
const DOUBLING_TIME: Duration = Duration::from_secs(1);
/// How long it rests after a fall, and between two small steps.
const STEP_TIME: Duration = Duration::from_secs(5);
/// How long it rests after several falls in a row: that was no small excess, and may be over.
const REST_AFTER_MANY: Duration = Duration::from_secs(2);
/// A rate that was too much so often is tried no less often than this.
const MOST_CONFIRMED: u32 = 7;
/// The least time between two falls: the server needs a moment to notice the first one.
const FALL_TIME: Duration = Duration::from_millis(250);
/// The answers of so long are looked at together, if there are so many. One pause of the server, the client or
/// the network makes many polls slow, but not for so long.
const LOOK_TIME: Duration = Duration::from_millis(500);
const LOOK: u32 = 8;
/// After this, fewer are enough.
const LONG_LOOK_TIME: Duration = Duration::from_secs(1);
const LONG_LOOK: u32 = 3;
/// An answer that takes so much longer than twice the quickest one is slow. Less may be the client's own lag.
const TOLERANCE: Duration = Duration::from_millis(100);
/// What counts as the quickest answer before there was one.
const UNKNOWN: Duration = Duration::from_secs(1);
/// Several polls that are open for so much longer than an answer that is slow mean that the server hangs.
const STALL: Duration = Duration::from_secs(1);
/// For how long the quickest answer counts, twice at most.
const BASE_LIFE: Duration = Duration::from_secs(30);
/// So many polls in a row without a usable answer are a strain, too.
const FAILURES: u32 = 3;
/// What was learned is forgotten when no poll was sent for so long.
const MEMORY: Duration = Duration::from_secs(60);
/// Timers are late, so that a few polls may follow one another at once.
const CATCH_UP_MICROS: u64 = 50_000;

/// The rate, and what is known of the server. Every method gets `needed`: the rate, in polls in a thousand
/// seconds, with which each job is polled once in a [`ROUND`].
#[derive(Debug)]
pub(crate) struct PollRate {
    /// Polls in a thousand seconds.
    rate: u64,
    /// The rate that was too much, until more was not.
    too_much: Option<u64>,
    /// The rate that was too much last.
    last_too_much: u64,
    /// The rate has grown since it fell.
    has_grown: bool,
    /// How often in a row about the same rate was too much: it is tried less and less often.
    confirmed: u32,
    /// When the rate last grew or fell.
    changed_at: Time,
    fell_at: Option<Time>,
    /// When the client itself was last late, so that it took answers for late that were not.
    lagged_at: Option<Time>,
    /// Good answers to polls that were sent since the last change.
    good: u32,
    /// Polls in a row without a usable answer.
    failures: u32,
    standard: Latency,
    held: Latency,
    batch: Latency,
    /// The server asked to be left alone until then.
    rests_until: Option<Time>,
    sent_at: Option<Time>,
    next_micros: u64,
}

/// How quickly polls of one kind are answered.
#[derive(Debug, Default)]
struct Latency {
    /// The quickest answer of late, and of the time before that.
    base: Option<Duration>,
    base_before: Option<Duration>,
    base_since: Time,
    /// The answers that are looked at together.
    count: u32,
    quickest: Option<Duration>,
    began_at: Time,
}

/// What a poll that ended says of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It works.
    Good(Took),
    /// It refuses, with the `Retry-After` that counts.
    Refused(Duration),
    /// It has not answered in time.
    TimedOut,
    /// It failed, which may be the poll's own bad luck.
    Failure,
}

/// How long the server took for an answer; the kinds of polls are not compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Took {
    Standard(Duration),
    /// A long poll was held as long as it should be, and so much longer.
    Held(Duration),
    Batch(Duration),
    /// A long poll ended because its job changed.
    Unknown,
}

impl PollRate {
    pub(crate) fn new() -> Self {
        Self {
            rate: START,
            too_much: None,
            last_too_much: 0,
            has_grown: false,
            confirmed: 0,
            changed_at: Time::default(),
            fell_at: None,
            lagged_at: None,
            good: 0,
            failures: 0,
            standard: Latency::default(),
            held: Latency::default(),
            batch: Latency::default(),
            rests_until: None,
            sent_at: None,
            next_micros: 0,
        }
    }

    /// The rate that makes a round of so many polls.
    pub(crate) fn needed(polls: usize) -> u64 {
        let polls = u64::try_from(polls).unwrap_or(u64::MAX);
        let round = whole_millis(ROUND);
        let needed = polls.saturating_mul(1_000_000).checked_div(round);
        needed.unwrap_or(u64::MAX)
    }

    /// When the next poll may go out. A whole crowd is the load that the server asked to be left alone by;
    /// otherwise only the job that was refused waits for so long.
    pub(crate) fn next_at(&self, is_crowded: bool) -> Time {
        let next = Time::from_millis(self.next_micros.div_ceil(1_000));
        let rests_until = self.rests_until.filter(|_| is_crowded);
        rests_until.map_or(next, |until| until.max(next))
    }

    /// Whether the server bears less than a crowd of any size may need.
    pub(crate) fn is_low(&self) -> bool {
        self.rate < START
    }

    /// Whether the server is known to bear less than what is needed.
    pub(crate) fn is_limited(&self, needed: u64) -> bool {
        self.too_much.is_some() && self.rate < needed
    }

    /// How long so many polls take.
    pub(crate) fn time_for(&self, polls: usize) -> Duration {
        let polls = u64::try_from(polls).unwrap_or(u64::MAX);
        let time = polls.saturating_mul(1_000_000).checked_div(self.rate);
        Duration::from_millis(time.unwrap_or(u64::MAX))
    }

    /// A poll goes out.
    pub(crate) fn on_sent(&mut self, now: Time, needed: u64) {
        if self.sent_at.is_some_and(|at| now.since(at) >= MEMORY) {
            *self = Self::new();
        }
        if self.sent_at.replace(now).is_none() {
            self.changed_at = now;
        }
        let rate = self.rate.min(highest(needed));
        let spacing = 1_000_000_000_u64.checked_div(rate).unwrap_or(u64::MAX);
        let now = now.as_millis().saturating_mul(1_000);
        let due = self
            .next_micros
            .clamp(now.saturating_sub(CATCH_UP_MICROS), now);
        self.next_micros = due.saturating_add(spacing);
    }

    /// The client is late, by its own fault.
    pub(crate) fn on_lag(&mut self, now: Time) {
        self.lagged_at = Some(now);
    }

    /// A poll ended.
    pub(crate) fn on_end(&mut self, now: Time, sent_at: Time, sign: Sign, needed: u64) {
        let is_old = self.is_old(sent_at);
        match sign {
            Sign::Good(took) => {
                self.failures = 0;
                if self.is_slowing(now, took, is_old) {
                    self.fall(now, needed);
                } else if sent_at >= self.changed_at && !is_old {
                    self.good = self.good.saturating_add(1);
                    self.grow(now, needed);
                }
            }
            Sign::Refused(retry_after) => {
                self.rests_until = self.rests_until.max(Some(now + retry_after));
                if !is_old {
                    self.fall(now, needed);
                }
            }
            Sign::TimedOut => {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= FAILURES {
                    // As TCP does when nothing is heard any more, it begins anew.
                    self.fall(now, needed);
                    self.set(now, LOWEST);
                } else if !is_old {
                    self.fall(now, needed);
                }
            }
            Sign::Failure => {
                self.failures = self.failures.saturating_add(1);
                if !is_old && self.failures >= FAILURES {
                    self.fall(now, needed);
                }
            }
        }
    }

    /// Several standard polls have been open since `sent_at`.
    pub(crate) fn on_open(&mut self, now: Time, sent_at: Time, needed: u64) {
        let limit = self.standard.slow().saturating_add(STALL);
        if !self.is_old(sent_at) && now.since(sent_at) > limit {
            self.fall(now, needed);
        }
    }

    /// What was sent before a fall was known, or while the client was late, says nothing of the server now.
    fn is_old(&self, sent_at: Time) -> bool {
        Some(sent_at) <= self.fell_at.max(self.lagged_at)
    }

    fn is_slowing(&mut self, now: Time, took: Took, is_old: bool) -> bool {
        match took {
            Took::Standard(latency) => self.standard.add(now, latency, is_old),
            Took::Held(latency) => self.held.add(now, latency, is_old),
            Took::Batch(latency) => self.batch.add(now, latency, is_old),
            Took::Unknown => false,
        }
    }

    fn fall(&mut self, now: Time, needed: u64) {
        if self.fell_at.is_some_and(|at| now.since(at) < FALL_TIME) {
            return;
        }
        let rate = self.rate.min(highest(needed));
        if self.has_grown || self.too_much.is_none() {
            let is_same = self.last_too_much.abs_diff(rate) <= rate / 4;
            self.confirmed = if is_same {
                self.confirmed.saturating_add(1).min(MOST_CONFIRMED)
            } else {
                0
            };
            self.last_too_much = rate;
            self.too_much = Some(rate);
        }
        self.has_grown = false;
        self.fell_at = Some(now);
        self.set(now, (rate / 2).max(LOWEST));
    }

    fn grow(&mut self, now: Time, needed: u64) {
        let highest = highest(needed);
        let fell_once = self.too_much.is_some_and(|it| self.rate >= it / 2);
        let rest = if fell_once {
            STEP_TIME
        } else {
            REST_AFTER_MANY
        };
        let rests = self.fell_at.is_some_and(|at| now.since(at) < rest);
        if self.rate >= highest || rests {
            return;
        }
        let doubled = self.rate.saturating_mul(2);
        let (after, grown) = match self.too_much {
            Some(too_much) if self.rate >= too_much / 2 => {
                // Near what was too much it goes on carefully.
                let is_near = self.rate >= too_much.saturating_sub(too_much / 8);
                let (time, step) = if is_near {
                    let times = self.confirmed.saturating_add(1);
                    (STEP_TIME.saturating_mul(times), too_much / 16)
                } else {
                    (STEP_TIME, too_much / 8)
                };
                (time, self.rate.saturating_add(step.max(LOWEST / 8)))
            }
            Some(too_much) => (DOUBLING_TIME, doubled.min(too_much / 2)),
            // What was too much once may be again.
            None if self.last_too_much > 0 => {
                (DOUBLING_TIME, self.rate.saturating_add(self.rate / 2))
            }
            None => (DOUBLING_TIME, doubled),
        };
        // As many good answers as half of the rate brings prove it.
        let enough = whole_millis(after.min(STEP_TIME)).saturating_mul(self.rate) / 2_000_000;
        if now.since(self.changed_at) < after || u64::from(self.good) < enough {
            return;
        }
        // The server bears clearly more than what was too much: that was something else.
        self.too_much = self.too_much.filter(|it| grown < it.saturating_add(it / 8));
        self.has_grown = true;
        self.set(now, grown.min(highest));
    }

    fn set(&mut self, now: Time, rate: u64) {
        self.rate = rate;
        self.changed_at = now;
        self.good = 0;
        self.failures = 0;
        for latency in [&mut self.standard, &mut self.held, &mut self.batch] {
            latency.count = 0;
        }
    }
}

impl Latency {
    /// Adds an answer. Whether it and those before it are slow; one that is old is too few to tell.
    fn add(&mut self, now: Time, latency: Duration, is_old: bool) -> bool {
        if now.since(self.base_since) >= BASE_LIFE {
            self.base_before = self.base.take();
            self.base_since = now;
        }
        self.base = Some(self.base.map_or(latency, |it| it.min(latency)));
        if is_old {
            return false;
        }
        if self.count == 0 {
            self.quickest = None;
            self.began_at = now;
        }
        self.count = self.count.saturating_add(1);
        let quickest = self.quickest.map_or(latency, |it| it.min(latency));
        self.quickest = Some(quickest);
        let time = now.since(self.began_at);
        let is_enough = (time >= LOOK_TIME && self.count >= LOOK)
            || (time >= LONG_LOOK_TIME && self.count >= LONG_LOOK);
        if !is_enough {
            return false;
        }
        self.count = 0;
        quickest > self.slow()
    }

    /// An answer that takes longer than this is slow.
    fn slow(&self) -> Duration {
        let base = match (self.base, self.base_before) {
            (Some(base), Some(before)) => base.min(before),
            (base, before) => base.or(before).unwrap_or(UNKNOWN),
        };
        base.saturating_mul(2).saturating_add(TOLERANCE)
    }
}

/// The highest rate that makes sense: no faster than needed, but a few more make no difference.
fn highest(needed: u64) -> u64 {
    if needed <= START.saturating_add(START / 10) {
        START
    } else {
        needed
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use std::time::Duration;

    use super::{LOWEST, PollRate, START, Sign, Took};
    use crate::engine::time::Time;

    const NEEDED: u64 = 400_000;

    /// A client that polls as fast as it may, and is told of each poll at once.
    struct World {
        rate: PollRate,
        now: Time,
    }

    impl World {
        fn new() -> Self {
            Self {
                rate: PollRate::new(),
                now: Time::from_millis(1_000),
            }
        }

        /// Polls for so long; gives the number of polls.
        fn run(&mut self, millis: u64, mut sign: impl FnMut(u32) -> Sign) -> u32 {
            let end = self.now + Duration::from_millis(millis);
            let mut polls = 0;
            while self.rate.next_at(true) <= end {
                self.now = self.now.max(self.rate.next_at(true));
                self.rate.on_sent(self.now, NEEDED);
                self.rate.on_end(self.now, self.now, sign(polls), NEEDED);
                polls += 1;
            }
            self.now = end;
            polls
        }
    }

    fn after(millis: u64) -> Sign {
        Sign::Good(Took::Standard(Duration::from_millis(millis)))
    }

    #[test]
    fn it_starts_at_ten_a_second_and_doubles_up_to_what_is_needed() {
        let mut world = World::new();
        let polls: Vec<u32> = (0..8).map(|_| world.run(1_000, |_| after(5))).collect();
        assert!(polls.windows(2).all(|it| it[0] <= it[1]), "{polls:?}");
        assert!(polls[0] <= 11, "{polls:?}");
        assert!((395..=405).contains(&polls[7]), "{polls:?}");
    }

    #[test]
    fn nothing_grows_beyond_ten_a_second_where_that_is_enough() {
        let mut rate = PollRate::new();
        for second in 0..100 {
            let now = Time::from_millis(second * 1_000);
            for _ in 0..20 {
                rate.on_end(now, now, after(5), START);
            }
        }
        assert_eq!(rate.rate, START);
    }

    #[test]
    fn a_refusal_halves_it_once_for_the_polls_that_were_under_way() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        let sent_at = world.now;
        let now = sent_at + Duration::from_millis(20);
        for _ in 0..50 {
            world
                .rate
                .on_end(now, sent_at, Sign::Refused(Duration::ZERO), NEEDED);
        }
        assert_eq!(world.rate.rate, NEEDED / 2);
    }

    #[test]
    fn a_server_that_refuses_everything_is_polled_once_a_second_within_a_round() {
        for sign in [Sign::Refused(Duration::ZERO), Sign::TimedOut, Sign::Failure] {
            let mut world = World::new();
            world.run(10_000, |_| after(5));
            world.run(5_000, |_| sign);
            assert_eq!(world.rate.rate, LOWEST, "{sign:?}");
        }
    }

    #[test]
    fn nothing_is_sent_during_a_retry_after() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        let until = world.now + Duration::from_secs(30);
        let refused = Sign::Refused(Duration::from_secs(30));
        world.rate.on_end(world.now, world.now, refused, NEEDED);
        assert!(world.rate.next_at(true) >= until);
        assert!(world.rate.next_at(false) < until, "without a crowd");
    }

    #[test]
    fn slow_answers_in_a_row_halve_it_and_single_ones_do_not() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        world.run(10_000, |at| after(if at % 4 == 0 { 5 } else { 900 }));
        assert_eq!(world.rate.rate, NEEDED);
        world.run(1_200, |_| after(900));
        assert!(world.rate.rate < NEEDED);
    }

    #[test]
    fn a_longer_way_is_slow_for_a_minute_only() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        world.run(90_000, |_| after(400));
        world.run(60_000, |_| after(400));
        assert!(world.rate.rate > NEEDED / 4, "{}", world.rate.rate);
    }

    #[test]
    fn answers_that_the_client_left_unread_are_not_slow() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        let sent_at = world.now;
        let now = sent_at + Duration::from_secs(3);
        world.rate.on_lag(now);
        world.rate.on_open(now, sent_at, NEEDED);
        for _ in 0..100 {
            world.rate.on_end(now, sent_at, after(3_000), NEEDED);
        }
        assert_eq!(world.rate.rate, NEEDED);
    }

    #[test]
    fn a_server_that_hangs_halves_it_before_anything_times_out() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        let sent_at = world.now;
        world
            .rate
            .on_open(sent_at + Duration::from_secs(2), sent_at, NEEDED);
        assert_eq!(world.rate.rate, NEEDED / 2);
    }

    #[test]
    fn what_was_too_much_is_tried_again_carefully() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        let refused = |at| {
            if at == 0 {
                Sign::Refused(Duration::ZERO)
            } else {
                after(5)
            }
        };
        world.run(4_900, refused);
        assert_eq!(world.rate.rate, NEEDED / 2, "it rests for a round");
        world.run(10_000, |_| after(5));
        assert!(world.rate.rate < NEEDED * 7 / 8 + NEEDED / 16);
        world.run(60_000, |_| after(5));
        assert_eq!(world.rate.rate, NEEDED);
    }

    #[test]
    fn it_is_found_again_soon_after_an_outage() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        world.run(20_000, |_| Sign::Failure);
        assert_eq!(world.rate.rate, LOWEST);
        world.run(15_000, |_| after(5));
        assert!(world.rate.rate >= NEEDED / 2);
    }

    #[test]
    fn it_forgets_what_it_knew_after_a_minute_without_a_poll() {
        let mut world = World::new();
        world.run(20_000, |_| Sign::Refused(Duration::ZERO));
        world.now = world.now + Duration::from_secs(70);
        world.rate.on_sent(world.now, NEEDED);
        assert_eq!(world.rate.rate, START);
    }
}
