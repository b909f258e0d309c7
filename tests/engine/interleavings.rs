//! Any interleaving of events: every waiter settles exactly once, a job has at most one open shared poll, and
//! nothing is sent or left over without waiters. The harness checks this after each step.

use ontap_select_deploy::engine::{
    Auth, CallGoal, CallSpec, Config, ExchangeId, Input, Response, TransportErrorKind,
};
use proptest::prelude::*;

use crate::harness::{Harness, Millis, NO_LIMIT, accepted, json, ms, record};

const JOBS: [&str; 3] = ["a", "b", "c"];

#[derive(Debug, Clone)]
enum Step {
    Call {
        safe: bool,
        goal: CallGoal,
        timeout: Millis,
    },
    Wait {
        job: usize,
        timeout: Millis,
    },
    PollOnce {
        job: usize,
    },
    Attach {
        job: usize,
    },
    Detach {
        job: usize,
    },
    Abort {
        nth: usize,
    },
    Response {
        nth: usize,
        after: Millis,
        response: usize,
        turn: u8,
    },
    Break {
        nth: usize,
        kind: usize,
    },
    Wake,
    Pass {
        span: Millis,
    },
    Credential {
        fresh: bool,
    },
    Line {
        up: bool,
    },
    Sleep {
        span: Millis,
    },
    Sent {
        nth: usize,
    },
    Checked {
        nth: usize,
        is_met: bool,
    },
    LateAnswer {
        exchange: ExchangeId,
    },
}

fn timeout() -> impl Strategy<Value = Millis> {
    prop_oneof![Just(NO_LIMIT), 1..100_000_u64, 1..3_000_u64]
}

fn goal() -> impl Strategy<Value = CallGoal> {
    prop_oneof![
        Just(CallGoal::Response),
        Just(CallGoal::JobEnd),
        Just(CallGoal::Record),
        Just(CallGoal::Condition),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (any::<bool>(), goal(), timeout())
            .prop_map(|(safe, goal, timeout)| Step::Call { safe, goal, timeout }),
        1 => (0..8_usize, any::<bool>()).prop_map(|(nth, is_met)| Step::Checked { nth, is_met }),
        3 => (0..3_usize, timeout()).prop_map(|(job, timeout)| Step::Wait { job, timeout }),
        1 => (0..3_usize).prop_map(|job| Step::PollOnce { job }),
        1 => (0..3_usize).prop_map(|job| Step::Attach { job }),
        1 => (0..3_usize).prop_map(|job| Step::Detach { job }),
        1 => (0..8_usize).prop_map(|nth| Step::Abort { nth }),
        8 => (0..8_usize, prop_oneof![0..100_u64, 0..60_000_u64], 0..17_usize, any::<u8>())
            .prop_map(|(nth, after, response, turn)| Step::Response { nth, after, response, turn }),
        2 => (0..8_usize, 0..3_usize).prop_map(|(nth, kind)| Step::Break { nth, kind }),
        4 => Just(Step::Wake),
        1 => (0..100_000_u64).prop_map(|span| Step::Pass { span }),
        2 => any::<bool>().prop_map(|fresh| Step::Credential { fresh }),
        1 => any::<bool>().prop_map(|up| Step::Line { up }),
        2 => (0..8_usize).prop_map(|nth| Step::Sent { nth }),
        1 => (4_000..200_000_u64).prop_map(|span| Step::Sleep { span }),
        1 => (1..40_u32).prop_map(|number| Step::LateAnswer { exchange: number.try_into().unwrap() }),
    ]
}

fn response(which: usize, turn: u8) -> Response {
    let job = JOBS[usize::from(turn) % 3];
    match which {
        0..=2 => record("running", &turn.to_string(), &format!("s{turn}")),
        3 => record("success", "", "end"),
        4 => record("failure", "", "end"),
        5 => accepted(job, "s0"),
        6 => json(201, "{}"),
        7 => json(202, "{}"),
        8 => json(200, "{}"),
        9 => json(204, ""),
        10 => json(400, ""),
        11 => json(401, ""),
        12 => json(404, ""),
        13 => json(503, ""),
        14 => json(504, ""),
        15 => json(200, r#"{"record": {"state": "powered_off"}}"#),
        _ => json(200, "<html>"),
    }
}

fn run(steps: Vec<Step>, auth: Auth) {
    let mut bench = Harness::with(Config {
        auth,
        asks_before_sending: auth == Auth::Asked,
        ..Config::default()
    });
    let mut attached = [0_u32; 3];
    let mut singles = 0;
    for step in steps {
        let nth_open = |bench: &Harness, nth: usize| {
            bench
                .open
                .keys()
                .nth(nth % bench.open.len().max(1))
                .copied()
        };
        match step {
            Step::Call {
                safe,
                goal,
                timeout,
            } => {
                let method = if safe { "GET" } else { "POST" };
                let spec = CallSpec {
                    method: method.into(),
                    path: "/x".into(),
                    goal,
                };
                bench.call(spec, timeout);
            }
            Step::Wait { job, timeout } => {
                bench.wait(JOBS[job], timeout);
            }
            Step::PollOnce { job } => {
                bench.poll_once(JOBS[job]);
                singles += 1;
            }
            Step::Attach { job } => {
                attached[job] += 1;
                bench.attach(JOBS[job]);
            }
            Step::Detach { job } if attached[job] > 0 => {
                attached[job] -= 1;
                bench.detach(JOBS[job]);
            }
            Step::Detach { .. } => {}
            Step::Abort { nth } => {
                let number = u32::try_from(nth).unwrap() + 1;
                bench.abort(number.try_into().unwrap());
            }
            Step::Response {
                nth,
                after,
                response: which,
                turn,
            } => {
                bench.pass(after);
                if let Some(exchange) = nth_open(&bench, nth) {
                    bench.respond_to(exchange, 0, response(which, turn));
                }
            }
            Step::Break { nth, kind } => {
                if let Some(exchange) = nth_open(&bench, nth) {
                    let kind = [
                        TransportErrorKind::Network,
                        TransportErrorKind::CallbackFailed,
                        TransportErrorKind::BodyTooLarge,
                    ][kind];
                    bench.fail_now(exchange, kind);
                }
            }
            Step::Wake => {
                if bench.engine.next_timeout().is_some() {
                    bench.wake();
                }
            }
            Step::Pass { span } => bench.pass(span),
            Step::Line { up } => bench.handle(if up { Input::Resumed } else { Input::Offline }),
            Step::Sleep { span } => {
                bench.now = bench.now + ms(span);
                bench.handle(Input::Timeout);
            }
            Step::Credential { fresh } => bench.handle(Input::CredentialRefreshed { fresh }),
            Step::Sent { nth } => {
                if let Some(exchange) = nth_open(&bench, nth) {
                    bench.handle(Input::RequestSent { exchange });
                }
            }
            Step::Checked { nth, is_met } => {
                let waiter = bench.checks.get(nth % bench.checks.len().max(1));
                if let Some(&(waiter, _)) = waiter {
                    bench.handle(Input::RecordChecked { waiter, is_met });
                }
            }
            Step::LateAnswer { exchange } => {
                if !bench.open.contains_key(&exchange) {
                    let response = record("success", "", "late");
                    bench.handle(Input::ResponseReceived { exchange, response });
                }
            }
        }
        for job in JOBS {
            let prefix = format!("/jobs/{job}");
            let open = bench
                .open
                .values()
                .filter_map(|sent| sent.target.as_deref());
            let open = open
                .filter(|it| it.split('?').next() == Some(prefix.as_str()))
                .count();
            assert!(open <= 1 + singles, "one shared poll for {job}");
        }
    }
    bench.close();
    let usage = bench.engine.usage();
    assert_eq!([usage.waiters, usage.exchanges, usage.timers], [0, 0, 0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn each_waiter_settles_exactly_once(steps in prop::collection::vec(step(), 0..120)) {
        run(steps, Auth::Asked);
    }

    #[test]
    fn each_waiter_settles_exactly_once_with_a_fixed_credential(steps in prop::collection::vec(step(), 0..60)) {
        run(steps, Auth::Fixed);
    }
}
