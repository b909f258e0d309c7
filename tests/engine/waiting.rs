//! Deadlines, aborts, single polls and progress.

use ontap_select_deploy::engine::Outcome;

use crate::harness::{Harness, NO_LIMIT, accepted, id, json, ms, not_known, post, record};

#[test]
fn deadline_is_per_waiter_with_unknown_outcome() {
    let mut bench = Harness::new();
    let hasty = bench.wait("j", 2_000);
    let patient = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.pass(2_000);
    let error = bench.error(hasty);
    assert_eq!(error.code.name(), "WAIT_TIMEOUT");
    assert!(error.message.contains("it may still succeed"));
    assert_eq!(error.job.as_ref().unwrap().state.name(), "running");
    assert!(bench.is_waiting(patient));
    assert_eq!(
        bench.open.len(),
        1,
        "the poll continues for the other waiter"
    );
}

#[test]
fn deadline_includes_the_time_of_the_call() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), 1_000);
    bench.respond(600, accepted("j", "s0"));
    bench.pass(399);
    assert!(bench.is_waiting(waiter));
    bench.pass(1);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
    assert!(bench.open.is_empty());
}

#[test]
fn deadline_before_acceptance_says_so() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), 1_000);
    bench.pass(1_000);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
    assert!(
        bench
            .error(waiter)
            .message
            .contains("may have been accepted")
    );
    assert!(bench.open.is_empty(), "the request is aborted");
}

#[test]
fn terminal_state_beats_deadline() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", 1_000);
    // Both are due at the same time; the response came first.
    bench.now = bench.now + ms(1_000);
    bench.respond_now(bench.first_open(), record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn waits_without_a_timeout_set_no_deadline_timer() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let timers = bench.engine.usage().timers;
    assert_eq!(timers, 1, "only the timeout of the poll");
}

#[test]
fn wait_longer_than_31_bits_of_milliseconds() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", 5_000_000_000);
    let mut message = 0;
    while bench.now.as_millis() < 4_999_000_000 {
        message += 1;
        bench.respond(
            0,
            record("running", &message.to_string(), &format!("s{message}")),
        );
        bench.now = bench.now + ms(29_000_000);
        bench.respond_now(bench.first_open(), json(204, ""));
    }
    assert!(bench.is_waiting(waiter));
    bench.pass(10_000_000);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
}

#[test]
fn abort_ends_only_its_own_wait() {
    let mut bench = Harness::new();
    let first = bench.wait("j", NO_LIMIT);
    let second = bench.wait("j", NO_LIMIT);
    bench.abort(first);
    assert!(matches!(bench.outcome(first), Outcome::Aborted));
    assert_eq!(bench.open.len(), 1);
    bench.abort(second);
    assert!(bench.open.is_empty(), "the last waiter ends the poll");
    bench.abort(first);
    assert_eq!(
        bench.settled.len(),
        2,
        "an abort after the end does nothing"
    );
}

#[test]
fn abort_ends_a_pause_and_a_call_too() {
    let mut bench = Harness::new();
    let resting = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(503, ""));
    bench.abort(resting);
    assert_eq!(bench.engine.next_timeout(), None);
    let calling = bench.call(post(), NO_LIMIT);
    bench.abort(calling);
    assert!(bench.open.is_empty());
    assert_eq!(bench.engine.next_timeout(), None);
}

#[test]
fn progress_is_the_latest_then_each_change() {
    let mut bench = Harness::new();
    let first = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let second = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s2"));
    bench.respond(5, record("running", "one", "s2"));
    bench.respond(5, record("success", "", "s3"));
    let heard = |waiter| -> Vec<&str> {
        bench
            .progress
            .iter()
            .filter(|it| it.0 == waiter)
            .map(|it| it.1.as_str())
            .collect()
    };
    assert_eq!(heard(first), ["running", "running", "success"]);
    assert_eq!(heard(second), ["running", "running", "success"]);
}

#[test]
fn single_poll_is_separate_and_not_retried() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let shared = bench.first_open();
    let once = bench.poll_once("j");
    assert_eq!(bench.open.len(), 2);
    // One letter is escaped, because this is the second standard poll.
    assert_eq!(
        bench.last_target(),
        "/jobs/j?fields=%73tate,message,last_modified"
    );
    let single = *bench.open.keys().last().unwrap();
    bench.respond_to(single, 5, json(503, ""));
    assert_eq!(bench.code(once).name(), "HTTP");
    assert!(bench.open.contains_key(&shared));
}

#[test]
fn single_poll_updates_all_and_may_end_the_job() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let once = bench.poll_once("j");
    let single = *bench.open.keys().last().unwrap();
    bench.respond_to(single, 5, record("success", "", "s2"));
    assert_eq!(bench.final_state(once), "success");
    assert_eq!(bench.final_state(waiter), "success");
    assert!(bench.open.is_empty(), "the shared poll is cancelled");
}

#[test]
fn slow_single_poll_does_not_overwrite_newer_state() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let shared = bench.first_open();
    let once = bench.poll_once("j");
    let single = *bench.open.keys().last().unwrap();
    bench.respond_to(shared, 5, record("running", "two", "s2"));
    bench.respond_to(single, 5, record("running", "one", "s1"));
    assert_eq!(bench.final_state(once), "running");
    assert_eq!(
        bench.engine.latest(&id("j")).unwrap().message.as_deref(),
        Some("two")
    );
}

#[test]
fn single_poll_of_a_gone_job() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let once = bench.poll_once("j");
    let single = *bench.open.keys().last().unwrap();
    bench.respond_to(single, 5, not_known(404));
    assert_eq!(bench.code(once).name(), "JOB_GONE");
}
