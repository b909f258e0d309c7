//! ONTAP Select Deploy as a pure state machine, for tests, for the console page and for a Node server.
//!
//! No I/O, no clock, no randomness of its own: the time is an argument, in milliseconds since the simulator began, and the seed is
//! part of the [`Config`]. It shares no code with the client it is made to test.
//!
//! # Driving it
//!
//! 1. [`Simulator::request`] takes a request and the time, and gives an answer at once or a [`Ticket`].
//! 2. [`Simulator::next_event`] tells when something will happen by itself: a job's step, the end of a hold.
//! 3. [`Simulator::advance`] lets the time pass and gives the answers that tickets were waiting for.
//! 4. [`Simulator::forget`] when the client went away before its answer.
//!
//! Step 3 is due after every request, too: another request's time may have brought a held answer with it.
//!
//! ```
//! use deploy_simulator::{Config, Reply, Request, Simulator};
//!
//! let mut deploy = Simulator::new(Config::default())?;
//! let get = Request::new("GET", "/api/v3/clusters").basic("admin", "Netapp1!");
//! let Reply::Now(answer) = deploy.request(0, get) else { unreachable!() };
//! assert_eq!(answer.status, 200);
//! assert_eq!(answer.text(), r#"{"num_records":0,"records":[]}"#);
//! # Ok::<(), deploy_simulator::ConfigError>(())
//! ```
//!
//! The credential is `admin` / `Netapp1!` unless [`Config::username`] and [`Config::password`] say otherwise.
//!
//! # Which input fails, and how
//!
//! | input | what comes |
//! |---|---|
//! | no or a wrong credential | 401, `www-authenticate: Basic` |
//! | a body that is not JSON, or not sent as `application/json` | 400 |
//! | an unknown path, object or job · a method that the path lacks | 404 · 405 |
//! | `poll_timeout` without `last_modified` or the reverse, out of range, not a whole number; a stamp without `>` or `>=`, or not a stamp | 400 |
//! | an unknown name in `fields` of a job | 400, unless [`Config::ignore_unknown_fields`] |
//! | `POST /clusters` without a name · with a name in use | 400 · 409 |
//! | `POST /clusters/{id}/deploy` without `ontap_credential.password` | 400 |
//! | a deploy, change or removal while the cluster's job runs; a second deploy | 409 |
//! | a node with an unknown `license.id` | 400 on the PATCH |
//! | a deploy where a node's `capacity_tb` exceeds its licence's | job fails: the licence lacks capacity |
//! | a cluster whose name begins with `unlicensed` | deploy job fails the same way |
//! | a host or connectivity check whose name begins with `unreachable` | job fails: cannot be reached |
//! | any name that begins with `silent` | job fails with an **empty** `message` |
//! | any name that begins with `mute` | job fails with **no** `message` at all |
//! | any name that begins with `paused` | job passes through the state `paused` on its way |
//!
//! "Name" is the cluster's, host's, check target's or backup's. Any other course of a job is written as a [`Script`], any trouble
//! on the way as a [`Rule`].
//!
//! # Knobs, courses and trouble
//!
//! A [`Config`] is plain data: in JSON its names are camelCase and all optional. A [`Script`] gives the jobs of some calls another course,
//! a [`Rule`] stands for what happens between client and VM. Rules are tried in order, and the first that fires is the only one for
//! that request; they see a request before the VM does, credential or not.
//!
//! ```
//! # use deploy_simulator::{Config, Simulator};
//! let config: Config = serde_json::from_value(serde_json::json!({
//!     "stepMs": 50,
//!     "inclusive": true,
//!     "timedOut": "noContent",
//!     "accept": {"status": 200, "state": false},
//!     "scripts": [{
//!         "method": "POST", "path": "/clusters/*/deploy", "name": "lab*",
//!         "steps": [
//!             {"state": "queued", "message": "Waiting."},
//!             {"state": "paused", "message": null, "afterMs": 20},
//!             {"state": "failure", "afterMs": 20}
//!         ]
//!     }],
//!     "rules": [
//!         {"match": {"path": "/jobs/*", "poll": "long"}, "action": {"kind": "cut", "afterMs": 60000, "status": 504}},
//!         {"match": {"method": "POST"}, "count": 1, "processed": true, "action": {"kind": "reset"}},
//!         {"name": "restart", "skip": 3, "count": 5, "probability": 0.5,
//!          "action": {"kind": "status", "status": 503, "headers": {"retry-after": "2"}}}
//!     ]
//! }))?;
//! let deploy = Simulator::new(config)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is known of the real VM, and what is made up here
//!
//! The paths, the statuses, the wrapping in `record` and `records`, the two poll parameters, the states and the form of a stamp follow
//! NetApp's documentation and published sample. The wording of messages, the members of clusters, hosts and nodes beyond those that
//! the sample sends, `code` in errors, and what happens where the documentation is silent are made up; the silent places are knobs.

mod config;
mod deploy;
mod faults;
mod glob;
mod held;
mod http;
mod log;
mod query;
mod rules;
mod select;
mod simulator;
mod stamp;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use config::{
    Accept, AcceptedJob, ClockStep, Config, ConfigError, HostDisk, HostPool, HostProfile, JobIds,
    License, NoOutput, ObjectsAppear, Script, Step, TimedOut,
};
pub use http::{Reply, Request, Response, Ticket, Transport};
pub use log::{Counters, Entry, JobCounters, Outcome, PollKind};
pub use rules::{Action, Matcher, Rule};
pub use simulator::Simulator;
pub use stamp::StampStyle;
