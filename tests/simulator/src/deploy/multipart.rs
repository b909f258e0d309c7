//! The part of `multipart/form-data` (RFC 7578) that a license upload needs.

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) name: String,
    pub(crate) content: &'a [u8],
}

/// The parts of a form; none if the body is not a form.
pub(crate) fn parts<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters, "boundary").filter(|boundary| !boundary.is_empty())?;
    let delimiter = format!("--{boundary}");
    let (_, mut rest) = split(body, delimiter.as_bytes())?;
    let between = format!("\r\n{delimiter}");
    let mut found = Vec::new();
    while !rest.starts_with(b"--") {
        let (part, after) = split(rest, between.as_bytes())?;
        let (head, content) = split(part, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(head);
        let name = head.lines().find_map(|line| {
            let (header, value) = line.split_once(':')?;
            let is_disposition = header.trim().eq_ignore_ascii_case("content-disposition");
            is_disposition.then(|| parameter(value, "name"))?
        })?;
        found.push(Part { name, content });
        rest = after;
    }
    Some(found)
}

/// A parameter of a header, without its quotes.
fn parameter(text: &str, wanted: &str) -> Option<String> {
    text.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case(wanted)).then(|| value.to_owned())
    })
}

fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes
        .windows(separator.len())
        .position(|window| window == separator)?;
    let (before, after) = bytes.split_at_checked(at)?;
    Some((before, after.get(separator.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::parts;

    const BODY: &[u8] = b"--xyz\r\nContent-Disposition: form-data; name=\"ontap_username\"\r\n\r\nadmin\r\n--xyz\r\n\
        content-disposition: form-data; name=\"license_file\"; filename=\"a;b.txt\"\r\nContent-Type: application/json\r\n\r\n{\r\n}\r\n--xyz--\r\n";

    #[test]
    fn fields_and_files_are_found_by_name() {
        for kind in [
            "multipart/form-data; boundary=xyz",
            "Multipart/Form-Data;boundary=\"xyz\"",
        ] {
            let found = parts(kind, BODY).unwrap_or_default();
            let found: Vec<(&str, &[u8])> = found
                .iter()
                .map(|part| (part.name.as_str(), part.content))
                .collect();
            let expected: [(&str, &[u8]); 2] =
                [("ontap_username", b"admin"), ("license_file", b"{\r\n}")];
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn an_invalid_form_is_none() {
        assert_eq!(parts("application/json", b"{}"), None);
        assert_eq!(parts("multipart/form-data", BODY), None);
        assert_eq!(parts("multipart/form-data; boundary=other", BODY), None);
        assert_eq!(
            parts("multipart/form-data; boundary=xyz", b"--xyz\r\n"),
            None
        );
    }
}
