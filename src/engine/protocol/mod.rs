//! What is on the wire and what a user gives: URLs, responses, records, tokens, options, errors. Each
//! file reads or writes one of them; none knows of the engine.

pub(crate) mod config;
pub(crate) mod credential;
pub(crate) mod error;
pub(crate) mod json;
pub(crate) mod record;
pub(crate) mod response;
pub(crate) mod text;
pub(crate) mod token;
pub(crate) mod url;
