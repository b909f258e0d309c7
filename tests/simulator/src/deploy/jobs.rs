//! The job store: the clock moves jobs through their steps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use crate::config::{Accept, AcceptedJob, Config, JobIds, Step};
use crate::deploy::store::Effect;
use crate::http::Response;
use crate::select::Kind;
use crate::stamp::StampStyle;

/// A job's number, in order of creation.
pub(crate) type JobKey = u64;

/// Without `fields`, a job has all members.
pub(super) const JOB: Kind = Kind {
    what: "a job",
    members: &["id", "state", "message", "last_modified"],
    inside: &[],
    keys: &["id", "last_modified"],
    brief: &["state", "message"],
    expensive: &[],
    options: &[],
    lenient: false,
};

#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: Value,
    state: String,
    message: Option<Value>,
    /// Microseconds of the VM's clock, with the stamps' precision.
    pub(crate) stamp: i64,
    steps: VecDeque<Step>,
    effect: Effect,
    created_at: u64,
    /// The `request-id` of the call that started it.
    pub(crate) request_id: String,
}

/// A job's effect, and whether the job succeeded.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) effect: Effect,
    pub(crate) success: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Jobs {
    jobs: BTreeMap<JobKey, Job>,
    keys: BTreeMap<String, JobKey>,
    due: BTreeSet<(u64, JobKey)>,
    purges: BTreeSet<(u64, JobKey)>,
    made: JobKey,
}

impl Jobs {
    pub(crate) fn next_event(&self) -> Option<u64> {
        let first = |times: &BTreeSet<(u64, JobKey)>| times.first().map(|(at, _)| *at);
        [first(&self.due), first(&self.purges)]
            .into_iter()
            .flatten()
            .min()
    }

    /// Creates a job at its first step.
    pub(crate) fn start(
        &mut self,
        now: u64,
        steps: Vec<Step>,
        effect: Effect,
        request_id: &str,
        config: &Config,
    ) -> JobKey {
        self.made = self.made.saturating_add(1);
        let key = self.made;
        let id = make_id(key, config);
        let mut steps = VecDeque::from(with_extra_state(steps, config));
        let first = steps
            .pop_front()
            .unwrap_or_else(|| Step::new(0, "success", "Done."));
        let job = Job {
            id: id.clone(),
            state: first.state,
            message: first.message,
            stamp: clock(now, config),
            steps,
            effect,
            created_at: now,
            request_id: request_id.to_owned(),
        };
        self.keys.insert(id_text(&id), key);
        self.jobs.insert(key, job);
        self.plan(now, key);
        key
    }

    /// Runs the first step that is due at `now`; returns the changed job, and its effect if it ended.
    pub(crate) fn step(&mut self, now: u64, config: &Config) -> Option<(JobKey, Option<Ended>)> {
        let (at, key) = *self.due.first().filter(|(at, _)| *at <= now)?;
        self.due.remove(&(at, key));
        let job = self.jobs.get_mut(&key)?;
        let step = job.steps.pop_front()?;
        if !step.keep_stamp && config.stamp != StampStyle::Constant {
            job.stamp = newer(job.stamp, clock(at, config), config);
        }
        job.state = step.state;
        job.message = step.message;
        self.plan(at, key);
        Some((key, self.end(at, key, config)))
    }

    /// Removes the first job whose retention time is over.
    pub(crate) fn purge(&mut self, now: u64) -> Option<JobKey> {
        let (at, key) = *self.purges.first().filter(|(at, _)| *at <= now)?;
        self.purges.remove(&(at, key));
        let job = self.jobs.remove(&key)?;
        self.keys.remove(&id_text(&job.id));
        Some(key)
    }

    /// Runs all steps of a job at once.
    pub(crate) fn finish(&mut self, now: u64, key: JobKey, config: &Config) -> Option<Ended> {
        let job = self.jobs.get_mut(&key)?;
        if let Some(last) = job.steps.drain(..).next_back() {
            job.state = last.state;
            job.message = last.message;
        }
        self.due.retain(|(_, other)| *other != key);
        self.end(now, key, config)
    }

    pub(crate) fn get(&self, key: JobKey) -> Option<&Job> {
        self.jobs.get(&key)
    }

    pub(crate) fn find(&self, id: &str, now: u64, config: &Config) -> Option<JobKey> {
        let key = *self.keys.get(id)?;
        let visible_at = self
            .get(key)?
            .created_at
            .saturating_add(config.visible_after_ms);
        (now >= visible_at).then_some(key)
    }

    pub(crate) fn records(&self, config: &Config) -> Vec<Value> {
        self.jobs.values().map(|job| job.record(config)).collect()
    }

    fn plan(&mut self, now: u64, key: JobKey) {
        if let Some(step) = self.jobs.get(&key).and_then(|job| job.steps.front()) {
            self.due.insert((now.saturating_add(step.after_ms), key));
        }
    }

    /// The effect of a job without further steps; none if its last state is not terminal.
    fn end(&mut self, now: u64, key: JobKey, config: &Config) -> Option<Ended> {
        let job = self
            .jobs
            .get_mut(&key)
            .filter(|job| job.steps.is_empty() && is_end(&job.state))?;
        if let Some(kept) = config.purge_ms {
            self.purges.insert((now.saturating_add(kept), key));
        }
        let effect = std::mem::replace(&mut job.effect, Effect::None);
        let success = job.state.eq_ignore_ascii_case("success");
        Some(Ended { effect, success })
    }
}

impl Job {
    pub(crate) fn record(&self, config: &Config) -> Value {
        let mut record = Map::new();
        record.insert("id".to_owned(), self.id.clone());
        record.insert("state".to_owned(), json!(self.spelled(config)));
        if let Some(message) = &self.message {
            record.insert("message".to_owned(), message.clone());
        }
        record.insert(
            "last_modified".to_owned(),
            json!(config.stamp.write(self.stamp)),
        );
        Value::Object(record)
    }

    pub(crate) fn id_text(&self) -> String {
        id_text(&self.id)
    }

    /// The response that announces the job.
    pub(crate) fn accepted(&self, accept: &Accept, config: &Config) -> Response {
        let mut job = self.record(config);
        if let Value::Object(members) = &mut job {
            let dropped = [
                ("state", accept.state),
                ("last_modified", accept.last_modified),
                ("id", accept.job != AcceptedJob::NoId),
            ];
            for (name, _) in dropped.into_iter().filter(|(_, kept)| !kept) {
                members.remove(name);
            }
        }
        match accept.job {
            AcceptedJob::Full | AcceptedJob::NoId => {
                Response::json(accept.status, &json!({"job": job}))
            }
            AcceptedJob::NullJob => Response::json(accept.status, &json!({"job": null})),
            AcceptedJob::NoJob => Response::json(accept.status, &json!({})),
            AcceptedJob::Null => Response::json(accept.status, &Value::Null),
            AcceptedJob::Empty => Response::empty(accept.status),
            AcceptedJob::Text => Response::empty(accept.status)
                .with("content-type", "text/plain")
                .body(b"Accepted".to_vec()),
        }
    }

    /// The message; empty if it is missing.
    pub(crate) fn message_text(&self) -> String {
        let message = self.message.as_ref().and_then(Value::as_str);
        message.unwrap_or_default().to_owned()
    }

    fn spelled(&self, config: &Config) -> String {
        if config.upper_case {
            self.state.to_uppercase()
        } else {
            self.state.clone()
        }
    }
}

fn is_end(state: &str) -> bool {
    let state = state.to_ascii_lowercase();
    matches!(
        state.as_str(),
        "success" | "failure" | "cancelled" | "canceled" | "expired" | "error"
    )
}

/// The VM's clock in microseconds, with the stamps' precision.
///
/// The last three digits are those of NetApp's example and never 000, so that a stamp that went through JavaScript's `Date` is older.
pub(crate) fn clock(now: u64, config: &Config) -> i64 {
    let jumps = config.clock_steps.iter().filter(|step| step.at_ms <= now);
    let off = jumps.fold(config.epoch_ms, |sum, step| sum.saturating_add(step.by_ms));
    let millis = off.saturating_add(i64::try_from(now).unwrap_or(i64::MAX));
    config
        .stamp
        .cut(millis.saturating_mul(1000).saturating_add(265))
}

/// Two changes in one millisecond differ by a microsecond. A clock that was set back may give an older stamp.
fn newer(before: i64, clock: i64, config: &Config) -> i64 {
    if before.div_euclid(1000) == clock.div_euclid(1000) {
        config.stamp.cut(before.saturating_add(1))
    } else {
        clock
    }
}

fn with_extra_state(mut steps: Vec<Step>, config: &Config) -> Vec<Step> {
    if let Some(state) = &config.extra_state {
        let extra = Step::new(config.step_ms, state, "Held by an administrator.");
        let middle = steps.len().div_euclid(2).max(1).min(steps.len());
        steps.insert(middle, extra);
    }
    steps
}

fn make_id(key: JobKey, config: &Config) -> Value {
    match config.job_id {
        JobIds::Numeric => json!(key),
        JobIds::Awkward => json!(format!("a/b c%{key}")),
        JobIds::Opaque => json!(super::opaque_id(config.seed, "job", key)),
    }
}

fn id_text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}
