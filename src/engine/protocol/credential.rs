//! Formats the `Authorization` header. The engine stores no credentials.

use crate::engine::protocol::option::OptionError;

/// HTTP Basic (RFC 7617): base64 of the UTF-8 bytes, as in NetApp's sample. `option` is the option's name for
/// error messages.
///
/// # Errors
/// A user name with a colon, because the server would read the rest as part of the password. Control
/// characters in the user name or password.
pub fn basic(option: &str, username: &str, password: &str) -> Result<String, OptionError> {
    if username.contains(':') {
        let name = format!("{option}.username");
        return Err(OptionError::wrong_type(&name, "a name without a colon"));
    }
    for (name, value) in [("username", username), ("password", password)] {
        if value.chars().any(char::is_control) {
            let name = format!("{option}.{name}");
            return Err(OptionError::wrong_type(&name, "no control characters"));
        }
    }
    let plain = format!("{username}:{password}");
    Ok(format!("Basic {}", base64(plain.as_bytes())))
}

/// A bearer token (RFC 6750). `option` is the option's name for error messages.
///
/// # Errors
/// An empty token, or one with characters that a header cannot carry.
pub fn bearer(option: &str, token: &str) -> Result<String, OptionError> {
    if is_header_value(token) && !token.is_empty() {
        Ok(format!("Bearer {token}"))
    } else {
        Err(OptionError::wrong_type(
            &format!("{option}.bearer"),
            "a token of visible ASCII characters",
        ))
    }
}

/// Whether the string is a valid header value. Checked here because a runtime's own error would quote it.
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
