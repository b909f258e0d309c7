//! Faults.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use common::{
    deploy, get, held, host, host_job, id_of, long_poll, post, record, request, run, send,
};
use deploy_simulator::{Reply, Rule, Simulator, Transport};
use serde_json::{Value, json};

fn rule(deploy: &mut Simulator, rule: Value) {
    let rule: Rule = serde_json::from_value(rule).expect("a rule");
    deploy.add_rule(rule).expect("a valid rule");
}

#[test]
fn a_status_replaces_the_response_and_the_vm_does_not_process_the_call() {
    let mut deploy = deploy(json!({}));
    rule(
        &mut deploy,
        json!({"match": {"method": "post", "path": "/hosts"}, "count": 1,
               "action": {"kind": "status", "status": 503, "headers": {"Retry-After": "7"}, "body": "busy"}}),
    );
    let answer = post(&mut deploy, 0, "/hosts", host("esx1"));
    assert_eq!(
        (
            answer.status,
            answer.header("retry-after"),
            answer.text().as_str()
        ),
        (503, Some("7"), "busy")
    );
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(answer.header("request-id"), None, "it came from a proxy");
    assert_eq!(get(&mut deploy, 0, "/jobs").value()["num_records"], 0);
    assert_eq!(
        post(&mut deploy, 0, "/hosts", host("esx1")).status,
        202,
        "once only"
    );
    assert_eq!(deploy.counters().received["POST /hosts"], 2);
}

#[test]
fn a_response_can_be_lost_after_the_vm_processed_the_call() {
    for action in [
        json!({"kind": "status", "status": 504}),
        json!({"kind": "reset"}),
        json!({"kind": "hang"}),
    ] {
        let mut deploy = deploy(json!({}));
        rule(
            &mut deploy,
            json!({"match": {"method": "POST"}, "processed": true, "action": action}),
        );
        deploy.request(0, request("POST", "/hosts").json(&host("esx1")));
        assert_eq!(
            get(&mut deploy, 0, "/jobs").value()["num_records"],
            1,
            "{action}"
        );
    }
    let mut deploy = deploy(json!({}));
    rule(
        &mut deploy,
        json!({"match": {"method": "POST"}, "processed": false, "action": {"kind": "reset"}}),
    );
    let answer = post(&mut deploy, 0, "/hosts", host("esx1"));
    assert_eq!(answer.transport, Transport::Reset);
    assert_eq!(get(&mut deploy, 0, "/jobs").value()["num_records"], 0);
}

#[test]
fn skip_and_count_select_the_matching_requests() {
    let mut deploy = deploy(json!({"rules": [
        {"name": "third", "match": {"path": "/hosts"}, "skip": 2, "count": 2, "action": {"kind": "status", "status": 500}}
    ]}));
    let statuses: Vec<u16> = (0..6)
        .map(|_| get(&mut deploy, 0, "/hosts").status)
        .collect();
    assert_eq!(statuses, [200, 200, 500, 500, 200, 200]);
    get(&mut deploy, 0, "/clusters");
    let rules: Vec<Option<&str>> = deploy.log().map(|entry| entry.rule.as_deref()).collect();
    assert_eq!(
        rules,
        [None, None, Some("third"), Some("third"), None, None, None]
    );
}

#[test]
fn only_the_first_rule_that_fires_applies() {
    let mut deploy = deploy(json!({}));
    rule(
        &mut deploy,
        json!({"count": 1, "action": {"kind": "status", "status": 429}}),
    );
    rule(
        &mut deploy,
        json!({"action": {"kind": "status", "status": 502}}),
    );
    assert_eq!(get(&mut deploy, 0, "/hosts").status, 429);
    assert_eq!(get(&mut deploy, 0, "/hosts").status, 502);
    deploy.clear_rules();
    assert_eq!(get(&mut deploy, 0, "/hosts").status, 200);
}

#[test]
fn probability_follows_the_seed() {
    let statuses = |seed: u64| -> Vec<u16> {
        let rule = json!({"probability": 0.5, "action": {"kind": "status", "status": 500}});
        let mut deploy = deploy(json!({"seed": seed, "rules": [rule]}));
        (0..64)
            .map(|_| get(&mut deploy, 0, "/hosts").status)
            .collect()
    };
    assert_eq!(statuses(3), statuses(3));
    assert_ne!(statuses(3), statuses(4));
    assert!(statuses(3).contains(&200) && statuses(3).contains(&500));
}

#[test]
fn a_rule_can_match_a_job_a_kind_of_poll_or_a_query() {
    let mut deploy = deploy(json!({}));
    let (one, two) = (host_job(&mut deploy, "a"), host_job(&mut deploy, "b"));
    rule(
        &mut deploy,
        json!({"match": {"job": id_of(&one), "poll": "long"}, "action": {"kind": "status", "status": 400}}),
    );
    rule(
        &mut deploy,
        json!({"match": {"path": "/jobs/*", "query": "*poll_timeout=120*"}, "action": {"kind": "status", "status": 413}}),
    );
    assert_eq!(get(&mut deploy, 0, &long_poll(&one, 30)).status, 400);
    assert_eq!(record(&mut deploy, 0, &one)["state"], "queued");
    held(&mut deploy, 0, &long_poll(&two, 30));
    assert_eq!(get(&mut deploy, 0, &long_poll(&two, 120)).status, 413);
}

#[test]
fn a_proxy_timeout_ends_only_a_longer_poll() {
    for (action, status, transport) in [
        (
            json!({"kind": "cut", "afterMs": 5000, "status": 504}),
            504,
            Transport::Normal,
        ),
        (
            json!({"kind": "cut", "afterMs": 5000}),
            502,
            Transport::Reset,
        ),
    ] {
        let mut deploy = deploy(json!({"stepMs": 6000, "rules": [{"action": action}]}));
        let job = host_job(&mut deploy, "esx1");
        held(&mut deploy, 0, &long_poll(&job, 30));
        held(&mut deploy, 2000, &long_poll(&job, 30));
        held(&mut deploy, 2000, &long_poll(&job, 1));
        let answers = run(&mut deploy, 6000);
        let told: Vec<(u64, u16)> = answers
            .iter()
            .map(|(at, _, answer)| (*at, answer.status))
            .collect();
        assert_eq!(told, [(3000, 200), (5000, status), (6000, 200)]);
        assert_eq!(answers[1].2.transport, transport);
        assert_eq!(deploy.next_event(), Some(12_000), "only the job is left");
    }
}

#[test]
fn a_delayed_response_is_not_updated() {
    let mut deploy = deploy(json!({"stepMs": 100}));
    let job = host_job(&mut deploy, "esx1");
    rule(&mut deploy, json!({"action": {"kind": "delay", "ms": 250}}));
    held(&mut deploy, 0, &format!("/jobs/{}", id_of(&job)));
    held(&mut deploy, 10, &long_poll(&job, 30));
    let answers = run(&mut deploy, 1000);
    let told: Vec<(u64, Value)> = answers
        .iter()
        .map(|(at, _, answer)| (*at, answer.value()["record"]["state"].clone()))
        .collect();
    assert_eq!(told, [(250, json!("queued")), (350, json!("running"))]);
    assert_eq!(deploy.counters().max_open_polls, 2);
}

#[test]
fn a_hung_request_stays_open_until_the_client_disconnects() {
    let mut deploy = deploy(json!({"rules": [{"action": {"kind": "hang"}}]}));
    let Reply::Held(ticket) = deploy.request(0, request("GET", "/jobs/1")) else {
        panic!("answered")
    };
    assert_eq!(deploy.next_event(), None);
    assert_eq!(deploy.counters().open_polls, 1);
    deploy.forget(ticket);
    assert_eq!(deploy.counters().open_polls, 0);
}

#[test]
fn a_rule_can_edit_the_response() {
    let mut deploy = deploy(json!({}));
    let job = host_job(&mut deploy, "esx1");
    rule(
        &mut deploy,
        json!({"action": {"kind": "edit", "remove": ["/record/state", "/record/last_modified", "/nowhere/at/all"],
                          "set": {"/record/message": 7, "/record/__proto__": {"x": 1}, "/extra": true}}}),
    );
    let answer = get(
        &mut deploy,
        0,
        &format!("/jobs/{}?fields=state,message", id_of(&job)),
    );
    let expected =
        json!({"extra": true, "record": {"id": job["id"], "message": 7, "__proto__": {"x": 1}}});
    assert_eq!(answer.value(), expected);
    deploy.clear_rules();
    rule(
        &mut deploy,
        json!({"action": {"kind": "edit", "set": {"": []}}}),
    );
    assert_eq!(get(&mut deploy, 0, "/hosts").text(), "[]");
}

#[test]
fn pages_redirects_and_large_bodies() {
    let mut deploy = deploy(json!({}));
    for action in [
        json!({"kind": "html"}),
        json!({"kind": "redirect", "location": "https://elsewhere.example/"}),
        json!({"kind": "huge", "bytes": 2_000_000}),
    ] {
        rule(&mut deploy, json!({"count": 1, "action": action}));
    }
    let page = get(&mut deploy, 0, "/hosts");
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let redirect = get(&mut deploy, 0, "/hosts");
    assert_eq!(
        (redirect.status, redirect.header("location")),
        (302, Some("https://elsewhere.example/"))
    );
    let huge = get(&mut deploy, 0, "/hosts");
    assert!(huge.body.len() > 2_000_000);
    assert_eq!(huge.value()["num_records"], 0);
}

#[test]
fn a_response_says_how_to_send_its_body() {
    for (action, transport) in [
        (json!({"kind": "reset"}), Transport::Reset),
        (
            json!({"kind": "truncate", "after": 4}),
            Transport::Truncate { after: 4 },
        ),
        (
            json!({"kind": "stall", "after": 0}),
            Transport::Stall { after: 0 },
        ),
        (
            json!({"kind": "drip", "bytes": 1, "everyMs": 50}),
            Transport::Drip {
                bytes: 1,
                every_ms: 50,
            },
        ),
    ] {
        let mut deploy = deploy(json!({"rules": [{"action": action}]}));
        assert_eq!(
            send(&mut deploy, 0, request("GET", "/hosts")).transport,
            transport
        );
    }
}

#[test]
fn a_broken_connection_is_in_the_log_without_a_status() {
    let mut deploy = deploy(json!({"rules": [{"name": "cable", "action": {"kind": "reset"}}]}));
    get(&mut deploy, 3, "/hosts");
    let entry = serde_json::to_value(deploy.log().last()).unwrap();
    assert_eq!(
        (&entry["outcome"], &entry["status"], &entry["rule"]),
        (&json!("reset"), &Value::Null, &json!("cable"))
    );
}

#[test]
fn an_invalid_rule_gets_an_error_that_names_the_member() {
    let mut deploy = deploy(json!({}));
    let rule: Rule =
        serde_json::from_value(json!({"probability": -1, "action": {"kind": "hang"}})).unwrap();
    assert_eq!(
        deploy.add_rule(rule).unwrap_err().to_string(),
        "rule.probability: expected a number from 0 to 1"
    );
}

#[test]
fn a_restart_breaks_open_and_new_connections_until_it_is_over() {
    let mut deploy = deploy(json!({
        "stepMs": 60_000,
        "rules": [{"name": "reboot", "match": {"path": "/hosts"}, "skip": 1, "count": 1, "action": {"kind": "restart", "downMs": 5_000}}],
    }));
    let job = host_job(&mut deploy, "esx-1");
    let poll = held(&mut deploy, 10, &long_poll(&job, 30));
    assert_eq!(
        get(&mut deploy, 1_000, "/hosts").transport,
        Transport::Reset
    );
    let answers = deploy.advance(1_000);
    assert_eq!(answers.len(), 1);
    assert_eq!(
        (answers[0].0, &answers[0].1.transport),
        (poll, &Transport::Reset)
    );
    assert_eq!(
        get(&mut deploy, 5_999, "/clusters").transport,
        Transport::Reset
    );
    assert_eq!(get(&mut deploy, 6_000, "/clusters").status, 200);
    assert_eq!(
        record(&mut deploy, 6_000, &job)["id"],
        job["id"],
        "jobs continue"
    );
    let outcomes: Vec<String> = deploy.log().map(|it| format!("{:?}", it.outcome)).collect();
    assert_eq!(
        outcomes,
        [
            "Answered", "Reset", "Reset", "Reset", "Answered", "Answered"
        ]
    );
    assert_eq!(deploy.counters().received["POST /hosts"], 1);
}

#[test]
fn a_call_during_a_restart_is_processed_only_if_the_rule_says_so() {
    for (processed, hosts) in [(false, 0), (true, 1)] {
        let mut deploy = deploy(json!({
            "rules": [{"match": {"method": "POST"}, "processed": processed, "action": {"kind": "restart", "downMs": 10}}],
        }));
        let answer = post(&mut deploy, 0, "/hosts", host("esx"));
        assert_eq!(answer.transport, Transport::Reset);
        let found = get(&mut deploy, 60_000, "/hosts").value();
        assert_eq!(found["num_records"], hosts);
    }
}

#[test]
fn with_a_constant_stamp_a_long_poll_waits_until_its_time_is_over() {
    let mut deploy = deploy(json!({"stamp": "constant", "stepMs": 1_000}));
    let job = host_job(&mut deploy, "esx-1");
    let poll = held(&mut deploy, 10, &long_poll(&job, 30));
    let answers = run(&mut deploy, 60_000);
    assert_eq!((answers[0].0, answers[0].1), (30_010, poll));
    let record = answers[0].2.value()["record"].clone();
    assert_eq!(record["state"], "success");
    assert_eq!(record["last_modified"], job["last_modified"]);
}
