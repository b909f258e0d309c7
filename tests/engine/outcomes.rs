//! How a wait ends.

use ontap_select_deploy::engine::Outcome;

use crate::harness::{Harness, NO_LIMIT, accepted, json, ms, not_known, post, record};

#[test]
fn success_resolves_and_failure_rejects() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("success", "done", "s1"));
    assert_eq!(bench.final_state(waiter), "success");

    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("failure", "no license", "s1"));
    let error = bench.error(waiter);
    assert_eq!(
        (error.code.name(), error.message.as_str()),
        ("JOB_FAILED", "no license")
    );
    assert_eq!(error.job.as_ref().unwrap().state.name(), "failure");
}

#[test]
fn failure_without_message_still_rejects() {
    for member in [
        r#", "message": """#,
        "",
        r#", "message": null"#,
        r#", "message": "  ""#,
    ] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        bench.respond(
            5,
            json(
                200,
                &format!(r#"{{"record": {{"state": "failure"{member}}}}}"#),
            ),
        );
        assert_eq!(bench.code(waiter).name(), "JOB_FAILED", "{member}");
        assert!(bench.error(waiter).message.contains("gave no message"));
    }
}

#[test]
fn failure_with_code_0_does_not_loop() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(
        5,
        json(
            200,
            r#"{"record": {"state": "failure", "code": 0, "error": null}}"#,
        ),
    );
    assert_eq!(bench.code(waiter).name(), "JOB_FAILED");
}

#[test]
fn u6_states_ignore_case() {
    for (spelled, read) in [("SUCCESS", "success"), ("Success", "success")] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        bench.respond(5, record(spelled, "", "s1"));
        assert_eq!(bench.final_state(waiter), read);
    }
}

#[test]
fn u6_failure_states_reject() {
    for state in [
        "cancelled",
        "Canceled",
        "EXPIRED",
        "error",
        "FAILURE",
        "failed",
        "Aborted",
    ] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        bench.respond(5, record(state, "", "s1"));
        assert_eq!(bench.code(waiter).name(), "JOB_FAILED", "{state}");
    }
}

#[test]
fn u6_unknown_state_is_reported_and_does_not_end_the_wait() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("paused", "", "s1"));
    assert!(bench.is_waiting(waiter));
    assert_eq!(bench.progress, [(waiter, "paused".to_owned())]);
}

#[test]
fn intermediate_states_may_be_skipped() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s0"));
    bench.respond(5, record("success", "", "s0"));
    assert_eq!(
        bench.final_state(waiter),
        "success",
        "even with the same cursor"
    );
    assert_eq!(
        bench.progress,
        [
            (waiter, "queued".to_owned()),
            (waiter, "success".to_owned())
        ]
    );
}

#[test]
fn outcome_is_kept_while_there_is_a_handle() {
    let mut bench = Harness::new();
    bench.attach("j");
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("failure", "no", "s1"));
    let polls = bench.polls();
    let again = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.code(again).name(), "JOB_FAILED");
    assert_eq!(bench.polls(), polls, "no more polls");
    bench.close();
    let closed = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.code(closed).name(), "JOB_FAILED");
}

#[test]
fn single_poll_after_the_end_has_no_effect() {
    let mut bench = Harness::new();
    bench.attach("j");
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("failure", "no", "s1"));
    let once = bench.poll_once("j");
    bench.respond(5, record("failure", "no, and this is why", "s2"));
    assert_eq!(
        bench.final_state(once),
        "failure",
        "it resolves and does not reject"
    );
    let purged = bench.poll_once("j");
    bench.respond(5, not_known(404));
    assert_eq!(bench.code(purged).name(), "JOB_GONE");
    let again = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.error(again).message, "no");
}

#[test]
fn reused_id_starts_a_new_job() {
    let mut bench = Harness::new();
    bench.attach("1");
    bench.wait("1", NO_LIMIT);
    bench.respond(5, record("success", "", "s1"));
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("1", "s9"));
    assert!(bench.last_target().ends_with("%3E=s9"));
    bench.respond(5, record("failure", "the second one", "s10"));
    assert_eq!(bench.error(waiter).message, "the second one");
}

#[test]
fn u7_404_after_seen_is_gone() {
    for status in [404, 410] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        bench.respond(5, record("running", "one", "s1"));
        let start = bench.now;
        for _ in 0..2 {
            bench.respond(0, not_known(status));
            assert!(bench.is_waiting(waiter), "it is polled again");
            bench.wake();
        }
        assert_eq!(bench.now.since(start), ms(3_000));
        bench.respond(0, not_known(status));
        let error = bench.error(waiter);
        assert_eq!(
            (error.code.name(), error.status),
            ("JOB_GONE", Some(status))
        );
        assert_eq!(error.job.as_ref().unwrap().message.as_deref(), Some("one"));
    }
}

#[test]
fn u7_404_on_first_poll_is_retried_three_times() {
    for named in [true, false] {
        let mut bench = Harness::new();
        let waiter = if named {
            let waiter = bench.call(post(), NO_LIMIT);
            bench.respond(0, accepted("j", "s0"));
            waiter
        } else {
            bench.wait("j", NO_LIMIT)
        };
        let start = bench.now;
        for _ in 0..3 {
            bench.respond(0, json(404, ""));
            assert!(bench.is_waiting(waiter));
            bench.wake();
        }
        assert_eq!(bench.now.since(start), ms(3_000));
        bench.respond(0, json(404, ""));
        let expected = if named { "JOB_GONE" } else { "HTTP" };
        assert_eq!(bench.code(waiter).name(), expected);
    }
}

#[test]
fn u7_slow_job_store_is_not_an_error() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s0"));
    bench.respond(5, json(404, ""));
    bench.wake();
    bench.respond(5, record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn late_response_after_the_end_is_ignored() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    let exchange = bench.first_open();
    bench.respond(5, record("success", "", "s1"));
    bench.handle(ontap_select_deploy::engine::Input::ResponseReceived {
        exchange,
        response: record("failure", "", "s2"),
    });
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn twenty_waiters_share_one_poll() {
    let mut bench = Harness::new();
    let waiters: Vec<_> = (0..20).map(|_| bench.wait("j", NO_LIMIT)).collect();
    assert_eq!(bench.polls(), 1);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(5, record("success", "", "s2"));
    assert_eq!(bench.polls(), 2);
    for waiter in waiters {
        assert!(matches!(bench.outcome(waiter), Outcome::Job(_)));
    }
}

#[test]
fn failed_poll_leaves_the_outcome_open_and_the_wait_resumable() {
    let mut bench = Harness::new();
    bench.attach("j");
    let first = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(403, ""));
    assert_eq!(bench.code(first).name(), "AUTH");
    let second = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("success", "", "s1"));
    assert_eq!(bench.final_state(second), "success");
}
