//! Decodes the raw query like a form: `+` is a space, `%XX` a byte. It is strict, so that a client's mistakes do not go unnoticed.

/// The decoded names and values, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pub(crate) pairs: Vec<(String, String)>,
}

impl Query {
    /// Parses the string after the `?`. A name ends at the first `=`; any further `=` belongs to the value.
    pub(crate) fn parse(raw: &str) -> Result<Self, String> {
        let mut pairs = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode_form(name)?, decode_form(value)?));
        }
        Ok(Self { pairs })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A Boolean option, in upper or lower case: Ansible writes `True`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(value) => Err(format!("{name} must be true or false, not \"{value}\"")),
        }
    }
}

/// Decodes a path segment, which keeps `+`.
pub(crate) fn decode_segment(raw: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = rest.next().and_then(hex);
        let low = rest.next().and_then(hex);
        let (Some(high), Some(low)) = (high, low) else {
            return Err(format!("\"{raw}\" has a % without two hexadecimal digits"));
        };
        bytes.push((high << 4) | low);
    }
    String::from_utf8(bytes).map_err(|_| format!("\"{raw}\" is not UTF-8 once decoded"))
}

fn decode_form(raw: &str) -> Result<String, String> {
    decode_segment(&raw.replace('+', " "))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::Query;

    fn last_modified(raw: &str) -> Option<String> {
        Query::parse(raw)
            .ok()
            .and_then(|query| query.get("last_modified").map(str::to_owned))
    }

    #[test]
    fn both_encodings_of_the_operator_decode_to_the_same() {
        let expected = Some(">=2019-04-04T15:41:29.140265Z".to_owned());
        assert_eq!(
            last_modified("last_modified=%3E=2019-04-04T15:41:29.140265Z"),
            expected
        );
        assert_eq!(
            last_modified("a=1&last_modified=%3E%3D2019-04-04T15%3A41%3A29.140265Z"),
            expected
        );
    }

    #[test]
    fn a_raw_plus_becomes_a_space_and_an_encoded_one_stays() {
        assert_eq!(
            last_modified("last_modified=%3E=29+00:00").as_deref(),
            Some(">=29 00:00")
        );
        assert_eq!(
            last_modified("last_modified=%3E=29%2B00:00").as_deref(),
            Some(">=29+00:00")
        );
        assert_eq!(last_modified("last_modified=a%20b").as_deref(), Some("a b"));
    }

    #[test]
    fn a_broken_escape_is_rejected() {
        for raw in ["a=%", "a=%4", "a=%zz", "a=%ff"] {
            assert!(Query::parse(raw).is_err(), "{raw}");
        }
    }
}
