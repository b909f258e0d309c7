//! A rejected credential is refreshed once for all requests.

use ontap_select_deploy::engine::{Auth, Config, CredentialChoice, Input, Response};

use crate::harness::{Harness, NO_LIMIT, json, post, record};

fn asking() -> Harness {
    Harness::with(Config {
        auth: Auth::Asked,
        ..Config::default()
    })
}

#[test]
fn one_refresh_for_all_requests_with_401() {
    let mut bench = asking();
    let call = bench.call(post(), NO_LIMIT);
    let first = bench.wait("j", NO_LIMIT);
    bench.wait("k", NO_LIMIT);
    for _ in 0..3 {
        bench.respond(5, json(401, ""));
    }
    assert_eq!(
        bench.refreshes,
        [("POST".to_owned(), "/clusters".to_owned())]
    );
    assert!(bench.open.is_empty());
    bench.handle(Input::CredentialRefreshed { fresh: true });
    assert_eq!(bench.open.len(), 3);
    assert!(
        bench
            .open
            .values()
            .all(|sent| sent.credential == CredentialChoice::Fresh)
    );
    bench.respond(5, json(201, "{}"));
    assert!(!bench.is_waiting(call));
    bench.respond(5, record("success", "", "s1"));
    assert_eq!(bench.final_state(first), "success");
}

#[test]
fn late_401_of_an_old_credential_needs_no_refresh() {
    let mut bench = asking();
    bench.wait("j", NO_LIMIT);
    bench.wait("k", NO_LIMIT);
    bench.respond(5, json(401, ""));
    bench.handle(Input::CredentialRefreshed { fresh: true });
    bench.respond(5, json(401, ""));
    assert_eq!(bench.refreshes.len(), 1);
    assert_eq!(bench.open.len(), 2);
}

#[test]
fn second_401_is_final() {
    let mut bench = asking();
    let call = bench.call(post(), NO_LIMIT);
    bench.respond(5, json(401, ""));
    bench.handle(Input::CredentialRefreshed { fresh: true });
    bench.respond(5, json(401, r#"{"error": {"message": "bad password"}}"#));
    assert_eq!(bench.code(call).name(), "AUTH");
    assert!(bench.error(call).message.contains("bad password"));
    assert_eq!(bench.sent.len(), 2);
}

#[test]
fn without_a_new_credential_the_401_is_reported() {
    let mut bench = asking();
    let waiters = [
        bench.call(post(), NO_LIMIT),
        bench.wait("j", NO_LIMIT),
        bench.poll_once("k"),
    ];
    for _ in 0..3 {
        bench.respond(5, json(401, ""));
    }
    bench.handle(Input::CredentialRefreshed { fresh: false });
    for waiter in waiters {
        assert_eq!(
            (bench.code(waiter).name(), bench.error(waiter).status),
            ("AUTH", Some(401))
        );
    }
}

#[test]
fn fixed_credential_is_not_refreshed() {
    let mut bench = Harness::new();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(401, ""));
    assert_eq!(bench.code(waiter).name(), "AUTH");
    assert!(bench.refreshes.is_empty());
}

#[test]
fn request_aborted_during_a_refresh_is_not_resent() {
    let mut bench = asking();
    let call = bench.call(post(), NO_LIMIT);
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(401, ""));
    bench.respond(5, json(401, ""));
    bench.abort(call);
    bench.abort(waiter);
    bench.handle(Input::CredentialRefreshed { fresh: true });
    assert!(bench.open.is_empty());
}

#[test]
fn status_403_does_not_refresh_the_credential() {
    let mut bench = asking();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(403, ""));
    assert_eq!(bench.code(waiter).name(), "AUTH");
    assert!(bench.refreshes.is_empty());
}

#[test]
fn auth_function_that_never_returns_times_out() {
    let mut bench = asking();
    let waiter = bench.wait("j", NO_LIMIT);
    bench.respond(5, json(401, ""));
    bench.pass(29_999);
    assert!(bench.is_waiting(waiter));
    bench.pass(1);
    assert_eq!(bench.code(waiter).name(), "AUTH");
    // Its later result is ignored.
    bench.handle(Input::CredentialRefreshed { fresh: true });
    assert!(bench.open.is_empty());
}

#[test]
fn u9_401_keeps_the_servers_message() {
    let mut bench = asking();
    let call = bench.call(post(), NO_LIMIT);
    let once = bench.poll_once("k");
    let mut refusal = json(
        401,
        r#"{"error": {"code": 42, "message": "account locked"}}"#,
    );
    refusal.request_id = Some("r-1".into());
    for exchange in bench.open.keys().copied().collect::<Vec<_>>() {
        bench.respond_now(exchange, refusal.clone());
    }
    bench.handle(Input::CredentialRefreshed { fresh: false });
    for waiter in [call, once] {
        let error = bench.error(waiter);
        assert_eq!(error.code.name(), "AUTH");
        assert_eq!(error.request_id.as_deref(), Some("r-1"));
        assert_eq!(error.server_code.as_deref(), Some("42"));
        assert!(error.text.is_some() && error.message.ends_with("account locked"));
    }
}

#[test]
fn a19_refresh_restarts_when_no_request_waits_for_it() {
    let mut bench = asking();
    // Other requests may wait for something else meanwhile.
    let other = bench.wait("other", NO_LIMIT);
    let call = bench.call(post(), NO_LIMIT);
    let job = bench.wait("j", NO_LIMIT);
    let single = bench.poll_once("k");
    for exchange in bench.open.keys().copied().skip(1).collect::<Vec<_>>() {
        bench.respond_now(exchange, json(401, ""));
    }
    assert_eq!(bench.refreshes.len(), 1);
    for waiter in [call, job, single] {
        bench.abort(waiter);
    }
    // The function never returns, and its time is almost over.
    bench.pass(29_000);
    let next = bench.call(post(), NO_LIMIT);
    let exchange = *bench.open.keys().last().unwrap();
    bench.respond_now(exchange, json(401, ""));
    assert_eq!(bench.refreshes.len(), 2);
    bench.pass(2_000);
    assert!(bench.is_waiting(next), "it has its full time again");
    bench.handle(Input::CredentialRefreshed { fresh: true });
    let exchange = *bench.open.keys().last().unwrap();
    bench.respond_now(exchange, json(201, "{}"));
    assert!(!bench.is_waiting(next) && bench.is_waiting(other));
}

#[test]
fn a19_refresh_runs_once_while_a_request_waits_for_it() {
    let mut bench = asking();
    let leaves = bench.wait("j", NO_LIMIT);
    let stays = bench.wait("k", NO_LIMIT);
    bench.respond(5, json(401, ""));
    bench.respond(5, json(401, ""));
    bench.abort(leaves);
    let next = bench.wait("l", NO_LIMIT);
    bench.respond(5, json(401, ""));
    assert_eq!(bench.refreshes.len(), 1);
    bench.handle(Input::CredentialRefreshed { fresh: true });
    for waiter in [stays, next] {
        bench.respond(5, record("success", "", "s1"));
        assert_eq!(bench.final_state(waiter), "success");
    }
}

fn rejected_as(request: &str) -> Response {
    Response {
        request_id: Some(request.into()),
        ..json(401, "")
    }
}

#[test]
fn rejection_does_not_reach_the_next_job() {
    let mut bench = asking();
    let left = bench.wait("left", NO_LIMIT);
    bench.respond(10, rejected_as("of-left"));
    // The job is dropped while the auth function runs. The next job gets its slot.
    let stays = bench.wait("other", NO_LIMIT);
    bench.abort(left);
    let waiter = bench.wait("next", NO_LIMIT);
    let exchange = *bench.open.keys().last().unwrap();
    bench.respond_to(exchange, 10, rejected_as("of-next"));
    bench.handle(Input::CredentialRefreshed { fresh: false });
    assert_eq!(bench.error(waiter).request_id.as_deref(), Some("of-next"));
    assert!(bench.is_waiting(stays));
}
