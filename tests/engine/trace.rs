//! The trace: an event for each poll, pause, retry and result, without secrets.

use ontap_select_deploy::engine::{
    CallGoal, CallSpec, ClientEvent, Config, EventKind, RetryPolicy, TransportErrorKind,
};

use crate::harness::{Harness, NO_LIMIT, accepted, json, ms, post, record};

fn bench() -> Harness {
    let retry = RetryPolicy::default().with_initial_delay(ms(1));
    Harness::with(Config {
        trace: true,
        retry,
        ..Config::default()
    })
}

/// An event as one line.
fn line(event: &ClientEvent) -> String {
    let mut words = vec![event.kind.name().to_owned()];
    let job = event.job.as_ref().map(|job| format!("job={job}"));
    let status = event.status.map(|it| it.to_string());
    let attempt = event.attempt.map(|it| format!("attempt={it}"));
    let delay = event.delay.map(|_| "delayed".to_owned());
    let state = event.state.as_ref().map(|it| it.name().to_owned());
    let code = event.code.map(str::to_owned);
    let parts = [
        job,
        event.method.clone(),
        event.path.clone(),
        status,
        attempt,
        delay,
        state,
        code,
    ];
    words.extend(parts.into_iter().flatten());
    words.join(" ")
}

fn lines(bench: &Harness) -> Vec<String> {
    bench.trace.iter().map(line).collect()
}

#[test]
fn call_and_job_are_traced_from_start_to_end() {
    let mut bench = bench();
    bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s0"));
    bench.respond(5, json(503, ""));
    bench.wake();
    bench.respond(5, record("running", "secret", "s1"));
    bench.fail(10, TransportErrorKind::Network);
    bench.wake();
    bench.respond(5, record("success", "", "s2"));
    assert_eq!(
        lines(&bench),
        [
            "request POST /clusters",
            "response POST /clusters 202",
            "state job=j queued",
            "request job=j GET /jobs/j",
            "response job=j GET /jobs/j 503",
            "retry job=j attempt=1 delayed",
            "request job=j GET /jobs/j",
            "response job=j GET /jobs/j 200",
            "state job=j running",
            "request job=j GET /jobs/j",
            "no-response job=j GET /jobs/j",
            "retry job=j attempt=1 delayed",
            "request job=j GET /jobs/j",
            "response job=j GET /jobs/j 200",
            "state job=j success",
            "settled job=j success",
        ]
    );
}

#[test]
fn hot_loop_and_interval_pauses_are_traced() {
    let mut bench = bench();
    bench.wait("j", NO_LIMIT);
    bench.respond(1, record("running", "", "s1"));
    bench.respond(1, record("running", "", "s1"));
    bench.respond(1, record("running", "", "s1"));
    let last = bench.trace.last().unwrap();
    assert_eq!(line(last), "hot-loop job=j delayed");
    assert_eq!(last.delay, Some(ms(1_000)));
    bench.wait("k", NO_LIMIT);
    let exchange = *bench.open.keys().last().unwrap();
    bench.respond_to(
        exchange,
        1,
        json(200, r#"{"record": {"state": "running"}}"#),
    );
    assert_eq!(line(bench.trace.last().unwrap()), "pause job=k delayed");
}

#[test]
fn every_way_to_settle_is_traced() {
    let mut bench = bench();
    let get = CallSpec {
        method: "GET".into(),
        path: "/x".into(),
        goal: CallGoal::JobEnd,
    };
    let submit = CallSpec {
        goal: CallGoal::Response,
        ..post()
    };
    let settled = |bench: &Harness| {
        let last = bench.trace.iter().rfind(|it| it.kind == EventKind::Settled);
        line(last.unwrap())
    };
    bench.call(get.clone(), NO_LIMIT);
    bench.respond(5, json(200, "{}"));
    assert_eq!(settled(&bench), "settled GET /x 200");
    bench.call(get, NO_LIMIT);
    bench.respond(5, json(403, ""));
    assert_eq!(settled(&bench), "settled GET /x 403 AUTH");
    bench.call(submit, NO_LIMIT);
    bench.respond(5, accepted("s", "s0"));
    assert_eq!(settled(&bench), "settled job=s POST /clusters 202");
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("failure", "secret", "s1"));
    assert_eq!(settled(&bench), "settled job=j failure JOB_FAILED");
    let once = bench.poll_once("k");
    bench.respond(5, record("running", "", "s1"));
    assert_eq!(settled(&bench), "settled job=k running");
    assert_eq!(bench.final_state(once), "running");
    bench.call(post(), 1_000);
    bench.pass(1_000);
    assert_eq!(settled(&bench), "settled POST /clusters WAIT_TIMEOUT");
    let leaving = bench.wait("j", NO_LIMIT);
    bench.abort(leaving);
    assert_eq!(settled(&bench), "settled job=j ABORTED");
    assert_eq!(
        line(&bench.trace[bench.trace.len() - 1]),
        "cancelled job=j GET /jobs/j"
    );
    bench.wait("j", NO_LIMIT);
    bench.close();
    assert_eq!(settled(&bench), "settled job=j CLOSED");
}

#[test]
fn timeouts_and_failed_gets_are_traced() {
    let mut bench = bench();
    bench.wait("j", NO_LIMIT);
    bench.pass(30_000);
    assert_eq!(lines(&bench)[1], "no-response job=j GET /jobs/j");
    bench.attach("j");
    let get = CallSpec {
        method: "GET".into(),
        path: "/x".into(),
        goal: CallGoal::JobEnd,
    };
    bench.call(get, NO_LIMIT);
    let exchange = *bench.open.keys().last().unwrap();
    bench.respond_to(exchange, 0, json(502, ""));
    assert_eq!(
        line(bench.trace.last().unwrap()),
        "retry GET /x attempt=1 delayed"
    );
}

#[test]
fn known_job_in_a_202_reports_no_change() {
    let mut bench = bench();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "", "s1"));
    bench.call(post(), NO_LIMIT);
    let exchange = *bench.open.keys().last().unwrap();
    bench.respond_to(exchange, 5, accepted("j", "s0"));
    let states = bench.trace.iter().filter(|it| it.kind == EventKind::State);
    assert_eq!(states.count(), 1);
}

#[test]
fn without_trace_there_are_no_events() {
    let mut bench = Harness::new();
    bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s0"));
    bench.respond(5, record("success", "", "s2"));
    assert_eq!(bench.trace, []);
}
