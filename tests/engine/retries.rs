//! Retries of polls: which, how often and how long apart.

use ontap_select_deploy::engine::{
    CallSpec, Config, Input, RetryPolicy, TransportErrorKind, is_certificate_error, retry_after,
};

use crate::harness::{Harness, NO_LIMIT, accepted, count, json, ms, post, record, secs};

#[test]
fn u8_transient_errors_are_retried() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        for _ in 0..7 {
            bench.respond(5, json(status, ""));
            assert!(bench.is_waiting(waiter), "{status}");
            bench.wake();
        }
        bench.respond(5, json(status, ""));
        let error = bench.error(waiter);
        assert_eq!((error.code.name(), error.status), ("HTTP", Some(status)));
    }
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    for _ in 0..7 {
        bench.fail(5, TransportErrorKind::Network);
        bench.wake();
    }
    bench.fail(5, TransportErrorKind::Network);
    assert_eq!(bench.code(waiter).name(), "TRANSPORT");
    assert!(
        bench
            .error(waiter)
            .message
            .contains("the network, CORS or TLS")
    );
}

#[test]
fn u8_refused_polls_reject_at_once() {
    for (status, code) in [
        (401, "AUTH"),
        (403, "AUTH"),
        (405, "HTTP"),
        (501, "HTTP"),
        (418, "HTTP"),
    ] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        bench.respond(5, json(status, ""));
        assert_eq!(bench.code(waiter).name(), code, "{status}");
        assert_eq!(bench.polls(), 1);
    }
}

#[test]
fn success_resets_the_count_of_failures() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    for turn in 0..40 {
        bench.respond(5, json(503, ""));
        bench.wake();
        if turn % 7 == 6 {
            bench.respond(5, record("running", &turn.to_string(), "s1"));
            if bench.open.is_empty() {
                bench.wake();
            }
        }
    }
    assert!(bench.is_waiting(waiter));
}

#[test]
fn backoff_is_jittered_and_bounded() {
    let retry = RetryPolicy::default()
        .with_max_attempts(count(100))
        .with_initial_delay(ms(100))
        .with_max_delay(ms(1_000));
    let mut bench = Harness::with(Config {
        retry,
        ..Config::default()
    });
    bench.wait("j", NO_LIMIT);
    let mut delays = Vec::new();
    for _ in 0..50 {
        bench.respond(0, json(503, ""));
        delays.push(bench.wake());
    }
    assert!(delays.iter().all(|delay| *delay <= 1_000));
    assert!(delays[0] <= 100 && delays[1] <= 200 && delays[2] <= 400);
    let distinct: std::collections::BTreeSet<_> = delays.iter().collect();
    assert!(distinct.len() > 30, "{delays:?}");
    assert!(delays[0] >= 50 && delays[1] >= 100 && delays[2] >= 200);
}

/// A server restarts behind a proxy that responds at once.
#[test]
fn default_retries_outlast_twenty_seconds_with_any_jitter() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    for outage in 0..200 {
        let mut lasted = 0;
        for _ in 0..7 {
            bench.respond(0, json(502, ""));
            lasted += bench.wake();
        }
        assert!((20_000..=45_500).contains(&lasted), "{lasted} ms");
        bench.respond(0, record("running", &outage.to_string(), "s1"));
        if bench.open.is_empty() {
            bench.wake();
        }
    }
    assert!(bench.is_waiting(waiter));
}

#[test]
fn retry_after_is_obeyed_up_to_its_limit() {
    for (asked, least, most) in [
        (secs(20), 20_000, 20_000),
        (secs(60), 60_000, 60_000),
        (secs(600), 60_000, 60_000),
        (std::time::Duration::MAX, 60_000, 60_000),
        (secs(0), 0, 500),
    ] {
        let mut bench = Harness::new();
        bench.wait("j", NO_LIMIT);
        let mut response = json(503, "");
        response.retry_after = Some(asked);
        bench.respond(0, response);
        let delay = bench.wake();
        assert!((least..=most).contains(&delay), "{asked:?}: {delay}");
    }
}

#[test]
fn retry_after_is_read_as_seconds_or_a_date() {
    const DATE: &str = "Sun, 06 Nov 1994 08:50:07 GMT";
    let date = |text: &str| (text == DATE).then_some(secs(30));
    for (value, expected) in [
        ("20", Some(20)),
        (" 20 ", Some(20)),
        ("0", Some(0)),
        // More than 64 bits.
        ("99999999999999999999", Some(u64::MAX)),
        (DATE, Some(30)),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("+5", None),
        ("1.5", None),
    ] {
        assert_eq!(retry_after(value, date), expected.map(secs), "{value}");
    }
}

#[test]
fn without_retries_the_first_failure_is_final() {
    let mut bench = Harness::with(Config {
        retry: RetryPolicy::never(),
        ..Config::default()
    });
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(503, ""));
    assert_eq!(bench.code(waiter).name(), "HTTP");
}

#[test]
fn retry_leaves_time_before_the_deadline() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", 10_000);
    let mut response = json(503, "");
    response.retry_after = Some(secs(60));
    bench.respond(0, response);
    assert_eq!(bench.wake(), 9_000);
    bench.respond(0, record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn html_or_no_state_is_retried_then_protocol() {
    for body in [
        "<html>login",
        r#"{"record": {}}"#,
        r#"{"record": {"state": 7}}"#,
        r#"{"record": {"state": ""}}"#,
        "[]",
        "7",
        "{",
    ] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        for _ in 0..7 {
            bench.respond(5, json(200, body));
            assert!(bench.is_waiting(waiter));
            bench.wake();
        }
        bench.respond(5, json(200, body));
        assert_eq!(bench.code(waiter).name(), "PROTOCOL", "{body}");
    }
}

#[test]
fn error_with_200_does_not_end_the_wait() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(200, r#"{"error": {"code": 1, "message": "busy"}}"#));
    bench.wake();
    bench.respond(5, record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn redirect_or_large_body_is_final() {
    for status in [0, 302] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        bench.respond(5, json(status, ""));
        assert_eq!(bench.code(waiter).name(), "PROTOCOL");
    }
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.fail(5, TransportErrorKind::BodyTooLarge);
    assert_eq!(bench.code(waiter).name(), "PROTOCOL");
}

#[test]
fn new_wait_does_not_shorten_a_backoff() {
    let mut bench = Harness::new();
    bench.attach("j");
    let first = bench.wait("j", NO_LIMIT);
    let mut response = json(503, "");
    response.retry_after = Some(secs(30));
    bench.respond(0, response);
    bench.abort(first);
    bench.wait("j", NO_LIMIT);
    assert_eq!(bench.polls(), 1, "the server asked for 30 seconds");
    assert_eq!(bench.wake(), 30_000);
    assert_eq!(bench.polls(), 2);
}

#[test]
fn without_retries_offline_and_404_are_final() {
    let never = || {
        Harness::with(Config {
            retry: RetryPolicy::never(),
            ..Config::default()
        })
    };
    let mut bench = never();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.handle(Input::Offline);
    bench.fail(5, TransportErrorKind::Network);
    assert_eq!(bench.code(waiter).name(), "TRANSPORT");
    let mut bench = never();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(404, ""));
    assert_eq!(bench.code(waiter).name(), "HTTP");
}

#[test]
fn invalid_header_is_final() {
    let mut bench = Harness::new();
    let wait = bench.wait("j", NO_LIMIT);
    bench.fail(5, TransportErrorKind::InvalidHeader);
    let get = bench.call(
        CallSpec {
            method: "GET".into(),
            ..post()
        },
        NO_LIMIT,
    );
    bench.fail(5, TransportErrorKind::InvalidHeader);
    for waiter in [wait, get] {
        assert_eq!(bench.code(waiter).name(), "TRANSPORT");
    }
}

#[test]
fn offline_ends_with_the_last_waiter() {
    let mut bench = Harness::new();
    let first = bench.wait("j", NO_LIMIT);
    bench.abort(first);
    // The result of an aborted request may arrive late, and no listener reports that the network is back.
    bench.handle(Input::Offline);
    let waiter = bench.wait("j", NO_LIMIT);
    for _ in 0..7 {
        bench.fail(5, TransportErrorKind::Network);
        assert!(bench.is_waiting(waiter));
        bench.wake();
    }
    bench.fail(5, TransportErrorKind::Network);
    assert_eq!(bench.code(waiter).name(), "TRANSPORT");
}

#[test]
fn rejected_certificate_is_final_before_a_job() {
    let mut bench = Harness::new();
    let get = CallSpec {
        method: "GET".into(),
        ..post()
    };
    let waiters = [
        bench.wait("j", NO_LIMIT),
        bench.call(get, NO_LIMIT),
        bench.call(post(), NO_LIMIT),
    ];
    let messages = [
        "GET /jobs/j: the server's TLS certificate was rejected. The job may still be running",
        "GET /clusters: not sent: the server's TLS certificate was rejected",
        "POST /clusters: not sent: the server's TLS certificate was rejected",
    ];
    for (waiter, expected) in waiters.into_iter().zip(messages) {
        bench.fail(5, TransportErrorKind::CertificateRejected);
        assert_eq!(bench.code(waiter).name(), "TRANSPORT");
        let message = &bench.error(waiter).message;
        assert_eq!(message, expected);
        assert!(!message.contains("may have been accepted"), "{message}");
    }
}

#[test]
fn running_job_survives_a_rejected_certificate() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s1"));
    bench.fail(5, TransportErrorKind::CertificateRejected);
    assert!(bench.is_waiting(waiter));
    bench.wake();
    bench.respond(5, record("success", "", "s2"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn node_certificate_codes_are_known() {
    for code in [
        "DEPTH_ZERO_SELF_SIGNED_CERT",
        "SELF_SIGNED_CERT_IN_CHAIN",
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        "CERT_HAS_EXPIRED",
        "ERR_TLS_CERT_ALTNAME_INVALID",
    ] {
        assert!(is_certificate_error(code), "{code}");
    }
    // The last ones are about the client's certificate and may come after the request was sent.
    for code in [
        "ECONNREFUSED",
        "ECONNRESET",
        "UND_ERR_SOCKET",
        "EPROTO",
        "",
        "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
        "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED",
    ] {
        assert!(!is_certificate_error(code), "{code}");
    }
}

#[test]
fn retry_after_is_obeyed_to_the_second() {
    let mut bench = Harness::with(Config {
        retry: RetryPolicy::default().with_max_retry_after(secs(3_600)),
        ..Config::default()
    });
    bench.wait("j", NO_LIMIT);
    let mut response = json(503, "");
    response.retry_after = Some(secs(700));
    bench.respond(0, response);
    assert_eq!(bench.wake(), 700_000);
}
