//! Responses of any kind to a call and to the polls of its job: no panic, and the waiter settles.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ontap_select_deploy::engine::{
    CallSpec, Config, Engine, Input, Output, Response, Time, WaitOptions, body_text, retry_after,
};

/// The most responses that one input gives.
const MAX_RESPONSES: usize = 8;

fuzz_target!(|data: &[u8]| {
    let mut engine = Engine::new(Config::default(), 1);
    let mut now = Time::default();
    let spec = CallSpec {
        method: "POST".into(),
        path: "/x".into(),
        follow: true,
    };
    engine.call(now, spec, WaitOptions::default());
    let mut settled = 0;
    for piece in data.split(|byte| *byte == 0).take(MAX_RESPONSES) {
        let mut open = Vec::new();
        while let Some(output) = engine.poll_output() {
            match output {
                Output::SendCall { exchange, .. } | Output::SendPoll { exchange, .. } => {
                    open.push(exchange);
                }
                Output::Settle { .. } => settled += 1,
                _ => {}
            }
        }
        let Some(exchange) = open.pop() else {
            let Some(at) = engine.next_timeout() else {
                break;
            };
            now = at;
            engine.handle(now, Input::Timeout);
            continue;
        };
        engine.handle(
            now,
            Input::ResponseReceived {
                exchange,
                response: response(piece),
            },
        );
    }
    engine.close(now);
    while let Some(output) = engine.poll_output() {
        if matches!(output, Output::Settle { .. }) {
            settled += 1;
        }
    }
    assert_eq!(settled, 1);
});

/// The first byte chooses the status, the first line is a header's value, the rest is the body.
fn response(piece: &[u8]) -> Response {
    const STATUSES: [u16; 8] = [202, 200, 201, 204, 400, 404, 503, 0];
    let (first, rest) = piece.split_first().unwrap_or((&0, &[]));
    let end = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or_default();
    let header = String::from_utf8_lossy(&rest[..end]).into_owned();
    Response {
        status: STATUSES[usize::from(*first % 8)],
        body: body_text(&rest[end..]),
        location: Some(header.clone()),
        request_id: Some(header.clone()),
        retry_after: retry_after(&header, |_| None),
    }
}
