//! Paths, queries and ids: how they are spelled on the wire, and what is refused in them.
//!
//! The base is the only place ever contacted. A path is appended to it as text, so anything that a
//! URL parser might resolve into another place is refused here rather than repaired.

use std::rc::Rc;

use crate::engine::protocol::text::{
    cut, first_chars, has, has_control, hex_digit, hex_value, is_made_of, is_one_of, trimmed_start,
};

/// Job ids longer than this are no ids.
const MAX_ID_CHARS: usize = 512;

/// What is wrong with a path or an id; the text names the argument and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressError(pub &'static str);

/// The parts of a base address that a URL parser found.
#[derive(Debug)]
pub struct BaseUrl<'a> {
    /// `https:` or `http:`, colon included.
    pub protocol: &'a str,
    /// The host, without a port; an IPv6 address in brackets.
    pub hostname: &'a str,
    /// Whether a user name or a password stands in it.
    pub has_credentials: bool,
    /// Whether a query or a fragment stands in it.
    pub has_query: bool,
}

impl BaseUrl<'_> {
    /// Checks that requests can be sent below this base.
    ///
    /// # Errors
    /// Another scheme than http and https; credentials, which make `fetch` throw; a query or a
    /// fragment; plain http to another machine, unless that was allowed.
    pub fn check(&self, allow_insecure: bool) -> Result<(), AddressError> {
        if !matches!(self.protocol, "https:" | "http:") {
            return Err(AddressError("baseUrl: expected an https or http address"));
        }
        if self.has_credentials {
            return Err(AddressError(
                "baseUrl: credentials are not allowed in the address; use the auth option",
            ));
        }
        if self.has_query {
            return Err(AddressError(
                "baseUrl: a query or a fragment is not allowed",
            ));
        }
        if self.protocol == "http:" && !allow_insecure && !self.is_this_machine() {
            return Err(AddressError(
                "baseUrl: plain http would show the password to the network; use https, or set allowInsecure",
            ));
        }
        Ok(())
    }

    fn is_this_machine(&self) -> bool {
        let name = self.hostname;
        let loopback = name.strip_prefix("127.").is_some_and(|rest| {
            rest.bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
        });
        loopback || matches!(name, "localhost" | "[::1]") || name.ends_with(".localhost")
    }
}

/// A path below the base, with its query: starts with `/`, resolves to nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallPath(String);

impl CallPath {
    /// Checks a path as a user writes it, leading slash or not, with or without a query.
    ///
    /// # Errors
    /// An absolute or scheme-relative address, a backslash, a dot segment in any encoding, a
    /// fragment, a control character or an empty path.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Err(AddressError(
                "path: expected a path below baseUrl, such as \"/clusters\", not an empty string",
            ));
        }
        if has_control(text) {
            // URL parsers drop tabs and line breaks, so that "/.\t./" would become "/../".
            return Err(AddressError("path: control characters are not allowed"));
        }
        if has(text, b'#') {
            return Err(AddressError(
                "path: a fragment is not allowed; write a literal # as %23",
            ));
        }
        let path = before_query(text);
        if path.starts_with("//") || has_scheme(path) {
            return Err(AddressError(
                "path: expected a path below baseUrl, not an absolute or scheme-relative address",
            ));
        }
        check_segments(path)?;
        let mut spelled = String::new();
        if !text.starts_with('/') {
            spelled.push('/');
        }
        let mut rest = text;
        // URL parsers drop blanks at the end.
        while let Some((before, after)) = cut(rest, b' ') {
            spelled.push_str(before);
            spelled.push_str("%20");
            rest = after;
        }
        spelled.push_str(rest);
        Ok(Self(spelled))
    }

    /// Adds one `name=value` to the query.
    pub fn add_query(&mut self, name: &str, value: &str) {
        if !has(&self.0, b'?') {
            self.0.push('?');
        } else if !matches!(self.0.as_bytes().last(), Some(b'?' | b'&')) {
            self.0.push('&');
        }
        encode(name, b"", &mut self.0);
        self.0.push('=');
        self.0.push_str(&encode_query_value(value));
    }

    /// Path and query, to be put behind the base.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path alone: a query may hold what does not belong in a log.
    #[must_use]
    pub fn without_query(&self) -> &str {
        before_query(&self.0)
    }
}

/// A job's id: opaque, never empty, always one segment of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(Rc<str>);

impl JobId {
    /// Checks an id.
    ///
    /// # Errors
    /// An id that is empty, longer than 512 characters, or `.` or `..`, which no encoding keeps a
    /// URL parser from resolving.
    pub fn new(id: &str) -> Result<Self, AddressError> {
        match id {
            "" => Err(AddressError("id: expected a job's id, not an empty string")),
            "." | ".." => Err(AddressError(
                "id: \".\" and \"..\" would leave the jobs collection",
            )),
            _ if first_chars(id, MAX_ID_CHARS).len() < id.len() => {
                Err(AddressError("id: expected at most 512 characters"))
            }
            _ => Ok(Self(id.into())),
        }
    }

    /// The id as the server wrote it.
    #[must_use]
    pub fn text(&self) -> &Rc<str> {
        &self.0
    }

    /// The path of the job below the base, the id encoded as one segment.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::from("/jobs/");
        encode(&self.0, b"", &mut path);
        path
    }
}

/// Checks a method and writes it in upper case; `None` for what is no HTTP token, and for the three
/// that `fetch` refuses to send.
#[must_use]
pub fn method(name: &str) -> Option<String> {
    let is_token = !name.is_empty() && is_made_of(name, b"!#$%&'*+-.^_`|~");
    let name = name.to_ascii_uppercase();
    (is_token && !matches!(name.as_str(), "CONNECT" | "TRACE" | "TRACK")).then_some(name)
}

/// Encodes a query value the way NetApp's published sample has it on the wire: an operator's `=` and
/// a stamp's `:` stay as they are, and `+` is escaped since form decoders read it as a blank.
#[must_use]
pub fn encode_query_value(value: &str) -> String {
    let mut out = String::new();
    encode(value, b"=:,*!", &mut out);
    out
}

pub(crate) fn encode(text: &str, also_plain: &[u8], out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || is_one_of(byte, b"-._~") || is_one_of(byte, also_plain) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(hex_digit(byte >> 4, b'A'));
            out.push(hex_digit(byte, b'A'));
        }
    }
}

/// What stands before the query.
pub(crate) fn before_query(text: &str) -> &str {
    cut(text, b'?').map_or(text, |(path, _)| path)
}

/// Whether the text begins as `scheme:` does.
fn has_scheme(path: &str) -> bool {
    cut(path, b':').is_some_and(|(scheme, _)| is_made_of(trimmed_start(scheme), b"+-."))
}

/// Refuses what could climb out of the base, however often it is percent-encoded: a proxy may decode
/// once more than we do.
fn check_segments(path: &str) -> Result<(), AddressError> {
    let mut path = path.as_bytes().to_vec();
    loop {
        if is_one_of(b'\\', &path) {
            return Err(AddressError("path: backslashes are not allowed"));
        }
        let mut segments = path.split(|byte| *byte == b'/');
        if segments.any(is_dots) || has_odd_escape(&path) {
            return Err(AddressError(
                "path: \".\" and \"..\" segments are not allowed, encoded or not",
            ));
        }
        let decoded = decode_ascii(&path);
        if decoded.len() == path.len() {
            return Ok(());
        }
        path = decoded;
    }
}

/// Whether somebody on the way may take the segment for `.` or `..`: some drop what follows a `;`, and
/// blanks.
fn is_dots(segment: &[u8]) -> bool {
    let mut name = segment
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default();
    while let Some(shorter) = name.strip_prefix(b" ").or(name.strip_suffix(b" ")) {
        name = shorter;
    }
    matches!(name, b"." | b"..")
}

/// Escapes that are no UTF-8 and that lenient decoders read as a dot or a slash.
fn has_odd_escape(path: &[u8]) -> bool {
    let path = path.to_ascii_lowercase();
    let odd: [&[u8]; 5] = [b"%c0", b"%c1", b"%e0%80", b"%f0%80", b"%u"];
    (0..path.len()).any(|at| {
        let rest = path.get(at..).unwrap_or_default();
        odd.iter().any(|escape| rest.starts_with(escape))
    })
}

/// Decodes what [`encode`] wrote; `None` for what it did not write.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0_usize);
    while let Some(byte) = bytes.get(at) {
        let is_escape = *byte == b'%';
        out.push(if is_escape {
            escaped(bytes, at)?
        } else {
            *byte
        });
        at = at.wrapping_add(if is_escape { 3 } else { 1 });
    }
    String::from_utf8(out).ok()
}

/// The byte that is escaped at this place, if one is.
#[inline(never)]
fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |ahead| hex_value(*bytes.get(at.wrapping_add(ahead))?);
    bytes.get(at).filter(|byte| **byte == b'%')?;
    Some((digit(1)? << 4) | digit(2)?)
}

/// Decodes the ASCII escapes of a text once; as long as before if there was none.
fn decode_ascii(bytes: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), 0_usize);
    while let Some(byte) = bytes.get(at) {
        let escaped = escaped(bytes, at).filter(u8::is_ascii);
        out.push(escaped.unwrap_or(*byte));
        at = at.wrapping_add(if escaped.is_some() { 3 } else { 1 });
    }
    out
}
