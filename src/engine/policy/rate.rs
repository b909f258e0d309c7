//! How many polls a second the client sends when jobs outnumber slots.
//!
//! The rate starts at ten a second and doubles each second while the server responds quickly. It halves when
//! the server refuses polls, times out or slows down. Then it doubles up to half of the overload rate, and
//! grows by one step per round from there. This follows TCP: slow start up to a threshold, then small steps
//! (RFC 5681, RFC 9438). The server counts as slower, as in TCP Vegas and HyStart++ (RFC 9406), when the
//! fastest of several responses in a row is slower than the fastest so far.

use std::time::Duration;

use crate::engine::time::{Time, whole_millis};

/// The time between two polls of one job, if the server is fast enough. With the time of a poll itself, the
/// client sees the end of a job within five seconds.
pub(crate) const ROUND: Duration = Duration::from_millis(4_750);
/// Polls in a thousand seconds: ten a second, which the smallest Deploy VM can handle.
const START_RATE: u64 = 10_000;
/// One a second: slow enough for any server, fast enough to notice that it has recovered.
const MIN_RATE: u64 = 1_000;
/// How long the rate stays before it doubles. It grows from ten to four hundred a second in two rounds.
const DOUBLING_TIME: Duration = Duration::from_secs(1);
/// How long the rate stays near the overload rate, so that each job is polled once at the new rate.
const STEP_TIME: Duration = Duration::from_secs(5);
/// The least time between two decreases, because the first one needs time to take effect.
const DECREASE_INTERVAL: Duration = Duration::from_millis(250);
/// Responses are evaluated together over this time, and at least this many. A short stall slows many polls,
/// but not for this long; chance slows single polls, but not this many.
const WINDOW_TIME: Duration = Duration::from_millis(500);
const WINDOW_RESPONSES: u32 = 5;
/// A response that takes this much longer than twice the fastest one is slow. A smaller excess may be the
/// client's own lag.
const TOLERANCE_MILLIS: u64 = 100;
/// The assumed fastest response before there is one.
const UNKNOWN_MILLIS: u64 = 1_000;
/// If several polls are open for this much longer than a slow response, the server hangs.
const STALL_MILLIS: u64 = 1_000;
/// This many failed polls in a row mean overload. Fewer may be chance.
const FAILURES: u32 = 3;
/// After this time without a poll, the rate starts again, because the server may have changed.
const MEMORY: Duration = Duration::from_secs(60);
/// Timers may be late, so the client may catch up with a few polls at once.
const CATCH_UP_MICROS: u64 = 50_000;

/// The rate, and what is known about the server. `needed` in the methods is the rate that polls each job once
/// per [`ROUND`].
#[derive(Debug)]
pub(crate) struct PollRate {
    /// Polls in a thousand seconds.
    rate: u64,
    /// The rate at the last overload.
    overload_rate: Option<u64>,
    /// Whether the rate has grown since its last decrease. Only then does a decrease set the overload rate.
    has_grown: bool,
    /// When the rate last changed.
    changed_at: Time,
    /// When the rate last decreased or the client was last late. Results of earlier polls do not count.
    valid_since: Time,
    /// Good responses to polls sent since the last change.
    good: u32,
    /// Failed polls in a row.
    failures: u32,
    standard: Latency,
    held: Latency,
    batch: Latency,
    /// The end of the server's `Retry-After`.
    paused_until: Option<Time>,
    sent_at: Option<Time>,
    next_micros: u64,
}

/// The response times of one kind of poll, in milliseconds.
#[derive(Debug)]
struct Latency {
    /// The fastest response so far.
    base: u64,
    /// The current window: its fastest response, its count and its start.
    quickest: u64,
    count: u32,
    began_at: Time,
}

/// What the end of a poll says about the server's load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoadSignal {
    /// It works.
    Good(Took),
    /// It refused the poll, with this `Retry-After`, or did not respond in time.
    Overloaded(Duration),
    /// The poll failed, perhaps by chance.
    Failure,
}

/// How long the server took to respond. Kinds of polls are not compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Took {
    Standard(Duration),
    /// How long after its `poll_timeout` a long poll got its response.
    Held(Duration),
    Batch(Duration),
    /// A long poll ended early, because its job changed.
    Unknown,
}

impl PollRate {
    pub(crate) fn new() -> Self {
        Self {
            rate: START_RATE,
            overload_rate: None,
            has_grown: false,
            changed_at: Time::default(),
            valid_since: Time::default(),
            good: 0,
            failures: 0,
            standard: Latency::new(),
            held: Latency::new(),
            batch: Latency::new(),
            paused_until: None,
            sent_at: None,
            next_micros: 0,
        }
    }

    /// The rate for this many polls per round, in whole polls a second.
    pub(crate) fn needed(polls: usize) -> u64 {
        let polls = u64::try_from(polls).unwrap_or(u64::MAX);
        let a_second = polls.saturating_mul(1_000).checked_div(whole_millis(ROUND));
        a_second.unwrap_or(u64::MAX).saturating_mul(1_000)
    }

    /// When the next poll may be sent. If jobs outnumber slots, `Retry-After` applies to all of them;
    /// otherwise only to the refused job.
    pub(crate) fn next_at(&self, is_crowded: bool) -> Time {
        let next = Time::from_millis(self.next_micros.div_ceil(1_000));
        let paused_until = self.paused_until.filter(|_| is_crowded);
        paused_until.map_or(next, |until| until.max(next))
    }

    /// Whether the rate is below the starting rate.
    pub(crate) fn is_low(&self) -> bool {
        self.rate < START_RATE
    }

    /// Whether the server has limited the rate to less than needed.
    pub(crate) fn is_limited(&self, needed: u64) -> bool {
        self.overload_rate.is_some() && self.rate < needed
    }

    /// How long this many polls take at this rate.
    pub(crate) fn time_for(&self, polls: usize) -> Duration {
        let polls = u64::try_from(polls).unwrap_or(u64::MAX);
        let time = polls.saturating_mul(1_000_000).checked_div(self.rate);
        Duration::from_millis(time.unwrap_or(u64::MAX))
    }

    /// A poll is sent.
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

    /// The client itself is late, so responses seem slower than they are.
    pub(crate) fn on_lag(&mut self, now: Time) {
        self.valid_since = now;
    }

    /// A poll ended.
    pub(crate) fn on_end(&mut self, now: Time, sent_at: Time, sign: LoadSignal, needed: u64) {
        if let LoadSignal::Overloaded(retry_after) = sign {
            self.paused_until = self.paused_until.max(Some(now + retry_after));
        }
        if sent_at <= self.valid_since {
            return;
        }
        let is_overloaded = match sign {
            LoadSignal::Good(took) => {
                self.failures = 0;
                self.is_slowing(now, took)
            }
            LoadSignal::Overloaded(_) => true,
            LoadSignal::Failure => {
                self.failures = self.failures.saturating_add(1);
                self.failures >= FAILURES
            }
        };
        if is_overloaded {
            self.decrease(now, needed);
        } else if self.failures == 0 && sent_at >= self.changed_at {
            self.good = self.good.saturating_add(1);
            self.increase(now, needed);
        }
    }

    /// Several standard polls have been open since `sent_at`, so the server may hang.
    pub(crate) fn on_open(&mut self, now: Time, sent_at: Time, needed: u64) {
        let limit = self.standard.slow().saturating_add(STALL_MILLIS);
        if sent_at > self.valid_since && whole_millis(now.since(sent_at)) > limit {
            self.decrease(now, needed);
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

    fn decrease(&mut self, now: Time, needed: u64) {
        if now.since(self.valid_since) < DECREASE_INTERVAL {
            return;
        }
        let rate = self.rate.min(highest(needed));
        if std::mem::take(&mut self.has_grown) || self.overload_rate.is_none() {
            self.overload_rate = Some(rate);
        }
        self.valid_since = now;
        self.change(now, (rate / 2).max(MIN_RATE));
    }

    fn increase(&mut self, now: Time, needed: u64) {
        let doubled = self.rate.saturating_mul(2);
        let (time, grown) = match self.overload_rate {
            None => (DOUBLING_TIME, doubled),
            Some(overload_rate) if self.rate < overload_rate / 2 => {
                (DOUBLING_TIME, doubled.min(overload_rate / 2))
            }
            // The server handles clearly more than the overload rate, so the overload had another cause.
            Some(overload_rate) if self.rate > overload_rate.saturating_add(overload_rate / 8) => {
                (DOUBLING_TIME, self.rate.saturating_add(self.rate / 4))
            }
            Some(overload_rate) => {
                // A third of the way to the overload rate, then small steps near and beyond it.
                let step = (overload_rate.saturating_sub(self.rate) / 3).max(overload_rate / 16);
                (STEP_TIME, self.rate.saturating_add(step))
            }
        };
        // The rate is proven by half of the responses that it should bring.
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

    /// Adds a response. True if the responses of this window are slow.
    fn add(&mut self, now: Time, changed_at: Time, latency: u64) -> bool {
        if self.count == 0 || self.began_at < changed_at {
            self.count = 0;
            self.quickest = latency;
            self.began_at = now;
        }
        self.count = self.count.saturating_add(1);
        self.quickest = self.quickest.min(latency);
        self.base = self.base.min(latency);
        if self.count < WINDOW_RESPONSES || now.since(self.began_at) < WINDOW_TIME {
            return false;
        }
        self.count = 0;
        let is_slow = self.quickest > self.slow();
        if is_slow {
            // Adapts slowly, because the network may have become slower permanently.
            self.base = self.base.saturating_add(self.quickest / 16);
        }
        is_slow
    }

    /// A response that takes longer than this is slow.
    fn slow(&self) -> u64 {
        self.base.saturating_mul(2).saturating_add(TOLERANCE_MILLIS)
    }
}

/// The highest useful rate: what is needed, but at least ten a second.
fn highest(needed: u64) -> u64 {
    needed.max(START_RATE)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use std::time::Duration;

    use super::{Latency, LoadSignal, MIN_RATE, PollRate, START_RATE, Took};
    use crate::engine::time::Time;

    const NEEDED: u64 = 400_000;

    /// A client that polls as fast as allowed and gets each result at once.
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

        /// Polls for this long and returns the number of polls.
        fn run(&mut self, millis: u64, mut sign: impl FnMut(u32) -> LoadSignal) -> u32 {
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

    fn after(millis: u64) -> LoadSignal {
        LoadSignal::Good(Took::Standard(Duration::from_millis(millis)))
    }

    #[test]
    fn rate_starts_at_ten_a_second_and_doubles_up_to_the_need() {
        let mut world = World::new();
        let polls: Vec<u32> = (0..8).map(|_| world.run(1_000, |_| after(5))).collect();
        assert!(polls.windows(2).all(|it| it[0] <= it[1]), "{polls:?}");
        assert!(polls[0] <= 11, "{polls:?}");
        assert!((395..=405).contains(&polls[7]), "{polls:?}");
    }

    #[test]
    fn overload_within_250_ms_counts_once() {
        for (after, rate) in [(249, START_RATE / 2), (250, START_RATE / 4)] {
            let mut it = PollRate::new();
            for at in [10_000, 10_000 + after] {
                let now = Time::from_millis(at);
                it.on_end(now, now, LoadSignal::Overloaded(Duration::ZERO), NEEDED);
            }
            assert_eq!(it.rate, rate, "{after} ms");
        }
    }

    #[test]
    fn five_responses_in_500_ms_above_twice_the_fastest_are_slow() {
        for (latency, last, is_slow) in [(111, 500, true), (110, 500, false), (111, 499, false)] {
            let mut it = PollRate::new();
            let mut answer = |at: u64, latency| {
                let now = Time::from_millis(10_000 + at);
                it.on_end(now, now, after(latency), START_RATE);
            };
            for at in [0, 100, 200, 300, 500] {
                answer(at, 5);
            }
            for at in [0, 100, 200, 300, last] {
                answer(1_000 + at, latency);
            }
            assert_eq!(it.rate < START_RATE, is_slow, "{latency} ms, {last} ms");
        }
    }

    #[test]
    fn open_poll_is_late_one_second_after_a_slow_response() {
        for (sent_at, now, is_late) in [
            (10_000, 13_100, false),
            (10_000, 13_101, true),
            // Sent before the server was known.
            (0, 20_000, false),
            (1, 20_000, true),
        ] {
            let mut it = PollRate::new();
            it.on_open(Time::from_millis(now), Time::from_millis(sent_at), NEEDED);
            assert_eq!(it.rate < START_RATE, is_late, "{sent_at} {now}");
        }
    }

    #[test]
    fn steps_are_small_near_the_overload_rate() {
        for (rate, grown) in [
            (5_000, 10_000),
            (15_000, 20_000),
            (20_000, 26_666),
            (45_000, 47_500),
            (48_000, 60_000),
        ] {
            let mut it = PollRate {
                rate,
                overload_rate: Some(40_000),
                good: u32::MAX,
                ..PollRate::new()
            };
            it.increase(Time::from_millis(100_000), NEEDED);
            assert_eq!(it.rate, grown, "from {rate}");
        }
    }

    #[test]
    fn rate_that_meets_the_need_is_not_limited() {
        let it = PollRate {
            overload_rate: Some(START_RATE),
            ..PollRate::new()
        };
        assert!(!it.is_limited(START_RATE) && it.is_limited(START_RATE + 1));
    }

    #[test]
    fn slow_window_raises_the_base_by_a_sixteenth() {
        let began_at = Time::from_millis(10_000);
        let mut latency = Latency::new();
        let slow = [0, 100, 200, 300, 500].map(|at| {
            let now = began_at + Duration::from_millis(at);
            latency.add(now, began_at, 1_600)
        });
        assert_eq!(slow, [false; 5], "below twice the assumed base");
        let slow = [0, 100, 200, 300, 500].map(|at| {
            let now = began_at + Duration::from_millis(at);
            latency.base = 160;
            latency.add(now, began_at, 1_600)
        });
        assert_eq!(slow, [false, false, false, false, true]);
        assert_eq!(latency.base, 260);
    }

    #[test]
    fn rate_stays_at_ten_a_second_if_that_is_enough() {
        let mut rate = PollRate::new();
        for second in 0..100 {
            let now = Time::from_millis(second * 1_000);
            for _ in 0..20 {
                rate.on_end(now, now, after(5), START_RATE);
            }
        }
        assert_eq!(rate.rate, START_RATE);
    }

    #[test]
    fn rejected_open_polls_halve_the_rate_once() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        let sent_at = world.now;
        let now = sent_at + Duration::from_millis(20);
        for _ in 0..50 {
            world
                .rate
                .on_end(now, sent_at, LoadSignal::Overloaded(Duration::ZERO), NEEDED);
        }
        assert_eq!(world.rate.rate, NEEDED / 2);
    }

    #[test]
    fn server_that_rejects_everything_gets_one_poll_a_second_within_a_round() {
        for sign in [LoadSignal::Overloaded(Duration::ZERO), LoadSignal::Failure] {
            let mut world = World::new();
            world.run(10_000, |_| after(5));
            world.run(5_000, |_| sign);
            assert_eq!(world.rate.rate, MIN_RATE, "{sign:?}");
        }
    }

    #[test]
    fn nothing_is_sent_during_a_retry_after() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        let until = world.now + Duration::from_secs(30);
        let rejected = LoadSignal::Overloaded(Duration::from_secs(30));
        world.rate.on_end(world.now, world.now, rejected, NEEDED);
        assert!(world.rate.next_at(true) >= until);
        assert!(world.rate.next_at(false) < until, "without a crowd");
    }

    #[test]
    fn slow_responses_in_a_row_halve_the_rate_and_single_ones_do_not() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        world.run(10_000, |at| after(if at % 4 == 0 { 5 } else { 900 }));
        assert_eq!(world.rate.rate, NEEDED);
        world.run(1_200, |_| after(900));
        assert!(world.rate.rate < NEEDED);
    }

    #[test]
    fn slower_network_counts_as_slow_for_a_minute_only() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        world.run(90_000, |_| after(400));
        world.run(60_000, |_| after(400));
        assert!(world.rate.rate > NEEDED / 4, "{}", world.rate.rate);
    }

    #[test]
    fn responses_that_the_client_left_unread_are_not_slow() {
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
    fn hanging_server_halves_the_rate_before_a_timeout() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        let sent_at = world.now;
        world
            .rate
            .on_open(sent_at + Duration::from_secs(2), sent_at, NEEDED);
        assert_eq!(world.rate.rate, NEEDED / 2);
    }

    #[test]
    fn overload_rate_is_approached_in_small_steps() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        let rejected = |at| {
            if at == 0 {
                LoadSignal::Overloaded(Duration::ZERO)
            } else {
                after(5)
            }
        };
        world.run(4_900, rejected);
        assert_eq!(world.rate.rate, NEEDED / 2, "it stays for a round");
        world.run(10_000, |_| after(5));
        assert!(world.rate.rate < NEEDED * 7 / 8 + NEEDED / 16);
        world.run(60_000, |_| after(5));
        assert_eq!(world.rate.rate, NEEDED);
    }

    #[test]
    fn rate_recovers_soon_after_an_outage() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        world.run(20_000, |_| LoadSignal::Failure);
        assert_eq!(world.rate.rate, MIN_RATE);
        world.run(15_000, |_| after(5));
        assert!(world.rate.rate >= NEEDED / 2);
    }

    #[test]
    fn rate_resets_after_a_minute_without_a_poll() {
        let mut world = World::new();
        world.run(20_000, |_| LoadSignal::Overloaded(Duration::ZERO));
        world.now = world.now + Duration::from_secs(70);
        world.rate.on_sent(world.now, NEEDED);
        assert_eq!(world.rate.rate, START_RATE);
    }

    const REJECTED: LoadSignal = LoadSignal::Overloaded(Duration::ZERO);

    /// The rate after responses at this interval, each to a poll that was just sent.
    fn rate_after(every: u64, needed: u64, signs: &[LoadSignal]) -> u64 {
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
    fn too_few_responses_do_not_raise_the_rate() {
        assert_eq!(
            rate_after(260, NEEDED, &[after(5); 4]),
            START_RATE,
            "four responses, not five"
        );
        assert_eq!(rate_after(205, NEEDED, &[after(5); 5]), 2 * START_RATE);
    }

    #[test]
    fn responses_to_polls_before_a_change_do_not_count() {
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
    fn three_failures_in_a_row_halve_the_rate_and_two_do_not() {
        let failure = LoadSignal::Failure;
        assert_eq!(
            rate_after(10, START_RATE, &[failure, failure, after(5)]),
            START_RATE
        );
        assert_eq!(
            rate_after(10, START_RATE, &[failure, failure, after(5), failure]),
            START_RATE
        );
        assert_eq!(rate_after(10, START_RATE, &[failure; 3]), START_RATE / 2);
    }

    #[test]
    fn simultaneous_rejections_halve_the_rate_once_and_later_ones_again() {
        assert_eq!(rate_after(100, START_RATE, &[REJECTED; 3]), START_RATE / 2);
        assert_eq!(rate_after(100, START_RATE, &[REJECTED; 4]), START_RATE / 4);
        assert_eq!(rate_after(250, START_RATE, &[REJECTED; 2]), START_RATE / 4);
        assert_eq!(rate_after(250, START_RATE, &[REJECTED; 9]), MIN_RATE);
    }

    #[test]
    fn slow_responses_mean_overload_if_enough_come_for_long_enough() {
        let slow = |count| {
            let mut signs = vec![after(50)];
            signs.extend(vec![after(201); count]);
            signs
        };
        let single = |every, count| rate_after(every, START_RATE, &slow(count)[1..]);
        assert_eq!(single(100, 9), START_RATE, "no faster response is known");
        // The first window includes the fast response.
        assert_eq!(
            rate_after(125, START_RATE, &slow(8)),
            START_RATE,
            "four in a window"
        );
        assert_eq!(
            rate_after(125, START_RATE, &slow(9)),
            START_RATE / 2,
            "five in a window"
        );
        assert_eq!(
            rate_after(100, START_RATE, &slow(10)),
            START_RATE,
            "the window is not over"
        );
        assert_eq!(rate_after(100, START_RATE, &slow(11)), START_RATE / 2);
        let mut tolerated = slow(30);
        tolerated.iter_mut().skip(1).for_each(|it| *it = after(200));
        assert_eq!(rate_after(100, START_RATE, &tolerated), START_RATE);
    }

    #[test]
    fn response_times_of_different_poll_kinds_are_not_compared() {
        let kinds = [
            Took::Held as fn(Duration) -> Took,
            Took::Batch as fn(Duration) -> Took,
        ];
        for kind in kinds {
            let slow = LoadSignal::Good(kind(Duration::from_millis(400)));
            let mixed: Vec<LoadSignal> = (0..20)
                .map(|at| if at % 2 == 0 { after(5) } else { slow })
                .collect();
            assert_eq!(rate_after(100, START_RATE, &mixed), START_RATE);
            let quick = LoadSignal::Good(kind(Duration::from_millis(5)));
            let mut later = vec![quick];
            later.extend(vec![slow; 12]);
            assert_eq!(
                rate_after(100, START_RATE, &later),
                START_RATE / 2,
                "{kind:?}"
            );
        }
    }

    #[test]
    fn repeated_decreases_do_not_lower_the_overload_rate() {
        let mut world = World::new();
        world.run(10_000, |_| after(5));
        world.run(1_000, |_| REJECTED);
        assert_eq!(world.rate.overload_rate, Some(NEEDED));
        world.run(2_000, |_| after(5));
        world.run(1_000, |_| REJECTED);
        assert!(world.rate.overload_rate < Some(NEEDED));
    }

    #[test]
    fn rate_may_exceed_an_old_overload_rate() {
        let mut world = World::new();
        world.run(1_500, |_| after(5));
        world.run(100, |_| REJECTED);
        assert_eq!(world.rate.overload_rate, Some(2 * START_RATE));
        world.run(38_000, |_| after(5));
        assert!(world.rate.rate < 5 * START_RATE / 2, "{}", world.rate.rate);
        world.run(30_000, |_| after(5));
        assert_eq!(world.rate.rate, NEEDED);
    }
}
