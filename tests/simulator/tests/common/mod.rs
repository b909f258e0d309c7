//! A client of few words, on virtual time.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
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
        Reply::Now(answer) => panic!("answered at once: {} {}", answer.status, answer.text()),
    }
}

/// The job that adding a host of this name starts at time 0.
pub fn host_job(deploy: &mut Simulator, name: &str) -> Value {
    let answer = post(deploy, 0, "/hosts", json!({"name": name}));
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

/// Every answer up to `until`, each with the time of the event that brought it.
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
