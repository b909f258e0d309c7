//! Tests every cell of the table in docs/state-machine.md on the engine.

use std::collections::BTreeSet;

use ontap_select_deploy::engine::{
    Auth, Config, Input, Outcome, RetryPolicy, TransportErrorKind, WaiterId,
};

use crate::harness::{Harness, Millis, NO_LIMIT, count, json, ms, not_known, record, secs};

const DOCUMENT: &str = include_str!("../../docs/state-machine.md");
/// Too short for a last poll before it, but long enough for a long poll.
const SHORT: Millis = 1_900;
const HOUR: Millis = 3_600_000;

#[test]
fn every_cell_of_the_table_holds() {
    let rows = table("| event |");
    let states: Vec<String> = rows[0][1..].iter().map(|it| unquoted(it)).collect();
    let (mut played, mut wrong) = (BTreeSet::new(), Vec::new());
    for row in &rows[1..] {
        let event = row[0].as_str();
        assert!(played.insert(event), "the row \"{event}\" stands once");
        for (state, expected) in states.iter().zip(&row[1..]) {
            let shown = Played::new(state, event).map(|mut it| it.play(event));
            let shown = shown.as_deref().unwrap_or("–");
            if shown != expected {
                wrong.push(format!("\"{event}\" in `{state}`: {shown}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_place_that_issues_a_request_is_listed() {
    let listed: BTreeSet<String> = table("| place |")[1..]
        .iter()
        .map(|row| row[0].replace('`', ""))
        .collect();
    let engine = concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine");
    let transitions = format!("{engine}/transitions");
    let entries = [engine, &transitions].map(|folder| std::fs::read_dir(folder).unwrap());
    let mut found = BTreeSet::new();
    for entry in entries.into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue; // The protocol and the policies send nothing.
        }
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut function = String::new();
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            if let Some((_, rest)) = line.split_once("fn ") {
                rest.split('(').next().unwrap().clone_into(&mut function);
            }
            let sends = [
                ".send_poll(",
                ".schedule_poll(",
                ".send_call(",
                ".send_single(",
            ];
            if sends.iter().any(|it| line.contains(it)) {
                found.insert(format!("{file} {function}"));
            }
        }
    }
    assert_eq!(found, listed);
}

#[test]
fn every_invariant_is_explained_and_checked() {
    let explained: BTreeSet<String> = table("| | |")
        .iter()
        .map(|row| row[0].clone())
        .filter(|it| it.starts_with('I'))
        .collect();
    let simulation = [
        include_str!("../simulation/invariants.rs"),
        include_str!("../simulation/faults.rs"),
        include_str!("../simulation/pair.rs"),
        include_str!("../simulation/conditions.rs"),
    ]
    .concat();
    for number in 1..=13 {
        let name = format!("I{number}");
        assert!(explained.contains(&name), "{name} is explained");
        assert!(
            simulation.contains(&format!("\"{name}: ")),
            "{name} is checked"
        );
    }
    assert_eq!(explained.len(), 13);
}

/// The rows of the table with this header, without the line of dashes.
fn table(head: &str) -> Vec<Vec<String>> {
    let lines = DOCUMENT.lines().skip_while(|line| !line.starts_with(head));
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.filter(|line| !line.starts_with("|--"))
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

fn unquoted(text: &str) -> String {
    text.trim_matches('`').to_owned()
}

/// A harness with a job in a state.
struct Played {
    bench: Harness,
    /// The waiter, in the states that have one.
    waiter: Option<WaiterId>,
    /// Whether the first failure is final, so that there are no retries.
    is_final: bool,
    /// Whether the `auth` function has returned.
    is_refreshed: bool,
}

impl Played {
    /// Brings job `j` into the state; `None` if the event cannot happen there.
    fn new(state: &str, event: &str) -> Option<Self> {
        let timeout = if event.starts_with("the deadline") {
            SHORT
        } else {
            NO_LIMIT
        };
        let attempts = if event.starts_with("the last 503") {
            1
        } else {
            8
        };
        let retry = RetryPolicy::default().with_max_attempts(count(attempts));
        let mut bench = Harness::with(Config {
            auth: Auth::Asked,
            max_open_polls: count(if state == "queued" { 1 } else { 32 }),
            retry,
            ..Config::default()
        });
        bench.attach("j");
        let waiter = bench.wait("j", timeout);
        if state != "polling" {
            bench.respond(5, record("running", "one", "s1"));
        }
        match state {
            "idle" => bench.abort(waiter),
            "paused" => {
                let mut busy = json(503, "");
                busy.retry_after = Some(secs(60));
                bench.respond(5, busy);
            }
            "queued" => {
                bench.attach("k");
                bench.wait("k", NO_LIMIT);
                // The other job goes first, because this one was just polled.
                bench.respond(5, record("running", "one", "s2"));
                bench.pass(200);
            }
            "awaiting-credential" => bench.respond(5, json(401, "")),
            "ended" => bench.respond(5, record("success", "", "s2")),
            "gone" => {
                while bench.is_waiting(waiter) {
                    if bench.open.is_empty() {
                        bench.wake();
                    } else {
                        bench.respond(5, not_known(404));
                    }
                }
            }
            "polling" | "long-polling" => {}
            other => panic!("no such state: {other}"),
        }
        let polling = matches!(state, "polling" | "long-polling");
        let waiting = !matches!(state, "idle" | "ended" | "gone");
        let possible = match event {
            "a wait begins"
            | "a single poll sees the end"
            | "a late response to a cancelled request"
            | "the client is closed" => true,
            "the network or the page is back" => waiting,
            "the last waiter aborts"
            | "the deadline"
            | "the deadline passes in a stall"
            | "the deadline passes in a sleep" => waiting,
            "the pause ends" => state == "paused",
            "a slot becomes free" => state == "queued",
            "a new credential"
            | "no new credential"
            | "no new credential again after the pause" => state == "awaiting-credential",
            // A job that was never seen has no earlier record.
            "the same record after a full hold"
            | "the second early record without a change"
            | "the second response in a row without a record"
            | "403 again after the pause"
            | "the second cut in a row" => state == "long-polling",
            _ => polling,
        };
        possible.then_some(Self {
            bench,
            waiter: waiting.then_some(waiter),
            is_final: attempts == 1,
            is_refreshed: false,
        })
    }

    /// Runs the event and returns the resulting cell.
    fn play(&mut self, event: &str) -> String {
        self.is_refreshed = event.contains("new credential");
        let bench = &mut self.bench;
        let late = |bench: &mut Harness, response| {
            let wait = if bench.last_target().contains("poll_timeout") {
                20_000
            } else {
                8_000
            };
            bench.respond(wait, response);
        };
        match event {
            "a wait begins" => {
                let waiter = bench.wait("j", NO_LIMIT);
                self.waiter = Some(waiter);
            }
            "the last waiter aborts" => bench.abort(self.waiter.unwrap()),
            "a changed record" => bench.respond(5, record("running", "two", "s2")),
            "the same record after a full hold" => {
                bench.respond(30_000, record("running", "one", "s1"))
            }
            "the second early record without a change" => {
                bench.respond(5, record("running", "one", "s1"));
                bench.respond(5, record("running", "one", "s1"));
            }
            "a record that says success" => bench.respond(5, record("success", "", "s2")),
            "a record that says failure" => bench.respond(5, record("failure", "", "s2")),
            "a response without a record" => bench.respond(5, json(200, "{}")),
            "the second response in a row without a record" => {
                bench.respond(30_000, json(204, ""));
                bench.respond(30_000, json(204, ""));
            }
            "a login page with status 200" => bench.respond(5, json(200, "<html>")),
            "400" => bench.respond(5, json(400, "")),
            "401" => bench.respond(5, json(401, "")),
            "403" => bench.respond(5, json(403, "")),
            "403 again after the pause" => {
                bench.respond(5, json(403, ""));
                bench.wake();
                bench.respond(5, json(403, ""));
            }
            "404 from Deploy" => bench.respond(5, not_known(404)),
            "the third 404 in a row from Deploy" => {
                for _ in 0..2 {
                    bench.respond(5, not_known(404));
                    bench.wake();
                }
                bench.respond(5, not_known(404));
            }
            "404 from a proxy" => bench.respond(5, json(404, "<html>")),
            "the record of another job" => {
                let other = r#"{"record": {"id": "k", "state": "failure"}}"#;
                bench.respond(5, json(200, other));
            }
            "503" | "the last 503 that `retry` allows" => bench.respond(5, json(503, "")),
            "an immediate 504" => bench.respond(5, json(504, "")),
            "502 or 504 after a long wait" => late(bench, json(502, "")),
            "the second cut in a row" => {
                late(bench, json(502, ""));
                late(bench, json(504, ""));
            }
            "a lost connection" => bench.fail(5, TransportErrorKind::Network),
            "a redirect" => bench.respond(5, json(302, "")),
            "no response in time" | "the pause ends" => {
                bench.wake();
            }
            "a slot becomes free" => bench.respond(5, json(501, "")),
            "a new credential" => bench.handle(Input::CredentialRefreshed { fresh: true }),
            "no new credential" => bench.handle(Input::CredentialRefreshed { fresh: false }),
            "no new credential again after the pause" => {
                bench.handle(Input::CredentialRefreshed { fresh: false });
                bench.wake();
                bench.respond(5, json(401, ""));
                bench.handle(Input::CredentialRefreshed { fresh: false });
            }
            "the deadline" => bench.pass(SHORT),
            "the deadline passes in a stall" => {
                bench.now = bench.now + ms(SHORT + 1_000);
                bench.handle(Input::Timeout);
                bench.pass(100);
            }
            "the deadline passes in a sleep" => {
                bench.now = bench.now + ms(HOUR);
                bench.handle(Input::Timeout);
                // The slot of an aborted poll is free after the abort has reached the server.
                bench.pass(100);
            }
            "the network or the page is back" => {
                bench.pass(1_000);
                bench.handle(Input::Resumed);
                bench.pass(200);
            }
            "a single poll sees the end" => {
                bench.poll_once("j");
                let single = *bench.open.keys().last().unwrap();
                bench.respond_to(single, 5, record("success", "", "s2"));
            }
            "a late response to a cancelled request" => bench.handle(Input::ResponseReceived {
                exchange: 99.try_into().unwrap(),
                response: record("success", "", "s2"),
            }),
            "the client is closed" => bench.close(),
            other => panic!("no such event: {other}"),
        }
        let ended = self.waiter.filter(|waiter| !bench.is_waiting(*waiter));
        let end = ended.map(|waiter| match bench.outcome(waiter) {
            Outcome::Failed(error) => error.code.name().to_owned(),
            Outcome::Aborted => "aborted".to_owned(),
            _ => bench.final_state(waiter).to_owned(),
        });
        let state = self.state();
        end.map_or_else(|| state.to_owned(), |end| format!("{state} · {end}"))
    }

    /// The state of the job, observed from outside.
    fn state(&mut self) -> &'static str {
        let bench = &mut self.bench;
        let targets = || bench.open.values().filter_map(|it| it.target.as_deref());
        let target = targets().find(|it| it.starts_with("/jobs/j"));
        let others = targets().count() > 0;
        let waits = self.waiter.is_some_and(|waiter| bench.is_waiting(waiter));
        match target {
            Some(target) if target.contains("poll_timeout") => "long-polling",
            Some(_) => "polling",
            None if waits && others => "queued",
            None if waits && bench.engine.next_timeout().is_some() => {
                // A credential refresh also sets a timer.
                if bench.refreshes.is_empty() || self.is_refreshed {
                    "paused"
                } else {
                    "awaiting-credential"
                }
            }
            None if waits => "awaiting-credential",
            None => {
                let probe = bench.wait("j", NO_LIMIT);
                // A pause that began before the waiters left applies to the next waiter.
                let is_paused = bench.open.is_empty();
                if bench.is_waiting(probe) && (is_paused || self.is_final) {
                    return "idle";
                }
                if bench.is_waiting(probe) {
                    bench.respond(5, not_known(404));
                    if bench.is_waiting(probe) {
                        "idle"
                    } else {
                        "gone"
                    }
                } else if matches!(bench.outcome(probe), Outcome::Failed(error) if error.code.name() == "JOB_GONE")
                {
                    "gone"
                } else if bench.was_closed(probe) {
                    "closed"
                } else {
                    "ended"
                }
            }
        }
    }
}
