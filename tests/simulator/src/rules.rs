//! Rules as plain data: which requests get which fault.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::config::{ConfigError, check_status};
use crate::glob;
use crate::log::PollKind;

/// A fault for some requests. The simulator tries the rules in order, and only the first that fires applies to a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// A name for the log.
    #[serde(default)]
    pub name: Option<String>,
    /// The requests that the rule applies to. Default all.
    #[serde(default, rename = "match")]
    pub matcher: Matcher,
    /// The number of matching requests to let pass first. Default 0.
    #[serde(default)]
    pub skip: u64,
    /// The maximum number of times that the rule fires. Default no limit.
    #[serde(default)]
    pub count: Option<u64>,
    /// The probability that it fires on a matching request, 0 to 1, seeded by [`crate::Config::seed`]. Default 1.
    #[serde(default = "certain")]
    pub probability: f64,
    /// Whether the VM processes the request although its response is lost or replaced. Default false for `status`, `html`
    /// and `redirect` (a proxy responds instead) and for `restart`, true for the others.
    #[serde(default)]
    pub processed: Option<bool>,
    /// The fault.
    pub action: Action,
}

/// Selects requests. A missing member matches any request; `*` matches any characters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Matcher {
    /// The method, such as `GET`.
    pub method: Option<String>,
    /// The decoded path below the base: `/jobs/*`.
    pub path: Option<String>,
    /// The raw, encoded query: `*fields=*last_modified*`.
    pub query: Option<String>,
    /// The polled job's id.
    pub job: Option<String>,
    /// The kind of poll: `standard` or `long`.
    pub poll: Option<PollKind>,
}

/// The fault of a rule. In JSON, `kind` names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields,
    tag = "kind"
)]
pub enum Action {
    /// Responds with this status at once, even to a long poll.
    Status {
        /// HTTP status.
        status: u16,
        /// Additional headers.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// A string is sent as it is, any other value as JSON. Default none.
        #[serde(default)]
        body: Option<Value>,
    },
    /// Responds with an HTML login page and status 200.
    Html {},
    /// Responds with a redirect.
    Redirect {
        /// Default 302.
        #[serde(default = "found")]
        status: u16,
        /// The target.
        location: String,
    },
    /// Ends a long poll early, like a proxy with a timeout: with `status`, or with a broken connection if it is missing.
    Cut {
        /// The timeout in milliseconds.
        after_ms: u64,
        /// The status of the response, such as 504.
        #[serde(default)]
        status: Option<u16>,
    },
    /// Delays the response.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Sets or removes members of the response's JSON; names are JSON pointers such as `/record/state`.
    Edit {
        /// Pointers and new values; a missing last member is added.
        #[serde(default)]
        set: BTreeMap<String, Value>,
        /// Pointers to remove.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// Appends `bytes` spaces to the body, which stays valid JSON.
    Huge {
        /// The number of spaces, at most 256 MiB.
        bytes: usize,
    },
    /// Breaks the connection at once, even for a long poll.
    Reset {},
    /// Restarts the VM: breaks every open connection, and each new one for `down_ms`. Jobs continue.
    Restart {
        /// The duration in milliseconds.
        down_ms: u64,
    },
    /// Never responds.
    Hang {},
    /// Breaks the connection after `after` bytes of the body.
    Truncate {
        /// The number of body bytes to send.
        after: usize,
    },
    /// Stops sending after `after` bytes of the body, but keeps the connection open.
    Stall {
        /// The number of body bytes to send.
        after: usize,
    },
    /// Sends the body in small chunks.
    Drip {
        /// Bytes per chunk.
        bytes: usize,
        /// Milliseconds between chunks.
        every_ms: u64,
    },
}

const MOST_PADDING: usize = 256 << 20;

impl Rule {
    /// Creates a rule that always fires for the requests that `matcher` selects.
    #[must_use]
    pub fn new(matcher: Matcher, action: Action) -> Self {
        Self {
            name: None,
            matcher,
            skip: 0,
            count: None,
            probability: certain(),
            processed: None,
            action,
        }
    }

    pub(crate) fn check(&self, field: &str) -> Result<(), ConfigError> {
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(ConfigError::new(
                &format!("{field}.probability"),
                "a number from 0 to 1",
            ));
        }
        match &self.action {
            Action::Status { status, .. }
            | Action::Redirect { status, .. }
            | Action::Cut {
                status: Some(status),
                ..
            } => check_status(&format!("{field}.action.status"), *status),
            Action::Drip { bytes: 0, .. } => Err(ConfigError::new(
                &format!("{field}.action.bytes"),
                "at least 1",
            )),
            Action::Huge { bytes } if *bytes > MOST_PADDING => Err(ConfigError::new(
                &format!("{field}.action.bytes"),
                "at most 268435456",
            )),
            _ => Ok(()),
        }
    }

    /// Whether the VM processes the request.
    pub(crate) fn processes(&self) -> bool {
        let refused = matches!(
            self.action,
            Action::Status { .. }
                | Action::Html {}
                | Action::Redirect { .. }
                | Action::Restart { .. }
        );
        self.processed.unwrap_or(!refused)
    }
}

impl Matcher {
    pub(crate) fn fits(&self, seen: &Seen<'_>) -> bool {
        let like = |pattern: &Option<String>, text: &str| {
            pattern
                .as_deref()
                .is_none_or(|pattern| glob::matches(pattern, text))
        };
        self.method
            .as_deref()
            .is_none_or(|method| method.eq_ignore_ascii_case(seen.method))
            && like(&self.path, seen.path)
            && like(&self.query, seen.query)
            && self.job.as_deref().is_none_or(|job| seen.job == Some(job))
            && self.poll.is_none_or(|poll| seen.poll == Some(poll))
    }
}

/// A request as a rule sees it.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) job: Option<&'a str>,
    pub(crate) poll: Option<PollKind>,
}

fn certain() -> f64 {
    1.0
}

fn found() -> u16 {
    302
}
