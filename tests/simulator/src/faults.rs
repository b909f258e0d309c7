//! Trouble on the way between client and VM, as rules.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::config::{ConfigError, check_status};
use crate::glob;
use crate::http::{Response, Transport};
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
    /// (a proxy refused it), yes for the others.
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
            Action::Status { .. } | Action::Html {} | Action::Redirect { .. }
        );
        self.processed.unwrap_or(!refused)
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

/// The rules and how often each was met.
#[derive(Debug)]
pub(crate) struct Faults {
    rules: Vec<Armed>,
    random: fastrand::Rng,
}

#[derive(Debug)]
struct Armed {
    rule: Rule,
    met: u64,
    fired: u64,
}

impl Faults {
    pub(crate) fn new(rules: Vec<Rule>, seed: u64) -> Self {
        let rules = rules.into_iter().map(arm).collect();
        Self {
            rules,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    pub(crate) fn add(&mut self, rule: Rule) {
        self.rules.push(arm(rule));
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn fire(&mut self, seen: &Seen<'_>) -> Option<Rule> {
        for armed in &mut self.rules {
            if !armed.rule.matcher.fits(seen) {
                continue;
            }
            armed.met = armed.met.saturating_add(1);
            let due = armed.met > armed.rule.skip
                && armed.rule.count.is_none_or(|count| armed.fired < count);
            if due && (armed.rule.probability >= 1.0 || self.random.f64() < armed.rule.probability)
            {
                armed.fired = armed.fired.saturating_add(1);
                return Some(armed.rule.clone());
            }
        }
        None
    }
}

impl Matcher {
    fn fits(&self, seen: &Seen<'_>) -> bool {
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

/// What becomes of an answer under an action.
#[derive(Debug)]
pub(crate) enum Fate {
    Answer(Response),
    Late(Response, u64),
    Never,
}

impl Action {
    /// The answer that this action puts in place of the VM's own without waiting for it.
    pub(crate) fn instead(&self) -> Option<Fate> {
        let answer = match self {
            Self::Status { status, headers, body } => {
                let mut answer = Response::empty(*status);
                if let Some(body) = body {
                    let kind = if body.is_string() { "text/plain; charset=utf-8" } else { "application/json" };
                    answer = answer.body(text_of(body)).with("content-type", kind);
                }
                for (name, value) in headers {
                    answer.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
                    answer = answer.with(name, value);
                }
                answer
            }
            Self::Html {} => Response::empty(200)
                .with("content-type", "text/html; charset=utf-8")
                .body(b"<!doctype html><title>Sign in</title><form method=post><input name=user></form>".to_vec()),
            Self::Redirect { status, location } => Response::empty(*status).with("location", location),
            Self::Reset {} => Response { transport: Transport::Reset, ..Response::empty(502) },
            Self::Hang {} => return Some(Fate::Never),
            _ => return None,
        };
        Some(Fate::Answer(answer))
    }

    /// What a proxy says when its patience ends, and when.
    pub(crate) fn cut(&self) -> Option<(u64, Response)> {
        let Self::Cut { after_ms, status } = self else {
            return None;
        };
        let answer = match status {
            Some(status) => Response::empty(*status)
                .with("content-type", "text/html; charset=utf-8")
                .body(format!("<html><body><h1>{status}</h1></body></html>").into_bytes()),
            None => Response {
                transport: Transport::Reset,
                ..Response::empty(502)
            },
        };
        Some((*after_ms, answer))
    }

    /// What becomes of the VM's own answer.
    pub(crate) fn alter(&self, mut answer: Response) -> Fate {
        match self {
            Self::Delay { ms } => return Fate::Late(answer, *ms),
            Self::Edit { set, remove } => {
                let mut body = answer.value();
                remove.iter().for_each(|pointer| take(&mut body, pointer));
                set.iter()
                    .for_each(|(pointer, value)| put(&mut body, pointer, value));
                answer.body = body.to_string().into_bytes();
            }
            Self::Huge { bytes } => answer
                .body
                .resize(answer.body.len().saturating_add(*bytes), b' '),
            Self::Truncate { after } => answer.transport = Transport::Truncate { after: *after },
            Self::Stall { after } => answer.transport = Transport::Stall { after: *after },
            Self::Drip { bytes, every_ms } => {
                answer.transport = Transport::Drip {
                    bytes: *bytes,
                    every_ms: *every_ms,
                }
            }
            _ => {}
        }
        Fate::Answer(answer)
    }
}

fn take(body: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    if let Some(Value::Object(members)) = body.pointer_mut(parent) {
        members.remove(name);
    }
}

fn put(body: &mut Value, pointer: &str, value: &Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        *body = value.clone();
        return;
    };
    if let Some(Value::Object(members)) = body.pointer_mut(parent) {
        members.insert(name.to_owned(), value.clone());
    }
}

fn text_of(body: &Value) -> Vec<u8> {
    body.as_str()
        .map_or_else(|| body.to_string(), str::to_owned)
        .into_bytes()
}

fn arm(rule: Rule) -> Armed {
    Armed {
        rule,
        met: 0,
        fired: 0,
    }
}

fn certain() -> f64 {
    1.0
}

fn found() -> u16 {
    302
}
