//! How a credential is spelled in the `Authorization` header. The value passes through, and is kept
//! nowhere in the engine.

use crate::engine::protocol::config::OptionError;
use crate::engine::protocol::text::{has, has_control, joined};

/// HTTP Basic, RFC 7617: base64 of the UTF-8 bytes, as NetApp's sample sends it.
///
/// # Errors
/// A user name with a colon, which the other side would read as the password's beginning, and
/// control characters in either.
pub fn basic(username: &str, password: &str) -> Result<String, OptionError> {
    if has(username, b':') {
        return Err(OptionError::wrong_type(
            "auth.username",
            "a name without a colon",
        ));
    }
    for (name, value) in [("auth.username", username), ("auth.password", password)] {
        if has_control(value) {
            return Err(OptionError::wrong_type(name, "no control characters"));
        }
    }
    let plain = joined(&[username, ":", password]);
    Ok(joined(&["Basic ", &base64(plain.as_bytes())]))
}

/// A bearer token, RFC 6750.
///
/// # Errors
/// An empty token, or one with characters that a header cannot carry.
pub fn bearer(token: &str) -> Result<String, OptionError> {
    if is_header_value(token) && !token.is_empty() {
        Ok(joined(&["Bearer ", token]))
    } else {
        Err(OptionError::wrong_type(
            "auth.bearer",
            "a token of visible ASCII characters",
        ))
    }
}

/// Whether a header can carry the text: a runtime's own error would quote it.
#[must_use]
pub fn is_header_value(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
        && bytes.first() != Some(&b' ')
        && bytes.last() != Some(&b' ')
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let six = usize::try_from((group >> shift) & 63);
            let letter = six.ok().and_then(|six| ALPHABET.get(six));
            let letter = letter.filter(|_| at <= chunk.len());
            out.push(char::from(*letter.unwrap_or(&b'=')));
        }
    }
    out
}
