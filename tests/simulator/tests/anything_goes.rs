//! Random clients: the simulator never loses a response and never sends one twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use std::collections::BTreeSet;

use common::{deploy, host, request};
use deploy_simulator::{Reply, Request, Simulator, Ticket, Transport};
use serde_json::{Value, json};

const CASES: u64 = 300;

#[test]
fn every_ticket_gets_one_response_or_is_forgotten() {
    for seed in 0..CASES {
        let mut chance = fastrand::Rng::with_seed(seed);
        let mut deploy = deploy(config(&mut chance, seed));
        let (mut now, mut open, mut polls) = (0, BTreeSet::new(), BTreeSet::new());
        for _ in 0..120 {
            now += chance.u64(0..1500);
            match chance.u8(0..10) {
                0..=5 => {
                    let call = call(&mut chance, &mut deploy);
                    let is_poll = call.target.contains("/jobs/");
                    if let Reply::Held(ticket) = deploy.request(now, call) {
                        assert!(open.insert(ticket), "seed {seed}: {ticket:?} issued twice");
                        polls.extend(is_poll.then_some(ticket));
                    }
                }
                6 => {
                    if let Some(ticket) = chance.choice(&open).copied() {
                        open.remove(&ticket);
                        deploy.forget(ticket);
                    }
                }
                _ => {}
            }
            take(&mut deploy, now, &mut open, seed);
            polls.retain(|ticket| open.contains(ticket));
            let counters = deploy.counters();
            assert_eq!(counters.open_polls, polls.len() as u64, "seed {seed}");
            assert_eq!(
                counters.open_polls,
                counters
                    .jobs
                    .values()
                    .map(|job| job.open_polls)
                    .sum::<u64>()
            );
        }
        while let Some(at) = deploy.next_event() {
            assert!(at >= now, "seed {seed}: time went back");
            now = at;
            take(&mut deploy, at, &mut open, seed);
        }
        for ticket in std::mem::take(&mut open) {
            deploy.forget(ticket);
        }
        assert!(!deploy.is_waiting());
        assert_eq!(deploy.counters().open_polls, 0, "seed {seed}");
    }
}

fn take(deploy: &mut Simulator, now: u64, open: &mut BTreeSet<Ticket>, seed: u64) {
    for (ticket, answer) in deploy.advance(now) {
        assert!(
            open.remove(&ticket),
            "seed {seed}: {ticket:?} answered twice or after it was forgotten"
        );
        let answered = answer.transport != Transport::Reset;
        assert!(!answered || (200..600).contains(&answer.status));
    }
}

fn config(chance: &mut fastrand::Rng, seed: u64) -> Value {
    let actions = [
        json!({"kind": "hang"}),
        json!({"kind": "delay", "ms": chance.u64(0..3000)}),
        json!({"kind": "cut", "afterMs": chance.u64(0..3000), "status": 504}),
        json!({"kind": "reset"}),
        json!({"kind": "status", "status": 503}),
    ];
    let rules: Vec<Value> = actions
        .iter()
        .map(|action| json!({"probability": 0.05, "action": action}))
        .collect();
    json!({
        "seed": seed,
        "stepMs": chance.u64(0..2000),
        "inclusive": chance.bool(),
        "timedOut": chance.choice(["record", "noContent", "emptyBody"]),
        "stamp": chance.choice(["micros", "seconds"]),
        "purgeMs": chance.bool().then(|| chance.u64(0..5000)),
        "clockSteps": [{"atMs": 20_000, "byMs": -30_000}],
        "jobId": "numeric",
        "rules": rules,
    })
}

fn call(chance: &mut fastrand::Rng, deploy: &mut Simulator) -> Request {
    let job = chance.u64(1..12);
    match chance.u8(0..6) {
        0 => request("POST", "/hosts").json(&host(&format!(
            "{}-{}",
            chance.choice(["esx", "unreachable", "mute"]).unwrap(),
            chance.u16(..)
        ))),
        1 => request("GET", &format!("/jobs/{job}")),
        2 => request("GET", "/jobs/%zz"),
        _ => {
            let stamp = stamp_of(deploy, job).unwrap_or_else(|| "2019-04-04T15:41:29Z".to_owned());
            let timeout = chance.u8(0..8);
            request(
                "GET",
                &format!("/jobs/{job}?poll_timeout={timeout}&last_modified=%3E={stamp}"),
            )
        }
    }
}

/// A job's stamp, as an earlier response could have contained it.
fn stamp_of(deploy: &mut Simulator, job: u64) -> Option<String> {
    match deploy.request(0, request("GET", &format!("/jobs?id={job}"))) {
        Reply::Now(answer) => answer.value()["records"][0]["last_modified"]
            .as_str()
            .map(str::to_owned),
        Reply::Held(ticket) => {
            deploy.forget(ticket);
            None
        }
    }
}
