//! ONTAP Select Deploy as a pure state machine, for tests, the console page and a Node server.
//!
//! It has no I/O, no clock and no source of randomness. The time is an argument, in milliseconds since the simulator started, and the
//! seed is part of the [`Config`]. It shares no code with the client that it tests.
//!
//! # Driving it
//!
//! 1. [`Simulator::request`] takes a request and the time, and returns a response or a [`Ticket`].
//! 2. [`Simulator::next_event`] returns the time of the next event: a job's step, or the end of a held poll.
//! 3. [`Simulator::advance`] advances the time and returns the responses for tickets.
//! 4. [`Simulator::forget`] drops a ticket whose client has disconnected.
//!
//! Call step 3 after every request, too: the request's time may have made a held response ready.
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
//! The default account is `admin` / `Netapp1!`; see [`Config::username`] and [`Config::password`].
//!
//! # Inputs that fail
//!
//! | input | result |
//! |---|---|
//! | missing or wrong credentials | 401, `www-authenticate: Basic` |
//! | a body that is not a JSON object, or not sent as `application/json` | 400 |
//! | an invalid member of a body | 400 that names it: `"hosts[0].hypervisor_type" must be one of ESX, KVM` |
//! | an unknown path, object or job · an unsupported method | 404 · 405 |
//! | an unknown name in `fields` or in a filter | 400, unless [`Config::ignore_unknown_fields`] |
//! | `poll_timeout` without `last_modified` or the reverse; a `poll_timeout` that is out of range or not a whole number; a `last_modified` without `>` or `>=`, or without a time | 400 |
//! | `node_count` other than 1, 2, 4, 6, 8, 10, 12 | 400 |
//! | a name in use: a cluster, a node, a credential's `hostname` · a host | 409 · [`Config::duplicate_host_status`] |
//! | a deploy of an incomplete cluster or node: address, host, networks, storage pool | 400 that names the missing value |
//! | a second deploy, a change while the cluster's job runs, a change of a node after the deploy | 409 |
//! | `DELETE` of a cluster that is powered on without `force=true`; of a host that a node needs | 409 |
//! | a resize of half an HA pair, or one that names a node twice | 400 |
//! | a KVM host with a `management_server` | 400 |
//! | a new file for a license that a running node uses, without the ONTAP user and password | 400 |
//! | a host named `unreachable…`, or with a management server of such a name, or with [`HostProfile::unreachable`] | job fails, the host stays with the status `authentication_failed` |
//! | a deploy with a network, pool or disk that the host does not have ([`Config::hosts`], [`Config::open_hosts`]) | job fails: the host has none |
//! | a deploy that needs more bytes than a pool has | job fails: not enough space in the pool |
//! | a deploy that needs more bytes than a license covers; a cluster named `unlicensed…` | job fails: not enough licensed capacity |
//! | any name that begins with `silent` | job fails with an **empty** `message` |
//! | any name that begins with `mute` | job fails with **no** `message` at all |
//! | any name that begins with `paused` | job passes through the state `paused` |
//!
//! A failed deploy is rolled back: the cluster is `not_deployed` again and can be changed. With `inhibit_rollback=true` it stays
//! `deploy_failed` until it is deleted.
//!
//! "Name" is the name of a cluster, host or credential.
//!
//! # Settings, scripts and rules
//!
//! A [`Config`] is plain data: in JSON its names are camelCase and optional. A [`Script`] replaces the built-in job of some calls. A
//! [`Rule`] adds a fault between client and VM. The simulator tries the rules in order, and only the first that fires applies to a
//! request. Rules apply before the credentials are checked.
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
//! # What is known about the real VM
//!
//! The paths, statuses, members and their order, the wrapping in `record` and `records`, the two poll parameters, the states of jobs,
//! `powered_on`, `powered_off`, `is_deployed` and the format of `last_modified` follow NetApp's documentation, its published samples, and
//! public programs that work with a VM. Everything else is invented: the wording of messages, `code` in errors, the other states of
//! clusters (`not_deployed`, `deploying`, `deploy_failed`, …), the statuses of hosts, `request_id` of an event, and the networks, pools
//! and disks of a host. If the sources say nothing or contradict each other, there is a setting whose default is the likelier value.

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
