//! Deadlines, aborts, single polls, and who is told of what.

use ontap_select_deploy::engine::Outcome;

use crate::harness::{Bench, NO_LIMIT, accepted, id, json, ms, post, record};

#[test]
fn a_deadline_is_per_waiter_and_says_that_the_outcome_is_unknown() {
    let mut bench = Bench::new();
    let hasty = bench.wait("j", 2_000);
    let patient = bench.wait("j", NO_LIMIT);
    bench.response(5, record("running", "one", "s1"));
    bench.pass(2_000);
    let error = bench.error(hasty);
    assert_eq!(error.code.name(), "WAIT_TIMEOUT");
    assert!(error.message.contains("unknown, not failed"));
    assert_eq!(error.job.as_ref().unwrap().state.name(), "running");
    assert!(bench.is_waiting(patient));
    assert_eq!(bench.open.len(), 1, "the poll goes on for the other");
}

#[test]
fn a_deadline_includes_the_time_of_the_call_itself() {
    let mut bench = Bench::new();
    let waiter = bench.call(post(), 1_000);
    bench.response(600, accepted("j", "s0"));
    bench.pass(399);
    assert!(bench.is_waiting(waiter));
    bench.pass(1);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
    assert!(bench.open.is_empty());
}

#[test]
fn a_deadline_before_the_first_answer_says_that_not_even_acceptance_is_known() {
    let mut bench = Bench::new();
    let waiter = bench.call(post(), 1_000);
    bench.pass(1_000);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
    assert!(
        bench
            .error(waiter)
            .message
            .contains("whether it was accepted is not known")
    );
    assert!(bench.open.is_empty(), "the request is aborted");
}

#[test]
fn a_terminal_state_that_is_here_wins_over_a_deadline_that_is_due() {
    let mut bench = Bench::new();
    let waiter = bench.wait("j", 1_000);
    // Both are due at once: the answer was delivered first.
    bench.now = bench.now + ms(1_000);
    bench.answer_now(bench.first_open(), record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn endless_waits_set_no_timer_for_a_deadline() {
    let mut bench = Bench::new();
    bench.wait("j", NO_LIMIT);
    bench.response(5, record("running", "one", "s1"));
    let timers = bench.engine.usage().timers;
    assert_eq!(timers, 1, "the watchdog of the poll alone");
}

#[test]
fn waits_longer_than_31_bits_of_milliseconds_work() {
    let mut bench = Bench::new();
    let waiter = bench.wait("j", 5_000_000_000);
    let mut message = 0;
    while bench.now.as_millis() < 4_999_000_000 {
        message += 1;
        bench.response(
            0,
            record("running", &message.to_string(), &format!("s{message}")),
        );
        bench.now = bench.now + ms(29_000_000);
        bench.answer_now(bench.first_open(), json(204, ""));
    }
    assert!(bench.is_waiting(waiter));
    bench.pass(10_000_000);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
}

#[test]
fn an_abort_ends_this_waiting_only() {
    let mut bench = Bench::new();
    let first = bench.wait("j", NO_LIMIT);
    let second = bench.wait("j", NO_LIMIT);
    bench.abort(first);
    assert!(matches!(bench.outcome(first), Outcome::Aborted));
    assert_eq!(bench.open.len(), 1);
    bench.abort(second);
    assert!(bench.open.is_empty(), "the last one out ends the poll");
    bench.abort(first);
    assert_eq!(
        bench.settled.len(),
        2,
        "an abort after the end does nothing"
    );
}

#[test]
fn an_abort_ends_a_pause_and_a_call_too() {
    let mut bench = Bench::new();
    let resting = bench.wait("j", NO_LIMIT);
    bench.response(5, json(503, ""));
    bench.abort(resting);
    assert_eq!(bench.engine.next_timeout(), None);
    let calling = bench.call(post(), NO_LIMIT);
    bench.abort(calling);
    assert!(bench.open.is_empty());
    assert_eq!(bench.engine.next_timeout(), None);
}

#[test]
fn a_waiter_hears_what_is_known_then_each_change_the_last_one_included() {
    let mut bench = Bench::new();
    let first = bench.wait("j", NO_LIMIT);
    bench.response(5, record("running", "one", "s1"));
    let second = bench.wait("j", NO_LIMIT);
    bench.response(5, record("running", "one", "s2"));
    bench.response(5, record("running", "one", "s2"));
    bench.response(5, record("success", "", "s3"));
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
fn a_single_poll_goes_beside_the_shared_one_and_is_not_retried() {
    let mut bench = Bench::new();
    bench.wait("j", NO_LIMIT);
    bench.response(5, record("running", "one", "s1"));
    let shared = bench.first_open();
    let once = bench.poll_once("j");
    assert_eq!(bench.open.len(), 2);
    assert_eq!(
        bench.last_target(),
        "/jobs/j?fields=state,message,last_modified"
    );
    let single = *bench.open.keys().last().unwrap();
    bench.answer_to(single, 5, json(503, ""));
    assert_eq!(bench.code(once).name(), "HTTP");
    assert!(bench.open.contains_key(&shared));
}

#[test]
fn what_a_single_poll_sees_is_told_to_all_and_may_end_the_job() {
    let mut bench = Bench::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.response(5, record("running", "one", "s1"));
    let once = bench.poll_once("j");
    let single = *bench.open.keys().last().unwrap();
    bench.answer_to(single, 5, record("success", "", "s2"));
    assert_eq!(bench.final_state(once), "success");
    assert_eq!(bench.final_state(waiter), "success");
    assert!(bench.open.is_empty(), "the shared poll is ended");
}

#[test]
fn a_slow_single_poll_does_not_overwrite_what_is_newer() {
    let mut bench = Bench::new();
    bench.wait("j", NO_LIMIT);
    bench.response(5, record("running", "one", "s1"));
    let shared = bench.first_open();
    let once = bench.poll_once("j");
    let single = *bench.open.keys().last().unwrap();
    bench.answer_to(shared, 5, record("running", "two", "s2"));
    bench.answer_to(single, 5, record("running", "one", "s1"));
    assert_eq!(bench.final_state(once), "running");
    assert_eq!(
        bench.engine.latest(&id("j")).unwrap().message.as_deref(),
        Some("two")
    );
}

#[test]
fn a_single_poll_of_a_seen_job_that_is_gone_says_so() {
    let mut bench = Bench::new();
    bench.wait("j", NO_LIMIT);
    bench.response(5, record("running", "one", "s1"));
    let once = bench.poll_once("j");
    let single = *bench.open.keys().last().unwrap();
    bench.answer_to(single, 5, json(404, ""));
    assert_eq!(bench.code(once).name(), "JOB_GONE");
}
