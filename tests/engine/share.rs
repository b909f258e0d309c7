//! Tabs that share one poller, message by message. The simulation has whole histories.

use ontap_select_deploy::engine::{Auth, Config, ErrorCode, Input, Usage};

use crate::harness::{Harness, NO_LIMIT, count, id, json, ms, not_known, record};

fn tab() -> Harness {
    Harness::with(Config {
        shared: true,
        ..Config::default()
    })
}

fn receive(bench: &mut Harness, text: &str) {
    bench.handle(Input::PeerMessage { text: text.into() });
}

fn records(bench: &Harness) -> usize {
    let record_message = bench.broadcasts.iter();
    record_message
        .filter(|it| it.contains(r#""record""#))
        .count()
}

#[test]
fn short_wait_without_a_leader_polls_locally() {
    let mut bench = tab();
    let waiter = bench.wait("j", 5_000);
    assert_eq!(bench.polls(), 1);
    bench.respond(5, record("success", "", "s1"));
    assert_eq!(bench.final_state(waiter), "success");
}

#[test]
fn tab_without_a_leader_polls_locally() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    assert_eq!(bench.polls(), 0);
    assert_eq!(bench.wake(), 2_000);
    assert_eq!(bench.polls(), 1);
}

#[test]
fn known_leader_gets_a_longer_timeout() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    receive(&mut bench, r#"{"v":1,"alive":1}"#);
    for _ in 0..3 {
        assert_eq!(bench.wake(), 2_000);
        assert_eq!(bench.polls(), 0);
    }
    bench.wake();
    assert_eq!(bench.polls(), 1);
}

#[test]
fn new_follower_gets_the_latest_record() {
    let mut bench = tab();
    bench.handle(Input::LeaderChanged { leads: true });
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "m", "s1"));
    for known in [1, 2] {
        receive(&mut bench, r#"{"v":1,"new":1,"want":["j"]}"#);
        assert_eq!(records(&bench), known);
    }
    receive(&mut bench, r#"{"v":1,"want":["j"]}"#);
    assert_eq!(records(&bench), 2, "it is not repeated");
}

#[test]
fn first_announcement_of_a_job_is_marked_new() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    bench.wake();
    let wants: Vec<bool> = bench
        .broadcasts
        .iter()
        .filter(|it| it.contains("want"))
        .map(|it| it.contains("new"))
        .collect();
    assert_eq!(wants.first(), Some(&true));
    assert!(
        !wants.iter().skip(1).any(|new| *new),
        "{:?}",
        bench.broadcasts
    );
}

#[test]
fn last_messages_of_the_old_leader_count() {
    let mut bench = tab();
    let ended = bench.wait("j", NO_LIMIT);
    let open = bench.wait("k", NO_LIMIT);
    receive(&mut bench, r#"{"v":1,"alive":1}"#);
    bench.handle(Input::LeaderChanged { leads: true });
    receive(
        &mut bench,
        r#"{"v":1,"id":"j","record":{"id":"j","state":"success"}}"#,
    );
    assert_eq!(bench.final_state(ended), "success");
    receive(
        &mut bench,
        r#"{"v":1,"id":"k","record":{"id":"k","state":"running"}}"#,
    );
    assert!(bench.is_waiting(open));
    bench.pass(100);
    assert!(bench.last_target().starts_with("/jobs/k?"));
    assert_eq!(bench.polls(), 1, "each remaining job is polled");
}

#[test]
fn a4_leaders_record_beats_gone() {
    let mut bench = tab();
    bench.attach("j");
    let waiter = bench.wait("j", 5_000);
    bench.respond(5, record("running", "one", "s1"));
    while bench.is_waiting(waiter) {
        if bench.open.is_empty() {
            bench.wake();
        } else {
            bench.respond(5, not_known(404));
        }
    }
    assert_eq!(bench.code(waiter).name(), "JOB_GONE");
    let record_message = r#"{"v":1,"id":"j","record":{"id":"j","state":"success"}}"#;
    receive(
        &mut bench,
        &record_message.replace(r#""id":"j","state""#, r#""id":"k","state""#),
    );
    assert_eq!(
        bench.engine.latest(&id("j")).unwrap().state.name(),
        "running",
        "another job's"
    );
    receive(&mut bench, record_message);
    let polls = bench.polls();
    let again = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.final_state(again), "success");
    assert_eq!(bench.polls(), polls);
}

#[test]
fn b3_leader_with_a_gone_job_reports_an_unknown_end() {
    let mut bench = tab();
    bench.handle(Input::LeaderChanged { leads: true });
    bench.attach("j");
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "m", "s1"));
    while bench.is_waiting(waiter) {
        if bench.open.is_empty() {
            bench.wake();
        } else {
            bench.respond(5, not_known(404));
        }
    }
    assert_eq!(bench.code(waiter), ErrorCode::JobGone);
    for message in [r#"{"v":1,"new":1,"want":["j"]}"#, r#"{"v":1,"want":["j"]}"#] {
        bench.broadcasts.clear();
        receive(&mut bench, message);
        let unknown = |it: &String| it == r#"{"v":1,"id":"j"}"#;
        assert!(
            bench.broadcasts.iter().any(unknown),
            "{:?}",
            bench.broadcasts
        );
        assert_eq!(
            records(&bench),
            0,
            "an old record does not say how the job ended"
        );
    }
}

#[test]
fn b5_hidden_tab_polls_at_its_second_timer() {
    for late in [8_000, 60_000] {
        for was_heard in [false, true] {
            let mut bench = tab();
            bench.wait("j", NO_LIMIT);
            if was_heard {
                receive(&mut bench, r#"{"v":1,"alive":1}"#);
            }
            for _ in 0..2 {
                bench.now = bench.now + ms(late);
                bench.handle(Input::Timeout);
            }
            assert_eq!(bench.polls(), 1, "{late} {was_heard}");
        }
    }
}

#[test]
fn b5_messages_keep_the_interest_of_a_hidden_tab_alive() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    for _ in 0..10 {
        bench.now = bench.now + ms(3_000);
        bench.broadcasts.clear();
        receive(&mut bench, r#"{"v":1,"alive":1}"#);
        let wants = |it: &String| it.contains("want");
        assert!(bench.broadcasts.iter().any(wants), "{:?}", bench.broadcasts);
    }
    assert_eq!(bench.polls(), 0);
}

const WANT: &str = r#"{"v":1,"want":["j"]}"#;
const ALIVE: &str = r#"{"v":1,"alive":1}"#;
const ASK: &str = r#"{"v":1,"ask":1}"#;

fn record_message(state: &str) -> String {
    format!(r#"{{"v":1,"id":"j","record":{{"id":"j","state":"{state}"}}}}"#)
}

/// A leading tab that polls for others.
fn leader() -> Harness {
    let mut bench = tab();
    bench.polls_for_others = true;
    bench.handle(Input::LeaderChanged { leads: true });
    bench.broadcasts.clear();
    bench
}

#[test]
fn tab_that_cannot_share_polls_locally_and_sends_nothing() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    assert_eq!(bench.polls(), 0);
    bench.handle(Input::NotShared);
    assert_eq!(bench.polls(), 1);
    bench.broadcasts.clear();
    for text in [WANT, ASK, ALIVE, &record_message("success")] {
        receive(&mut bench, text);
    }
    bench.handle(Input::LeaderChanged { leads: true });
    bench.wait("k", NO_LIMIT);
    assert_eq!(bench.polls(), 2);
    bench.pass(20_000);
    assert!(bench.broadcasts.is_empty(), "{:?}", bench.broadcasts);
    assert_eq!(bench.settled.len(), 0);
}

#[test]
fn leader_that_loses_sharing_polls_only_for_itself() {
    let mut bench = leader();
    receive(&mut bench, WANT);
    assert_eq!(bench.polls(), 1);
    bench.handle(Input::NotShared);
    assert_eq!(bench.engine.usage(), Usage::default());
}

#[test]
fn wait_is_short_if_it_ends_before_the_leader_timeout() {
    for (timeout, polls) in [(6_999, 1), (7_000, 0)] {
        let mut bench = tab();
        bench.wait("j", timeout);
        assert_eq!(bench.polls(), polls, "{timeout}");
    }
}

#[test]
fn leader_responds_and_a_follower_does_not() {
    for text in [WANT, ASK] {
        let mut bench = leader();
        receive(&mut bench, text);
        assert_eq!(bench.broadcasts, [ALIVE], "{text}");
        let mut bench = tab();
        receive(&mut bench, text);
        assert_eq!(bench.broadcasts.len(), 0, "{text}");
        assert_eq!(bench.engine.usage(), Usage::default());
    }
}

#[test]
fn leader_polls_for_others_until_ten_seconds_of_silence() {
    let mut bench = leader();
    receive(&mut bench, WANT);
    bench.pass(8_000);
    receive(&mut bench, WANT);
    bench.pass(9_000);
    assert_eq!((bench.open.len(), bench.engine.usage().jobs), (1, 1));
    bench.pass(3_000);
    assert_eq!(bench.engine.usage(), Usage::default());
    assert!(bench.open.is_empty(), "the poll is cancelled");
    // Own waiters keep the poll open.
    let mut bench = leader();
    bench.wait("j", NO_LIMIT);
    receive(&mut bench, WANT);
    bench.pass(20_000);
    assert_eq!((bench.open.len(), bench.polls()), (1, 1));
}

#[test]
fn follower_uses_the_leaders_records() {
    let mut bench = tab();
    bench.attach("j");
    let waiter = bench.wait("j", NO_LIMIT);
    receive(&mut bench, &record_message("running"));
    assert_eq!(bench.progress, [(waiter, "running".to_owned())]);
    receive(&mut bench, &record_message("success"));
    assert_eq!(bench.final_state(waiter), "success");
    // Late messages have no effect.
    receive(&mut bench, &record_message("running"));
    let again = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.final_state(again), "success");
    assert_eq!(bench.polls(), 0);
}

#[test]
fn follower_polls_a_job_with_an_unknown_end_itself() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    receive(&mut bench, r#"{"v":1,"id":"j"}"#);
    assert_eq!(bench.polls(), 1);
    bench.respond(5, record("running", "m", "s1"));
    assert_eq!(bench.polls(), 2, "it continues to poll");
}

#[test]
fn queued_job_ignores_other_tabs_records() {
    let mut bench = Harness::with(Config {
        shared: true,
        max_open_polls: count(1),
        ..Config::default()
    });
    bench.handle(Input::LeaderChanged { leads: true });
    bench.wait("k", NO_LIMIT);
    let queued = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.polls(), 1);
    receive(&mut bench, &record_message("success"));
    assert!(bench.is_waiting(queued));
}

#[test]
fn tab_that_lost_the_lead_gives_the_new_leader_time() {
    let mut bench = leader();
    receive(&mut bench, WANT);
    bench.pass(1_500);
    bench.handle(Input::LeaderChanged { leads: false });
    let polls = bench.polls();
    bench.wait("k", NO_LIMIT);
    bench.pass(1_000);
    assert_eq!(bench.polls(), polls);
    bench.pass(3_000);
    assert_eq!(bench.polls(), polls + 1, "but not forever");
}

#[test]
fn new_job_does_not_extend_a_silent_leaders_timeout() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    bench.pass(1_500);
    bench.wait("k", NO_LIMIT);
    bench.pass(500);
    assert_eq!(bench.polls(), 2);
}

#[test]
fn leader_timeout_starts_with_the_first_delegated_job() {
    let mut bench = tab();
    let first = bench.wait("j", NO_LIMIT);
    receive(&mut bench, ALIVE);
    receive(&mut bench, &record_message("success"));
    assert!(!bench.is_waiting(first));
    bench.pass(60_000);
    bench.wait("k", NO_LIMIT);
    bench.pass(6_000);
    assert_eq!(bench.polls(), 0);
    bench.pass(4_000);
    assert_eq!(bench.polls(), 1);
}

#[test]
fn after_a_sleep_the_leader_keeps_jobs_without_a_passed_deadline() {
    for (timeout, polls) in [(NO_LIMIT, 0), (60_000, 1)] {
        let mut bench = tab();
        bench.wait("j", timeout);
        receive(&mut bench, ALIVE);
        bench.broadcasts.clear();
        bench.now = bench.now + ms(100_000);
        receive(&mut bench, ALIVE);
        assert_eq!(bench.polls(), polls);
        let is_new = |it: &String| it.contains("new");
        assert!(!bench.broadcasts.iter().any(is_new));
    }
}

#[test]
fn leader_without_own_waits_drops_silent_tabs() {
    let mut bench = leader();
    receive(&mut bench, WANT);
    let own = bench.wait("k", NO_LIMIT);
    bench.abort(own);
    bench.pass(9_000);
    assert_eq!(bench.engine.usage().jobs, 1);
    bench.pass(4_000);
    assert_eq!(bench.engine.usage(), Usage::default());
}

#[test]
fn new_credential_is_used_for_other_tabs_after_the_last_own_wait() {
    let mut bench = Harness::with(Config {
        shared: true,
        auth: Auth::Asked,
        ..Config::default()
    });
    bench.polls_for_others = true;
    bench.handle(Input::LeaderChanged { leads: true });
    let own = bench.wait("k", NO_LIMIT);
    receive(&mut bench, WANT);
    let poll = *bench.open.keys().last().unwrap();
    bench.respond_to(poll, 5, json(401, ""));
    assert_eq!(bench.refreshes.len(), 1);
    bench.abort(own);
    assert!(bench.open.is_empty());
    bench.handle(Input::CredentialRefreshed { fresh: true });
    assert!(bench.last_target().starts_with("/jobs/j"));
    bench.respond(5, record("success", "", "s1"));
    assert_eq!(records(&bench), 1);
}
