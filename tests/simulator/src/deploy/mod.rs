//! The VM: its REST interface, objects and jobs. It does not know about rules, tickets and the log.

mod backups;
mod body;
mod clusters;
mod events;
mod hosts;
pub(crate) mod jobs;
mod licenses;
mod multipart;
mod nodes;
mod others;
mod plans;
pub(crate) mod polls;
mod store;

use serde_json::{Map, Value, json};

use crate::config::{Config, NoOutput, Step};
use crate::http::{self, Request, Response};
use crate::query::{self, Query};
use crate::select::{self, Kind};
use body::Members;
use events::Events;
use jobs::{Ended, JobKey, Jobs};
use polls::Poll;
use store::{Effect, Store};

#[derive(Debug)]
pub(crate) struct Deploy {
    pub(crate) config: Config,
    store: Store,
    events: Events,
    /// The mediator's id.
    iscsi_target: Option<String>,
    pub(crate) jobs: Jobs,
}

/// A parsed request.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// `/api` or `/api/v3`; empty for any other path.
    pub(crate) base: String,
    /// The decoded segments below the base.
    pub(crate) segments: Vec<String>,
    pub(crate) raw_query: String,
    pub(crate) query: Query,
    pub(crate) authorized: bool,
    /// The error, if the request cannot be parsed.
    pub(crate) malformed: Option<String>,
    /// The `request-id` of the response.
    pub(crate) request_id: String,
    content_type: String,
    body: Vec<u8>,
    /// The body, if it is JSON.
    json: Result<Value, &'static str>,
    origin: String,
}

#[derive(Debug)]
pub(crate) enum Outcome {
    Answer(Response),
    /// The response, and the started job.
    Started(Response, JobKey),
    /// A long poll to hold.
    Hold(Poll),
}

/// The result of a call, or the error response.
type Handled = Result<Outcome, Response>;

impl Outcome {
    /// Adds the address of the created or future object.
    fn located(self, location: Option<String>) -> Self {
        let Some(location) = location else {
            return self;
        };
        match self {
            Self::Answer(answer) => Self::Answer(answer.with("location", &location)),
            Self::Started(answer, job) => Self::Started(answer.with("location", &location), job),
            Self::Hold(poll) => Self::Hold(poll),
        }
    }
}

impl Deploy {
    pub(crate) fn new(config: Config) -> Self {
        let store = Store::new(&config);
        Self {
            config,
            store,
            events: Events::default(),
            iscsi_target: None,
            jobs: Jobs::default(),
        }
    }

    pub(crate) fn read(&self, request: &Request) -> Call {
        let (path, raw_query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let (mut base, rest) = split_base(path);
        let (mut segments, broken) = decode(rest);
        if base == "/api" && segments.first().is_some_and(|first| first == "v3") {
            base = "/api/v3";
            segments.remove(0);
        }
        let parsed = Query::parse(raw_query);
        let malformed = broken.or(parsed.as_ref().err().cloned());
        let host = request.value_of("host").unwrap_or("deploy.example.com");
        Call {
            method: request.method.to_ascii_uppercase(),
            base: base.to_owned(),
            segments,
            raw_query: raw_query.to_owned(),
            query: parsed.unwrap_or_default(),
            authorized: self.authorizes(request.value_of("authorization")),
            malformed,
            request_id: String::new(),
            content_type: request
                .value_of("content-type")
                .unwrap_or_default()
                .to_owned(),
            json: read_json(request),
            body: request.body.clone(),
            origin: forwarded(request)
                .unwrap_or_else(|| request.origin.clone().unwrap_or(format!("https://{host}"))),
        }
    }

    pub(crate) fn handle(&mut self, now: u64, call: &Call) -> Outcome {
        if !call.authorized {
            let answer = Response::error(401, "The credentials are missing or wrong.");
            return Outcome::Answer(
                answer.with("www-authenticate", "Basic realm=\"ONTAP Select Deploy\""),
            );
        }
        if let Some(message) = &call.malformed {
            return Outcome::Answer(Response::error(400, message));
        }
        let outcome = self.route(now, call).unwrap_or_else(Outcome::Answer);
        self.note_call(now, call, &outcome);
        outcome
    }

    /// Runs the next step that is due; returns the changed job.
    pub(crate) fn step(&mut self, now: u64) -> Option<JobKey> {
        if let Some((key, ended)) = self.jobs.step(now, &self.config) {
            if let Some(ended) = ended {
                self.end(now, key, ended);
            }
            return Some(key);
        }
        self.jobs.purge(now)
    }

    fn end(&mut self, now: u64, key: JobKey, Ended { effect, success }: Ended) {
        self.store.apply(effect, success, &self.config);
        if let Some(job) = self.jobs.get(key) {
            let (request_id, message) = (job.request_id.clone(), job.message_text());
            self.note_end(now, &request_id, &message, success);
        }
    }

    fn route(&mut self, now: u64, call: &Call) -> Handled {
        if self.config.refuse_unknown_members {
            check_parameters(call)?;
        }
        let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        match (call.base.as_str(), segments.as_slice()) {
            ("", _) => Err(missing(call)),
            (_, ["clusters", rest @ ..]) => self.clusters(now, call, rest),
            (_, ["jobs", rest @ ..]) => self.ask(now, call, rest),
            (_, ["hosts", rest @ ..]) => self.hosts(now, call, rest),
            (_, ["licensing", "licenses", rest @ ..]) => self.licenses(call, rest),
            (_, ["backups", rest @ ..]) => self.backups(now, call, rest),
            (_, ["events", rest @ ..]) => self.events(call, rest),
            (_, rest) => self.others(now, call, rest),
        }
    }

    fn collection(
        &self,
        records: impl IntoIterator<Item = Value>,
        kind: Kind,
        call: &Call,
    ) -> Outcome {
        Outcome::Answer(select::collection(records, self.as_set(kind), &call.query))
    }

    fn single(&self, record: &Value, kind: Kind, call: &Call) -> Outcome {
        Outcome::Answer(select::single(record, self.as_set(kind), &call.query))
    }

    fn as_set(&self, kind: Kind) -> Kind {
        Kind {
            lenient: self.config.ignore_unknown_fields,
            ..kind
        }
    }

    fn body<'a>(&self, call: &'a Call) -> Result<Members<'a>, Response> {
        Members::of(call, self.config.refuse_unknown_members)
    }

    /// The response to a synchronous call without output.
    fn done(&self, status: u16) -> Outcome {
        let body = match self.config.no_output {
            NoOutput::Object => json!({}),
            NoOutput::Null => Value::Null,
        };
        Outcome::Answer(Response::json(status, &body))
    }

    /// The VM's clock as a stamp.
    fn stamp(&self, now: u64) -> String {
        self.config.stamp.write(jobs::clock(now, &self.config))
    }

    /// Starts a job with its script or the built-in steps, and responds as configured.
    fn start(
        &mut self,
        now: u64,
        call: &Call,
        names: &[&str],
        steps: Vec<Step>,
        effect: Effect,
    ) -> Outcome {
        let script = plans::script(&self.config, &call.method, &call.path(), names);
        let steps = script
            .map(|script| script.steps.clone())
            .filter(|steps| !steps.is_empty())
            .unwrap_or(steps);
        let accept = script
            .and_then(|script| script.accept.clone())
            .unwrap_or_else(|| self.config.accept.clone());
        let key = self
            .jobs
            .start(now, steps, effect, &call.request_id, &self.config);
        if accept.done
            && let Some(ended) = self.jobs.finish(now, key, &self.config)
        {
            self.end(now, key, ended);
        }
        match self.jobs.get(key) {
            Some(job) => Outcome::Started(job.accepted(&accept, &self.config), key),
            None => Outcome::Answer(missing(call)),
        }
    }

    fn authorizes(&self, given: Option<&str>) -> bool {
        let Some((scheme, secret)) = given.and_then(|given| given.split_once(' ')) else {
            return false;
        };
        let expected = http::basic(&self.config.username, &self.config.password);
        let basic = scheme.eq_ignore_ascii_case("basic")
            && expected.strip_prefix("Basic ") == Some(secret.trim());
        let bearer = scheme.eq_ignore_ascii_case("bearer")
            && self.config.bearer.as_deref() == Some(secret.trim());
        basic || bearer
    }
}

impl Call {
    /// The decoded path below the base.
    pub(crate) fn path(&self) -> String {
        self.segments
            .iter()
            .fold(String::new(), |path, segment| path + "/" + segment)
    }

    /// The full URL of an object.
    fn location(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.base)
    }

    /// The body, which must be a JSON object.
    fn object(&self) -> Result<&Map<String, Value>, Response> {
        match &self.json {
            Ok(Value::Object(members)) => Ok(members),
            Ok(_) => Err(Response::error(400, "the body must be a JSON object")),
            Err(message) => Err(Response::error(400, message)),
        }
    }

    /// A Boolean option of the query.
    fn flag(&self, name: &str) -> Result<Option<bool>, Response> {
        self.query
            .flag(name)
            .map_err(|message| Response::error(400, &message))
    }

    /// A Boolean option of the query that may also be one of these words.
    fn flag_or_word(&self, name: &str, words: &[&str]) -> Result<(), Response> {
        match self.query.get(name) {
            Some(word) if words.contains(&word) => Ok(()),
            _ => self.flag(name).map(|_| ()),
        }
    }
}

/// Rejects unknown query parameters of a changing call. Every call knows `fields`.
fn check_parameters(call: &Call) -> Result<(), Response> {
    let last = call.segments.last().map(String::as_str);
    let known = match (call.method.as_str(), last) {
        ("POST", Some("clusters")) => "node_count",
        ("POST", Some("deploy")) => "inhibit_rollback",
        ("POST", Some("disks")) => "remove_disk_labels",
        ("PATCH" | "DELETE", _) => "force",
        ("POST" | "PUT", _) => "fields",
        _ => return Ok(()),
    };
    let mut names = call.query.pairs.iter().map(|(name, _)| name.as_str());
    match names.find(|name| *name != known && *name != "fields") {
        Some(name) => {
            let message = format!("unknown query parameter \"{name}\"");
            Err(Response::error(400, &message))
        }
        None => Ok(()),
    }
}

/// A string in the format of a UUID that depends only on the arguments.
fn opaque_id(seed: u64, kind: &str, number: u64) -> String {
    // FNV-1a over the kind gives jobs, clusters and so on different ids.
    let mixed = kind.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut random =
        fastrand::Rng::with_seed(seed ^ mixed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let (high, low) = (random.u64(..), random.u64(..));
    format!(
        "{:08x}-{:04x}-11e9-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 16
    )
}

pub(crate) fn request_id(seed: u64, number: u64) -> String {
    opaque_id(seed, "request", number)
}

fn missing(call: &Call) -> Response {
    Response::error(404, &format!("\"{}\" does not exist.", call.path()))
}

fn not_allowed(allowed: &str) -> Response {
    Response::error(405, &format!("Method not allowed. Allowed: {allowed}.")).with("allow", allowed)
}

fn conflict(message: &str) -> Response {
    Response::error(409, message)
}

/// The origin with the scheme of the client's request to a proxy.
fn forwarded(request: &Request) -> Option<String> {
    let given = request.value_of("x-forwarded-proto")?;
    let scheme = given.split(',').next().unwrap_or_default().trim();
    let scheme = ["https", "http"]
        .into_iter()
        .find(|known| scheme.eq_ignore_ascii_case(known))?;
    let own = request.origin.as_deref();
    let host = own
        .and_then(|origin| origin.split_once("://"))
        .map(|(_, host)| host)
        .or_else(|| request.value_of("host"))
        .unwrap_or("deploy.example.com");
    Some(format!("{scheme}://{host}"))
}

/// The bases, `/api/v3` before `/api`; both reach the same interface.
fn split_base(path: &str) -> (&str, &str) {
    let path = path
        .get(
            path.bytes()
                .take_while(|byte| *byte == b'/')
                .count()
                .saturating_sub(1)..,
        )
        .unwrap_or(path);
    let mut bases = ["/api/v3", "/api"].into_iter();
    let found = bases.find_map(|base| {
        path.strip_prefix(base)
            .filter(|rest| rest.starts_with('/'))
            .map(|rest| (base, rest))
    });
    found.unwrap_or(("", path))
}

/// The segments below the base, and the error of the first one that cannot be decoded, which stays raw for the log.
/// Drops empty segments, because clients of Deploy have sent `//clusters` for years.
fn decode(path: &str) -> (Vec<String>, Option<String>) {
    let mut broken = None;
    let raw = path.split('/').filter(|raw| !raw.is_empty());
    let segments = raw.map(|raw| {
        query::decode_segment(raw).unwrap_or_else(|message| {
            broken.get_or_insert(message);
            raw.to_owned()
        })
    });
    (segments.collect(), broken)
}

fn read_json(request: &Request) -> Result<Value, &'static str> {
    if request.body.is_empty() {
        return Err("a JSON body is required");
    }
    let kind = request.value_of("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err("the body must be sent with Content-Type: application/json");
    }
    serde_json::from_slice(&request.body).map_err(|_| "the body is not valid JSON")
}
