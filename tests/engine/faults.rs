//! Faults that users of such APIs report, with their numbers from docs/proof.md: responses to polls and
//! calls.

use std::collections::{BTreeMap, BTreeSet};

use ontap_select_deploy::engine::{
    Auth, CallSpec, ChangeOutcome, Config, Input, Outcome, Response, RetryPolicy, Time, Token,
    TransportErrorKind, WaiterId,
};

use crate::harness::{
    Harness, Millis, NO_LIMIT, accepted, count, id, json, ms, not_known, post, record, secs,
};

/// A wait for job `j`, which is running; a long poll is open.
fn following() -> (Harness, WaiterId) {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    assert!(bench.last_target().contains("poll_timeout=30&"));
    (bench, waiter)
}

/// Fires timers until a request is open.
fn wake_until_open(bench: &mut Harness) {
    while bench.open.is_empty() {
        bench.wake();
    }
}

/// Statuses that may be temporary.
const TRANSIENT: [u16; 24] = [
    408, 409, 421, 423, 425, 429, 500, 502, 503, 504, 506, 507, 508, 509, 510, 511, 520, 522, 524,
    527, 530, 561, 598, 599,
];

#[test]
fn a2_gateway_statuses_do_not_end_a_wait() {
    for status in TRANSIENT {
        let (mut bench, waiter) = following();
        bench.respond(5, json(status, "<html>"));
        assert!(bench.is_waiting(waiter), "{status}");
        wake_until_open(&mut bench);
        bench.respond(5, record("success", "", "s2"));
        assert_eq!(bench.final_state(waiter), "success", "{status}");
    }
}

#[test]
fn a2_get_is_retried_and_a_mutating_call_is_not() {
    for status in TRANSIENT {
        let mut bench = Harness::new();
        let get = CallSpec {
            method: "GET".into(),
            ..post()
        };
        let get = bench.call(get, NO_LIMIT);
        bench.respond(5, json(status, ""));
        assert!(bench.is_waiting(get), "{status}");
        wake_until_open(&mut bench);
        bench.respond(5, json(200, "{}"));
        assert!(matches!(bench.outcome(get), Outcome::Done { .. }));
        let call = bench.call(post(), NO_LIMIT);
        bench.respond(5, json(status, ""));
        assert_eq!(bench.code(call).name(), "HTTP", "{status}");
    }
}

#[test]
fn a2_permanent_statuses_fail_at_once() {
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
fn a6_every_empty_response_means_no_change() {
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
        // Content that is neither a job nor an error.
        r#"{"timed_out": true}"#,
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
fn a13_reason_is_found_in_several_members() {
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
fn a14_only_failure_states_end_a_job_as_failed() {
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
fn a15_empty_error_object_is_ignored() {
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
        // For a poll it is a response without a record, as a long poll may get when it times out.
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
fn a15_job_counts_next_to_an_empty_error_object() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    let mut both = accepted("j", "s1");
    both.body = both
        .body
        .replacen('{', r#"{"error": {"code": 0}, "#, 1)
        .into();
    bench.respond(5, both);
    bench.respond(5, record("success", "", "s2"));
    assert_eq!(bench.final_state(waiter), "success");
}

/// Simulates a gateway that cuts each request after `limit`, by a status or a broken connection, in front of
/// a server that holds each long poll for its full time. The job succeeds after `lasts`. Returns the number
/// of polls.
fn behind_a_gateway(limit: impl Fn(usize) -> Millis, status: Option<u16>, lasts: Millis) -> usize {
    let (mut bench, waiter) = following();
    let end = bench.now + ms(lasts);
    while bench.is_waiting(waiter) {
        wake_until_open(&mut bench);
        assert!(bench.now < end + ms(120_000), "the end was missed");
        let target = bench.last_target();
        let seconds = target.split("poll_timeout=").nth(1);
        let seconds: Millis =
            seconds.map_or(0, |it| it.split('&').next().unwrap().parse().unwrap());
        let left = Millis::try_from(end.since(bench.now).as_millis()).unwrap();
        let held = (seconds * 1_000).min(left) + 5;
        let limit = limit(bench.polls());
        if held <= limit {
            let is_over = bench.now + ms(held) >= end;
            bench.respond(
                held,
                if is_over {
                    record("success", "", "s2")
                } else {
                    record("running", "one", "s1")
                },
            );
        } else if let Some(status) = status {
            bench.respond(limit, json(status, "<html>"));
        } else {
            bench.fail(limit, TransportErrorKind::Network);
        }
    }
    assert_eq!(bench.final_state(waiter), "success");
    bench.polls()
}

const CUTS: [Option<u16>; 10] = [
    Some(408),
    Some(500),
    Some(502),
    Some(503),
    Some(504),
    Some(511),
    Some(522),
    Some(524),
    Some(599),
    None,
];

#[test]
fn a1_no_gateway_timeout_ends_a_wait() {
    for status in CUTS {
        for limit in [
            50, 1_000, 3_000, 4_990, 5_000, 5_010, 6_000, 8_000, 20_000, 60_000,
        ] {
            for lasts in [20_000, 240_000, 1_800_000] {
                let polls = behind_a_gateway(|_| limit, status, lasts);
                // Standard polls come once in 5 s.
                let most = 16 + usize::try_from(lasts / 4_500).unwrap();
                assert!(
                    polls <= most,
                    "{status:?} after {limit} ms: {polls} polls in {lasts} ms"
                );
            }
        }
    }
}

#[test]
fn a1_changing_gateway_timeout_does_not_end_a_wait() {
    for (least, spread) in [(4_900, 200), (2_000, 6_000), (5_000, 30_000)] {
        for status in [Some(502), None] {
            let wavers = |poll: usize| least + Millis::try_from(poll * 7_919 % spread).unwrap();
            behind_a_gateway(wavers, status, 1_800_000);
        }
    }
}

#[test]
fn a1_six_second_limit_is_found_within_five_polls() {
    for status in CUTS {
        let (mut bench, _) = following();
        for _ in 0..5 {
            if bench.last_target().contains("poll_timeout=5&") {
                break;
            }
            if !bench.last_target().contains("poll_timeout") {
                bench.respond(5, record("running", "one", "s1"));
            } else if let Some(status) = status {
                bench.respond(6_000, json(status, ""));
            } else {
                bench.fail(6_000, TransportErrorKind::Network);
            }
        }
        assert!(
            bench.last_target().contains("poll_timeout=5&"),
            "{status:?}"
        );
        assert_eq!(bench.engine.stats().retries, 0, "no failure counts");
    }
}

#[test]
fn a1_standard_poll_after_two_cut_long_polls() {
    let (mut bench, waiter) = following();
    bench.respond(8_000, json(502, ""));
    assert!(bench.last_target().contains("poll_timeout=15&"));
    bench.respond(8_000, json(502, ""));
    assert!(!bench.last_target().contains("poll_timeout"));
    bench.respond(5, record("success", "", "s2"));
    assert_eq!(bench.final_state(waiter), "success");
    // A successful poll restarts the count.
    let (mut bench, _) = following();
    bench.respond(8_000, json(502, ""));
    bench.respond(8_000, record("running", "two", "s2"));
    bench.respond(8_000, json(502, ""));
    assert!(bench.last_target().contains("poll_timeout=7&"));
}

#[test]
fn a1_last_attempt_is_a_standard_poll() {
    for attempts in [2, 3, 8] {
        let retry = RetryPolicy::default().with_max_attempts(count(attempts));
        let mut bench = Harness::with(Config {
            retry,
            ..Config::default()
        });
        let waiter = bench.wait("j", NO_LIMIT);
        bench.respond(5, record("running", "one", "s1"));
        while bench.last_target().contains("poll_timeout") {
            bench.respond(3_000, json(502, ""));
            wake_until_open(&mut bench);
        }
        bench.respond(5, record("success", "", "s2"));
        assert_eq!(bench.final_state(waiter), "success");
    }
}

#[test]
fn a1_immediate_502_is_a_failure_with_a_pause() {
    let (mut bench, waiter) = following();
    for _ in 0..7 {
        bench.respond(5, json(502, ""));
        assert!(bench.open.is_empty() && bench.is_waiting(waiter));
        bench.wake();
    }
    bench.respond(5, json(502, ""));
    assert_eq!(bench.code(waiter).name(), "HTTP");
}

#[test]
fn a1_503_with_retry_after_is_not_a_cut() {
    let (mut bench, _) = following();
    let mut away = json(503, "");
    away.retry_after = Some(secs(20));
    bench.respond(8_000, away);
    assert_eq!(bench.wake(), 20_000);
}

/// A proxy's responses for a URL without a server.
const PROXIES: [&str; 8] = [
    "",
    " \n",
    "404 page not found",
    "<html><body>Not Found</body></html>",
    r#"{"message": "no Route matched with those values"}"#,
    r#"{"error": null}"#,
    r#"{"error": {}}"#,
    "[]",
];

#[test]
fn a3_proxy_404_during_a_job_is_retried() {
    for body in PROXIES {
        for status in [404, 410] {
            let (mut bench, waiter) = following();
            for _ in 0..6 {
                bench.respond(5, json(status, body));
                assert!(bench.is_waiting(waiter), "{body}");
                wake_until_open(&mut bench);
            }
            bench.respond(5, record("success", "", "s2"));
            assert_eq!(bench.final_state(waiter), "success", "{body}");
        }
    }
}

#[test]
fn a3_permanent_proxy_404_is_an_http_error_with_the_job() {
    for body in PROXIES {
        let (mut bench, waiter) = following();
        for _ in 0..8 {
            wake_until_open(&mut bench);
            bench.respond(5, json(404, body));
        }
        let error = bench.error(waiter);
        assert_eq!((error.code.name(), error.status), ("HTTP", Some(404)));
        assert_eq!(error.outcome, ChangeOutcome::Unknown);
        assert_eq!(error.job.as_ref().unwrap().state.name(), "running");
    }
}

#[test]
fn a3_proxy_page_does_not_end_a_job_named_by_a_202() {
    for status in [404, 410] {
        let mut bench = Harness::new();
        let waiter = bench.call(post(), NO_LIMIT);
        bench.respond(5, accepted("j", "s1"));
        for _ in 0..6 {
            bench.respond(5, json(status, "<html>"));
            wake_until_open(&mut bench);
        }
        bench.respond(5, record("success", "", "s2"));
        assert_eq!(bench.final_state(waiter), "success");
    }
}

#[test]
fn a3_temporary_server_404_does_not_end_a_wait() {
    for times in [1, 2] {
        let (mut bench, waiter) = following();
        for _ in 0..times {
            bench.respond(5, not_known(404));
            bench.wake();
            assert!(!bench.last_target().contains("poll_timeout"));
        }
        bench.respond(5, record("running", "two", "s2"));
        assert!(bench.last_target().contains("poll_timeout"));
        // The count starts again.
        bench.respond(5, not_known(404));
        bench.wake();
        bench.respond(5, not_known(404));
        bench.wake();
        bench.respond(5, record("success", "", "s3"));
        assert_eq!(bench.final_state(waiter), "success");
    }
}

#[test]
fn a3_single_poll_distinguishes_proxy_and_server_404() {
    let (mut bench, waiter) = following();
    for (response, code) in [(not_known(404), "JOB_GONE"), (json(404, "<html>"), "HTTP")] {
        let once = bench.poll_once("j");
        let single = *bench.open.keys().last().unwrap();
        bench.respond_to(single, 5, response);
        assert_eq!(bench.code(once).name(), code);
        assert!(bench.error(once).job.is_some());
    }
    assert!(bench.is_waiting(waiter));
}

/// A job with a handle that the server no longer knows.
fn gone() -> Harness {
    let (mut bench, waiter) = following();
    bench.attach("j");
    for _ in 0..3 {
        wake_until_open(&mut bench);
        bench.respond(5, not_known(404));
    }
    assert_eq!(bench.code(waiter).name(), "JOB_GONE");
    assert!(bench.open.is_empty() && bench.engine.next_timeout().is_none());
    bench
}

#[test]
fn a4_new_wait_for_a_gone_job_polls_once() {
    let mut bench = gone();
    for _ in 0..3 {
        let polls = bench.polls();
        let again = bench.wait("j", NO_LIMIT);
        assert!(!bench.last_target().contains("poll_timeout"));
        bench.respond(5, not_known(404));
        assert_eq!(bench.code(again).name(), "JOB_GONE");
        assert_eq!(bench.polls(), polls + 1);
    }
    let found = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "two", "s2"));
    assert!(bench.last_target().contains("%3E=s2"));
    bench.respond(5, record("success", "", "s3"));
    assert_eq!(bench.final_state(found), "success");
}

#[test]
fn a1_if_no_long_poll_gets_through_one_is_tried_each_minute() {
    let (mut bench, _) = following();
    let mut tried = Vec::new();
    while bench.now.as_millis() < 600_000 {
        wake_until_open(&mut bench);
        if bench.last_target().contains("poll_timeout") {
            tried.push(bench.now.as_millis());
            bench.fail(1, TransportErrorKind::Network);
        } else {
            bench.respond(1, record("running", "one", "s1"));
        }
    }
    let pauses: Vec<_> = tried.windows(2).map(|it| it[1] - it[0]).collect();
    let (first, later) = pauses.split_at(3);
    assert!(first.iter().all(|it| *it < 10_000), "{pauses:?}");
    assert!(
        later.iter().all(|it| (60_000..=66_000).contains(it)),
        "{pauses:?}"
    );
    assert!(later.len() >= 8, "{pauses:?}");
}

#[test]
fn a1_four_failed_long_polls_need_no_standard_poll_after_each() {
    let (mut bench, _) = following();
    let fail = |bench: &mut Harness| {
        wake_until_open(bench);
        assert!(bench.last_target().contains("poll_timeout"));
        bench.fail(1, TransportErrorKind::Network);
    };
    fail(&mut bench);
    // Earlier cuts do not count.
    bench.handle(Input::Resumed);
    fail(&mut bench);
    fail(&mut bench);
    wake_until_open(&mut bench);
    assert!(!bench.last_target().contains("poll_timeout"));
    bench.respond(1, record("running", "one", "s1"));
    fail(&mut bench);
    fail(&mut bench);
}

#[test]
fn a4_job_named_only_by_a_202_gets_a_standard_poll() {
    let mut bench = Harness::new();
    bench.attach("j");
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s0"));
    while bench.is_waiting(waiter) {
        wake_until_open(&mut bench);
        bench.respond(5, not_known(404));
    }
    assert_eq!(bench.code(waiter).name(), "JOB_GONE");
    // Earlier cuts do not count after the page is back.
    bench.handle(Input::Resumed);
    let again = bench.wait("j", NO_LIMIT);
    assert!(!bench.last_target().contains("poll_timeout"));
    bench.respond(5, not_known(404));
    assert_eq!(bench.code(again).name(), "JOB_GONE");
}

#[test]
fn a4_single_poll_that_sees_the_job_beats_gone() {
    let mut bench = gone();
    let once = bench.poll_once("j");
    bench.respond(5, record("running", "two", "s2"));
    assert_eq!(bench.final_state(once), "running");
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("failure", "disk", "s3"));
    assert_eq!(bench.error(waiter).message, "disk");
    let mut bench = gone();
    bench.poll_once("j");
    bench.respond(5, record("success", "", "s2"));
    let waiter = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.final_state(waiter), "success");
    assert!(bench.open.is_empty());
}

#[test]
fn a4_202_that_names_the_job_beats_gone() {
    let mut bench = gone();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s7"));
    bench.respond(5, record("success", "", "s8"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn a8_one_rejection_of_a_good_credential_does_not_end_a_wait() {
    for status in [401, 403] {
        for body in ["", "<html>", r#"{"error": {"message": "no"}}"#] {
            let (mut bench, waiter) = following();
            for _ in 0..3 {
                bench.respond(5, json(status, body));
                assert!(
                    bench.open.is_empty() && bench.is_waiting(waiter),
                    "{status}"
                );
                assert!(bench.wake() >= 1_000, "a server that starts needs its time");
                bench.respond(5, record("running", "one", "s1"));
                wake_until_open(&mut bench);
            }
            bench.respond(5, record("success", "", "s2"));
            assert_eq!(bench.final_state(waiter), "success");
        }
        // A 202 also proves that the credential works.
        let mut bench = Harness::new();
        let waiter = bench.call(post(), NO_LIMIT);
        bench.respond(5, accepted("j", "s1"));
        bench.respond(5, json(status, ""));
        bench.wake();
        bench.respond(5, record("success", "", "s2"));
        assert_eq!(bench.final_state(waiter), "success");
    }
}

#[test]
fn a8_second_rejection_is_final() {
    for status in [401, 403] {
        let (mut bench, waiter) = following();
        bench.attach("j");
        let before = bench.polls();
        bench.respond(5, json(status, ""));
        bench.wake();
        assert!(bench.polls() - before <= 2);
        bench.respond(5, json(status, ""));
        let error = bench.error(waiter);
        assert_eq!((error.code.name(), error.status), ("AUTH", Some(status)));
        assert!(error.job.is_some());
        // A new wait polls once, because repeated failures can lock the account.
        let again = bench.wait("j", NO_LIMIT);
        wake_until_open(&mut bench);
        bench.respond(5, json(status, ""));
        assert_eq!(bench.code(again).name(), "AUTH");
    }
}

#[test]
fn a8_credential_that_never_worked_fails_at_once() {
    for status in [401, 403] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        bench.respond(5, json(status, ""));
        assert_eq!(bench.code(waiter).name(), "AUTH");
    }
    // The new credential has not worked for the job yet.
    let mut bench = Harness::with(Config {
        auth: Auth::Asked,
        ..Config::default()
    });
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(5, json(401, ""));
    bench.handle(Input::CredentialRefreshed { fresh: true });
    bench.respond(5, json(401, ""));
    assert_eq!(bench.code(waiter).name(), "AUTH");
    // Nor has the credential of this process, which only has the token.
    let token = following().0.engine.token(&id("j"));
    let mut bench = Harness::new();
    let token = Token::parse(&token, "").unwrap();
    bench.resume(&token);
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(401, ""));
    assert_eq!(bench.code(waiter).name(), "AUTH");
}

#[test]
fn a8_auth_function_runs_first() {
    let mut bench = Harness::with(Config {
        auth: Auth::Asked,
        ..Config::default()
    });
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(5, json(401, ""));
    assert_eq!(bench.refreshes.len(), 1);
    bench.handle(Input::CredentialRefreshed { fresh: false });
    assert!(bench.is_waiting(waiter) && bench.open.is_empty());
    bench.wake();
    bench.respond(5, json(401, ""));
    bench.handle(Input::CredentialRefreshed { fresh: false });
    assert_eq!(bench.code(waiter).name(), "AUTH");
    assert_eq!(bench.polls(), 3);
}

#[test]
fn a8_one_job_retries_for_all() {
    let mut bench = Harness::new();
    let waiters: Vec<_> = (0..20)
        .map(|at| bench.wait(&format!("job-{at}"), NO_LIMIT))
        .collect();
    for response in [record("running", "one", "s1"), json(403, "")] {
        let open: Vec<_> = bench.open.keys().copied().collect();
        for exchange in open {
            bench.respond_now(exchange, response.clone());
        }
    }
    assert!(waiters.iter().all(|it| bench.is_waiting(*it)));
    let polls = bench.polls();
    wake_until_open(&mut bench);
    bench.respond(100, json(403, ""));
    assert!(waiters.iter().all(|it| bench.code(*it).name() == "AUTH"));
    assert_eq!(bench.polls(), polls + 1);
}

#[test]
fn a8_without_retries_a_rejection_fails_at_once() {
    let mut bench = Harness::with(Config {
        retry: RetryPolicy::never(),
        ..Config::default()
    });
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(5, json(403, ""));
    assert_eq!(bench.code(waiter).name(), "AUTH");
}

/// The record of a job, with its id.
fn record_of(id: &str, state: &str) -> Response {
    json(
        200,
        &format!(
            r#"{{"record": {{"id": {id}, "state": "{state}", "message": "m", "last_modified": "s9"}}}}"#
        ),
    )
}

#[test]
fn a12_record_of_another_job_is_ignored() {
    for state in ["failure", "success", "running"] {
        for other in [r#""k""#, r#""jj""#, r#"" j""#, "7"] {
            let (mut bench, waiter) = following();
            bench.respond(5, record_of(other, state));
            assert!(bench.is_waiting(waiter), "{other}");
            assert_eq!(
                bench.engine.latest(&id("j")).unwrap().state.name(),
                "running"
            );
            wake_until_open(&mut bench);
            assert!(
                !bench.last_target().contains("s9"),
                "the cursor is not used"
            );
            bench.respond(5, record("success", "", "s2"));
            assert_eq!(bench.final_state(waiter), "success");
        }
    }
    let (mut bench, waiter) = following();
    for _ in 0..8 {
        wake_until_open(&mut bench);
        bench.respond(5, record_of(r#""k""#, "failure"));
    }
    let error = bench.error(waiter);
    assert_eq!(error.code.name(), "PROTOCOL");
    assert!(error.message.contains("another job"), "{}", error.message);
    assert_eq!(error.job.as_ref().unwrap().state.name(), "running");
}

#[test]
fn a12_numeric_other_case_or_missing_id_is_the_same_job() {
    for (asked, named) in [
        ("17", "17"),
        ("17", r#""17""#),
        ("9D1F", r#""9d1f""#),
        ("9d1f", r#""9D1f""#),
        ("j", "null"),
        ("j", r#""""#),
        ("j", "{}"),
    ] {
        let mut bench = Harness::new();
        let waiter = bench.wait(asked, NO_LIMIT);
        bench.respond(5, record_of(named, "success"));
        assert_eq!(bench.final_state(waiter), "success", "{asked} {named}");
    }
}

#[test]
fn a12_single_poll_ignores_another_jobs_record() {
    let (mut bench, _) = following();
    let once = bench.poll_once("j");
    let single = *bench.open.keys().last().unwrap();
    bench.respond_to(single, 5, record_of(r#""k""#, "success"));
    assert_eq!(bench.code(once).name(), "PROTOCOL");
    assert_eq!(
        bench.engine.latest(&id("j")).unwrap().state.name(),
        "running"
    );
}

/// Simulates a firewall that rejects some URLs, in front of a server that holds each long poll for its full
/// time. Returns the URLs.
fn behind_a_firewall(
    bench: &mut Harness,
    span: Millis,
    refuses: impl Fn(&str) -> bool,
    body: &str,
) -> Vec<String> {
    let (end, mut asked) = (bench.now + ms(span), Vec::new());
    while bench.now < end {
        wake_until_open(bench);
        let target = bench.last_target().to_owned();
        if refuses(&target) {
            bench.respond(5, json(403, body));
        } else if target.contains("poll_timeout") {
            bench.respond(30_000, record("running", "one", "s1"));
        } else {
            bench.respond(5, record("running", "one", "s1"));
        }
        asked.push(target);
    }
    asked
}

const PAGES: [&str; 4] = [
    "",
    "<html>Request rejected</html>",
    r#"{"message": "Forbidden"}"#,
    r#"{"error": {"code": 403, "message": "Forbidden"}}"#,
];

#[test]
fn a5_firewall_that_rejects_an_operator_does_not_end_a_wait() {
    let refuses: [(&str, Option<&str>); 5] = [
        ("%3E=", Some("last_modified=%3E%3Ds1")),
        ("=%3E=", Some("last_modified=%3E%3Ds1")),
        ("%3D", Some("last_modified=%3E=s1")),
        ("%3E", None),
        ("poll_timeout", None),
    ];
    for body in PAGES {
        for (part, works) in refuses {
            let (mut bench, waiter) = following();
            let asked = behind_a_firewall(&mut bench, 600_000, |it| it.contains(part), body);
            let refused = asked.iter().filter(|it| it.contains(part)).count();
            assert!(refused <= 3, "{part}: {refused} were rejected");
            wake_until_open(&mut bench);
            let last = bench.last_target();
            match works {
                Some(form) => assert!(last.ends_with(form), "{part}: {last}"),
                None => assert!(!last.contains("poll_timeout"), "{part}: {last}"),
            }
            bench.respond(5, record("success", "", "s2"));
            assert_eq!(bench.final_state(waiter), "success", "{part}");
        }
        // Both forms of `>=`.
        let (mut bench, _) = following();
        let both = |it: &str| it.contains("%3E=") || it.contains("%3E%3D");
        behind_a_firewall(&mut bench, 60_000, both, body);
        assert!(bench.last_target().ends_with("last_modified=%3Es1"));
    }
}

#[test]
fn a5_working_operator_is_remembered_for_the_client() {
    let (mut bench, waiter) = following();
    behind_a_firewall(&mut bench, 60_000, |it| it.contains("%3E="), "");
    bench.abort(waiter);
    bench.wait("k", NO_LIMIT);
    bench.respond(5, record("running", "one", "s7"));
    assert!(bench.last_target().ends_with("last_modified=%3E%3Ds7"));
}

#[test]
fn a5_jobs_rejected_together_try_one_operator_at_a_time() {
    let mut bench = Harness::new();
    let jobs: Vec<_> = (0..20)
        .map(|at| bench.wait(&format!("job-{at}"), NO_LIMIT))
        .collect();
    for response in [record("running", "one", "s1"), json(403, "")] {
        let open: Vec<_> = bench.open.keys().copied().collect();
        for exchange in open {
            bench.respond_now(exchange, response.clone());
        }
    }
    for _ in 0..200 {
        wake_until_open(&mut bench);
        let (exchange, sent) = bench.open.first_key_value().unwrap();
        let is_long = sent.target.as_ref().unwrap().contains("poll_timeout");
        assert!(!sent.target.as_ref().unwrap().contains("%3E="));
        if is_long {
            break;
        }
        bench.respond_now(*exchange, record("running", "one", "s1"));
    }
    assert!(bench.last_target().ends_with("%3E%3Ds1"));
    assert!(jobs.iter().all(|it| bench.is_waiting(*it)));
}

#[test]
fn a5_if_everything_is_rejected_there_are_at_most_three_polls() {
    let token = following().0.engine.token(&id("j"));
    for kind in ["known", "accepted", "resumed"] {
        let mut bench = Harness::new();
        let waiter = match kind {
            "known" => {
                let waiter = bench.wait("j", NO_LIMIT);
                bench.respond(5, record("running", "one", "s1"));
                waiter
            }
            "accepted" => {
                let waiter = bench.call(post(), NO_LIMIT);
                bench.respond(5, accepted("j", "s1"));
                waiter
            }
            _ => {
                bench.resume(&Token::parse(&token, "").unwrap());
                bench.wait("j", NO_LIMIT)
            }
        };
        let before = bench.polls() - 1;
        for _ in 0..3 {
            if bench.is_waiting(waiter) {
                wake_until_open(&mut bench);
                bench.respond(5, json(403, "<html>"));
            }
        }
        assert_eq!(bench.code(waiter).name(), "AUTH", "{kind}");
        assert!(bench.polls() - before <= 3, "{kind}");
    }
}

#[test]
fn a5_resumed_wait_passes_a_firewall() {
    let token = following().0.engine.token(&id("j"));
    let mut bench = Harness::new();
    bench.resume(&Token::parse(&token, "").unwrap());
    let waiter = bench.wait("j", NO_LIMIT);
    behind_a_firewall(&mut bench, 60_000, |it| it.contains("%3E="), "<html>");
    assert!(bench.last_target().ends_with("%3E%3Ds1"));
    assert!(bench.is_waiting(waiter));
}

#[test]
fn a5_operator_that_worked_gets_a_second_chance() {
    let (mut bench, _) = following();
    bench.respond(30_000, record("running", "one", "s1"));
    for form in ["%3E=s1", "%3E%3Ds1"] {
        bench.respond(5, json(403, ""));
        wake_until_open(&mut bench);
        bench.respond(5, record("running", "one", "s1"));
        assert!(
            bench.last_target().ends_with(form),
            "{}",
            bench.last_target()
        );
    }
}

/// Simulates a cache that compares only URLs and never expires, in front of a server whose job has these
/// records for these times.
fn behind_a_cache(bench: &mut Harness, span: Millis, states: &[(Millis, Response, &str)]) {
    let start = bench.now;
    let mut kept: BTreeMap<String, Response> = BTreeMap::new();
    while bench.now.since(start) < ms(span)
        && !bench.open.is_empty() | bench.engine.next_timeout().is_some()
    {
        if bench.open.is_empty() {
            bench.wake();
            continue;
        }
        let target = bench.last_target().to_owned();
        if let Some(response) = kept.get(&target) {
            bench.respond(1, response.clone());
            continue;
        }
        let at = |now: Time| {
            let gone = Millis::try_from(now.since(start).as_millis()).unwrap();
            states
                .iter()
                .rev()
                .find(|(from, ..)| *from <= gone)
                .unwrap()
        };
        let held = target.split("poll_timeout=").nth(1).map_or(0, |it| {
            it.split('&').next().unwrap().parse::<Millis>().unwrap() * 1_000
        });
        let mut waits = 5;
        while waits < held && target.ends_with(&format!("={}", at(bench.now + ms(waits)).2)) {
            waits += 5;
        }
        let response = at(bench.now + ms(waits)).1.clone();
        kept.insert(target, response.clone());
        bench.respond(waits, response);
    }
}

#[test]
fn a7_url_cache_does_not_hide_the_jobs_end() {
    let without_cursor =
        |state: &str| json(200, &format!(r#"{{"record": {{"state": "{state}"}}}}"#));
    for lasts in [2_000, 40_000, 100_000, 3_600_000, 36_000_000] {
        for half in [500, lasts / 2] {
            let with_cursors = [
                (0, record("queued", "", "s1"), "s1"),
                (half, record("running", "one", "s2"), "s2"),
                (lasts, record("success", "", "s3"), "s3"),
            ];
            let without_cursors = [
                (0, without_cursor("queued"), "-"),
                (half, without_cursor("running"), "-"),
                (lasts, without_cursor("success"), "-"),
            ];
            for states in [with_cursors, without_cursors] {
                let mut bench = Harness::new();
                let waiter = bench.wait("j", NO_LIMIT);
                behind_a_cache(&mut bench, lasts + 60_000, &states);
                assert_eq!(bench.final_state(waiter), "success", "{lasts} {half}");
            }
        }
    }
}

#[test]
fn a7_last_polls_and_single_polls_bypass_a_cache() {
    let (mut bench, _) = following();
    let mut targets = BTreeSet::new();
    for _ in 0..40 {
        bench.poll_once("j");
        let (single, sent) = bench.open.last_key_value().unwrap();
        assert!(targets.insert(sent.target.clone()));
        let single = *single;
        bench.respond_to(single, 5, record("running", "one", "s1"));
    }
}

#[test]
fn a7_first_polls_follow_the_sample_and_later_ones_are_equivalent() {
    let (mut bench, _) = following();
    for turn in 0..50 {
        wake_until_open(&mut bench);
        let target = bench.last_target().to_owned();
        if turn < 2 {
            assert!(
                target.contains("?fields=state,message,last_modified&"),
                "{target}"
            );
        }
        let decoded = percent_encoding::percent_decode_str(&target)
            .decode_utf8()
            .unwrap();
        assert_eq!(
            decoded,
            "/jobs/j?fields=state,message,last_modified&poll_timeout=30&last_modified=>=s1"
        );
        bench.respond(1, record("running", "one", "s1"));
    }
    let different: BTreeSet<_> = bench.sent.iter().map(|it| it.target.clone()).collect();
    assert!(different.len() > 40);
}
