//! Scripts: other job steps, and other responses to the calls that start jobs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use common::{deploy, get, host, host_job, post, record, run};
use deploy_simulator::{Config, Simulator};
use serde_json::{Value, json};

#[test]
fn a_call_that_starts_a_job_returns_the_configured_response() {
    for (accept, status, kept, missing) in [
        (
            json!({"status": 200}),
            200,
            vec!["id", "state", "last_modified"],
            vec![],
        ),
        (json!({"status": 201}), 201, vec!["id"], vec![]),
        (
            json!({"state": false}),
            202,
            vec!["id", "last_modified"],
            vec!["state"],
        ),
        (
            json!({"lastModified": false}),
            202,
            vec!["id", "state"],
            vec!["last_modified"],
        ),
        (json!({"job": "noId"}), 202, vec!["state"], vec!["id"]),
    ] {
        let mut deploy = deploy(json!({"accept": accept}));
        let answer = post(&mut deploy, 0, "/hosts", host("esx1"));
        assert_eq!(answer.status, status, "{accept}");
        let job = &answer.value()["job"];
        assert!(
            kept.iter().all(|name| job.get(name).is_some()),
            "{accept}: {job}"
        );
        assert!(
            missing.iter().all(|name| job.get(name).is_none()),
            "{accept}: {job}"
        );
    }
}

#[test]
fn a_202_can_omit_the_job() {
    for (kind, body) in [
        ("nullJob", r#"{"job":null}"#),
        ("noJob", "{}"),
        ("null", "null"),
        ("empty", ""),
        ("text", "Accepted"),
    ] {
        let mut deploy = deploy(json!({"accept": {"job": kind}}));
        let answer = post(&mut deploy, 0, "/hosts", host("esx1"));
        assert_eq!((answer.status, answer.text().as_str()), (202, body));
    }
}

#[test]
fn a_job_can_finish_before_its_202_is_sent() {
    let mut deploy = deploy(json!({"accept": {"status": 200, "done": true}}));
    let answer = post(&mut deploy, 0, "/hosts", host("esx1"));
    assert_eq!(
        (answer.status, &answer.value()["job"]["state"]),
        (200, &json!("success"))
    );
    assert_eq!(get(&mut deploy, 0, "/hosts").value()["num_records"], 1);
    let answer = post(&mut deploy, 0, "/hosts", host("unreachable"));
    assert_eq!(answer.value()["job"]["state"], "failure");
    assert_eq!(deploy.next_event(), None);
}

#[test]
fn the_first_matching_script_applies() {
    let mut deploy = deploy(json!({"scripts": [
        {"method": "POST", "path": "/hosts", "name": "odd*", "steps": [
            {"state": "QUEUED", "message": null},
            {"state": "running", "message": {"not": "text"}, "afterMs": 5},
            {"state": "running", "afterMs": 5, "keepStamp": true},
            {"state": "cancelled", "message": "Stopped.", "afterMs": 5}
        ]},
        {"name": "quick", "accept": {"status": 200}}
    ]}));
    let job = host_job(&mut deploy, "odd-1");
    assert_eq!(
        (&job["state"], &job["message"]),
        (&json!("QUEUED"), &Value::Null)
    );
    assert!(job.as_object().unwrap().contains_key("message"));
    let first = record(&mut deploy, 5, &job);
    assert_eq!(first["message"], json!({"not": "text"}));
    let second = record(&mut deploy, 10, &job);
    assert_eq!(
        (second.get("message"), &second["last_modified"]),
        (None, &first["last_modified"])
    );
    assert_eq!(record(&mut deploy, 15, &job)["state"], "cancelled");
    let failed = get(&mut deploy, 15, "/hosts?status=authentication_failed");
    assert_eq!(failed.value()["num_records"], 1);
    assert_eq!(post(&mut deploy, 15, "/hosts", host("quick")).status, 200);
    assert_eq!(host_job(&mut deploy, "plain")["state"], "queued");
}

#[test]
fn a_successful_script_has_the_effect_of_its_call() {
    let steps = json!([{"state": "queued"}, {"state": "Success", "afterMs": 1}]);
    let mut deploy = deploy(json!({"scripts": [{"path": "/hosts", "steps": steps}]}));
    host_job(&mut deploy, "esx1");
    run(&mut deploy, 1);
    assert_eq!(get(&mut deploy, 1, "/hosts").value()["num_records"], 1);
}

#[test]
fn a_job_that_never_ends_keeps_its_last_state() {
    let mut deploy = deploy(
        json!({"purgeMs": 1, "scripts": [{"steps": [{"state": "running", "message": "Working."}]}]}),
    );
    let job = host_job(&mut deploy, "esx1");
    assert_eq!(deploy.next_event(), None);
    assert_eq!(record(&mut deploy, 1_000_000, &job)["state"], "running");
}

#[test]
fn steps_at_the_same_time_have_different_stamps() {
    let mut deploy = deploy(json!({"stepMs": 0}));
    let job = host_job(&mut deploy, "esx1");
    let last = record(&mut deploy, 0, &job);
    assert_eq!(
        (&last["state"], &last["last_modified"]),
        (&json!("success"), &json!("2019-04-04T15:41:29.140268Z"))
    );
}

#[test]
fn an_invalid_setting_gets_an_error_that_names_it() {
    for (config, named) in [
        (json!({"stepMS": 5}), "stepMS"),
        (json!({"timedOut": "never"}), "never"),
        (
            json!({"rules": [{"action": {"kind": "explode"}}]}),
            "explode",
        ),
        (
            json!({"rules": [{"action": {"kind": "delay", "seconds": 1}}]}),
            "seconds",
        ),
    ] {
        let error = serde_json::from_value::<Config>(config)
            .unwrap_err()
            .to_string();
        assert!(error.contains(named), "{error}");
    }
    for (config, named) in [
        (json!({"username": "a:b"}), "username"),
        (json!({"maxPollTimeout": 0}), "maxPollTimeout"),
        (json!({"logLimit": 0}), "logLimit"),
        (json!({"accept": {"status": 100}}), "accept.status"),
        (json!({"duplicateHostStatus": 0}), "duplicateHostStatus"),
        (json!({"evaluationTb": -1.0}), "evaluationTb"),
        (json!({"scripts": [{}]}), "scripts[0].steps"),
        (
            json!({"rules": [{"probability": 2, "action": {"kind": "reset"}}]}),
            "rules[0].probability",
        ),
        (
            json!({"rules": [{"action": {"kind": "status", "status": 99}}]}),
            "rules[0].action.status",
        ),
        (
            json!({"rules": [{"action": {"kind": "drip", "bytes": 0, "everyMs": 1}}]}),
            "rules[0].action.bytes",
        ),
    ] {
        let config: Config = serde_json::from_value(config).unwrap();
        let error = Simulator::new(config).unwrap_err().to_string();
        assert!(error.starts_with(named), "{error}");
    }
}
