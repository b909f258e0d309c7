//! Applies the rules: whether one fires, and how it changes the response.

use serde_json::Value;

use crate::http::{Response, Transport};
use crate::rules::{Action, Rule, Seen};

/// The rules with their counters.
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

/// What an action does with a response.
#[derive(Debug)]
pub(crate) enum Fate {
    Answer(Response),
    Late(Response, u64),
    Never,
}

impl Action {
    /// The response that this action sends at once instead of the VM's.
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
            Self::Reset {} | Self::Restart { .. } => Response::reset(),
            Self::Hang {} => return Some(Fate::Never),
            _ => return None,
        };
        Some(Fate::Answer(answer))
    }

    /// The duration of a restart.
    pub(crate) fn down_ms(&self) -> Option<u64> {
        match self {
            Self::Restart { down_ms } => Some(*down_ms),
            _ => None,
        }
    }

    /// The time and status of a proxy's timeout.
    pub(crate) fn cut(&self) -> Option<(u64, Response)> {
        let Self::Cut { after_ms, status } = self else {
            return None;
        };
        let answer = match status {
            Some(status) => Response::empty(*status)
                .with("content-type", "text/html; charset=utf-8")
                .body(format!("<html><body><h1>{status}</h1></body></html>").into_bytes()),
            None => Response::reset(),
        };
        Some((*after_ms, answer))
    }

    /// Applies the action to the VM's response.
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
