//! Arbitrary responses to a call, to the polls of its job and to those of other jobs.

use ontap_select_deploy::engine::{
    Config, Json, Outcome, Phase, Response, Usage, body_text, retry_after,
};

use crate::harness::{Harness, NO_LIMIT, accepted, count, post};

/// The most responses per input.
const MAX_RESPONSES: usize = 12;

/// The first byte chooses the waiters. Each piece up to a zero byte is a response; an empty piece is a pause.
pub(crate) fn check(data: &[u8]) {
    let Some((setup, pieces)) = data.split_first() else {
        return;
    };
    let mut bench = Harness::with(Config {
        max_open_polls: count(if setup & 1 == 0 { 1 } else { 100 }),
        ..Config::default()
    });
    let call = bench.call(post(), NO_LIMIT);
    let is_followed = setup & 2 != 0;
    if is_followed {
        bench.respond(5, accepted("j", "s0"));
    }
    if setup & 4 != 0 {
        for job in ["k", "l", "m"] {
            bench.wait(job, NO_LIMIT);
        }
    }
    for piece in pieces.split(|byte| *byte == 0).take(MAX_RESPONSES) {
        bench.pass(5);
        let open = bench.open.keys().next().copied();
        match open.filter(|_| !piece.is_empty()) {
            Some(exchange) => bench.respond_now(exchange, response(piece)),
            None if bench.engine.next_timeout().is_none() => break,
            None => {
                bench.wake();
            }
        }
    }
    bench.close();
    assert_eq!(bench.engine.usage(), Usage::default());
    for (waiter, outcome) in &bench.settled {
        match outcome {
            Outcome::Done { job: None, .. } => assert!(!is_followed),
            Outcome::Done { job: Some(job), .. } | Outcome::Job(job) => {
                assert_eq!(job.state.phase(), Phase::Succeeded);
                let record = Json::parse(job.raw()).unwrap();
                let state = record.member("state").and_then(Json::text).unwrap();
                assert_eq!(state.trim().to_ascii_lowercase(), "success");
            }
            Outcome::Failed(error) => {
                let text = error.text.as_deref().unwrap_or_default();
                assert!(text.chars().count() <= 2_048);
            }
            other => panic!("{waiter} {call}: {other:?}"),
        }
    }
}

/// The first byte chooses the status, the first line is a header's value, and the rest is the body.
fn response(piece: &[u8]) -> Response {
    const STATUSES: [u16; 16] = [
        200, 202, 200, 201, 204, 304, 400, 401, 403, 404, 410, 429, 500, 503, 524, 0,
    ];
    let (first, rest) = piece.split_first().unwrap_or((&0, &[]));
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (header, body) = rest.split_at(end.unwrap_or_default());
    let header = String::from_utf8_lossy(header).into_owned();
    Response {
        status: STATUSES[usize::from(*first) % STATUSES.len()],
        body: body_text(body),
        location: Some(header.clone()),
        request_id: Some(header.clone()),
        retry_after: retry_after(&header, |_| None),
    }
}
