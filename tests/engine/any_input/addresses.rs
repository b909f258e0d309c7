//! Arbitrary strings as paths, ids, methods and credentials, and arbitrary numbers as options.

use ontap_select_deploy::engine::{
    CallPath, JobId, ObjectPath, PollTimeout, RetryPolicy, basic, bearer, duration,
    encode_query_value, encode_segment, is_header_value, method, whole_number,
};
use percent_encoding::percent_decode_str;

use crate::harness::{count, ms};

pub(crate) fn check(data: &[u8]) {
    if let Some((bytes, _)) = data.split_first_chunk() {
        number(f64::from_le_bytes(*bytes));
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    path(text);
    absolute(text);
    location(text);
    segment(text);
    id(text);
    credential(text);
    if let Ok(value) = text.parse() {
        number(value);
    }
    if let Some(method) = method(text) {
        assert!(method.eq_ignore_ascii_case(text) && !method.is_empty());
        assert!(!method.contains(|c: char| c.is_ascii_lowercase() || c <= ' ' || c >= '\u{7f}'));
    }
}

/// A path stays below the base, resolved as in RFC 3986 and decoded any number of times. Adding a query does
/// not change the part before it.
fn path(text: &str) {
    let (name, value) = text.split_once('=').unwrap_or((text, text));
    let Ok(mut path) = CallPath::parse(text) else {
        return;
    };
    let written = path.as_str().to_owned();
    let plain = path.without_query().to_owned();
    assert!(plain.starts_with('/') && written.starts_with(&plain));
    assert!(!written.contains(['#', ' ', '\t', '\r', '\n']));
    assert_eq!(plain.split('/').collect::<Vec<_>>(), resolved(&plain));
    stays(&plain);
    path.add_query(name, value);
    let added = path.as_str().strip_prefix(&written).unwrap();
    let added = added.trim_start_matches(['?', '&']);
    let (_, sent) = added.split_once('=').unwrap();
    assert!(!added.contains(['#', '?', '&', '+', ' ']));
    assert_eq!(decoded(sent), value);
    assert_eq!(path.without_query(), plain);
    assert_eq!(sent, encode_query_value(value));
}

const ORIGIN: &str = "https://deploy.example.com";
const BASE: &str = "https://deploy.example.com/api";

/// An absolute URL stays below the base, or on its origin if that is allowed.
fn absolute(text: &str) {
    if let Ok((_, path)) = CallPath::of_address(BASE, text, false) {
        stays(path.without_query());
    }
    if let Ok((root, path)) = CallPath::of_address(BASE, text, true) {
        assert!(root == BASE || root == ORIGIN, "{root}");
        assert!(path.as_str().starts_with('/') && !path.as_str().starts_with("//"));
        stays(path.without_query());
    }
}

/// The path of a created object is a valid path, and its last segment is the id.
fn location(text: &str) {
    let Some(object) = ObjectPath::of(text, "/clusters", BASE) else {
        return;
    };
    let path = CallPath::parse(&object.path).unwrap();
    assert_eq!(path.as_str(), object.path);
    assert!(!object.path.contains(['{', '}', '?', '#']));
    stays(&object.path);
    assert_eq!(
        decoded(object.path.split('/').next_back().unwrap()),
        object.id
    );
}

/// No segment leads upwards, however often a proxy decodes the path.
fn stays(path: &str) {
    let mut path = path.to_owned();
    loop {
        assert!(!path.contains('\\'), "{path:?}");
        assert!(
            !path.split('/').any(|it| it == "." || it == ".."),
            "{path:?}"
        );
        let Ok(once) = percent_decode_str(&path).decode_utf8() else {
            return;
        };
        if once == path {
            return;
        }
        path = once.into_owned();
    }
}

/// A path's segments with dot segments removed, as in RFC 3986, section 5.2.4.
fn resolved(path: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    kept
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// A path parameter becomes one segment that decodes to its value.
fn segment(text: &str) {
    if let Ok(segment) = encode_segment("params.id", text) {
        assert!(!segment.is_empty() && !segment.contains(['/', '?', '#', '\\', ' ']));
        assert_eq!(decoded(&segment), text);
        assert!(CallPath::parse(&format!("/clusters/{segment}/nodes")).is_ok());
        stays(&segment);
    }
}

/// An id becomes one segment below `/jobs`.
fn id(text: &str) {
    let Ok(id) = JobId::new(text) else {
        assert!(matches!(text, "" | "." | "..") || text.chars().count() > 512);
        return;
    };
    let path = id.path();
    let segment = path.strip_prefix("/jobs/").unwrap();
    assert!(!segment.contains(['/', '?', '#', '\\']) && !segment.is_empty());
    assert_eq!(decoded(segment), text);
    assert_eq!(resolved(&path), ["", "jobs", segment]);
}

/// An accepted credential is a valid header value, and an error does not quote a rejected one.
fn credential(text: &str) {
    let (name, password) = text.split_once(':').unwrap_or((text, ""));
    for written in [basic("auth", name, password), bearer("auth", text)] {
        match written {
            Ok(header) => assert!(is_header_value(&header), "{header:?}"),
            Err(error) => assert!(text.len() < 4 || !error.message.contains(text)),
        }
    }
    assert_eq!(
        basic("auth", name, password).is_ok(),
        !text.chars().any(char::is_control)
    );
}

/// Each check accepts exactly what its message says.
fn number(value: f64) {
    let whole = whole_number("n", value);
    let is_whole = value.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&value);
    assert_eq!(whole.is_ok(), is_whole);
    if let Ok(whole) = whole {
        assert_eq!(f64::from(whole.get()), value);
    }
    let poll = PollTimeout::from_millis("n", value);
    assert_eq!(poll.is_ok(), (1_000.0..=120_000.0).contains(&value));
    if let Ok(poll) = poll {
        assert_eq!(f64::from(poll.as_secs()), (value / 1_000.0).floor());
    }
    let span = duration("n", value);
    assert_eq!(span.is_ok(), value > 0.0);
    if let Ok(Some(span)) = span {
        assert!(span >= ms(1));
        let policy = RetryPolicy::default()
            .with_initial_delay(span)
            .with_max_delay(span)
            .with_max_retry_after(span)
            .with_max_attempts(count(1));
        assert_eq!(policy.initial_delay(), span);
        assert_eq!(policy.max_delay(), span);
        assert_eq!(policy.max_retry_after(), span);
        assert_eq!(policy.max_attempts(), count(1));
    }
}
