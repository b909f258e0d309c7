//! Paths, queries and ids: how they are spelled on the wire, and what is refused in them.
//!
//! The base is the only place ever contacted. A path is appended to it as text, so anything that a
//! URL parser might resolve into another place is refused here rather than repaired.

use std::borrow::Cow;
use std::rc::Rc;

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
        if text.chars().any(char::is_control) {
            // URL parsers drop tabs and line breaks, so that "/.\t./" would become "/../".
            return Err(AddressError("path: control characters are not allowed"));
        }
        if text.contains('#') {
            return Err(AddressError(
                "path: a fragment is not allowed; write a literal # as %23",
            ));
        }
        let path = text.split_once('?').map_or(text, |(path, _)| path);
        if path.starts_with("//") || has_scheme(path) {
            return Err(AddressError(
                "path: expected a path below baseUrl, not an absolute or scheme-relative address",
            ));
        }
        check_segments(path)?;
        // URL parsers drop blanks at the end.
        let text = text.replace(' ', "%20");
        Ok(Self(if text.starts_with('/') {
            text
        } else {
            ["/", &text].concat()
        }))
    }

    /// Adds one `name=value` to the query.
    pub fn add_query(&mut self, name: &str, value: &str) {
        if !self.0.contains('?') {
            self.0.push('?');
        } else if !self.0.ends_with(['?', '&']) {
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
        self.0.split('?').next().unwrap_or_default()
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
            _ if id.chars().nth(MAX_ID_CHARS).is_some() => {
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
    let is_token = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    let name = name.to_ascii_uppercase();
    (is_token && !matches!(name.as_str(), "CONNECT" | "TRACE" | "TRACK")).then_some(name)
}

/// Encodes a query value the way NetApp's published sample has it on the wire: an operator's `=` and
/// a stamp's `:` stay as they are, and `+` is escaped since form decoders read it as a blank.
#[must_use]
pub fn encode_query_value(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    encode(value, b"=:,*!", &mut out);
    out
}

pub(super) fn encode(text: &str, also_plain: &[u8], out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let hex = |nibble: u8| char::from(HEX.get(usize::from(nibble & 15)).copied().unwrap_or(b'0'));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also_plain.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(hex(byte >> 4));
            out.push(hex(byte));
        }
    }
}

/// Whether the text begins as `scheme:` does.
fn has_scheme(path: &str) -> bool {
    let Some((scheme, _)) = path.split_once(':') else {
        return false;
    };
    scheme
        .trim_start()
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Refuses what could climb out of the base, however often it is percent-encoded: a proxy may decode
/// once more than we do.
fn check_segments(path: &str) -> Result<(), AddressError> {
    let mut path = Cow::Borrowed(path);
    loop {
        if path.contains('\\') {
            return Err(AddressError("path: backslashes are not allowed"));
        }
        if path.split('/').any(is_dots) || has_odd_escape(&path) {
            return Err(AddressError(
                "path: \".\" and \"..\" segments are not allowed, encoded or not",
            ));
        }
        match decode_ascii(&path) {
            Some(decoded) => path = Cow::Owned(decoded),
            None => return Ok(()),
        }
    }
}

/// Whether somebody on the way may take the segment for `.` or `..`: some drop what follows a `;`, and
/// blanks.
fn is_dots(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default();
    matches!(name.trim_matches(' '), "." | "..")
}

/// Escapes that are no UTF-8 and that lenient decoders read as a dot or a slash.
fn has_odd_escape(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["%c0", "%c1", "%e0%80", "%f0%80", "%u"]
        .iter()
        .any(|escape| path.contains(escape))
}

/// Decodes what [`encode`] wrote; `None` for what it did not write.
pub(super) fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    out.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        out.push(escaped_byte(digits)?);
        out.extend(rest.bytes());
    }
    String::from_utf8(out).ok()
}

/// The byte that two hex digits stand for.
fn escaped_byte(digits: &str) -> Option<u8> {
    let are_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    are_digits
        .then(|| u8::from_str_radix(digits, 16).ok())
        .flatten()
}

/// Decodes the ASCII escapes of a text; `None` if there is none left.
fn decode_ascii(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut decoded_any = false;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        match after.get(..2).and_then(escaped_byte) {
            Some(byte) if byte.is_ascii() => {
                out.push(char::from(byte));
                decoded_any = true;
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    decoded_any.then_some(out)
}
