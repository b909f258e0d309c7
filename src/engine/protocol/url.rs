//! Paths, queries and ids: how they are encoded, and which ones are rejected.
//!
//! Requests go only below the base URL. A path is appended to it as a string, so a path that a URL parser
//! might resolve elsewhere is rejected, not repaired.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

/// The longest job id, in characters.
const MAX_ID_CHARS: usize = 512;

/// What a path segment does not escape, besides letters and digits: RFC 3986's unreserved characters.
const SEGMENT: &[u8] = b"-._~";

/// What a query value does not escape, besides letters and digits; see [`encode_query_value`].
const QUERY_VALUE: &[u8] = b"-._~=:,*!";

/// An invalid base URL, path, path parameter or id. The message names it and says what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressError {
    name: Cow<'static, str>,
    problem: &'static str,
}

impl AddressError {
    fn of_path(problem: &'static str) -> Self {
        let name = "path".into();
        Self { name, problem }
    }

    fn of_id(problem: &'static str) -> Self {
        let name = "id".into();
        Self { name, problem }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.problem)
    }
}

impl std::error::Error for AddressError {}

/// The parts of a base URL, from a URL parser.
#[derive(Debug)]
pub struct BaseUrl<'a> {
    /// The scheme with its colon, such as `https:`.
    pub protocol: &'a str,
    /// The host, without a port; an IPv6 address in brackets.
    pub hostname: &'a str,
    /// Whether it contains a user name or a password.
    pub has_credentials: bool,
    /// Whether it contains a query or a fragment.
    pub has_query: bool,
}

impl BaseUrl<'_> {
    /// Checks a base URL. `name` is the option's name for the error message.
    ///
    /// # Errors
    /// A scheme other than http and https; credentials, which make `fetch` throw; a query or a fragment;
    /// plain http to another machine, unless `allow_insecure` is set.
    pub fn check(&self, name: &'static str, allow_insecure: bool) -> Result<(), AddressError> {
        let refuse = |problem| {
            let name = name.into();
            Err(AddressError { name, problem })
        };
        if !matches!(self.protocol, "https:" | "http:") {
            return refuse("expected an https or http URL");
        }
        if self.has_credentials {
            return refuse("credentials are not allowed in the URL; use the auth option");
        }
        if self.has_query {
            return refuse("a query or a fragment is not allowed");
        }
        if self.protocol == "http:" && !allow_insecure && !self.is_this_machine() {
            return refuse(
                "plain http sends the password unencrypted; use https, or set allowInsecure",
            );
        }
        Ok(())
    }

    fn is_this_machine(&self) -> bool {
        let name = self.hostname;
        // A URL parser does not treat `127.1..`, with an empty label, as an address.
        let is_number = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
        let loopback = name
            .strip_prefix("127.")
            .is_some_and(|rest| rest.split('.').all(is_number));
        loopback || matches!(name, "localhost" | "[::1]") || name.ends_with(".localhost")
    }
}

/// A path below the base, with its query. It starts with `/`, and no URL parser resolves it elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallPath(String);

impl CallPath {
    /// Checks a path, or an absolute URL below `base`. The URL of a file may be anywhere on the origin of
    /// `base`. Also returns the root of the path: the base or its origin.
    ///
    /// # Errors
    /// Any other absolute URL, and whatever [`parse`](Self::parse) rejects.
    pub fn of_address(
        base: &str,
        text: &str,
        is_file: bool,
    ) -> Result<(String, Self), AddressError> {
        let mut root = base.to_owned();
        let mut path = text;
        if let (Some((origin, base_path)), Some((other, rest))) =
            (split_origin(base), split_origin(text))
            && origin == other
        {
            let below = rest.strip_prefix(base_path);
            if let Some(below) = below.filter(|below| below.starts_with('/')) {
                path = below;
            } else if is_file {
                path = rest;
                root = origin;
            }
        }
        Ok((root, Self::parse(path)?))
    }

    /// Checks a path below the base, with or without a leading slash and a query.
    ///
    /// # Errors
    /// An absolute or scheme-relative URL, a backslash, a dot segment in any encoding, a fragment, a control
    /// character or an empty path.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Err(AddressError::of_path(
                "expected a path below the base URL, such as \"/clusters\", not an empty string",
            ));
        }
        if text.chars().any(char::is_control) {
            // URL parsers drop tabs and line breaks, so that "/.\t./" would become "/../".
            return Err(AddressError::of_path("control characters are not allowed"));
        }
        if text.contains('#') {
            return Err(AddressError::of_path(
                "a fragment is not allowed; encode a literal # as %23",
            ));
        }
        let path = before_query(text);
        if path.starts_with("//") || has_scheme(path) {
            return Err(AddressError::of_path(
                "expected a path below the base URL, or an absolute URL that begins with it",
            ));
        }
        check_segments(path).map_err(AddressError::of_path)?;
        let slash = if text.starts_with('/') { "" } else { "/" };
        // URL parsers drop spaces at the end.
        Ok(Self(format!("{slash}{}", text.replace(' ', "%20"))))
    }

    /// Adds one `name=value` to the query.
    pub fn add_query(&mut self, name: &str, value: &str) {
        if !self.0.contains('?') {
            self.0.push('?');
        } else if !self.0.ends_with(['?', '&']) {
            self.0.push('&');
        }
        self.0 += &encode(name);
        self.0.push('=');
        self.0 += &encode_query_value(value);
    }

    /// Path and query, to append to the base.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path without the query, for logs: a query may contain secrets.
    #[must_use]
    pub fn without_query(&self) -> &str {
        before_query(&self.0)
    }
}

/// A job id: opaque, not empty, always one path segment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(Rc<str>);

impl JobId {
    /// Checks an id.
    ///
    /// # Errors
    /// An id that is empty, longer than 512 characters, or `.` or `..`, which URL parsers resolve in any
    /// encoding.
    pub fn new(id: &str) -> Result<Self, AddressError> {
        match id {
            "" => Err(AddressError::of_id(
                "expected a job id, not an empty string",
            )),
            "." | ".." => Err(AddressError::of_id("\".\" and \"..\" are not allowed")),
            _ if id.chars().count() > MAX_ID_CHARS => {
                Err(AddressError::of_id("expected at most 512 characters"))
            }
            _ => Ok(Self(id.into())),
        }
    }

    /// The id as the server wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn shared(&self) -> Rc<str> {
        Rc::clone(&self.0)
    }

    /// The path of the job below the base, with the id encoded as one segment.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/jobs/{}", encode(&self.0))
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks a method and converts it to upper case. `None` if it is not an HTTP token, and for `CONNECT`,
/// `TRACE` and `TRACK`, which `fetch` rejects.
#[must_use]
pub fn method(name: &str) -> Option<String> {
    let is_token = !name.is_empty() && is_made_of(name, b"!#$%&'*+-.^_`|~");
    let name = name.to_ascii_uppercase();
    (is_token && !matches!(name.as_str(), "CONNECT" | "TRACE" | "TRACK")).then_some(name)
}

/// Encodes a query value as in NetApp's published sample: `=` and `:` stay, and `+` is escaped, because form
/// decoders read it as a space.
#[must_use]
pub fn encode_query_value(value: &str) -> String {
    escape(value.as_bytes(), |byte| is_one_of(byte, QUERY_VALUE))
}

/// Encodes a path parameter as one segment. `name` is its name for the error message.
///
/// # Errors
/// An empty value, and any segment that [`CallPath::parse`] rejects.
pub fn encode_segment(name: &str, value: &str) -> Result<String, AddressError> {
    let segment = encode(value);
    let checked = if segment.is_empty() {
        Err("expected a value, not an empty string")
    } else {
        check_segments(&segment)
    };
    checked.map(|()| segment).map_err(|problem| AddressError {
        name: name.to_owned().into(),
        problem,
    })
}

/// Escapes braces, because a client's path may contain parameter names in braces.
pub(crate) fn escape_braces(text: &str) -> String {
    escape(text.as_bytes(), |byte| {
        byte.is_ascii() && !matches!(byte, b'{' | b'}')
    })
}

/// Encodes a string as one path segment.
pub(crate) fn encode(text: &str) -> String {
    escape(text.as_bytes(), |byte| is_one_of(byte, SEGMENT))
}

/// Escapes all bytes except these.
fn escape(bytes: &[u8], is_plain: fn(u8) -> bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes.iter().copied() {
        if is_plain(byte) {
            text.push(char::from(byte));
        } else {
            push_escape(&mut text, byte);
        }
    }
    text
}

/// Appends a byte as an escape.
pub(crate) fn push_escape(text: &mut String, byte: u8) {
    text.push('%');
    for digit in [byte >> 4, byte & 15] {
        let digit = char::from_digit(digit.into(), 16);
        text.extend(digit.map(|it| it.to_ascii_uppercase()));
    }
}

/// Decodes the escapes of a string. A `%` that begins no escape stays.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digits = rest.clone();
        let mut digit = || char::from(digits.next()?).to_digit(16);
        let escaped = match (byte, digit(), digit()) {
            (b'%', Some(high), Some(low)) => u8::try_from((high << 4) | low).ok(),
            _ => None,
        };
        if escaped.is_some() {
            rest = digits;
        }
        bytes.push(escaped.unwrap_or(byte));
    }
    bytes
}

/// Decodes a string; `None` if a `%` begins no escape, or the result is not UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let is_escape = |rest: &str| {
        let digits = rest.bytes().take(2).filter(u8::is_ascii_hexdigit);
        digits.count() == 2
    };
    if !text.split('%').skip(1).all(is_escape) {
        return None;
    }
    String::from_utf8(unescape(text)).ok()
}

/// Splits an absolute URL into its origin, without a default port, and the rest.
pub(crate) fn split_origin(address: &str) -> Option<(String, &str)> {
    let (scheme, rest) = address.split_once(':')?;
    let rest = rest.strip_prefix("//")?;
    let host = rest.split('/').next()?;
    let path = rest.get(host.len()..)?;
    let scheme = scheme.to_ascii_lowercase();
    let port = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(port).unwrap_or(host);
    Some((format!("{scheme}://{}", host.to_ascii_lowercase()), path))
}

/// The path of a base, without a trailing slash.
pub(crate) fn root_path(base: &str) -> &str {
    split_origin(base).map_or("", |(_, path)| path)
}

/// The part before the query.
pub(crate) fn before_query(text: &str) -> &str {
    text.split_once('?').map_or(text, |(path, _)| path)
}

/// Whether the string has only ASCII letters, digits and these bytes.
pub(crate) fn is_made_of(text: &str, others: &[u8]) -> bool {
    text.bytes().all(|byte| is_one_of(byte, others))
}

fn is_one_of(byte: u8, others: &[u8]) -> bool {
    byte.is_ascii_alphanumeric() || others.contains(&byte)
}

/// Whether the string begins with a scheme, such as `https:`.
fn has_scheme(path: &str) -> bool {
    path.split_once(':')
        .is_some_and(|(scheme, _)| is_made_of(scheme.trim_start(), b"+-."))
}

/// Rejects segments that could leave the base, in any number of percent-encodings, because a proxy may decode
/// once more.
fn check_segments(path: &str) -> Result<(), &'static str> {
    let mut path = path.to_owned();
    loop {
        if path.contains('\\') {
            return Err("backslashes are not allowed");
        }
        if path.split('/').any(is_dots) || has_odd_escape(&path) {
            return Err("\".\" and \"..\" segments are not allowed, encoded or not");
        }
        let decoded = decode_ascii(&path);
        if decoded == path {
            return Ok(());
        }
        path = decoded;
    }
}

/// Whether a server or a proxy may read the segment as `.` or `..`: some drop spaces, or the part after a
/// `;`.
fn is_dots(segment: &str) -> bool {
    let name = segment.split_once(';').map_or(segment, |(name, _)| name);
    matches!(name.trim_matches(' '), "." | "..")
}

/// Invalid UTF-8 escapes that lenient decoders read as a dot or a slash.
fn has_odd_escape(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let odd = ["%c0", "%c1", "%e0%80", "%f0%80", "%u"];
    path.match_indices('%').any(|(at, _)| {
        let rest = path.get(at..).unwrap_or_default();
        odd.iter().any(|escape| rest.starts_with(escape))
    })
}

/// Decodes the escapes of ASCII characters once and keeps all others.
fn decode_ascii(path: &str) -> String {
    escape(&unescape(path), |byte| byte.is_ascii())
}
