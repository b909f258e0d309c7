//! Random faults from a seed: the outcome is correct or unknown, every waiter settles, and no mutating call
//! is sent twice. `invariants` checks each step.
//!
//! `SIMULATION_HISTORIES=1000000` runs more histories, `SIMULATION_FIRST=5000000` other ones, and
//! `SIMULATION_SEED=17` only that one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};

use ontap_select_deploy::engine::{Auth, Config, JobId, Outcome, RetryPolicy, Token, WaiterId};

use crate::conditions::Condition;
use crate::dice::Dice;
use crate::pair::{Connections, Millis, Pair, Resent, count, deploy, one_host};

const HISTORIES: u64 = 100_000;
const DAY: Millis = 24 * 3_600_000;
const BASE: &str = "https://deploy.example.com/api";

#[test]
fn call_that_arrives_twice_follows_the_job_of_its_response() {
    for resent in [Resent::FirstAnswers, Resent::LastAnswers] {
        let mut pair = Pair::new(deploy(json!({"stepMs": 3_000})), 1);
        pair.resent = Some(resent);
        let good = pair.post("/hosts", &one_host("esx-1"), Millis::MAX);
        let bad = pair.post("/hosts", &one_host("unreachable-1"), Millis::MAX);
        pair.run(DAY);
        assert_eq!(pair.verdict(good), "success", "{resent:?}");
        assert_eq!(pair.verdict(bad), "JOB_FAILED", "{resent:?}");
        assert_eq!(pair.deploy.counters().received["POST /hosts"], 4);
        assert_eq!(pair.jobs().len(), 2, "the other jobs are not polled");
    }
}

#[test]
fn outcome_is_correct_or_unknown() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|it| it.parse::<u64>().ok())
    };
    if let Some(seed) = number("SIMULATION_SEED") {
        history(seed);
        return;
    }
    let first = number("SIMULATION_FIRST").unwrap_or(0);
    let end = first + number("SIMULATION_HISTORIES").unwrap_or(HISTORIES);
    let next = AtomicU64::new(first);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return None;
            }
            if std::panic::catch_unwind(|| history(seed)).is_err() {
                return Some(seed);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let failed: Vec<u64> = thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter()
            .filter_map(|it| it.join().unwrap())
            .collect()
    });
    assert!(
        failed.is_empty(),
        "failed; replay them with SIMULATION_SEED={failed:?}"
    );
}

#[test]
fn waits_for_a_condition_end_in_every_way() {
    let ends: BTreeSet<String> = (0..500).flat_map(history).collect();
    for end in [
        "done",
        "aborted",
        "WAIT_TIMEOUT",
        "HTTP",
        "AUTH",
        "PROTOCOL",
        "TRANSPORT",
        "CLOSED",
    ] {
        assert!(ends.contains(end), "none ends with {end}: {ends:?}");
    }
}

/// The users of one client, and their handles and waits.
struct Users {
    awaited: Vec<Awaited>,
    held: Vec<Held>,
    /// Waits for a condition.
    conditions: Vec<WaiterId>,
}

/// A job with a handle.
struct Held {
    id: String,
    token: String,
    fails: bool,
}

/// A wait, and the expected end of its job; `None` without a job.
struct Awaited {
    waiter: WaiterId,
    fails: Option<bool>,
    /// Accepted by a response that names no job.
    odd: bool,
}

/// Runs one history and returns how the waits for a condition ended.
fn history(seed: u64) -> Vec<String> {
    let mut dice = Dice(seed);
    let odd = dice.below(16) == 0;
    let server = server(&mut dice, seed, odd);
    let client = client(&mut dice);
    let mut pair = Pair::with(deploy(server), client, seed);
    pair.has_fresh = dice.below(2) == 0;
    // If a server rejected `fields`, standard polls cannot vary their URL and depend on the cache.
    pair.cache_for = (dice.below(12) == 0).then(|| dice.pick(&[2_000, 60_000, 3_600_000]));
    pair.resent =
        (dice.below(8) == 0).then(|| dice.pick(&[Resent::FirstAnswers, Resent::LastAnswers]));
    pair.checks_for = dice.pick(&[0, 0, 50, 3_000, 40_000]);
    let mut users = Users {
        awaited: Vec::new(),
        held: Vec::new(),
        conditions: Vec::new(),
    };
    for turn in 0..=dice.below(12) {
        act(&mut pair, &mut dice, turn, odd, &mut users);
        for _ in 0..dice.below(30) {
            pair.step();
        }
        take_handle(&mut pair, &mut users);
        if dice.below(10) == 0 {
            let span = dice.pick(&[1_200, 2_000, 4_000, 6_000, 60_000, 4 * 3_600_000]);
            let line = dice.pick(&[Connections::Survive, Connections::Break, Connections::Die]);
            pair.sleep(span, line, dice.below(2) == 0, dice.below(2) == 0);
        }
        match dice.below(20) {
            0 => pair.lose_network(),
            1 => pair.resume_network(),
            _ => {}
        }
    }
    pair.resume_network();
    if dice.below(12) == 0 {
        pair.close();
    }
    pair.run(DAY);
    take_handle(&mut pair, &mut users);
    for it in &users.awaited {
        check_verdict(pair.verdict(it.waiter), it);
    }
    for job in users.held {
        let job = JobId::new(&job.id).unwrap();
        pair.detach(&job);
    }
    let usage = pair.engine.usage();
    let left = [usage.waiters, usage.exchanges, usage.timers];
    assert_eq!(left, [0, 0, 0], "nothing is left");
    let jobs = pair.deploy.counters().jobs.values();
    // A request cancelled in flight still arrives and may overlap the next one.
    let singles = users.awaited.len();
    assert!(
        jobs.clone()
            .all(|job| job.max_open_polls <= 2 + u64::try_from(singles).unwrap())
    );
    let ends = users.conditions.iter().map(|it| pair.verdict(*it));
    ends.map(str::to_owned).collect()
}

/// One action of a user.
fn act(pair: &mut Pair, dice: &mut Dice, turn: u64, odd: bool, users: &mut Users) {
    let Users {
        awaited,
        held,
        conditions,
    } = users;
    let timeout = dice.pick(&[Millis::MAX, Millis::MAX, 600_000, 5_000]);
    let of_held = |dice: &mut Dice, held: &[Held]| {
        let count = u64::try_from(held.len()).unwrap();
        (count > 0).then(|| usize::try_from(dice.below(count)).unwrap())
    };
    match dice.below(15) {
        0..=3 => {
            let fails = dice.below(2) == 0;
            let bad = dice.pick(&["unreachable", "silent", "mute"]);
            let good = dice.pick(&["esx", "paused"]);
            let name = format!("{}-{turn}", if fails { bad } else { good });
            let follow = dice.below(3) > 0;
            let waiter = pair.call("POST", "/hosts", Some(&one_host(&name)), follow, timeout);
            let fails = Some(fails);
            awaited.push(Awaited { waiter, fails, odd });
        }
        4 => {
            let waiter = pair.call("GET", "/hosts", None, true, timeout);
            let fails = None;
            awaited.push(Awaited {
                waiter,
                fails,
                odd: false,
            });
        }
        5 | 6 => {
            if let Some(at) = of_held(dice, held) {
                let job = &held[at];
                let waiter = if dice.below(3) == 0 {
                    pair.poll_once(&job.id, timeout)
                } else {
                    pair.wait(&job.id, timeout)
                };
                awaited.push(Awaited {
                    waiter,
                    fails: Some(job.fails),
                    odd: false,
                });
            }
        }
        7 => {
            // Drops the last handle; the wait may resume with the token.
            if let Some(at) = of_held(dice, held) {
                let mut job = held.swap_remove(at);
                let id = JobId::new(&job.id).unwrap();
                pair.detach(&id);
                if dice.below(2) == 0 {
                    let token = Token::parse(&job.token, BASE).unwrap();
                    pair.resume(&token);
                    job.token = pair.engine.token(&JobId::new(&job.id).unwrap());
                    held.push(job);
                }
            }
        }
        8 | 9 => {
            if let Some(last) = awaited.last().filter(|_| dice.below(3) == 0) {
                pair.abort(last.waiter);
            }
        }
        10..=12 => conditions.push(wait_for_condition(pair, dice, timeout)),
        13 => {
            if let Some(last) = conditions.last().filter(|_| dice.below(3) == 0) {
                pair.abort(*last);
            }
        }
        // An object that a caller waits for disappears.
        _ => {
            if let Some(path) = object(pair, dice).filter(|_| dice.below(3) == 0) {
                let waiter = pair.call("DELETE", &path, None, true, timeout);
                awaited.push(Awaited {
                    waiter,
                    fails: None,
                    odd: false,
                });
            }
        }
    }
}

/// An object that the server created.
fn object(pair: &Pair, dice: &mut Dice) -> Option<String> {
    let count = u64::try_from(pair.objects.len()).unwrap();
    let at = (count > 0).then(|| dice.below(count))?;
    pair.objects.get(usize::try_from(at).unwrap()).cloned()
}

fn wait_for_condition(pair: &mut Pair, dice: &mut Dice, timeout: Millis) -> WaiterId {
    let ends: &[&str] = &["authenticated", "authentication_failed"];
    let condition = dice.pick(&[
        Condition::Status(ends),
        Condition::Status(ends),
        Condition::Status(&["authenticated"]),
        Condition::Status(&["authentication_failed"]),
        Condition::Never,
        Condition::AtLook(1),
        Condition::AtLook(3),
        Condition::AtLook(12),
        Condition::ThrowsAt(1),
        Condition::ThrowsAt(4),
    ]);
    // A condition that may never be met needs a deadline.
    let is_sure = condition != Condition::Never && !matches!(condition, Condition::Status([_]));
    let timeout = if is_sure {
        timeout
    } else {
        timeout.min(600_000)
    };
    let other = dice.pick(&["/hosts/nowhere", "/hosts"]);
    let path = object(pair, dice).filter(|_| dice.below(8) > 0);
    pair.until(path.as_deref().unwrap_or(other), condition, timeout)
}

/// Takes the handle of a submitted call.
fn take_handle(pair: &mut Pair, users: &mut Users) {
    for it in &users.awaited {
        let Some(Outcome::Accepted { job: Some(id), .. }) = pair.settled.get(&it.waiter) else {
            continue;
        };
        let token = pair.engine.token(id);
        let id = id.as_str().to_owned();
        let fails = it.fails.unwrap_or_default();
        pair.settled.insert(it.waiter, Outcome::Aborted);
        users.held.push(Held { id, token, fails });
    }
}

fn check_verdict(verdict: &str, it: &Awaited) {
    match verdict {
        "success" => assert_eq!(
            it.fails,
            Some(false),
            "I10: a failed job was reported as a success"
        ),
        "JOB_FAILED" | "failure" => {
            assert_eq!(
                it.fails,
                Some(true),
                "I10: a successful job was reported as a failure"
            );
        }
        "done" => assert_eq!(it.fails, None, "I10: a job was missed"),
        "NOT_TRACKABLE" => assert!(it.odd, "a job was not found"),
        // A single poll returns a job's current state.
        "accepted" | "queued" | "running" | "paused" | "held" => {}
        "aborted" | "WAIT_TIMEOUT" | "JOB_GONE" | "HTTP" | "AUTH" | "PROTOCOL" | "TRANSPORT"
        | "CLOSED" => {}
        other => panic!("unexpected: {other}"),
    }
}

fn server(dice: &mut Dice, seed: u64, odd: bool) -> Value {
    let accept = if odd {
        json!({"job": dice.pick(&["noId", "nullJob", "noJob", "null", "empty", "text"])})
    } else {
        json!({
            "status": dice.pick(&[202, 202, 200, 201]),
            "state": dice.below(4) > 0,
            "lastModified": dice.below(4) > 0,
            "done": dice.below(8) == 0,
        })
    };
    let back: i64 = dice.pick(&[-3_600_000, -500, 7_200_000]);
    let at = dice.below(120_000);
    let steps = if dice.below(3) == 0 {
        json!([{"atMs": at, "byMs": back}])
    } else {
        json!([])
    };
    // It rejects some URLs of long polls.
    let firewall = (dice.below(8) == 0).then(|| {
        json!({
            "match": {"query": dice.pick(&["*%3E=*", "*%3E%3D*", "*%3E*", "*%3E*=*", "*poll_timeout*"])},
            "action": {"kind": "status", "status": dice.pick(&[403, 403, 400]), "body": "<html>"},
        })
    });
    json!({
        "seed": seed,
        "logLimit": 1,
        "stepMs": dice.pick(&[200, 3_000, 40_000]),
        "inclusive": dice.below(2) == 0,
        "timedOut": dice.pick(&["record", "noRecord", "nullRecord", "emptyBody", "noContent", "notModified"]),
        "stamp": dice.pick(&["micros", "offset", "seconds", "constant"]),
        "clockSteps": steps,
        "accept": accept,
        "jobId": dice.pick(&["opaque", "awkward", "numeric"]),
        "upperCase": dice.below(2) == 0,
        "extraState": if dice.below(4) == 0 { json!("held") } else { Value::Null },
        "maxPollTimeout": dice.pick(&[3, 20, 120]),
        "ignoreUnknownFields": dice.below(2) == 0,
        "lastModifiedOnlyWhenNamed": dice.below(2) == 0,
        "visibleAfterMs": dice.pick(&[0, 0, 1_000, 10_000]),
        "purgeMs": dice.pick(&[Value::Null, json!(5_000)]),
        "rules": (0..dice.below(4)).map(|_| rule(dice)).chain(firewall).collect::<Vec<_>>(),
    })
}

fn client(dice: &mut Dice) -> Config {
    Config {
        base: BASE.into(),
        trace: dice.below(2) == 0,
        auth: dice.pick(&[Auth::Fixed, Auth::Asked]),
        asks_before_sending: dice.below(4) == 0,
        retry: if dice.below(8) == 0 {
            RetryPolicy::never()
        } else {
            RetryPolicy::default()
        },
        max_open_polls: count(dice.pick(&[32, 32, 4, 2, 1])),
        ..Config::default()
    }
}

fn rule(dice: &mut Dice) -> Value {
    let action = match dice.below(19) {
        0 => {
            json!({"kind": "status", "status": dice.pick(&[408, 409, 421, 423, 425, 429, 500, 502, 503, 504, 507, 511, 520, 522, 599]), "headers": {"retry-after": dice.pick(&["2", "Thu, 01 Jan 1970 00:00:40 GMT", "999999", "soon"])}})
        }
        1 => json!({"kind": "html"}),
        2 => json!({"kind": "reset"}),
        3 => json!({"kind": "hang"}),
        4 => json!({"kind": "truncate", "after": 5}),
        5 => json!({"kind": "stall", "after": 5}),
        6 => json!({"kind": "drip", "bytes": 20, "everyMs": dice.pick(&[10, 5_000])}),
        7 => {
            json!({"kind": "cut", "afterMs": dice.pick(&[50, 2_000, 4_990, 5_000, 6_000, 8_000, 60_000]), "status": dice.pick(&[json!(504), json!(408), json!(502), json!(503), json!(524), Value::Null])})
        }
        8 => json!({"kind": "delay", "ms": dice.pick(&[500, 20_000])}),
        9 => json!({"kind": "restart", "downMs": dice.pick(&[1_000, 60_000])}),
        10 => json!({"kind": "redirect", "location": "https://elsewhere.example.com/"}),
        11 => {
            json!({"kind": "edit", "remove": [dice.pick(&["/record/state", "/record/last_modified", "/record/message"])]})
        }
        12 => json!({"kind": "huge", "bytes": 1 << 21}),
        // A misrouting proxy, and the server itself.
        13 => {
            json!({"kind": "status", "status": dice.pick(&[404, 410]), "body": dice.pick(&[json!("404 page not found"), json!("<html>"), json!({"message": "no route"}), json!({"error": {"code": 4, "message": "entry doesn't exist"}})])})
        }
        // The record of another job, which has ended.
        14 => {
            let state = dice.pick(&["success", "failure", "failed", "running"]);
            let at = dice.pick(&["/record", "/records/0"]);
            json!({"kind": "edit", "set": {(format!("{at}/id")): "another", (format!("{at}/state")): state}})
        }
        // An empty response of some kind.
        15 => {
            json!({"kind": "status", "status": 200, "body": dice.pick(&[json!("null"), json!({"record": {}}), json!({"record": []}), json!({"error": ""}), json!([])])})
        }
        // An empty error object next to the server's response.
        16 => {
            json!({"kind": "edit", "set": {"/error": dice.pick(&[json!(""), json!({}), json!(false), json!({"code": 0})])}})
        }
        17 => json!({"kind": "status", "status": dice.pick(&[401, 403]), "body": "<html>"}),
        _ => {
            json!({"kind": "status", "status": dice.pick(&[400, 401, 401, 403, 404, 405, 410, 501])})
        }
    };
    // A server that responds to a call without content has completed it.
    let is_of_polls = action["status"] == 200;
    json!({
        "match": {
            "path": if is_of_polls { json!("/jobs*") } else { Value::Null },
            "method": dice.pick(&["GET", "GET", "GET", "POST"]),
            "poll": dice.pick(&[Value::Null, Value::Null, json!("long")]),
        },
        "skip": dice.below(5),
        "count": dice.pick(&[1, 1, 2, 4, 12, 1_000]),
        "probability": dice.pick(&[1.0, 0.3]),
        "action": action,
    })
}
