//! Slow, dead or overloaded servers while jobs outnumber slots.

use std::collections::BTreeMap;

use ontap_select_deploy::engine::{
    Config, ExchangeId, Input, Response, RetryPolicy, Time, WaiterId,
};

use crate::harness::{Harness, Millis, NO_LIMIT, count, json, ms, record, secs};

const HOUR: Millis = 3_600_000;

fn crowd(config: Config, jobs: usize) -> (Harness, Vec<WaiterId>) {
    let mut bench = Harness::with(config);
    let waiters = (0..jobs).map(|at| bench.wait(&format!("job-{at}"), NO_LIMIT));
    let waiters = waiters.collect();
    (bench, waiters)
}

fn slots(max_open_polls: u32) -> Config {
    Config {
        max_open_polls: count(max_open_polls),
        ..Config::default()
    }
}

/// Runs for this long. Each poll gets its response after this latency: `reply` of the request's number for
/// its path, or none.
fn run(
    bench: &mut Harness,
    span: Millis,
    latency: Millis,
    mut reply: impl FnMut(usize, Time) -> Option<Response>,
) {
    let end = bench.now + ms(span);
    let mut due: BTreeMap<ExchangeId, Option<Time>> = BTreeMap::new();
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        due.retain(|exchange, _| bench.open.contains_key(exchange));
        for exchange in bench.open.keys() {
            due.entry(*exchange)
                .or_insert(Some(bench.now + ms(latency)));
        }
        let response = due.iter().filter_map(|(it, at)| Some(((*at)?, *it))).min();
        let wake = bench.engine.next_timeout();
        let Some(at) = response.map(|(at, _)| at).into_iter().chain(wake).min() else {
            return;
        };
        if at > end {
            bench.now = end;
            return;
        }
        bench.now = bench.now.max(at);
        match response.filter(|(at, _)| *at <= bench.now) {
            Some((_, exchange)) => {
                let target = bench.open[&exchange].target.clone().unwrap();
                let path = target.split('?').next().unwrap().to_owned();
                let count = asked.entry(path).or_default();
                *count += 1;
                match reply(*count, bench.now) {
                    Some(response) => bench.respond_now(exchange, response),
                    None => drop(due.insert(exchange, None)),
                }
            }
            None => bench.handle(Input::Timeout),
        }
    }
}

#[test]
fn slow_server_starves_no_job() {
    for (jobs, latency) in [
        (5, 5_500),
        (12, 3_000),
        (20, 2_500),
        (20, 1_500),
        (40, 4_000),
    ] {
        let (mut bench, waiters) = crowd(slots(4), jobs);
        run(&mut bench, HOUR, latency, |count, _| {
            Some(match count {
                1 => record("running", "m", "s1"),
                _ => record("success", "", "s2"),
            })
        });
        let waiting = waiters.iter().filter(|it| bench.is_waiting(**it)).count();
        assert_eq!(waiting, 0, "{jobs} jobs, responses after {latency} ms");
    }
}

#[test]
fn silent_server_ends_each_wait() {
    for jobs in [5, 12, 20] {
        let (mut bench, waiters) = crowd(slots(4), jobs);
        run(&mut bench, 4 * HOUR, 10, |count, _| {
            (count == 1).then(|| record("running", "m", "s1"))
        });
        for waiter in waiters {
            assert_eq!(bench.code(waiter).name(), "TRANSPORT", "{jobs} jobs");
        }
    }
}

#[test]
fn restart_slows_a_crowd_only_for_seconds() {
    for jobs in [4, 10, 32] {
        let retry = RetryPolicy::default().with_initial_delay(ms(1_000));
        let config = Config { retry, ..slots(32) };
        let (mut bench, waiters) = crowd(config, jobs);
        let up_at = bench.now + ms(5_000);
        run(&mut bench, 15_000, 1, |_, now| {
            Some(if now < up_at {
                json(503, "")
            } else {
                record("success", "", "s1")
            })
        });
        let waiting = waiters.iter().filter(|it| bench.is_waiting(**it)).count();
        assert_eq!(waiting, 0, "of {jobs} jobs");
    }
}

#[test]
fn overloaded_server_is_polled_less_and_less() {
    let (mut bench, _) = crowd(slots(32), 32);
    run(&mut bench, 5_000, 1, |_, _| Some(json(429, "")));
    let first = bench.polls();
    run(&mut bench, 5_000, 1, |_, _| Some(json(429, "")));
    assert!(bench.polls() - first <= 8, "{}", bench.polls() - first);
}

#[test]
fn another_waiter_does_not_move_a_job_back_in_the_queue() {
    let (mut bench, _) = crowd(slots(1), 3);
    bench.wait("job-1", NO_LIMIT);
    bench.respond(5, record("running", "m", "s1"));
    bench.pass(100);
    assert!(bench.last_target().starts_with("/jobs/job-1?"));
}

#[test]
fn jobs_in_long_pauses_release_their_slots() {
    let (mut bench, _) = crowd(slots(4), 5);
    let mut away = json(500, "");
    away.retry_after = Some(secs(60));
    bench.respond_now(bench.first_open(), away);
    bench.pass(1_000);
    for _ in 0..4 {
        bench.respond_now(bench.first_open(), record("running", "m", "s1"));
        bench.pass(200);
    }
    for sent in bench.open.values() {
        let target = sent.target.as_deref().unwrap();
        assert!(target.contains("poll_timeout=30&"), "{target}");
    }
}

#[test]
fn a10_standard_polls_may_take_as_long_as_other_requests() {
    for (request_timeout, patience) in [
        (Some(secs(30)), 30_000),
        (Some(secs(120)), 120_000),
        (Some(secs(2)), 10_000),
        (None, 300_000),
    ] {
        let config = Config {
            request_timeout,
            ..Config::default()
        };
        let mut bench = Harness::with(config.clone());
        let waiter = bench.wait("j", NO_LIMIT);
        bench.pass(patience - 1);
        assert_eq!(bench.open.len(), 1);
        bench.respond(0, record("success", "", "s1"));
        assert_eq!(bench.final_state(waiter), "success");
        let mut bench = Harness::with(config);
        let once = bench.poll_once("j");
        bench.pass(patience - 1);
        assert!(bench.is_waiting(once));
        bench.pass(1);
        assert_eq!(bench.code(once).name(), "TRANSPORT");
    }
}

#[test]
fn a10_server_that_takes_eleven_seconds_per_get_is_supported() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(11_000, record("running", "one", "s1"));
    for _ in 0..5 {
        assert!(bench.last_target().contains("poll_timeout=30&"));
        bench.respond(41_000, record("running", "one", "s1"));
    }
    bench.respond(11_000, record("success", "", "s2"));
    assert_eq!(bench.final_state(waiter), "success");
    assert_eq!(bench.engine.stats().retries, 0);
}
