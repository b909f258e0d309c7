//! Servers with all variants of undocumented behavior: the outcome is correct with each.

use serde_json::{Value, json};

use ontap_select_deploy::engine::WaiterId;

use crate::pair::{Millis, Pair, deploy, one_host};

const NO_LIMIT: Millis = Millis::MAX;
const HOUR: Millis = 3_600_000;

/// Adds a host. Its name decides the outcome.
fn add_host(pair: &mut Pair, name: &str) -> WaiterId {
    pair.post("/hosts", &one_host(name), NO_LIMIT)
}

#[test]
fn one_request_for_each_change_and_one_more() {
    let mut pair = Pair::new(deploy(json!({"stepMs": 3_000})), 1);
    let waiter = add_host(&mut pair, "esx-1.example.com");
    pair.run(HOUR);
    assert_eq!(pair.verdict(waiter), "success");
    let counters = pair.deploy.counters();
    let changes = u64::try_from(pair.messages.len()).unwrap();
    // The 202 has the first message; each poll brings one more.
    assert_eq!(counters.long_polls, changes - 1);
    assert_eq!(
        counters.standard_polls, 0,
        "the cursor of the 202 saves the standard poll"
    );
    assert_eq!(counters.max_open_polls, 1);
    assert_eq!(counters.received["POST /hosts"], 1);
}

#[test]
fn failed_job_reports_its_reason() {
    for (name, said) in [
        ("unreachable.example.com", "reach"),
        ("silent.example.com", "no message"),
        ("mute.example.com", "no message"),
    ] {
        let mut pair = Pair::new(deploy(json!({})), 1);
        let waiter = add_host(&mut pair, name);
        pair.run(HOUR);
        assert_eq!(pair.verdict(waiter), "JOB_FAILED");
        let ontap_select_deploy::engine::Outcome::Failed(error) = &pair.settled[&waiter] else {
            unreachable!()
        };
        assert!(error.message.contains(said), "{}", error.message);
    }
}

#[test]
fn every_undocumented_server_behavior() {
    let responses = [
        "record",
        "noRecord",
        "nullRecord",
        "emptyBody",
        "noContent",
        "notModified",
    ];
    for timed_out in responses {
        for inclusive in [false, true] {
            for stamp in ["micros", "offset", "seconds", "constant"] {
                for accept in [
                    json!({}),
                    json!({"lastModified": false}),
                    json!({"state": false}),
                    json!({"status": 200}),
                ] {
                    for job_id in ["opaque", "awkward", "numeric"] {
                        let config = json!({
                            "timedOut": timed_out, "inclusive": inclusive, "stamp": stamp, "accept": accept,
                            "jobId": job_id, "stepMs": 45_000, "upperCase": inclusive,
                        });
                        check(&config);
                    }
                }
            }
        }
    }
}

fn check(config: &Value) {
    let mut pair = Pair::new(deploy(config.clone()), 1);
    let good = add_host(&mut pair, "esx-1");
    let bad = add_host(&mut pair, "unreachable-1");
    pair.run(HOUR);
    assert_eq!(
        (pair.verdict(good), pair.verdict(bad)),
        ("success", "JOB_FAILED"),
        "{config}"
    );
    let counters = pair.deploy.counters();
    assert_eq!(counters.received["POST /hosts"], 2, "{config}");
    for (job, polls) in &counters.jobs {
        assert_eq!(polls.max_open_polls, 1, "{job} with {config}");
        let all = polls.standard_polls + polls.long_polls;
        // At most two early polls a change, then one in 15 s at the end; far from a busy loop.
        assert!(
            all < 30 + pair.now() / 4_000,
            "{all} polls in {} ms with {config}",
            pair.now()
        );
    }
}

#[test]
fn unusual_acceptances_never_count_as_an_end() {
    for job in ["noId", "nullJob", "noJob", "null", "empty", "text"] {
        let mut pair = Pair::new(deploy(json!({"accept": {"job": job}})), 1);
        let waiter = add_host(&mut pair, "esx-1");
        pair.run(HOUR);
        assert_eq!(pair.verdict(waiter), "NOT_TRACKABLE", "{job}");
    }
}

#[test]
fn lower_poll_timeout_limit_is_respected() {
    for limit in [1, 5, 10, 20] {
        let mut pair = Pair::new(
            deploy(json!({"maxPollTimeout": limit, "stepMs": 20_000})),
            1,
        );
        let waiter = add_host(&mut pair, "esx-1");
        pair.run(HOUR);
        assert_eq!(pair.verdict(waiter), "success", "limit {limit}");
    }
}

#[test]
fn job_store_may_lag_behind_the_202() {
    let mut pair = Pair::new(deploy(json!({"visibleAfterMs": 2_000})), 1);
    let waiter = add_host(&mut pair, "esx-1");
    pair.run(HOUR);
    assert_eq!(pair.verdict(waiter), "success");
}

#[test]
fn purged_job_is_gone_not_failed() {
    let mut pair = Pair::new(deploy(json!({"purgeMs": 1_000})), 1);
    let first = add_host(&mut pair, "esx-1");
    pair.run(HOUR);
    assert_eq!(pair.verdict(first), "success");
    let job = pair.jobs().remove(0);
    // The client stored nothing about it, so it is a job known only by its id.
    let later = pair.wait(&job, NO_LIMIT);
    while !pair.is_idle() {
        pair.step();
    }
    assert!(["HTTP", "success"].contains(&pair.verdict(later)));
}

#[test]
fn clock_that_steps_back_does_no_harm() {
    let steps = json!([{"atMs": 20_000, "byMs": -3_600_000}, {"atMs": 60_000, "byMs": 7_200_000}]);
    let mut pair = Pair::new(deploy(json!({"clockSteps": steps, "stepMs": 15_000})), 1);
    let waiter = add_host(&mut pair, "esx-1");
    pair.run(HOUR);
    assert_eq!(pair.verdict(waiter), "success");
}
