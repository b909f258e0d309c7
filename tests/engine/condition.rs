//! A call that repeats until its record meets a condition: pauses, retries, wake-ups and end.

use ontap_select_deploy::engine::{
    Auth, CallGoal, CallSpec, ChangeOutcome, Config, ErrorCode, EventKind, Input, Outcome,
    Response, RetryPolicy, TransportErrorKind, WaiterId,
};

use crate::harness::{Harness, Millis, NO_LIMIT, json, ms};

const NOT_FOUND: &str = r#"{"error": {"code": "4", "message": "no such cluster"}}"#;

fn powered(state: &str) -> Response {
    json(200, &format!(r#"{{"record": {{"state": "{state}"}}}}"#))
}

fn until(bench: &mut Harness, timeout: Millis) -> WaiterId {
    let spec = CallSpec {
        method: "GET".into(),
        path: "/clusters/c".into(),
        goal: CallGoal::Condition,
    };
    bench.call(spec, timeout)
}

fn check(bench: &mut Harness, is_met: bool) {
    let (waiter, _) = bench.checks.pop().unwrap();
    bench.handle(Input::RecordChecked { waiter, is_met });
}

/// Responds with a record that does not meet the condition.
fn not_yet(bench: &mut Harness, state: &str) {
    bench.respond(5, powered(state));
    check(bench, false);
}

fn is_done(bench: &Harness, waiter: WaiterId) -> bool {
    matches!(bench.outcome(waiter), Outcome::Done { job: None, .. })
}

#[test]
fn pauses_grow_until_something_changes() {
    let mut bench = Harness::with(Config {
        trace: true,
        ..Config::default()
    });
    let waiter = until(&mut bench, NO_LIMIT);
    let mut pauses = Vec::new();
    for state in ["off", "off", "off", "off", "off", "starting", "starting"] {
        not_yet(&mut bench, state);
        assert!(bench.open.is_empty());
        pauses.push(bench.wake());
    }
    assert_eq!(pauses, [1_000, 2_000, 4_000, 5_000, 5_000, 1_000, 2_000]);
    let told: Vec<_> = bench
        .trace
        .iter()
        .filter(|it| it.kind == EventKind::Pause)
        .collect();
    assert_eq!(told.len(), 7);
    assert_eq!(told[0].path.as_deref(), Some("/clusters/c"));
    bench.respond(5, powered("on"));
    assert!(
        bench.is_waiting(waiter),
        "the caller has not checked it yet"
    );
    check(&mut bench, true);
    assert!(is_done(&bench, waiter));
    assert_eq!(bench.engine.stats().retries, 0, "nothing failed");
}

#[test]
fn failures_are_retried_like_those_of_a_wait() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, NO_LIMIT);
    for _ in 0..3 {
        not_yet(&mut bench, "off");
        bench.wake();
        // A VM restarts behind a proxy.
        for response in [
            json(502, "<html>"),
            json(404, "<html>"),
            json(200, "<html>"),
            json(200, r#"{"record": {}}"#),
            json(409, ""),
            json(200, "{}"),
        ] {
            bench.respond(5, response);
            bench.wake();
        }
        bench.fail(5, TransportErrorKind::Network);
        bench.wake();
    }
    bench.respond(5, powered("on"));
    check(&mut bench, true);
    assert!(is_done(&bench, waiter));
}

#[test]
fn repeated_failures_end_the_wait() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, NO_LIMIT);
    not_yet(&mut bench, "off");
    bench.wake();
    for _ in 0..7 {
        bench.respond(5, json(503, ""));
        bench.wake();
    }
    bench.respond(5, json(503, ""));
    assert_eq!(bench.code(waiter), ErrorCode::Http);
    assert_eq!(bench.error(waiter).outcome, ChangeOutcome::Refused);
}

#[test]
fn without_retries_the_first_failure_ends_the_wait() {
    for response in [json(503, ""), json(404, NOT_FOUND), json(401, "")] {
        let mut bench = Harness::with(Config {
            retry: RetryPolicy::never(),
            ..Config::default()
        });
        let waiter = until(&mut bench, NO_LIMIT);
        bench.respond(5, response);
        assert!(!bench.is_waiting(waiter));
    }
}

#[test]
fn each_attempt_may_time_out_once() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, NO_LIMIT);
    for _ in 0..3 {
        assert_eq!(bench.wake(), 30_000);
        bench.wake();
        not_yet(&mut bench, "off");
        bench.wake();
    }
    assert!(bench.is_waiting(waiter));
}

#[test]
fn missing_object_is_retried_for_three_seconds() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, NO_LIMIT);
    let mut pauses = Vec::new();
    for _ in 0..3 {
        bench.respond(0, json(404, NOT_FOUND));
        pauses.push(bench.wake());
    }
    assert!(pauses.iter().sum::<Millis>() <= 3_500, "{pauses:?}");
    bench.respond(0, json(404, NOT_FOUND));
    assert_eq!(bench.error(waiter).status, Some(404));
}

#[test]
fn credential_that_worked_is_retried_once() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, NO_LIMIT);
    not_yet(&mut bench, "off");
    bench.wake();
    bench.respond(5, json(401, ""));
    assert_eq!(bench.wake(), 3_000);
    not_yet(&mut bench, "off");
    bench.wake();
    for _ in 0..2 {
        assert!(bench.is_waiting(waiter));
        bench.respond(5, json(403, ""));
        if bench.is_waiting(waiter) {
            bench.wake();
        }
    }
    assert_eq!(bench.code(waiter), ErrorCode::Auth);
}

#[test]
fn credential_that_never_worked_is_not_retried() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, NO_LIMIT);
    bench.respond(5, json(401, ""));
    assert_eq!(bench.code(waiter), ErrorCode::Auth);
}

#[test]
fn timeout_after_a_last_poll_names_the_condition() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, 8_000);
    let mut asked = 0;
    while bench.is_waiting(waiter) {
        if bench.open.is_empty() {
            bench.wake();
        } else {
            asked += 1;
            not_yet(&mut bench, "off");
        }
    }
    assert_eq!(asked, 4, "after 0, 1, 3 and 7 seconds");
    let error = bench.error(waiter);
    assert_eq!(error.code, ErrorCode::WaitTimeout);
    assert_eq!(error.outcome, ChangeOutcome::Refused);
    assert!(error.message.contains("condition"), "{}", error.message);
    assert!(error.token.is_none());
}

#[test]
fn check_after_the_end_has_no_effect() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, 2_000);
    bench.respond(5, powered("off"));
    bench.wake();
    assert_eq!(bench.code(waiter), ErrorCode::WaitTimeout);
    bench.handle(Input::RecordChecked {
        waiter,
        is_met: true,
    });
    bench.handle(Input::RecordChecked {
        waiter,
        is_met: false,
    });
    assert_eq!(bench.engine.next_timeout(), None);
}

#[test]
fn second_check_of_one_record_has_no_effect() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, NO_LIMIT);
    not_yet(&mut bench, "off");
    let next = bench.engine.next_timeout();
    for is_met in [false, true] {
        bench.handle(Input::RecordChecked { waiter, is_met });
    }
    assert!(bench.is_waiting(waiter));
    assert_eq!(bench.engine.next_timeout(), next);
}

#[test]
fn returning_network_ends_the_pause_and_resends_the_request() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, NO_LIMIT);
    for _ in 0..4 {
        not_yet(&mut bench, "off");
        bench.wake();
    }
    not_yet(&mut bench, "off");
    bench.handle(Input::Resumed);
    assert_eq!(bench.wake(), 0, "its pause is over");
    let first = bench.first_open();
    bench.pass(20_000);
    bench.handle(Input::Resumed);
    bench.wake();
    assert_ne!(bench.first_open(), first, "the connection may be dead");
    assert_eq!(bench.open.len(), 1);
    bench.respond(5, powered("on"));
    check(&mut bench, true);
    assert!(is_done(&bench, waiter));
}

#[test]
fn deadline_during_a_sleep_allows_one_more_request() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, 60_000);
    not_yet(&mut bench, "off");
    bench.now = bench.now + ms(3_600_000);
    bench.handle(Input::Timeout);
    assert!(bench.is_waiting(waiter));
    bench.pass(5_000);
    bench.respond(5, powered("on"));
    check(&mut bench, true);
    assert!(is_done(&bench, waiter));

    let waiter = until(&mut bench, 60_000);
    not_yet(&mut bench, "off");
    bench.now = bench.now + ms(3_600_000);
    bench.handle(Input::Timeout);
    not_yet(&mut bench, "off");
    assert_eq!(bench.code(waiter), ErrorCode::WaitTimeout);
}

#[test]
fn rejected_credential_is_refreshed_during_the_wait() {
    let mut bench = Harness::with(Config {
        auth: Auth::Asked,
        ..Config::default()
    });
    let waiter = until(&mut bench, NO_LIMIT);
    not_yet(&mut bench, "off");
    bench.wake();
    bench.respond(5, json(401, ""));
    bench.handle(Input::CredentialRefreshed { fresh: true });
    bench.respond(5, powered("on"));
    check(&mut bench, true);
    assert!(is_done(&bench, waiter));
}

#[test]
fn record_or_list_must_be_in_the_response() {
    let get = |goal, body| {
        let mut bench = Harness::with(Config {
            retry: RetryPolicy::never(),
            ..Config::default()
        });
        let spec = CallSpec {
            method: "GET".into(),
            path: "/clusters".into(),
            goal,
        };
        let waiter = bench.call(spec, NO_LIMIT);
        bench.respond(5, json(200, body));
        match bench.outcome(waiter) {
            Outcome::Done { .. } => None,
            _ => Some(bench.code(waiter)),
        }
    };
    assert_eq!(get(CallGoal::Record, r#"{"record": {"id": "c"}}"#), None);
    for body in [
        r#"{"records": []}"#,
        r#"{"num_records": 1, "records": [{}]}"#,
    ] {
        assert_eq!(get(CallGoal::Records, body), None, "{body}");
    }
    for body in [
        "",
        "null",
        "{}",
        "[]",
        r#"{"record": null}"#,
        r#"{"record": {}}"#,
        r#"{"record": []}"#,
        r#"{"records": {}}"#,
    ] {
        for goal in [CallGoal::Record, CallGoal::Records] {
            assert_eq!(get(goal, body), Some(ErrorCode::Protocol), "{body}");
        }
    }
}

#[test]
fn proxy_404_is_retried_only_for_a_condition() {
    let mut bench = Harness::new();
    let waiter = until(&mut bench, NO_LIMIT);
    bench.respond(5, powered("off"));
    check(&mut bench, false);
    bench.wake();
    let before = bench.engine.stats().retries;
    bench.respond(5, json(404, "<html>"));
    assert!(bench.is_waiting(waiter));
    bench.wake();
    assert_eq!(bench.engine.stats().retries, before + 1);
    let plain = CallSpec {
        method: "GET".into(),
        path: "/clusters/c".into(),
        goal: CallGoal::Record,
    };
    let mut bench = Harness::new();
    let waiter = bench.call(plain, NO_LIMIT);
    bench.respond(5, json(404, "<html>"));
    let error = bench.error(waiter);
    assert_eq!((error.code, error.status), (ErrorCode::Http, Some(404)));
}

#[test]
fn call_without_a_condition_gets_three_seconds_after_a_sleep() {
    for (goal, patience) in [(CallGoal::Record, 3_000), (CallGoal::Condition, 10_000)] {
        let mut bench = Harness::new();
        let spec = CallSpec {
            method: "GET".into(),
            path: "/clusters/c".into(),
            goal,
        };
        let waiter = bench.call(spec, 20_000);
        bench.now = bench.now + ms(100_000);
        bench.handle(Input::Timeout);
        bench.pass(patience - 1);
        assert!(bench.is_waiting(waiter), "{goal:?}");
        bench.pass(1);
        assert_eq!(bench.code(waiter), ErrorCode::WaitTimeout, "{goal:?}");
    }
}

#[test]
fn pause_without_a_failure_has_no_attempt_number() {
    let mut bench = Harness::with(Config {
        trace: true,
        ..Config::default()
    });
    until(&mut bench, NO_LIMIT);
    not_yet(&mut bench, "off");
    bench.wake();
    bench.respond(5, json(503, ""));
    let attempts = |kind| {
        let events = bench.trace.iter().filter(move |it| it.kind == kind);
        events.map(|it| it.attempt).collect::<Vec<_>>()
    };
    assert_eq!(attempts(EventKind::Pause), [None]);
    assert_eq!(attempts(EventKind::Retry), [Some(1)]);
}
