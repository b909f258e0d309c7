//! What a simulator can be told, as plain data. In JSON the names are camelCase, all optional; an unknown name is refused.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::rules::Rule;
use crate::stamp::StampStyle;

/// Everything that can be set. The default is a Deploy that behaves as NetApp documents it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// User name of the one account. Default `admin`.
    pub username: String,
    /// Its password. Default `Netapp1!`.
    pub password: String,
    /// A bearer token that is accepted beside the account. Default none.
    pub bearer: Option<String>,
    /// Seeds job ids, request ids and the probability of rules. Default 1.
    pub seed: u64,
    /// The VM's clock at the simulator's time 0, in milliseconds since 1970. Default 2019-04-04T15:41:29.140Z.
    pub epoch_ms: i64,
    /// Jumps of the VM's clock, back or forth. Default none.
    pub clock_steps: Vec<ClockStep>,
    /// How stamps are written. Default `micros`.
    pub stamp: StampStyle,
    /// Milliseconds that one step of a built-in job takes. Default 1000.
    pub step_ms: u64,
    /// `>=` means "at or after": an unchanged job answers at once. Default false: it means "more recent", as the documentation's words do.
    pub inclusive: bool,
    /// What a long poll answers when its time is over. Default `record`.
    pub timed_out: TimedOut,
    /// Largest `poll_timeout` accepted, in seconds. Default 120.
    pub max_poll_timeout: u64,
    /// What a call that became a job answers.
    pub accept: Accept,
    /// The form of job ids. Default `opaque`.
    pub job_id: JobIds,
    /// States go out in upper case. Default false.
    pub upper_case: bool,
    /// A further state, such as `paused`, that every job passes through on its way. Default none.
    pub extra_state: Option<String>,
    /// A finished job is forgotten after this many milliseconds. Default never.
    pub purge_ms: Option<u64>,
    /// A job answers 404 for this many milliseconds after its 202. Default 0.
    pub visible_after_ms: u64,
    /// A name in `fields`, in `order_by` or in a filter that no object of the kind has is ignored. Default false: 400.
    pub ignore_unknown_fields: bool,
    /// A job's `last_modified` comes only where `fields` names it, and a long poll since `None` is answered at once.
    /// Default false: it comes unasked, as `id` does, and `None` is refused.
    pub last_modified_only_when_named: bool,
    /// A member of a body, or a query parameter of a call that changes something, is refused with 400 if the call does not
    /// know it. Default false: it is ignored.
    pub refuse_unknown_members: bool,
    /// What a call without output has as its body. Default `object`.
    pub no_output: NoOutput,
    /// Status for a host that is registered already. Default 400; 409 is the documented status for what exists.
    pub duplicate_host_status: u16,
    /// From when on a host, a credential or a backup can be read. Default `accepted`.
    pub objects_appear: ObjectsAppear,
    /// A host needs a credential: its own, or one that is stored, of type `vcenter` for its management server and else of type `host` for
    /// itself. Default false.
    pub need_credentials: bool,
    /// Logins that the VM holds. Default none.
    pub credentials: Vec<StoredCredential>,
    /// What hosts have, by name; the first description that matches counts. Default none: every host has the usual equipment.
    pub hosts: Vec<HostProfile>,
    /// A host that `hosts` does not describe takes any name of a network, pool or disk, beside its own. Default true.
    pub open_hosts: bool,
    /// ONTAP images that the VM holds, by version. Default a range from 9.4 to 9.19.1.
    pub images: Vec<String>,
    /// Licences that the VM holds. Default `320000001` (2 TB) and `320000002` (50 TB).
    pub licenses: Vec<License>,
    /// Terabytes (2⁴⁰ bytes) that an uploaded licence covers. Default 50.
    pub uploaded_license_tb: f64,
    /// Terabytes that a node without a licence may have. Default no limit.
    pub evaluation_tb: Option<f64>,
    /// Jobs that take another course than the built-in one; the first that matches counts.
    pub scripts: Vec<Script>,
    /// Trouble on the way; the first that fires counts. More can be added at run time.
    pub rules: Vec<Rule>,
    /// Requests that the log keeps, the latest ones. Default 10 000.
    pub log_limit: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            username: "admin".to_owned(),
            password: "Netapp1!".to_owned(),
            bearer: None,
            seed: 1,
            epoch_ms: 1_554_392_489_140,
            clock_steps: Vec::new(),
            stamp: StampStyle::default(),
            step_ms: 1000,
            inclusive: false,
            timed_out: TimedOut::default(),
            max_poll_timeout: 120,
            accept: Accept::default(),
            job_id: JobIds::default(),
            upper_case: false,
            extra_state: None,
            purge_ms: None,
            visible_after_ms: 0,
            ignore_unknown_fields: false,
            last_modified_only_when_named: false,
            refuse_unknown_members: false,
            no_output: NoOutput::default(),
            duplicate_host_status: 400,
            objects_appear: ObjectsAppear::default(),
            need_credentials: false,
            credentials: Vec::new(),
            hosts: Vec::new(),
            open_hosts: true,
            images: IMAGES.map(str::to_owned).to_vec(),
            licenses: vec![
                License::new("320000001", 2.0),
                License::new("320000002", 50.0),
            ],
            uploaded_license_tb: 50.0,
            evaluation_tb: None,
            scripts: Vec::new(),
            rules: Vec::new(),
            log_limit: 10_000,
        }
    }
}

impl Config {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let named = |field: &str, bad: bool, expected: &str| {
            if bad {
                Err(ConfigError::new(field, expected))
            } else {
                Ok(())
            }
        };
        named(
            "username",
            self.username.contains(':'),
            "a name without a colon",
        )?;
        named(
            "maxPollTimeout",
            self.max_poll_timeout == 0,
            "at least 1 second",
        )?;
        named("logLimit", self.log_limit == 0, "at least 1")?;
        for (field, terabytes) in [
            ("uploadedLicenseTb", self.uploaded_license_tb),
            ("evaluationTb", self.evaluation_tb.unwrap_or_default()),
        ] {
            named(field, terabytes < 0.0, "0 or more terabytes")?;
        }
        check_status("accept.status", self.accept.status)?;
        check_status("duplicateHostStatus", self.duplicate_host_status)?;
        for (index, script) in self.scripts.iter().enumerate() {
            let field = format!("scripts[{index}]");
            named(
                &format!("{field}.steps"),
                script.steps.is_empty() && script.accept.is_none(),
                "steps, accept or both",
            )?;
            if let Some(accept) = &script.accept {
                check_status(&format!("{field}.accept.status"), accept.status)?;
            }
        }
        for (index, rule) in self.rules.iter().enumerate() {
            rule.check(&format!("rules[{index}]"))?;
        }
        Ok(())
    }
}

pub(crate) fn check_status(field: &str, status: u16) -> Result<(), ConfigError> {
    if (200..=599).contains(&status) {
        Ok(())
    } else {
        Err(ConfigError::new(field, "an HTTP status, 200 to 599"))
    }
}

/// A value that the simulator cannot work with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    field: String,
    expected: String,
}

impl ConfigError {
    pub(crate) fn new(field: &str, expected: &str) -> Self {
        Self {
            field: field.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}", self.field, self.expected)
    }
}

impl Error for ConfigError {}

/// From the simulator's time `at_ms` on, the VM's clock is off by a further `by_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClockStep {
    /// When, in milliseconds since the simulator began.
    pub at_ms: u64,
    /// How far; negative sets the clock back.
    pub by_ms: i64,
}

/// Versions of the images that a VM holds by default.
const IMAGES: [&str; 18] = [
    "9.4", "9.5", "9.5P1", "9.6", "9.7", "9.7P8", "9.8", "9.9.1", "9.10.1", "9.11.1", "9.12.1",
    "9.13.1", "9.14.1", "9.15.1", "9.16.1", "9.17.1", "9.18.1", "9.19.1",
];

/// The body of a synchronous call that the documentation lists as "without output".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoOutput {
    /// `{}`.
    #[default]
    Object,
    /// `null`.
    Null,
}

/// From when on an object that a job makes can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ObjectsAppear {
    /// From the 202 on, with a status of its own. It stays after a failure.
    #[default]
    Accepted,
    /// When the job succeeded.
    Succeeded,
}

/// What some hosts have.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct HostProfile {
    /// Name of the host, `*` for any run of characters. None: any.
    pub name: Option<String>,
    /// The host cannot be reached: its job fails. Default false.
    pub unreachable: bool,
    /// Names of its networks. None: the usual ones.
    pub networks: Option<Vec<String>>,
    /// Its storage pools. None: the usual ones.
    pub pools: Option<Vec<HostPool>>,
    /// Its disks. None: the usual ones.
    pub disks: Option<Vec<HostDisk>>,
}

/// A storage pool of a host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostPool {
    /// Its name.
    pub name: String,
    /// Bytes that are free before any cluster is deployed.
    pub available_capacity: u64,
}

/// A disk of a host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostDisk {
    /// Its name.
    pub name: String,
    /// `SSD`, `NVME`, … Default `SSD`.
    #[serde(default = "ssd")]
    pub device_type: String,
}

fn ssd() -> String {
    "SSD".to_owned()
}

/// A login that the VM holds. Its password is right.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StoredCredential {
    /// The vCenter or the host that it is for.
    pub hostname: String,
    /// The user's name.
    pub username: String,
    /// Whose it is.
    #[serde(rename = "type")]
    pub kind: CredentialType,
}

/// Whose login a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CredentialType {
    /// Of a vCenter, which manages hosts.
    Vcenter,
    /// Of a host that no vCenter manages.
    Host,
}

impl CredentialType {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Vcenter => "vcenter",
            Self::Host => "host",
        }
    }
}

/// A capacity licence.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct License {
    /// Serial number, which is its id.
    pub id: String,
    /// Terabytes (2⁴⁰ bytes) that it covers.
    pub capacity_tb: f64,
}

impl License {
    fn new(id: &str, capacity_tb: f64) -> Self {
        Self {
            id: id.to_owned(),
            capacity_tb,
        }
    }
}

/// What a long poll answers when nothing changed in its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TimedOut {
    /// 200 with the record as it is.
    #[default]
    Record,
    /// 200 `{}`.
    NoRecord,
    /// 200 `{"record":null}`.
    NullRecord,
    /// 200 without a body.
    EmptyBody,
    /// 204.
    NoContent,
    /// 304.
    NotModified,
}

/// The form of job ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JobIds {
    /// Like a UUID.
    #[default]
    Opaque,
    /// A string that needs percent-encoding in a path: `a/b c%1`.
    Awkward,
    /// A JSON number.
    Numeric,
}

/// What a call that became a job answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Accept {
    /// Default 202; 200 and 201 occur for the same endpoints.
    pub status: u16,
    /// What stands in the body. Default `full`.
    pub job: AcceptedJob,
    /// Whether the job has its `state`. Default true.
    pub state: bool,
    /// Whether the job has its `last_modified`. Default true.
    pub last_modified: bool,
    /// The job is already at its end when the answer goes out. Default false.
    pub done: bool,
}

impl Default for Accept {
    fn default() -> Self {
        Self {
            status: 202,
            job: AcceptedJob::Full,
            state: true,
            last_modified: true,
            done: false,
        }
    }
}

/// What stands in the body of an accepting answer. All but the first cannot be tracked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AcceptedJob {
    /// `{"job":{…}}`.
    #[default]
    Full,
    /// `{"job":{…}}` without `id`.
    NoId,
    /// `{"job":null}`.
    NullJob,
    /// `{}`.
    NoJob,
    /// `null`.
    Null,
    /// Nothing.
    Empty,
    /// `Accepted` as `text/plain`.
    Text,
}

/// Another course for the jobs of some calls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Script {
    /// Method of the call. None: any.
    pub method: Option<String>,
    /// Path below the base, `*` for any run of characters: `/clusters/*/deploy`. None: any.
    pub path: Option<String>,
    /// Name of the object, `*` as above. None: any.
    pub name: Option<String>,
    /// The job's course, the first step being its state at the start. Empty: the built-in course.
    /// What the call is for takes effect when the last step is `success`.
    pub steps: Vec<Step>,
    /// What the call answers. None: [`Config::accept`].
    pub accept: Option<Accept>,
}

/// One step of a job.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The state, as written on the wire.
    pub state: String,
    /// The message: a text, any other JSON value, or none when it is to be missing from the record.
    #[serde(default, deserialize_with = "present")]
    pub message: Option<Value>,
    /// Milliseconds after the step before. Default 0.
    #[serde(default)]
    pub after_ms: u64,
    /// The stamp does not move, although something changed. Default false.
    #[serde(default)]
    pub keep_stamp: bool,
}

impl Step {
    /// A step with a message.
    #[must_use]
    pub fn new(after_ms: u64, state: &str, message: &str) -> Self {
        Self {
            state: state.to_owned(),
            message: Some(message.into()),
            after_ms,
            keep_stamp: false,
        }
    }
}

/// Tells `"message": null`, which is kept, from no message at all.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
