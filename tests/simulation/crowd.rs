//! More jobs than slots: none is forgotten, none is favoured, and the server is spared.

use std::collections::BTreeMap;

use ontap_select_deploy::engine::Config;
use serde_json::{Value, json};

use crate::load::{Load, Loaded};
use crate::pair::{Millis, Pair, count, deploy, one_host};

const NO_LIMIT: Millis = Millis::MAX;
const SECOND: Millis = 1_000;

/// A client with so many slots that follows so many jobs, none of which changes for long.
fn crowd(jobs: usize, slots: u32, rules: &Value) -> Pair {
    let config = json!({"stepMs": 3_600_000, "logLimit": 1_000_000, "rules": rules});
    let client = Config {
        max_open_polls: count(slots),
        ..Config::default()
    };
    let mut pair = Pair::with(deploy(config), client, 1);
    for at in 0..jobs {
        pair.post("/hosts", &one_host(&format!("esx-{at}")), NO_LIMIT);
    }
    pair
}

/// When each job was polled in the time after `from`: begin and end.
fn polls(pair: &Pair, from: Millis) -> BTreeMap<String, Vec<(Millis, Millis)>> {
    let mut polls: BTreeMap<String, Vec<(Millis, Millis)>> = BTreeMap::new();
    for entry in pair.deploy.log().filter(|it| it.path.starts_with("/jobs")) {
        let listed = entry.query.iter().find(|(name, _)| name == "id");
        let jobs = match (&entry.job, listed) {
            (Some(job), _) => vec![job.clone()],
            // A list that the server does not have shows nobody.
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

/// A server that knows no collection of jobs.
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
    // A poll takes 40 ms on the way, so that one slot makes 25 a second.
    let alone = (number * 40 / u64::from(slots)).max(5 * SECOND);
    // Forty ids and more fit into an address.
    let round = if lists && slots < 32 {
        5 * SECOND
    } else {
        alone
    };
    // Long polls from before the crowd stay as long as nobody needs their slots.
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
fn jobs_that_fit_hold_long_polls_of_full_length() {
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
    // The long polls from before make room one after another, and come back with shorter ones.
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

/// How late the ends of jobs were seen, sorted: so many jobs that end one after another between `first` and
/// `last`, followed with so many slots by a client of which the server knows no collection.
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
    println!(
        "2000 jobs: median {} ms, most {} ms",
        late[1_000], late[1_999]
    );
    assert!(late[1_999] <= 5 * SECOND, "{} ms", late[1_999]);
}

#[test]
fn a21_quick_server_shows_the_ends_of_200_jobs_within_1_s_at_the_median() {
    let late = lateness(200, 100, QUICK, (10 * SECOND, 60 * SECOND));
    println!("200 jobs: median {} ms, most {} ms", late[100], late[199]);
    assert!(late[100] <= SECOND, "{} ms", late[100]);
    assert!(late[199] <= 5 * SECOND, "{} ms", late[199]);
}

/// A client that follows so many jobs of a server that bears a certain load, and has done so for a while.
fn under_load(jobs: usize, slots: u32, load: Load, span: Millis) -> Pair {
    let mut pair = crowd(jobs, slots, &no_list());
    pair.loaded = Some(Loaded::new(load));
    pair.run_until(span);
    let loaded = pair.loaded.as_ref().unwrap();
    for at in 0..span / (5 * SECOND) {
        let (from, to) = (at * 5 * SECOND, (at + 1) * 5 * SECOND);
        let (polls, refused, queue) = loaded.between(from, to);
        println!(
            "{load:?} {jobs} jobs, {} s: {polls} polls, {refused} refused, queue {queue} ms",
            to / SECOND
        );
    }
    pair
}

#[test]
fn explore() {
    for (jobs, load) in [
        (2000, QUICK),
        (
            2000,
            Load::Queue {
                workers: 1,
                service: 50,
            },
        ),
        (
            2000,
            Load::Queue {
                workers: 4,
                service: 200,
            },
        ),
        (
            400,
            Load::Queue {
                workers: 1,
                service: 200,
            },
        ),
        (
            2000,
            Load::Refusing {
                in_a_second: 50,
                status: 503,
                retry_after: None,
            },
        ),
        (
            2000,
            Load::Refusing {
                in_a_second: 50,
                status: 429,
                retry_after: Some(2),
            },
        ),
        (
            400,
            Load::Refusing {
                in_a_second: 5,
                status: 429,
                retry_after: Some(10),
            },
        ),
        (
            2000,
            Load::Breaking {
                in_a_second: 50,
                down: 3_000,
            },
        ),
        (
            2000,
            Load::Hanging {
                at_once: 10,
                service: 100,
            },
        ),
    ] {
        under_load(jobs, 100, load, 180 * SECOND);
    }
}
