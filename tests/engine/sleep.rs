//! The machine sleeps, so a timer fires far too late. The engine polls once more before it reports a timeout.

use ontap_select_deploy::engine::{
    CallGoal, CallSpec, Input, Outcome, TransportErrorKind, WaiterId,
};

use crate::harness::{Harness, Millis, NO_LIMIT, accepted, json, ms, post, record, secs};

const HOUR: Millis = 3_600_000;

/// Lets time pass without timers, then fires those that are due.
fn sleep(bench: &mut Harness, span: Millis) {
    bench.now = bench.now + ms(span);
    bench.handle(Input::Timeout);
}

/// An open long poll with a waiter that has a minute.
fn waiting_a_minute() -> (Harness, WaiterId) {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", 60_000);
    bench.respond(5, record("running", "one", "s1"));
    (bench, waiter)
}

#[test]
fn job_that_ended_during_a_sleep_settles_with_its_state() {
    let (mut bench, waiter) = waiting_a_minute();
    sleep(&mut bench, HOUR);
    assert!(bench.is_waiting(waiter));
    assert_eq!(bench.open.len(), 1);
    assert!(
        !bench.last_target().contains("poll_timeout"),
        "a standard poll, not a long poll"
    );
    bench.respond(20, record("success", "", "s2"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn overdue_wait_times_out_after_one_poll() {
    let (mut bench, waiter) = waiting_a_minute();
    let patient = bench.wait("j", NO_LIMIT);
    sleep(&mut bench, HOUR);
    bench.respond(20, record("running", "two", "s2"));
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
    let message = &bench.error(waiter).job.as_ref().unwrap().message;
    assert_eq!(message.as_deref(), Some("two"));
    assert!(bench.is_waiting(patient));
    assert!(bench.last_target().contains("poll_timeout=30&"));
    assert_eq!(bench.open.len(), 1);
}

#[test]
fn last_poll_after_a_sleep_has_a_time_limit() {
    let (mut bench, waiter) = waiting_a_minute();
    sleep(&mut bench, HOUR);
    bench.fail(5, TransportErrorKind::Network);
    assert!(bench.is_waiting(waiter), "a failed poll does not count");
    bench.wake();
    bench.respond(5, record("success", "", "s2"));
    assert_eq!(bench.final_state(waiter), "success");

    let (mut bench, waiter) = waiting_a_minute();
    sleep(&mut bench, HOUR);
    bench.pass(9_999);
    assert!(bench.is_waiting(waiter));
    bench.pass(1);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
    assert!(bench.open.is_empty());
}

#[test]
fn deadline_in_a_pause_gets_its_last_poll() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", 60_000);
    let response = json(200, r#"{"record": {"state": "running"}}"#);
    bench.respond(5, response);
    assert!(bench.open.is_empty());
    sleep(&mut bench, HOUR);
    assert_eq!(bench.open.len(), 1);
    bench.respond(20, record("failure", "", "s2"));
    assert_eq!(bench.code(waiter).name(), "JOB_FAILED");
}

#[test]
fn late_timers_extend_a_deadline_once() {
    let (mut bench, waiter) = waiting_a_minute();
    sleep(&mut bench, HOUR);
    assert!(bench.is_waiting(waiter));
    sleep(&mut bench, HOUR);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
}

#[test]
fn slightly_late_timer_is_not_a_sleep() {
    let (mut bench, waiter) = waiting_a_minute();
    // The poll times out on time; the deadline is 0.999 s late.
    bench.pass(50_000);
    sleep(&mut bench, 9_995 + 999);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
}

#[test]
fn polls_are_sent_again_after_a_sleep() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let before = bench.first_open();
    sleep(&mut bench, HOUR);
    assert_eq!(bench.open.len(), 1);
    assert_ne!(bench.first_open(), before);
    assert!(bench.last_target().contains("poll_timeout=30&"));
    assert_eq!(bench.engine.stats().retries, 0);
    assert!(bench.is_waiting(waiter));
}

#[test]
fn dead_connection_after_a_sleep_does_not_count() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.now = bench.now + ms(HOUR);
    bench.fail_now(bench.first_open(), TransportErrorKind::Network);
    assert_eq!(bench.open.len(), 1);
    assert!(bench.last_target().contains("poll_timeout=30&"));
    assert_eq!(bench.engine.stats().retries, 0);
    bench.fail(1, TransportErrorKind::Network);
    assert_eq!(bench.engine.stats().retries, 1);
}

#[test]
fn failures_before_a_sleep_do_not_count() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    for _ in 0..7 {
        bench.fail(0, TransportErrorKind::Network);
        if bench.engine.stats().retries < 7 {
            bench.wake();
        }
    }
    sleep(&mut bench, HOUR);
    for _ in 0..7 {
        bench.fail(0, TransportErrorKind::Network);
        assert!(bench.is_waiting(waiter));
        bench.wake();
    }
    bench.fail(0, TransportErrorKind::Network);
    assert_eq!(bench.code(waiter).name(), "TRANSPORT");
}

#[test]
fn no_failure_counts_while_offline() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.handle(Input::Offline);
    for _ in 0..20 {
        bench.fail(0, TransportErrorKind::Network);
        assert!(bench.open.is_empty());
        assert_eq!(bench.wake(), 15_000, "it tries from time to time");
    }
    bench.fail(0, TransportErrorKind::Network);
    bench.handle(Input::Resumed);
    assert_eq!(bench.open.len(), 1);
    assert!(bench.last_target().contains("poll_timeout=30&"));
    bench.respond(5, record("success", "", "s2"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn flapping_network_causes_no_storm() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let polls = bench.polls();
    for _ in 0..100 {
        bench.pass(10);
        bench.handle(Input::Offline);
        bench.handle(Input::Resumed);
    }
    assert!(bench.polls() - polls <= 2);
}

#[test]
fn resumed_page_polls_at_once() {
    let mut bench = Harness::new();
    bench.wait("held", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.wait("resting", NO_LIMIT);
    let resting = *bench.open.keys().last().unwrap();
    let mut busy = json(503, "");
    busy.retry_after = Some(secs(60));
    bench.respond_to(resting, 5, busy);
    bench.pass(2_000);
    assert_eq!(bench.open.len(), 1);
    let held = bench.first_open();
    bench.handle(Input::Resumed);
    bench.pass(1_000);
    assert_eq!(bench.open.len(), 2);
    assert!(!bench.open.contains_key(&held));
}

#[test]
fn call_with_a_response_during_a_sleep_polls_its_job_once() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), 60_000);
    sleep(&mut bench, HOUR);
    assert!(bench.is_waiting(waiter));
    bench.respond(10, accepted("j", "s0"));
    assert!(!bench.last_target().contains("poll_timeout"));
    bench.respond(10, record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");

    let mut bench = Harness::new();
    let waiter = bench.call(post(), 60_000);
    sleep(&mut bench, HOUR);
    bench.pass(3_000);
    let error = bench.error(waiter);
    assert!(
        ["TRANSPORT", "WAIT_TIMEOUT"].contains(&error.code.name()),
        "not forever"
    );
}

#[test]
fn single_poll_gets_extra_time_too() {
    let mut bench = Harness::new();
    let once = bench.poll_once_within("j", 5_000);
    sleep(&mut bench, HOUR);
    bench.respond(10, record("running", "", "s1"));
    assert_eq!(bench.final_state(once), "running");
    let once = bench.poll_once_within("j", 5_000);
    sleep(&mut bench, HOUR);
    bench.pass(3_000);
    assert!(!bench.is_waiting(once));
}

#[test]
fn last_poll_awaiting_a_credential_is_sent_once() {
    use ontap_select_deploy::engine::{Auth, Config};
    let mut bench = Harness::with(Config {
        auth: Auth::Asked,
        ..Config::default()
    });
    let waiter = bench.wait("j", 60_000);
    bench.respond(5, json(401, ""));
    sleep(&mut bench, HOUR);
    assert!(bench.open.is_empty());
    bench.handle(Input::CredentialRefreshed { fresh: true });
    assert_eq!(bench.open.len(), 1);
    bench.respond(5, record("success", "", "s"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn two_overdue_waiters_share_one_poll() {
    let (mut bench, first) = waiting_a_minute();
    let second = bench.wait("j", 61_000);
    let polls = bench.polls();
    sleep(&mut bench, HOUR);
    assert_eq!(bench.polls(), polls + 1);
    bench.respond(5, record("running", "", "s9"));
    assert_eq!(bench.code(first).name(), "WAIT_TIMEOUT");
    assert_eq!(bench.code(second).name(), "WAIT_TIMEOUT");
    assert!(bench.open.is_empty());
}

#[test]
fn response_ends_offline_so_failures_count() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.handle(Input::Offline);
    for _ in 0..7 {
        bench.respond(5, json(503, ""));
        bench.wake();
    }
    bench.respond(5, json(503, ""));
    assert_eq!(bench.code(waiter).name(), "HTTP");
}

#[test]
fn offline_ends_with_the_last_waiter() {
    let mut bench = Harness::new();
    let first = bench.wait("j", NO_LIMIT);
    bench.handle(Input::Offline);
    bench.abort(first);
    let second = bench.wait("j", NO_LIMIT);
    for _ in 0..7 {
        bench.fail(5, TransportErrorKind::Network);
        bench.wake();
    }
    bench.fail(5, TransportErrorKind::Network);
    assert_eq!(bench.code(second).name(), "TRANSPORT");
}

#[test]
fn sleep_detected_by_a_response_causes_no_storm() {
    use ontap_select_deploy::engine::CallSpec;
    let mut bench = Harness::new();
    let get = CallSpec {
        method: "GET".into(),
        path: "/x".into(),
        goal: CallGoal::JobEnd,
    };
    bench.call(get, NO_LIMIT);
    bench.respond(5, json(503, ""));
    bench.wait("j", NO_LIMIT);
    bench.respond(0, record("running", "one", "s1"));
    let polls = bench.polls();
    bench.now = bench.now + ms(HOUR);
    // All responses are handled before any timer fires, as in a chain of microtasks.
    for _ in 0..10 {
        if let Some(exchange) = bench.open.keys().next().copied() {
            bench.fail_now(exchange, TransportErrorKind::Network);
        }
    }
    assert!(bench.polls() - polls <= 2, "{}", bench.polls() - polls);
}

#[test]
fn get_waits_for_the_network() {
    let mut bench = Harness::new();
    let waiter = bench.call(
        CallSpec {
            method: "GET".into(),
            ..post()
        },
        NO_LIMIT,
    );
    bench.handle(Input::Offline);
    for _ in 0..30 {
        bench.fail(1, TransportErrorKind::Network);
        bench.wake();
    }
    bench.fail(1, TransportErrorKind::Network);
    bench.pass(1_000);
    assert!(bench.open.is_empty());
    bench.handle(Input::Resumed);
    bench.pass(0);
    bench.respond(5, json(200, "{}"));
    assert!(matches!(bench.outcome(waiter), Outcome::Done { .. }));
}

/// The event loop stalls until this long after the next timer.
fn stall(bench: &mut Harness, late: Millis) {
    let at = bench.engine.next_timeout().expect("a timer is set");
    let span = Millis::try_from(at.since(bench.now).as_millis()).unwrap();
    sleep(bench, span + late);
}

const STALLS: [Millis; 4] = [1_000, 2_500, 4_000, 4_999];

#[test]
fn a20_response_that_arrived_during_a_stall_beats_the_deadline() {
    for late in STALLS {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", 20_000);
        bench.respond(5, record("running", "one", "s1"));
        let long = bench.first_open();
        stall(&mut bench, late);
        assert!(
            bench.open.contains_key(&long),
            "its response may have arrived"
        );
        assert_eq!(bench.polls(), 2, "no more polls");
        bench.respond(1, record("success", "", "s2"));
        assert_eq!(bench.final_state(waiter), "success");
    }
}

#[test]
fn a20_wait_without_a_response_times_out_within_seconds() {
    for late in STALLS {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", 20_000);
        bench.respond(5, record("running", "one", "s1"));
        stall(&mut bench, late);
        bench.pass(3_000);
        assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
        // So does a wait whose response says that the job is running.
        let waiter = bench.wait("j", 20_000);
        bench.respond(5, record("running", "one", "s1"));
        stall(&mut bench, late);
        bench.respond(1, record("running", "two", "s2"));
        assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
        assert!(bench.open.is_empty());
    }
}

#[test]
fn a20_paused_job_is_polled_once() {
    for late in STALLS {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", 1_500);
        bench.respond(5, json(200, r#"{"record": {"state": "running"}}"#));
        let mut busy = json(503, "");
        busy.retry_after = Some(secs(60));
        bench.wake();
        bench.respond(5, busy);
        stall(&mut bench, late);
        assert!(bench.is_waiting(waiter));
        assert!(!bench.last_target().contains("poll_timeout"));
        bench.respond(5, record("success", "", "s2"));
        assert_eq!(bench.final_state(waiter), "success");
    }
}

#[test]
fn a20_call_uses_its_response_that_arrived() {
    for late in STALLS {
        for (method, timeout) in [("POST", NO_LIMIT), ("GET", NO_LIMIT), ("POST", 5_000)] {
            let mut bench = Harness::new();
            let spec = CallSpec {
                method: method.into(),
                ..post()
            };
            let waiter = bench.call(spec.clone(), timeout);
            stall(&mut bench, late);
            assert!(bench.is_waiting(waiter));
            bench.respond(1, json(200, "{}"));
            assert!(matches!(bench.outcome(waiter), Outcome::Done { .. }));
            // Once only.
            let waiter = bench.call(
                CallSpec {
                    method: "POST".into(),
                    ..spec
                },
                timeout,
            );
            stall(&mut bench, late);
            stall(&mut bench, late);
            assert!(!bench.is_waiting(waiter));
        }
    }
}

#[test]
fn a20_polls_use_their_responses_that_arrived() {
    for late in STALLS {
        let mut bench = Harness::new();
        let once = bench.poll_once("j");
        let waiter = bench.wait("j", NO_LIMIT);
        stall(&mut bench, late);
        assert_eq!((bench.open.len(), bench.sent.len()), (2, 2));
        bench.respond(1, record("running", "one", "s1"));
        assert_eq!(bench.final_state(once), "running");
        bench.respond(1, record("running", "one", "s1"));
        stall(&mut bench, late);
        bench.respond(1, record("success", "", "s2"));
        assert_eq!(bench.final_state(waiter), "success");
        assert_eq!(bench.engine.stats().retries, 0);
    }
}
