//! Boundaries: one millisecond or one poll makes the difference.

use std::rc::Rc;

use ontap_select_deploy::engine::{
    CallGoal, CallSpec, Config, Engine, Input, Json, Kind, Outcome, Output, PollTimeout, Response,
    RetryPolicy, Time, TransportError, TransportErrorKind, WaitOptions, body_text,
};

use crate::harness::{
    Harness, NO_LIMIT, accepted, count, id, json, ms, not_known, post, record, secs,
};

#[test]
fn response_after_five_seconds_is_not_early() {
    for (after, open) in [(4_999, 0), (5_000, 1)] {
        let mut bench = Harness::new();
        bench.wait("j", NO_LIMIT);
        bench.respond(5, record("running", "", "s1"));
        bench.respond(after, record("running", "", "s1"));
        bench.respond(after, record("running", "", "s1"));
        assert_eq!(bench.open.len(), open, "after {after} ms");
    }
}

#[test]
fn short_long_poll_is_early_in_its_first_half() {
    for (after, open) in [(999, 0), (1_000, 1)] {
        let mut bench = Harness::with(Config {
            poll_timeout: PollTimeout::from_secs(2).unwrap(),
            ..Config::default()
        });
        bench.wait("j", NO_LIMIT);
        bench.respond(5, record("running", "", "s1"));
        bench.respond(after, record("running", "", "s1"));
        bench.respond(after, record("running", "", "s1"));
        assert_eq!(bench.open.len(), open, "after {after} ms");
    }
}

#[test]
fn poll_timeout_grows_after_eight_held_polls() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "", "s1"));
    bench.respond(20_000, json(504, ""));
    for _ in 0..7 {
        bench.respond(15_000, record("running", "", "s1"));
        assert!(bench.last_target().contains("poll_timeout=15&"));
    }
    bench.respond(15_000, record("running", "", "s1"));
    assert!(bench.last_target().contains("poll_timeout=18&"));
}

#[test]
fn pause_as_long_as_the_time_left_is_shortened() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", 60_000);
    let mut busy = json(503, "");
    busy.retry_after = Some(secs(60));
    bench.respond(0, busy);
    assert_eq!(bench.wake(), 59_000);
    bench.respond(5, record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn no_burst_of_polls_before_a_deadline() {
    let mut bench = Harness::new();
    bench.wait("j", 10_500);
    bench.respond(0, record("running", "", "s1"));
    assert!(bench.last_target().contains("poll_timeout=10&"));
    bench.respond(10_000, record("running", "", "s1"));
    assert!(
        !bench.last_target().contains("poll_timeout"),
        "too little time is left for a long poll"
    );
    bench.respond(5, record("running", "", "s1"));
    assert!(bench.open.is_empty());
    assert_eq!(bench.wake(), 495, "the deadline is next");
}

#[test]
fn interval_leaves_time_before_a_deadline() {
    // Without cursors: polls at 0, 1 and 3 s. The next one would come after the deadline.
    let mut bench = Harness::new();
    let waiter = bench.wait("j", 6_500);
    for pause in [1_000, 2_000, 2_500] {
        bench.respond(0, json(200, r#"{"record": {"state": "running"}}"#));
        assert_eq!(bench.wake(), pause);
    }
    bench.respond(0, json(200, r#"{"record": {"state": "success"}}"#));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn running_pause_leaves_time_too() {
    // The server responds at once, so the pauses grow to 15 s.
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    for _ in 0..8 {
        bench.respond(0, record("running", "m", "s1"));
        if bench.open.is_empty() {
            bench.wake();
        }
    }
    bench.respond(0, record("running", "m", "s1"));
    let late = bench.wait("j", 10_000);
    assert_eq!(bench.wake(), 9_000);
    bench.respond(0, record("success", "", "s2"));
    assert_eq!(bench.final_state(late), "success");
}

#[test]
fn running_backoff_is_kept() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    let mut busy = json(503, "");
    busy.retry_after = Some(secs(60));
    bench.respond(0, busy);
    let late = bench.wait("j", 10_000);
    assert_eq!(bench.wake(), 10_000);
    assert_eq!(bench.code(late).name(), "WAIT_TIMEOUT");
}

#[test]
fn short_waits_do_not_slow_down_long_ones() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    for cursor in ["s1", "s2", "s3"] {
        bench.wait("j", 900);
        bench.respond(5, record("running", "m", cursor));
        assert!(bench.last_target().contains("poll_timeout=30&"));
        assert_eq!(bench.open.len(), 1);
    }
}

#[test]
fn status_304_to_a_call_is_a_refusal() {
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, json(304, ""));
    assert_eq!(bench.code(waiter).name(), "HTTP");
}

#[test]
fn error_under_200_to_a_long_poll_is_a_failure() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "", "s1"));
    bench.respond(5, json(200, r#"{"error": {"message": "busy"}}"#));
    assert_eq!(bench.engine.stats().retries, 1);
}

#[test]
fn ended_job_without_an_id_ends_the_call() {
    let over = |state: &str| json(201, &format!(r#"{{"job": {{"state": "{state}"}}}}"#));
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, over("success"));
    assert_eq!(bench.final_state(waiter), "success");
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, over("failure"));
    assert_eq!(bench.code(waiter).name(), "JOB_FAILED");
    let submit = CallSpec {
        goal: CallGoal::Response,
        ..post()
    };
    let waiter = bench.call(submit, NO_LIMIT);
    bench.respond(5, over("success"));
    let Outcome::Accepted { accepted, job } = bench.outcome(waiter) else {
        panic!("expected an acceptance")
    };
    assert_eq!(job, &None);
    assert_eq!(&*accepted.body, r#"{"job": {"state": "success"}}"#);
}

#[test]
fn change_in_a_single_poll_reaches_waiters() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.poll_once("j");
    let single = *bench.open.keys().last().unwrap();
    bench.respond_to(single, 5, record("paused", "two", "s2"));
    assert_eq!(bench.progress.last(), Some(&(waiter, "paused".to_owned())));
    // A terminal state counts, however late its response arrives.
    let shared = bench.first_open();
    bench.poll_once("j");
    let single = *bench.open.keys().last().unwrap();
    bench.respond_to(shared, 5, record("running", "three", "s3"));
    bench.respond_to(single, 5, record("success", "", "s4"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn body_is_read_as_utf8_without_its_byte_order_mark() {
    let text = |body: &[u8]| {
        let mut bench = Harness::new();
        let waiter = bench.call(post(), NO_LIMIT);
        let response = Response {
            status: 409,
            body: body_text(body),
            ..Response::default()
        };
        bench.respond(5, response);
        bench.error(waiter).text.clone()
    };
    assert_eq!(text(b"\xef\xbb\xbfa").as_deref(), Some("a"));
    assert_eq!(
        text(b"a\xe2\x82b\xff").as_deref(),
        Some("a\u{fffd}b\u{fffd}")
    );
    assert_eq!(text(b"\xef\xbb\xbf"), None);
    let long = "\u{20ac}".repeat(3_000);
    assert_eq!(
        text(long.as_bytes()).map(|it| it.chars().count()),
        Some(2_048)
    );
}

#[test]
fn json_kind_comes_from_the_first_byte() {
    for (text, kind) in [
        ("null", Kind::Null),
        ("true", Kind::Bool),
        ("false", Kind::Bool),
        ("-1", Kind::Number),
        ("\"\"", Kind::String),
        ("[]", Kind::Array),
        ("{}", Kind::Object),
    ] {
        assert_eq!(Json::parse(text).unwrap().kind(), kind, "{text}");
    }
    // A message or id that is a list is ignored.
    let mut bench = Harness::new();
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, json(202, r#"{"job": {"id": [1], "state": "queued"}}"#));
    assert_eq!(bench.code(waiter).name(), "NOT_TRACKABLE");
    let waiter = bench.call(post(), NO_LIMIT);
    bench.respond(5, json(409, r#"{"error": true}"#));
    assert_eq!(
        bench.error(waiter).message,
        "POST /clusters failed with status 409"
    );
}

#[test]
fn debug_of_a_transport_error_shows_its_kind() {
    let failure = TransportError {
        kind: TransportErrorKind::Network,
        cause: Some(std::rc::Rc::new("secret")),
    };
    assert_eq!(format!("{failure:?}"), "Network");
}

#[test]
fn wait_at_the_end_of_a_pause_polls_once() {
    let mut bench = Harness::new();
    let first = bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s0"));
    bench.respond(5, json(503, ""));
    let at = bench.engine.next_timeout().unwrap();
    bench.now = at;
    bench.wait("j", NO_LIMIT);
    bench.pass(0);
    assert_eq!(bench.open.len(), 1);
    assert!(bench.is_waiting(first));
}

#[test]
fn response_at_the_deadline_ends_the_polls() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", 10_500);
    bench.respond(0, record("running", "", "s1"));
    bench.now = bench.now + ms(10_500);
    bench.respond_now(bench.first_open(), record("running", "", "s1"));
    bench.pass(0);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
    assert_eq!(bench.polls(), 2);
}

#[test]
fn lost_cursor_leads_to_interval_polling() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(0, record("running", "one", "s1"));
    bench.respond(
        20_000,
        json(200, r#"{"record": {"state": "running", "message": "two"}}"#),
    );
    assert!(bench.open.is_empty());
    assert_eq!(bench.wake(), 1_000);
}

#[test]
fn deadline_in_exactly_one_second_shortens_the_poll() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "m", "s1"));
    bench.wait("j", 1_005);
    bench.respond(5, record("running", "m", "s2"));
    assert!(bench.last_target().contains("poll_timeout=1&"));
}

#[test]
fn poll_timeout_grows_by_a_quarter() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "", "s1"));
    bench.respond(20_000, json(504, ""));
    for seconds in [15, 18, 22, 27, 30, 30] {
        let asked = format!("poll_timeout={seconds}&");
        for _ in 0..8 {
            assert!(bench.last_target().contains(&asked), "{seconds}");
            bench.respond(14_000, record("running", "", "s1"));
        }
    }
}

#[test]
fn polls_shorter_than_the_limit_do_not_count() {
    let mut bench = Harness::new();
    bench.attach("j");
    let first = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "", "s1"));
    bench.respond(20_000, json(504, ""));
    assert!(bench.last_target().contains("poll_timeout=15&"));
    bench.abort(first);
    for turn in 0..12 {
        let short = bench.wait("j", 11_500);
        assert!(bench.last_target().contains("poll_timeout=11&"));
        bench.respond(10_500, record("running", "", &format!("t{turn}")));
        bench.abort(short);
    }
    bench.wait("j", NO_LIMIT);
    assert!(bench.last_target().contains("poll_timeout=15&"));
}

#[test]
fn responses_without_a_record_count_only_in_a_row() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    for _ in 0..4 {
        bench.respond(30_000, json(204, ""));
        assert!(bench.last_target().contains("poll_timeout"));
        bench.respond(30_000, record("running", "one", "s1"));
        assert!(bench.last_target().contains("poll_timeout"));
    }
}

#[test]
fn unchanged_responses_do_not_count_as_new_cursors() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    for _ in 0..6 {
        bench.respond(1, record("running", "one", "s1"));
        if bench.open.is_empty() {
            bench.wake();
        }
    }
    for cursor in ["s2", "s3", "s4"] {
        bench.respond(1, record("running", "one", cursor));
        assert_eq!(bench.open.len(), 1, "{cursor}");
    }
}

#[test]
fn single_poll_without_a_change_returns_the_known_snapshot() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let once = bench.poll_once("j");
    let single = *bench.open.keys().last().unwrap();
    bench.respond_to(single, 5, record("running", "one", "s1"));
    let latest = bench.engine.latest(&id("j")).unwrap();
    let Outcome::Job(job) = bench.outcome(once) else {
        panic!("a single poll gives a job")
    };
    assert!(Rc::ptr_eq(job, &latest));
}

#[test]
fn poll_names_a_waiter_of_its_job() {
    let mut engine = Engine::new(Config::default(), 1);
    let now = Time::from_millis(1);
    let options = WaitOptions::default();
    engine.wait(now, &id("j"), options);
    let second = engine.wait(now, &id("k"), options);
    let waiters = std::iter::from_fn(|| engine.poll_output()).filter_map(|output| match output {
        Output::SendPoll { waiter, target, .. } => Some((target.starts_with("/jobs/k"), waiter)),
        _ => None,
    });
    assert_eq!(waiters.last(), Some((true, Some(second))));
}

#[test]
fn paused_job_does_not_fail_with_another_job() {
    let mut bench = Harness::new();
    let refused = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(5, json(401, ""));
    bench.wake();
    let second = bench.first_open();
    let pauses = bench.wait("k", NO_LIMIT);
    let poll = *bench.open.keys().last().unwrap();
    bench.respond_to(poll, 5, not_known(404));
    assert_eq!(bench.open.len(), 1);
    bench.respond_to(second, 5, json(401, ""));
    assert_eq!(bench.code(refused).name(), "AUTH");
    assert!(bench.is_waiting(pauses));
}

#[test]
fn job_in_a_five_second_pause_keeps_its_slot_share() {
    let mut bench = Harness::with(Config {
        max_open_polls: count(1),
        ..Config::default()
    });
    bench.wait("j", NO_LIMIT);
    for pause in [1_000, 2_000, 4_000, 5_000] {
        bench.respond(0, json(200, r#"{"record": {"state": "running"}}"#));
        let until = bench.engine.next_timeout().unwrap();
        assert_eq!(until.since(bench.now), ms(pause));
        if pause < 5_000 {
            bench.wake();
        }
    }
    bench.wait("k", NO_LIMIT);
    while bench.open.is_empty() {
        bench.wake();
    }
    bench.respond(0, record("running", "", "s1"));
    while bench.open.is_empty() {
        bench.wake();
    }
    let target = bench.last_target();
    assert!(
        target.contains("poll_timeout=2&"),
        "half of the rotation: {target}"
    );
}

#[test]
fn body_is_needed_until_the_call_has_its_response() {
    let mut bench = Harness::new();
    let call = bench.call(post(), NO_LIMIT);
    let wait = bench.wait("j", NO_LIMIT);
    assert!(bench.engine.is_calling(call) && !bench.engine.is_calling(wait));
    bench.respond(5, accepted("k", "s0"));
    assert!(bench.is_waiting(call) && !bench.engine.is_calling(call));
}

#[test]
fn page_that_returns_after_exactly_a_second_polls_again() {
    for (after, polls) in [(999, 2), (1_000, 3)] {
        let mut bench = Harness::new();
        bench.wait("j", NO_LIMIT);
        for span in [0, after] {
            bench.pass(span);
            bench.handle(Input::Resumed);
        }
        assert_eq!(bench.polls(), polls, "{after}");
    }
}

#[test]
fn rejections_three_seconds_apart_both_retry_after_three_seconds() {
    for (after, pause) in [(2_999, 6_000), (3_000, 3_000)] {
        let mut bench = Harness::new();
        for job in ["j", "k"] {
            bench.wait(job, NO_LIMIT);
            let poll = *bench.open.keys().last().unwrap();
            bench.respond_to(poll, 0, record("running", "one", "s1"));
        }
        bench.respond(0, json(401, ""));
        let second = bench.first_open();
        bench.pass(after);
        bench.respond_now(second, json(401, ""));
        let sent = bench.sent.len();
        bench.pass(pause - 1);
        let asked = |bench: &Harness| {
            let since = bench.sent[sent..].iter();
            let targets = since.filter_map(|it| it.target.as_deref());
            targets.filter(|it| it.starts_with("/jobs/k")).count()
        };
        assert_eq!(asked(&bench), 0, "{after}");
        bench.pass(1);
        assert_eq!(asked(&bench), 1, "{after}");
    }
}

#[test]
fn retry_count_matches_the_option() {
    let policy = RetryPolicy::default().with_max_attempts(count(3));
    assert_eq!(policy.max_attempts(), count(3));
}
