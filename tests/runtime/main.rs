//! The wasm runtime in Node and in a browser, against a scripted `fetch`: real promises, streams,
//! signals and timers.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::{Bench, field, text};
use js_sys::Reflect;
use ontap_select_deploy::runtime::Client;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

const RUNNING: &str =
    r#"{ body: '{"record":{"state":"running","message":"one","last_modified":"s1"}}' }"#;
const SUCCESS: &str =
    r#"{ body: '{"record":{"state":"success","message":"done","last_modified":"s2"}}' }"#;
const ACCEPTED: &str = r#"{ status: 202, body: '{"job":{"id":"j","state":"queued","message":"","last_modified":"s0"}}' }"#;

#[wasm_bindgen_test]
async fn call_is_followed_to_its_jobs_end() {
    let bench = Bench::new(&[ACCEPTED, RUNNING, SUCCESS]);
    let result = bench
        .post("/clusters", "{ body: { name: 'c1' } }")
        .await
        .unwrap();
    assert_eq!(field(&result, "status").as_f64(), Some(202.0));
    assert_eq!(text(&field(&result, "job"), "state"), "success");
    assert_eq!(
        bench.requests(),
        [
            "POST https://vm.example/api/clusters",
            "GET https://vm.example/api/jobs/j?fields=state,message,last_modified&poll_timeout=30&last_modified=%3E=s0",
            "GET https://vm.example/api/jobs/j?fields=state,message,last_modified&poll_timeout=30&last_modified=%3E=s1",
        ]
    );
}

#[wasm_bindgen_test]
async fn failed_job_rejects_with_its_code() {
    let bench = Bench::new(&[
        ACCEPTED,
        r#"{ body: '{"record":{"state":"failure","message":"no license"}}' }"#,
    ]);
    let error = bench.post("/clusters", "{}").await.unwrap_err();
    assert_eq!(text(&error, "code"), "JOB_FAILED");
    assert_eq!(text(&error, "message"), "no license");
    assert_eq!(text(&field(&error, "job"), "state"), "failure");
}

#[wasm_bindgen_test]
async fn every_request_has_the_protocols_headers() {
    let bench = Bench::new(&[ACCEPTED, SUCCESS]);
    bench
        .post("/clusters", "{ body: { a: 1 }, headers: { 'x-own': '1' } }")
        .await
        .unwrap();
    let call = bench.request(0);
    assert_eq!(text(&call, "authorization"), "Basic YWRtaW46cMOk");
    assert_eq!(text(&call, "accept"), "application/json");
    assert_eq!(text(&call, "contentType"), "application/json");
    assert_eq!(text(&call, "own"), "1");
    assert_eq!(text(&call, "body"), r#"{"a":1}"#);
    let poll = bench.request(1);
    assert!(field(&poll, "contentType").is_null());
    assert!(
        field(&poll, "own").is_null(),
        "polls do not get the call's own headers"
    );
}

#[wasm_bindgen_test]
async fn abort_rejects_with_the_reason_and_aborts_the_request() {
    let bench = Bench::new(&["{ hang: true }"]);
    let call = bench.post("/clusters", "{ signal: controller.signal }");
    bench.sent(1).await;
    bench.abort("left");
    assert_eq!(call.await.unwrap_err().as_string().as_deref(), Some("left"));
    assert!(bench.was_aborted(0));
    assert_eq!(bench.listeners(), 0.0);
}

#[wasm_bindgen_test]
async fn abort_during_a_slow_body_ends_the_wait() {
    let bench = Bench::new(&["{ drip: true }"]);
    let call = bench.post("/clusters", "{ signal: controller.signal }");
    bench.sent(1).await;
    bench.abort("left");
    assert_eq!(call.await.unwrap_err().as_string().as_deref(), Some("left"));
    assert!(bench.was_aborted(0));
}

#[wasm_bindgen_test]
async fn no_listener_stays_on_the_signal_after_the_end() {
    let bench = Bench::new(&[ACCEPTED, SUCCESS]);
    bench
        .post("/clusters", "{ signal: controller.signal }")
        .await
        .unwrap();
    assert_eq!(bench.listeners(), 0.0);
}

#[wasm_bindgen_test]
async fn body_over_the_limit_is_cut_off_while_it_streams() {
    let bench = Bench::new(&["{ endless: true }"]);
    let error = bench.post("/clusters", "{}").await.unwrap_err();
    assert_eq!(text(&error, "code"), "PROTOCOL");
    assert!(bench.was_aborted(0));
}

#[wasm_bindgen_test]
async fn lost_connection_is_reported_with_its_cause() {
    let bench = Bench::new(&["{ error: true }"]);
    let error = bench.post("/clusters", "{}").await.unwrap_err();
    assert_eq!(text(&error, "code"), "TRANSPORT");
    assert_eq!(text(&field(&error, "cause"), "message"), "connection reset");
}

#[wasm_bindgen_test]
async fn hidden_redirect_is_a_protocol_error() {
    let bench = Bench::new(&["{ opaque: true }"]);
    let error = bench.post("/clusters", "{}").await.unwrap_err();
    assert_eq!(text(&error, "code"), "PROTOCOL");
}

#[wasm_bindgen_test]
async fn fetch_that_returns_nonsense_rejects_without_harm() {
    for nonsense in [
        "{ raw: undefined }",
        "{ raw: null }",
        "{ raw: 7 }",
        "{ raw: { status: 'x' } }",
        "{ raw: { status: 200, headers: new Headers(), body: { getReader: 1 } } }",
    ] {
        let bench = Bench::new(&[nonsense, "{ status: 204 }"]);
        let error = bench.post("/clusters", "{}").await.unwrap_err();
        assert_eq!(text(&error, "code"), "TRANSPORT", "{nonsense}");
        bench.post("/clusters", "{}").await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn auth_function_runs_before_each_request_and_again_after_a_401() {
    let bench = Bench::with_options(
        &[ACCEPTED, "{ status: 401 }", SUCCESS],
        "auth: async (context) => { asked.push(context.method + ' ' + context.path + ' ' + context.status); return 'Bearer ' + asked.length; }",
    );
    bench.post("/clusters?secret=1", "{}").await.unwrap();
    assert_eq!(
        bench.asked(),
        [
            "POST /clusters undefined",
            "GET /jobs/j undefined",
            "GET /jobs/j 401"
        ]
    );
    assert_eq!(text(&bench.request(2), "authorization"), "Bearer 3");
}

#[wasm_bindgen_test]
async fn progress_starts_after_the_call_returned_and_includes_the_end() {
    let bench = Bench::new(&[ACCEPTED, RUNNING, SUCCESS]);
    let call = bench.post(
        "/clusters",
        "{ onProgress: (job) => asked.push(job.state) }",
    );
    assert!(bench.asked().is_empty());
    call.await.unwrap();
    assert_eq!(bench.asked(), ["queued", "running", "success"]);
}

#[wasm_bindgen_test]
async fn callback_may_close_the_client() {
    let bench = Bench::new(&[ACCEPTED, "{ hang: true }"]);
    let call = bench.post("/clusters", "{ onProgress: () => close() }");
    let error = call.await.unwrap_err();
    assert_eq!(text(&error, "code"), "CLOSED");
}

#[wasm_bindgen_test]
async fn deadline_ends_the_wait() {
    let bench = Bench::new(&["{ hang: true }"]);
    let error = bench
        .post("/clusters", "{ timeout: 20 }")
        .await
        .unwrap_err();
    assert_eq!(text(&error, "code"), "WAIT_TIMEOUT");
    assert!(bench.was_aborted(0));
}

#[wasm_bindgen_test]
async fn unchanged_snapshot_is_the_same_object() {
    let bench = Bench::new(&[RUNNING, SUCCESS]);
    let job = bench.client.job("j", false).unwrap();
    assert!(job.latest().is_undefined());
    let end = bench.result(&job).await.unwrap();
    assert!(js_sys::Object::is(&end, &job.latest()));
    let again = bench.result(&job).await.unwrap();
    assert!(js_sys::Object::is(&end, &again));
    assert_eq!(bench.requests().len(), 2);
}

#[wasm_bindgen_test]
fn option_beyond_its_limits_is_named() {
    for (options, named) in [
        ("{ baseUrl: 'http://vm.example/' }", "allowInsecure"),
        ("{ baseUrl: 'https://u:p@vm.example/' }", "baseUrl"),
        ("{ baseUrl: 'https://vm.example/?a' }", "baseUrl"),
        ("{ baseUrl: 'https://vm.example', timeout: -1 }", "timeout"),
        (
            "{ baseUrl: 'https://vm.example', requestTimeout: 0 }",
            "requestTimeout",
        ),
        (
            "{ baseUrl: 'https://vm.example', pollTimeout: 999 }",
            "pollTimeout",
        ),
        (
            "{ baseUrl: 'https://vm.example', retry: { 'retry.maxAttempts': 0 } }",
            "retry.maxAttempts",
        ),
        (
            "{ baseUrl: 'https://vm.example', username: 'a:b', password: '' }",
            "auth.username",
        ),
        (
            "{ baseUrl: 'https://vm.example', bearer: '' }",
            "auth.bearer",
        ),
        (
            "{ baseUrl: 'https://vm.example', maxOpenPolls: 0 }",
            "maxOpenPolls",
        ),
        (
            "{ baseUrl: 'https://vm.example', maxResponseBytes: 0.5 }",
            "maxResponseBytes",
        ),
    ] {
        let options = harness::evaluate(&format!("({options})"));
        let settings = harness::settings(&options);
        let error =
            Client::new(settings.unchecked_ref(), harness::callbacks(&options)).unwrap_err();
        let message = text(&error, "message");
        assert!(message.contains(named), "{options:?}: {message}");
        assert!(!message.contains("u:p"), "no credential in an error");
    }
}

#[wasm_bindgen_test]
async fn record_cannot_change_a_prototype() {
    let bench = Bench::new(&[
        r#"{ body: '{"record":{"state":"success","__proto__":{"polluted":1},"constructor":2}}' }"#,
    ]);
    let job = bench.client.job("j", false).unwrap();
    let end = bench.result(&job).await.unwrap();
    let raw = field(&end, "raw");
    assert!(field(&raw, "polluted").is_undefined());
    assert_eq!(field(&raw, "constructor").as_f64(), Some(2.0));
    assert!(
        Reflect::get(&js_sys::Object::new(), &"polluted".into())
            .unwrap()
            .is_undefined()
    );
}
