//! What an error says about its call's change, its job, and how to resume.

use ontap_select_deploy::engine::{
    Auth, CallGoal, CallSpec, ChangeOutcome, Config, ErrorCode, Input, Outcome, RetryPolicy, Token,
    TransportErrorKind, WaiterId,
};

use crate::harness::{Harness, NO_LIMIT, accepted, json, post, record};

fn get() -> CallSpec {
    CallSpec {
        method: "GET".into(),
        path: "/hosts".into(),
        goal: CallGoal::JobEnd,
    }
}

/// Never retries, so that the first failure is the end.
fn once() -> Harness {
    Harness::with(Config {
        retry: RetryPolicy::never(),
        ..Config::default()
    })
}

/// Has `auth` or `headers` functions that run before each request.
fn asking() -> Harness {
    Harness::with(Config {
        auth: Auth::Asked,
        asks_before_sending: true,
        ..Config::default()
    })
}

fn outcome(bench: &Harness, waiter: WaiterId) -> (&'static str, bool) {
    let error = bench.error(waiter);
    (error.outcome.name(), error.never_sent)
}

#[test]
fn c5_status_of_a_mutating_call_decides_whether_it_was_refused() {
    let refused = [
        400, 401, 403, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423,
        424, 425, 426, 428, 429, 431, 451,
    ];
    let unknown = [
        301, 302, 304, 307, 308, 408, 460, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510,
        511, 520, 521, 522, 523, 524, 525, 526, 527, 530, 561, 598, 599,
    ];
    for (statuses, expected) in [(&refused[..], "refused"), (&unknown[..], "unknown")] {
        for status in statuses {
            for body in ["", "<html>", r#"{"error": {"message": "no"}}"#] {
                let mut bench = Harness::new();
                let waiter = bench.call(post(), NO_LIMIT);
                bench.respond(5, json(*status, body));
                assert_eq!(outcome(&bench, waiter), (expected, false), "{status}");
                assert!(bench.error(waiter).job.is_none());
                assert!(bench.error(waiter).token.is_none());
            }
        }
    }
}

#[test]
fn status_2xx_is_a_refusal_only_with_an_error_object() {
    for (status, body, expected) in [
        (200, r#"{"error": {"message": "no"}}"#, "refused"),
        (201, r#"{"error": {"code": 3, "message": "no"}}"#, "refused"),
        (200, "<html>log in</html>", "unknown"),
        (201, "not JSON", "unknown"),
        (202, "", "unknown"),
        (202, "{}", "unknown"),
        (202, "<html>", "unknown"),
        (202, r#"{"job": {"id": ""}}"#, "unknown"),
    ] {
        let mut bench = Harness::new();
        let waiter = bench.call(post(), NO_LIMIT);
        bench.respond(5, json(status, body));
        assert_eq!(outcome(&bench, waiter).0, expected, "{status} {body}");
    }
}

#[test]
fn a16_without_a_response_only_an_unsent_call_is_refused() {
    for (kind, expected) in [
        (TransportErrorKind::NotConnected, ("refused", true)),
        (TransportErrorKind::CertificateRejected, ("refused", true)),
        (TransportErrorKind::CallbackFailed, ("refused", true)),
        (TransportErrorKind::InvalidHeader, ("refused", true)),
        (TransportErrorKind::Network, ("unknown", false)),
        (TransportErrorKind::TimedOut, ("unknown", false)),
        (TransportErrorKind::RuntimeLimit, ("unknown", false)),
        (TransportErrorKind::BodyTooLarge, ("unknown", false)),
    ] {
        let mut bench = Harness::new();
        let waiter = bench.call(post(), NO_LIMIT);
        bench.fail(5, kind);
        assert_eq!(outcome(&bench, waiter), expected, "{kind:?}");
        assert_eq!(bench.sent.len(), 1, "it is not sent again");
        let says_so = bench.error(waiter).message.contains("not sent");
        assert_eq!(says_so, expected.1, "{kind:?}");
        // A body that is too large is a response.
        let may_be_accepted = bench
            .error(waiter)
            .message
            .contains("may have been accepted");
        let is_answered = kind == TransportErrorKind::BodyTooLarge;
        assert_eq!(may_be_accepted, !expected.1 && !is_answered, "{kind:?}");
    }
}

#[test]
fn get_changes_nothing() {
    for status in [301, 404, 408, 500, 501, 503, 520] {
        let mut bench = once();
        let waiter = bench.call(get(), NO_LIMIT);
        bench.respond(5, json(status, ""));
        assert_eq!(outcome(&bench, waiter), ("refused", false), "{status}");
    }
    let mut bench = once();
    let waiter = bench.call(get(), NO_LIMIT);
    bench.fail(5, TransportErrorKind::Network);
    assert_eq!(outcome(&bench, waiter), ("refused", false));
    let waiter = bench.call(get(), NO_LIMIT);
    bench.fail(5, TransportErrorKind::NotConnected);
    assert_eq!(outcome(&bench, waiter), ("refused", true));
    let waiter = bench.call(get(), 1_000);
    bench.pass(1_000);
    assert_eq!(bench.code(waiter), ErrorCode::WaitTimeout);
    assert_eq!(outcome(&bench, waiter), ("refused", false));
    // A GET that started a job counts as a mutating call.
    let waiter = bench.call(get(), NO_LIMIT);
    bench.respond(5, json(202, "{}"));
    assert_eq!(outcome(&bench, waiter), ("unknown", false));
    let waiter = bench.call(get(), NO_LIMIT);
    bench.respond(5, accepted("j", "s0"));
    bench.respond(5, json(503, ""));
    assert_eq!(outcome(&bench, waiter), ("unknown", false));
}

/// A call with an accepted job.
fn begun(bench: &mut Harness) -> WaiterId {
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s0"));
    waiter
}

fn assert_can_resume(bench: &Harness, waiter: WaiterId, state: &str, what: &str) {
    let error = bench.error(waiter);
    let expected = if error.code == ErrorCode::JobFailed {
        ChangeOutcome::Failed
    } else {
        ChangeOutcome::Unknown
    };
    assert_eq!(error.outcome, expected, "{what}");
    assert!(!error.never_sent, "{what}");
    let told = error.job.as_ref().map(|job| job.state.name());
    assert_eq!(told, Some(state), "{what}");
    let token = error.token.as_deref().expect(what);
    assert_eq!(Token::parse(token, "").unwrap().job.as_str(), "j", "{what}");
}

#[test]
fn a11_every_error_after_acceptance_has_job_and_token() {
    for status in [301, 400, 401, 403, 404, 405, 409, 500, 501, 503, 520] {
        let mut bench = once();
        let waiter = begun(&mut bench);
        while bench.is_waiting(waiter) {
            bench.respond(5, json(status, ""));
        }
        assert_can_resume(&bench, waiter, "queued", &status.to_string());
    }
    for kind in [
        TransportErrorKind::Network,
        TransportErrorKind::NotConnected,
        TransportErrorKind::CertificateRejected,
        TransportErrorKind::CallbackFailed,
        TransportErrorKind::InvalidHeader,
        TransportErrorKind::BodyTooLarge,
        TransportErrorKind::RuntimeLimit,
    ] {
        let mut bench = once();
        let waiter = begun(&mut bench);
        bench.fail(5, kind);
        assert_can_resume(&bench, waiter, "queued", &format!("{kind:?}"));
    }
    for body in [
        "<html>",
        r#"{"record": {"id": "j"}}"#,
        r#"{"error": {"code": 7}}"#,
    ] {
        let mut bench = once();
        let waiter = begun(&mut bench);
        bench.respond(5, json(200, body));
        assert_can_resume(&bench, waiter, "queued", body);
    }

    let mut bench = Harness::new();
    let waiter = begun(&mut bench);
    bench.respond(5, record("failure", "no license", "s1"));
    assert_can_resume(&bench, waiter, "failure", "a failed job");

    let mut bench = Harness::new();
    let waiter = begun(&mut bench);
    bench.respond(5, record("running", "", "s1"));
    bench.close();
    assert_can_resume(&bench, waiter, "running", "a closed client");

    let mut bench = Harness::new();
    let waiter = bench.call(post(), 5_000);
    bench.respond(5, accepted("j", "s0"));
    bench.pass(5_000);
    assert_can_resume(&bench, waiter, "queued", "a timeout");
}

#[test]
fn a11_single_poll_error_has_job_and_token_too() {
    let mut bench = once();
    bench.attach("j");
    let wait = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "", "s1"));
    for status in [403, 404, 503] {
        let single = bench.poll_once("j");
        let exchange = *bench.open.keys().last().unwrap();
        bench.respond_to(exchange, 5, json(status, ""));
        assert_can_resume(&bench, single, "running", &status.to_string());
    }
    let single = bench.poll_once("j");
    bench.close();
    for waiter in [single, wait] {
        assert_can_resume(&bench, waiter, "running", "a closed client");
    }
    let after = bench.poll_once("j");
    assert_can_resume(&bench, after, "running", "after the close");
    let after = bench.wait("j", NO_LIMIT);
    assert_can_resume(&bench, after, "running", "after the close");
}

#[test]
fn job_known_only_by_id_gets_a_token_too() {
    for status in [401, 403, 404, 405, 500, 503] {
        let mut bench = once();
        let waiter = bench.wait("j", NO_LIMIT);
        while bench.is_waiting(waiter) {
            bench.respond(5, json(status, ""));
        }
        let error = bench.error(waiter);
        assert_eq!(error.outcome, ChangeOutcome::Unknown, "{status}");
        assert!(error.job.is_none() && error.token.is_some(), "{status}");
    }
}

#[test]
fn a11_202_without_a_state_names_the_job() {
    let body = r#"{"job": {"id": "j", "message": "on its way", "note": [1]}}"#;
    let mut bench = once();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, json(202, body));
    assert_eq!(bench.progress, [(waiter, "accepted".to_owned())]);
    bench.respond(5, json(503, ""));
    assert_can_resume(&bench, waiter, "accepted", "polls that fail");
    let job = bench.error(waiter).job.clone().unwrap();
    assert_eq!(job.message.as_deref(), Some("on its way"));
    assert_eq!(
        job.raw(),
        r#"{"id": "j", "message": "on its way", "note": [1]}"#
    );

    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, json(202, r#"{"job": {"id": "j"}}"#));
    bench.close();
    assert_can_resume(&bench, waiter, "accepted", "a closed client");
}

#[test]
fn a11_state_missing_from_a_202_comes_with_the_first_poll() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(
        5,
        json(202, r#"{"job": {"id": "j", "last_modified": "s0"}}"#),
    );
    assert!(bench.last_target().contains("last_modified=%3E=s0"));
    // The cursor of the 202 stays in use if a record has none.
    bench.respond(5, json(200, r#"{"record": {"state": "queued"}}"#));
    assert!(bench.last_target().contains("last_modified=%3E=s0"));
    bench.respond(5, record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");
    let states: Vec<_> = bench.progress.iter().map(|it| it.1.as_str()).collect();
    assert_eq!(states, ["accepted", "queued", "success"]);
}

#[test]
fn token_of_a_failed_job_shows_the_failure_again() {
    let mut bench = Harness::new();
    let waiter = begun(&mut bench);
    bench.respond(5, record("failure", "no license", "s1"));
    let token = bench.error(waiter).token.clone().unwrap();
    let mut other = Harness::new();
    other.resume(&Token::parse(&token, "").unwrap());
    let again = other.wait("j", NO_LIMIT);
    other.respond(5, record("failure", "no license", "s1"));
    assert_eq!(other.code(again), ErrorCode::JobFailed);
}

#[test]
fn a17_callback_time_does_not_count_towards_the_request_timeout() {
    for spec in [post(), get()] {
        let mut bench = asking();
        let waiter = bench.call(spec, NO_LIMIT);
        let exchange = bench.first_open();
        bench.pass(600_000);
        assert!(bench.is_waiting(waiter));
        assert_eq!(bench.sent.len(), 1, "the callbacks run once");
        bench.handle(Input::RequestSent { exchange });
        bench.pass(29_999);
        assert!(bench.is_waiting(waiter));
        bench.respond(0, json(200, "{}"));
        assert!(matches!(bench.outcome(waiter), Outcome::Done { .. }));
    }
    let mut bench = asking();
    let waiter = bench.call(post(), NO_LIMIT);
    let exchange = bench.first_open();
    bench.pass(60_000);
    bench.handle(Input::RequestSent { exchange });
    bench.pass(30_000);
    assert_eq!(bench.code(waiter), ErrorCode::Transport);
    assert_eq!(outcome(&bench, waiter), ("unknown", false));
}

#[test]
fn a17_callback_time_does_not_count_towards_the_poll_timeout() {
    let mut bench = asking();
    let waiter = bench.wait("j", NO_LIMIT);
    let exchange = bench.first_open();
    bench.pass(600_000);
    bench.handle(Input::Resumed);
    assert_eq!(bench.sent.len(), 1, "the callbacks run once");
    bench.handle(Input::RequestSent { exchange });
    bench.respond(5, record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn a17_wait_that_ends_before_sending_is_refused() {
    let mut bench = asking();
    let timed_out = bench.call(post(), 1_000);
    let closed = bench.call(post(), NO_LIMIT);
    bench.pass(1_000);
    assert_eq!(bench.code(timed_out), ErrorCode::WaitTimeout);
    assert_eq!(outcome(&bench, timed_out), ("refused", true));
    let message = &bench.error(timed_out).message;
    assert!(message.contains("timed out before"), "{message}");
    bench.close();
    assert_eq!(outcome(&bench, closed), ("refused", true));
    let late = bench.call(post(), NO_LIMIT);
    assert_eq!(outcome(&bench, late), ("refused", true));
}

#[test]
fn wait_that_ends_while_in_flight_is_unknown() {
    for mut bench in [asking(), Harness::new()] {
        let timed_out = bench.call(post(), 1_000);
        let closed = bench.call(post(), NO_LIMIT);
        for exchange in bench.open.keys().copied().collect::<Vec<_>>() {
            bench.handle(Input::RequestSent { exchange });
        }
        bench.pass(1_000);
        assert_eq!(outcome(&bench, timed_out), ("unknown", false));
        assert!(bench.error(timed_out).token.is_none());
        bench.close();
        assert_eq!(outcome(&bench, closed), ("unknown", false));
    }
}

#[test]
fn wait_that_ends_during_a_credential_refresh_is_refused() {
    let mut bench = asking();
    let timed_out = bench.call(post(), 1_000);
    let closed = bench.call(post(), NO_LIMIT);
    for exchange in bench.open.keys().copied().collect::<Vec<_>>() {
        bench.handle(Input::RequestSent { exchange });
        bench.respond_now(exchange, json(401, ""));
    }
    bench.pass(1_000);
    assert_eq!(outcome(&bench, timed_out), ("refused", false));
    bench.close();
    assert_eq!(outcome(&bench, closed), ("refused", false));
}

#[test]
fn a16_codes_that_prove_that_nothing_was_sent() {
    let never = Some(TransportErrorKind::NotConnected);
    for (code, syscall) in [
        ("ECONNREFUSED", "connect"),
        ("ECONNREFUSED", ""),
        ("EHOSTUNREACH", "connect"),
        ("EHOSTUNREACH", ""),
        ("ENETUNREACH", ""),
        ("ETIMEDOUT", "connect"),
        ("EACCES", "connect"),
        ("ECONNREFUSED", "queryA"),
        ("ECONNRESET", "connect"),
        ("ENOTFOUND", "getaddrinfo"),
        ("ENOTFOUND", ""),
        ("EAI_AGAIN", "getaddrinfo"),
        ("EAI_AGAIN", ""),
        ("UND_ERR_CONNECT_TIMEOUT", ""),
        ("ConnectionRefused", ""),
        ("FailedToOpenSocket", ""),
    ] {
        let kind = TransportErrorKind::of_error(code, syscall, "it failed");
        assert_eq!(kind, never, "{code} {syscall}");
    }
    for message in [
        "bad port",
        "error sending request for url (http://127.0.0.1:9/): client error (Connect): tcp connect error",
    ] {
        assert_eq!(TransportErrorKind::of_error("", "", message), never);
    }
    let message = "request to https://192.0.2.1/ failed, reason: connect ETIMEDOUT 192.0.2.1:443";
    assert_eq!(
        TransportErrorKind::of_error("ETIMEDOUT", "", message),
        never
    );
    // A broken connection may have carried the request, whatever its causes say.
    for code in ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "ConnectionClosed"] {
        for syscall in ["", "read", "write"] {
            let kind = TransportErrorKind::of_error(code, syscall, "it failed");
            assert_eq!(kind, Some(TransportErrorKind::Network), "{code} {syscall}");
        }
    }
    for (code, syscall) in [
        ("ETIMEDOUT", "read"),
        ("ETIMEDOUT", ""),
        ("EHOSTUNREACH", "read"),
        ("ENETUNREACH", "write"),
        ("UND_ERR_ABORTED", ""),
        ("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", ""),
        ("", ""),
    ] {
        let kind = TransportErrorKind::of_error(code, syscall, "client error (SendRequest)");
        assert_eq!(kind, None, "{code} {syscall}");
    }
    for code in ["CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT"] {
        let kind = TransportErrorKind::of_error(code, "", "");
        assert_eq!(kind, Some(TransportErrorKind::CertificateRejected));
    }
}

#[test]
fn a18_runtime_timeouts_are_named() {
    for code in ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"] {
        let kind = TransportErrorKind::of_error(code, "", "");
        assert_eq!(kind, Some(TransportErrorKind::RuntimeLimit));
    }
    for spec in [post(), get()] {
        let mut bench = once();
        let waiter = bench.call(spec, NO_LIMIT);
        bench.fail(5, TransportErrorKind::RuntimeLimit);
        let message = &bench.error(waiter).message;
        assert!(message.contains("headersTimeout"), "{message}");
        assert!(!message.contains("CORS"), "{message}");
    }
}

#[test]
fn poll_that_never_connected_does_not_shorten_the_next_ones() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "", "s1"));
    assert!(bench.last_target().contains("poll_timeout=30"));
    // A connect timeout takes long, but does not mean that a proxy cuts off polls.
    bench.fail(10_000, TransportErrorKind::NotConnected);
    bench.wake();
    assert!(bench.last_target().contains("poll_timeout=30"));
}
