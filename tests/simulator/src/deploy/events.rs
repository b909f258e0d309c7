//! `/events`: the calls and their results, with the `request-id` of the call.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{Call, Deploy, Handled, Outcome, missing, not_allowed};
use crate::select::Kind;

/// The maximum number of events; the oldest are dropped.
const MOST: usize = 1000;

/// `request_id` is an invented name: the real one is not public.
const EVENT: Kind = Kind {
    what: "an event",
    members: &["id", "type", "time", "message", "request_id"],
    inside: &[],
    keys: &["id"],
    brief: &["type", "time", "message"],
    expensive: &[],
    options: &[],
    lenient: false,
};

#[derive(Debug, Default)]
pub(crate) struct Events {
    records: VecDeque<Value>,
    made: u64,
}

impl Events {
    fn add(&mut self, time: &str, kind: &str, request_id: &str, message: &str) {
        self.made = self.made.saturating_add(1);
        if self.records.len() >= MOST {
            self.records.pop_front();
        }
        self.records.push_back(json!({
            "id": self.made.to_string(), "type": kind, "time": time, "message": message, "request_id": request_id,
        }));
    }
}

impl Deploy {
    pub(super) fn events(&self, call: &Call, rest: &[&str]) -> Handled {
        match (call.method.as_str(), rest) {
            ("GET", []) => Ok(self.collection(self.events.records.iter().cloned(), EVENT, call)),
            ("GET", [id]) => {
                let mut records = self.events.records.iter();
                let record = records.find(|event| event.get("id") == Some(&json!(id)));
                Ok(self.single(record.ok_or_else(|| missing(call))?, EVENT, call))
            }
            (_, [] | [_]) => Err(not_allowed("GET")),
            _ => Err(missing(call)),
        }
    }

    /// Records a changing call.
    pub(super) fn note_call(&mut self, now: u64, call: &Call, outcome: &Outcome) {
        let answer = match outcome {
            Outcome::Answer(answer) | Outcome::Started(answer, _) => answer,
            Outcome::Hold(_) => return,
        };
        if call.method == "GET" || answer.status >= 400 {
            return;
        }
        let message = format!("{} {} was accepted.", call.method, call.path());
        let time = self.stamp(now);
        self.events
            .add(&time, "information", &call.request_id, &message);
    }

    /// Records a job's result.
    pub(super) fn note_end(&mut self, now: u64, request_id: &str, message: &str, success: bool) {
        let kind = if success { "information" } else { "error" };
        let time = self.stamp(now);
        self.events.add(&time, kind, request_id, message);
    }
}
