//! Text of any kind as tokens, paths, ids and dates: no panic, and accepted text is written as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ontap_select_deploy::engine::{CallPath, JobId, Json, Token, method, retry_after};

fuzz_target!(|text: &str| {
    if let Ok(token) = Token::parse(text, "https://deploy.example.com/api") {
        assert_eq!(token.write("https://deploy.example.com/api"), text);
    }
    if let Ok(path) = CallPath::parse(text) {
        assert!(path.as_str().starts_with('/') && !path.as_str().starts_with("//"));
    }
    if let Ok(id) = JobId::new(text) {
        assert_eq!(id.path().matches('/').count(), 2);
    }
    if let Ok(json) = Json::parse(text) {
        let _ = (json.member("record"), json.text());
    }
    let _ = (retry_after(text, |_| None), method(text));
});
