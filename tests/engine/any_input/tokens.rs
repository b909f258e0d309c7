//! Arbitrary strings as tokens and JSON: an accepted one round-trips.

use ontap_select_deploy::engine::{Config, Json, Kind, Token, channel_name, retry_after};

use crate::harness::{Harness, NO_LIMIT};

const BASE: &str = "https://deploy.example.com/api";

pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    token(text);
    json(text);
    let name = channel_name(text, BASE);
    assert!(
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-:".contains(&byte))
    );
    let is_number = !text.trim().is_empty() && text.trim().bytes().all(|it| it.is_ascii_digit());
    assert_eq!(retry_after(text, |_| None).is_some(), is_number);
}

/// An accepted token equals its own serialization, and its poll stays below the base.
fn token(text: &str) {
    let Ok(token) = Token::parse(text, BASE) else {
        return;
    };
    let written = token.write(BASE);
    assert_eq!(Token::parse(&written, BASE).as_ref(), Ok(&token));
    assert!(Token::parse(text, "https://other.example.com/api").is_err());
    let mut bench = Harness::with(Config {
        base: BASE.into(),
        ..Config::default()
    });
    bench.resume(&token);
    assert_eq!(
        Token::parse(&bench.engine.token(&token.job), BASE),
        Ok(token.clone())
    );
    bench.engine.detach(bench.now, &token.job);
    bench.resume(&token);
    let job = token.job.as_str();
    bench.wait(job, NO_LIMIT);
    assert!(bench.last_target().starts_with(&token.job.path()));
    bench.close();
}

/// What the scanner reads is what `serde_json` reads.
fn json(text: &str) {
    let Ok(json) = Json::parse(text) else {
        return;
    };
    assert_eq!(json.source(), text.trim_matches([' ', '\t', '\n', '\r']));
    match json.kind() {
        Kind::Object => {
            if let Some(member) = json.member("record") {
                assert!(Json::parse(member.source()).is_ok());
            }
        }
        Kind::Array => {
            for element in json.elements() {
                assert!(Json::parse(element.source()).is_ok());
            }
        }
        Kind::String => assert!(json.text().is_some()),
        Kind::Null | Kind::Bool | Kind::Number => assert!(json.text().is_none()),
    }
}
