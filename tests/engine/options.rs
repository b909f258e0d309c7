//! The limits of options, and the format of credentials.

use ontap_select_deploy::engine::{
    PollTimeout, basic, bearer, duration, is_header_value, whole_number,
};

use crate::harness::{count, ms};

#[test]
fn durations_are_positive_or_endless() {
    assert_eq!(duration("timeout", 0.5), Ok(Some(ms(1))));
    assert_eq!(duration("timeout", 5e9), Ok(Some(ms(5_000_000_000))));
    assert_eq!(duration("timeout", f64::INFINITY), Ok(None));
    for bad in [0.0, -1.0, f64::NAN, f64::NEG_INFINITY] {
        let error = duration("timeout", bad).unwrap_err();
        assert!(!error.wrong_type && error.message.starts_with("timeout: expected more than 0"));
    }
}

#[test]
fn u5_poll_timeout_is_1_to_120_whole_seconds() {
    let seconds =
        |millis| PollTimeout::from_millis("pollTimeout", millis).map(PollTimeout::as_secs);
    assert_eq!(seconds(1_999.0), Ok(1));
    assert_eq!(seconds(120_000.0), Ok(120));
    for bad in [0.0, 999.0, 120_001.0, f64::NAN, f64::INFINITY] {
        assert!(seconds(bad).unwrap_err().message.contains("pollTimeout"));
    }
}

#[test]
fn whole_numbers_are_whole_and_at_least_one() {
    assert_eq!(whole_number("n", 8.0), Ok(count(8)));
    for bad in [0.0, 1.5, -1.0, f64::NAN, f64::INFINITY] {
        assert!(whole_number("n", bad).is_err());
    }
}

#[test]
fn basic_is_base64_without_colon_in_the_name() {
    assert_eq!(
        basic("auth", "Aladdin", "open sesame").unwrap(),
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    );
    assert_eq!(
        basic("auth", "test", "123£").unwrap(),
        "Basic dGVzdDoxMjPCow=="
    );
    assert_eq!(basic("auth", "a", "").unwrap(), "Basic YTo=");
    assert_eq!(basic("auth", "", "b:c").unwrap(), "Basic OmI6Yw==");
    assert!(
        basic("auth", "a:b", "c")
            .unwrap_err()
            .message
            .contains("auth.username")
    );
    let error = basic("auth", "a", "se\ncret").unwrap_err();
    assert!(error.message.contains("auth.password") && !error.message.contains("cret"));
}

#[test]
fn bearer_token_is_visible_ascii() {
    assert_eq!(bearer("auth", "abc.def").unwrap(), "Bearer abc.def");
    for bad in ["", "a\nb", "é", " a"] {
        assert!(bearer("auth", bad).is_err());
    }
    assert!(is_header_value("Negotiate abc=") && !is_header_value("a\r\nb"));
}
