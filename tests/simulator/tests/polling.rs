//! Standard and long polls.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{deploy, get, held, host_job, id_of, long_poll, record, request, run, send};
use serde_json::{Value, json};

#[test]
fn the_202_has_the_queued_job_and_a_stamp_in_the_documented_format() {
    let mut deploy = deploy(json!({}));
    let job = host_job(&mut deploy, "esx1");
    assert_eq!(job["state"], "queued");
    assert_eq!(job["last_modified"], "2019-04-04T15:41:29.140265Z");
    assert!(job["message"].is_string());
    assert!(job.get("_links").is_none());
}

#[test]
fn a_standard_poll_returns_the_wrapped_record_at_once() {
    let mut deploy = deploy(json!({}));
    let job = host_job(&mut deploy, "esx1");
    let answer = get(&mut deploy, 10, &format!("/jobs/{}", id_of(&job)));
    assert_eq!(
        (answer.status, &answer.value()),
        (200, &json!({"record": job}))
    );
    assert!(answer.header("request-id").is_some());
}

#[test]
fn fields_select_the_members_and_id_is_always_sent() {
    let mut deploy = deploy(json!({}));
    let job = host_job(&mut deploy, "esx1");
    let mut members = |query: &str| -> Vec<String> {
        let answer = get(&mut deploy, 0, &format!("/jobs/{}{query}", id_of(&job)));
        answer.value()["record"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(
        members("?fields=state,message"),
        ["id", "last_modified", "message", "state"],
        "the stamp is always sent"
    );
    assert_eq!(members("?fields=last_modified"), ["id", "last_modified"]);
    for all in ["", "?fields=*", "?fields=**", "?fields=state,*"] {
        assert_eq!(
            members(all),
            ["id", "last_modified", "message", "state"],
            "{all}"
        );
    }
}

#[test]
fn last_modified_can_be_limited_to_requests_that_name_it() {
    let mut deploy = deploy(json!({"lastModifiedOnlyWhenNamed": true}));
    let job = host_job(&mut deploy, "esx1");
    assert!(record(&mut deploy, 0, &job).get("last_modified").is_none());
    let answer = get(
        &mut deploy,
        0,
        &format!("/jobs/{}?fields=last_modified", id_of(&job)),
    );
    assert!(answer.value()["record"]["last_modified"].is_string());
    let answer = get(
        &mut deploy,
        0,
        &format!("/jobs/{}?fields=state", id_of(&job)),
    );
    assert!(answer.value()["record"].get("last_modified").is_none());
}

#[test]
fn the_cursor_none_is_valid_only_if_the_stamp_must_be_named() {
    for (config, status) in [
        (json!({}), 400),
        (json!({"lastModifiedOnlyWhenNamed": true}), 200),
    ] {
        let mut deploy = deploy(config);
        let id = id_of(&host_job(&mut deploy, "esx1"));
        let path =
            format!("/jobs/{id}?fields=state,message&poll_timeout=120&last_modified=%3E=None");
        assert_eq!(get(&mut deploy, 0, &path).status, status);
    }
}

#[test]
fn a_long_poll_is_held_until_the_next_step() {
    let mut deploy = deploy(json!({"stepMs": 700}));
    let job = host_job(&mut deploy, "esx1");
    let ticket = held(&mut deploy, 100, &long_poll(&job, 30));
    assert_eq!(deploy.next_event(), Some(700));
    assert!(deploy.advance(699).is_empty());
    let answers = deploy.advance(700);
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].0, ticket);
    let record = &answers[0].1.value()["record"];
    assert_eq!(record["state"], "running");
    assert_eq!(record["last_modified"], "2019-04-04T15:41:29.840265Z");
}

#[test]
fn both_encodings_of_the_cursor_are_the_same_poll() {
    let mut deploy = deploy(json!({}));
    let id = id_of(&host_job(&mut deploy, "esx1"));
    for cursor in [
        "%3E=2019-04-04T15:41:29.140265Z",
        "%3E%3D2019-04-04T15%3A41%3A29.140265Z",
        "%3E2019-04-04T15:41:29.140265Z",
    ] {
        held(
            &mut deploy,
            0,
            &format!("/jobs/{id}?poll_timeout=5&last_modified={cursor}"),
        );
    }
}

#[test]
fn a_poll_with_an_older_cursor_returns_at_once() {
    let mut deploy = deploy(json!({}));
    let id = id_of(&host_job(&mut deploy, "esx1"));
    // JavaScript's Date drops the last three digits of the stamp.
    let answer = get(
        &mut deploy,
        0,
        &format!("/jobs/{id}?poll_timeout=5&last_modified=%3E=2019-04-04T15:41:29.140Z"),
    );
    assert_eq!(answer.value()["record"]["state"], "queued");
}

#[test]
fn an_inclusive_server_returns_an_unchanged_job_at_once() {
    let mut deploy = deploy(json!({"inclusive": true}));
    let job = host_job(&mut deploy, "esx1");
    let answer = get(&mut deploy, 0, &long_poll(&job, 30));
    assert_eq!(
        answer.value()["record"]["last_modified"],
        job["last_modified"]
    );
    let strict = long_poll(&job, 30).replace("%3E=", "%3E");
    held(&mut deploy, 0, &strict);
}

#[test]
fn a_timed_out_long_poll_returns_the_configured_response() {
    for (kind, status, body) in [
        ("noRecord", 200, "{}"),
        ("nullRecord", 200, r#"{"record":null}"#),
        ("emptyBody", 200, ""),
        ("noContent", 204, ""),
        ("notModified", 304, ""),
    ] {
        let mut deploy = deploy(json!({"timedOut": kind, "stepMs": 60_000}));
        let job = host_job(&mut deploy, "esx1");
        held(&mut deploy, 0, &long_poll(&job, 2));
        let answers = run(&mut deploy, 2000);
        assert_eq!(answers.len(), 1, "{kind}");
        let (at, _, answer) = &answers[0];
        assert_eq!(
            (*at, answer.status, answer.text().as_str()),
            (2000, status, body),
            "{kind}"
        );
        assert!(answer.header("request-id").is_some());
    }
    let mut deploy = deploy(json!({"stepMs": 60_000}));
    let job = host_job(&mut deploy, "esx1");
    held(&mut deploy, 0, &long_poll(&job, 2));
    let answers = run(&mut deploy, 2000);
    assert_eq!(
        answers[0].2.value()["record"]["last_modified"],
        job["last_modified"]
    );
}

#[test]
fn a_long_poll_returns_a_change_at_its_very_end() {
    let mut deploy = deploy(json!({"stepMs": 2000, "timedOut": "noContent"}));
    let job = host_job(&mut deploy, "esx1");
    held(&mut deploy, 0, &long_poll(&job, 2));
    let answers = run(&mut deploy, 2000);
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].2.value()["record"]["state"], "running");
}

#[test]
fn invalid_poll_parameters_get_an_error_object() {
    let mut deploy = deploy(json!({}));
    let id = id_of(&host_job(&mut deploy, "esx1"));
    let stamp = "%3E=2019-04-04T15:41:29.140265Z";
    for query in [
        "poll_timeout=30".to_owned(),
        format!("last_modified={stamp}"),
        format!("poll_timeout=0&last_modified={stamp}"),
        format!("poll_timeout=121&last_modified={stamp}"),
        format!("poll_timeout=1.5&last_modified={stamp}"),
        format!("poll_timeout=%2B5&last_modified={stamp}"),
        format!("poll_timeout=&last_modified={stamp}"),
        format!("poll_timeout=soon&last_modified={stamp}"),
        "poll_timeout=5&last_modified=2019-04-04T15:41:29.140265Z".to_owned(),
        "poll_timeout=5&last_modified=%3C=2019-04-04T15:41:29.140265Z".to_owned(),
        "poll_timeout=5&last_modified=%3E=None".to_owned(),
        "poll_timeout=5&last_modified=%3E=2019-04-04T15:41:29.140265+00:00".to_owned(),
        "return_timeout=5".to_owned(),
        "fields=progress".to_owned(),
        "fields=%zz".to_owned(),
    ] {
        let answer = get(&mut deploy, 0, &format!("/jobs/{id}?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.value()["error"]["message"].is_string(), "{query}");
        assert!(answer.value()["error"]["code"].is_number(), "{query}");
    }
}

#[test]
fn an_encoded_plus_survives_in_an_offset() {
    let mut deploy = deploy(json!({"stamp": "offset"}));
    let job = host_job(&mut deploy, "esx1");
    assert_eq!(job["last_modified"], "2019-04-04T15:41:29.140265+00:00");
    held(&mut deploy, 0, &long_poll(&job, 5));
}

#[test]
fn stamps_of_whole_seconds_hide_changes_within_the_second() {
    let mut deploy = deploy(json!({"stamp": "seconds", "stepMs": 100}));
    let job = host_job(&mut deploy, "esx1");
    assert_eq!(job["last_modified"], "2019-04-04T15:41:29Z");
    held(&mut deploy, 0, &long_poll(&job, 1));
    let answers = run(&mut deploy, 1000);
    let (at, _, answer) = &answers[0];
    assert_eq!(
        (*at, &answer.value()["record"]["state"]),
        (1000, &json!("success"))
    );
}

#[test]
fn a_clock_that_is_set_back_gives_an_older_stamp() {
    let mut deploy =
        deploy(json!({"stepMs": 1000, "clockSteps": [{"atMs": 500, "byMs": -60_000}]}));
    let job = host_job(&mut deploy, "esx1");
    held(&mut deploy, 0, &long_poll(&job, 2));
    let answers = run(&mut deploy, 2000);
    assert_eq!(
        answers[0].0, 2000,
        "the change is not more recent than the cursor"
    );
    assert_eq!(
        answers[0].2.value()["record"]["last_modified"],
        "2019-04-04T15:40:31.140265Z"
    );
}

#[test]
fn a_forgotten_poll_gets_no_response() {
    let mut deploy = deploy(json!({}));
    let job = host_job(&mut deploy, "esx1");
    let ticket = held(&mut deploy, 0, &long_poll(&job, 30));
    assert!(deploy.is_waiting());
    deploy.forget(ticket);
    assert!(!deploy.is_waiting());
    assert!(run(&mut deploy, 60_000).is_empty());
    assert_eq!(deploy.counters().open_polls, 0);
    assert_eq!(
        serde_json::to_value(deploy.log().last()).unwrap()["outcome"],
        "gone"
    );
}

#[test]
fn an_unknown_job_is_a_404() {
    let mut deploy = deploy(json!({}));
    let answer = get(&mut deploy, 0, "/jobs/nobody");
    assert_eq!(answer.status, 404);
    assert!(answer.value()["error"]["message"].is_string());
}

#[test]
fn a_finished_job_is_removed_after_its_retention_time() {
    let mut deploy = deploy(json!({"stepMs": 10, "purgeMs": 300_000}));
    let job = host_job(&mut deploy, "esx1");
    assert_eq!(record(&mut deploy, 30, &job)["state"], "success");
    let last = record(&mut deploy, 30, &job);
    held(&mut deploy, 299_000, &long_poll(&last, 120));
    let answers = run(&mut deploy, 400_000);
    assert_eq!((answers[0].0, answers[0].2.status), (300_030, 404));
    assert_eq!(
        get(&mut deploy, 400_000, &format!("/jobs/{}", id_of(&job))).status,
        404
    );
}

#[test]
fn a_job_may_be_invisible_at_first() {
    let mut deploy = deploy(json!({"visibleAfterMs": 400}));
    let path = format!("/jobs/{}", id_of(&host_job(&mut deploy, "esx1")));
    assert_eq!(get(&mut deploy, 399, &path).status, 404);
    assert_eq!(get(&mut deploy, 400, &path).status, 200);
}

#[test]
fn awkward_and_numeric_ids_work_as_encoded_segments() {
    let mut awkward = deploy(json!({"jobId": "awkward"}));
    assert_eq!(host_job(&mut awkward, "esx1")["id"], "a/b c%1");
    assert_eq!(get(&mut awkward, 0, "/jobs/a%2Fb%20c%251").status, 200);
    assert_eq!(get(&mut awkward, 0, "/jobs/a/b%20c%251").status, 404);
    let mut numeric = deploy(json!({"jobId": "numeric"}));
    assert_eq!(host_job(&mut numeric, "esx1")["id"], 1);
    assert_eq!(get(&mut numeric, 0, "/jobs/1").value()["record"]["id"], 1);
}

#[test]
fn states_can_be_upper_case_and_include_an_unknown_one() {
    let mut deploy = deploy(json!({"upperCase": true, "extraState": "paused", "stepMs": 10}));
    let mut job = host_job(&mut deploy, "esx1");
    let mut states = vec![job["state"].clone()];
    let mut now = 0;
    while job["state"] != "SUCCESS" {
        held(&mut deploy, now, &long_poll(&job, 30));
        now += 10;
        job = run(&mut deploy, now).remove(0).2.value()["record"].clone();
        states.push(job["state"].clone());
    }
    assert_eq!(
        states,
        ["QUEUED", "RUNNING", "PAUSED", "RUNNING", "SUCCESS"]
    );
}

#[test]
fn the_collection_of_jobs_can_be_filtered() {
    let mut deploy = deploy(json!({}));
    let ids: Vec<String> = ["a", "b", "c"]
        .iter()
        .map(|name| id_of(&host_job(&mut deploy, name)))
        .collect();
    let answer = get(
        &mut deploy,
        0,
        &format!("/jobs?id={}%7C{}&fields=state", ids[0], ids[2]),
    );
    let stamp = "2019-04-04T15:41:29.140265Z";
    let record = |id: &str| json!({"id": id, "state": "queued", "last_modified": stamp});
    let expected = [record(&ids[0]), record(&ids[2])];
    assert_eq!(
        answer.value(),
        json!({"num_records": 2, "records": expected})
    );
}

#[test]
fn the_counters_include_open_polls() {
    let mut deploy = deploy(json!({}));
    let (one, two) = (host_job(&mut deploy, "a"), host_job(&mut deploy, "b"));
    let tickets = [
        long_poll(&one, 30),
        long_poll(&one, 30),
        long_poll(&two, 30),
    ]
    .map(|path| held(&mut deploy, 0, &path));
    assert_eq!(
        (
            deploy.counters().open_polls,
            deploy.counters().jobs[&id_of(&one)].open_polls
        ),
        (3, 2)
    );
    deploy.forget(tickets[0]);
    record(&mut deploy, 0, &one);
    run(&mut deploy, 1000);
    let counters = serde_json::to_value(deploy.counters()).unwrap();
    assert_eq!(counters["openPolls"], 0);
    assert_eq!(counters["maxOpenPolls"], 3);
    assert_eq!(counters["longPolls"], 3);
    assert_eq!(counters["standardPolls"], 1);
    assert_eq!(
        counters["jobs"][id_of(&one)],
        json!({"standardPolls": 1, "longPolls": 2, "openPolls": 0, "maxOpenPolls": 2})
    );
    assert_eq!(counters["received"], json!({"POST /hosts": 2}));
    assert_eq!(counters["statuses"], json!({"200": 3, "202": 2}));
}

#[test]
fn the_log_has_the_request_but_hides_the_credentials() {
    let mut deploy = deploy(json!({"jobId": "awkward"}));
    host_job(&mut deploy, "esx1");
    let target = "/jobs/a%2Fb%20c%251?fields=state";
    send(
        &mut deploy,
        5,
        request("GET", target).header("X-Trace", "1"),
    );
    let entry: Value = serde_json::to_value(deploy.log().last()).unwrap();
    assert_eq!(entry["target"], format!("/api{target}"));
    assert_eq!(entry["path"], "/jobs/a/b c%1");
    assert_eq!(entry["query"], json!([["fields", "state"]]));
    assert_eq!(
        (&entry["job"], &entry["poll"], &entry["status"]),
        (&json!("a/b c%1"), &json!("standard"), &json!(200))
    );
    assert_eq!(
        (&entry["at"], &entry["endedAt"], &entry["authorized"]),
        (&json!(5), &json!(5), &json!(true))
    );
    let text = serde_json::to_string(&deploy.log().collect::<Vec<_>>()).unwrap();
    assert!(text.contains("x-trace") && text.contains("(hidden)"));
    assert!(!text.contains("Basic") && !text.contains("esx1"));
}

#[test]
fn the_log_keeps_only_the_latest_requests() {
    let mut deploy = deploy(json!({"logLimit": 2}));
    let job = host_job(&mut deploy, "esx1");
    let ticket = held(&mut deploy, 0, &long_poll(&job, 30));
    for _ in 0..3 {
        record(&mut deploy, 0, &job);
    }
    deploy.forget(ticket);
    let numbers: Vec<u64> = deploy.log().map(|entry| entry.number).collect();
    assert_eq!(numbers, [4, 5]);
    assert_eq!(deploy.counters().open_polls, 0);
}
