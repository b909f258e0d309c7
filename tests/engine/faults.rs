//! Faults that users of such APIs report, by their numbers in docs/proof.md: what an answer to a poll or to a
//! call means.

use ontap_select_deploy::engine::{CallSpec, Outcome, WaiterId};

use crate::harness::{Harness, NO_LIMIT, accepted, json, post, record};

/// A wait for job `j`, which a poll has shown running; a long poll is open.
fn following() -> (Harness, WaiterId) {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    assert!(bench.last_target().contains("poll_timeout=30&"));
    (bench, waiter)
}

/// Fires timers until a request is open.
fn until_open(bench: &mut Harness) {
    while bench.open.is_empty() {
        bench.wake();
    }
}

/// The statuses that a later GET may not meet any more.
const TRANSIENT: [u16; 24] = [
    408, 409, 421, 423, 425, 429, 500, 502, 503, 504, 506, 507, 508, 509, 510, 511, 520, 522, 524,
    527, 530, 561, 598, 599,
];

#[test]
fn a2_what_gateways_invent_ends_no_wait() {
    for status in TRANSIENT {
        let (mut bench, waiter) = following();
        bench.respond(5, json(status, "<html>"));
        assert!(bench.is_waiting(waiter), "{status}");
        until_open(&mut bench);
        bench.respond(5, record("success", "", "s2"));
        assert_eq!(bench.final_state(waiter), "success", "{status}");
    }
}

#[test]
fn a2_a_get_is_retried_and_a_changing_call_is_not() {
    for status in TRANSIENT {
        let mut bench = Harness::new();
        let get = CallSpec {
            method: "GET".into(),
            ..post()
        };
        let get = bench.call(get, NO_LIMIT);
        bench.respond(5, json(status, ""));
        assert!(bench.is_waiting(get), "{status}");
        until_open(&mut bench);
        bench.respond(5, json(200, "{}"));
        assert!(matches!(bench.outcome(get), Outcome::Done { .. }));
        let call = bench.call(post(), NO_LIMIT);
        bench.respond(5, json(status, ""));
        assert_eq!(bench.code(call).name(), "HTTP", "{status}");
    }
}

#[test]
fn a2_what_a_server_never_does_is_told_at_once() {
    for status in [
        402, 405, 406, 412, 418, 422, 426, 431, 451, 499, 501, 505, 600, 999,
    ] {
        let (mut bench, waiter) = following();
        bench.respond(20_000, json(status, ""));
        let error = bench.error(waiter);
        assert_eq!((error.code.name(), error.status), ("HTTP", Some(status)));
    }
}

#[test]
fn a6_every_way_to_say_nothing_is_no_change() {
    for body in [
        "null",
        " null\n",
        r#"{"record": {}}"#,
        r#"{"record": null}"#,
        r#"{"record": []}"#,
        r#"{"record": ""}"#,
        r#"{"record": {"state": null, "message": ""}}"#,
        r#"{"record": null, "error": null}"#,
        r#"{"num_records": 0, "records": []}"#,
        "[]",
        "{}",
        "",
        "\u{feff}null",
    ] {
        let (mut bench, waiter) = following();
        for turn in 0..20 {
            bench.respond(30_000, json(200, body));
            if turn % 2 == 1 {
                assert!(!bench.last_target().contains("poll_timeout"), "{body}");
                bench.respond(5, record("running", "one", "s1"));
            }
            assert!(
                bench.last_target().ends_with("%3E=s1"),
                "the cursor stays: {body}"
            );
        }
        assert_eq!(bench.engine.stats().retries, 0, "{body}");
        assert!(bench.is_waiting(waiter));
    }
}

#[test]
fn a13_the_reason_stands_in_more_places_than_one() {
    for (members, reason, code) in [
        (
            r#""message": "", "error": {"message": "disk", "code": "4"}"#,
            "disk",
            Some("4"),
        ),
        (
            r#""message": null, "error": {"message": "disk", "code": 4}"#,
            "disk",
            Some("4"),
        ),
        (r#""message": " \n", "error": "disk""#, "disk", None),
        (
            r#""error": {"message": "disk"}, "description": "nodes""#,
            "disk",
            None,
        ),
        (
            r#""message": "", "error": {"message": " "}, "description": "nodes""#,
            "nodes",
            None,
        ),
        (
            r#""message": "", "error": {}, "description": "nodes""#,
            "nodes",
            None,
        ),
        (
            r#""message": "", "error": false, "description": "nodes""#,
            "nodes",
            None,
        ),
        (r#""message": 7, "description": "nodes""#, "nodes", None),
        (
            r#""message": "own", "error": {"message": "disk", "code": "4"}"#,
            "own",
            Some("4"),
        ),
        (r#""message": "own", "code": 17"#, "own", Some("17")),
        (
            r#""message": "own", "code": 0, "error": {"code": 0}"#,
            "own",
            None,
        ),
        (r#""message": "own", "description": "nodes""#, "own", None),
    ] {
        let failed = format!(r#"{{"id": "j", "state": "failure", {members}}}"#);
        let (mut bench, polled) = following();
        bench.respond(5, json(200, &format!(r#"{{"record": {failed}}}"#)));
        let at_once = bench.call(post(), NO_LIMIT);
        let of_call = failed.replace(r#""j""#, r#""k""#);
        bench.respond(5, json(202, &format!(r#"{{"job": {of_call}}}"#)));
        for waiter in [polled, at_once] {
            let error = bench.error(waiter);
            assert_eq!(error.code.name(), "JOB_FAILED", "{members}");
            assert_eq!(error.message, reason, "{members}");
            assert_eq!(error.server_code.as_deref(), code, "{members}");
        }
    }
}

#[test]
fn a14_words_for_failure_and_no_other_word_end_a_job() {
    for state in [
        "failed", "Failed", "ABORTED", "aborted", "error", "canceled",
    ] {
        let (mut bench, waiter) = following();
        bench.respond(5, record(state, "it broke", "s2"));
        let error = bench.error(waiter);
        assert_eq!(
            (error.code.name(), error.message.as_str()),
            ("JOB_FAILED", "it broke"),
            "{state}"
        );
    }
    for state in [
        "completed",
        "succeeded",
        "done",
        "ok",
        "stopped",
        "failing",
        "aborting",
    ] {
        let (mut bench, waiter) = following();
        bench.respond(5, record(state, "", "s2"));
        assert!(bench.is_waiting(waiter), "{state}");
    }
}

#[test]
fn a15_an_error_that_says_nothing_is_none() {
    for nothing in [
        r#""""#,
        r#""  ""#,
        "{}",
        "[]",
        "false",
        "0",
        "0.0",
        "-0e7",
        "null",
        r#"{"code": 0}"#,
        r#"{"code": "0"}"#,
        r#"{"code": null, "message": ""}"#,
        r#"{"code": 0, "message": "", "details": [{}, {"why": null}]}"#,
    ] {
        for status in [200, 201] {
            let mut bench = Harness::new();
            let waiter = bench.call(post(), NO_LIMIT);
            bench.respond(5, json(status, &format!(r#"{{"error": {nothing}}}"#)));
            assert!(
                matches!(bench.outcome(waiter), Outcome::Done { job: None, .. }),
                "{status} {nothing}"
            );
        }
        // In a poll it is a response without a record, which a long poll may give when it times out.
        let (mut bench, _) = following();
        bench.respond(30_000, json(200, &format!(r#"{{"error": {nothing}}}"#)));
        assert_eq!(bench.engine.stats().retries, 0, "{nothing}");
    }
    for something in [
        "true",
        "1",
        "0.5",
        r#""no""#,
        r#"{"code": 4}"#,
        r#"{"message": "no"}"#,
        "[[{}, 0, [\"no\"]]]",
        r#"{"code": 0, "message": "\u0020x"}"#,
    ] {
        let mut bench = Harness::new();
        let waiter = bench.call(post(), NO_LIMIT);
        bench.respond(5, json(200, &format!(r#"{{"error": {something}}}"#)));
        assert_eq!(bench.code(waiter).name(), "HTTP", "{something}");
    }
}

#[test]
fn a15_a_job_counts_beside_an_error_that_says_nothing() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    let mut both = accepted("j", "s1");
    let text = String::from_utf8(both.body.to_vec()).unwrap();
    both.body = text
        .replacen('{', r#"{"error": {"code": 0}, "#, 1)
        .into_bytes()
        .into();
    bench.respond(5, both);
    bench.respond(5, record("success", "", "s2"));
    assert_eq!(bench.final_state(waiter), "success");
}
