//! The simulator's settings as plain data. In JSON the names are camelCase and optional; unknown names are rejected.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::rules::Rule;
use crate::stamp::StampStyle;

/// All settings. By default the simulator behaves as NetApp documents Deploy.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The account's user name. Default `admin`.
    pub username: String,
    /// The account's password. Default `Netapp1!`.
    pub password: String,
    /// A bearer token that also grants access. Default none.
    pub bearer: Option<String>,
    /// The seed for job ids, request ids and the probability of rules. Default 1.
    pub seed: u64,
    /// The VM's clock when the simulator starts, in milliseconds since 1970. Default 2019-04-04T15:41:29.140Z.
    pub epoch_ms: i64,
    /// Jumps of the VM's clock, backwards or forwards. Default none.
    pub clock_steps: Vec<ClockStep>,
    /// The format of `last_modified`. Default `micros`.
    pub stamp: StampStyle,
    /// Duration of one step of a built-in job, in milliseconds. Default 1000.
    pub step_ms: u64,
    /// `>=` means "at or after", so a poll for an unchanged job returns at once. Default false: "more recent", as documented.
    pub inclusive: bool,
    /// The response to a long poll when its time is over. Default `record`.
    pub timed_out: TimedOut,
    /// The largest accepted `poll_timeout`, in seconds. Default 120.
    pub max_poll_timeout: u64,
    /// The response to a call that starts a job.
    pub accept: Accept,
    /// The format of job ids. Default `opaque`.
    pub job_id: JobIds,
    /// Sends states in upper case. Default false.
    pub upper_case: bool,
    /// An extra state, such as `paused`, that every job passes through. Default none.
    pub extra_state: Option<String>,
    /// Removes a finished job after this many milliseconds. Default never.
    pub purge_ms: Option<u64>,
    /// Polls for a new job get 404 for this many milliseconds after its 202. Default 0.
    pub visible_after_ms: u64,
    /// Ignores unknown names in `fields`, `order_by` and filters. Default false: 400.
    pub ignore_unknown_fields: bool,
    /// Sends a job's `last_modified` only if `fields` names it, and responds at once to a long poll with the cursor `None`.
    /// Default false: always sends it, like `id`, and rejects `None`.
    pub last_modified_only_when_named: bool,
    /// Rejects unknown members of a body, and unknown query parameters of a changing call, with 400.
    /// Default false: ignores them.
    pub refuse_unknown_members: bool,
    /// The response body of a synchronous call without output. Default `object`.
    pub no_output: NoOutput,
    /// The status for a host that already exists. Default 400; the documentation says 409 for existing objects.
    pub duplicate_host_status: u16,
    /// When a new host, credential or backup becomes readable. Default `accepted`.
    pub objects_appear: ObjectsAppear,
    /// A new host needs a credential: in its own record, or a stored one of type `vcenter` for its management server or of
    /// type `host` for itself. Default false.
    pub need_credentials: bool,
    /// Stored logins. Default none.
    pub credentials: Vec<StoredCredential>,
    /// Networks, pools and disks of hosts. The first profile that matches a host's name applies. Default: built-in values.
    pub hosts: Vec<HostProfile>,
    /// Accepts any network, pool or disk name on hosts without a profile in `hosts`. Default true.
    pub open_hosts: bool,
    /// Versions of the available ONTAP images. Default: a range from 9.4 to 9.19.1.
    pub images: Vec<String>,
    /// Stored licenses. Default `320000001` (2 TB) and `320000002` (50 TB).
    pub licenses: Vec<License>,
    /// Capacity of an uploaded license, in terabytes (2⁴⁰ bytes). Default 50.
    pub uploaded_license_tb: f64,
    /// Maximum capacity of a node without a license, in terabytes (2⁴⁰ bytes). Default no limit.
    pub evaluation_tb: Option<f64>,
    /// Scripts that replace the built-in jobs. The first match applies.
    pub scripts: Vec<Script>,
    /// Faults for some requests. The first rule that fires applies. More can be added at run time.
    pub rules: Vec<Rule>,
    /// The number of latest requests that the log keeps. Default 10 000.
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

/// An invalid setting.
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

/// A jump of the VM's clock by `by_ms`, at the simulator's time `at_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClockStep {
    /// Milliseconds since the simulator started.
    pub at_ms: u64,
    /// Milliseconds; a negative value sets the clock back.
    pub by_ms: i64,
}

/// The default image versions.
const IMAGES: [&str; 18] = [
    "9.4", "9.5", "9.5P1", "9.6", "9.7", "9.7P8", "9.8", "9.9.1", "9.10.1", "9.11.1", "9.12.1",
    "9.13.1", "9.14.1", "9.15.1", "9.16.1", "9.17.1", "9.18.1", "9.19.1",
];

/// The response body of a synchronous call that the documentation lists as "without output".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoOutput {
    /// `{}`.
    #[default]
    Object,
    /// `null`.
    Null,
}

/// When an object that a job creates becomes readable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ObjectsAppear {
    /// With the 202, with a status of its own. It stays after a failure.
    #[default]
    Accepted,
    /// When the job succeeds.
    Succeeded,
}

/// The networks, pools and disks of some hosts.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct HostProfile {
    /// The host's name; `*` matches any characters. None: any.
    pub name: Option<String>,
    /// The host is unreachable, so its job fails. Default false.
    pub unreachable: bool,
    /// Names of its networks. None: the built-in ones.
    pub networks: Option<Vec<String>>,
    /// Its storage pools. None: the built-in ones.
    pub pools: Option<Vec<HostPool>>,
    /// Its disks. None: the built-in ones.
    pub disks: Option<Vec<HostDisk>>,
}

/// A storage pool of a host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostPool {
    /// Its name.
    pub name: String,
    /// Free bytes before any cluster is deployed.
    pub available_capacity: u64,
}

/// A disk of a host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostDisk {
    /// Its name.
    pub name: String,
    /// Such as `SSD` or `NVME`. Default `SSD`.
    #[serde(default = "ssd")]
    pub device_type: String,
}

fn ssd() -> String {
    "SSD".to_owned()
}

/// A stored login. Its password is always correct.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StoredCredential {
    /// The name of the vCenter or host.
    pub hostname: String,
    /// The user name.
    pub username: String,
    /// The kind of login.
    #[serde(rename = "type")]
    pub kind: CredentialType,
}

/// The kind of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CredentialType {
    /// For a vCenter, which manages hosts.
    Vcenter,
    /// For a host without a vCenter.
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

/// A capacity license.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct License {
    /// The serial number.
    pub id: String,
    /// The capacity in terabytes (2⁴⁰ bytes).
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

/// The response to a long poll without a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TimedOut {
    /// 200 with the unchanged record.
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

/// The format of job ids.
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

/// The response to a call that starts a job.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Accept {
    /// The status. Default 202; a real Deploy may send 200 or 201, too.
    pub status: u16,
    /// The body. Default `full`.
    pub job: AcceptedJob,
    /// Whether the job has a `state`. Default true.
    pub state: bool,
    /// Whether the job has a `last_modified`. Default true.
    pub last_modified: bool,
    /// The job has already finished when the response is sent. Default false.
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

/// The body of a response that accepts a call. A client can follow the job only with the first kind.
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

/// A script replaces the built-in job of some calls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Script {
    /// The call's method. None: any.
    pub method: Option<String>,
    /// The path below the base; `*` matches any characters: `/clusters/*/deploy`. None: any.
    pub path: Option<String>,
    /// The object's name; `*` matches any characters. None: any.
    pub name: Option<String>,
    /// The job's steps. The first is its initial state. Empty: the built-in steps.
    /// The call takes effect if the last step is `success`.
    pub steps: Vec<Step>,
    /// The response to the call. None: [`Config::accept`].
    pub accept: Option<Accept>,
}

/// One step of a job.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The state as sent.
    pub state: String,
    /// The message: a string or any JSON value. None omits the message from the record.
    #[serde(default, deserialize_with = "present")]
    pub message: Option<Value>,
    /// Milliseconds after the previous step. Default 0.
    #[serde(default)]
    pub after_ms: u64,
    /// Keeps `last_modified` unchanged although the job has changed. Default false.
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

/// Distinguishes `"message": null` from a missing message.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
