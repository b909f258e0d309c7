//! The initial response to a call decides whether the call is synchronous.

use ontap_select_deploy::engine::{
    CallGoal, CallSpec, Outcome, Response, TransportErrorKind, Usage, WaiterId,
};

use crate::harness::{Harness, NO_LIMIT, accepted, json, post, record};

fn get() -> CallSpec {
    CallSpec {
        method: "GET".into(),
        path: "/clusters".into(),
        goal: CallGoal::JobEnd,
    }
}

fn submit() -> CallSpec {
    CallSpec {
        goal: CallGoal::Response,
        ..post()
    }
}

/// Issues a call, responds once, and returns the outcome.
fn outcome_of(spec: CallSpec, response: Response) -> (Harness, WaiterId) {
    let mut bench = Harness::new();
    let waiter = bench.call(spec, NO_LIMIT);
    bench.respond(5, response);
    (bench, waiter)
}

#[test]
fn synchronous_response_settles_at_once() {
    for (status, body) in [
        (200, "{}"),
        (201, r#"{"id": 1}"#),
        (204, ""),
        (200, "[1]"),
        (200, r#"{"job": null}"#),
    ] {
        let (bench, waiter) = outcome_of(post(), json(status, body));
        assert!(
            matches!(bench.outcome(waiter), Outcome::Done { job: None, .. }),
            "{status} {body}"
        );
        assert_eq!(bench.polls(), 0);
    }
}

#[test]
fn u11_a_200_or_201_with_a_job_is_followed() {
    for status in [200, 201] {
        let (mut bench, waiter) = outcome_of(
            post(),
            json(status, r#"{"job": {"id": "j", "state": "running"}}"#),
        );
        assert_eq!(bench.polls(), 1);
        bench.respond(5, record("success", "", "s1"));
        assert_eq!(bench.final_state(waiter), "success");
    }
}

#[test]
fn u11_job_that_ended_at_once_needs_no_poll() {
    for status in [200, 201, 202] {
        let response = |state| {
            json(
                status,
                &format!(r#"{{"job": {{"id": "j", "state": "{state}"}}}}"#),
            )
        };
        let (bench, waiter) = outcome_of(post(), response("SUCCESS"));
        assert_eq!(bench.final_state(waiter), "success");
        assert_eq!(bench.polls(), 0);
        let (bench, waiter) = outcome_of(post(), response("failure"));
        assert_eq!(bench.code(waiter).name(), "JOB_FAILED");
    }
}

#[test]
fn u11_failed_job_without_id_is_a_failure() {
    for spec in [post(), submit()] {
        let (bench, waiter) = outcome_of(spec, json(200, r#"{"job": {"state": "failure"}}"#));
        assert_eq!(bench.code(waiter).name(), "JOB_FAILED");
    }
}

#[test]
fn u10_202_without_usable_job_is_not_trackable() {
    let long = format!(r#"{{"job": {{"id": "{}"}}}}"#, "x".repeat(513));
    for body in [
        "",
        "<html>",
        "{}",
        "null",
        "[]",
        r#"{"job": null}"#,
        r#"{"job": {}}"#,
        r#"{"job": {"id": null}}"#,
        r#"{"job": {"id": ""}}"#,
        r#"{"job": {"id": ".."}}"#,
        r#"{"job": {"id": {"a": 1}}}"#,
        r#"{"job": {"state": "success"}}"#,
        &long,
    ] {
        let mut response = json(202, body);
        response.location = Some("https://vm/api/clusters/1".into());
        response.request_id = Some("r1".into());
        let (bench, waiter) = outcome_of(post(), response);
        let error = bench.error(waiter);
        assert_eq!(
            (error.code.name(), error.status),
            ("NOT_TRACKABLE", Some(202)),
            "{body}"
        );
        assert_eq!(error.location.as_deref(), Some("https://vm/api/clusters/1"));
        assert_eq!(error.request_id.as_deref(), Some("r1"));
        assert_eq!(error.text.is_none(), body.is_empty());
    }
}

#[test]
fn u10_numeric_id_is_accepted() {
    let (bench, _) = outcome_of(
        post(),
        json(202, r#"{"job": {"id": 42, "last_modified": "s0"}}"#),
    );
    assert!(bench.last_target().starts_with("/jobs/42?"));
}

#[test]
fn u9_error_bodies_of_every_form_are_reported() {
    for (body, code, message) in [
        (
            r#"{"error": {"code": 17, "message": "no such host"}}"#,
            Some("17"),
            "no such host",
        ),
        (
            r#"{"error": {"code": "E17", "message": "no such host"}}"#,
            Some("E17"),
            "no such host",
        ),
        (r#"{"error": "no such host"}"#, None, "no such host"),
        (r#"{"error": {"code": null}}"#, None, "409"),
        ("", None, "409"),
        ("<html><h1>Conflict</h1>", None, "409"),
    ] {
        let mut response = json(409, body);
        response.request_id = Some("r9".into());
        let (bench, waiter) = outcome_of(post(), response);
        let error = bench.error(waiter);
        assert_eq!((error.code.name(), error.status), ("HTTP", Some(409)));
        assert_eq!(error.server_code.as_deref(), code, "{body}");
        assert!(error.message.contains(message), "{}", error.message);
        assert_eq!(error.request_id.as_deref(), Some("r9"));
    }
}

#[test]
fn error_text_is_bounded() {
    let (bench, waiter) = outcome_of(post(), json(409, &"é".repeat(100_000)));
    assert_eq!(
        bench.error(waiter).text.as_ref().unwrap().chars().count(),
        2_048
    );
}

#[test]
fn error_or_login_page_with_200_is_not_success() {
    let (bench, waiter) = outcome_of(post(), json(200, r#"{"error": {"code": 1}}"#));
    assert_eq!(bench.code(waiter).name(), "HTTP");
    let (bench, waiter) = outcome_of(post(), json(200, "<html>log in"));
    assert_eq!(bench.code(waiter).name(), "PROTOCOL");
}

#[test]
fn redirect_is_never_followed() {
    for status in [0, 301, 302, 303, 307, 308] {
        let (bench, waiter) = outcome_of(get(), json(status, ""));
        assert_eq!(bench.code(waiter).name(), "PROTOCOL", "{status}");
        assert_eq!(bench.sent.len(), 1);
    }
}

#[test]
fn mutating_call_is_sent_once_after_any_failure() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let (bench, waiter) = outcome_of(post(), json(status, ""));
        assert_eq!(bench.code(waiter).name(), "HTTP");
        assert_eq!(bench.sent.len(), 1, "{status}");
    }
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.fail(5, TransportErrorKind::Network);
    assert_eq!(bench.code(waiter).name(), "TRANSPORT");
    assert!(
        bench
            .error(waiter)
            .message
            .contains("may have been accepted")
    );
    assert_eq!(bench.sent.len(), 1);
}

#[test]
fn timed_out_post_may_have_been_accepted() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    assert_eq!(bench.wake(), 30_000);
    assert_eq!(bench.code(waiter).name(), "TRANSPORT");
    assert!(
        bench
            .error(waiter)
            .message
            .contains("may have been accepted")
    );
    assert!(bench.open.is_empty());
}

#[test]
fn get_is_retried_then_reports_the_last_failure() {
    let mut bench = Harness::new();
    let waiter = bench.call(get(), NO_LIMIT);
    for _ in 0..7 {
        bench.respond(5, json(503, ""));
        bench.wake();
    }
    assert!(bench.is_waiting(waiter));
    bench.respond(5, json(502, ""));
    assert_eq!(
        (bench.code(waiter).name(), bench.error(waiter).status),
        ("HTTP", Some(502))
    );
    assert_eq!(bench.sent.len(), 8);
}

#[test]
fn get_of_a_login_page_is_retried_then_reported() {
    let mut bench = Harness::new();
    let waiter = bench.call(get(), NO_LIMIT);
    while bench.is_waiting(waiter) {
        bench.respond(5, json(200, "<html>"));
        if bench.is_waiting(waiter) {
            bench.wake();
        }
    }
    assert_eq!(bench.code(waiter).name(), "PROTOCOL");
    assert_eq!(bench.sent.len(), 8);
}

#[test]
fn submit_settles_at_acceptance_without_a_poll() {
    let (bench, waiter) = outcome_of(submit(), accepted("j", "s0"));
    match bench.outcome(waiter) {
        Outcome::Accepted { job: Some(job), .. } => assert_eq!(job.as_str(), "j"),
        other => panic!("{other:?}"),
    }
    assert_eq!(bench.polls(), 0);
    assert_eq!(
        bench.engine.usage(),
        Usage {
            jobs: 1,
            ..Usage::default()
        },
        "the caller has a handle on the job"
    );
}

#[test]
fn wait_after_submit_uses_the_cursor_of_the_202() {
    let (mut bench, _) = outcome_of(submit(), accepted("j", "s0"));
    bench.wait("j", NO_LIMIT);
    assert!(bench.last_target().ends_with("last_modified=%3E=s0"));
}

#[test]
fn job_errors_carry_the_request_id_of_the_call() {
    let mut response = accepted("j", "s0");
    response.request_id = Some("r1".into());
    let (mut bench, waiter) = outcome_of(post(), response);
    bench.respond(5, record("failure", "no", "s1"));
    assert_eq!(bench.error(waiter).request_id.as_deref(), Some("r1"));
}

#[test]
fn submitted_job_that_ended_at_once_needs_no_poll() {
    let (mut bench, _) = outcome_of(
        submit(),
        json(
            202,
            r#"{"job": {"id": "j", "state": "failure", "message": "no"}}"#,
        ),
    );
    let waiter = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.code(waiter).name(), "JOB_FAILED");
    assert_eq!(bench.polls(), 0);
}

#[test]
fn u10_200_with_running_job_without_id() {
    for body in [
        r#"{"job": {"state": "running"}}"#,
        r#"{"job": {"id": "..", "state": "queued"}}"#,
        r#"{"job": {"id": {}, "state": "paused"}}"#,
    ] {
        for status in [200, 201] {
            let (bench, waiter) = outcome_of(post(), json(status, body));
            assert_eq!(
                bench.code(waiter).name(),
                "NOT_TRACKABLE",
                "{status} {body}"
            );
        }
    }
    // A member named `job` with other content is not a job.
    for body in [
        r#"{"job": {"name": "x"}}"#,
        r#"{"job": "x"}"#,
        r#"{"job": null}"#,
    ] {
        let (bench, waiter) = outcome_of(post(), json(200, body));
        assert!(
            matches!(bench.outcome(waiter), Outcome::Done { job: None, .. }),
            "{body}"
        );
    }
}

#[test]
fn spaces_that_json_does_not_allow_are_content() {
    for body in ["\u{85}", "\u{a0}", "\u{2028}", "\u{3000}"] {
        let (bench, waiter) = outcome_of(post(), json(200, body));
        assert_eq!(bench.code(waiter).name(), "PROTOCOL", "{body:?}");
    }
    let (bench, waiter) = outcome_of(post(), json(200, " \t\r\n"));
    assert!(matches!(bench.outcome(waiter), Outcome::Done { .. }));
}

#[test]
fn a9_slow_get_is_retried_once_with_twice_the_timeout() {
    for kind in [None, Some(TransportErrorKind::RuntimeLimit)] {
        let mut bench = Harness::new();
        let waiter = bench.call(
            CallSpec {
                method: "GET".into(),
                ..post()
            },
            NO_LIMIT,
        );
        match kind {
            Some(kind) => bench.fail(20_000, kind),
            None => bench.pass(30_000),
        }
        assert!(bench.open.is_empty() && bench.is_waiting(waiter));
        bench.wake();
        // Gateway errors keep their own rule.
        for status in [504, 408, 503] {
            bench.respond(5, json(status, ""));
            bench.wake();
        }
        bench.pass(59_000);
        assert_eq!(bench.open.len(), 1, "twice the timeout");
        match kind {
            Some(kind) => bench.fail(0, kind),
            None => bench.pass(1_000),
        }
        assert_eq!(bench.code(waiter).name(), "TRANSPORT");
        assert_eq!(bench.sent.len(), 5);
    }
    // The second request may get a response.
    let mut bench = Harness::new();
    let waiter = bench.call(
        CallSpec {
            method: "GET".into(),
            ..post()
        },
        NO_LIMIT,
    );
    bench.pass(30_000);
    bench.wake();
    bench.respond(40_000, json(200, "{}"));
    assert!(matches!(bench.outcome(waiter), Outcome::Done { .. }));
}
