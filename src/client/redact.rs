//! What a server's own words must not show.

/// The text without credentials and without the queries of addresses.
pub(super) fn redact(text: &str) -> String {
    without_queries(&without_credentials(text))
}

fn without_credentials(text: &str) -> String {
    let (mut shown, mut rest, mut begins_word) = (String::new(), text, true);
    while let Some(next) = rest.chars().next() {
        if begins_word && let Some((scheme, after)) = credential(rest) {
            shown.push_str(scheme);
            shown.push_str(" …");
            rest = after;
        } else {
            shown.push(next);
            rest = behind(rest, next.len_utf8());
        }
        begins_word = !(next.is_ascii_alphanumeric() || next == '_');
    }
    shown
}

/// The scheme of a credential that the text begins with, and what follows the credential.
fn credential(text: &str) -> Option<(&str, &str)> {
    ["basic", "bearer"].iter().find_map(|name| {
        let (scheme, after) = text.split_at_checked(name.len())?;
        let value = after.trim_start();
        let length = length_until(value, "\"',");
        let found = scheme.eq_ignore_ascii_case(name) && value.len() < after.len() && length > 0;
        found.then(|| (scheme, behind(value, length)))
    })
}

fn without_queries(text: &str) -> String {
    let (mut shown, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("//") {
        let address = behind(rest, at);
        let path = length_until(address, "\"'?");
        shown.push_str(until(rest, at));
        shown.push_str(until(address, path));
        rest = behind(address, path);
        if rest.starts_with('?') {
            shown.push_str("?…");
            rest = behind(rest, length_until(rest, "\"')"));
        }
    }
    shown.push_str(rest);
    shown
}

/// How many bytes come before a blank or one of these.
fn length_until(text: &str, ends: &str) -> usize {
    text.find(|it: char| it.is_whitespace() || ends.contains(it))
        .unwrap_or(text.len())
}

fn until(text: &str, length: usize) -> &str {
    text.get(..length).unwrap_or_default()
}

fn behind(text: &str, length: usize) -> &str {
    text.get(length..).unwrap_or_default()
}
