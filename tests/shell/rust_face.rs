//! The Rust face: futures, handles and streams against a scripted `fetch`.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::cell::{Cell, RefCell};
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_core::FusedStream;
use ontap_select_deploy::{Code, DeployClient, DeployError, JobHandle, Pending, Phase, Retry};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::bench::{field, text};
use crate::rust_server::{Server, poll_once, turn};

const ACCEPTED: &str = r#"{ status: 202, headers: { "request-id": "r1", location: "/api/x" }, body: '{"job":{"id":"j","state":"queued","message":"","last_modified":"s0"}}' }"#;
const RUNNING: &str =
    r#"{ body: '{"record":{"state":"running","message":"one","last_modified":"s1"}}' }"#;
const SUCCESS: &str =
    r#"{ body: '{"record":{"state":"success","message":"done","last_modified":"s2"}}' }"#;
const FAILURE: &str = r#"{ body: '{"record":{"state":"failure","message":"no licence"}}' }"#;
const HANG: &str = "{ hang: true }";
/// Somebody else reads its body already.
const LOCKED: &str =
    "{ raw: (() => { const it = new Response('{}'); it.body.getReader(); return it; })() }";

#[wasm_bindgen_test]
async fn a_call_is_followed_to_its_jobs_end() {
    let server = Server::new(&[ACCEPTED, RUNNING, SUCCESS]);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let call = server.client().post("/clusters").on_progress({
        let seen = Rc::clone(&seen);
        move |job| seen.borrow_mut().push(job.state().name().to_owned())
    });
    let reply = call.json_text(r#"{"name":"c1"}"#).await.unwrap();
    assert_eq!((reply.status(), reply.request_id()), (202, Some("r1")));
    assert_eq!(reply.location(), Some("/api/x"));
    let job = reply.job().unwrap();
    assert_eq!(job.phase(), Phase::Succeeded);
    assert_eq!(job.message(), Some("done"));
    assert_eq!(*seen.borrow(), ["queued", "running", "success"]);
    assert_eq!(
        server.requests(),
        [
            "POST https://vm.example/api/clusters",
            "GET https://vm.example/api/jobs/j?fields=state,message,last_modified&poll_timeout=30&last_modified=%3E=s0",
            "GET https://vm.example/api/jobs/j?fields=state,message,last_modified&poll_timeout=30&last_modified=%3E=s1",
        ]
    );
}

#[wasm_bindgen_test]
async fn requests_go_as_those_of_the_javascript_face_do() {
    let server = Server::new(&[ACCEPTED, SUCCESS]);
    let builder = server.builder().basic("admin", "pä");
    let client = builder.header("x-own", "client").build().unwrap();
    let call = client.post("/clusters").query("dry run", true);
    call.header("x-own", "call").json(&[1, 2]).await.unwrap();
    let (call, poll) = (server.request(0), server.request(1));
    assert_eq!(
        text(&call, "line"),
        "POST https://vm.example/api/clusters?dry%20run=true"
    );
    assert_eq!(text(&call, "authorization"), "Basic YWRtaW46cMOk");
    assert_eq!(text(&call, "contentType"), "application/json");
    assert_eq!(text(&call, "body"), "[1,2]");
    assert_eq!(text(&call, "own"), "call");
    assert_eq!(text(&poll, "own"), "client");
    assert!(field(&poll, "contentType").is_null());
    for request in [call, poll] {
        assert_eq!(text(&request, "accept"), "application/json");
        assert_eq!(text(&request, "cache"), "no-store");
        assert_eq!(text(&request, "redirect"), "manual");
        assert_eq!(text(&request, "credentials"), "omit");
    }
}

#[wasm_bindgen_test]
async fn a_failed_job_is_an_error_with_the_jobs_own_message() {
    let server = Server::new(&[ACCEPTED, FAILURE]);
    let error = server.client().post("/clusters").await.unwrap_err();
    assert_eq!(error.code(), Some(Code::JobFailed));
    assert_eq!(error.to_string(), "no licence");
    assert_eq!(error.job().unwrap().state().name(), "failure");
    assert_eq!(error.request_id(), Some("r1"));
}

#[wasm_bindgen_test]
async fn updates_come_in_order_and_end() {
    let server = Server::new(&[ACCEPTED, RUNNING, SUCCESS]);
    let handle = server.client().post("/clusters").submit().await.unwrap();
    assert_eq!(handle.id(), Some("j"));
    assert_eq!(handle.response().unwrap().status(), 202);
    let mut updates = handle.updates();
    let mut seen = Vec::new();
    while let Some(job) = updates.next().await {
        seen.push(job.unwrap().message().unwrap().to_owned());
    }
    assert_eq!(seen, ["", "one", "done"]);
    assert!(updates.is_terminated());
    assert!(updates.next().await.is_none());
    assert_eq!(handle.latest().unwrap().message(), Some("done"));
    assert_eq!(handle.result().await.unwrap().message(), Some("done"));
    assert_eq!(server.requests().len(), 3, "an end is told again unasked");
}

#[wasm_bindgen_test]
async fn updates_end_after_one_error() {
    let server = Server::new(&[FAILURE]);
    let handle = server.client().job("j").unwrap();
    let mut updates = handle.updates();
    assert!(!updates.is_terminated());
    let last = updates.next().await.unwrap().unwrap();
    assert_eq!(last.phase(), Phase::Failed);
    let error = updates.next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), Some(Code::JobFailed));
    assert!(updates.next().await.is_none());
}

#[wasm_bindgen_test]
async fn a_future_that_was_never_polled_has_sent_nothing() {
    let server = Server::new(&[]);
    let client = server.client();
    drop(client.post("/clusters").into_future());
    turn().await;
    assert!(server.requests().is_empty());
}

#[wasm_bindgen_test]
async fn to_drop_a_call_aborts_its_request() {
    for answer in [HANG, "{ drip: true }"] {
        let server = Server::new(&[answer]);
        let client = server.client();
        let mut call = client.post("/clusters").into_future();
        assert!(poll_once(&mut call).is_pending());
        server.sent(1).await;
        drop(call);
        assert!(server.was_aborted(0));
        assert_eq!(client.stats().waits, 0);
    }
}

#[wasm_bindgen_test]
async fn the_last_one_to_leave_a_job_ends_its_poll() {
    let server = Server::new(&[HANG]);
    let client = server.client();
    let handle = client.job("j").unwrap();
    let mut one = handle.result().into_future();
    let mut other = handle.updates();
    let mut step = Box::pin(other.next());
    assert!(poll_once(&mut one).is_pending());
    assert!(poll_once(&mut step).is_pending());
    drop(step);
    server.sent(1).await;
    assert_eq!(client.stats().waits, 2);
    drop(one);
    assert!(!server.was_aborted(0), "the other one waits still");
    drop(other);
    assert!(server.was_aborted(0));
    assert_eq!((client.stats().waits, client.stats().open_polls), (0, 0));
}

#[wasm_bindgen_test]
async fn an_accepted_job_that_nobody_takes_over_is_let_go() {
    let server = Server::new(&[ACCEPTED]);
    let client = server.client();
    let mut submitted = client.post("/clusters").submit();
    assert!(poll_once(&mut submitted).is_pending());
    server.sent(1).await;
    turn().await;
    assert_eq!(client.stats().waits, 0, "it is accepted");
    drop(submitted);
    assert!(client.job("j").unwrap().latest().is_none());
}

#[wasm_bindgen_test]
async fn an_accepted_job_is_let_go_by_whoever_leaves_while_it_is_told() {
    let server = Server::new(&[ACCEPTED]);
    let client = server.client();
    let mut submitted = client.post("/clusters").on_progress(|_| {}).submit();
    // Its progress comes before its end, and with the progress it leaves.
    let waker = Waker::from(Arc::new(Leaver));
    let polled = Pin::new(&mut submitted).poll(&mut Context::from_waker(&waker));
    assert!(polled.is_pending());
    LEAVING.replace(Some(submitted));
    server.sent(1).await;
    turn().await;
    assert!(LEAVING.take().is_none(), "it has left");
    assert!(client.job("j").unwrap().latest().is_none());
}

thread_local! {
    static LEAVING: RefCell<Option<Pending<JobHandle>>> = const { RefCell::new(None) };
}

/// An executor that drops a future where others poll it.
struct Leaver;

impl Wake for Leaver {
    fn wake(self: Arc<Self>) {
        drop(LEAVING.take());
    }
}

#[wasm_bindgen_test]
async fn handles_are_equal_that_are_of_one_job_of_one_client() {
    let at_once = "{ body: '{}' }";
    let server = Server::new(&[ACCEPTED, at_once, at_once]);
    let client = server.client();
    let accepted = client.post("/clusters").submit().await.unwrap();
    assert_eq!(accepted, accepted.clone());
    assert_eq!(accepted, client.job("j").unwrap());
    assert_eq!(accepted, client.clone().job("j").unwrap());
    assert_ne!(accepted, client.job("k").unwrap());
    assert_ne!(accepted, server.client().job("j").unwrap());
    let one = client.get("/clusters").submit().await.unwrap();
    let other = client.get("/clusters").submit().await.unwrap();
    assert_eq!(one, one.clone());
    assert_ne!(one, other);
    assert_ne!(one, accepted);
}

#[wasm_bindgen_test]
async fn what_is_known_of_a_job_goes_with_its_last_handle() {
    let server = Server::new(&[ACCEPTED]);
    let client = server.client();
    let handle = client.post("/clusters").submit().await.unwrap();
    let other = handle.clone();
    drop(handle);
    assert!(client.job("j").unwrap().latest().is_some());
    drop(other);
    assert!(client.job("j").unwrap().latest().is_none());
}

#[wasm_bindgen_test]
async fn who_waits_hears_of_the_end_without_the_client() {
    let server = Server::new(&[ACCEPTED, SUCCESS]);
    let client = server.client();
    let mut call = client.post("/clusters").into_future();
    assert!(poll_once(&mut call).is_pending());
    drop(client);
    assert!(call.await.unwrap().job().is_some());
}

#[wasm_bindgen_test]
async fn to_close_ends_every_wait() {
    let server = Server::new(&[HANG]);
    let client = server.client();
    let mut call = client.post("/clusters").into_future();
    assert!(poll_once(&mut call).is_pending());
    server.sent(1).await;
    client.close();
    assert_eq!(call.await.unwrap_err().code(), Some(Code::Closed));
    assert!(server.was_aborted(0));
    let later = client.get("/clusters").await.unwrap_err();
    assert_eq!(later.code(), Some(Code::Closed));
}

#[wasm_bindgen_test]
async fn a_time_out_has_a_token_with_which_the_wait_goes_on() {
    let server = Server::new(&[ACCEPTED, HANG, SUCCESS]);
    let client = server.client();
    let handle = client.post("/clusters").submit().await.unwrap();
    let wait = handle.result().timeout(Duration::from_millis(5));
    let error = wait.await.unwrap_err();
    assert_eq!(error.code(), Some(Code::WaitTimeout));
    let token = error.token().unwrap().to_owned();
    assert_eq!(token, handle.serialize().unwrap());
    let elsewhere = server.client();
    let resumed = elsewhere.resume(&token).unwrap();
    assert_eq!(resumed.result().await.unwrap().message(), Some("done"));
    assert!(server.requests()[2].ends_with("last_modified=%3E=s0"));
    for damaged in ["", "osd1:x", &token[..token.len() - 1]] {
        let error = client.resume(damaged).unwrap_err();
        assert_eq!(error.code(), Some(Code::BadToken));
    }
}

#[wasm_bindgen_test]
async fn a_refused_credential_is_renewed_once_for_all() {
    let refused = "{ status: 401 }";
    let server = Server::new(&[refused, refused, ACCEPTED, SUCCESS, SUCCESS]);
    let asked = Rc::new(RefCell::new(Vec::new()));
    let count = Rc::new(Cell::new(0));
    let builder = server.builder().auth_with({
        let asked = Rc::clone(&asked);
        move |request| {
            asked.borrow_mut().push((request.path, request.status));
            count.set(count.get() + u32::from(request.status.is_some()));
            let given = format!("Bearer {}", count.get());
            async move { Ok(Some(given)) }
        }
    });
    let client = builder.build().unwrap();
    let job = client.job("k").unwrap();
    let mut wait = job.result().into_future();
    assert!(poll_once(&mut wait).is_pending());
    client.post("/clusters?a=b").await.unwrap();
    wait.await.unwrap();
    let again: Vec<_> = asked
        .borrow()
        .iter()
        .filter(|it| it.1.is_some())
        .cloned()
        .collect();
    assert_eq!(again.len(), 1, "once for both");
    assert!(asked.borrow().contains(&("/clusters".into(), None)));
    assert_eq!(text(&server.request(0), "authorization"), "Bearer 0");
    assert_eq!(text(&server.request(2), "authorization"), "Bearer 1");
}

#[wasm_bindgen_test]
async fn a_users_function_that_fails_is_the_errors_source() {
    let server = Server::new(&[]);
    let builder = server.builder().retry(Retry::never());
    let client = builder.auth_with(|_| async { Err("log-in failed".into()) });
    let error = client.build().unwrap().get("/clusters").await.unwrap_err();
    assert_eq!(error.code(), Some(Code::Transport));
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "log-in failed");
    let builder = server.builder();
    let client = builder.auth_with(|_| async { Ok(Some("two\nlines".into())) });
    let error = client.build().unwrap().get("/clusters").await.unwrap_err();
    assert_eq!(error.code(), Some(Code::Transport));
    let builder = server.builder();
    let client = builder.headers_with(|| async { Ok(vec![("a b".into(), "c".into())]) });
    let error = client.build().unwrap().get("/clusters").await.unwrap_err();
    assert_eq!(error.code(), Some(Code::Transport));
    assert!(server.requests().is_empty());
}

#[wasm_bindgen_test]
async fn headers_of_a_function_go_with_each_request() {
    let server = Server::new(&[ACCEPTED, SUCCESS]);
    let builder = server.builder();
    let client = builder.headers_with(|| async { Ok(vec![("x-own".into(), "asked".into())]) });
    client.build().unwrap().post("/clusters").await.unwrap();
    for at in 0..2 {
        assert_eq!(text(&server.request(at), "own"), "asked");
        assert!(field(&server.request(at), "authorization").is_null());
        assert_eq!(text(&server.request(at), "credentials"), "same-origin");
    }
}

#[wasm_bindgen_test]
async fn a_single_poll_shows_a_failed_job() {
    let server = Server::new(&[FAILURE]);
    let handle = server.client().job("j").unwrap();
    let job = handle.poll().await.unwrap();
    assert_eq!(job.phase(), Phase::Failed);
    assert!(!server.requests()[0].contains("poll_timeout"));
}

#[wasm_bindgen_test]
async fn a_call_that_is_answered_at_once_gives_a_handle_that_is_done() {
    let server = Server::new(&["{ body: '{\"num_records\":0}' }"]);
    let handle = server.client().get("/clusters").submit().await.unwrap();
    assert_eq!(handle.id(), None);
    assert!(handle.latest().is_none());
    let job = handle.result().await.unwrap();
    assert_eq!(
        (job.id(), job.state().name(), job.raw()),
        ("", "success", "{}")
    );
    assert!(handle.updates().next().await.unwrap().is_ok());
    let error = handle.poll().await.unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        (Some(Code::NotTrackable), Some(200))
    );
    assert!(handle.serialize().is_err());
    let counts: Records = handle.response().unwrap().json().unwrap();
    assert_eq!(counts.num_records, 0);
}

#[derive(serde::Deserialize)]
struct Records {
    num_records: u32,
}

#[wasm_bindgen_test]
async fn what_no_api_gives_is_told_as_such() {
    for (answer, code) in [
        ("{ opaque: true }", Code::Protocol),
        ("{ endless: true }", Code::Protocol),
        ("{ body: '<html>' }", Code::Protocol),
        ("{ error: true }", Code::Transport),
        ("{ raw: undefined }", Code::Transport),
        (
            "{ raw: { status: 200, headers: new Headers(), body: { getReader: 1 } } }",
            Code::Transport,
        ),
        (LOCKED, Code::Transport),
        ("{ status: 404 }", Code::Http),
        ("{ status: 403 }", Code::Auth),
        ("{ status: 202 }", Code::NotTrackable),
    ] {
        let server = Server::new(&[answer]);
        let error = server.client().post("/clusters").await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{answer}");
    }
}

#[wasm_bindgen_test]
async fn a_body_that_comes_in_pieces_is_put_together() {
    let pieces = "new ReadableStream({ start(it) { for (const piece of ['{\"num', '_records', '\":7}']) it.enqueue(new TextEncoder().encode(piece)); it.close(); } })";
    let server = Server::new(&[&format!("{{ body: {pieces} }}")]);
    let reply = server.client().get("/clusters").await.unwrap();
    assert_eq!(reply.text(), r#"{"num_records":7}"#);
}

#[wasm_bindgen_test]
async fn a_response_without_streams_is_read_in_one_piece() {
    let whole = |read: &str| {
        let server = Server::new(&[&format!(
            "{{ raw: {{ status: 200, headers: new Headers() {read} }} }}"
        )]);
        let call = server.client().post("/clusters").into_future();
        async move { call.await.map(|reply| reply.text().into_owned()) }
    };
    let text = whole(", arrayBuffer: async () => Uint8Array.of(123, 125).buffer");
    assert_eq!(text.await.unwrap(), "{}");
    assert_eq!(whole("").await.unwrap(), "");
    for (read, code) in [
        ("async () => new ArrayBuffer(100_001)", Code::Protocol),
        ("async () => 7", Code::Transport),
        ("() => { throw 7; }", Code::Transport),
        ("7", Code::Transport),
    ] {
        let error = whole(&format!(", arrayBuffer: {read}")).await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{read}");
    }
}

#[wasm_bindgen_test]
async fn arguments_that_cannot_be_used_are_refused_by_name_and_nothing_is_sent() {
    let server = Server::new(&[]);
    let client = server.client();
    let refused = |error: DeployError, name: &str| {
        assert_eq!(error.code(), None);
        assert!(error.to_string().starts_with(name), "{error}");
    };
    refused(client.get("/a/../b").await.unwrap_err(), "path");
    refused(client.request("a b", "/a").await.unwrap_err(), "method");
    refused(client.get("/a").json_text("{}").await.unwrap_err(), "body");
    refused(
        client.post("/a").header("a b", "c").await.unwrap_err(),
        "headers",
    );
    refused(
        client.post("/a").timeout(Duration::ZERO).await.unwrap_err(),
        "timeout",
    );
    refused(client.job("..").unwrap_err(), "id");
    refused(client.post("/a").body(stream()).await.unwrap_err(), "body");
    let wait = client
        .job("j")
        .unwrap()
        .updates()
        .timeout(Duration::ZERO)
        .next()
        .await;
    refused(wait.unwrap().unwrap_err(), "timeout");
    for (builder, name) in [
        (DeployClient::builder("http://vm.example/api"), "baseUrl"),
        (
            DeployClient::builder("https://a:b@vm.example/api"),
            "baseUrl",
        ),
        (server.builder().basic("a:b", "c"), "auth.username"),
        (server.builder().bearer(""), "auth.bearer"),
        (
            server.builder().poll_timeout(Duration::from_secs(121)),
            "pollTimeout",
        ),
        (
            server.builder().request_timeout(Duration::ZERO),
            "requestTimeout",
        ),
        (server.builder().max_open_polls(0), "maxOpenPolls"),
        (
            server.builder().retry(Retry {
                initial_delay: 0,
                ..Retry::default()
            }),
            "retry.initialDelay",
        ),
        (server.builder().max_response_bytes(0), "maxResponseBytes"),
        (server.builder().header("a", "b\nc"), "headers"),
    ] {
        refused(builder.build().unwrap_err(), name);
    }
    assert!(server.requests().is_empty());
    let long = server.builder().timeout(Duration::MAX).build();
    assert!(long.is_ok(), "a span without end is none");
}

fn stream() -> JsValue {
    js_sys::eval("new ReadableStream()").unwrap()
}

#[wasm_bindgen_test]
async fn nothing_secret_is_shown() {
    let quotes = r#"{ status: 500, body: '{"error":{"code":7,"message":"bad Basic c2VjcmV0, see https://vm/x?key=hidden"}}' }"#;
    let server = Server::new(&[quotes]);
    let builder = server
        .builder()
        .basic("admin", "hidden")
        .header("x-key", "hidden");
    let shown = format!("{builder:?}");
    let client = builder.build().unwrap();
    let call = client
        .post("/clusters?key=hidden")
        .header("x-call", "hidden");
    let call = call.json_text("hidden");
    let shown = format!("{shown} {client:?} {call:?}");
    let error = call.await.unwrap_err();
    assert_eq!(
        (error.status(), error.server_code()),
        (Some(500), Some("7"))
    );
    let shown = format!("{shown} {error} {error:?}");
    assert!(
        !shown.contains("hidden") && !shown.contains("c2Vj"),
        "{shown}"
    );
    assert!(shown.contains("POST /clusters was answered 500: bad Basic …, see https://vm/x?…"));
}

#[wasm_bindgen_test]
async fn events_tell_each_step_and_no_secret() {
    let server = Server::new(&[ACCEPTED, SUCCESS]);
    let heard = Rc::new(RefCell::new(Vec::new()));
    let builder = server.builder().on_event({
        let heard = Rc::clone(&heard);
        move |event| heard.borrow_mut().push(event.kind.name())
    });
    let client = builder.build().unwrap();
    client.post("/clusters?key=hidden").await.unwrap();
    turn().await;
    assert_eq!(
        *heard.borrow(),
        [
            "request", "response", "state", "request", "response", "state", "settled"
        ]
    );
}
