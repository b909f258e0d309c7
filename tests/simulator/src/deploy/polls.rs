//! `/jobs`: a standard poll returns at once; a long poll waits until the job's stamp is more recent than the cursor.

use serde_json::json;

use super::jobs::{JOB, JobKey};
use super::{Call, Deploy, Handled, Outcome, missing, not_allowed};
use crate::config::TimedOut;
use crate::http::Response;
use crate::select::{self, Kind};
use crate::stamp;

/// A held long poll.
#[derive(Clone, Debug)]
pub(crate) struct Poll {
    pub(crate) job: JobKey,
    pub(crate) hold_ms: u64,
    fields: Option<String>,
    since: Since,
}

#[derive(Clone, Copy, Debug)]
struct Since {
    stamp: i64,
    inclusive: bool,
}

impl Deploy {
    pub(super) fn ask(&mut self, now: u64, call: &Call, rest: &[&str]) -> Handled {
        match (call.method.as_str(), rest) {
            ("GET", []) => {
                let kind = self.job_kind();
                let records = self.jobs.records(&self.config);
                Ok(Outcome::Answer(select::collection(
                    records,
                    kind,
                    &call.query,
                )))
            }
            ("GET", [id]) => match self.jobs.find(id, now, &self.config) {
                Some(job) => self
                    .poll(call, job)
                    .map_err(|message| Response::error(400, &message)),
                None => Err(missing(call)),
            },
            (_, [] | [_]) => Err(not_allowed("GET")),
            _ => Err(missing(call)),
        }
    }

    /// The response to a held poll, if the job has changed or is gone.
    pub(crate) fn changed(&self, poll: &Poll) -> Option<Response> {
        let Some(job) = self.jobs.get(poll.job) else {
            return Some(Response::error(404, "The job does not exist."));
        };
        let Since { stamp, inclusive } = poll.since;
        let news = job.stamp > stamp || (inclusive && job.stamp == stamp);
        news.then(|| self.record(poll.job, poll.fields.as_deref()))
    }

    /// The response to a held poll whose time is over.
    pub(crate) fn timed_out(&self, poll: &Poll) -> Response {
        match self.config.timed_out {
            TimedOut::Record => self.record(poll.job, poll.fields.as_deref()),
            TimedOut::NoRecord => Response::json(200, &json!({})),
            TimedOut::NullRecord => Response::json(200, &json!({"record": null})),
            TimedOut::EmptyBody => Response::empty(200),
            TimedOut::NoContent => Response::empty(204),
            TimedOut::NotModified => Response::empty(304),
        }
    }

    fn poll(&self, call: &Call, job: JobKey) -> Result<Outcome, String> {
        let known = ["fields", "poll_timeout", "last_modified"];
        if let Some((name, _)) = call
            .query
            .pairs
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()))
        {
            return Err(format!("unknown query parameter \"{name}\""));
        }
        let fields = call.query.get("fields");
        select::check_fields(self.job_kind(), fields)?;
        let fields = fields.map(str::to_owned);
        let (timeout, since) = match (
            call.query.get("poll_timeout"),
            call.query.get("last_modified"),
        ) {
            (None, None) => return Ok(Outcome::Answer(self.record(job, fields.as_deref()))),
            (Some(timeout), Some(since)) => (timeout, since),
            (Some(_), None) => return Err("poll_timeout needs last_modified".to_owned()),
            (None, Some(_)) => return Err("last_modified needs poll_timeout".to_owned()),
        };
        let hold_ms = self.hold_ms(timeout)?;
        let poll = Poll {
            job,
            hold_ms,
            fields,
            since: self.since(since)?,
        };
        Ok(self
            .changed(&poll)
            .map_or(Outcome::Hold(poll), Outcome::Answer))
    }

    fn record(&self, job: JobKey, fields: Option<&str>) -> Response {
        let Some(job) = self.jobs.get(job) else {
            return Response::error(404, "The job does not exist.");
        };
        let record = select::project(&job.record(&self.config), self.job_kind(), fields);
        Response::json(200, &json!({"record": record}))
    }

    /// A job always has its stamp, whatever `fields` names, unless configured otherwise.
    fn job_kind(&self) -> Kind {
        let keys = if self.config.last_modified_only_when_named {
            &["id"][..]
        } else {
            JOB.keys
        };
        self.as_set(Kind { keys, ..JOB })
    }

    fn hold_ms(&self, timeout: &str) -> Result<u64, String> {
        let most = self.config.max_poll_timeout;
        let digits = !timeout.is_empty() && timeout.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = timeout
            .parse::<u64>()
            .ok()
            .filter(|seconds| digits && (1..=most).contains(seconds));
        let seconds = seconds.ok_or_else(|| {
            format!("poll_timeout must be an integer from 1 to {most}, not \"{timeout}\"")
        })?;
        Ok(seconds.saturating_mul(1000))
    }

    fn since(&self, text: &str) -> Result<Since, String> {
        let (rest, inclusive) = match (text.strip_prefix(">="), text.strip_prefix('>')) {
            (Some(rest), _) => (rest, self.config.inclusive),
            (None, Some(rest)) => (rest, false),
            (None, None) => {
                return Err(format!(
                    "last_modified must begin with > or >=, not \"{text}\""
                ));
            }
        };
        // NetApp's sample sends "None" if it did not get a stamp.
        if rest == "None" && self.config.last_modified_only_when_named {
            return Ok(Since {
                stamp: i64::MIN,
                inclusive: true,
            });
        }
        let stamp =
            stamp::read(rest).ok_or_else(|| format!("last_modified: \"{rest}\" is not a time"))?;
        Ok(Since { stamp, inclusive })
    }
}
