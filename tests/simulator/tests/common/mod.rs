//! A small client on virtual time.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]

use deploy_simulator::{Config, Reply, Request, Response, Simulator, Ticket};
use serde_json::{Value, json};

pub const BASE: &str = "/api";

pub fn deploy(config: Value) -> Simulator {
    let config: Config = serde_json::from_value(config).expect("a configuration");
    Simulator::new(config).expect("a valid configuration")
}

pub fn request(method: &str, path: &str) -> Request {
    Request::new(method, &format!("{BASE}{path}"))
        .basic("admin", "Netapp1!")
        .header("host", "deploy.test")
}

pub fn send(deploy: &mut Simulator, now: u64, request: Request) -> Response {
    match deploy.request(now, request) {
        Reply::Now(answer) => answer,
        Reply::Held(ticket) => panic!("held as {ticket:?}"),
    }
}

pub fn get(deploy: &mut Simulator, now: u64, path: &str) -> Response {
    send(deploy, now, request("GET", path))
}

pub fn post(deploy: &mut Simulator, now: u64, path: &str, body: Value) -> Response {
    send(deploy, now, request("POST", path).json(&body))
}

pub fn held(deploy: &mut Simulator, now: u64, path: &str) -> Ticket {
    match deploy.request(now, request("GET", path)) {
        Reply::Held(ticket) => ticket,
        Reply::Now(answer) => panic!(
            "a response instead of a ticket: {} {}",
            answer.status,
            answer.text()
        ),
    }
}

/// The body that adds an ESX host.
pub fn host(name: &str) -> Value {
    json!({"hosts": [{"name": name, "hypervisor_type": "ESX"}]})
}

/// Adds a host with this name at time 0 and returns its job.
pub fn host_job(deploy: &mut Simulator, name: &str) -> Value {
    let answer = post(deploy, 0, "/hosts", host(name));
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.value()["job"].clone()
}

pub fn id_of(job: &Value) -> String {
    job["id"].as_str().expect("an id").to_owned()
}

pub fn long_poll(job: &Value, timeout: u64) -> String {
    let stamp = job["last_modified"]
        .as_str()
        .expect("a stamp")
        .replace('+', "%2B");
    format!(
        "/jobs/{}?fields=state,message,last_modified&poll_timeout={timeout}&last_modified=%3E={stamp}",
        id_of(job)
    )
}

/// All responses up to `until`, each with its time.
pub fn run(deploy: &mut Simulator, until: u64) -> Vec<(u64, Ticket, Response)> {
    let mut answers = Vec::new();
    while let Some(at) = deploy.next_event().filter(|at| *at <= until) {
        answers.extend(
            deploy
                .advance(at)
                .into_iter()
                .map(|(ticket, answer)| (at, ticket, answer)),
        );
    }
    answers.extend(
        deploy
            .advance(until)
            .into_iter()
            .map(|(ticket, answer)| (until, ticket, answer)),
    );
    answers
}

pub fn record(deploy: &mut Simulator, now: u64, job: &Value) -> Value {
    get(deploy, now, &format!("/jobs/{}", id_of(job))).value()["record"].clone()
}

pub const HOUR: u64 = 3_600_000;

pub fn patch(deploy: &mut Simulator, now: u64, path: &str, body: Value) -> Response {
    send(deploy, now, request("PATCH", path).json(&body))
}

pub fn delete(deploy: &mut Simulator, now: u64, path: &str) -> Response {
    send(deploy, now, request("DELETE", path))
}

/// The last segment of a response's `location`.
pub fn located(answer: &Response) -> String {
    let location = answer.header("location").expect("a location");
    location.rsplit('/').next().unwrap().to_owned()
}

/// The ids of a collection's records, in order.
pub fn ids(deploy: &mut Simulator, now: u64, path: &str) -> Vec<String> {
    let answer = get(deploy, now, path).value();
    let records = answer["records"].as_array().expect("records");
    records.iter().map(id_of).collect()
}

/// Adds a host, waits for its job and returns the host's id.
pub fn ready_host(deploy: &mut Simulator, now: u64, name: &str) -> String {
    let answer = post(deploy, now, "/hosts", host(name));
    assert_eq!(answer.status, 202, "{}", answer.text());
    run(deploy, now + 60_000);
    located(&answer)
}

/// Creates a complete cluster on new hosts and returns its path. Takes a minute per node.
pub fn described(
    deploy: &mut Simulator,
    now: u64,
    name: &str,
    count: usize,
    capacity: u64,
) -> String {
    let body =
        json!({"name": name, "ip": "10.0.0.10", "netmask": "255.255.255.0", "gateway": "10.0.0.1"});
    let answer = post(deploy, now, &format!("/clusters?node_count={count}"), body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let path = format!("/clusters/{}", located(&answer));
    for (index, node) in ids(deploy, now, &format!("{path}/nodes"))
        .iter()
        .enumerate()
    {
        let at = now + 60_000 * index as u64;
        let host = ready_host(deploy, at, &format!("{name}-host-{index}"));
        let node = format!("{path}/nodes/{node}");
        let body = json!({"host": {"id": host}, "ip": format!("10.0.0.{}", 20 + index), "instance_type": "small", "passthrough_disks": false});
        assert_eq!(patch(deploy, at, &node, body).status, 200);
        for network in ids(deploy, at, &format!("{node}/networks")) {
            let body = json!({"name": "VM Network", "vlan_id": null});
            assert_eq!(
                patch(deploy, at, &format!("{node}/networks/{network}"), body).status,
                200
            );
        }
        let body = json!({"pool_array": [{"name": "datastore1", "capacity": capacity}]});
        assert_eq!(
            post(deploy, at, &format!("{node}/storage/pools"), body).status,
            201
        );
    }
    path
}

pub fn start_deploy(deploy: &mut Simulator, now: u64, cluster: &str) -> Response {
    let body = json!({"ontap_credential": {"password": "s3cret-of-ontap"}});
    post(deploy, now, &format!("{cluster}/deploy"), body)
}

/// Waits for the job of a response and returns its last record.
pub fn outcome(deploy: &mut Simulator, now: u64, answer: &Response) -> Value {
    assert_eq!(answer.status, 202, "{}", answer.text());
    let mut last = now;
    while let Some(at) = deploy.next_event() {
        deploy.advance(at);
        last = at;
    }
    record(deploy, last, &answer.value()["job"])
}

/// An error's message.
pub fn complaint(answer: &Response) -> String {
    assert!(
        answer.value()["error"]["code"].is_number(),
        "{}",
        answer.text()
    );
    answer.value()["error"]["message"]
        .as_str()
        .expect("a message")
        .to_owned()
}
