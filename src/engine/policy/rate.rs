//! How many polls a second the server bears, where jobs outnumber the polls that may be open.
//!
//! The rate starts at ten a second and doubles each second while the server answers quickly. It falls by half
//! when the server refuses, times out or slows down. After a fall it doubles up to half of what was too much, and
//! from there it takes one step in a round. That is how TCP does it (slow start up to a threshold, then careful
//! steps: RFC 5681, RFC 9438). Slowing is what TCP Vegas and HyStart++ (RFC 9406) take for it: the quickest of
//! several answers in a row is slower than the quickest one so far.

use std::time::Duration;

use crate::engine::time::{Time, whole_millis};

/// The time between two polls of one job, where the server bears that. A poll itself takes a while too, so
/// that an end is seen within five seconds.
pub(crate) const ROUND: Duration = Duration::from_millis(4_750);
/// Polls in a thousand seconds: ten a second, which the smallest Deploy VM bears.
const START: u64 = 10_000;
/// One a second: few enough for any server, and enough to see that it is well again.
const LOWEST: u64 = 1_000;
/// How long the rate stays as it is before it doubles: ten a second become four hundred in two rounds.
const DOUBLING_TIME: Duration = Duration::from_secs(1);
/// How long it stays as it is near what was too much: each job is polled once, and shows the strain if it is one.
const STEP_TIME: Duration = Duration::from_secs(5);
/// The least time between two falls: the server needs a moment to notice the first one.
const FALL_TIME: Duration = Duration::from_millis(250);
/// The answers of so long are looked at together, at least so many. One pause of the server, the client or the
/// network makes many polls slow, but not for so long, and bad luck makes one slow, but not so many.
const LOOK_TIME: Duration = Duration::from_millis(500);
const LOOK: u32 = 5;
/// An answer that takes so much longer than twice the quickest one is slow. Less may be the client's own lag.
const TOLERANCE_MILLIS: u64 = 100;
/// What counts as the quickest answer before there was one.
const UNKNOWN_MILLIS: u64 = 1_000;
/// Several polls that are open for so much longer than an answer that is slow mean that the server hangs.
const STALL_MILLIS: u64 = 1_000;
/// So many polls in a row that failed are a strain. Fewer may be their own bad luck.
const FAILURES: u32 = 3;
/// What was learned is forgotten when no poll was sent for so long: the server may be another one by then.
const MEMORY: Duration = Duration::from_secs(60);
/// Timers are late, so that a few polls may follow one another at once.
const CATCH_UP_MICROS: u64 = 50_000;

/// The rate, and what is known of the server. Methods get `needed`: the rate, in polls in a thousand seconds,
/// with which each job is polled once in a [`ROUND`].
#[derive(Debug)]
pub(crate) struct PollRate {
    /// Polls in a thousand seconds.
    rate: u64,
    /// The rate that was too much last.
    too_much: Option<u64>,
    /// The rate has grown since it fell: a fall now tells what is too much. One fall after another does not.
    has_grown: bool,
    /// When the rate last grew or fell.
    changed_at: Time,
    /// When the rate last fell, or the client was last late. What was sent before says nothing of the server now.
    heard_since: Time,
    /// Good answers to polls that were sent since the last change.
    good: u32,
    /// Polls in a row that failed.
    failures: u32,
    standard: Latency,
    held: Latency,
    batch: Latency,
    /// The server asked to be left alone until then.
    rests_until: Option<Time>,
    sent_at: Option<Time>,
    next_micros: u64,
}

/// How quickly polls of one kind are answered, in milliseconds.
#[derive(Debug)]
struct Latency {
    /// The quickest answer so far.
    base: u64,
    /// The answers that are looked at together: the quickest one, how many, and since when.
    quickest: u64,
    count: u32,
    began_at: Time,
}

/// What a poll that ended says of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It works.
    Good(Took),
    /// It refuses, with the `Retry-After` that counts, or has not answered in time.
    Strained(Duration),
    /// The poll failed, which may be its own bad luck.
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
            has_grown: false,
            changed_at: Time::default(),
            heard_since: Time::default(),
            good: 0,
            failures: 0,
            standard: Latency::new(),
            held: Latency::new(),
            batch: Latency::new(),
            rests_until: None,
            sent_at: None,
            next_micros: 0,
        }
    }

    /// The rate that makes a round of so many polls: so many whole polls a second.
    pub(crate) fn needed(polls: usize) -> u64 {
        let polls = u64::try_from(polls).unwrap_or(u64::MAX);
        let a_second = polls.saturating_mul(1_000).checked_div(whole_millis(ROUND));
        a_second.unwrap_or(u64::MAX).saturating_mul(1_000)
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
        let is_forgotten = |at| now.since(at) >= MEMORY;
        if self.sent_at.replace(now).is_none_or(is_forgotten) {
            *self = Self {
                sent_at: Some(now),
                changed_at: now,
                ..Self::new()
            };
        }
        let rate = self.rate.min(highest(needed));
        let spacing = 1_000_000_000_u64.checked_div(rate).unwrap_or(u64::MAX);
        let now = now.as_millis().saturating_mul(1_000);
        let due = self
            .next_micros
            .clamp(now.saturating_sub(CATCH_UP_MICROS), now);
        self.next_micros = due.saturating_add(spacing);
    }

    /// The client is late, by its own fault: it took answers for late that were not.
    pub(crate) fn on_lag(&mut self, now: Time) {
        self.heard_since = now;
    }

    /// A poll ended.
    pub(crate) fn on_end(&mut self, now: Time, sent_at: Time, sign: Sign, needed: u64) {
        if let Sign::Strained(retry_after) = sign {
            self.rests_until = self.rests_until.max(Some(now + retry_after));
        }
        if sent_at <= self.heard_since {
            return;
        }
        let is_strained = match sign {
            Sign::Good(took) => {
                self.failures = 0;
                self.is_slowing(now, took)
            }
            Sign::Strained(_) => true,
            Sign::Failure => {
                self.failures = self.failures.saturating_add(1);
                self.failures >= FAILURES
            }
        };
        if is_strained {
            self.fall(now, needed);
        } else if self.failures == 0 && sent_at >= self.changed_at {
            self.good = self.good.saturating_add(1);
            self.grow(now, needed);
        }
    }

    /// Several standard polls have been open since `sent_at`: the server may hang.
    pub(crate) fn on_open(&mut self, now: Time, sent_at: Time, needed: u64) {
        let limit = self.standard.slow().saturating_add(STALL_MILLIS);
        if sent_at > self.heard_since && whole_millis(now.since(sent_at)) > limit {
            self.fall(now, needed);
        }
    }

    fn is_slowing(&mut self, now: Time, took: Took) -> bool {
        let (latencies, latency) = match took {
            Took::Standard(latency) => (&mut self.standard, latency),
            Took::Held(latency) => (&mut self.held, latency),
            Took::Batch(latency) => (&mut self.batch, latency),
            Took::Unknown => return false,
        };
        latencies.add(now, self.changed_at, whole_millis(latency))
    }

    fn fall(&mut self, now: Time, needed: u64) {
        if now.since(self.heard_since) < FALL_TIME {
            return;
        }
        let rate = self.rate.min(highest(needed));
        if std::mem::take(&mut self.has_grown) || self.too_much.is_none() {
            self.too_much = Some(rate);
        }
        self.heard_since = now;
        self.change(now, (rate / 2).max(LOWEST));
    }

    fn grow(&mut self, now: Time, needed: u64) {
        let doubled = self.rate.saturating_mul(2);
        let (time, grown) = match self.too_much {
            None => (DOUBLING_TIME, doubled),
            Some(too_much) if self.rate < too_much / 2 => {
                (DOUBLING_TIME, doubled.min(too_much / 2))
            }
            // The server bears clearly more than what was too much: that was something else.
            Some(too_much) if self.rate > too_much.saturating_add(too_much / 8) => {
                (DOUBLING_TIME, self.rate.saturating_add(self.rate / 4))
            }
            Some(too_much) => {
                // A third of the way to what was too much, and small steps near it and beyond.
                let step = (too_much.saturating_sub(self.rate) / 3).max(too_much / 16);
                (STEP_TIME, self.rate.saturating_add(step))
            }
        };
        // Half of the answers that the rate brings prove it.
        let enough = whole_millis(time).saturating_mul(self.rate) / 2_000_000;
        let is_proven = now.since(self.changed_at) >= time && u64::from(self.good) >= enough;
        if is_proven && self.rate < highest(needed) {
            self.has_grown = true;
            self.change(now, grown.min(highest(needed)));
        }
    }

    fn change(&mut self, now: Time, rate: u64) {
        self.rate = rate;
        self.changed_at = now;
        self.good = 0;
    }
}

impl Latency {
    const fn new() -> Self {
        Self {
            base: UNKNOWN_MILLIS,
            quickest: UNKNOWN_MILLIS,
            count: 0,
            began_at: Time::from_millis(0),
        }
    }

    /// Adds an answer. Whether it and those before it, since the rate last changed, are slow.
    fn add(&mut self, now: Time, changed_at: Time, latency: u64) -> bool {
        if self.count == 0 || self.began_at < changed_at {
            self.count = 0;
            self.quickest = latency;
            self.began_at = now;
        }
        self.count = self.count.saturating_add(1);
        self.quickest = self.quickest.min(latency);
        self.base = self.base.min(latency);
        if self.count < LOOK || now.since(self.began_at) < LOOK_TIME {
            return false;
        }
        self.count = 0;
        let is_slow = self.quickest > self.slow();
        if is_slow {
            // The way may have become longer, so that what is slow today is not slow for ever.
            self.base = self.base.saturating_add(self.quickest / 16);
        }
        is_slow
    }

    /// An answer that takes longer than this is slow.
    fn slow(&self) -> u64 {
        self.base.saturating_mul(2).saturating_add(TOLERANCE_MILLIS)
    }
}

/// The highest rate that makes sense: no faster than needed, though ten a second are never too many.
fn highest(needed: u64) -> u64 {
    needed.max(START)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use std::time::Duration;

    use super::{LOWEST, Latency, PollRate, START, Sign, Took};
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
    fn a_second_strain_within_a_quarter_of_a_second_is_the_first_one() {
        for (after, rate) in [(249, START / 2), (250, START / 4)] {
            let mut it = PollRate::new();
            for at in [10_000, 10_000 + after] {
                let now = Time::from_millis(at);
                it.on_end(now, now, Sign::Strained(Duration::ZERO), NEEDED);
            }
            assert_eq!(it.rate, rate, "{after} ms");
        }
    }

    #[test]
    fn five_answers_in_half_a_second_that_take_more_than_twice_as_long_are_slow() {
        for (latency, last, is_slow) in [(111, 500, true), (110, 500, false), (111, 499, false)] {
            let mut it = PollRate::new();
            let mut answer = |at: u64, latency| {
                let now = Time::from_millis(10_000 + at);
                it.on_end(now, now, after(latency), START);
            };
            for at in [0, 100, 200, 300, 500] {
                answer(at, 5);
            }
            for at in [0, 100, 200, 300, last] {
                answer(1_000 + at, latency);
            }
            assert_eq!(it.rate < START, is_slow, "{latency} ms, {last} ms");
        }
    }

    #[test]
    fn a_poll_without_an_answer_is_late_after_a_second_more_than_a_slow_one_takes() {
        for (sent_at, now, is_late) in [
            (10_000, 13_100, false),
            (10_000, 13_101, true),
            // Sent before anything was known of the server.
            (0, 20_000, false),
            (1, 20_000, true),
        ] {
            let mut it = PollRate::new();
            it.on_open(Time::from_millis(now), Time::from_millis(sent_at), NEEDED);
            assert_eq!(it.rate < START, is_late, "{sent_at} {now}");
        }
    }

    #[test]
    fn steps_are_small_between_half_of_what_was_too_much_and_an_eighth_more() {
        for (rate, grown) in [
            (5_000, 10_000),
            (15_000, 20_000),
            (20_000, 26_666),
            (45_000, 47_500),
            (48_000, 60_000),
        ] {
            let mut it = PollRate {
                rate,
                too_much: Some(40_000),
                good: u32::MAX,
                ..PollRate::new()
            };
            it.grow(Time::from_millis(100_000), NEEDED);
            assert_eq!(it.rate, grown, "from {rate}");
        }
    }

    #[test]
    fn a_rate_that_is_just_enough_is_no_limit() {
        let it = PollRate {
            too_much: Some(START),
            ..PollRate::new()
        };
        assert!(!it.is_limited(START) && it.is_limited(START + 1));
    }

    #[test]
    fn a_look_may_begin_with_the_change_of_the_rate_and_lengthens_the_way_by_a_sixteenth() {
        let began_at = Time::from_millis(10_000);
        let mut latency = Latency::new();
        let slow = [0, 100, 200, 300, 500].map(|at| {
            let now = began_at + Duration::from_millis(at);
            latency.add(now, began_at, 1_600)
        });
        assert_eq!(slow, [false; 5], "twice what is known of no server yet");
        let slow = [0, 100, 200, 300, 500].map(|at| {
            let now = began_at + Duration::from_millis(at);
            latency.base = 160;
            latency.add(now, began_at, 1_600)
        });
        assert_eq!(slow, [false, false, false, false, true]);
        assert_eq!(latency.base, 260);
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
                .on_end(now, sent_at, Sign::Strained(Duration::ZERO), NEEDED);
        }
        assert_eq!(world.rate.rate, NEEDED / 2);
    }

    #[test]
    fn a_server_that_refuses_everything_is_polled_once_a_second_within_a_round() {
        for sign in [Sign::Strained(Duration::ZERO), Sign::Failure] {
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
        let refused = Sign::Strained(Duration::from_secs(30));
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
                Sign::Strained(Duration::ZERO)
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
        world.run(20_000, |_| Sign::Strained(Duration::ZERO));
        world.now = world.now + Duration::from_secs(70);
        world.rate.on_sent(world.now, NEEDED);
        assert_eq!(world.rate.rate, START);
    }

    const REFUSED: Sign = Sign::Strained(Duration::ZERO);

    /// The rate after answers that come so many milliseconds after one another, each to a poll that has just been
    /// sent.
    fn rate_after(every: u64, needed: u64, signs: &[Sign]) -> u64 {
        let mut rate = PollRate::new();
        let mut now = Time::from_millis(10_000);
        rate.on_sent(now, needed);
        for sign in signs {
            now = now + Duration::from_millis(every);
            rate.on_end(now, now, *sign, needed);
        }
        rate.rate
    }

    #[test]
    fn too_few_answers_prove_no_rate() {
        assert_eq!(
            rate_after(260, NEEDED, &[after(5); 4]),
            START,
            "four, not five"
        );
        assert_eq!(rate_after(205, NEEDED, &[after(5); 5]), 2 * START);
    }

    #[test]
    fn answers_to_polls_from_before_a_change_prove_nothing() {
        let mut world = World::new();
        world.run(1_050, |_| after(5));
        let (sent_at, rate) = (Time::from_millis(1_500), world.rate.rate);
        for millis in 0..1_900 {
            let now = Time::from_millis(2_000 + millis);
            world.rate.on_end(now, sent_at, after(5), NEEDED);
        }
        assert_eq!(world.rate.rate, rate);
    }

    #[test]
    fn failures_in_a_row_halve_it_and_two_do_not() {
        let failure = Sign::Failure;
        assert_eq!(rate_after(10, START, &[failure, failure, after(5)]), START);
        assert_eq!(
            rate_after(10, START, &[failure, failure, after(5), failure]),
            START
        );
        assert_eq!(rate_after(10, START, &[failure; 3]), START / 2);
    }

    #[test]
    fn refusals_at_once_halve_it_once_and_later_ones_again() {
        assert_eq!(rate_after(100, START, &[REFUSED; 3]), START / 2);
        assert_eq!(rate_after(100, START, &[REFUSED; 4]), START / 4);
        assert_eq!(rate_after(250, START, &[REFUSED; 2]), START / 4);
        assert_eq!(rate_after(250, START, &[REFUSED; 9]), LOWEST);
    }

    #[test]
    fn slow_answers_are_a_strain_if_there_are_enough_of_them_for_long_enough() {
        let slow = |count| {
            let mut signs = vec![after(50)];
            signs.extend(vec![after(201); count]);
            signs
        };
        let single = |every, count| rate_after(every, START, &slow(count)[1..]);
        assert_eq!(single(100, 9), START, "nothing quicker is known");
        // The first answers are looked at with the quick one.
        assert_eq!(rate_after(125, START, &slow(8)), START, "four in a look");
        assert_eq!(
            rate_after(125, START, &slow(9)),
            START / 2,
            "five in a look"
        );
        assert_eq!(
            rate_after(100, START, &slow(10)),
            START,
            "not yet for so long"
        );
        assert_eq!(rate_after(100, START, &slow(11)), START / 2);
        let mut tolerated = slow(30);
        tolerated.iter_mut().skip(1).for_each(|it| *it = after(200));
        assert_eq!(rate_after(100, START, &tolerated), START);
    }

    #[test]
    fn slow_answers_of_one_kind_are_not_compared_with_quick_ones_of_another() {
        let kinds = [
            Took::Held as fn(Duration) -> Took,
            Took::Batch as fn(Duration) -> Took,
        ];
        for kind in kinds {
            let slow = Sign::Good(kind(Duration::from_millis(400)));
            let mixed: Vec<Sign> = (0..20)
                .map(|at| if at % 2 == 0 { after(5) } else { slow })
                .collect();
            assert_eq!(rate_after(100, START, &mixed), START);
            let quick = Sign::Good(kind(Duration::from_millis(5)));
            let mut later = vec![quick];
            later.extend(vec![slow; 12]);
            assert_eq!(rate_after(100, START, &later), START / 2, "{kind:?}");
        }
    }

    #[test]
    fn falls_in_a_row_do_not_lower_what_was_too_much() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        world.run(1_000, |_| REFUSED);
        assert_eq!(world.rate.too_much, Some(NEEDED));
        world.run(2_000, |_| after(5));
        world.run(1_000, |_| REFUSED);
        assert!(world.rate.too_much < Some(NEEDED));
    }

    #[test]
    fn server_that_bears_clearly_more_than_what_was_too_much_gets_it() {
        let mut world = World::new();
        world.run(1_500, |_| after(5));
        world.run(100, |_| REFUSED);
        assert_eq!(world.rate.too_much, Some(2 * START));
        world.run(38_000, |_| after(5));
        assert!(world.rate.rate < 5 * START / 2, "{}", world.rate.rate);
        world.run(30_000, |_| after(5));
        assert_eq!(world.rate.rate, NEEDED);
    }
}
