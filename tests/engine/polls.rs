//! The URLs of polls, and when polls are long.

use ontap_select_deploy::engine::{Config, PollTimeout};

use crate::harness::{Harness, NO_LIMIT, accepted, json, ms, post, record};

#[test]
fn poll_follows_the_sample_byte_for_byte() {
    let mut bench = Harness::new();
    bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("a1", "2019-04-04T15:41:29.140265Z"));
    assert_eq!(
        bench.last_target(),
        "/jobs/a1?fields=state,message,last_modified&poll_timeout=30&last_modified=%3E=2019-04-04T15:41:29.140265Z"
    );
}

#[test]
fn plus_in_a_cursor_is_escaped() {
    let mut bench = Harness::new();
    bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("a1", "2019-04-04 15:41:29+00:00"));
    assert!(
        bench
            .last_target()
            .ends_with("&last_modified=%3E=2019-04-04%2015:41:29%2B00:00")
    );
}

#[test]
fn job_id_is_one_encoded_segment() {
    let mut bench = Harness::new();
    bench.wait("a/b c%?#", NO_LIMIT);
    assert!(bench.last_target().starts_with("/jobs/a%2Fb%20c%25%3F%23?"));
}

#[test]
fn u4_first_poll_without_cursor_is_standard() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    assert_eq!(
        bench.last_target(),
        "/jobs/j?fields=state,message,last_modified"
    );
    bench.respond(5, record("running", "one", "s1"));
    assert!(
        bench
            .last_target()
            .ends_with("&poll_timeout=30&last_modified=%3E=s1")
    );
}

#[test]
fn u4_no_cursor_means_interval_of_1_to_5_s() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    let without_cursor = |message: &str| {
        json(
            200,
            &format!(r#"{{"record": {{"state": "running", "message": "{message}"}}}}"#),
        )
    };
    let mut pauses = Vec::new();
    for message in ["a", "a", "a", "a", "a", "b", "b"] {
        bench.respond(5, without_cursor(message));
        assert!(
            !bench.last_target().contains("poll_timeout"),
            "both parameters or neither"
        );
        pauses.push(bench.wake());
    }
    assert_eq!(pauses, [1_000, 2_000, 4_000, 5_000, 5_000, 1_000, 2_000]);
}

#[test]
fn u2_timed_out_poll_keeps_state_and_cursor() {
    for (status, body) in [
        (
            200,
            r#"{"record": {"state": "running", "message": "one", "last_modified": "s1"}}"#,
        ),
        (200, "{}"),
        (200, r#"{"record": null}"#),
        (200, r#"{"num_records": 0, "records": []}"#),
        (200, ""),
        (200, "  \n"),
        (204, ""),
        (304, ""),
    ] {
        let mut bench = Harness::new();
        let waiter = bench.wait("j", NO_LIMIT);
        bench.respond(5, record("running", "one", "s1"));
        bench.respond(30_000, json(status, body));
        assert!(
            bench.last_target().ends_with("last_modified=%3E=s1"),
            "{status} {body:?}"
        );
        assert!(bench.is_waiting(waiter));
        assert_eq!(bench.progress.len(), 1, "no progress without a change");
    }
}

#[test]
fn u2_two_empty_responses_lead_to_a_resync() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(30_000, json(204, ""));
    assert!(bench.last_target().contains("poll_timeout"));
    bench.respond(30_000, json(204, ""));
    assert!(!bench.last_target().contains("poll_timeout"));
    bench.respond(5, record("running", "one", "s1"));
    assert!(bench.last_target().contains("poll_timeout"));
}

#[test]
fn u1_early_unchanged_responses_are_throttled() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let mut pauses = Vec::new();
    for _ in 0..8 {
        bench.respond(1, record("running", "one", "s1"));
        pauses.push(if bench.open.is_empty() {
            bench.wake()
        } else {
            0
        });
    }
    assert_eq!(
        pauses,
        [0, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]
    );
    bench.respond(1, record("running", "two", "s2"));
    assert_eq!(bench.open.len(), 1, "a change ends the pauses");
}

#[test]
fn u1_cursor_only_changes_are_throttled() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    for turn in 0..200 {
        bench.respond(1, record("running", "same", &format!("s{turn}")));
        if bench.open.is_empty() {
            bench.wake();
        }
    }
    assert!(
        bench.now.as_millis() > 1_000_000,
        "200 polls took {} ms",
        bench.now.as_millis()
    );
}

#[test]
fn quick_changes_are_followed_at_once() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    for turn in 0..50 {
        bench.respond(
            1,
            record("running", &format!("step {turn}"), &format!("s{turn}")),
        );
        assert_eq!(bench.open.len(), 1);
    }
    assert_eq!(bench.progress.len(), 50);
}

#[test]
fn u3_400_halves_poll_timeout_permanently() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    for halved in [15, 7, 5] {
        bench.respond(5, json(400, ""));
        assert!(
            !bench.last_target().contains("poll_timeout"),
            "a standard poll first"
        );
        bench.respond(5, record("running", "one", "s1"));
        assert!(
            bench
                .last_target()
                .contains(&format!("poll_timeout={halved}&"))
        );
        assert!(
            bench.last_target().ends_with("%3E=s1"),
            "the current cursor is kept"
        );
    }
    bench.respond(5, json(400, ""));
    bench.respond(5, record("running", "one", "s1"));
    assert!(bench.open.is_empty(), "at the floor: interval polling");
    bench.wake();
    assert!(!bench.last_target().contains("poll_timeout"));
    // Another job of the client starts with the learned form.
    bench.wait("k", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(5, record("running", "two", "s2"));
    assert!(
        bench
            .sent
            .iter()
            .rev()
            .take(2)
            .all(|it| !it.target.as_ref().unwrap().contains("poll_t"))
    );
}

#[test]
fn u3_learned_limit_does_not_grow_again() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(5, json(400, ""));
    bench.respond(5, record("running", "one", "s1"));
    for _ in 0..50 {
        assert!(
            bench.last_target().contains("poll_timeout=15&"),
            "{}",
            bench.last_target()
        );
        bench.respond(15_000, record("running", "one", "s1"));
    }
}

#[test]
fn u3_rejected_poll_is_retried_with_fewer_fields() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(400, ""));
    assert_eq!(bench.last_target(), "/jobs/j?fields=state,message");
    bench.respond(5, json(400, ""));
    assert_eq!(bench.last_target(), "/jobs/j");
    bench.respond(5, record("running", "one", "s1"));
    assert_eq!(
        bench.last_target(),
        "/jobs/j?poll_timeout=30&last_modified=%3E=s1"
    );
    assert!(bench.is_waiting(waiter));
    bench.wait("k", NO_LIMIT);
    assert_eq!(bench.last_target(), "/jobs/k", "remembered for the client");
}

#[test]
fn u3_if_no_form_works_the_400_is_reported() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    for _ in 0..3 {
        bench.respond(
            5,
            json(400, r#"{"error": {"code": 7, "message": "no such field"}}"#),
        );
    }
    let error = bench.error(waiter);
    assert_eq!(
        (error.status, error.server_code.as_deref()),
        (Some(400), Some("7"))
    );
    assert!(error.message.contains("no such field"));
}

#[test]
fn u3_rejected_fields_and_poll_timeout_are_distinguished() {
    // The server rejects last_modified in fields, but its long polls still work.
    let mut bench = Harness::new();
    bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s0"));
    bench.respond(5, json(400, ""));
    bench.respond(5, json(400, ""));
    assert_eq!(bench.last_target(), "/jobs/j?fields=state,message");
    bench.respond(
        5,
        json(200, r#"{"record": {"state": "queued", "message": ""}}"#),
    );
    assert_eq!(
        bench.last_target(),
        "/jobs/j?fields=state,message&poll_timeout=30&last_modified=%3E=s0"
    );
}

#[test]
fn late_504_or_drop_halves_the_poll_timeout() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(20_000, json(504, "<html>"));
    assert!(bench.last_target().contains("poll_timeout=15&"));
    bench.fail(
        12_000,
        ontap_select_deploy::engine::TransportErrorKind::Network,
    );
    assert!(!bench.last_target().contains("poll_timeout"), "the second");
    bench.respond(5, record("running", "one", "s1"));
    assert!(bench.last_target().contains("poll_timeout=7&"));
    assert_eq!(bench.engine.stats().retries, 0);
}

#[test]
fn halved_poll_timeout_grows_with_success() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(20_000, json(504, ""));
    for _ in 0..100 {
        bench.respond(10_000, record("running", "one", "s1"));
        if bench.open.is_empty() {
            bench.wake();
        }
    }
    assert!(
        bench.last_target().contains("poll_timeout=30&"),
        "{}",
        bench.last_target()
    );
}

#[test]
fn poll_without_a_response_times_out() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    assert_eq!(bench.wake(), 45_000, "poll_timeout plus fifteen seconds");
    assert!(bench.last_target().contains("poll_timeout=15&"));
    assert_eq!(
        bench.open.len(),
        1,
        "the dead poll was cancelled, a new one sent"
    );
}

#[test]
fn silent_server_uses_up_the_retries() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    while bench.is_waiting(waiter) {
        bench.wake();
    }
    let error = bench.error(waiter);
    assert_eq!(error.code.name(), "TRANSPORT");
    assert_eq!(error.job.as_ref().unwrap().state.name(), "running");
    assert!(
        bench.now.as_millis() < 15 * 60_000,
        "within minutes, not never: {} ms",
        bench.now.as_millis()
    );
}

#[test]
fn poll_timeout_shrinks_near_a_deadline() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", 12_500);
    bench.respond(0, record("running", "one", "s1"));
    assert!(bench.last_target().contains("poll_timeout=12&"));
    bench.respond(12_000, record("running", "one", "s1"));
    assert!(bench.open.is_empty() || !bench.last_target().contains("poll_timeout"));
    let before = bench.polls();
    bench.pass(500);
    assert_eq!(bench.code(waiter).name(), "WAIT_TIMEOUT");
    assert!(bench.polls() - before <= 1, "no burst of polls at the end");
}

#[test]
fn configured_poll_timeout_is_sent() {
    let mut bench = Harness::with(Config {
        poll_timeout: PollTimeout::from_secs(120).unwrap(),
        ..Config::default()
    });
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    assert!(bench.last_target().contains("poll_timeout=120&"));
}

#[test]
fn change_without_cursor_drops_the_old_one() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(
        5_000,
        json(200, r#"{"record": {"state": "running", "message": "two"}}"#),
    );
    bench.wake();
    assert!(!bench.last_target().contains("poll_timeout"));
}

#[test]
fn returning_cursor_is_not_a_change() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let without_cursor = r#"{"record": {"state": "running", "message": "one"}}"#;
    bench.respond(30_000, json(200, without_cursor));
    bench.respond(30_000, record("running", "one", "s1"));
    assert_eq!(bench.progress.len(), 1);
}

#[test]
fn u1_u2_early_empty_responses_are_throttled() {
    for (status, body) in [(204, ""), (304, ""), (200, "{}"), (200, "")] {
        let mut bench = Harness::new();
        bench.wait("j", NO_LIMIT);
        bench.respond(5, record("running", "one", "s1"));
        let (start, polls) = (bench.now, bench.polls());
        while bench.now.since(start) < ms(600_000) {
            if bench.open.is_empty() {
                bench.wake();
            } else if bench.last_target().contains("poll_timeout") {
                bench.respond(1, json(status, body));
            } else {
                bench.respond(1, record("running", "one", "s1"));
            }
        }
        // One in 15 s at the end, and the first few.
        let polls = bench.polls() - polls;
        assert!(
            polls <= 48,
            "{status} {body:?}: {polls} polls in ten minutes"
        );
    }
}

#[test]
fn u1_running_clock_in_a_message_is_throttled() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    let start = bench.now;
    let mut turn = 0;
    while bench.now.since(start) < ms(60_000) {
        turn += 1;
        if bench.open.is_empty() {
            bench.wake();
        } else {
            bench.respond(
                1,
                record("running", &format!("{turn} ms"), &format!("s{turn}")),
            );
        }
    }
    assert!(
        bench.polls() <= 64 + 600,
        "{} polls in a minute",
        bench.polls()
    );
}

#[test]
fn u3_u4_first_interval_is_one_second() {
    // No cursor, and the first poll repeats the state of the 202.
    let mut bench = Harness::new();
    bench.call(post(), NO_LIMIT);
    bench.respond(
        5,
        json(
            202,
            r#"{"job": {"id": "j", "state": "queued", "message": ""}}"#,
        ),
    );
    let mut pauses = Vec::new();
    for _ in 0..4 {
        bench.respond(
            5,
            json(200, r#"{"record": {"state": "queued", "message": ""}}"#),
        );
        pauses.push(bench.wake());
    }
    assert_eq!(pauses, [1_000, 2_000, 4_000, 5_000]);
    // The server rejects every long poll, down to the lowest poll_timeout.
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    let mut pauses = Vec::new();
    while pauses.len() < 3 {
        if bench.open.is_empty() {
            pauses.push(bench.wake());
        } else if bench.last_target().contains("poll_timeout") {
            bench.respond(5, json(400, ""));
        } else {
            bench.respond(5, record("running", "one", "s1"));
        }
    }
    assert_eq!(pauses, [1_000, 2_000, 4_000]);
}

#[test]
fn u3_cursor_is_kept_if_not_requested() {
    let mut bench = Harness::new();
    bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "s1"));
    bench.respond(5, json(400, ""));
    bench.respond(5, json(400, ""));
    assert_eq!(bench.last_target(), "/jobs/j?fields=state,message");
    bench.respond(
        5,
        json(200, r#"{"record": {"state": "running", "message": "one"}}"#),
    );
    assert_eq!(
        bench.last_target(),
        "/jobs/j?fields=state,message&poll_timeout=30&last_modified=%3E=s1"
    );
}

#[test]
fn resumed_wait_keeps_its_cursor() {
    let mut bench = Harness::new();
    bench.call(post(), NO_LIMIT);
    bench.respond(
        5,
        json(202, r#"{"job": {"id": "j", "last_modified": "s1"}}"#),
    );
    bench.respond(30_000, json(200, r#"{"record": {"state": "running"}}"#));
    assert!(bench.last_target().ends_with("%3E=s1"));
}

#[test]
fn u1_u3_pauses_grow_if_early_responses_precede_rejected_long_polls() {
    let mut bench = Harness::new();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "one", "s1"));
    bench.respond(1, json(200, "{}"));
    bench.respond(1, record("running", "one", "s1"));
    bench.wake();
    let mut pauses = Vec::new();
    while pauses.len() < 5 {
        if bench.last_target().contains("poll_timeout") {
            bench.respond(5, json(400, ""));
        } else {
            bench.respond(5, record("running", "one", "s1"));
        }
        if bench.open.is_empty() {
            let pause = bench.wake();
            if !bench.last_target().contains("poll_timeout") {
                pauses.push(pause);
            }
        }
    }
    assert_eq!(pauses.last(), Some(&5_000), "{pauses:?}");
}
