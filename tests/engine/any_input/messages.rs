//! Arbitrary messages of other tabs in any order, mixed with events of this tab.

use ontap_select_deploy::engine::{Config, Input, Json, Outcome, Phase, WaiterId};

use crate::harness::{Harness, Millis, NO_LIMIT, json};

/// The most events per input.
const MAX_EVENTS: usize = 40;

/// Longer than the leader polls for silent tabs.
const FORGOTTEN: Millis = 13_000;

const JOBS: [&str; 4] = ["j", "k", "l", "a/b"];

/// Each piece up to a zero byte is an event: the first byte chooses the kind, the rest is its data. A second
/// tab receives everything that the first one broadcasts.
pub(crate) fn check(data: &[u8]) {
    let mut bench = tab();
    let mut other = tab();
    other.wait("j", NO_LIMIT);
    let mut heard = 0;
    for piece in data.split(|byte| *byte == 0).take(MAX_EVENTS) {
        let (event, rest) = piece.split_first().unwrap_or((&0, &[]));
        let number = rest.first().copied().unwrap_or_default();
        match event % 16 {
            0..8 => {
                let text = String::from_utf8_lossy(rest).into_owned();
                bench.handle(Input::PeerMessage { text });
            }
            8 => bench.handle(Input::LeaderChanged { leads: true }),
            9 => bench.handle(Input::LeaderChanged { leads: false }),
            10 => {
                let timeout = if number < 128 {
                    NO_LIMIT
                } else {
                    Millis::from(number) * 100
                };
                bench.wait(JOBS[usize::from(number) % JOBS.len()], timeout);
            }
            11 => bench.pass(Millis::from(number) * 100),
            12 => {
                if let Some(exchange) = bench.open.keys().next().copied() {
                    let response = json(200, &String::from_utf8_lossy(rest));
                    bench.respond_now(exchange, response);
                }
            }
            13 => {
                let waiter = u32::from(number % 8) + 1;
                if let Ok(waiter) = WaiterId::try_from(waiter)
                    && bench.is_waiting(waiter)
                {
                    bench.abort(waiter);
                }
            }
            14 => bench.handle(Input::Resumed),
            15 if number == b'!' => bench.handle(Input::NotShared),
            _ => {}
        }
        other.now = other.now.max(bench.now);
        for text in bench.broadcasts.iter().skip(heard) {
            is_message(text);
            other.handle(Input::PeerMessage { text: text.clone() });
        }
        heard = bench.broadcasts.len();
    }
    bench.pass(FORGOTTEN);
    let usage = bench.engine.usage();
    assert!(
        usage.jobs <= usage.waiters,
        "the interest of other tabs is dropped: {usage:?}"
    );
    for bench in [&mut bench, &mut other] {
        bench.close();
        let usage = bench.engine.usage();
        assert_eq!((usage.jobs, usage.exchanges, usage.timers), (0, 0, 0));
        bench.settled.values().for_each(is_valid_outcome);
    }
}

fn tab() -> Harness {
    let mut bench = Harness::with(Config {
        shared: true,
        ..Config::default()
    });
    bench.polls_for_others = true;
    bench
}

/// Other tabs can read each broadcast.
fn is_message(text: &str) {
    let message = Json::parse(text).expect("a message is JSON");
    assert_eq!(message.member("v").map(Json::source), Some("1"));
}

/// A job succeeds only if its own record says so.
fn is_valid_outcome(outcome: &Outcome) {
    let Outcome::Job(job) = outcome else {
        assert!(matches!(outcome, Outcome::Failed(_) | Outcome::Aborted));
        return;
    };
    assert_eq!(job.state.phase(), Phase::Succeeded);
    let record = Json::parse(job.raw()).unwrap();
    let text = |name| record.member(name).and_then(Json::text);
    assert_eq!(
        text("state").unwrap().trim().to_ascii_lowercase(),
        "success"
    );
    assert!(text("id").is_none_or(|id| *id == *job.id || id.trim().is_empty()));
}
