//! The machine sleeps: a timer fires far too late. One look comes before any deadline is declared.

use ontap_select_deploy::core::{Event, Millis, SendFailure, SendFailureKind};

use crate::bench::{Bench, accepted, json, post, record};

const NO_LIMIT: Millis = Millis::MAX;
const HOUR: Millis = 3_600_000;

/// Lets time pass with nothing firing, then fires what is due.
fn sleep(bench: &mut Bench, span: Millis) {
    bench.now = bench.now.after(span);
    bench.handle(Event::Timer);
}

/// A long poll is open, whose waiter has a minute.
fn waiting_a_minute() -> (Bench, u32) {
    let mut bench = Bench::new();
    let waiter = bench.wait("j", 60_000);
    bench.answer(5, record("running", "one", "s1"));
    (bench, waiter)
}

fn break_first(bench: &mut Bench, kind: SendFailureKind) {
    let exchange = bench.first_open();
    bench.open.remove(&exchange);
    let failure = SendFailure { kind, cause: None };
    bench.handle(Event::Unanswered { exchange, failure });
}

#[test]
fn a_job_that_ended_while_we_slept_settles_as_it_ended() {
    let (mut bench, waiter) = waiting_a_minute();
    sleep(&mut bench, HOUR);
    assert!(bench.is_waiting(waiter));
    assert_eq!(bench.open.len(), 1);
    assert!(
        !bench.last_target().contains("poll_timeout"),
        "a look, not a long poll"
    );
    bench.answer(20, record("success", "", "s2"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn a_job_that_still_runs_after_the_look_is_a_time_out_at_once() {
    let (mut bench, waiter) = waiting_a_minute();
    let patient = bench.wait("j", NO_LIMIT);
    sleep(&mut bench, HOUR);
    bench.answer(20, record("running", "two", "s2"));
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
    let message = &bench.trouble(waiter).job.as_ref().unwrap().message;
    assert_eq!(message.as_deref(), Some("two"));
    assert!(bench.is_waiting(patient));
    assert!(bench.last_target().contains("poll_timeout=30&"));
    assert_eq!(bench.open.len(), 1);
}

#[test]
fn the_look_may_fail_while_the_network_comes_back_but_not_for_ever() {
    let (mut bench, waiter) = waiting_a_minute();
    sleep(&mut bench, HOUR);
    bench.break_off(5, SendFailureKind::Network);
    assert!(bench.is_waiting(waiter), "a failed look is none");
    bench.wake();
    bench.answer(5, record("success", "", "s2"));
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
fn a_deadline_that_passes_in_a_pause_gets_its_look_too() {
    let mut bench = Bench::new();
    let waiter = bench.wait("j", 60_000);
    let answer = json(200, r#"{"record": {"state": "running"}}"#);
    bench.answer(5, answer);
    assert!(bench.open.is_empty());
    sleep(&mut bench, HOUR);
    assert_eq!(bench.open.len(), 1);
    bench.answer(20, record("failure", "", "s2"));
    assert_eq!(bench.code(waiter).name(), "JOB_FAILED");
}

#[test]
fn timers_that_always_come_late_put_a_deadline_off_once_only() {
    let (mut bench, waiter) = waiting_a_minute();
    sleep(&mut bench, HOUR);
    assert!(bench.is_waiting(waiter));
    sleep(&mut bench, HOUR);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
}

#[test]
fn a_timer_that_is_a_little_late_is_no_sleep() {
    let (mut bench, waiter) = waiting_a_minute();
    // The poll is cut at its time; the deadline is 4.999 s late.
    bench.pass(50_000);
    sleep(&mut bench, 9_995 + 4_999);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
}

#[test]
fn a_late_watchdog_neither_shrinks_nor_counts_and_first_lets_in_what_came() {
    let mut bench = Bench::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.answer(5, record("running", "one", "s1"));
    sleep(&mut bench, HOUR);
    assert_eq!(bench.open.len(), 1, "not cut yet: the answer may be here");
    let exchange = bench.first_open();
    bench.pass(2_999);
    assert!(bench.open.contains_key(&exchange));
    bench.pass(1);
    assert!(!bench.open.contains_key(&exchange));
    assert_eq!(bench.open.len(), 1, "polled again at once");
    assert!(bench.last_target().contains("poll_timeout=30&"));
    assert_eq!(bench.engine.stats().retries, 0);
    assert!(bench.is_waiting(waiter));
}

#[test]
fn a_line_that_died_in_the_sleep_neither_shrinks_nor_counts_but_then_counts_again() {
    let mut bench = Bench::new();
    bench.wait("j", NO_LIMIT);
    bench.answer(5, record("running", "one", "s1"));
    sleep(&mut bench, HOUR);
    break_first(&mut bench, SendFailureKind::Network);
    assert!(bench.last_target().contains("poll_timeout=30&"));
    assert_eq!(bench.engine.stats().retries, 0);
    bench.break_off(1, SendFailureKind::Network);
    assert_eq!(bench.engine.stats().retries, 1);
}

#[test]
fn a_request_sent_after_the_wake_is_not_excused() {
    let mut bench = Bench::new();
    bench.wait("a", NO_LIMIT);
    bench.answer(5, record("running", "one", "s1"));
    // The answer is heard before the late timer fires, and another poll goes out.
    bench.now = bench.now.after(HOUR);
    let exchange = bench.first_open();
    bench.wait("b", NO_LIMIT);
    bench.handle(Event::Timer);
    let younger = *bench.open.keys().last().unwrap();
    assert_ne!(exchange, younger);
    bench.open.remove(&younger);
    bench.handle(Event::Unanswered {
        exchange: younger,
        failure: SendFailure {
            kind: SendFailureKind::Network,
            cause: None,
        },
    });
    assert_eq!(bench.engine.stats().retries, 1);
}

#[test]
fn a_call_whose_answer_came_in_the_sleep_goes_on_to_one_look_at_its_job() {
    let mut bench = Bench::new();
    let waiter = bench.call(post(), 60_000);
    sleep(&mut bench, HOUR);
    assert!(bench.is_waiting(waiter));
    bench.answer(10, accepted("j", "s0"));
    assert!(!bench.last_target().contains("poll_timeout"));
    bench.answer(10, record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");

    let mut bench = Bench::new();
    let waiter = bench.call(post(), 60_000);
    sleep(&mut bench, HOUR);
    bench.pass(3_000);
    let trouble = bench.trouble(waiter);
    assert!(
        ["TRANSPORT", "WAIT_TIMEOUT"].contains(&trouble.code.name()),
        "not without an end"
    );
}

#[test]
fn a_single_poll_gets_its_grace_too() {
    let mut bench = Bench::new();
    let once = bench.poll_once_within("j", 5_000);
    sleep(&mut bench, HOUR);
    bench.answer(10, record("running", "", "s1"));
    assert_eq!(bench.final_state(once), "running");
    let once = bench.poll_once_within("j", 5_000);
    sleep(&mut bench, HOUR);
    bench.pass(3_000);
    assert!(!bench.is_waiting(once));
}

#[test]
fn a_look_that_waits_for_a_credential_is_not_sent_twice() {
    use ontap_select_deploy::core::{Auth, Config};
    let mut bench = Bench::with(Config {
        auth: Auth::Asked,
        ..Config::default()
    });
    let waiter = bench.wait("j", 60_000);
    bench.answer(5, json(401, ""));
    sleep(&mut bench, HOUR);
    assert!(bench.open.is_empty());
    bench.handle(Event::Credential { fresh: true });
    assert_eq!(bench.open.len(), 1);
    bench.answer(5, record("success", "", "s"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn two_whose_time_passed_in_one_sleep_share_one_look() {
    let (mut bench, first) = waiting_a_minute();
    let second = bench.wait("j", 61_000);
    let polls = bench.polls();
    sleep(&mut bench, HOUR);
    assert_eq!(bench.polls(), polls + 1);
    bench.answer(5, record("running", "", "s9"));
    assert_eq!(bench.code(first).name(), "WAIT_TIMEOUT");
    assert_eq!(bench.code(second).name(), "WAIT_TIMEOUT");
    assert!(bench.open.is_empty());
}
