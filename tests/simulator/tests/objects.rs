//! The behavior of all objects: credentials, both bases, bodies, filters, fields, order, events.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{
    HOUR, complaint, delete, deploy, described, get, host, host_job, id_of, ids, located, outcome,
    patch, post, ready_host, request, run, send, start_deploy,
};
use deploy_simulator::{Request, Simulator};
use serde_json::{Value, json};

#[test]
fn every_call_needs_credentials() {
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
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Basic"));
        assert!(answer.header("request-id").is_some());
    }
    for good in [
        call().basic("admin", "Netapp1!"),
        call().header("Authorization", "Bearer t0ken"),
    ] {
        assert_eq!(send(&mut deploy, 0, good).status, 200);
    }
    deploy.set_credentials("admin", "pässwörd:2", None);
    for (password, status) in [("Netapp1!", 401), ("pässwörd:2", 200)] {
        let answer = send(&mut deploy, 0, call().basic("admin", password));
        assert_eq!(answer.status, status);
    }
}

#[test]
fn both_bases_work_and_empty_segments_are_dropped() {
    let mut deploy = deploy(json!({}));
    for (target, status) in [
        ("/api/deploy", 200),
        ("/api/v3/deploy", 200),
        ("/api/v3//deploy", 200),
        ("/api//deploy/", 200),
        ("/api//v3/deploy", 200),
        ("/api/v3/hosts//none/networks", 404),
        ("/api/v2/deploy", 404),
        ("/deploy", 404),
        ("/apideploy", 404),
        ("/api", 404),
        ("/api/", 404),
        ("/api/v3", 404),
        ("/api/nonsense", 404),
    ] {
        let call = Request::new("GET", target).basic("admin", "Netapp1!");
        assert_eq!(send(&mut deploy, 0, call).status, status, "{target}");
    }
}

#[test]
fn location_has_the_base_scheme_and_host_of_the_request() {
    let mut deploy = deploy(json!({}));
    let mut locate = |target: &str, name: &str, origin: Option<&str>, proto: Option<&str>| {
        let mut call = Request::new("POST", target)
            .basic("admin", "Netapp1!")
            .header("host", "deploy.test")
            .json(&json!({"name": name}));
        call.origin = origin.map(str::to_owned);
        if let Some(proto) = proto {
            call = call.header("X-Forwarded-Proto", proto);
        }
        let answer = send(&mut deploy, 0, call);
        let location = answer.header("location").unwrap().to_owned();
        location.strip_suffix(&located(&answer)).unwrap().to_owned()
    };
    let plain = Some("http://127.0.0.1:8080");
    for (name, target, origin, proto, expected) in [
        (
            "a",
            "/api/v3/clusters",
            None,
            None,
            "https://deploy.test/api/v3/clusters/",
        ),
        (
            "b",
            "/api/clusters",
            plain,
            None,
            "http://127.0.0.1:8080/api/clusters/",
        ),
        (
            "c",
            "/api/clusters",
            plain,
            Some("https"),
            "https://127.0.0.1:8080/api/clusters/",
        ),
        (
            "d",
            "/api/clusters",
            plain,
            Some("HTTPS, http"),
            "https://127.0.0.1:8080/api/clusters/",
        ),
        (
            "e",
            "/api/clusters",
            None,
            Some("http"),
            "http://deploy.test/api/clusters/",
        ),
        (
            "f",
            "/api/clusters",
            plain,
            Some("gopher"),
            "http://127.0.0.1:8080/api/clusters/",
        ),
    ] {
        assert_eq!(locate(target, name, origin, proto), expected);
    }
}

#[test]
fn a_body_must_be_a_json_object_with_its_content_type() {
    let mut deploy = deploy(json!({}));
    let mut call = request("POST", "/hosts");
    call.body = host("esx1").to_string().into_bytes();
    assert_eq!(send(&mut deploy, 0, call.clone()).status, 400, "no type");
    let typed = call
        .clone()
        .header("content-type", "application/json; charset=utf-8");
    assert_eq!(send(&mut deploy, 0, typed).status, 202);
    for broken in ["{", "[]", "null", "\"text\"", "7", ""] {
        call.body = broken.as_bytes().to_vec();
        let call = call.clone().header("content-type", "application/json");
        let answer = send(&mut deploy, 0, call);
        assert_eq!(answer.status, 400, "{broken}");
        assert!(complaint(&answer).contains("JSON"), "{broken}");
    }
}

#[test]
fn the_body_of_a_get_or_delete_is_ignored() {
    let mut deploy = deploy(json!({}));
    let id = ready_host(&mut deploy, 0, "esx1");
    for body in ["", "{}", "null"] {
        let mut call = request("GET", "/hosts").header("content-type", "application/json");
        call.body = body.as_bytes().to_vec();
        assert_eq!(send(&mut deploy, 0, call).status, 200, "{body}");
    }
    let odd = request("GET", "/hosts").header("content-type", "JSON");
    assert_eq!(send(&mut deploy, 0, odd).status, 200);
    let call = request("DELETE", &format!("/hosts/{id}")).json(&json!({}));
    let answer = send(&mut deploy, 0, call);
    assert_eq!((answer.status, answer.text().as_str()), (200, ""));
}

#[test]
fn unknown_members_are_ignored_or_rejected_by_name() {
    for (config, status) in [
        (json!({}), 202),
        (json!({"refuseUnknownMembers": true}), 400),
    ] {
        let mut deploy = deploy(config);
        let body = json!({"hosts": [{"name": "esx1", "hypervisor_type": "ESX", "color": "red"}]});
        let answer = post(&mut deploy, 0, "/hosts", body);
        assert_eq!(answer.status, status);
        if status == 400 {
            assert!(complaint(&answer).contains("\"hosts[0].color\""));
        }
        run(&mut deploy, HOUR);
        assert!(
            !get(&mut deploy, HOUR, "/hosts?fields=**")
                .text()
                .contains("red")
        );
    }
}

#[test]
fn calls_without_output_return_an_empty_object_or_null() {
    for (config, body) in [(json!({}), "{}"), (json!({"noOutput": "null"}), "null")] {
        let mut deploy = deploy(config);
        let answer = post(&mut deploy, 0, "/clusters", json!({"name": "one"}));
        assert_eq!((answer.status, answer.text().as_str()), (201, body));
        let path = format!("/clusters/{}", located(&answer));
        let answer = patch(&mut deploy, 0, &path, json!({"ip": "10.0.0.1"}));
        assert_eq!((answer.status, answer.text().as_str()), (200, body));
    }
}

#[test]
fn a_wrong_method_gets_405_with_the_allowed_methods() {
    let mut deploy = deploy(json!({}));
    let cluster = described(&mut deploy, 0, "one", 1, 1 << 30);
    let node = format!(
        "{cluster}/nodes/{}",
        ids(&mut deploy, 0, &format!("{cluster}/nodes"))[0]
    );
    let network = format!(
        "{node}/networks/{}",
        ids(&mut deploy, 0, &format!("{node}/networks"))[0]
    );
    let host = format!("/hosts/{}", ids(&mut deploy, 0, "/hosts")[0]);
    for (method, path, allow) in [
        ("PUT", "/clusters", "GET, POST"),
        ("POST", &cluster, "GET, PATCH, DELETE"),
        ("GET", &format!("{cluster}/deploy"), "POST"),
        ("POST", &format!("{cluster}/nodes"), "GET"),
        ("DELETE", &node, "GET, PATCH"),
        ("POST", &format!("{node}/networks"), "GET"),
        ("DELETE", &network, "GET, PATCH"),
        ("PATCH", &format!("{node}/storage/pools"), "GET, POST"),
        ("PATCH", &format!("{node}/storage/disks/1"), "DELETE"),
        ("PATCH", "/hosts", "GET, POST"),
        ("PATCH", &host, "GET, DELETE"),
        ("POST", &format!("{host}/networks"), "GET"),
        ("POST", "/jobs", "GET"),
        ("DELETE", "/jobs/1", "GET"),
        ("DELETE", "/licensing/licenses", "GET, POST"),
        ("DELETE", "/licensing/licenses/320000001", "GET, PUT"),
        ("DELETE", "/security/credentials", "GET, POST"),
        ("DELETE", "/security/credentials/1", "GET"),
        ("GET", "/network/connectivitychecks", "POST"),
        ("PUT", "/backups", "GET, POST"),
        ("POST", "/events", "GET"),
        ("POST", "/images", "GET"),
        ("POST", "/mediators", "GET"),
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

fn named(deploy: &mut Simulator, query: &str) -> Vec<String> {
    let answer = get(deploy, 0, &format!("/clusters?{query}")).value();
    let records = answer["records"]
        .as_array()
        .unwrap_or_else(|| panic!("{query}: {answer}"));
    assert_eq!(answer["num_records"], records.len());
    let name = |record: &Value| record["name"].as_str().unwrap().to_owned();
    records.iter().map(name).collect()
}

fn some_clusters() -> Simulator {
    let mut deploy = deploy(json!({}));
    for (name, ip, domain) in [
        ("alpha", "10.0.0.1", "a"),
        ("beta", "10.0.0.2", "b"),
        ("gamma", "10.0.0.3", "b"),
    ] {
        let body = json!({"name": name, "ip": ip, "mtu": 9000, "dns_info": {"domains": [domain], "dns_ips": ["10.0.0.8"]}});
        let answer = post(&mut deploy, 0, "/clusters?node_count=2", body);
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    assert_eq!(
        post(&mut deploy, 0, "/clusters", json!({"name": "bare"})).status,
        201
    );
    deploy
}

#[test]
fn collections_can_be_filtered_ordered_and_limited() {
    let mut deploy = some_clusters();
    for (query, expected) in [
        ("name=beta", vec!["beta"]),
        ("name=alpha%7Cgamma", vec!["alpha", "gamma"]),
        ("name=!alpha", vec!["beta", "gamma", "bare"]),
        ("name=*a", vec!["alpha", "beta", "gamma"]),
        ("ip=%3E10.0.0.2", vec!["gamma"]),
        ("ip=%3E%3D10.0.0.2", vec!["beta", "gamma"]),
        ("ip=%3C10.0.0.2", vec!["alpha"]),
        ("mtu=%3C%3D9000", vec!["alpha", "beta", "gamma"]),
        ("ip=null", vec!["bare"]),
        ("ip=!null&name=*a", vec!["alpha", "beta", "gamma"]),
        ("dns_info.domains=b", vec!["beta", "gamma"]),
        ("dns_info.domains=!b", vec!["alpha", "bare"]),
        ("nodes.name=beta-02", vec!["beta"]),
        (
            "nodes.serial_number=null",
            vec!["alpha", "beta", "gamma", "bare"],
        ),
        ("is_deployed=false&max_records=1", vec!["alpha"]),
        ("order_by=name+desc", vec!["gamma", "beta", "bare", "alpha"]),
        ("order_by=name desc", vec!["gamma", "beta", "bare", "alpha"]),
        ("order_by=name%20asc&max_records=2", vec!["alpha", "bare"]),
        (
            "order_by=dns_info.domains%20asc,name%20desc",
            vec!["bare", "alpha", "gamma", "beta"],
        ),
        ("max_records=0", vec![]),
    ] {
        assert_eq!(named(&mut deploy, query), expected, "{query}");
    }
    for bad in [
        "max_records=some",
        "order_by=name%20up",
        "order_by=",
        "color=red",
        "fields=color",
    ] {
        assert_eq!(
            get(&mut deploy, 0, &format!("/clusters?{bad}")).status,
            400,
            "{bad}"
        );
    }
}

#[test]
fn unknown_names_in_filters_and_fields_can_be_ignored() {
    let mut deploy = deploy(json!({"ignoreUnknownFields": true}));
    post(&mut deploy, 0, "/clusters", json!({"name": "one"}));
    let answer = get(&mut deploy, 0, "/clusters?color=red&fields=name,color").value();
    assert_eq!(answer["records"][0]["name"], "one");
}

#[test]
fn without_fields_a_record_has_only_id_and_name() {
    let mut deploy = some_clusters();
    let mut members = |path: &str| -> Vec<String> {
        let value = get(&mut deploy, 0, path).value();
        let record = value.get("record").unwrap_or(&value["records"][0]).clone();
        let members = record
            .as_object()
            .unwrap_or_else(|| panic!("{path}: {value}"));
        members.keys().cloned().collect()
    };
    let all = [
        "dns_info",
        "id",
        "ip",
        "is_deployed",
        "mtu",
        "name",
        "state",
    ];
    let mut with_nodes = all.to_vec();
    with_nodes.push("nodes");
    with_nodes.sort_unstable();
    assert_eq!(members("/clusters"), ["id", "name"]);
    assert_eq!(members("/clusters?fields=ip,state"), ["id", "ip", "state"]);
    assert_eq!(members("/clusters?fields=*"), all);
    assert_eq!(members("/clusters?fields=*,nodes"), with_nodes);
    assert_eq!(members("/clusters?fields=**"), with_nodes);
    let id = ids(&mut deploy, 0, "/clusters")[0].clone();
    let one = get(
        &mut deploy,
        0,
        &format!("/clusters/{id}?fields=nodes.name,dns_info.domains"),
    );
    assert_eq!(
        one.value()["record"],
        json!({"id": id, "dns_info": {"domains": ["a"]}, "nodes": [{"name": "alpha-01"}, {"name": "alpha-02"}]})
    );
    assert_eq!(
        get(&mut deploy, 0, &format!("/clusters/{id}?name=alpha")).status,
        400
    );
}

#[test]
fn an_empty_result_has_status_200() {
    let mut deploy = deploy(json!({}));
    for path in [
        "/hosts",
        "/clusters",
        "/security/credentials",
        "/backups",
        "/jobs",
        "/events",
        "/images?id=9.3",
    ] {
        let answer = get(&mut deploy, 0, path);
        assert_eq!(answer.text(), r#"{"num_records":0,"records":[]}"#, "{path}");
    }
}

#[test]
fn events_can_be_filtered_by_request_id() {
    let mut deploy = deploy(json!({}));
    let answer = post(&mut deploy, 0, "/hosts", host("unreachable-1"));
    let request_id = answer.header("request-id").unwrap().to_owned();
    assert_eq!(outcome(&mut deploy, 0, &answer)["state"], "failure");
    post(&mut deploy, HOUR, "/hosts", host("esx-2"));
    let path = format!("/events?request_id={request_id}&fields=type,message");
    let events = get(&mut deploy, HOUR, &path).value()["records"].clone();
    assert_eq!(events[0]["message"], "POST /hosts was accepted.");
    assert_eq!(events[1]["type"], "error");
    assert!(
        events[1]["message"]
            .as_str()
            .unwrap()
            .contains("unreachable-1")
    );
    assert_eq!(events.as_array().unwrap().len(), 2);
    // A space after the operator, as on NetApp's page.
    let late = get(
        &mut deploy,
        HOUR,
        "/events?time=>%202019-04-04T16:00:00.000000Z&max_records=10",
    );
    assert_eq!(late.value()["num_records"], 1);
    let first = &get(&mut deploy, HOUR, "/events?order_by=type desc, id asc").value()["records"][0];
    assert!(
        ["id", "type", "time", "message"]
            .iter()
            .all(|name| first[name].is_string())
    );
}

#[test]
fn no_response_contains_a_secret() {
    let mut deploy = deploy(json!({}));
    let secret = "s3cret-of-";
    let body = json!({"hostname": "vc", "username": "root", "password": "s3cret-of-vc", "type": "vcenter"});
    post(&mut deploy, 0, "/security/credentials", body);
    let own = json!({"username": "root", "password": "s3cret-of-host"});
    let body = json!({"hosts": [{"name": "esx", "hypervisor_type": "ESX", "credential": own}]});
    post(&mut deploy, 0, "/hosts", body);
    post(
        &mut deploy,
        0,
        "/backups",
        json!({"password": "s3cret-of-backup"}),
    );
    let body = json!({"name": "two", "admin_password": "s3cret-of-cluster"});
    post(&mut deploy, 0, "/clusters", body);
    let cluster = described(&mut deploy, 0, "one", 1, 1 << 30);
    patch(
        &mut deploy,
        0,
        &cluster,
        json!({"admin_password": "s3cret-of-cluster"}),
    );
    start_deploy(&mut deploy, HOUR, &cluster);
    run(&mut deploy, 2 * HOUR);
    let node = ids(&mut deploy, 2 * HOUR, &format!("{cluster}/nodes"))[0].clone();
    let resize = json!({"admin_password": "s3cret-of-cluster", "nodes": [{"id": node, "instance_type": "medium"}]});
    assert_eq!(patch(&mut deploy, 2 * HOUR, &cluster, resize).status, 202);
    // An error does not contain it either.
    let odd = json!({"ontap_credential": {"password": ["s3cret-of-odd"]}});
    let refusal = post(&mut deploy, 2 * HOUR, &format!("{cluster}/deploy"), odd);
    assert!(!refusal.text().contains(secret), "{}", refusal.text());
    for path in [
        "/security/credentials",
        "/hosts",
        "/backups",
        "/clusters",
        "/jobs",
        "/events",
        &format!("{cluster}/nodes"),
    ] {
        let answer = get(&mut deploy, 2 * HOUR, &format!("{path}?fields=**"));
        assert_eq!(answer.status, 200);
        assert!(!answer.text().contains(secret), "{path}: {}", answer.text());
    }
    assert!(
        !format!("{deploy:?}").contains(secret),
        "the debug output does not contain it"
    );
}

#[test]
fn the_same_calls_give_the_same_responses_and_another_seed_gives_other_ids() {
    let trace = |seed: u64| {
        let mut deploy = deploy(json!({"seed": seed}));
        let cluster = described(&mut deploy, 0, "prod", 1, 1 << 30);
        let started = start_deploy(&mut deploy, HOUR, &cluster);
        (
            cluster,
            id_of(&started.value()["job"]),
            started.header("request-id").map(str::to_owned),
        )
    };
    assert_eq!(trace(7), trace(7));
    let (left, right) = (trace(7), trace(8));
    assert!(left.0 != right.0 && left.1 != right.1 && left.2 != right.2);
}

#[test]
fn images_mediators_and_the_vm_itself_can_be_read() {
    let mut deploy = deploy(json!({"images": ["9.5P1"]}));
    for (version, number) in [("9.5P1", 1), ("9.5", 0)] {
        let answer = get(&mut deploy, 0, &format!("/images?id={version}"));
        assert_eq!(answer.value()["num_records"], number);
    }
    let vm = get(&mut deploy, 0, "/deploy").value()["record"].clone();
    assert!(vm["hostname"].is_string() && vm["system_id"].is_string());
    let mediator = ids(&mut deploy, 0, "/mediators")[0].clone();
    let target = json!({"iscsi_target": {"name": "iqn.2012-05.local:mailbox"}});
    let path = format!("/mediators/{mediator}/iscsi_targets");
    assert_eq!(post(&mut deploy, 0, &path, target.clone()).status, 200);
    assert_eq!(post(&mut deploy, 0, &path, json!({})).status, 400);
    let after = get(&mut deploy, 0, "/mediators?fields=*").value()["records"][0].clone();
    assert_eq!(after["iscsi_target"], target["iscsi_target"]);
    let page = get(&mut deploy, 0, "/ui");
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
}

#[test]
fn a_failure_can_have_an_empty_message_or_none() {
    let mut deploy = deploy(json!({}));
    let [silent, mute, paused] =
        ["silent1", "mute1", "paused1"].map(|name| post(&mut deploy, 0, "/hosts", host(name)));
    let silent = outcome(&mut deploy, 0, &silent);
    assert_eq!(
        (&silent["state"], &silent["message"]),
        (&json!("failure"), &json!(""))
    );
    let mute = outcome(&mut deploy, 0, &mute);
    assert_eq!(
        (&mute["state"], mute.get("message")),
        (&json!("failure"), None)
    );
    assert_eq!(outcome(&mut deploy, 0, &paused)["state"], "success");
    assert_eq!(host_job(&mut deploy, "esx")["state"], "queued");
    assert_eq!(delete(&mut deploy, HOUR, "/hosts/none").status, 404);
}
