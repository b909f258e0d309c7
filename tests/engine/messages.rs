//! Messages, counts and numbers that a user or a log relies on.

use std::fmt::Display;

use ontap_select_deploy::engine::{
    CallGoal, CallSpec, Config, ErrorCode, EventKind, JobId, JobState, Json, PollTimeout,
    RetryPolicy, Token, TransportErrorKind,
};

use crate::harness::{Harness, NO_LIMIT, count, id, json, post, record};

fn get() -> CallSpec {
    CallSpec {
        method: "GET".into(),
        path: "/clusters".into(),
        goal: CallGoal::JobEnd,
    }
}

#[test]
fn error_names_its_request() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, json(409, ""));
    assert_eq!(
        bench.error(waiter).message,
        "POST /clusters failed with status 409"
    );
    let waiter = bench.wait("a b", NO_LIMIT);
    bench.respond(5, json(403, ""));
    assert_eq!(
        bench.error(waiter).message,
        "GET /jobs/a%20b failed with status 403. The job may still be running"
    );
}

#[test]
fn failed_polls_say_that_the_job_may_still_be_running() {
    const ENDING: &str = ". The client gave up after 8 failures. The job may still be running";
    for (kind, why) in [
        (
            TransportErrorKind::NotConnected,
            "no connection; the cause may be the network or TLS",
        ),
        (
            TransportErrorKind::CallbackFailed,
            "the auth or headers function failed",
        ),
    ] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        for _ in 0..7 {
            bench.fail(5, kind);
            bench.wake();
        }
        bench.fail(5, kind);
        let expected = format!("GET /jobs/j: {why}{ENDING}");
        assert_eq!(bench.error(waiter).message, expected);
    }
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    for _ in 0..7 {
        bench.respond(5, json(503, ""));
        bench.wake();
    }
    bench.respond(5, json(503, r#"{"error":{"message":"Deploy starts."}}"#));
    assert_eq!(
        bench.error(waiter).message,
        format!("GET /jobs/j failed with status 503: Deploy starts{ENDING}")
    );
}

#[test]
fn closed_error_says_what_the_client_was_doing() {
    let mut bench = Harness::new();
    let waiters = [
        bench.call(post(), NO_LIMIT),
        bench.call(get(), NO_LIMIT),
        bench.wait("j", NO_LIMIT),
    ];
    bench.close();
    let late = [bench.call(post(), NO_LIMIT), bench.wait("k", NO_LIMIT)];
    let messages = waiters.into_iter().chain(late);
    let messages: Vec<&str> = messages.map(|it| &*bench.error(it).message).collect();
    assert_eq!(
        messages,
        [
            "the client was closed while waiting for a response to POST /clusters; the call may have been accepted",
            "the client was closed while waiting for a response to GET /clusters",
            "the client was closed while it waited for job j; the job continues",
            "the client was closed; nothing was sent",
            "the client was closed; nothing was sent",
        ]
    );
}

#[test]
fn debug_of_an_error_shows_no_body() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, json(409, "secret"));
    let shown = format!("{:?}", bench.error(waiter));
    assert!(
        shown.contains("Http") && !shown.contains("secret"),
        "{shown}"
    );
}

#[test]
fn each_retry_has_its_failure_count() {
    let mut bench = Harness::with(Config {
        trace: true,
        ..Config::default()
    });
    bench.call(get(), NO_LIMIT);
    bench.respond(5, json(503, ""));
    bench.wake();
    bench.respond(5, json(503, ""));
    bench.wait("j", NO_LIMIT);
    for _ in 0..3 {
        let poll = *bench.open.keys().last().unwrap();
        bench.respond_to(poll, 0, json(503, ""));
        while !bench.open.values().any(|it| it.target.is_some()) {
            bench.wake();
        }
    }
    let attempts = |polls: bool| -> Vec<Option<u32>> {
        let retries = bench.trace.iter().filter(|it| it.kind == EventKind::Retry);
        retries
            .filter(|it| it.job.is_some() == polls)
            .map(|it| it.attempt)
            .collect()
    };
    assert_eq!(attempts(false), [Some(1), Some(2)]);
    assert_eq!(attempts(true), [Some(1), Some(2), Some(3)]);
}

#[test]
fn stats_count_open_polls_and_waits() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.wait("j", NO_LIMIT);
    bench.wait("k", NO_LIMIT);
    bench.call(post(), NO_LIMIT);
    let stats = bench.engine.stats();
    assert_eq!((stats.open_polls, stats.waits, stats.polls), (2, 4, 2));
    bench.respond(5, record("running", "", "s1"));
    let shared = bench.engine.stats();
    assert_eq!(
        (shared.polls, shared.empty_polls, shared.retries),
        (3, 0, 0)
    );
    let long = *bench.open.keys().last().unwrap();
    bench.respond_to(long, 0, json(204, ""));
    assert_eq!(bench.engine.stats().empty_polls, 1);
}

#[test]
fn standard_poll_without_a_record_fails() {
    let mut bench = Harness::with(Config {
        retry: RetryPolicy::default().with_max_attempts(count(3)),
        ..Config::default()
    });
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(200, "{}"));
    bench.wake();
    bench.respond(5, json(204, ""));
    bench.wake();
    bench.respond(5, json(200, ""));
    assert_eq!(bench.code(waiter).name(), "PROTOCOL");
}

#[test]
fn status_429_and_failed_callbacks_do_not_count_as_cut_polls() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "", "s1"));
    bench.respond(20_000, json(429, ""));
    bench.wake();
    assert!(bench.last_target().contains("poll_timeout=30&"), "429");
    bench.fail(20_000, TransportErrorKind::CallbackFailed);
    bench.wake();
    assert!(
        bench.last_target().contains("poll_timeout=30&"),
        "a slow auth function"
    );
    assert_eq!(bench.engine.stats().retries, 2);
}

#[test]
fn unchanged_held_polls_follow_at_once() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "", "s1"));
    for _ in 0..10 {
        bench.respond(30_000, record("running", "", "s1"));
        assert_eq!(bench.open.len(), 1);
    }
}

#[test]
fn single_poll_fails_with_its_own_error() {
    for (kind, code) in [
        (TransportErrorKind::BodyTooLarge, "PROTOCOL"),
        (TransportErrorKind::Network, "TRANSPORT"),
        (TransportErrorKind::CallbackFailed, "TRANSPORT"),
    ] {
        let mut bench = Harness::new();
        let once = bench.poll_once("j");
        bench.fail(5, kind);
        assert_eq!(bench.code(once).name(), code);
    }
    let mut bench = Harness::new();
    let once = bench.poll_once("j");
    bench.respond(5, json(404, ""));
    assert_eq!(bench.code(once).name(), "HTTP", "it was never seen");
}

#[test]
fn slow_cursor_changes_are_followed_at_once() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    for turn in 0..20 {
        bench.respond(
            if turn > 0 { 20_000 } else { 5 },
            record("running", "", &format!("s{turn}")),
        );
        assert_eq!(bench.open.len(), 1);
    }
}

#[test]
fn every_error_and_state_can_be_displayed() {
    let shown: [(&dyn Display, &str); 8] = [
        (&ErrorCode::JobFailed, "JOB_FAILED"),
        (&id("a/b"), "a/b"),
        (&JobState::new(" Success ").unwrap(), "success"),
        (&JobState::new("Paused").unwrap(), "paused"),
        (&JobId::new("..").unwrap_err(), "id: \".\" and \"..\" are"),
        (&Token::parse("", "").unwrap_err(), "token: unknown format"),
        (&Json::parse("{").unwrap_err(), "expected one JSON value"),
        (
            &PollTimeout::from_millis("poll_timeout", 0.0).unwrap_err(),
            "poll_timeout: expected 1000 to",
        ),
    ];
    for (value, beginning) in shown {
        let text = value.to_string();
        assert!(text.starts_with(beginning), "{text}");
    }
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, json(409, ""));
    let error: &dyn std::error::Error = bench.error(waiter);
    assert_eq!(error.to_string(), "POST /clusters failed with status 409");
}
