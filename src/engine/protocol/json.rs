//! Finding a member in JSON text without building a tree.
//!
//! A JSON library would weigh more than the whole engine in the download, and the engine only ever
//! reads a handful of members. The text is checked in full against RFC 8259 once, by a scanner that
//! does not recurse; a [`Json`] is then a slice of text known to be well formed.

use std::borrow::Cow;

use crate::engine::protocol::text::{cut, has, hex_value, is_one_of};

/// Nesting beyond this is refused, so that no later reader can be made to overflow its stack.
const MAX_DEPTH: usize = 128;

/// A well-formed JSON value, as a slice of its text.
///
/// ```
/// use ontap_select_deploy::core::Json;
/// let json = Json::parse(r#"{"record": {"state": "running"}}"#).unwrap();
/// let state = json.member("record").and_then(|record| record.member("state"));
/// assert_eq!(state.and_then(|state| state.text()).as_deref(), Some("running"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

/// What kind of value a [`Json`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, of any size.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// The text is not one JSON value, or is nested deeper than 128 levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl<'a> Json<'a> {
    /// Checks that the text is one JSON value with nothing but white space around it.
    ///
    /// # Errors
    /// [`Malformed`] if it is not, or if it is nested deeper than 128 levels.
    pub fn parse(text: &'a str) -> Result<Self, Malformed> {
        let bytes = text.as_bytes();
        let start = skip_space(bytes, 0);
        let end = skip_value(bytes, start);
        if skip_space(bytes, end) == bytes.len() {
            text.get(start..end).map(Json).ok_or(Malformed)
        } else {
            Err(Malformed)
        }
    }

    /// What kind of value this is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.0.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The text of the value, exactly as it came.
    #[must_use]
    pub fn source(self) -> &'a str {
        self.0
    }

    /// A member of an object; of several with one name the last, as JavaScript's `JSON.parse` has it.
    #[must_use]
    pub fn member(self, name: &str) -> Option<Json<'a>> {
        if self.kind() != Kind::Object {
            return None;
        }
        let bytes = self.0.as_bytes();
        let slice = |from, to| self.0.get(from..to).map(Json);
        let mut found = None;
        let mut at = skip_space(bytes, 1);
        while bytes.get(at) == Some(&b'"') {
            let key = slice(at, skip_string(bytes, at))?;
            let start = skip_key(bytes, at);
            let end = skip_value(bytes, start);
            if key.text().is_some_and(|key| key == name) {
                found = slice(start, end);
            }
            at = skip_comma(bytes, end);
        }
        found
    }

    /// The elements of an array; none of anything else.
    pub fn elements(self) -> impl Iterator<Item = Json<'a>> {
        let bytes = self.0.as_bytes();
        let mut at = match self.kind() {
            Kind::Array => skip_space(bytes, 1),
            _ => bytes.len(),
        };
        std::iter::from_fn(move || {
            let end = skip_value(bytes, at);
            let element = self.0.get(at..end).map(Json)?;
            at = skip_comma(bytes, end);
            Some(element)
        })
    }

    /// The text of a string, its escapes resolved; a lone surrogate becomes U+FFFD.
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        if self.kind() != Kind::String {
            return None;
        }
        let inner = self.0.get(1..self.0.len().wrapping_sub(1))?;
        Some(if has(inner, b'\\') {
            Cow::Owned(unescape(inner))
        } else {
            Cow::Borrowed(inner)
        })
    }
}

// Places are counted in bytes. What is malformed leads to a place far beyond the text, at which nothing
// stands, so that whatever is looked for next is not found there.

const BEYOND: usize = usize::MAX;

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at = at.wrapping_add(1);
    }
    at
}

/// Walks over one of these bytes; stays where it is if there is none of them.
fn skip_one(bytes: &[u8], at: usize, any_of: &[u8]) -> usize {
    match bytes.get(at) {
        Some(byte) if is_one_of(*byte, any_of) => at.wrapping_add(1),
        _ => at,
    }
}

/// Walks over white space, a comma if there is one, and white space.
fn skip_comma(bytes: &[u8], at: usize) -> usize {
    skip_space(bytes, skip_one(bytes, skip_space(bytes, at), b","))
}

/// Walks over one value. Open brackets are kept on a list of its own, so depth costs no stack.
fn skip_value(bytes: &[u8], mut at: usize) -> usize {
    let (mut open, mut depth) = ([0; MAX_DEPTH], 0_usize);
    loop {
        // A value starts here.
        at = match bytes.get(at) {
            Some(bracket @ (b'{' | b'[')) => {
                // Of both kinds the closing bracket stands two further in ASCII.
                let closing = bracket.wrapping_add(2);
                let inside = skip_space(bytes, at.wrapping_add(1));
                if bytes.get(inside) == Some(&closing) && depth < MAX_DEPTH {
                    inside.wrapping_add(1)
                } else if let Some(place) = open.get_mut(depth) {
                    *place = closing;
                    depth = depth.wrapping_add(1);
                    at = skip_key_of(closing, bytes, inside);
                    continue;
                } else {
                    return BEYOND;
                }
            }
            Some(b'"') => skip_string(bytes, at),
            Some(b't') => skip_word(bytes, at, b"true"),
            Some(b'f') => skip_word(bytes, at, b"false"),
            Some(b'n') => skip_word(bytes, at, b"null"),
            _ => skip_number(bytes, at),
        };
        // A value ended here: close what ends with it, then find the next one.
        loop {
            let Some(closing) = open.get(depth.wrapping_sub(1)) else {
                return at;
            };
            at = skip_space(bytes, at);
            match bytes.get(at) {
                Some(b',') => {
                    at = skip_key_of(*closing, bytes, skip_space(bytes, at.wrapping_add(1)));
                    break;
                }
                Some(byte) if byte == closing => {
                    at = at.wrapping_add(1);
                    depth = depth.wrapping_sub(1);
                }
                _ => return BEYOND,
            }
        }
    }
}

/// Walks over what stands before a value in a bracket that is closed so: in an object, its key.
fn skip_key_of(closing: u8, bytes: &[u8], at: usize) -> usize {
    if closing == b'}' {
        skip_key(bytes, at)
    } else {
        at
    }
}

/// Walks over `"key" :` and the space after it.
fn skip_key(bytes: &[u8], at: usize) -> usize {
    let colon = skip_space(bytes, skip_string(bytes, at));
    if bytes.get(colon) == Some(&b':') {
        skip_space(bytes, colon.wrapping_add(1))
    } else {
        BEYOND
    }
}

#[inline(never)]
fn skip_string(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at) != Some(&b'"') {
        return BEYOND;
    }
    let mut at = at.wrapping_add(1);
    loop {
        at = match bytes.get(at) {
            Some(b'"') => return at.wrapping_add(1),
            Some(b'\\') => skip_escape(bytes, at.wrapping_add(1)),
            Some(0x20..) => at.wrapping_add(1),
            _ => return BEYOND,
        }
    }
}

fn skip_escape(bytes: &[u8], at: usize) -> usize {
    let after = at.wrapping_add(1);
    match bytes.get(at) {
        Some(b'u') => hex4(bytes, after).map_or(BEYOND, |_| after.wrapping_add(4)),
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => after,
        _ => BEYOND,
    }
}

/// The number that four hexadecimal digits spell.
#[inline(never)]
fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let mut number = 0;
    for digit in bytes.get(at..at.wrapping_add(4))? {
        number = (number << 4) | u32::from(hex_value(*digit)?);
    }
    Some(number)
}

#[inline(never)]
fn skip_word(bytes: &[u8], at: usize, word: &[u8]) -> usize {
    let end = at.wrapping_add(word.len());
    if bytes.get(at..end) == Some(word) {
        end
    } else {
        BEYOND
    }
}

fn skip_number(bytes: &[u8], at: usize) -> usize {
    let at = skip_one(bytes, at, b"-");
    let mut at = match skip_one(bytes, at, b"0") {
        same if same == at => skip_digits(bytes, at),
        after_zero => after_zero,
    };
    let fraction = skip_one(bytes, at, b".");
    if fraction != at {
        at = skip_digits(bytes, fraction);
    }
    let exponent = skip_one(bytes, at, b"eE");
    if exponent != at {
        at = skip_digits(bytes, skip_one(bytes, exponent, b"+-"));
    }
    at
}

/// Walks over one digit or more.
#[inline(never)]
fn skip_digits(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at = at.wrapping_add(1);
    }
    if at > start { at } else { BEYOND }
}

fn unescape(inner: &str) -> String {
    let (mut out, mut rest) = (String::new(), inner);
    while let Some((plain, escape)) = cut(rest, b'\\') {
        out.push_str(plain);
        let bytes = escape.as_bytes();
        let mut length = 1;
        let c = match bytes.first() {
            Some(b'u') => {
                let (c, digits) = unicode(bytes);
                length = digits;
                c
            }
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(other) => char::from(*other),
            None => break,
        };
        out.push(c);
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The character that `uXXXX` spells, or `uXXXX\uXXXX` where one takes two; and how long that is.
fn unicode(bytes: &[u8]) -> (char, usize) {
    let lead = hex4(bytes, 1).unwrap_or_default();
    let is_pair = lead & 0xfc00 == 0xd800 && bytes.get(5..7) == Some(b"\\u");
    let trail = hex4(bytes, 7).filter(|trail| is_pair && trail & 0xfc00 == 0xdc00);
    let (code, length) = match trail {
        Some(trail) => {
            let pair = ((lead & 0x3ff) << 10) | (trail & 0x3ff);
            (pair.wrapping_add(0x1_0000), 11)
        }
        None => (lead, 5),
    };
    (
        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
        length,
    )
}
