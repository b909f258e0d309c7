//! More jobs than slots: no job is forgotten or preferred, and the server is not overloaded.

use std::collections::BTreeMap;
use std::time::Duration;

use ontap_select_deploy::engine::Config;
use serde_json::{Value, json};

use crate::load::{Load, Loaded};
use crate::pair::{Millis, Pair, count, deploy, one_host};

const NO_LIMIT: Millis = Millis::MAX;
const SECOND: Millis = 1_000;

/// A client with these slots that follows these jobs, which rarely change.
fn crowd(jobs: usize, slots: u32, rules: &Value) -> Pair {
    crowd_of(jobs, slots, rules, Config::default())
}

fn crowd_of(jobs: usize, slots: u32, rules: &Value, client: Config) -> Pair {
    let config = json!({"stepMs": 3_600_000, "logLimit": 1_000_000, "rules": rules});
    let client = Config {
        max_open_polls: count(slots),
        ..client
    };
    let mut pair = Pair::with(deploy(config), client, 1);
    for at in 0..jobs {
        pair.post("/hosts", &one_host(&format!("esx-{at}")), NO_LIMIT);
    }
    pair
}

/// The start and end of each job's polls after `from`.
fn polls(pair: &Pair, from: Millis) -> BTreeMap<String, Vec<(Millis, Millis)>> {
    let mut polls: BTreeMap<String, Vec<(Millis, Millis)>> = BTreeMap::new();
    for entry in pair.deploy.log().filter(|it| it.path.starts_with("/jobs")) {
        let listed = entry.query.iter().find(|(name, _)| name == "id");
        let jobs = match (&entry.job, listed) {
            (Some(job), _) => vec![job.clone()],
            // A rejected batch returns no job.
            (None, Some((_, ids))) if entry.rule.is_none() => {
                ids.split('|').map(str::to_owned).collect()
            }
            (None, _) => Vec::new(),
        };
        for job in jobs {
            let at = polls.entry(job).or_default();
            if entry.at >= from {
                at.push((entry.at, entry.ended_at.unwrap_or(pair.now())));
            }
        }
    }
    polls
}

/// A server without a collection of jobs.
fn no_list() -> Value {
    json!([{"match": {"path": "/jobs"}, "action": {"kind": "status", "status": 405}}])
}

#[test]
fn each_job_has_one_turn_in_a_rotation() {
    for (jobs, slots) in [
        (2, 1),
        (5, 4),
        (9, 4),
        (20, 4),
        (21, 4),
        (50, 4),
        (50, 32),
        (200, 4),
        (200, 32),
        (400, 1),
    ] {
        for rules in [no_list(), json!([])] {
            check_rounds(jobs, slots, &rules);
        }
    }
}

fn check_rounds(jobs: usize, slots: u32, rules: &Value) {
    let lists = rules == &json!([]);
    let case = format!("{jobs} jobs, {slots} slots, lists: {lists}");
    let mut pair = crowd(jobs, slots, rules);
    let number = u64::try_from(jobs).unwrap();
    // The latency of a poll is 40 ms, so one slot allows 25 a second.
    let alone = (number * 40 / u64::from(slots)).max(5 * SECOND);
    // At least forty ids fit into a URL.
    let round = if lists && slots < 32 {
        5 * SECOND
    } else {
        alone
    };
    // Long polls from before the crowd stay open until another job needs the slot.
    let begin = (2 * alone + 10 * SECOND).max(35 * SECOND);
    let end = begin + 6 * round;
    pair.run_until(begin);
    let before = pair.deploy.counters().requests;
    pair.run_until(end);
    let requests = pair.deploy.counters().requests - before;
    let polls = polls(&pair, begin);
    assert_eq!(polls.len(), jobs, "every job is polled");
    for (job, at) in &polls {
        let ends = at.iter().map(|(_, end)| *end);
        let begins = at.iter().map(|(begin, _)| *begin);
        let unseen = begins
            .skip(1)
            .zip(ends)
            .map(|(begin, end)| begin.saturating_sub(end));
        let unseen = unseen
            .max()
            .unwrap_or_else(|| panic!("{case}: {job} is polled {} times", at.len()));
        assert!(
            unseen <= round + SECOND,
            "{case}: {job} was not seen for {unseen} ms"
        );
    }
    let counts = polls.values().map(Vec::len);
    let (most, least) = (counts.clone().max().unwrap(), counts.min().unwrap());
    assert!(
        most <= least + 2,
        "{case}: one job had {most} turns, another {least}"
    );
    assert!(
        requests <= (end - begin) * (number * SECOND / 4_750).max(10) / SECOND + 10,
        "{case}: {requests} requests in {} ms",
        end - begin
    );
    if lists && (jobs > 50 || slots < 32 && jobs > 20) {
        let rounds = (end - begin) / round;
        let few = rounds * u64::try_from(jobs.div_ceil(40)).unwrap() * 4;
        assert!(
            requests <= few,
            "{case}: {requests} requests in {rounds} rounds"
        );
    }
    let open = pair.deploy.counters().max_open_polls;
    assert!(open <= u64::from(slots), "{case}: {open} polls were open");
}

#[test]
fn jobs_that_fit_have_long_polls_of_full_length() {
    let mut pair = crowd(4, 4, &json!([]));
    pair.run_until(120 * SECOND);
    for (job, at) in polls(&pair, 31 * SECOND) {
        assert!(at.len() <= 3, "{job} was polled {} times in 89 s", at.len());
    }
}

#[test]
fn new_job_among_many_is_polled_soon() {
    let mut pair = crowd(4, 4, &json!([]));
    pair.run_until(10 * SECOND);
    pair.post("/hosts", &one_host("late"), NO_LIMIT);
    pair.run_until(11 * SECOND);
    let polls = polls(&pair, 10 * SECOND);
    assert_eq!(
        polls.len(),
        5,
        "the newcomer is among those that were polled"
    );
    // The earlier long polls are preempted one after another and return as shorter ones.
    assert!(polls.values().all(|at| at.len() <= 2));
}

#[test]
fn long_polls_regain_their_length_after_a_crowd() {
    let mut pair = crowd(8, 4, &json!([]));
    pair.run_until(30 * SECOND);
    for waiter in 1..=5_u32 {
        pair.abort(waiter.try_into().unwrap());
    }
    pair.run_until(40 * SECOND);
    let before = pair.deploy.counters().long_polls;
    pair.run_until(130 * SECOND);
    let after = pair.deploy.counters().long_polls;
    assert!(
        after - before <= 3 * 4,
        "{} long polls in 90 s",
        after - before
    );
}

#[test]
fn backpressure_slows_all_jobs_then_recovers() {
    for status in [429, 503] {
        let rules = json!([
            {"match": {"path": "/jobs"}, "action": {"kind": "status", "status": 405}},
            {"match": {"path": "/jobs/*"}, "skip": 100, "count": 10, "action": {"kind": "status", "status": status}},
        ]);
        let mut pair = crowd(50, 4, &rules);
        let rate = |pair: &mut Pair, end: Millis| {
            let before = pair.deploy.counters().requests;
            let from = pair.now();
            pair.run_until(end);
            (pair.deploy.counters().requests - before) * SECOND / (end - from)
        };
        let usual = rate(&mut pair, 10 * SECOND);
        let slowed = rate(&mut pair, 20 * SECOND);
        pair.run_until(120 * SECOND);
        let later = rate(&mut pair, 140 * SECOND);
        assert!(
            slowed * 3 <= usual,
            "{status}: {usual}, then {slowed} a second"
        );
        assert!(
            later * 2 > usual,
            "{status}: {usual}, and {later} a second in the end"
        );
    }
}

#[test]
fn busy_jobs_do_not_starve_quiet_ones() {
    let chatty: Vec<Value> = (0..20_000)
        .map(|turn| json!({"state": "running", "message": format!("step {turn}"), "afterMs": 50}))
        .collect();
    let config = json!({
        "stepMs": 3_600_000, "logLimit": 1_000_000,
        "scripts": [{"name": "chatty-*", "steps": chatty}],
    });
    let client = Config {
        max_open_polls: count(4),
        ..Config::default()
    };
    let mut pair = Pair::with(deploy(config), client, 1);
    for at in 0..6 {
        pair.post("/hosts", &one_host(&format!("chatty-{at}")), NO_LIMIT);
        pair.post("/hosts", &one_host(&format!("quiet-{at}")), NO_LIMIT);
    }
    pair.run_until(100 * SECOND);
    for (job, at) in polls(&pair, 20 * SECOND) {
        let gaps = at.windows(2).map(|it| it[1].0.saturating_sub(it[0].1));
        let most = gaps.max().unwrap_or(80 * SECOND);
        assert!(most <= 7 * SECOND, "{job} was not seen for {most} ms");
    }
    let sent = pair.deploy.counters().requests;
    assert!(sent <= 1_100, "{sent} requests in 100 s");
}

/// How late the client saw the ends of jobs, sorted. The jobs end one after another between `first` and
/// `last`, and the server does not support batches.
fn lateness(jobs: u64, slots: u32, load: Load, (first, last): (Millis, Millis)) -> Vec<Millis> {
    let lasts = |at: u64| first + (last - first) * at / jobs;
    let scripts: Vec<Value> = (0..jobs)
        .map(|at| {
            let running = json!({"state": "running", "message": "", "afterMs": 0});
            let success = json!({"state": "success", "message": "", "afterMs": lasts(at)});
            json!({"name": format!("esx-{at}"), "steps": [running, success]})
        })
        .collect();
    let config = json!({"scripts": scripts, "rules": no_list(), "logLimit": 1});
    let client = Config {
        max_open_polls: count(slots),
        ..Config::default()
    };
    let mut pair = Pair::with(deploy(config), client, 1);
    let waiters: Vec<_> = (0..jobs)
        .map(|at| pair.post("/hosts", &one_host(&format!("esx-{at}")), NO_LIMIT))
        .collect();
    pair.loaded = Some(Loaded::new(load));
    pair.run(last + 600 * SECOND);
    let late = waiters.iter().zip(0..).map(|(waiter, at)| {
        assert_eq!(pair.verdict(*waiter), "success");
        pair.settled_at[waiter].saturating_sub(lasts(at))
    });
    let mut late: Vec<Millis> = late.collect();
    late.sort_unstable();
    late
}

const QUICK: Load = Load::Queue {
    workers: 8,
    service: 5,
};

#[test]
fn a21_quick_server_shows_every_end_of_2000_jobs_within_5_s() {
    let late = lateness(2_000, 100, QUICK, (20 * SECOND, 60 * SECOND));
    assert!(late[1_999] <= 5 * SECOND, "{} ms", late[1_999]);
}

#[test]
fn a21_quick_server_shows_the_ends_of_200_jobs_within_1_s_at_the_median() {
    let late = lateness(200, 100, QUICK, (10 * SECOND, 60 * SECOND));
    assert!(late[100] <= SECOND, "{} ms", late[100]);
    assert!(late[199] <= 5 * SECOND, "{} ms", late[199]);
}

#[test]
fn a21_quick_server_is_polled_once_in_5_s_for_each_job_after_two_rounds() {
    for jobs in [200, 600, 2_000] {
        let mut pair = crowd(jobs, 32, &no_list());
        pair.loaded = Some(Loaded::new(QUICK));
        pair.run_until(60 * SECOND);
        let (polls, _, queue) = pair
            .loaded
            .as_ref()
            .unwrap()
            .between(10 * SECOND, 60 * SECOND);
        assert!(
            (jobs * 9..=jobs * 11).contains(&polls),
            "{jobs} jobs: {polls} polls"
        );
        // A few polls are sent together if a timer is late.
        assert!(queue <= 20, "{jobs} jobs: {queue} ms in the queue");
    }
}

/// The limits of a server's load in the three minutes after the first one.
struct Bounds {
    in_a_second: usize,
    /// The least load, in percent of what it can handle.
    least: usize,
    /// The most rejected polls, in percent of all.
    refused: usize,
    /// The longest wait of a poll in its queue.
    queue: Millis,
}

fn check_load(jobs: usize, load: Load, bounds: &Bounds) {
    // How long a hanging poll keeps its slot.
    let client = Config {
        request_timeout: Some(Duration::from_secs(10)),
        ..Config::default()
    };
    let mut pair = crowd_of(jobs, 100, &no_list(), client);
    pair.loaded = Some(Loaded::new(load));
    pair.run_until(240 * SECOND);
    let loaded = pair.loaded.as_ref().unwrap();
    let (polls, refused, queue) = loaded.between(60 * SECOND, 240 * SECOND);
    let case = format!("{load:?}: {polls} polls, {refused} refused, {queue} ms in the queue");
    let answered = polls - refused;
    assert!(
        answered * 100 >= bounds.in_a_second * 180 * bounds.least,
        "{case}"
    );
    assert!(answered <= bounds.in_a_second * 180, "{case}");
    assert!(refused * 100 <= polls * bounds.refused, "{case}");
    assert!(queue <= bounds.queue, "{case}");
    // No job waits longer than four rounds at the server's rate, including the first minute.
    let longest = u64::try_from(4 * jobs / bounds.in_a_second).unwrap() * SECOND;
    for (job, at) in self::polls(&pair, 0) {
        let ends = at.iter().map(|(_, end)| *end);
        let begins = at.iter().skip(1).map(|(begin, _)| *begin);
        let unseen = begins.chain([240 * SECOND]).zip(ends);
        let unseen = unseen.map(|(begin, end)| begin.saturating_sub(end)).max();
        let unseen = unseen.unwrap_or(240 * SECOND);
        assert!(
            unseen <= longest + 40 * SECOND,
            "{case}: {job} was not seen for {unseen} ms"
        );
    }
}

#[test]
fn a21_slow_server_gets_what_it_can_handle_without_a_long_queue() {
    for (workers, service) in [(1, 50), (4, 200)] {
        let bounds = Bounds {
            in_a_second: 20,
            least: 70,
            refused: 0,
            queue: 2_500,
        };
        check_load(1_000, Load::Queue { workers, service }, &bounds);
    }
    let bounds = Bounds {
        in_a_second: 5,
        least: 50,
        refused: 0,
        queue: 4_000,
    };
    let load = Load::Queue {
        workers: 1,
        service: 200,
    };
    check_load(250, load, &bounds);
}

#[test]
fn a21_rejecting_server_rejects_few_polls() {
    for (status, retry_after) in [(503, None), (429, Some(2)), (429, None)] {
        let bounds = Bounds {
            in_a_second: 50,
            least: 60,
            refused: 2,
            queue: 0,
        };
        let load = Load::Refusing {
            in_a_second: 50,
            status,
            retry_after,
        };
        check_load(2_000, load, &bounds);
    }
}

#[test]
fn a21_server_that_breaks_is_up_most_of_the_time() {
    let bounds = Bounds {
        in_a_second: 50,
        least: 50,
        refused: 8,
        queue: 0,
    };
    let load = Load::Breaking {
        in_a_second: 50,
        down: 3_000,
    };
    check_load(2_000, load, &bounds);
}

#[test]
fn a21_server_that_hangs_loses_few_polls() {
    let bounds = Bounds {
        in_a_second: 100,
        least: 50,
        refused: 8,
        queue: 0,
    };
    let load = Load::Hanging {
        at_once: 10,
        service: 100,
    };
    check_load(2_000, load, &bounds);
}

#[test]
fn a21_overloaded_server_gets_few_polls_within_a_round_until_it_recovers() {
    let refusing = |status| Load::Refusing {
        in_a_second: 5,
        status,
        retry_after: None,
    };
    let slow = Load::Queue {
        workers: 1,
        service: 500,
    };
    let hanging = Load::Hanging {
        at_once: 0,
        service: 100,
    };
    for load in [refusing(503), refusing(429), slow, hanging] {
        let mut pair = crowd(2_000, 100, &no_list());
        pair.loaded = Some(Loaded::new(QUICK));
        pair.run_until(30 * SECOND);
        pair.loaded = Some(Loaded::new(load));
        pair.run_until(45 * SECOND);
        let loaded = pair.loaded.as_ref().unwrap();
        let (polls, ..) = loaded.between(35 * SECOND, 45 * SECOND);
        assert!(polls <= 60, "{load:?}: {polls} polls in 10 s");
        pair.loaded = Some(Loaded::new(QUICK));
        pair.run_until(120 * SECOND);
        let loaded = pair.loaded.as_ref().unwrap();
        let (polls, ..) = loaded.between(110 * SECOND, 120 * SECOND);
        assert!(polls >= 3_600, "{load:?}: {polls} polls in 10 s");
    }
}

#[test]
fn a21_noise_is_not_overload() {
    let load = Load::Noisy { least: 2, most: 40 };
    let mut pair = crowd(2_000, 100, &no_list());
    pair.loaded = Some(Loaded::new(load));
    pair.run_until(120 * SECOND);
    let (polls, ..) = pair
        .loaded
        .as_ref()
        .unwrap()
        .between(10 * SECOND, 120 * SECOND);
    assert!(polls >= 2_000 * 110 / 5 * 95 / 100, "{polls} polls");
}
