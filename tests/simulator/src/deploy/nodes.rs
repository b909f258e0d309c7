//! `/clusters/{id}/nodes`: a node's host, networks, storage pools and disks, which can change only before the deploy.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::clusters::{INSTANCE_TYPES, check_letters};
use super::store::{ClusterState, Node, NodeDisk, NodeNetwork, NodePool};
use super::{Call, Deploy, Handled, conflict, missing, not_allowed};
use crate::http::Response;
use crate::select::Kind;

pub(super) const NODE: Kind = Kind {
    what: "a node",
    members: &[
        "id",
        "name",
        "state",
        "host",
        "instance_type",
        "ip",
        "license",
        "serial_number",
        "passthrough_disks",
        "is_storage_efficiency_enabled",
        "cpu_reservation_percentage",
    ],
    inside: &[("host", HOST_OF_NODE), ("license", LICENSE_OF_NODE)],
    keys: &["id"],
    brief: &["name"],
    expensive: &[],
    options: &[],
    lenient: false,
};
const NETWORK: Kind = Kind {
    what: "a node's network",
    members: &["id", "purpose", "name", "vlan_id"],
    ..NODE
};
const POOL: Kind = Kind {
    what: "a node's storage pool",
    members: &["id", "name", "capacity"],
    ..NODE
};
const DISK: Kind = Kind {
    what: "a node's disk",
    members: &["id", "name"],
    ..NODE
};
pub(super) const HOST_OF_NODE: &[&str] = &["id", "name"];
pub(super) const LICENSE_OF_NODE: &[&str] = &["id"];
const LARGEST_VLAN: u64 = 4094;

impl Deploy {
    pub(super) fn nodes(&mut self, call: &Call, cluster_id: &str, rest: &[&str]) -> Handled {
        let cluster = self
            .store
            .cluster(cluster_id)
            .ok_or_else(|| missing(call))?;
        let state = cluster.state;
        let (node_id, below) = match (call.method.as_str(), rest) {
            ("GET", []) => {
                let nodes = cluster.nodes.iter();
                let records = nodes.map(|node| node.record(&self.store.hosts, state));
                return Ok(self.collection(records, NODE, call));
            }
            (_, []) => return Err(not_allowed("GET")),
            (_, [node, below @ ..]) => (*node, below),
        };
        let node = cluster.node(node_id).ok_or_else(|| missing(call))?;
        match (call.method.as_str(), below) {
            ("GET", []) => {
                let record = node.record(&self.store.hosts, state);
                return Ok(self.single(&record, NODE, call));
            }
            ("GET", ["networks"]) => {
                return Ok(self.collection(
                    node.networks.iter().map(NodeNetwork::record),
                    NETWORK,
                    call,
                ));
            }
            ("GET", ["networks", id]) => {
                let network = node.networks.iter().find(|network| network.id == *id);
                let record = network.ok_or_else(|| missing(call))?.record();
                return Ok(self.single(&record, NETWORK, call));
            }
            ("GET", ["storage", "pools"]) => {
                return Ok(self.collection(node.pools.iter().map(NodePool::record), POOL, call));
            }
            ("GET", ["storage", "disks"]) => {
                return Ok(self.collection(node.disks.iter().map(NodeDisk::record), DISK, call));
            }
            ("PATCH", [] | ["networks", _])
            | ("POST", ["storage", "pools" | "disks"])
            | ("DELETE", ["storage", "pools" | "disks", _]) => {}
            (_, []) => return Err(not_allowed("GET, PATCH")),
            (_, ["networks"]) => return Err(not_allowed("GET")),
            (_, ["networks", _]) => return Err(not_allowed("GET, PATCH")),
            (_, ["storage", "pools" | "disks"]) => return Err(not_allowed("GET, POST")),
            (_, ["storage", "pools" | "disks", _]) => return Err(not_allowed("DELETE")),
            _ => return Err(missing(call)),
        }
        self.free(cluster)?;
        if state != ClusterState::NotDeployed {
            return Err(conflict(&format!(
                "Node \"{}\" cannot be changed: its cluster's deploy is over.",
                node.name
            )));
        }
        match below {
            [] => self.describe(call, cluster_id, node_id),
            ["networks", id] => self.connect(call, cluster_id, node_id, id),
            ["storage", "pools"] => self.attach_pools(call, cluster_id, node_id),
            ["storage", "disks"] => self.attach_disks(call, cluster_id, node_id),
            ["storage", "pools", id] => {
                let node = self.node_mut(call, cluster_id, node_id)?;
                let before = node.pools.len();
                node.pools.retain(|pool| pool.id != *id);
                let gone = node.pools.len() < before;
                if gone {
                    Ok(self.done(200))
                } else {
                    Err(missing(call))
                }
            }
            ["storage", "disks", id] => {
                let node = self.node_mut(call, cluster_id, node_id)?;
                let before = node.disks.len();
                node.disks.retain(|disk| disk.id != *id);
                let gone = node.disks.len() < before;
                if gone {
                    Ok(self.done(200))
                } else {
                    Err(missing(call))
                }
            }
            _ => Err(missing(call)),
        }
    }

    fn describe(&mut self, call: &Call, cluster_id: &str, node_id: &str) -> Handled {
        let body = self.body(call)?;
        body.only(&[
            "name",
            "host",
            "instance_type",
            "ip",
            "passthrough_disks",
            "license",
            "serial_number",
            "is_storage_efficiency_enabled",
            "cpu_reservation_percentage",
        ])?;
        let name = body.text("name")?;
        let host = match body.object("host")? {
            None => None,
            Some(host) => {
                host.only(HOST_OF_NODE)?;
                let id = host.needed_text("id")?;
                if self.store.host(&id).is_none() {
                    return Err(host.refuse("id", &format!("is not the id of a host: \"{id}\"")));
                }
                Some(id)
            }
        };
        let license = match body.object("license")? {
            None => None,
            Some(license) => {
                license.only(LICENSE_OF_NODE)?;
                let id = license.needed_text("id")?;
                if !self.is_license(&id) {
                    let problem = format!("is not the serial number of a license: \"{id}\"");
                    return Err(license.refuse("id", &problem));
                }
                Some(id)
            }
        };
        let instance_type = body.word("instance_type", &INSTANCE_TYPES)?;
        let serial_number = body.text("serial_number")?;
        let ip = body.address("ip")?;
        let passthrough_disks = body.flag("passthrough_disks")?;
        let efficient = body.flag("is_storage_efficiency_enabled")?;
        let reserved = body.whole("cpu_reservation_percentage")?;
        if reserved.is_some_and(|percent| percent > 100) {
            return Err(body.refuse("cpu_reservation_percentage", "must be 0 to 100"));
        }
        let cluster = self
            .store
            .cluster(cluster_id)
            .ok_or_else(|| missing(call))?;
        if let Some(name) = &name {
            let owner = cluster.nodes.iter().find(|node| node.name == *name);
            match owner {
                // A generated name may be longer.
                Some(owner) if owner.id == node_id => {}
                Some(_) => return Err(conflict(&format!("A node \"{name}\" already exists."))),
                None => check_letters(&body, name)?,
            }
        }
        let node = self.node_mut(call, cluster_id, node_id)?;
        if let Some(name) = name {
            node.name = name;
        }
        if let Some(license) = license {
            node.serial_number = Some(license.clone());
            node.license = Some(license);
        }
        node.host = host.or(node.host.take());
        node.serial_number = serial_number.or(node.serial_number.take());
        node.passthrough_disks = passthrough_disks.unwrap_or(node.passthrough_disks);
        let settings = [
            ("instance_type", instance_type.map(Value::from)),
            ("ip", ip.map(Value::from)),
            ("is_storage_efficiency_enabled", efficient.map(Value::from)),
            ("cpu_reservation_percentage", reserved.map(Value::from)),
        ];
        for (member, value) in settings {
            if let Some(value) = value {
                node.settings.insert(member.to_owned(), value);
            }
        }
        Ok(self.done(200))
    }

    fn connect(&mut self, call: &Call, cluster_id: &str, node_id: &str, id: &str) -> Handled {
        let node = self.node_mut(call, cluster_id, node_id)?;
        if !node.networks.iter().any(|network| network.id == id) {
            return Err(missing(call));
        }
        let body = self.body(call)?;
        body.only(&["name", "vlan_id"])?;
        let name = body.text("name")?;
        let vlan_id = body.whole("vlan_id")?;
        if vlan_id.is_some_and(|vlan| vlan > LARGEST_VLAN) {
            return Err(body.refuse("vlan_id", &format!("must be 0 to {LARGEST_VLAN}")));
        }
        if name.is_none() && vlan_id.is_none() {
            return Err(body.refuse("name", "is required: the network's name on the host"));
        }
        let node = self.node_mut(call, cluster_id, node_id)?;
        for network in node.networks.iter_mut().filter(|network| network.id == id) {
            network.name = name.clone().or(network.name.take());
            network.vlan_id = vlan_id.or(network.vlan_id);
        }
        Ok(self.done(200))
    }

    fn attach_pools(&mut self, call: &Call, cluster_id: &str, node_id: &str) -> Handled {
        let body = self.body(call)?;
        body.only(&["pool_array"])?;
        let mut pools = Vec::new();
        for given in body.needed_objects("pool_array")? {
            given.only(&["name", "capacity"])?;
            let name = given.needed_text("name")?;
            let capacity = given.whole("capacity")?;
            if capacity == Some(0) {
                return Err(given.refuse("capacity", "must be more than 0 bytes"));
            }
            pools.push(NodePool {
                id: self.store.new_id(&self.config, "pool"),
                name,
                capacity,
            });
        }
        let node = self.node_mut(call, cluster_id, node_id)?;
        let names = node.pools.iter().chain(&pools).map(|pool| &pool.name);
        if let Some(name) = repeated(names) {
            return Err(attached("Storage pool", name));
        }
        node.pools.extend(pools);
        Ok(self.done(201))
    }

    fn attach_disks(&mut self, call: &Call, cluster_id: &str, node_id: &str) -> Handled {
        call.flag("remove_disk_labels")?;
        let body = self.body(call)?;
        body.only(&["disks"])?;
        let mut disks = Vec::new();
        for given in body.needed_objects("disks")? {
            given.only(&["name"])?;
            let name = given.needed_text("name")?;
            let id = self.store.new_id(&self.config, "disk");
            disks.push(NodeDisk { id, name });
        }
        let node = self.node_mut(call, cluster_id, node_id)?;
        let names = node.disks.iter().chain(&disks).map(|disk| &disk.name);
        if let Some(name) = repeated(names) {
            return Err(attached("Disk", name));
        }
        node.disks.extend(disks);
        Ok(self.done(201))
    }

    fn is_license(&self, serial: &str) -> bool {
        let mut nodes = self
            .store
            .clusters
            .iter()
            .flat_map(|cluster| &cluster.nodes);
        self.store
            .licenses
            .iter()
            .any(|license| license.id == serial)
            || nodes.any(|node| node.evaluation == serial)
    }

    fn node_mut(&mut self, call: &Call, cluster: &str, node: &str) -> Result<&mut Node, Response> {
        let cluster = self.store.cluster_mut(cluster);
        cluster
            .and_then(|cluster| cluster.nodes.iter_mut().find(|other| other.id == node))
            .ok_or_else(|| missing(call))
    }
}

impl NodeNetwork {
    fn record(&self) -> Value {
        json!({"id": self.id, "purpose": self.purpose, "name": self.name, "vlan_id": self.vlan_id})
    }
}

impl NodePool {
    fn record(&self) -> Value {
        json!({"id": self.id, "name": self.name, "capacity": self.capacity})
    }
}

impl NodeDisk {
    fn record(&self) -> Value {
        json!({"id": self.id, "name": self.name})
    }
}

/// The first duplicate name.
fn repeated<'a>(names: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names
        .map(String::as_str)
        .find(|name| !seen.insert(name.to_owned()))
}

fn attached(what: &str, name: &str) -> Response {
    conflict(&format!("{what} \"{name}\" is already attached."))
}
