//! What the page or the worker around us says.

use std::num::NonZeroU32;

use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::members::member;
use crate::engine::{AddressError, BaseUrl, Config};

/// A base address in full, without a slash at its end; a path is one of the page's own origin.
///
/// # Errors
/// What is no address, and what [`BaseUrl::check`] refuses.
pub(crate) fn whole_base(text: &str, allow_insecure: bool) -> Result<String, AddressError> {
    let page = part(&around("location"), "href");
    // Without a page, an address that is whole is its own base, and another is none.
    let page = page.as_deref().unwrap_or(text);
    let url = Url::new_with_base(text, page).map_err(|_| {
        AddressError(
            "baseUrl: expected an address such as https://deploy.example.com/api, or a path on the page's own origin",
        )
    })?;
    let [
        protocol,
        hostname,
        username,
        password,
        search,
        hash,
        origin,
        pathname,
    ] = [
        "protocol", "hostname", "username", "password", "search", "hash", "origin", "pathname",
    ]
    .map(|name| part(&url, name).unwrap_or_default());
    BaseUrl {
        protocol: &protocol,
        hostname: &hostname,
        has_credentials: !username.is_empty() || !password.is_empty(),
        has_query: !search.is_empty() || !hash.is_empty(),
    }
    .check(allow_insecure)?;
    let mut path = pathname.as_str();
    while let Some(shorter) = path.strip_suffix("/") {
        path = shorter;
    }
    Ok(origin + path)
}

/// A browser opens six connections to an origin over HTTP/1.1, counted over all its tabs.
pub(crate) fn most_polls() -> NonZeroU32 {
    let has = |name| !around(name).is_undefined();
    if has("document") || has("WorkerGlobalScope") {
        NonZeroU32::MIN.saturating_add(3)
    } else {
        Config::default().max_open_polls
    }
}

/// What goes by this name everywhere.
fn around(name: &str) -> JsValue {
    member(&js_sys::global(), name).unwrap_or_default()
}

fn part(object: &JsValue, name: &str) -> Option<String> {
    member(object, name).ok()?.as_string()
}
