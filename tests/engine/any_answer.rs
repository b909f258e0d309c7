//! Arbitrary responses cause no panic, and only a terminal state ends a job.

use ontap_select_deploy::engine::{Outcome, Response, body_text, retry_after};
use proptest::prelude::*;

use crate::harness::{Harness, NO_LIMIT, accepted, post};

/// Arbitrary bytes, almost-JSON, or JSON of the right shape with odd values.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-0.5e3".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        "\"[a-z\\\\\"u0-9]{0,8}\"",
        Just("\"running\"".to_owned()),
        Just("\"\\ud800\"".to_owned()),
    ];
    let name = prop_oneof![
        Just("record"),
        Just("job"),
        Just("error"),
        Just("state"),
        Just("id"),
        Just("message"),
        Just("last_modified"),
        Just("__proto__"),
        Just("code"),
    ];
    let json = scalar.prop_recursive(4, 32, 6, move |inner| {
        prop::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
            let members = members
                .into_iter()
                .map(|(name, value)| format!("\"{name}\":{value}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        })
    });
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "[{}\\[\\]\":,a-z0-9 ]{0,60}".prop_map(String::into_bytes),
        json.prop_map(String::into_bytes),
    ]
}

fn response() -> impl Strategy<Value = Response> {
    let status = prop_oneof![Just(200_u16), Just(202), any::<u16>()];
    let header = prop::option::of("\\PC{0,30}");
    (status, body(), header.clone(), header).prop_map(|(status, body, after, other)| Response {
        status,
        body: body_text(&body),
        location: other.clone(),
        request_id: other,
        retry_after: after.and_then(|it| retry_after(&it, |_| None)),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn to_a_call_and_to_polls(responses in prop::collection::vec(response(), 1..12), followed in any::<bool>()) {
        let mut bench = Harness::new();
        let waiter = bench.call(post(), NO_LIMIT);
        if followed {
            bench.respond(5, accepted("j", "s0"));
        }
        for response in responses {
            if !bench.is_waiting(waiter) {
                break;
            }
            if bench.open.is_empty() {
                bench.wake();
            }
            bench.respond(5, response);
        }
        if bench.is_waiting(waiter) {
            bench.close();
        }
        match bench.outcome(waiter) {
            Outcome::Done { job: Some(job), .. } => prop_assert_eq!(job.state.name(), "success"),
            Outcome::Done { job: None, .. } => prop_assert!(!followed),
            Outcome::Failed(error) => prop_assert!(error.text.as_ref().is_none_or(|it| it.chars().count() <= 2_048)),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
