//! Formats on the wire and in the API: URLs, responses, records, tokens, options, errors. Each file handles
//! one of them, independent of the engine.

pub(crate) mod classify;
pub(crate) mod credential;
pub(crate) mod error;
pub(crate) mod json;
pub(crate) mod location;
pub(crate) mod option;
pub(crate) mod outcome;
pub(crate) mod record;
pub(crate) mod response;
pub(crate) mod token;
pub(crate) mod url;
