//! Which requests meet which trouble, as plain data.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::config::{ConfigError, check_status};
use crate::glob;
use crate::log::PollKind;

/// Which requests meet which trouble. Rules are tried in order; the first that fires is the only one for that request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Shown in the log beside the requests that met the rule.
    #[serde(default)]
    pub name: Option<String>,
    /// Which requests. Default all.
    #[serde(default, rename = "match")]
    pub matcher: Matcher,
    /// How many matching requests pass untouched first. Default 0.
    #[serde(default)]
    pub skip: u64,
    /// How often the rule fires at most. Default without limit.
    #[serde(default)]
    pub count: Option<u64>,
    /// How likely it fires on a matching request, 0 to 1, drawn from the seed. Default 1.
    #[serde(default = "certain")]
    pub probability: f64,
    /// Whether the VM acts on the request although its answer is lost or replaced. Default: no for `status`, `html` and `redirect`
    /// (a proxy refused it) and for `restart`, yes for the others.
    #[serde(default)]
    pub processed: Option<bool>,
    /// What happens.
    pub action: Action,
}

/// What a request must be to meet a rule; what is absent fits all. `*` stands for any run of characters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Matcher {
    /// `GET`, `POST`, …
    pub method: Option<String>,
    /// Decoded path below the base: `/jobs/*`.
    pub path: Option<String>,
    /// The raw query, nothing decoded: `*fields=*last_modified*`.
    pub query: Option<String>,
    /// The job asked for.
    pub job: Option<String>,
    /// `standard` or `long`.
    pub poll: Option<PollKind>,
}

/// What happens to a request that meets a rule. In JSON, `kind` names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields,
    tag = "kind"
)]
pub enum Action {
    /// This answer instead of the VM's own, at once even for a long poll.
    Status {
        /// HTTP status.
        status: u16,
        /// Added to the answer.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// A string goes out as it is, any other value as JSON. Default: none.
        #[serde(default)]
        body: Option<Value>,
    },
    /// A login page in HTML under status 200.
    Html {},
    /// A redirect.
    Redirect {
        /// Default 302.
        #[serde(default = "found")]
        status: u16,
        /// Where to.
        location: String,
    },
    /// A proxy's patience: an answer that takes longer than `after_ms` is replaced by `status`, or by a broken connection when it is absent.
    Cut {
        /// How long the proxy waits.
        after_ms: u64,
        /// What it then says, such as 504.
        #[serde(default)]
        status: Option<u16>,
    },
    /// The answer arrives later.
    Delay {
        /// By how much.
        ms: u64,
    },
    /// Members of the answer's JSON are set or taken away; names are JSON pointers such as `/record/state`.
    Edit {
        /// Pointer and new value; a last member that is absent is added.
        #[serde(default)]
        set: BTreeMap<String, Value>,
        /// Pointers.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// `bytes` blanks after the answer's body: still valid JSON, but large.
    Huge {
        /// How many, at most 256 MiB.
        bytes: usize,
    },
    /// The connection breaks, at once even for a long poll.
    Reset {},
    /// The VM restarts: every open connection breaks, and so does every new one for `down_ms`. Jobs go on.
    Restart {
        /// How long it is down.
        down_ms: u64,
    },
    /// No answer, ever.
    Hang {},
    /// The answer ends after `after` bytes of its body.
    Truncate {
        /// Bytes that still arrive.
        after: usize,
    },
    /// Nothing more comes after `after` bytes of the body.
    Stall {
        /// Bytes that still arrive.
        after: usize,
    },
    /// The body comes slowly.
    Drip {
        /// Bytes in a piece.
        bytes: usize,
        /// Milliseconds between two pieces.
        every_ms: u64,
    },
}

const MOST_PADDING: usize = 256 << 20;

impl Rule {
    /// A rule that always fires for what fits `matcher`.
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

    /// Whether the VM is to act on the request.
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

/// What a request looks like to a rule.
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
