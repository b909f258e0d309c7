//! Finding a member in JSON text without building a tree.
//!
//! A JSON library would weigh more than the whole engine in the download, and the engine only ever
//! reads a handful of members. The text is checked in full against RFC 8259 once, by a scanner that
//! does not recurse; a [`Json`] is then a slice of text known to be well formed.

use std::borrow::Cow;

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
        let end = skip_value(bytes, start)?;
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
            let key_end = skip_string(bytes, at).ok()?;
            let key = slice(at, key_end)?;
            let value_start = skip_space(bytes, skip_space(bytes, key_end).saturating_add(1));
            let value_end = skip_value(bytes, value_start).ok()?;
            if key.text().is_some_and(|key| key == name) {
                found = slice(value_start, value_end);
            }
            at = skip_space(bytes, value_end);
            if bytes.get(at) == Some(&b',') {
                at = skip_space(bytes, at.saturating_add(1));
            }
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
            let end = skip_value(bytes, at).ok()?;
            let element = self.0.get(at..end).map(Json)?;
            let next = skip_space(bytes, end);
            at = match bytes.get(next) {
                Some(b',') => skip_space(bytes, next.saturating_add(1)),
                _ => bytes.len(),
            };
            Some(element)
        })
    }

    /// The text of a string, its escapes resolved; a lone surrogate becomes U+FFFD.
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') {
            Some(Cow::Owned(unescape(inner)))
        } else {
            Some(Cow::Borrowed(inner))
        }
    }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at = at.saturating_add(1);
    }
    at
}

/// Walks over one value. Open brackets are kept on a list of its own, so depth costs no stack.
fn skip_value(bytes: &[u8], mut at: usize) -> Result<usize, Malformed> {
    let mut open: Vec<u8> = Vec::new();
    loop {
        // A value starts here.
        match bytes.get(at).ok_or(Malformed)? {
            bracket @ (b'{' | b'[') => {
                if open.len() >= MAX_DEPTH {
                    return Err(Malformed);
                }
                let inside = skip_space(bytes, at.saturating_add(1));
                let closing = if *bracket == b'{' { b'}' } else { b']' };
                if bytes.get(inside) == Some(&closing) {
                    at = inside.saturating_add(1);
                } else {
                    open.push(closing);
                    at = if closing == b'}' {
                        skip_key(bytes, inside)?
                    } else {
                        inside
                    };
                    continue;
                }
            }
            b'"' => at = skip_string(bytes, at)?,
            b't' => at = skip_word(bytes, at, b"true")?,
            b'f' => at = skip_word(bytes, at, b"false")?,
            b'n' => at = skip_word(bytes, at, b"null")?,
            _ => at = skip_number(bytes, at)?,
        }
        // A value ended here: close what ends with it, then find the next one.
        loop {
            let Some(closing) = open.last() else {
                return Ok(at);
            };
            at = skip_space(bytes, at);
            match bytes.get(at) {
                Some(b',') => {
                    at = skip_space(bytes, at.saturating_add(1));
                    if *closing == b'}' {
                        at = skip_key(bytes, at)?;
                    }
                    break;
                }
                Some(byte) if byte == closing => {
                    at = at.saturating_add(1);
                    open.pop();
                }
                _ => return Err(Malformed),
            }
        }
    }
}

/// Walks over `"key" :` and the space after it.
fn skip_key(bytes: &[u8], at: usize) -> Result<usize, Malformed> {
    let colon = skip_space(bytes, skip_string(bytes, at)?);
    if bytes.get(colon) == Some(&b':') {
        Ok(skip_space(bytes, colon.saturating_add(1)))
    } else {
        Err(Malformed)
    }
}

fn skip_string(bytes: &[u8], at: usize) -> Result<usize, Malformed> {
    if bytes.get(at) != Some(&b'"') {
        return Err(Malformed);
    }
    let mut at = at.saturating_add(1);
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at.saturating_add(1)),
            Some(b'\\') => {
                let escape = bytes.get(at.saturating_add(1)).ok_or(Malformed)?;
                at = at.saturating_add(2);
                match escape {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        let end = at.saturating_add(4);
                        let digits = bytes.get(at..end).ok_or(Malformed)?;
                        if !digits.iter().all(u8::is_ascii_hexdigit) {
                            return Err(Malformed);
                        }
                        at = end;
                    }
                    _ => return Err(Malformed),
                }
            }
            Some(0x20..) => at = at.saturating_add(1),
            _ => return Err(Malformed),
        }
    }
}

fn skip_word(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Malformed> {
    let end = at.saturating_add(word.len());
    if bytes.get(at..end) == Some(word) {
        Ok(end)
    } else {
        Err(Malformed)
    }
}

fn skip_number(bytes: &[u8], at: usize) -> Result<usize, Malformed> {
    let at = skip_one(bytes, at, b"-").unwrap_or(at);
    let mut at = match skip_one(bytes, at, b"0") {
        Some(after_zero) => after_zero,
        None => skip_digits(bytes, at)?,
    };
    if let Some(fraction) = skip_one(bytes, at, b".") {
        at = skip_digits(bytes, fraction)?;
    }
    if let Some(exponent) = skip_one(bytes, at, b"eE") {
        at = skip_digits(bytes, skip_one(bytes, exponent, b"+-").unwrap_or(exponent))?;
    }
    Ok(at)
}

fn skip_one(bytes: &[u8], at: usize, any_of: &[u8]) -> Option<usize> {
    bytes
        .get(at)
        .filter(|byte| any_of.contains(byte))
        .map(|_| at.saturating_add(1))
}

/// Walks over one digit or more.
fn skip_digits(bytes: &[u8], start: usize) -> Result<usize, Malformed> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at = at.saturating_add(1);
    }
    if at > start { Ok(at) } else { Err(Malformed) }
}

fn unescape(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    let mut high: Option<u32> = None;
    while let Some(c) = rest.next() {
        let unit = match c {
            '\\' => match rest.next() {
                Some('u') => hex4(&mut rest),
                Some('b') => 0x08,
                Some('f') => 0x0c,
                Some('n') => 0x0a,
                Some('r') => 0x0d,
                Some('t') => 0x09,
                Some(other) => u32::from(other),
                None => break,
            },
            plain => u32::from(plain),
        };
        if let Some(lead) = high.take() {
            if (0xdc00..0xe000).contains(&unit) {
                // The lead is in 0xd800..0xdc00 and the trail in 0xdc00..0xe000, so nothing wraps.
                let pair = 0x1_0000_u32
                    .wrapping_add(lead.wrapping_sub(0xd800) << 10)
                    .wrapping_add(unit.wrapping_sub(0xdc00));
                out.push(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER));
                continue;
            }
            out.push(char::REPLACEMENT_CHARACTER);
        }
        if (0xd800..0xdc00).contains(&unit) {
            high = Some(unit);
        } else {
            out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
    if high.is_some() {
        out.push(char::REPLACEMENT_CHARACTER);
    }
    out
}

fn hex4(rest: &mut std::str::Chars<'_>) -> u32 {
    rest.by_ref().take(4).fold(0, |value, digit| {
        (value << 4) | digit.to_digit(16).unwrap_or(0)
    })
}
