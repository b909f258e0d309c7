//! Where a created object is, as a path below the base.
//!
//! The server writes `location` as it knows itself: with its own host, `/api` or `/api/v3`, and perhaps the prefix
//! of a proxy. What follows these is the same for every client.

use crate::engine::protocol::url::{CallPath, escape_braces, percent_decode, root_path};

/// An object below the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPath {
    /// The path, fit for every method of a client.
    pub path: String,
    /// The last segment of the path, decoded.
    pub id: String,
}

impl ObjectPath {
    /// Reads the `location` of the response to a call with this path, of a client with this base. `None` if it
    /// does not lead below the base.
    #[must_use]
    pub fn of(location: &str, call: &str, base: &str) -> Option<Self> {
        let location = location.split(['?', '#']).next()?;
        let path = match (location.strip_prefix("//"), location.split_once(':')) {
            (Some(rest), _) => after_host(rest),
            (None, Some((_, rest))) => after_host(rest.strip_prefix("//")?),
            (None, None) => location,
        };
        let base: Vec<&str> = segments(root_path(base)).collect();
        let mut found: Vec<&str> = segments(path).collect();
        if !path.starts_with('/') {
            // Relative to the call, which is below the base.
            let mut whole = base.clone();
            whole.extend(segments(call));
            whole.pop();
            whole.append(&mut found);
            found = whole;
        }
        let below = found.get(start(&found, call, &base)?..)?;
        let mut path = String::new();
        for segment in below {
            path.push('/');
            path += &escape_braces(segment);
        }
        Some(Self {
            path: CallPath::parse(&path).ok()?.as_str().to_owned(),
            id: percent_decode(below.last()?)?,
        })
    }
}

/// Where the part of a path begins that a client would ask for: at the collection that the call names, best below
/// the base, or else below `/api`.
fn start(path: &[&str], call: &str, base: &[&str]) -> Option<usize> {
    let collection = segments(call).next();
    let rank = |at: usize| {
        let segment = path.get(at).copied();
        let before = at.checked_sub(1).and_then(|before| path.get(before));
        let is_below_base = at == base.len() && path.starts_with(base);
        let is_below_api = before.is_some_and(|it| is_api(it)) && !segment.is_some_and(is_api);
        match (segment == collection, is_below_base, is_below_api) {
            (true, true, _) => Some(0),
            (true, _, true) => Some(1),
            (_, _, true) => Some(2),
            (true, _, _) => Some(3),
            (_, true, _) if !segment.is_some_and(is_api) => Some(4),
            _ => None,
        }
    };
    let ranked = (0..path.len()).filter_map(|at| Some((rank(at)?, at)));
    ranked.min().map(|(_, at)| at)
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|it| !it.is_empty())
}

/// What follows the host.
fn after_host(address: &str) -> &str {
    let host = address.split('/').next().unwrap_or_default();
    address.get(host.len()..).unwrap_or_default()
}

/// `api`, or a version such as `v3`.
fn is_api(segment: &str) -> bool {
    let version = segment.strip_prefix('v').filter(|it| !it.is_empty());
    segment == "api" || version.is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit()))
}
