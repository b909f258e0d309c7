//! The JSON scanner against an oracle: it accepts what serde_json accepts, and finds what it finds.

use ontap_select_deploy::engine::{Json, Kind};
use proptest::prelude::*;
use serde_json::Value;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC*".prop_map(Value::from),
        "[\\x00-\\x1f\"\\\\/\u{1f600}]*".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec(("[a-e\"\\\\]{0,2}", inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_document_and_its_members_are_read(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let json = Json::parse(&text).unwrap();
        if let Value::Object(members) = &value {
            prop_assert_eq!(json.kind(), Kind::Object);
            for (name, member) in members {
                let found = json.member(name).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Value>(found.source()).unwrap(), &serde_json::from_str::<Value>(&member.to_string()).unwrap());
                if let Value::String(expected) = member {
                    prop_assert_eq!(&found.text().unwrap(), expected);
                }
            }
            prop_assert_eq!(json.member("zz"), None);
        }
    }

    #[test]
    fn corrupted_documents_agree_with_serde_json(
        value in any_json(), at in any::<prop::sample::Index>(), with in "[\\x00-\\x7f]{0,2}"
    ) {
        let mut text = value.to_string();
        let mut cut = at.index(text.len() + 1);
        while !text.is_char_boundary(cut) { cut -= 1; }
        let mut end = (cut + 1).min(text.len());
        while !text.is_char_boundary(end) { end += 1; }
        text.replace_range(cut..end, &with);
        let expected = serde_json::from_str::<Value>(&text);
        // serde_json also rejects lone surrogates and very large numbers; the grammar allows them.
        let too_strict = expected.as_ref().is_err_and(|error| {
            let error = error.to_string();
            error.contains("surrogate") || error.contains("hex escape") || error.contains("number out of range")
        });
        if !too_strict {
            prop_assert_eq!(Json::parse(&text).is_ok(), expected.is_ok(), "{}", text);
        }
    }

    #[test]
    fn no_input_causes_a_panic(text in ".{0,200}") {
        if let Ok(json) = Json::parse(&text) {
            let _ = (json.kind(), json.member("a"), json.text());
        }
    }
}

#[test]
fn last_of_equal_names_counts() {
    let json = Json::parse(r#"{"a": 1, "\u0061": 2}"#).unwrap();
    assert_eq!(json.member("a").unwrap().source(), "2");
}

#[test]
fn surrogates_are_joined_or_replaced() {
    for (text, read) in [
        (r#""\ud83d\ude00""#, "\u{1f600}"),
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""\ud83dx""#, "\u{fffd}x"),
        (r#""\ude00""#, "\u{fffd}"),
        (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
        (r#""\u00e9\n\"\/""#, "é\n\"/"),
    ] {
        assert_eq!(Json::parse(text).unwrap().text().unwrap(), read);
    }
}

#[test]
fn nesting_is_bounded_and_needs_no_stack() {
    assert!(Json::parse(&("[".repeat(128) + &"]".repeat(128))).is_ok());
    assert!(Json::parse(&("[".repeat(129) + &"]".repeat(129))).is_err());
    assert!(Json::parse(&r#"{"a":"#.repeat(1_000_000)).is_err());
}
