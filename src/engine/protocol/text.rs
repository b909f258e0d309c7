//! Small texts: put together, cut, and looked through byte by byte.
//!
//! The standard library's own ways are made for more than ASCII and weigh more in the download. What is
//! called from many places is never inlined, for the same reason.

/// The parts, one behind the other.
pub(crate) fn joined(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

/// A number in decimal digits.
pub(crate) fn decimal(number: u32) -> String {
    let mut text = match number {
        0..=9 => String::new(),
        _ => decimal(number / 10),
    };
    text.push(char::from_digit(number % 10, 10).unwrap_or('0'));
    text
}

/// What stands before and behind the first such byte, which is an ASCII one.
#[inline(never)]
pub(crate) fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..at)?, text.get(at.wrapping_add(1)..)?))
}

/// Whether this byte, an ASCII one, stands in the text.
#[inline(never)]
pub(crate) fn has(text: &str, byte: u8) -> bool {
    text.bytes().any(|it| it == byte)
}

/// Whether a control character stands in the text.
#[inline(never)]
pub(crate) fn has_control(text: &str) -> bool {
    let mut last = 0;
    text.bytes().any(|byte| {
        // Beyond ASCII they are U+0080 to U+009F, in UTF-8 c2 80 to c2 9f.
        let beyond_ascii = last == 0xc2 && byte < 0xa0;
        last = byte;
        beyond_ascii || byte.is_ascii_control()
    })
}

/// Whether there is nothing in the text but ASCII letters, digits, and these bytes.
#[inline(never)]
pub(crate) fn is_made_of(text: &str, others: &[u8]) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || is_one_of(byte, others))
}

/// Whether the byte is one of these.
#[inline(never)]
#[allow(clippy::manual_contains)] // `contains` compares many bytes at a time, in more code than this.
pub(crate) fn is_one_of(byte: u8, bytes: &[u8]) -> bool {
    bytes.iter().any(|it| *it == byte)
}

/// The text without the white space, as Unicode has it, at both of its ends.
#[inline(never)]
pub(crate) fn trimmed(text: &str) -> &str {
    let mut text = trimmed_start(text);
    // A white space character takes one byte to three; what begins in the midst of one is none.
    while let Some(end) = (1..4).find_map(|length| {
        let end = text.len().checked_sub(length)?;
        (space_at_start(text.as_bytes().get(end..)?) == length).then_some(end)
    }) {
        text = text.get(..end).unwrap_or_default();
    }
    text
}

#[inline(never)]
pub(crate) fn trimmed_start(mut text: &str) -> &str {
    loop {
        match space_at_start(text.as_bytes()) {
            0 => return text,
            length => text = text.get(length..).unwrap_or_default(),
        }
    }
}

/// How many bytes of white space the text begins with: those of one character, if it is one.
#[inline(never)]
fn space_at_start(text: &[u8]) -> usize {
    match text {
        [9..=13 | b' ', ..] => 1,
        [0xc2, 0x85 | 0xa0, ..] => 2,
        [0xe1, 0x9a, 0x80, ..]
        | [0xe2, 0x80, 0x80..=0x8a | 0xa8 | 0xa9 | 0xaf, ..]
        | [0xe2, 0x81, 0x9f, ..]
        | [0xe3, 0x80, 0x80, ..] => 3,
        _ => 0,
    }
}

/// The first characters of a text, at most so many.
#[inline(never)]
pub(crate) fn first_chars(text: &str, most: usize) -> &str {
    let mut chars: usize = 0;
    // A byte of the form 10xxxxxx goes on with a character, any other begins one.
    let end = text.bytes().position(|byte| {
        chars = chars.wrapping_add(usize::from(byte & 0xc0 != 0x80));
        chars > most
    });
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The number that these digits spell; `None` if there are others than digits, or none. One that is too
/// large is as large as can be.
#[inline(never)]
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    let mut number: u64 = 0;
    for digit in digits {
        let value = digit.wrapping_sub(b'0');
        if value > 9 {
            return None;
        }
        number = if number < u64::MAX / 10 {
            number.wrapping_mul(10).wrapping_add(value.into())
        } else {
            u64::MAX
        };
    }
    (!digits.is_empty()).then_some(number)
}

/// The value of a hexadecimal digit.
#[inline(never)]
pub(crate) fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit & 15),
        b'A'..=b'F' | b'a'..=b'f' => Some((digit & 15).wrapping_add(9)),
        _ => None,
    }
}

/// The hexadecimal digit of the lowest four bits.
#[inline(never)]
pub(crate) fn hex_digit(value: u8, ten: u8) -> char {
    let value = value & 15;
    char::from(if value < 10 {
        value.wrapping_add(b'0')
    } else {
        value.wrapping_sub(10).wrapping_add(ten)
    })
}

#[cfg(test)]
mod tests {
    use super::{decimal, first_chars, has_control, number, trimmed, trimmed_start};

    /// Every character by itself, between letters, and in a row with its neighbour.
    fn texts() -> impl Iterator<Item = String> {
        (char::MIN..=char::MAX).flat_map(|c| {
            let doubled = [c, c].iter().collect();
            [
                format!("{c}"),
                format!("a{c}b"),
                format!("{c} x {c}"),
                doubled,
            ]
        })
    }

    #[test]
    fn white_space_and_control_characters_are_those_of_unicode() {
        for text in texts() {
            assert_eq!(trimmed(&text), text.trim(), "{text:?}");
            assert_eq!(trimmed_start(&text), text.trim_start(), "{text:?}");
            assert_eq!(
                has_control(&text),
                text.chars().any(char::is_control),
                "{text:?}"
            );
        }
    }

    #[test]
    fn characters_are_counted_and_not_cut() {
        for text in ["", "abc", "ä€𝄞", "a\u{301}b"] {
            for most in 0..6 {
                let first: String = text.chars().take(most).collect();
                assert_eq!(first_chars(text, most), first);
            }
        }
    }

    #[test]
    fn numbers_are_written_and_read() {
        for it in [0, 9, 10, 404, u32::MAX] {
            assert_eq!(decimal(it), it.to_string());
            assert_eq!(number(it.to_string().as_bytes()), Some(it.into()));
        }
        assert_eq!(number(b"99999999999999999999"), Some(u64::MAX));
        for none in [&b""[..], b"-1", b"1.5", b" 1"] {
            assert_eq!(number(none), None);
        }
    }
}
