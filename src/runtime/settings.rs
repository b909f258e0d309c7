//! A client's options, once they are checked.

use std::num::NonZeroU32;
use std::time::Duration;

use js_sys::Function;
use web_sys::Headers;

use crate::engine::{Auth, Config};

/// The longest body that is read, unless the client says so, in bytes.
pub(crate) const DEFAULT_MAX_RESPONSE_BYTES: NonZeroU32 =
    NonZeroU32::MIN.saturating_add((1 << 20) - 1);

/// What goes with each request of a client, and what the engine is told.
pub(crate) struct Settings {
    pub(crate) auth: AuthOption,
    pub(crate) headers: HeadersOption,
    pub(crate) fetch: Option<Function>,
    pub(crate) credentials: &'static str,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_response_bytes: f64,
    /// Its `base` has no slash at its end.
    pub(crate) config: Config,
}

/// Where the `Authorization` header comes from.
pub(crate) enum AuthOption {
    None,
    Fixed(String),
    Ask(Function),
}

impl AuthOption {
    /// What the engine is told of it.
    pub(crate) fn kind(&self) -> Auth {
        match self {
            Self::Ask(_) => Auth::Asked,
            Self::None | Self::Fixed(_) => Auth::Fixed,
        }
    }

    /// Whether the browser's own credentials go along, unless the client says so.
    pub(crate) fn default_credentials(&self) -> &'static str {
        match self {
            Self::None => "same-origin",
            // Beside an explicit header, this keeps the browser's login prompt away.
            Self::Fixed(_) | Self::Ask(_) => "omit",
        }
    }
}

/// Where the client's own headers come from.
pub(crate) enum HeadersOption {
    Fixed(Headers),
    Ask(Function),
}

/// What a user's `auth` function is told.
#[derive(Clone, Copy)]
pub(crate) struct AuthContext<'a> {
    pub(crate) method: &'a str,
    /// Without the query, which may hold what is nobody's business.
    pub(crate) path: &'a str,
    /// 401 when what it gave before was refused.
    pub(crate) status: Option<u16>,
}
