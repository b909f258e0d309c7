//! The VM's objects, and the effects of jobs on them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::hosts::Host;
use crate::config::{Config, ObjectsAppear};

/// Bytes per terabyte, as in licenses and clients.
const TERABYTE: f64 = (1_u64 << 40) as f64;

#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) backups: Vec<Backup>,
    pub(crate) licenses: Vec<StoredLicense>,
    made: u64,
}

/// `powered_on` and `powered_off` are documented; the other words are invented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClusterState {
    NotDeployed,
    Deploying,
    /// A deploy failed and was not rolled back.
    DeployFailed,
    PoweredOn,
    PoweredOff,
    PoweringOn,
    PoweringOff,
    Resizing,
    Deleting,
}

#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The checked values of `ip`, `mtu` and so on.
    pub(crate) settings: Map<String, Value>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) state: ClusterState,
    /// Its state before the running job.
    pub(crate) before: Option<ClusterState>,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Its host's id.
    pub(crate) host: Option<String>,
    /// Its license's serial number.
    pub(crate) license: Option<String>,
    pub(crate) serial_number: Option<String>,
    /// The serial number of its evaluation license, for a node without another license.
    pub(crate) evaluation: String,
    pub(crate) passthrough_disks: bool,
    /// The checked values of `ip`, `instance_type` and so on.
    pub(crate) settings: Map<String, Value>,
    pub(crate) networks: Vec<NodeNetwork>,
    pub(crate) pools: Vec<NodePool>,
    pub(crate) disks: Vec<NodeDisk>,
}

#[derive(Debug)]
pub(crate) struct NodeNetwork {
    pub(crate) id: String,
    pub(crate) purpose: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) vlan_id: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct NodePool {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Bytes; none for software RAID.
    pub(crate) capacity: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct NodeDisk {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A credential. The password is checked and not stored.
#[derive(Debug)]
pub(crate) struct Credential {
    pub(crate) id: String,
    pub(crate) hostname: String,
    pub(crate) username: String,
    pub(crate) kind: &'static str,
    pub(crate) status: Status,
}

#[derive(Debug)]
pub(crate) struct Backup {
    pub(crate) id: String,
    pub(crate) file_name: String,
    pub(crate) status: Status,
}

/// The state of an object that a job creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    InProgress,
    Ready,
    Failed,
}

#[derive(Clone, Debug)]
pub(crate) struct StoredLicense {
    pub(crate) id: String,
    pub(crate) bytes: u64,
}

/// The effect of a job.
#[derive(Debug)]
pub(crate) enum Effect {
    None,
    Deploy {
        cluster: String,
        inhibit_rollback: bool,
    },
    Power {
        cluster: String,
        to: ClusterState,
    },
    Resize {
        cluster: String,
        instance_types: BTreeMap<String, &'static str>,
    },
    Remove(String),
    /// Ids, and how many of them a failing job adds.
    Hosts {
        ids: Vec<String>,
        known: usize,
    },
    Credential(String),
    Backup(String),
}

impl ClusterState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NotDeployed => "not_deployed",
            Self::Deploying => "deploying",
            Self::DeployFailed => "deploy_failed",
            Self::PoweredOn => "powered_on",
            Self::PoweredOff => "powered_off",
            Self::PoweringOn => "powering_on",
            Self::PoweringOff => "powering_off",
            Self::Resizing => "resizing",
            Self::Deleting => "deleting",
        }
    }

    fn is_deployed(self) -> bool {
        matches!(
            self,
            Self::PoweredOn
                | Self::PoweredOff
                | Self::PoweringOn
                | Self::PoweringOff
                | Self::Resizing
        )
    }
}

impl Cluster {
    pub(crate) fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.before.is_some()
    }

    /// While it is being deleted, whether it was deployed before: its deploy may have failed.
    fn is_deployed(&self) -> bool {
        match (self.state, self.before) {
            (ClusterState::Deleting, Some(before)) => before.is_deployed(),
            (state, _) => state.is_deployed(),
        }
    }

    /// Marks the cluster as used by a job.
    pub(crate) fn occupy(&mut self, state: ClusterState) {
        self.before = Some(self.state);
        self.state = state;
    }

    fn release(&mut self, state: ClusterState) {
        self.before = None;
        self.state = state;
    }

    fn go_back(&mut self) {
        let state = self.before.unwrap_or(self.state);
        self.release(state);
    }
}

impl Node {
    /// Its serial number: the license's, or a generated one.
    pub(crate) fn serial(&self) -> Option<&str> {
        self.license.as_deref().or(self.serial_number.as_deref())
    }

    /// The capacity that it needs in its pools, in bytes.
    pub(crate) fn capacity(&self) -> u64 {
        let capacities = self.pools.iter().filter_map(|pool| pool.capacity);
        capacities.fold(0, u64::saturating_add)
    }

    pub(crate) fn record(&self, hosts: &[Host], state: ClusterState) -> Value {
        let mut record = json!({"id": self.id, "name": self.name, "state": state.name()});
        if let Value::Object(members) = &mut record {
            members.extend(self.settings.clone());
            members.insert(
                "passthrough_disks".to_owned(),
                json!(self.passthrough_disks),
            );
            members.insert("serial_number".to_owned(), json!(self.serial_number));
            let host = self.host.as_deref().map(|id| {
                let host = hosts.iter().find(|host| host.id == id);
                json!({"id": id, "name": host.map(|host| host.name.as_str())})
            });
            members.insert("host".to_owned(), json!(host));
            let license = self.license.as_deref().map(|id| json!({"id": id}));
            members.insert("license".to_owned(), json!(license));
        }
        record
    }
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InProgress => "authentication_in_progress",
            Self::Ready => "authenticated",
            Self::Failed => "authentication_failed",
        }
    }

    /// Whether the object is readable now.
    pub(crate) fn is_visible(self, config: &Config) -> bool {
        self == Self::Ready || config.objects_appear == ObjectsAppear::Accepted
    }
}

impl StoredLicense {
    pub(crate) fn new(id: &str, terabytes: f64) -> Self {
        Self {
            id: id.to_owned(),
            bytes: bytes(terabytes),
        }
    }
}

impl Store {
    pub(crate) fn new(config: &Config) -> Self {
        let licenses = config.licenses.iter();
        let licenses = licenses.map(|license| StoredLicense::new(&license.id, license.capacity_tb));
        let mut store = Self {
            licenses: licenses.collect(),
            ..Self::default()
        };
        for given in &config.credentials {
            let id = store.new_id(config, "credential");
            store.credentials.push(Credential {
                id,
                hostname: given.hostname.clone(),
                username: given.username.clone(),
                kind: given.kind.name(),
                status: Status::Ready,
            });
        }
        store
    }

    pub(crate) fn new_id(&mut self, config: &Config, kind: &str) -> String {
        self.made = self.made.saturating_add(1);
        super::opaque_id(config.seed, kind, self.made)
    }

    /// A serial number with twenty digits.
    pub(crate) fn new_serial(&mut self) -> String {
        self.made = self.made.saturating_add(1);
        format!("{:020}", 90_000_000_000_000_u64.saturating_add(self.made))
    }

    pub(crate) fn cluster(&self, id: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.id == id)
    }

    pub(crate) fn cluster_mut(&mut self, id: &str) -> Option<&mut Cluster> {
        self.clusters.iter_mut().find(|cluster| cluster.id == id)
    }

    pub(crate) fn host(&self, id: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| host.id == id)
    }

    pub(crate) fn cluster_record(&self, cluster: &Cluster) -> Value {
        let nodes: Vec<Value> = cluster
            .nodes
            .iter()
            .map(|node| node.record(&self.hosts, cluster.state))
            .collect();
        let mut record = json!({
            "id": cluster.id, "name": cluster.name, "state": cluster.state.name(),
            "is_deployed": cluster.is_deployed(), "nodes": nodes,
        });
        if let Value::Object(members) = &mut record {
            members.extend(cluster.settings.clone());
        }
        record
    }

    /// The bytes that virtual machines use in a pool, except those of one cluster.
    pub(crate) fn used(&self, host: &str, pool: &str, but: Option<&str>) -> u64 {
        let clusters = self.clusters.iter().filter(|cluster| {
            cluster.state != ClusterState::NotDeployed && Some(cluster.id.as_str()) != but
        });
        let nodes = clusters
            .flat_map(|cluster| &cluster.nodes)
            .filter(|node| node.host.as_deref() == Some(host));
        let pools = nodes
            .flat_map(|node| &node.pools)
            .filter(|used| used.name == pool);
        pools
            .filter_map(|pool| pool.capacity)
            .fold(0, u64::saturating_add)
    }

    /// The bytes of a license that nodes use since the start of their deploy, except those of one cluster.
    pub(crate) fn licensed(&self, license: &str, but: &str) -> u64 {
        let takes =
            |cluster: &Cluster| cluster.is_deployed() || cluster.state == ClusterState::Deploying;
        let clusters = self
            .clusters
            .iter()
            .filter(|cluster| takes(cluster) && cluster.id != but);
        let nodes = clusters
            .flat_map(|cluster| &cluster.nodes)
            .filter(|node| node.serial() == Some(license));
        nodes.map(Node::capacity).fold(0, u64::saturating_add)
    }

    pub(crate) fn apply(&mut self, effect: Effect, success: bool, config: &Config) {
        let status = if success {
            Status::Ready
        } else {
            Status::Failed
        };
        match effect {
            Effect::None => {}
            Effect::Deploy {
                cluster,
                inhibit_rollback,
            } => self.deployed(&cluster, success, inhibit_rollback),
            Effect::Power { cluster, to } => {
                if let Some(cluster) = self.cluster_mut(&cluster) {
                    if success {
                        cluster.release(to);
                    } else {
                        cluster.go_back();
                    }
                }
            }
            Effect::Resize {
                cluster,
                instance_types,
            } => {
                if let Some(cluster) = self.cluster_mut(&cluster) {
                    cluster.go_back();
                    for node in cluster.nodes.iter_mut().filter(|_| success) {
                        if let Some(size) = instance_types.get(&node.id) {
                            node.settings
                                .insert("instance_type".to_owned(), json!(size));
                        }
                    }
                }
            }
            Effect::Remove(id) => {
                if success {
                    self.clusters.retain(|cluster| cluster.id != id);
                } else if let Some(cluster) = self.cluster_mut(&id) {
                    cluster.go_back();
                }
            }
            Effect::Hosts { ids, known } => {
                for (index, id) in ids.iter().enumerate() {
                    let known = index < known;
                    for host in self.hosts.iter_mut().filter(|host| host.id == *id) {
                        host.status = if known { Status::Ready } else { status };
                    }
                }
                self.hosts
                    .retain(|host| !ids.contains(&host.id) || stays(host.status, config));
            }
            Effect::Credential(id) => {
                for credential in self.credentials.iter_mut().filter(|one| one.id == id) {
                    credential.status = status;
                }
                self.credentials
                    .retain(|credential| credential.id != id || stays(status, config));
            }
            Effect::Backup(id) => {
                for backup in self.backups.iter_mut().filter(|backup| backup.id == id) {
                    backup.status = status;
                }
                self.backups
                    .retain(|backup| backup.id != id || stays(status, config));
            }
        }
    }

    fn deployed(&mut self, id: &str, success: bool, inhibit_rollback: bool) {
        let Some(cluster) = self.cluster_mut(id) else {
            return;
        };
        if success {
            cluster.release(ClusterState::PoweredOn);
            for node in &mut cluster.nodes {
                let serial = node.license.clone();
                node.serial_number = serial
                    .or(node.serial_number.take())
                    .or(Some(node.evaluation.clone()));
            }
        } else if inhibit_rollback {
            cluster.release(ClusterState::DeployFailed);
        } else {
            cluster.release(ClusterState::NotDeployed);
        }
    }
}

/// A failed object stays, unless objects appear only with success.
fn stays(status: Status, config: &Config) -> bool {
    status != Status::Failed || status.is_visible(config)
}

pub(crate) fn bytes(terabytes: f64) -> u64 {
    (terabytes * TERABYTE) as u64
}
