//! Faults at random, from a seed: the outcome is the truth or says that it is unknown, every waiter
//! settles, and no changing call is sent twice. The pair checks the rest at each step.

use ontap_select_deploy::core::Millis;
use serde_json::{Value, json};

use crate::pair::{Pair, deploy};

const HISTORIES: u64 = 20_000;
const DAY: Millis = 24 * 3_600_000;

#[test]
fn the_outcome_is_the_truth_or_says_that_it_is_unknown() {
    for seed in 0..HISTORIES {
        let result = std::panic::catch_unwind(|| history(seed));
        assert!(result.is_ok(), "the history of seed {seed} failed");
    }
}

fn history(seed: u64) {
    let mut dice = Dice(seed);
    let config = json!({
        "seed": seed,
        "stepMs": dice.pick(&[200, 3_000, 40_000]),
        "inclusive": dice.below(2) == 0,
        "timedOut": dice.pick(&["record", "noRecord", "nullRecord", "emptyBody", "noContent", "notModified"]),
        "stamp": dice.pick(&["micros", "offset", "seconds"]),
        "maxPollTimeout": dice.pick(&[3, 20, 120]),
        "visibleAfterMs": dice.pick(&[0, 0, 1_000, 10_000]),
        "purgeMs": dice.pick(&[Value::Null, json!(5_000)]),
        "rules": (0..dice.below(4)).map(|_| rule(&mut dice)).collect::<Vec<_>>(),
    });
    let mut pair = Pair::new(deploy(config), seed);
    let mut waiters = Vec::new();
    for _ in 0..=dice.below(4) {
        let fails = dice.below(2) == 0;
        let name = if fails { "unreachable" } else { "esx" };
        let timeout = dice.pick(&[Millis::MAX, 600_000, 5_000]);
        let body = json!({"name": format!("{name}-{}", waiters.len())});
        waiters.push((pair.post("/hosts", &body, timeout), fails));
        for _ in 0..dice.below(30) {
            pair.step();
        }
        if dice.below(8) == 0 {
            pair.abort(waiters[0].0);
        }
    }
    pair.run(DAY);
    for (waiter, fails) in waiters {
        let verdict = pair.verdict(waiter);
        match verdict {
            "success" => assert!(!fails, "a failed job was called a success"),
            "JOB_FAILED" => assert!(fails, "a good job was called a failure"),
            "aborted" | "WAIT_TIMEOUT" | "JOB_GONE" | "HTTP" | "AUTH" | "PROTOCOL"
            | "TRANSPORT" => {}
            other => panic!("unexpected: {other}"),
        }
    }
    let jobs = pair.deploy.counters().jobs.values();
    // A request that was cancelled on its way still arrives, and may stand beside the next one.
    assert!(jobs.clone().all(|job| job.max_open_polls <= 2));
}

fn rule(dice: &mut Dice) -> Value {
    let action = match dice.below(10) {
        0 => {
            json!({"kind": "status", "status": dice.pick(&[408, 425, 429, 500, 502, 503, 504]), "headers": {"retry-after": "2"}})
        }
        1 => json!({"kind": "html"}),
        2 => json!({"kind": "reset"}),
        3 => json!({"kind": "hang"}),
        4 => json!({"kind": "truncate", "after": 5}),
        5 => json!({"kind": "stall", "after": 5}),
        6 => json!({"kind": "drip", "bytes": 20, "everyMs": dice.pick(&[10, 5_000])}),
        7 => json!({"kind": "cut", "afterMs": dice.pick(&[2_000, 8_000, 60_000]), "status": 504}),
        8 => json!({"kind": "delay", "ms": dice.pick(&[500, 20_000])}),
        _ => json!({"kind": "status", "status": dice.pick(&[400, 401, 404])}),
    };
    json!({
        "match": {"method": "GET"},
        "skip": dice.below(5),
        "count": 1 + dice.below(12),
        "probability": dice.pick(&[1.0, 0.3]),
        "action": action,
    })
}

/// Its own generator, so that a history depends on nothing but its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        let at = usize::try_from(self.below(u64::try_from(of.len()).unwrap())).unwrap();
        of[at].clone()
    }
}
