//! Tabs that share one poller, message by message; whole histories of them are in the simulation.

use ontap_select_deploy::engine::{Config, ErrorCode, Input};

use crate::harness::{Harness, NO_LIMIT, id, ms, not_known, record};

fn tab() -> Harness {
    Harness::with(Config {
        shared: true,
        ..Config::default()
    })
}

fn hear(bench: &mut Harness, text: &str) {
    bench.handle(Input::PeerMessage { text: text.into() });
}

fn records(bench: &Harness) -> usize {
    let told = bench.broadcasts.iter();
    told.filter(|it| it.contains(r#""record""#)).count()
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
fn a_leader_that_was_heard_has_more_time() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    hear(&mut bench, r#"{"v":1,"alive":1}"#);
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
        hear(&mut bench, r#"{"v":1,"new":1,"want":["j"]}"#);
        assert_eq!(records(&bench), known);
    }
    hear(&mut bench, r#"{"v":1,"want":["j"]}"#);
    assert_eq!(records(&bench), 2, "and not again and again");
}

#[test]
fn a_tab_says_that_a_want_is_new_the_first_time() {
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
    hear(&mut bench, r#"{"v":1,"alive":1}"#);
    bench.handle(Input::LeaderChanged { leads: true });
    hear(
        &mut bench,
        r#"{"v":1,"id":"j","record":{"id":"j","state":"success"}}"#,
    );
    assert_eq!(bench.final_state(ended), "success");
    hear(
        &mut bench,
        r#"{"v":1,"id":"k","record":{"id":"k","state":"running"}}"#,
    );
    assert!(bench.is_waiting(open));
    bench.pass(100);
    assert!(bench.last_target().starts_with("/jobs/k?"));
    assert_eq!(bench.polls(), 1, "and each job that is left is asked for");
}

#[test]
fn a4_a_record_of_the_leader_wins_over_gone() {
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
    let told = r#"{"v":1,"id":"j","record":{"id":"j","state":"success"}}"#;
    hear(
        &mut bench,
        &told.replace(r#""id":"j","state""#, r#""id":"k","state""#),
    );
    assert_eq!(
        bench.engine.latest(&id("j")).unwrap().state.name(),
        "running",
        "another job's"
    );
    hear(&mut bench, told);
    let polls = bench.polls();
    let again = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.final_state(again), "success");
    assert_eq!(bench.polls(), polls);
}

#[test]
fn b3_a_leader_that_knows_a_job_as_gone_says_that_it_cannot_tell() {
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
        hear(&mut bench, message);
        let unknown = |it: &String| it == r#"{"v":1,"id":"j"}"#;
        assert!(
            bench.broadcasts.iter().any(unknown),
            "{:?}",
            bench.broadcasts
        );
        assert_eq!(records(&bench), 0, "an old record is no news of the end");
    }
}

#[test]
fn b5_a_hidden_tab_polls_by_its_second_timer() {
    for late in [8_000, 60_000] {
        for was_heard in [false, true] {
            let mut bench = tab();
            bench.wait("j", NO_LIMIT);
            if was_heard {
                hear(&mut bench, r#"{"v":1,"alive":1}"#);
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
        hear(&mut bench, r#"{"v":1,"alive":1}"#);
        let wants = |it: &String| it.contains("want");
        assert!(bench.broadcasts.iter().any(wants), "{:?}", bench.broadcasts);
    }
    assert_eq!(bench.polls(), 0);
}
