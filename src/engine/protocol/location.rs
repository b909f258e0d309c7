//! The path of a created object below the base.
//!
//! The server writes `location` with its own host, `/api` or `/api/v3`, and perhaps a proxy's prefix. The
//! rest is the same for every client.

use crate::engine::protocol::url::{
    CallPath, before_query, escape_braces, percent_decode, root_path, split_origin,
};

/// An object below the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPath {
    /// The path, usable in every method of a client.
    pub path: String,
    /// The last segment of the path, decoded.
    pub id: String,
}

impl ObjectPath {
    /// Reads the `location` of a response to a call with this path. `None` if it is not below the base.
    #[must_use]
    pub fn of(location: &str, call: &str, base: &str) -> Option<Self> {
        let location = before_query(location).split('#').next()?;
        let whole = split_origin(location).map_or(location, |(_, path)| path);
        let rest = whole
            .strip_prefix(root_path(base))
            .filter(|rest| rest.starts_with('/'));
        let collection = segments(call).next();
        let mut is_below = rest.is_some();
        let mut is_of_call = false;
        let (mut path, mut last) = (String::new(), "");
        for segment in segments(rest.unwrap_or(whole)) {
            // Everything before the call's collection, or before `/api`, belongs to a proxy.
            if !is_of_call && (is_api(segment) || Some(segment) == collection) {
                is_below = true;
                is_of_call = Some(segment) == collection;
                path.clear();
            }
            if is_of_call || !is_api(segment) {
                path.push('/');
                path += &escape_braces(segment);
                last = segment;
            }
        }
        // A collection alone is not an object.
        path.split('/').nth(2)?;
        let path = CallPath::parse(&path).ok().filter(|_| is_below)?;
        Some(Self {
            path: path.as_str().to_owned(),
            id: percent_decode(last)?,
        })
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|it| !it.is_empty())
}

/// `api`, or a version such as `v3`.
fn is_api(segment: &str) -> bool {
    let version = segment.strip_prefix('v').filter(|it| !it.is_empty());
    segment == "api" || version.is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit()))
}
