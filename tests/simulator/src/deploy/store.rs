//! The objects that the VM holds, and what a job's end does to them.

use serde_json::{Map, Value, json};

use crate::config::Config;

#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) hosts: Vec<Value>,
    pub(crate) credentials: Vec<Value>,
    pub(crate) backups: Vec<Value>,
    pub(crate) licenses: Vec<Value>,
    made: u64,
}

#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) record: Value,
    pub(crate) nodes: Vec<Value>,
    /// Its state before the job that works on it.
    pub(crate) busy: Option<Value>,
}

/// What a job brings about when it succeeds.
#[derive(Debug)]
pub(crate) enum Effect {
    None,
    Deploy(String),
    Change(String, Map<String, Value>),
    Remove(String),
    Hosts(Vec<Value>),
    Credential(Value),
    Backup(Value),
    /// The job failed: the cluster is free again.
    Release(String),
}

impl Effect {
    pub(crate) fn undone(self) -> Self {
        match self {
            Self::Deploy(id) | Self::Change(id, _) | Self::Remove(id) => Self::Release(id),
            _ => Self::None,
        }
    }
}

impl Store {
    pub(crate) fn new(config: &Config) -> Self {
        let licenses = config.licenses.iter();
        let licenses = licenses.map(|license| json!({"id": license.id, "capacity_tb": license.capacity_tb, "type": "capacity"}));
        Self {
            licenses: licenses.collect(),
            ..Self::default()
        }
    }

    pub(crate) fn new_id(&mut self, config: &Config, kind: &str) -> String {
        self.made = self.made.saturating_add(1);
        super::opaque_id(config.seed, kind, self.made)
    }

    pub(crate) fn cluster(&mut self, id: &str) -> Option<&mut Cluster> {
        self.clusters
            .iter_mut()
            .find(|cluster| has_id(&cluster.record, id))
    }

    pub(crate) fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::Deploy(id) => {
                self.settle(&id, Map::from_iter([("state".to_owned(), json!("online"))]))
            }
            Effect::Change(id, members) => self.settle(&id, members),
            Effect::Release(id) => self.settle(&id, Map::new()),
            Effect::Remove(id) => self
                .clusters
                .retain(|cluster| !has_id(&cluster.record, &id)),
            Effect::Hosts(hosts) => self.hosts.extend(hosts),
            Effect::Credential(credential) => self.credentials.push(credential),
            Effect::Backup(backup) => self.backups.push(backup),
        }
    }

    fn settle(&mut self, id: &str, members: Map<String, Value>) {
        if let Some(cluster) = self.cluster(id) {
            if let Some(state) = cluster.busy.take() {
                merge(&mut cluster.record, json!({"state": state}));
            }
            merge(&mut cluster.record, Value::Object(members));
        }
    }
}

pub(crate) fn has_id(record: &Value, id: &str) -> bool {
    record.get("id").and_then(Value::as_str) == Some(id)
}

/// Puts the members of one object over those of another; `id` stays.
pub(crate) fn merge(record: &mut Value, members: Value) {
    if let (Value::Object(record), Value::Object(members)) = (record, members) {
        record.extend(members.into_iter().filter(|(name, _)| name != "id"));
    }
}
