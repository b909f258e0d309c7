//! Arbitrary paths, ids, credentials and options. The native tests define the properties and replay `corpus`;
//! this target also compares with a browser's URL parser.
#![no_main]
#![allow(dead_code)] // A target uses only a part of the harness.

use libfuzzer_sys::fuzz_target;
use ontap_select_deploy::engine::{BaseUrl, CallPath, JobId, ObjectPath, encode_segment};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

#[path = "../../tests/engine/any_input/addresses.rs"]
mod addresses;
#[path = "../../tests/engine/harness.rs"]
mod harness;

fuzz_target!(|data: &[u8]| {
    addresses::check(data);
    if let Ok(text) = std::str::from_utf8(data) {
        base(text);
        below_the_base(text);
    }
});

const BASE: &str = "https://deploy.example.com/api";

/// Plain http is allowed only to this machine, and no other scheme than http and https.
fn base(text: &str) {
    let Ok(url) = Url::parse(text) else {
        return;
    };
    let parts = BaseUrl {
        protocol: &format!("{}:", url.scheme()),
        hostname: url.host_str().unwrap_or_default(),
        has_credentials: !url.username().is_empty() || url.password().is_some(),
        has_query: url.query().is_some() || url.fragment().is_some(),
    };
    if parts.check("base", false).is_ok() {
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        assert!(url.scheme() == "https" || (url.scheme() == "http" && is_here));
    }
    assert_eq!(parts.check("base", true).is_ok(), {
        matches!(url.scheme(), "https" | "http") && !parts.has_credentials && !parts.has_query
    });
}

/// A URL parser does not change the path that was written.
fn below_the_base(text: &str) {
    if let Ok(path) = CallPath::parse(text) {
        let url = resolved(path.as_str());
        assert!(url.path().starts_with("/api/"), "{url}");
        let sent = path.without_query();
        let segments = |path: &str| path.matches('/').count();
        assert_eq!(segments(url.path()), segments(sent) + 1, "{url}");
    }
    if let (Ok((_, path)), Ok(url)) = (CallPath::of_address(BASE, text, false), Url::parse(text)) {
        // An accepted absolute URL is sent unchanged.
        assert_eq!(resolved(path.as_str()).path(), url.path());
        assert_eq!(resolved(path.as_str()).origin(), url.origin());
    }
    if let Ok((root, path)) = CallPath::of_address(BASE, text, true) {
        let url = Url::parse(&format!("{root}{}", path.as_str())).expect("a URL");
        assert_eq!(url.origin(), resolved("/").origin());
    }
    if let Some(object) = ObjectPath::of(text, "/clusters", BASE) {
        // A browser escapes some more characters.
        let bytes = |path: &str| percent_decode_str(path).collect::<Vec<u8>>();
        let sent = resolved(&object.path);
        assert_eq!(bytes(sent.path()), bytes(&format!("/api{}", object.path)));
    }
    if let Ok(segment) = encode_segment("params.id", text) {
        let url = resolved(&format!("/clusters/{segment}/nodes"));
        assert_eq!(url.path(), format!("/api/clusters/{segment}/nodes"));
    }
    if let Ok(id) = JobId::new(text) {
        assert_eq!(
            resolved(&id.path()).path(),
            format!("/api{path}", path = id.path())
        );
    }
}

fn resolved(path: &str) -> Url {
    let url = Url::parse(&format!("{BASE}{path}")).expect("a path below the base is a URL");
    assert_eq!(url.origin(), Url::parse(BASE).expect("a URL").origin());
    assert!(url.fragment().is_none() && url.username().is_empty());
    url
}
