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
//! | a body that is not a JSON object, or not sent as `application/json` | 400 |
//! | a member of a body that cannot be what it is | 400 that names it: `"hosts[0].hypervisor_type" must be one of ESX, KVM` |
//! | an unknown path, object or job · a method that the path lacks | 404 · 405 |
//! | an unknown name in `fields` or in a filter | 400, unless [`Config::ignore_unknown_fields`] |
//! | `poll_timeout` without `last_modified` or the reverse, out of range, not a whole number; a stamp without `>` or `>=`, or not a stamp | 400 |
//! | `node_count` that is none of 1, 2, 4, 6, 8, 10, 12 | 400 |
//! | a name in use: a cluster, a node, a credential's `hostname` · a host | 409 · [`Config::duplicate_host_status`] |
//! | a deploy of a cluster or node that is not described: address, host, networks, storage pool | 400 that says what is missing |
//! | a second deploy, a change while the cluster's job runs, a change of a node after the deploy | 409 |
//! | `DELETE` of a cluster that is powered on without `force=true`; of a host that a node needs | 409 |
//! | a resize of half an HA pair, or one that names a node twice | 400 |
//! | a KVM host with a `management_server` | 400 |
//! | a new file for a licence that a node uses which is on, without ONTAP's user and password | 400 |
//! | a host named `unreachable…`, or under a management server of such a name, or described as [`HostProfile::unreachable`] | job fails, the host stays with the status `authentication_failed` |
//! | a deploy where a node asks for a network, pool or disk that its host lacks ([`Config::hosts`], [`Config::open_hosts`]) | job fails: the host has none |
//! | a deploy where pools lack the bytes that nodes ask for | job fails: the pool lacks room |
//! | a deploy where nodes ask for more bytes than their licence covers; a cluster named `unlicensed…` | job fails: the licence lacks capacity |
//! | any name that begins with `silent` | job fails with an **empty** `message` |
//! | any name that begins with `mute` | job fails with **no** `message` at all |
//! | any name that begins with `paused` | job passes through the state `paused` on its way |
//!
//! A deploy that fails is rolled back: the cluster is `not_deployed`, and its description can be changed. With
//! `inhibit_rollback=true` it is left for a look: `deploy_failed`, until it is deleted.
//!
//! "Name" is the cluster's, host's or credential's. Any other course of a job is written as a [`Script`], any trouble
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
//! The paths, statuses, members and their order, the wrapping in `record` and `records`, the two poll parameters, the states of jobs,
//! `powered_on`, `powered_off`, `is_deployed` and the form of a stamp follow NetApp's documentation, its published samples, and public
//! programs that work with a VM. Made up are the wording of messages, `code` in errors, the other states of clusters (`not_deployed`,
//! `deploying`, `deploy_failed`, …), the statuses of hosts, `request_id` of an event, and what a host has. Where the sources are silent
//! or contradict each other, a setting has the likelier value as its default.

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
    Accept, AcceptedJob, ClockStep, Config, ConfigError, CredentialType, HostDisk, HostPool,
    HostProfile, JobIds, License, NoOutput, ObjectsAppear, Script, Step, StoredCredential,
    TimedOut,
};
pub use http::{Reply, Request, Response, Ticket, Transport};
pub use log::{Counters, Entry, JobCounters, Outcome, PollKind};
pub use rules::{Action, Matcher, Rule};
pub use simulator::Simulator;
pub use stamp::StampStyle;
