//! Paths, queries, ids and bases: which are rejected, and how the others are encoded.

use ontap_select_deploy::engine::{
    BaseUrl, CallPath, JobId, ObjectPath, encode_query_value, encode_segment, method,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

#[test]
fn paths_that_could_leave_the_base_are_rejected() {
    for path in [
        "",
        "https://evil.example/",
        "HTTPS://evil.example/",
        "javascript:alert(1)",
        "//evil.example/x",
        "\\\\evil.example",
        "/\\evil.example",
        "/a\\..\\b",
        "/..",
        "/../x",
        "/a/../b",
        "/a/./b",
        "..",
        ".",
        "/%2e%2e/x",
        "/%2E./x",
        "/.%2e/x",
        "/%252e%252e/x",
        "/%25252e%25252e/x",
        "/a%2f..%2fb",
        "/a%2F%2e%2e%2Fb",
        "/a%5c..%5cb",
        "/a#b",
        "/a?b#c",
        "/.\t./x",
        "/.. ",
        ".. ",
        "/ ../x",
        "/%2e%2e%20",
        "/..;/x",
        "/..;a=b/x",
        "/%2e%2e;/x",
        "/%c0%ae%c0%ae/x",
        "/%C0%AE./x",
        "/%e0%80%ae%e0%80%ae/x",
        "/%u002e%u002e/x",
        // An overlong dot whose first byte a proxy decodes before the others.
        "/%e0%2580%25ae/x",
        "/%25u002e./x",
        "/\n/x",
        "/a\u{0}",
    ] {
        assert!(CallPath::parse(path).is_err(), "{path:?}");
    }
}

#[test]
fn paths_below_the_base_are_unchanged() {
    for (given, sent) in [
        ("/clusters", "/clusters"),
        ("clusters", "/clusters"),
        ("/clusters/a..b/...", "/clusters/a..b/..."),
        ("/clusters?name=..&x=%2e%2e/", "/clusters?name=..&x=%2e%2e/"),
        ("/hosts/esx:443", "/hosts/esx:443"),
        ("/hosts/a%2Fb", "/hosts/a%2Fb"),
        ("/100%", "/100%"),
        ("/a b ?name=c d ", "/a%20b%20?name=c%20d%20"),
        ("/a;b", "/a;b"),
        ("/%C3%A9", "/%C3%A9"),
        ("/", "/"),
    ] {
        assert_eq!(CallPath::parse(given).unwrap().as_str(), sent);
    }
}

#[test]
fn parameter_is_encoded_as_one_segment() {
    for (value, segment) in [
        ("42", "42"),
        ("a/b c%2F?#ä;=", "a%2Fb%20c%252F%3F%23%C3%A4%3B%3D"),
        ("{b}", "%7Bb%7D"),
        ("...", "..."),
        ("a..b", "a..b"),
    ] {
        assert_eq!(encode_segment("params.id", value).unwrap(), segment);
    }
}

#[test]
fn invalid_parameter_is_rejected_by_name() {
    for value in [
        "", ".", "..", "../x", "a/../b", "a\\b", " ..", "..;x", "%2e%2e", "%252e.", "a%2f..",
        "%c0%ae",
    ] {
        let error = encode_segment("params.id", value).unwrap_err().to_string();
        assert!(error.starts_with("params.id: "), "{value:?}: {error}");
    }
}

#[test]
fn query_is_appended_to_the_path_query() {
    for (path, expected) in [
        ("/a", "/a?k=v"),
        ("/a?", "/a?k=v"),
        ("/a?x=1", "/a?x=1&k=v"),
        ("/a?x=1&", "/a?x=1&k=v"),
    ] {
        let mut path = CallPath::parse(path).unwrap();
        path.add_query("k", "v");
        assert_eq!(path.as_str(), expected);
        assert_eq!(path.without_query(), "/a");
    }
}

#[test]
fn query_operators_follow_the_sample() {
    assert_eq!(
        encode_query_value(">=2019-04-04T15:41:29.140265Z"),
        "%3E=2019-04-04T15:41:29.140265Z"
    );
    assert_eq!(
        encode_query_value("a b&c=d+é|*"),
        "a%20b%26c=d%2B%C3%A9%7C*"
    );
}

#[test]
fn ids_that_are_not_one_segment_are_rejected() {
    for id in ["", ".", "..", &"x".repeat(513)] {
        assert!(JobId::new(id).is_err(), "{id:?}");
    }
    assert!(JobId::new(&"é".repeat(512)).is_ok());
}

#[test]
fn plain_http_is_allowed_only_to_this_machine() {
    let base = |protocol, hostname| BaseUrl {
        protocol,
        hostname,
        has_credentials: false,
        has_query: false,
    };
    for host in [
        "localhost",
        "127.0.0.1",
        "127.9.9.9",
        "[::1]",
        "deploy.localhost",
    ] {
        assert!(base("http:", host).check("base", false).is_ok(), "{host}");
    }
    for host in [
        "deploy",
        "10.0.0.1",
        "127.evil.example",
        "127.07..",
        "127.",
        "localhost.evil.example",
        "[::2]",
    ] {
        assert!(base("http:", host).check("base", false).is_err(), "{host}");
        assert!(base("http:", host).check("base", true).is_ok(), "{host}");
        assert!(base("https:", host).check("base", false).is_ok(), "{host}");
    }
    assert!(base("ftp:", "localhost").check("base", true).is_err());
}

#[test]
fn methods_are_tokens_that_fetch_supports() {
    assert_eq!(method("post").as_deref(), Some("POST"));
    for bad in ["", "PO ST", "GET\r\n", "CONNECT", "trace", "TRACK", "é"] {
        assert_eq!(method(bad), None, "{bad:?}");
    }
}

proptest! {
    #[test]
    fn id_is_always_one_plain_segment(id in "\\PC{1,40}|[./%\\\\\u{0}-\u{1f}]{1,8}") {
        if let Ok(id) = JobId::new(&id) {
            let path = id.path();
            let segment = path.strip_prefix("/jobs/").unwrap();
            prop_assert!(segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
            prop_assert!(segment != "." && segment != "..");
        }
    }

    #[test]
    fn parameter_decodes_to_itself_or_is_rejected(value in "\\PC{1,8}") {
        if let Ok(segment) = encode_segment("params.id", &value) {
            prop_assert!(!segment.contains(['/', '?', '#']));
            let decoded = percent_encoding::percent_decode_str(&segment).decode_utf8().unwrap();
            prop_assert_eq!(decoded, value);
        }
    }

    #[test]
    fn escapes_match_the_percent_encoding_crate(value in "\\PC{0,20}|[%a-f0-9\u{0}-\u{7f}]{0,20}") {
        const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC
            .remove(b'-').remove(b'.').remove(b'_').remove(b'~')
            .remove(b'=').remove(b':').remove(b',').remove(b'*').remove(b'!');
        let theirs = utf8_percent_encode(&value, QUERY_VALUE).to_string();
        prop_assert_eq!(encode_query_value(&value), theirs);
    }

    #[test]
    fn no_decoding_yields_a_dot_segment(path in "(/|%2f|%252F|\\.|%2e|%252E|a|%5c|\\?|:){1,12}") {
        if let Ok(path) = CallPath::parse(&path) {
            let mut path = path.without_query().to_owned();
            for _ in 0..6 {
                prop_assert!(!path.contains('\\'));
                prop_assert!(path.split('/').all(|segment| segment != "." && segment != ".."));
                path = path.replace("%25", "%").replace("%2f", "/").replace("%2F", "/")
                    .replace("%2e", ".").replace("%2E", ".").replace("%5c", "\\");
            }
        }
    }
}

#[test]
fn absolute_url_that_begins_with_the_base_is_a_path_below_it() {
    let path =
        |base, text| CallPath::of_address(base, text, false).map(|(_, it)| it.as_str().to_owned());
    let base = "https://deploy.example.com/api/v3";
    for text in [
        "https://deploy.example.com/api/v3/backups/7?fields=name",
        "HTTPS://Deploy.Example.com:443/api/v3/backups/7?fields=name",
    ] {
        assert_eq!(path(base, text).unwrap(), "/backups/7?fields=name");
    }
    let ported = "http://localhost:8080/api";
    assert_eq!(path(ported, "http://localhost:8080/api/x").unwrap(), "/x");
    assert_eq!(path("https://[::1]", "https://[::1]/x").unwrap(), "/x");
    for text in [
        "https://deploy.example.com/api/v3",
        "https://deploy.example.com/api/v33/x",
        "https://deploy.example.com/api/x",
        "https://deploy.example.com.evil.example/api/v3/x",
        "https://deploy.example.com@evil.example/api/v3/x",
        "https://user:secret@deploy.example.com/api/v3/x",
        "https://deploy.example.com:8443/api/v3/x",
        "http://deploy.example.com/api/v3/x",
        "https://deploy.example.com:80/api/v3/x",
        "//deploy.example.com/api/v3/x",
        "https://deploy.example.com\\@evil.example/api/v3/x",
        "https://deploy.example.com/api/v3/../x",
        "https://deploy.example.com/api/v3/%2e%2e/x",
        "https://deploy.example.com/api/v3//evil.example/x",
        "https://deploy.example.com/api/v3/x#y",
        "https://deploy.example.com/api/v3?x=/",
        " https://deploy.example.com/api/v3/x",
    ] {
        assert!(path(base, text).is_err(), "{text}");
    }
}

#[test]
fn file_url_may_be_anywhere_on_the_origin() {
    const ORIGIN: &str = "https://deploy.example.com";
    const BASE: &str = "https://deploy.example.com/api";
    for (address, root, path) in [
        ("/clusters/c/log", BASE, "/clusters/c/log"),
        (
            "https://deploy.example.com/api/v3/log?x=1",
            BASE,
            "/v3/log?x=1",
        ),
        ("https://Deploy.Example.com:443/api/log", BASE, "/log"),
        ("https://deploy.example.com/files/log", ORIGIN, "/files/log"),
        ("https://deploy.example.com/apis/log", ORIGIN, "/apis/log"),
    ] {
        let (below, parsed) = CallPath::of_address(BASE, address, true).unwrap();
        assert_eq!((&*below, parsed.as_str()), (root, path), "{address}");
    }
    for address in [
        "https://elsewhere.example.com/api/log",
        "https://deploy.example.com:8443/api/log",
        "http://deploy.example.com/api/log",
        "https://deploy.example.com",
        "https://deploy.example.com/files/../log",
        "//deploy.example.com/files/log",
    ] {
        assert!(
            CallPath::of_address(BASE, address, true).is_err(),
            "{address}"
        );
    }
}

#[test]
fn collection_below_api_takes_precedence() {
    let location = "https://proxy/api/deploy/api/clusters/7";
    let object = ObjectPath::of(location, "/clusters", "https://d/root").unwrap();
    assert_eq!(object.path, "/clusters/7");
}

#[test]
fn location_is_mapped_to_the_path_below_the_base() {
    for (base, call, location, path, id) in [
        // As the server writes it.
        (
            "https://d/api",
            "/clusters",
            "https://d/api/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://d/api/v3",
            "/clusters",
            "https://d/api/v3/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://d/api",
            "/clusters",
            "https://d/api/v3/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://d/api/v3",
            "/clusters",
            "https://d/api/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://d/api",
            "/clusters",
            "/api/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://d/api",
            "/clusters",
            "//d/api/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://d/api",
            "/clusters?x=1",
            "https://d/api/clusters/42/?y#z",
            "/clusters/42",
            "42",
        ),
        // Behind a proxy.
        (
            "https://p/deploy/api",
            "/clusters",
            "https://10.0.0.5/api/v3/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://p/d7",
            "/clusters",
            "https://p:8443/d7/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://p/d7",
            "/clusters",
            "http://d:80/api/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://p/d7",
            "/clusters",
            "https://p/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://p",
            "/clusters",
            "https://p/api/v3/clusters/42",
            "/clusters/42",
            "42",
        ),
        (
            "https://p",
            "/api/clusters",
            "https://p/api/clusters/42",
            "/api/clusters/42",
            "42",
        ),
        (
            "https://p/hosts",
            "/hosts",
            "https://p/hosts/hosts/esx",
            "/hosts/esx",
            "esx",
        ),
        // In another collection than the call's.
        (
            "https://d/api",
            "/clusters/42/deploy",
            "https://d/api/v3/jobs/7",
            "/jobs/7",
            "7",
        ),
        (
            "https://p/d7",
            "/clusters/42/deploy",
            "https://d/api/jobs/7",
            "/jobs/7",
            "7",
        ),
        (
            "https://p/d7",
            "/clusters/42/deploy",
            "https://p/d7/jobs/7",
            "/jobs/7",
            "7",
        ),
        // Without a host.
        (
            "https://d/api",
            "/clusters",
            "clusters/42",
            "/clusters/42",
            "42",
        ),
        // Ids of all kinds.
        (
            "https://d/api",
            "/hosts",
            "/api/hosts/esx%201%2Fa",
            "/hosts/esx%201%2Fa",
            "esx 1/a",
        ),
        (
            "https://d/api",
            "/hosts",
            "/api/hosts/{id}",
            "/hosts/%7Bid%7D",
            "{id}",
        ),
        (
            "https://d/api",
            "/hosts",
            "/api/hosts/api",
            "/hosts/api",
            "api",
        ),
        (
            "https://d/api",
            "/hosts",
            "/api/hosts/hosts",
            "/hosts/hosts",
            "hosts",
        ),
        (
            "https://d/api",
            "/hosts",
            "/api/v3/hosts/v3",
            "/hosts/v3",
            "v3",
        ),
    ] {
        let object = ObjectPath::of(location, call, base).unwrap();
        assert_eq!(
            (&*object.path, &*object.id),
            (path, id),
            "{base} {call} {location}"
        );
    }
    for location in [
        "",
        "/",
        "//d",
        "https://d",
        "https://d/",
        "/api",
        "/api/",
        "/api/v3/",
        "/other/x",
        "/api/clusters/..",
        "/api/clusters/%2e%2e/x",
        "/api/clusters/a\\b",
        "/api/clusters/a\nb",
        "javascript:alert(1)",
    ] {
        assert_eq!(
            ObjectPath::of(location, "/clusters", "https://d/api"),
            None,
            "{location:?}"
        );
    }
}
