//! Clusters, hosts and the rest: what is answered, what becomes of the objects, which input fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{deploy, get, id_of, post, record, request, run, send};
use deploy_simulator::{Request, Response, Simulator};
use serde_json::{Value, json};

const HOUR: u64 = 3_600_000;

fn create(deploy: &mut Simulator, body: Value) -> String {
    let answer = post(deploy, 0, "/clusters", body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer
        .header("location")
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned()
}

fn start_deploy(deploy: &mut Simulator, now: u64, id: &str) -> Response {
    post(
        deploy,
        now,
        &format!("/clusters/{id}/deploy"),
        json!({"ontap_credential": {"password": "Netapp1!"}}),
    )
}

/// The last record of the job that an answer started.
fn outcome(deploy: &mut Simulator, answer: &Response) -> Value {
    assert_eq!(answer.status, 202, "{}", answer.text());
    run(deploy, HOUR);
    record(deploy, HOUR, &answer.value()["job"])
}

#[test]
fn every_call_needs_the_credential() {
    let mut deploy = deploy(json!({"bearer": "t0ken"}));
    let call = || Request::new("GET", "/api/clusters");
    for bad in [
        call(),
        call().basic("admin", "wrong"),
        call().basic("Admin", "Netapp1!"),
        call().header("authorization", "Bearer x"),
    ] {
        let answer = send(&mut deploy, 0, bad);
        assert_eq!(answer.status, 401);
        assert!(answer.value()["error"]["message"].is_string());
        assert!(
            answer
                .header("www-authenticate")
                .unwrap()
                .starts_with("Basic")
        );
        assert!(answer.header("request-id").is_some());
    }
    assert_eq!(
        send(&mut deploy, 0, call().basic("admin", "Netapp1!")).status,
        200
    );
    assert_eq!(
        send(
            &mut deploy,
            0,
            call().header("Authorization", "Bearer t0ken")
        )
        .status,
        200
    );
    deploy.set_credentials("admin", "pässwörd:2", None);
    assert_eq!(
        send(&mut deploy, 0, call().basic("admin", "Netapp1!")).status,
        401
    );
    assert_eq!(
        send(&mut deploy, 0, call().basic("admin", "pässwörd:2")).status,
        200
    );
}

#[test]
fn both_bases_reach_the_interface_and_nothing_else_does() {
    let mut deploy = deploy(json!({}));
    for (target, status) in [
        ("/api/deploy", 200),
        ("/api/v3/deploy", 200),
        ("/api/v2/deploy", 404),
        ("/deploy", 404),
        ("/apideploy", 404),
        ("/api", 404),
        ("/api/", 404),
        ("/api/nonsense", 404),
    ] {
        let answer = send(
            &mut deploy,
            0,
            Request::new("GET", target).basic("admin", "Netapp1!"),
        );
        assert_eq!(answer.status, status, "{target}");
    }
}

#[test]
fn location_is_the_full_url_of_the_created_object() {
    let mut deploy = deploy(json!({}));
    let made = |target: &str| {
        Request::new("POST", target)
            .basic("admin", "Netapp1!")
            .header("host", "deploy.test")
    };
    let answer = send(
        &mut deploy,
        0,
        made("/api/v3/clusters").json(&json!({"name": "one"})),
    );
    let id = answer.value()["record"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        answer.header("location"),
        Some(format!("https://deploy.test/api/v3/clusters/{id}").as_str())
    );
    let mut plain = made("/api/clusters").json(&json!({"name": "two"}));
    plain.origin = Some("http://127.0.0.1:8080".to_owned());
    let answer = send(&mut deploy, 0, plain);
    assert!(
        answer
            .header("location")
            .unwrap()
            .starts_with("http://127.0.0.1:8080/api/clusters/")
    );
}

#[test]
fn a_cluster_is_created_described_deployed_changed_and_removed() {
    let mut deploy = deploy(json!({}));
    let answer = send(
        &mut deploy,
        0,
        request("POST", "/clusters?node_count=2").json(&json!({"name": "prod"})),
    );
    let id = answer.value()["record"]["id"].as_str().unwrap().to_owned();
    let path = format!("/clusters/{id}");
    let nodes = get(&mut deploy, 0, &format!("{path}/nodes?fields=name")).value();
    assert_eq!(
        (&nodes["num_records"], &nodes["records"][1]["name"]),
        (&json!(2), &json!("prod-02"))
    );
    let node = format!(
        "{path}/nodes/{}",
        nodes["records"][0]["id"].as_str().unwrap()
    );
    let described = json!({"license": {"id": "320000001"}, "capacity_tb": 2});
    assert_eq!(
        send(&mut deploy, 0, request("PATCH", &node).json(&described)).status,
        200
    );
    assert_eq!(
        get(&mut deploy, 0, &node).value()["record"]["license"]["id"],
        "320000001"
    );

    assert_eq!(
        send(
            &mut deploy,
            0,
            request("PATCH", &path).json(&json!({"ip": "10.0.0.1"}))
        )
        .status,
        200,
        "not deployed: at once"
    );
    assert_eq!(
        get(&mut deploy, 0, &path).value()["record"]["ip"],
        "10.0.0.1"
    );

    let started = start_deploy(&mut deploy, 0, &id);
    assert_eq!(started.status, 202);
    assert_eq!(
        get(&mut deploy, 1, &path).value()["record"]["state"],
        "deploying"
    );
    assert_eq!(start_deploy(&mut deploy, 1, &id).status, 409);
    assert_eq!(send(&mut deploy, 1, request("DELETE", &path)).status, 409);
    assert_eq!(outcome(&mut deploy, &started)["state"], "success");
    assert_eq!(
        get(&mut deploy, HOUR, &path).value()["record"]["state"],
        "online"
    );
    assert_eq!(start_deploy(&mut deploy, HOUR, &id).status, 409);

    let changed = send(
        &mut deploy,
        HOUR,
        request("PATCH", &path).json(&json!({"ip": "10.0.0.2"})),
    );
    assert_eq!(changed.status, 202, "deployed: by a job");
    run(&mut deploy, 2 * HOUR);
    let after = get(&mut deploy, 2 * HOUR, &path).value()["record"].clone();
    assert_eq!(
        (&after["ip"], &after["state"]),
        (&json!("10.0.0.2"), &json!("online"))
    );

    assert_eq!(
        send(&mut deploy, 2 * HOUR, request("DELETE", &path)).status,
        202
    );
    run(&mut deploy, 3 * HOUR);
    assert_eq!(get(&mut deploy, 3 * HOUR, &path).status, 404);
    assert_eq!(
        send(&mut deploy, 3 * HOUR, request("DELETE", &path)).status,
        404
    );
}

#[test]
fn a_deploy_takes_many_steps_each_with_its_own_message_and_stamp() {
    let mut deploy = deploy(json!({}));
    let id = create(
        &mut deploy,
        json!({"name": "prod", "nodes": [{"name": "n1"}, {"name": "n2"}]}),
    );
    let job = start_deploy(&mut deploy, 0, &id).value()["job"].clone();
    let mut seen = vec![job.clone()];
    while let Some(at) = deploy.next_event() {
        seen.push(record(&mut deploy, at, &job));
    }
    assert!(seen.len() >= 12, "{} steps", seen.len());
    for pair in seen.windows(2) {
        assert_ne!(pair[0]["message"], pair[1]["message"]);
        assert_ne!(pair[0]["last_modified"], pair[1]["last_modified"]);
    }
    assert_eq!(seen.last().unwrap()["state"], "success");
}

#[test]
fn a_cluster_that_is_not_deployed_is_removed_at_once() {
    let mut deploy = deploy(json!({}));
    let id = create(&mut deploy, json!({"name": "draft"}));
    assert_eq!(
        send(
            &mut deploy,
            0,
            request("DELETE", &format!("/clusters/{id}"))
        )
        .status,
        200
    );
    assert_eq!(get(&mut deploy, 0, "/clusters").value()["num_records"], 0);
}

#[test]
fn wrong_clusters_are_refused() {
    let mut deploy = deploy(json!({}));
    let id = create(&mut deploy, json!({"name": "prod"}));
    for (path, body, status) in [
        ("/clusters".to_owned(), json!({}), 400),
        ("/clusters".to_owned(), json!([]), 400),
        ("/clusters".to_owned(), json!({"name": "prod"}), 409),
        (
            "/clusters?node_count=9".to_owned(),
            json!({"name": "big"}),
            400,
        ),
        (
            "/clusters".to_owned(),
            json!({"name": "x", "nodes": [{"license": {"id": "0"}}]}),
            400,
        ),
        (format!("/clusters/{id}/deploy"), json!({}), 400),
        (
            format!("/clusters/{id}/deploy"),
            json!({"ontap_credential": {"password": ""}}),
            400,
        ),
        (
            "/clusters/none/deploy".to_owned(),
            json!({"ontap_credential": {"password": "x"}}),
            404,
        ),
    ] {
        let answer = post(&mut deploy, 0, &path, body.clone());
        assert_eq!(answer.status, status, "{path} {body}");
        assert!(answer.value()["error"]["message"].is_string());
    }
}

#[test]
fn a_body_must_be_json_and_say_so() {
    let mut deploy = deploy(json!({}));
    let mut call = request("POST", "/hosts");
    call.body = b"{\"name\": \"esx1\"}".to_vec();
    assert_eq!(
        send(&mut deploy, 0, call.clone()).status,
        400,
        "no content type"
    );
    assert_eq!(
        send(
            &mut deploy,
            0,
            call.clone()
                .header("content-type", "application/json; charset=utf-8")
        )
        .status,
        202
    );
    call.body = b"{".to_vec();
    assert_eq!(
        send(
            &mut deploy,
            0,
            call.header("content-type", "application/json")
        )
        .status,
        400,
        "broken"
    );
}

#[test]
fn a_licence_that_lacks_capacity_fails_the_deploy_and_frees_the_cluster() {
    let overfull =
        json!({"name": "a", "nodes": [{"license": {"id": "320000001"}, "capacity_tb": 2.5}]});
    for body in [overfull, json!({"name": "unlicensed1"})] {
        let mut deploy = deploy(json!({}));
        let id = create(&mut deploy, body);
        let started = start_deploy(&mut deploy, 0, &id);
        let last = outcome(&mut deploy, &started);
        assert_eq!(last["state"], "failure");
        assert!(last["message"].as_str().unwrap().contains("capacity"));
        let cluster = get(&mut deploy, HOUR, &format!("/clusters/{id}")).value();
        assert_eq!(cluster["record"]["state"], "not_deployed");
    }
}

#[test]
fn a_host_that_cannot_be_reached_fails_and_is_not_added() {
    let mut deploy = deploy(json!({}));
    let hosts = json!({"hosts": [{"name": "esx1"}, {"name": "unreachable-2"}]});
    let started = post(&mut deploy, 0, "/hosts", hosts);
    let last = outcome(&mut deploy, &started);
    assert_eq!(last["state"], "failure");
    assert!(last["message"].as_str().unwrap().contains("unreachable-2"));
    assert_eq!(get(&mut deploy, HOUR, "/hosts").value()["num_records"], 0);
}

#[test]
fn hosts_and_credentials_appear_when_their_jobs_succeed_and_keep_no_password() {
    let mut deploy = deploy(json!({}));
    post(
        &mut deploy,
        0,
        "/hosts",
        json!({"name": "esx1", "password": "hush"}),
    );
    post(
        &mut deploy,
        0,
        "/security/credentials",
        json!({"hostname": "esx1", "username": "root", "password": "hush"}),
    );
    assert_eq!(get(&mut deploy, 0, "/hosts").value()["num_records"], 0);
    run(&mut deploy, HOUR);
    let hosts = get(&mut deploy, HOUR, "/hosts");
    let id = hosts.value()["records"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        get(&mut deploy, HOUR, &format!("/hosts/{id}")).value()["record"]["name"],
        "esx1"
    );
    let credentials = get(&mut deploy, HOUR, "/security/credentials");
    assert_eq!(credentials.value()["records"][0]["username"], "root");
    assert!(!hosts.text().contains("hush") && !credentials.text().contains("hush"));
}

#[test]
fn a_connectivity_check_reaches_or_fails() {
    let mut deploy = deploy(json!({}));
    let good = post(
        &mut deploy,
        0,
        "/network/connectivitychecks",
        json!({"targets": ["a", "b"]}),
    );
    let bad = post(
        &mut deploy,
        0,
        "/network/connectivitychecks",
        json!({"name": "unreachable.example"}),
    );
    assert_eq!(outcome(&mut deploy, &good)["state"], "success");
    assert_eq!(outcome(&mut deploy, &bad)["state"], "failure");
    assert_eq!(
        post(&mut deploy, HOUR, "/network/connectivitychecks", json!({})).status,
        400
    );
}

#[test]
fn a_failure_can_be_silent_or_mute() {
    let mut deploy = deploy(json!({}));
    let silent = post(&mut deploy, 0, "/hosts", json!({"name": "silent1"}));
    let mute = post(&mut deploy, 0, "/hosts", json!({"name": "mute1"}));
    let paused = post(&mut deploy, 0, "/hosts", json!({"name": "paused1"}));
    let silent = outcome(&mut deploy, &silent);
    assert_eq!(
        (&silent["state"], &silent["message"]),
        (&json!("failure"), &json!(""))
    );
    let mute = outcome(&mut deploy, &mute);
    assert_eq!(
        (&mute["state"], mute.get("message")),
        (&json!("failure"), None)
    );
    assert_eq!(outcome(&mut deploy, &paused)["state"], "success");
}

#[test]
fn a_backup_is_named_at_once_and_there_in_the_end() {
    let mut deploy = deploy(json!({}));
    let answer = send(&mut deploy, 0, request("POST", "/backups"));
    let location = answer.header("location").unwrap().to_owned();
    let path = location.strip_prefix("https://deploy.test/api").unwrap();
    assert_eq!(get(&mut deploy, 0, path).status, 404);
    assert_eq!(outcome(&mut deploy, &answer)["state"], "success");
    let url = get(&mut deploy, HOUR, path).value()["record"]["download_url"].clone();
    assert_eq!(url, format!("{location}/download"));
}

#[test]
fn wrong_methods_are_refused_with_those_that_are_right() {
    let mut deploy = deploy(json!({}));
    for (method, path, allow) in [
        ("PUT", "/clusters", "GET, POST"),
        ("POST", "/jobs", "GET"),
        ("DELETE", "/jobs/1", "GET"),
        ("POST", "/licensing/licenses", "GET"),
        ("GET", "/network/connectivitychecks", "POST"),
        ("POST", "/deploy", "GET"),
    ] {
        let answer = send(&mut deploy, 0, request(method, path));
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some(allow)),
            "{method} {path}"
        );
    }
}

#[test]
fn collections_are_filtered_ordered_cut_and_projected() {
    let mut deploy = deploy(json!({}));
    for (name, size) in [("alpha", 1), ("beta", 20), ("gamma", 3)] {
        create(
            &mut deploy,
            json!({"name": name, "size": size, "net": {"mtu": size * 100}}),
        );
    }
    create(&mut deploy, json!({"name": "bare"}));
    let mut names = |query: &str| -> Vec<String> {
        let answer = get(&mut deploy, 0, &format!("/clusters?fields=name&{query}")).value();
        let records = answer["records"]
            .as_array()
            .unwrap_or_else(|| panic!("{query}: {answer}"));
        assert_eq!(answer["num_records"], records.len());
        records
            .iter()
            .map(|record| record["name"].as_str().unwrap().to_owned())
            .collect()
    };
    for (query, expected) in [
        ("name=beta", vec!["beta"]),
        ("name=alpha%7Cgamma", vec!["alpha", "gamma"]),
        ("name=!alpha", vec!["beta", "gamma", "bare"]),
        ("name=*a", vec!["alpha", "beta", "gamma"]),
        ("size=%3E3", vec!["beta"]),
        ("size=%3E%3D3", vec!["beta", "gamma"]),
        ("size=%3C3", vec!["alpha"]),
        ("size=null", vec!["bare"]),
        ("size=!null&name=*a", vec!["alpha", "beta", "gamma"]),
        ("net.mtu=300", vec!["gamma"]),
        ("order_by=name+desc", vec!["gamma", "beta", "bare", "alpha"]),
        ("order_by=name%20asc&max_records=2", vec!["alpha", "bare"]),
        ("max_records=0", vec![]),
    ] {
        assert_eq!(names(query), expected, "{query}");
    }
    let dotted =
        get(&mut deploy, 0, "/clusters?fields=net.mtu&name=beta").value()["records"][0].clone();
    assert_eq!(
        (&dotted["net"], dotted.as_object().unwrap().len()),
        (&json!({"mtu": 2000}), 2)
    );
    for bad in ["max_records=some", "order_by=name%20up", "order_by="] {
        assert_eq!(
            get(&mut deploy, 0, &format!("/clusters?{bad}")).status,
            400,
            "{bad}"
        );
    }
}

#[test]
fn the_same_calls_give_the_same_answers_and_another_seed_other_ids() {
    let trace = |seed: u64| {
        let mut deploy = deploy(json!({"seed": seed}));
        let id = create(&mut deploy, json!({"name": "prod"}));
        let started = start_deploy(&mut deploy, 0, &id);
        (
            id,
            id_of(&started.value()["job"]),
            started.header("request-id").map(str::to_owned),
        )
    };
    assert_eq!(trace(7), trace(7));
    let (left, right) = (trace(7), trace(8));
    assert!(left.0 != right.0 && left.1 != right.1 && left.2 != right.2);
}
