//! Tokens: their content, and which ones are rejected.

use proptest::prelude::*;

use ontap_select_deploy::engine::{Config, Token, Usage, WaiterId, channel_name};

use crate::harness::{Harness, NO_LIMIT, accepted, id, json, not_known, post, record};

const BASE: &str = "https://deploy.example.com/api/v3";

fn bench() -> Harness {
    Harness::with(Config {
        base: BASE.into(),
        ..Config::default()
    })
}

/// The token of job `j` after a 202 and these poll responses.
fn token_after(responses: &[&str]) -> String {
    let mut bench = bench();
    bench.attach("j");
    bench.call(post(), NO_LIMIT);
    bench.respond(5, accepted("j", "2019-04-04T15:41:29.140265+00:00"));
    for state in responses {
        bench.respond(5, record(state, "", state));
    }
    bench.engine.token(&id("j"))
}

fn first_waiter() -> WaiterId {
    WaiterId::try_from(1).unwrap()
}

fn resumed(token: &str) -> Harness {
    let mut bench = bench();
    let token = Token::parse(token, BASE).unwrap();
    bench.resume(&token);
    bench.wait("j", NO_LIMIT);
    bench
}

#[test]
fn resumed_wait_uses_the_token_cursor() {
    let bench = resumed(&token_after(&[]));
    assert!(
        bench
            .last_target()
            .ends_with("&poll_timeout=30&last_modified=%3E=2019-04-04T15:41:29.140265%2B00:00")
    );
    let bench = resumed(&token_after(&["running"]));
    assert!(bench.last_target().ends_with("last_modified=%3E=running"));
}

#[test]
fn token_of_an_ended_job_has_no_cursor() {
    for end in ["success", "failure"] {
        let bench = resumed(&token_after(&[end]));
        assert!(!bench.last_target().contains("last_modified=%3E"));
    }
}

#[test]
fn token_of_an_id_contains_only_the_id() {
    let mut bench = bench();
    bench.attach("j");
    let token = bench.engine.token(&id("j"));
    assert_eq!(token, bench.engine.token(&id("j")));
    let bench = resumed(&token);
    assert!(!bench.last_target().contains("poll_timeout"));
    // A job without a handle has a token too, because a handle outlives its client's close.
    assert_eq!(
        Harness::with(Config {
            base: BASE.into(),
            ..Config::default()
        })
        .engine
        .token(&id("j")),
        token
    );
}

#[test]
fn token_decides_what_a_later_404_means() {
    // Seen: gone after two more polls. Named by a 202: gone after three. Only an id: a plain 404.
    let mut bare = bench();
    bare.attach("j");
    let bare_token = bare.engine.token(&id("j"));
    for (token, polls, code) in [
        (token_after(&["running"]), 3, "JOB_GONE"),
        (token_after(&[]), 4, "JOB_GONE"),
        (bare_token, 4, "HTTP"),
    ] {
        let mut bench = resumed(&token);
        for _ in 0..polls {
            bench.respond(5, not_known(404));
            if bench.open.is_empty() && bench.is_waiting(first_waiter()) {
                bench.wake();
            }
        }
        assert_eq!(bench.code(first_waiter()).name(), code);
    }
}

#[test]
fn known_state_is_newer_than_a_token() {
    let old = token_after(&[]);
    let mut bench = bench();
    bench.wait("j", NO_LIMIT);
    bench.respond(5, record("running", "", "new"));
    let token = Token::parse(&old, BASE).unwrap();
    bench.resume(&token);
    bench.respond(30_000, json(204, ""));
    assert!(bench.last_target().ends_with("%3E=new"));
}

#[test]
fn resumed_handle_is_released_like_any_other() {
    let mut bench = resumed(&token_after(&[]));
    bench.respond(5, record("success", "", "s"));
    assert!(bench.engine.latest(&id("j")).is_some());
    bench.detach("j");
    assert_eq!(bench.engine.usage(), Usage::default());
}

#[test]
fn channel_name_depends_on_base_and_principal_and_shows_neither() {
    let name = channel_name(BASE, "admin");
    assert_eq!(name, channel_name(BASE, "admin"));
    assert_ne!(name, channel_name(BASE, "operator"));
    assert_ne!(name, channel_name("https://other.example.com/api", "admin"));
    let hash = name.strip_prefix("ontap-select-deploy:").unwrap();
    assert!(hash.len() == 16 && u64::from_str_radix(hash, 16).is_ok());
}

#[test]
fn timeout_has_a_token_if_there_is_a_job() {
    let mut bench = bench();
    let waiter = bench.call(post(), 60_000);
    bench.respond(5, accepted("j", "s0"));
    bench.pass(60_000);
    let token = bench.error(waiter).token.clone().unwrap();
    assert!(resumed(&token).last_target().ends_with("%3E=s0"));
    let single = bench.poll_once_within("j", 1_000);
    bench.pass(1_000);
    assert!(bench.error(single).token.is_some());
    let unanswered = bench.call(post(), 1_000);
    bench.pass(1_000);
    assert_eq!(bench.error(unanswered).token, None);
}

#[test]
fn token_shows_no_address() {
    let token = token_after(&["running"]);
    assert!(!token.contains("deploy") && !token.contains("example") && !token.contains('/'));
}

#[test]
fn foreign_and_corrupted_tokens_are_rejected() {
    let token = token_after(&["running"]);
    let parse = |text: &str, base| Token::parse(text, base).map_err(|error| error.to_string());
    assert!(parse(&token, BASE).is_ok());
    for base in [
        "https://other.example.com/api/v3",
        "https://deploy.example.com/api",
    ] {
        assert!(parse(&token, base).unwrap_err().contains("another server"));
    }
    for (text, why) in [
        ("", "serialize"),
        ("osd2:a:b:c:d:e", "version"),
        ("osd1", "corrupted"),
        ("osd1:a:b:c:d", "corrupted"),
        (&format!("{token}:"), "corrupted"),
        (&format!(" {token}"), "version"),
        (&format!("{token} "), "corrupted"),
    ] {
        assert!(parse(text, BASE).unwrap_err().contains(why), "{text}");
    }
}

/// A forged token with a valid checksum.
fn forged(body: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in body.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    format!("{body}{hash:016x}")
}

#[test]
fn forged_token_can_only_name_a_job() {
    let base = token_after(&[]).split(':').nth(1).unwrap().to_owned();
    let parse = |known: &str, id: &str, cursor: &str| {
        Token::parse(
            &forged(&format!("osd1:{base}:{known}:{id}:{cursor}:")),
            BASE,
        )
    };
    assert_eq!(parse("s", "j", "c").unwrap().job, id("j"));
    for (known, id, cursor) in [
        ("x", "j", "c"),
        ("", "j", "c"),
        ("s", "", "c"),
        ("s", ".", "c"),
        ("s", "%2E%2E", "c"),
        ("s", "%", "c"),
        ("s", "%4", "c"),
        ("s", "%zz", "c"),
        ("s", "%+1", "c"),
        ("s", "%FF", "c"),
        ("s", "j", "%FF"),
        ("s", &"j".repeat(513), "c"),
    ] {
        assert!(parse(known, id, cursor).is_err(), "{known} {id} {cursor}");
    }
    let mut bench = bench();
    let token = parse("s", "..%2Fadmin%3Fx", "1&fields=*%0A").unwrap();
    bench.resume(&token);
    bench.wait("../admin?x", NO_LIMIT);
    assert_eq!(
        bench.last_target(),
        "/jobs/..%2Fadmin%3Fx?fields=state,message,last_modified&poll_timeout=30&last_modified=%3E=1%26fields=*%0A"
    );
}

proptest! {
    #[test]
    fn any_job_and_cursor_round_trip(job in "\\PC{1,40}", cursor in "\\PC{0,40}") {
        prop_assume!(job != "." && job != "..");
        let mut bench = bench();
        bench.attach(&job);
        let waiter = bench.wait(&job, NO_LIMIT);
        let body = serde_json::json!({"record": {"state": "running", "last_modified": cursor}});
        bench.respond(5, json(200, &body.to_string()));
        prop_assert!(bench.is_waiting(waiter));
        let text = bench.engine.token(&id(&job));
        let token = Token::parse(&text, BASE).unwrap();
        prop_assert_eq!(token.job.as_str(), job.as_str());
        prop_assert_eq!(token.write(BASE), text);
    }

    #[test]
    fn changed_byte_is_detected(at in 0..60_usize, byte in b' '..b'~') {
        let token = token_after(&["running"]);
        let mut bytes = token.clone().into_bytes();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        prop_assert!(Token::parse(&String::from_utf8(bytes).unwrap(), BASE).is_err());
    }

    #[test]
    fn no_input_causes_a_panic(text in "\\PC*", tail in "(:?[a-z0-9%.]{0,6}){0,8}") {
        prop_assert!(Token::parse(&text, BASE).is_err());
        let versioned = ["osd1:", tail.as_str()].concat();
        prop_assert!(Token::parse(&versioned, BASE).is_err());
    }
}

#[test]
fn token_gives_no_cursor_to_a_known_job() {
    let old = token_after(&[]);
    let mut bench = bench();
    bench.attach("j");
    bench.wait("j", NO_LIMIT);
    bench.respond(5, json(200, r#"{"record": {"state": "running"}}"#));
    let token = Token::parse(&old, BASE).unwrap();
    bench.resume(&token);
    bench.wake();
    assert!(!bench.last_target().contains("poll_timeout"));
}
