//! Finds members in JSON without building a tree.
//!
//! A JSON library would increase the download by half, and the engine reads few members. A scanner validates
//! the whole string against RFC 8259 once, without recursion. A [`Json`] is a slice of a validated string.

use std::borrow::Cow;

/// Deeper nesting is an error, so that no later reader can overflow its stack.
const MAX_DEPTH: usize = 128;

/// A valid JSON value, as a slice of its source.
///
/// ```
/// use ontap_select_deploy::engine::Json;
/// let json = Json::parse(r#"{"record": {"state": "running"}}"#).unwrap();
/// let state = json.member("record").and_then(|record| record.member("state"));
/// assert_eq!(state.and_then(|state| state.text()).as_deref(), Some("running"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

/// The kind of a [`Json`] value.
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

/// The string is not one JSON value, or is nested deeper than 128 levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("expected one JSON value, nested at most 128 levels deep")
    }
}

impl std::error::Error for Malformed {}

impl<'a> Json<'a> {
    /// Checks that the string is one JSON value, with optional white space around it.
    ///
    /// # Errors
    /// [`Malformed`] if it is not, or if it is nested deeper than 128 levels.
    pub fn parse(text: &'a str) -> Result<Self, Malformed> {
        Scanner { text, at: 0 }.document().ok_or(Malformed)
    }

    /// The kind of this value.
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

    /// The source of the value, unchanged.
    #[must_use]
    pub fn source(self) -> &'a str {
        self.0
    }

    /// A member of an object. If several have the same name, the last one counts, as in `JSON.parse`.
    #[must_use]
    pub fn member(self, name: &str) -> Option<Json<'a>> {
        let [member] = self.members([name]);
        member
    }

    /// Several members of an object, found in one pass. If several have the same name, the last one
    /// counts.
    #[must_use]
    pub fn members<const N: usize>(self, names: [&str; N]) -> [Option<Json<'a>>; N] {
        let mut found = [None; N];
        self.find(&names, &mut found);
        found
    }

    /// The elements of an array; none of anything else.
    pub fn elements(self) -> impl Iterator<Item = Json<'a>> {
        let mut scanner = self.inside(Kind::Array);
        std::iter::from_fn(move || {
            let element = scanner.slice(Scanner::value)?;
            scanner.comma();
            Some(element)
        })
    }

    /// The content of a string with its escapes decoded; a lone surrogate becomes U+FFFD.
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        Some(if inner.contains('\\') {
            Cow::Owned(unescape(inner))
        } else {
            Cow::Borrowed(inner)
        })
    }

    /// Whether the value has no content: `null`, `false`, 0, empty strings or spaces, `"0"`, `"false"`, and
    /// arrays and objects that contain only these. Reads the source once, at any depth.
    pub(crate) fn says_nothing(self) -> bool {
        let mut scanner = Scanner {
            text: self.0,
            at: 0,
        };
        while scanner.peek().is_some() {
            if scanner.one_of(b"{}[],: \t\n\r").is_some() {
                continue;
            }
            let Some(leaf) = scanner.slice(Scanner::scalar) else {
                return false;
            };
            scanner.space();
            let is_key = scanner.peek() == Some(b':');
            if !is_key && leaf.is_something() {
                return false;
            }
        }
        true
    }

    /// Whether a scalar has content.
    fn is_something(self) -> bool {
        match self.kind() {
            Kind::Null => false,
            Kind::Number => {
                let digits = self.0.split(['e', 'E']).next().unwrap_or_default();
                digits.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
            }
            _ => {
                let text = self.text().unwrap_or(Cow::Borrowed(self.0));
                !matches!(text.trim(), "" | "0" | "false")
            }
        }
    }

    fn find(self, names: &[&str], found: &mut [Option<Json<'a>>]) {
        let mut scanner = self.inside(Kind::Object);
        while let Some((key, value)) = scanner.entry() {
            let Some(key) = key.text() else { continue };
            for (name, place) in names.iter().zip(&mut *found) {
                if *name == key {
                    *place = Some(value);
                }
            }
        }
    }

    /// A scanner after the opening bracket, or at the end if the value has another kind.
    fn inside(self, kind: Kind) -> Scanner<'a> {
        let at = if self.kind() == kind { 1 } else { self.0.len() };
        let mut scanner = Scanner { text: self.0, at };
        scanner.space();
        scanner
    }
}

/// A position in a JSON string. Each method reads the part of the grammar that it is named after. It returns
/// `None` if something else follows; then the scanner is unusable.
#[derive(Debug)]
struct Scanner<'a> {
    text: &'a str,
    /// The offset of the next byte, at most the string's length.
    at: usize,
}

impl<'a> Scanner<'a> {
    fn document(mut self) -> Option<Json<'a>> {
        self.space();
        let json = self.slice(Self::value)?;
        self.space();
        self.peek().is_none().then_some(json)
    }

    /// The key and the value of an object's next member.
    fn entry(&mut self) -> Option<(Json<'a>, Json<'a>)> {
        let key = self.slice(Self::string)?;
        self.colon()?;
        let value = self.slice(Self::value)?;
        self.comma();
        Some((key, value))
    }

    /// The slice that a step reads.
    fn slice(&mut self, step: fn(&mut Self) -> Option<()>) -> Option<Json<'a>> {
        let start = self.at;
        step(self)?;
        self.text.get(start..self.at).map(Json)
    }

    /// Reads a value. Open brackets are on a list, so that depth needs no stack.
    fn value(&mut self) -> Option<()> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            if let Some(closing) = self.opening_bracket() {
                if open.len() == MAX_DEPTH {
                    return None;
                }
                self.space();
                if self.one(closing).is_none() {
                    open.push(closing);
                    self.key_within(closing)?;
                    continue;
                }
            } else {
                self.scalar()?;
            }
            // After a value, close the brackets that end here and go to the next value.
            loop {
                let Some(closing) = open.last().copied() else {
                    return Some(());
                };
                self.space();
                if self.one(b',').is_some() {
                    self.space();
                    self.key_within(closing)?;
                    break;
                }
                self.one(closing)?;
                open.pop();
            }
        }
    }

    /// Reads an opening bracket and returns the closing one.
    fn opening_bracket(&mut self) -> Option<u8> {
        let closing = match self.peek()? {
            b'{' => b'}',
            b'[' => b']',
            _ => return None,
        };
        self.advance();
        Some(closing)
    }

    /// Reads what precedes a value: in an object the key, in an array nothing.
    fn key_within(&mut self, closing: u8) -> Option<()> {
        if closing == b'}' {
            self.string()?;
            self.colon()?;
        }
        Some(())
    }

    fn scalar(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number(),
        }
    }

    fn string(&mut self) -> Option<()> {
        self.one(b'"')?;
        loop {
            let byte = self.peek()?;
            self.advance();
            match byte {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                0x20.. => {}
                _ => return None,
            }
        }
    }

    /// Reads an escape after its backslash.
    fn escape(&mut self) -> Option<()> {
        if self.one_of(b"\"\\/bfnrt").is_some() {
            return Some(());
        }
        self.one(b'u')?;
        for _ in 0..4 {
            self.peek().filter(u8::is_ascii_hexdigit)?;
            self.advance();
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let _sign = self.one(b'-');
        if self.one(b'0').is_none() {
            self.digits()?;
        }
        if self.one(b'.').is_some() {
            self.digits()?;
        }
        if self.one_of(b"eE").is_some() {
            let _sign = self.one_of(b"+-");
            self.digits()?;
        }
        Some(())
    }

    /// Reads one or more digits.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.advance();
        }
        (self.at > start).then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        for byte in word.bytes() {
            self.one(byte)?;
        }
        Some(())
    }

    /// Reads a colon and the white space around it.
    fn colon(&mut self) -> Option<()> {
        self.space();
        self.one(b':')?;
        self.space();
        Some(())
    }

    /// Reads an optional comma and the white space around it.
    fn comma(&mut self) {
        self.space();
        let _comma = self.one(b',');
        self.space();
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.advance();
        }
    }

    /// Reads this byte.
    fn one(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.advance())
    }

    /// Reads one of these bytes.
    fn one_of(&mut self, bytes: &[u8]) -> Option<()> {
        let byte = self.peek()?;
        bytes.contains(&byte).then(|| self.advance())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips a byte that was checked.
    #[allow(clippy::arithmetic_side_effects)] // The sum is at most the string's length.
    fn advance(&mut self) {
        self.at += 1;
    }
}

/// Decodes the escapes of a valid string.
fn unescape(inner: &str) -> String {
    let (mut out, mut rest) = (String::new(), inner);
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let (c, length) = match escape.as_bytes().first() {
            Some(b'u') => utf16(escape),
            Some(b'b') => ('\u{8}', 1),
            Some(b'f') => ('\u{c}', 1),
            Some(b'n') => ('\n', 1),
            Some(b'r') => ('\r', 1),
            Some(b't') => ('\t', 1),
            Some(other) => (char::from(*other), 1),
            None => break,
        };
        out.push(c);
        rest = escape.get(length..).unwrap_or_default();
    }
    out + rest
}

/// Decodes `uXXXX`, or `uXXXX\uXXXX` for a surrogate pair. Returns the character and the length of the
/// escape.
fn utf16(escape: &str) -> (char, usize) {
    let unit = |from, to| {
        let digits = escape.get(from..to)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let second = unit(7, 11).filter(|_| escape.get(5..7) == Some("\\u"));
    let units = unit(1, 5).into_iter().chain(second);
    let c = char::decode_utf16(units).next().and_then(Result::ok);
    let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
    (c, if c.len_utf16() == 2 { 11 } else { 5 })
}
