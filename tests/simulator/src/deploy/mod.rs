//! The VM itself: its REST interface, its objects, its jobs. Knows nothing of rules, of tickets or of the log.

mod clusters;
pub(crate) mod jobs;
mod others;
mod plans;
pub(crate) mod polls;
mod store;

use serde_json::Value;

use crate::config::{Config, Step};
use crate::http::{self, Request, Response};
use crate::query::{self, Query};
use jobs::{JobKey, Jobs};
use polls::Poll;
use store::{Effect, Store};

#[derive(Debug)]
pub(crate) struct Deploy {
    pub(crate) config: Config,
    store: Store,
    pub(crate) jobs: Jobs,
}

/// A request, taken apart.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// `/api` or `/api/v3`; empty when the path is below neither.
    pub(crate) base: String,
    /// Decoded segments below the base.
    pub(crate) segments: Vec<String>,
    pub(crate) raw_query: String,
    pub(crate) query: Query,
    pub(crate) authorized: bool,
    /// Why the request cannot be understood at all.
    pub(crate) malformed: Option<String>,
    body: Body,
    origin: String,
}

#[derive(Debug)]
enum Body {
    None,
    Json(Value),
    Unreadable(&'static str),
}

#[derive(Debug)]
pub(crate) enum Outcome {
    Answer(Response),
    /// The answer, and the job that it started.
    Started(Response, JobKey),
    /// A long poll to be held.
    Hold(Poll),
}

impl Deploy {
    pub(crate) fn new(config: Config) -> Self {
        let store = Store::new(&config);
        Self {
            config,
            store,
            jobs: Jobs::default(),
        }
    }

    pub(crate) fn read(&self, request: &Request) -> Call {
        let (path, raw_query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let (base, rest) = split_base(path);
        let (segments, broken) = decode(rest);
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
            body: read_body(request),
            origin: request
                .origin
                .clone()
                .unwrap_or_else(|| format!("https://{host}")),
        }
    }

    pub(crate) fn handle(&mut self, now: u64, call: &Call) -> Outcome {
        if !call.authorized {
            let answer = Response::error(401, "The credential is missing or wrong.");
            return Outcome::Answer(
                answer.with("www-authenticate", "Basic realm=\"ONTAP Select Deploy\""),
            );
        }
        if let Some(message) = &call.malformed {
            return Outcome::Answer(Response::error(400, message));
        }
        self.route(now, call)
    }

    /// Takes the next step that is due: the job that changed.
    pub(crate) fn step(&mut self, now: u64) -> Option<JobKey> {
        if let Some((key, effect)) = self.jobs.step(now, &self.config) {
            if let Some(effect) = effect {
                self.store.apply(effect);
            }
            return Some(key);
        }
        self.jobs.purge(now)
    }

    fn route(&mut self, now: u64, call: &Call) -> Outcome {
        let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        match (call.base.as_str(), segments.as_slice()) {
            ("", _) => missing(call),
            (_, ["clusters", rest @ ..]) => self.clusters(now, call, rest),
            (_, ["jobs", rest @ ..]) => self.ask(now, call, rest),
            (_, rest) => self.others(now, call, rest),
        }
    }

    /// Starts a job by its script or by the built-in course, and answers as the configuration says.
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
        let key = self.jobs.start(now, steps, effect, &self.config);
        if accept.done
            && let Some(effect) = self.jobs.finish(now, key, &self.config)
        {
            self.store.apply(effect);
        }
        match self.jobs.get(key) {
            Some(job) => Outcome::Started(job.accepted(&accept, &self.config), key),
            None => missing(call),
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
    fn object(&self) -> Result<&Value, Outcome> {
        let bad = |message: &str| Err(Outcome::Answer(Response::error(400, message)));
        match &self.body {
            Body::Json(body) if body.is_object() => Ok(body),
            Body::Json(_) => bad("the body must be a JSON object"),
            Body::None => bad("a JSON body is needed"),
            Body::Unreadable(message) => bad(message),
        }
    }
}

/// A text of the form of a UUID that depends on nothing but its arguments.
fn opaque_id(seed: u64, kind: &str, number: u64) -> String {
    // FNV-1a over the kind keeps the series of jobs, clusters, … apart.
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

fn missing(call: &Call) -> Outcome {
    Outcome::Answer(Response::error(
        404,
        &format!("\"{}\" does not exist.", call.path()),
    ))
}

fn not_allowed(allowed: &str) -> Outcome {
    Outcome::Answer(
        Response::error(405, &format!("The methods here are {allowed}.")).with("allow", allowed),
    )
}

fn bad_request(message: &str) -> Outcome {
    Outcome::Answer(Response::error(400, message))
}

/// `/api/v3` before `/api`: both reach the same interface.
fn split_base(path: &str) -> (&str, &str) {
    let mut bases = ["/api/v3", "/api"].into_iter();
    let found = bases.find_map(|base| {
        path.strip_prefix(base)
            .filter(|rest| rest.starts_with('/'))
            .map(|rest| (base, rest))
    });
    found.unwrap_or(("", path))
}

/// The segments below the base, and what is wrong with the first that cannot be decoded: that one stays raw, for the log.
fn decode(path: &str) -> (Vec<String>, Option<String>) {
    let mut broken = None;
    let segments = path.split('/').skip(1).map(|raw| {
        query::decode_segment(raw).unwrap_or_else(|message| {
            broken.get_or_insert(message);
            raw.to_owned()
        })
    });
    (segments.collect(), broken)
}

fn read_body(request: &Request) -> Body {
    if request.body.is_empty() {
        return Body::None;
    }
    let kind = request.value_of("content-type").unwrap_or_default();
    if !kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/json")
    {
        return Body::Unreadable("the body must be sent with Content-Type: application/json");
    }
    serde_json::from_slice(&request.body)
        .map_or(Body::Unreadable("the body is not valid JSON"), Body::Json)
}
