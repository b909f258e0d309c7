//! Small texts: put together, cut, and looked through byte by byte. The standard library's own ways are
//! made for more than ASCII and weigh more in the download.

/// The parts, one behind the other.
pub(super) fn joined(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

/// A number in decimal digits.
pub(super) fn decimal(number: u32) -> String {
    let mut text = match number {
        0..=9 => String::new(),
        _ => decimal(number / 10),
    };
    text.push(char::from_digit(number % 10, 10).unwrap_or('0'));
    text
}

/// What stands before and behind the first such byte, which is an ASCII one.
#[inline(never)]
pub(super) fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..at)?, text.get(at.wrapping_add(1)..)?))
}

/// Whether this byte, an ASCII one, stands in the text.
#[inline(never)]
pub(super) fn has(text: &str, byte: u8) -> bool {
    text.bytes().any(|it| it == byte)
}

/// Whether a control character stands in the text.
#[inline(never)]
pub(super) fn has_control(text: &str) -> bool {
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
pub(super) fn is_made_of(text: &str, others: &[u8]) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

/// The first characters of a text, at most so many.
#[inline(never)]
pub(super) fn first_chars(text: &str, most: usize) -> &str {
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
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    let mut number: u64 = 0;
    for digit in digits {
        let value = digit.wrapping_sub(b'0');
        if value > 9 {
            return None;
        }
        number = number.saturating_mul(10).saturating_add(value.into());
    }
    (!digits.is_empty()).then_some(number)
}

/// The value of a hexadecimal digit.
#[inline(never)]
pub(super) fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit & 15),
        b'A'..=b'F' | b'a'..=b'f' => Some((digit & 15).wrapping_add(9)),
        _ => None,
    }
}

/// The hexadecimal digit of the lowest four bits.
#[inline(never)]
pub(super) fn hex_digit(value: u8, ten: u8) -> char {
    let value = value & 15;
    char::from(if value < 10 {
        value.wrapping_add(b'0')
    } else {
        value.wrapping_sub(10).wrapping_add(ten)
    })
}
