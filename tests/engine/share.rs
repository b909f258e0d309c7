//! Tabs that share one poller, message by message; whole histories of them are in the simulation.

use ontap_select_deploy::engine::{Auth, Config, ErrorCode, Input, Usage};

use crate::harness::{Harness, NO_LIMIT, count, id, json, ms, not_known, record};

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

const WANT: &str = r#"{"v":1,"want":["j"]}"#;
const ALIVE: &str = r#"{"v":1,"alive":1}"#;
const ASK: &str = r#"{"v":1,"ask":1}"#;

fn told(state: &str) -> String {
    format!(r#"{{"v":1,"id":"j","record":{{"id":"j","state":"{state}"}}}}"#)
}

/// A tab that leads, and polls for others.
fn leader() -> Harness {
    let mut bench = tab();
    bench.polls_for_others = true;
    bench.handle(Input::LeaderChanged { leads: true });
    bench.broadcasts.clear();
    bench
}

#[test]
fn a_tab_that_cannot_share_polls_for_itself_and_says_nothing() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    assert_eq!(bench.polls(), 0);
    bench.handle(Input::NotShared);
    assert_eq!(bench.polls(), 1);
    bench.broadcasts.clear();
    for text in [WANT, ASK, ALIVE, &told("success")] {
        hear(&mut bench, text);
    }
    bench.handle(Input::LeaderChanged { leads: true });
    bench.wait("k", NO_LIMIT);
    assert_eq!(bench.polls(), 2);
    bench.pass(20_000);
    assert!(bench.broadcasts.is_empty(), "{:?}", bench.broadcasts);
    assert_eq!(bench.settled.len(), 0);
}

#[test]
fn a_leader_that_cannot_share_any_more_polls_for_nobody_else() {
    let mut bench = leader();
    hear(&mut bench, WANT);
    assert_eq!(bench.polls(), 1);
    bench.handle(Input::NotShared);
    assert_eq!(bench.engine.usage(), Usage::default());
}

#[test]
fn a_wait_is_short_if_it_ends_before_a_leader_counts_as_silent() {
    for (timeout, polls) in [(6_999, 1), (7_000, 0)] {
        let mut bench = tab();
        bench.wait("j", timeout);
        assert_eq!(bench.polls(), polls, "{timeout}");
    }
}

#[test]
fn the_leader_answers_and_a_follower_does_not() {
    for text in [WANT, ASK] {
        let mut bench = leader();
        hear(&mut bench, text);
        assert_eq!(bench.broadcasts, [ALIVE], "{text}");
        let mut bench = tab();
        hear(&mut bench, text);
        assert_eq!(bench.broadcasts.len(), 0, "{text}");
        assert_eq!(bench.engine.usage(), Usage::default());
    }
}

#[test]
fn the_leader_polls_for_others_until_they_are_not_heard_for_ten_seconds() {
    let mut bench = leader();
    hear(&mut bench, WANT);
    bench.pass(8_000);
    hear(&mut bench, WANT);
    bench.pass(9_000);
    assert_eq!((bench.open.len(), bench.engine.usage().jobs), (1, 1));
    bench.pass(3_000);
    assert_eq!(bench.engine.usage(), Usage::default());
    assert!(bench.open.is_empty(), "the poll is cancelled");
    // Its own waiters keep the poll.
    let mut bench = leader();
    bench.wait("j", NO_LIMIT);
    hear(&mut bench, WANT);
    bench.pass(20_000);
    assert_eq!((bench.open.len(), bench.polls()), (1, 1));
}

#[test]
fn a_follower_takes_what_the_leader_says_of_its_job() {
    let mut bench = tab();
    bench.attach("j");
    let waiter = bench.wait("j", NO_LIMIT);
    hear(&mut bench, &told("running"));
    assert_eq!(bench.progress, [(waiter, "running".to_owned())]);
    hear(&mut bench, &told("success"));
    assert_eq!(bench.final_state(waiter), "success");
    // What is late changes nothing.
    hear(&mut bench, &told("running"));
    let again = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.final_state(again), "success");
    assert_eq!(bench.polls(), 0);
}

#[test]
fn a_follower_polls_itself_what_the_leader_cannot_tell() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    hear(&mut bench, r#"{"v":1,"id":"j"}"#);
    assert_eq!(bench.polls(), 1);
    bench.respond(5, record("running", "m", "s1"));
    assert_eq!(bench.polls(), 2, "and goes on so");
}

#[test]
fn a_job_in_the_queue_takes_no_word_of_others() {
    let mut bench = Harness::with(Config {
        shared: true,
        max_open_polls: count(1),
        ..Config::default()
    });
    bench.handle(Input::LeaderChanged { leads: true });
    bench.wait("k", NO_LIMIT);
    let queued = bench.wait("j", NO_LIMIT);
    assert_eq!(bench.polls(), 1);
    hear(&mut bench, &told("success"));
    assert!(bench.is_waiting(queued));
}

#[test]
fn a_tab_that_lost_the_lead_gives_the_new_leader_time() {
    let mut bench = leader();
    hear(&mut bench, WANT);
    bench.pass(1_500);
    bench.handle(Input::LeaderChanged { leads: false });
    let polls = bench.polls();
    bench.wait("k", NO_LIMIT);
    bench.pass(1_000);
    assert_eq!(bench.polls(), polls);
    bench.pass(3_000);
    assert_eq!(bench.polls(), polls + 1, "and not for ever");
}

#[test]
fn a_new_job_does_not_give_a_silent_leader_more_time() {
    let mut bench = tab();
    bench.wait("j", NO_LIMIT);
    bench.pass(1_500);
    bench.wait("k", NO_LIMIT);
    bench.pass(500);
    assert_eq!(bench.polls(), 2);
}

#[test]
fn the_time_of_a_leader_starts_with_the_first_job_for_it() {
    let mut bench = tab();
    let first = bench.wait("j", NO_LIMIT);
    hear(&mut bench, ALIVE);
    hear(&mut bench, &told("success"));
    assert!(!bench.is_waiting(first));
    bench.pass(60_000);
    bench.wait("k", NO_LIMIT);
    bench.pass(6_000);
    assert_eq!(bench.polls(), 0);
    bench.pass(4_000);
    assert_eq!(bench.polls(), 1);
}

#[test]
fn a_sleep_leaves_a_job_with_the_leader_unless_its_deadline_passed() {
    for (timeout, polls) in [(NO_LIMIT, 0), (60_000, 1)] {
        let mut bench = tab();
        bench.wait("j", timeout);
        hear(&mut bench, ALIVE);
        bench.broadcasts.clear();
        bench.now = bench.now + ms(100_000);
        hear(&mut bench, ALIVE);
        assert_eq!(bench.polls(), polls);
        let is_new = |it: &String| it.contains("new");
        assert!(!bench.broadcasts.iter().any(is_new));
    }
}

#[test]
fn a_leader_whose_own_waits_are_over_forgets_tabs_that_are_not_heard() {
    let mut bench = leader();
    hear(&mut bench, WANT);
    let own = bench.wait("k", NO_LIMIT);
    bench.abort(own);
    bench.pass(9_000);
    assert_eq!(bench.engine.usage().jobs, 1);
    bench.pass(4_000);
    assert_eq!(bench.engine.usage(), Usage::default());
}

#[test]
fn a_new_credential_is_used_for_other_tabs_after_the_last_own_wait() {
    let mut bench = Harness::with(Config {
        shared: true,
        auth: Auth::Asked,
        ..Config::default()
    });
    bench.polls_for_others = true;
    bench.handle(Input::LeaderChanged { leads: true });
    let own = bench.wait("k", NO_LIMIT);
    hear(&mut bench, WANT);
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
