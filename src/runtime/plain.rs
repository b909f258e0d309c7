//! Plain objects, made for the JavaScript face.

use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

/// The members of a plain object; those without a value are left out.
///
/// One shape for all, since a derived `Serialize` for each would bring five times the code.
pub(super) struct Members<'a>(pub(super) &'a [(&'static str, Member<'a>)]);

/// A member's value.
#[derive(Clone, Copy)]
pub(super) enum Member<'a> {
    Absent,
    Text(&'a str),
    Number(f64),
}

impl Members<'_> {
    /// As a JavaScript object. Only strings and numbers are in it, and they always convert.
    pub(super) fn plain(&self) -> JsValue {
        let objects = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
        self.serialize(&objects).unwrap_or_default()
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let there = |(_, value): &&(_, Member<'_>)| !matches!(value, Member::Absent);
        serializer.collect_map(
            self.0
                .iter()
                .filter(there)
                .map(|(name, value)| (name, value)),
        )
    }
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_f64(*number),
        }
    }
}

/// A text, if there is one.
pub(super) fn text(text: Option<&str>) -> Member<'_> {
    text.map_or(Member::Absent, Member::Text)
}

/// A number, if there is one.
pub(super) fn number<T: Into<f64>>(number: Option<T>) -> Member<'static> {
    number.map_or(Member::Absent, |number| Member::Number(number.into()))
}
