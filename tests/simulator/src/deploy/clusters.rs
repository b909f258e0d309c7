//! `/clusters`: create, configure, deploy, power on and off, resize and delete. Nodes are in `nodes.rs`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::body::Members;
use super::nodes::{HOST_OF_NODE, LICENSE_OF_NODE, NODE};
use super::store::{Cluster, ClusterState, Effect, Node, NodeNetwork, Status};
use super::{Call, Deploy, Handled, conflict, missing, not_allowed, plans};
use crate::http::Response;
use crate::select::Kind;

const CLUSTER: Kind = Kind {
    what: "a cluster",
    members: &[
        "id",
        "name",
        "state",
        "is_deployed",
        "ontap_image_version",
        "ip",
        "gateway",
        "netmask",
        "ntp_servers",
        "dns_info",
        "mtu",
        "nodes",
    ],
    inside: &[
        ("nodes", NODE.members),
        ("host", HOST_OF_NODE),
        ("license", LICENSE_OF_NODE),
        ("dns_info", DNS_INFO),
    ],
    keys: &["id"],
    brief: &["name"],
    expensive: &["nodes"],
    options: &[],
    lenient: false,
};

/// The members of a cluster's configuration. The password is checked and not stored.
const DESCRIPTION: [&str; 10] = [
    "name",
    "ontap_image_version",
    "ip",
    "gateway",
    "netmask",
    "ntp_servers",
    "dns_info",
    "mtu",
    "admin_password",
    "availability",
];
const DNS_INFO: &[&str] = &["domains", "dns_ips"];
const NODE_COUNTS: [usize; 7] = [1, 2, 4, 6, 8, 10, 12];
/// ONTAP's limit for a cluster's name.
const LONGEST_NAME: usize = 44;
const AVAILABILITY: [&str; 2] = ["powered_on", "powered_off"];
pub(super) const INSTANCE_TYPES: [&str; 4] = ["small", "medium", "large", "xlarge"];

impl Deploy {
    pub(super) fn clusters(&mut self, now: u64, call: &Call, rest: &[&str]) -> Handled {
        match (call.method.as_str(), rest) {
            ("GET", []) => {
                let clusters = self.store.clusters.iter();
                let records = clusters.map(|cluster| self.store.cluster_record(cluster));
                Ok(self.collection(records, CLUSTER, call))
            }
            ("POST", []) => self.create(call),
            (_, []) => Err(not_allowed("GET, POST")),
            (method, [id, below @ ..]) => {
                let cluster = self.store.cluster(id).ok_or_else(|| missing(call))?;
                match (method, below) {
                    ("GET", []) => {
                        Ok(self.single(&self.store.cluster_record(cluster), CLUSTER, call))
                    }
                    ("PATCH", []) => self.change(now, call, id),
                    ("DELETE", []) => self.remove(now, call, id),
                    (_, []) => Err(not_allowed("GET, PATCH, DELETE")),
                    ("POST", ["deploy"]) => self.deploy(now, call, id),
                    (_, ["deploy"]) => Err(not_allowed("POST")),
                    (_, ["nodes", rest @ ..]) => self.nodes(call, id, rest),
                    _ => Err(missing(call)),
                }
            }
        }
    }

    /// Creates a cluster synchronously: 201 with its address, without a job and without a body.
    fn create(&mut self, call: &Call) -> Handled {
        let body = self.body(call)?;
        body.only(&DESCRIPTION)?;
        let name = body.needed_text("name")?;
        let count = node_count(call)?;
        let settings = self.settings(&body, count)?;
        self.check_name(&body, &name, None)?;
        let id = self.store.new_id(&self.config, "cluster");
        let nodes = (1..=count)
            .map(|number| self.new_node(format!("{name}-{number:02}"), count))
            .collect();
        self.store.clusters.push(Cluster {
            id: id.clone(),
            name,
            settings,
            nodes,
            state: ClusterState::NotDeployed,
            before: None,
        });
        Ok(self
            .done(201)
            .located(Some(call.location(&format!("/clusters/{id}")))))
    }

    fn new_node(&mut self, name: String, count: usize) -> Node {
        let purposes: &[&str] = if count == 1 {
            &["mgmt", "data"]
        } else {
            &["mgmt", "data", "internal"]
        };
        let networks = purposes
            .iter()
            .map(|purpose| NodeNetwork {
                id: self.store.new_id(&self.config, "network"),
                purpose,
                name: None,
                vlan_id: None,
            })
            .collect();
        Node {
            id: self.store.new_id(&self.config, "node"),
            name,
            host: None,
            license: None,
            serial_number: None,
            evaluation: self.store.new_serial(),
            passthrough_disks: false,
            settings: Map::from_iter([("instance_type".to_owned(), json!("small"))]),
            networks,
            pools: Vec::new(),
            disks: Vec::new(),
        }
    }

    /// Changes a cluster: synchronously before the deploy; after it with a job, if something changes.
    fn change(&mut self, now: u64, call: &Call, id: &str) -> Handled {
        call.flag_or_word("force", &["state"])?;
        let body = self.body(call)?;
        let cluster = self.store.cluster(id).ok_or_else(|| missing(call))?;
        let availability = body.word("availability", &AVAILABILITY)?;
        body.text("admin_password")?;
        self.free(cluster)?;
        match cluster.state {
            ClusterState::NotDeployed => {
                body.only(&DESCRIPTION)?;
                let settings = self.settings(&body, cluster.nodes.len())?;
                let name = body.text("name")?;
                if let Some(name) = &name {
                    self.check_name(&body, name, Some(id))?;
                }
                if let Some(cluster) = self.store.cluster_mut(id) {
                    cluster.settings.extend(settings);
                    cluster.rename(name);
                }
                Ok(self.done(200))
            }
            ClusterState::DeployFailed => Err(conflict(&format!(
                "The deploy of cluster \"{}\" failed and was not rolled back. Delete the cluster first.",
                cluster.name
            ))),
            _ if body.has("nodes") => self.resize(now, call, id),
            _ => {
                let fixed = DESCRIPTION.iter().find(|name| {
                    !matches!(**name, "availability" | "admin_password") && body.has(name)
                });
                if let Some(member) = fixed {
                    return Err(conflict(&format!(
                        "\"{member}\" of cluster \"{}\" cannot be changed after the deploy.",
                        cluster.name
                    )));
                }
                body.only(&["availability", "admin_password", "nodes"])?;
                match availability {
                    Some("powered_on") => self.power(now, call, id, ClusterState::PoweredOn),
                    Some(_) => self.power(now, call, id, ClusterState::PoweredOff),
                    None => Ok(self.done(200)),
                }
            }
        }
    }

    /// Responds 200 if the cluster already has this state, else starts a job.
    fn power(&mut self, now: u64, call: &Call, id: &str, to: ClusterState) -> Handled {
        let cluster = self.store.cluster_mut(id).ok_or_else(|| missing(call))?;
        if cluster.state == to {
            return Ok(self.done(200));
        }
        cluster.occupy(if to == ClusterState::PoweredOn {
            ClusterState::PoweringOn
        } else {
            ClusterState::PoweringOff
        });
        let (name, nodes) = names(cluster);
        let steps = plans::power(&self.config, &name, &nodes, to);
        let effect = Effect::Power {
            cluster: id.to_owned(),
            to,
        };
        Ok(self.start(now, call, &[&name], steps, effect))
    }

    /// Both nodes of an HA pair must have the same size.
    fn resize(&mut self, now: u64, call: &Call, id: &str) -> Handled {
        let body = self.body(call)?;
        body.only(&["admin_password", "nodes"])?;
        body.needed_text("admin_password")?;
        let cluster = self.store.cluster(id).ok_or_else(|| missing(call))?;
        let mut wanted = BTreeMap::new();
        for node in body.needed_objects("nodes")? {
            node.only(&["id", "instance_type"])?;
            let node_id = node.needed_text("id")?;
            if cluster.node(&node_id).is_none() {
                return Err(node.refuse("id", "is not a node of the cluster"));
            }
            let instance_type = node.needed_word("instance_type", &INSTANCE_TYPES)?;
            if wanted.insert(node_id, instance_type).is_some() {
                return Err(node.refuse("id", "names a node twice"));
            }
        }
        let torn = cluster.nodes.chunks(2).any(|pair| {
            let mut sizes = pair.iter().map(|node| wanted.get(&node.id));
            let first = sizes.next();
            sizes.any(|size| Some(size) != first)
        });
        if torn {
            return Err(body.refuse(
                "nodes",
                "must hold both nodes of an HA pair, with the same instance_type",
            ));
        }
        if cluster.state != ClusterState::PoweredOn {
            return Err(conflict(&format!(
                "Cluster \"{}\" must be powered on to be resized.",
                cluster.name
            )));
        }
        let chosen = cluster.nodes.iter();
        let chosen = chosen.filter(|node| wanted.contains_key(&node.id));
        let nodes: Vec<String> = chosen.map(|node| node.name.clone()).collect();
        let name = cluster.name.clone();
        if let Some(cluster) = self.store.cluster_mut(id) {
            cluster.occupy(ClusterState::Resizing);
        }
        let steps = plans::resize(&self.config, &name, &nodes);
        let effect = Effect::Resize {
            cluster: id.to_owned(),
            instance_types: wanted,
        };
        Ok(self.start(now, call, &[&name], steps, effect))
    }

    /// Deletes a cluster: synchronously if it was never deployed. A running cluster must be powered off first, unless `force` is true.
    fn remove(&mut self, now: u64, call: &Call, id: &str) -> Handled {
        let force = call.flag("force")?.unwrap_or_default();
        let cluster = self.store.cluster_mut(id).ok_or_else(|| missing(call))?;
        let (name, nodes) = names(cluster);
        if cluster.is_busy() {
            return Err(busy(&name));
        }
        match cluster.state {
            ClusterState::NotDeployed => {
                self.store.clusters.retain(|cluster| cluster.id != id);
                return Ok(self.done(200));
            }
            ClusterState::PoweredOn if !force => {
                return Err(conflict(&format!(
                    "Cluster \"{name}\" is powered on: it must be offline before it is deleted."
                )));
            }
            _ => {}
        }
        cluster.occupy(ClusterState::Deleting);
        let steps = plans::remove(&self.config, &name, &nodes);
        Ok(self.start(now, call, &[&name], steps, Effect::Remove(id.to_owned())))
    }

    fn deploy(&mut self, now: u64, call: &Call, id: &str) -> Handled {
        let inhibit_rollback = call.flag("inhibit_rollback")?.unwrap_or_default();
        let body = self.body(call)?;
        body.only(&["ontap_credential"])?;
        let credential = body.needed_object("ontap_credential")?;
        credential.only(&["password", "username"])?;
        credential.needed_text("password")?;
        let cluster = self.store.cluster(id).ok_or_else(|| missing(call))?;
        self.free(cluster)?;
        match cluster.state {
            ClusterState::NotDeployed => {}
            ClusterState::DeployFailed => {
                return Err(conflict(&format!(
                    "The deploy of cluster \"{}\" failed and was not rolled back. Delete the cluster first.",
                    cluster.name
                )));
            }
            _ => {
                return Err(conflict(&format!(
                    "Cluster \"{}\" is already deployed.",
                    cluster.name
                )));
            }
        }
        if let Some(lacking) = self.lacking(cluster) {
            return Err(Response::error(
                400,
                &format!("Cluster \"{}\" is not configured: {lacking}.", cluster.name),
            ));
        }
        let trouble = self.trouble_of(cluster);
        let (name, nodes) = names(cluster);
        let hosts: Vec<String> = cluster
            .nodes
            .iter()
            .map(|node| self.host_name(node))
            .collect();
        if let Some(cluster) = self.store.cluster_mut(id) {
            cluster.occupy(ClusterState::Deploying);
        }
        let plan = plans::Deployment {
            cluster: &name,
            nodes: &nodes,
            hosts: &hosts,
            trouble,
            inhibit_rollback,
        };
        let steps = plan.steps(&self.config);
        let effect = Effect::Deploy {
            cluster: id.to_owned(),
            inhibit_rollback,
        };
        Ok(self.start(now, call, &[&name], steps, effect))
    }

    /// The first missing value of a cluster's configuration.
    fn lacking(&self, cluster: &Cluster) -> Option<String> {
        let needed = ["ip", "netmask", "gateway"];
        if let Some(member) = needed
            .into_iter()
            .find(|member| !cluster.settings.contains_key(*member))
        {
            return Some(format!("\"{member}\" of the cluster is missing"));
        }
        cluster.nodes.iter().find_map(|node| {
            let Some(host) = node.host.as_deref().and_then(|id| self.store.host(id)) else {
                return Some(format!("\"host\" of node \"{}\" is missing", node.name));
            };
            if !node.settings.contains_key("ip") {
                return Some(format!("\"ip\" of node \"{}\" is missing", node.name));
            }
            let kvm = host.hypervisor_type == "KVM";
            let unset = node
                .networks
                .iter()
                .find(|network| network.name.is_none() && !(kvm && network.vlan_id.is_some()));
            if let Some(network) = unset {
                return Some(format!(
                    "\"name\" of the network for {} of node \"{}\" is missing",
                    network.purpose, node.name
                ));
            }
            if node.pools.is_empty() {
                return Some(format!("node \"{}\" has no storage pool", node.name));
            }
            if node.passthrough_disks && node.disks.is_empty() {
                return Some(format!(
                    "\"passthrough_disks\" of node \"{}\" is true, and the node has no disks",
                    node.name
                ));
            }
            let raid = !node.disks.is_empty();
            let open = node.pools.iter().find(|pool| pool.capacity.is_none() && !raid);
            open.map(|pool| {
                format!(
                    "\"capacity\" of storage pool \"{}\" of node \"{}\" is missing, and the node has no disks",
                    pool.name, node.name
                )
            })
        })
    }

    /// The reason why the job will fail, if it will.
    fn trouble_of(&self, cluster: &Cluster) -> Option<plans::Trouble> {
        use plans::Trouble::{Licenses, Room, Validation};
        for node in &cluster.nodes {
            let host = node.host.as_deref().and_then(|id| self.store.host(id))?;
            let lacks = |what: &str, name: &str| {
                Some(Validation(format!(
                    "Host \"{}\" has no {what} \"{name}\", which node \"{}\" needs.",
                    host.name, node.name
                )))
            };
            if host.status == Status::Failed || self.is_unreachable(&host.name) {
                return Some(Validation(format!(
                    "Host \"{}\" cannot be reached.",
                    host.name
                )));
            }
            let named = node.networks.iter().filter_map(|one| one.name.as_deref());
            if let Some(name) = named.into_iter().find(|name| !host.has_network(name)) {
                return lacks("network", name);
            }
            if let Some(pool) = node.pools.iter().find(|pool| !host.has_pool(&pool.name)) {
                return lacks("storage pool", &pool.name);
            }
            if let Some(disk) = node.disks.iter().find(|disk| !host.has_disk(&disk.name)) {
                return lacks("disk", &disk.name);
            }
        }
        if let Some(message) = self.unlicensed(cluster) {
            return Some(Licenses(message));
        }
        let mut asked: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (index, node) in cluster.nodes.iter().enumerate() {
            let host = node.host.as_deref().and_then(|id| self.store.host(id))?;
            for attached in &node.pools {
                let Some(pool) = host.pool(&attached.name) else {
                    continue;
                };
                let used = self.store.used(&host.id, &pool.name, Some(&cluster.id));
                let free = pool.available_capacity.saturating_sub(used);
                let sum = asked.entry((&host.id, &pool.name)).or_default();
                let left = free.saturating_sub(*sum);
                let needed = attached.capacity.unwrap_or_default();
                *sum = sum.saturating_add(needed);
                if needed > left {
                    return Some(Room {
                        node: index,
                        message: format!(
                            "Storage pool \"{}\" of host \"{}\" lacks room for node \"{}\": {needed} bytes are needed, {left} are available.",
                            pool.name, host.name, node.name
                        ),
                    });
                }
            }
        }
        None
    }

    fn unlicensed(&self, cluster: &Cluster) -> Option<String> {
        if cluster.name.starts_with("unlicensed") {
            return Some(format!(
                "The licenses lack the capacity that cluster \"{}\" needs.",
                cluster.name
            ));
        }
        let mut asked: BTreeMap<&str, u64> = BTreeMap::new();
        cluster.nodes.iter().find_map(|node| {
            let serial = node.serial().unwrap_or(&node.evaluation);
            let license = self.store.licenses.iter().find(|one| one.id == serial);
            let most = match license {
                Some(license) => license.bytes,
                None => super::store::bytes(self.config.evaluation_tb?),
            };
            let sum = asked.entry(serial).or_default();
            *sum = sum.saturating_add(node.capacity());
            let all = self.store.licensed(serial, &cluster.id).saturating_add(*sum);
            (all > most).then(|| {
                format!("License \"{serial}\" lacks the capacity that node \"{}\" needs: it covers {most} bytes.", node.name)
            })
        })
    }

    fn settings(&self, body: &Members<'_>, nodes: usize) -> Result<Map<String, Value>, Response> {
        let mut settings = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                settings.insert(name.to_owned(), value);
            }
        };
        body.text("admin_password")?;
        body.word("availability", &AVAILABILITY)?;
        let version = body.text("ontap_image_version")?;
        if let Some(version) = &version
            && !self.config.images.contains(version)
        {
            let problem = format!("must be the version of an image, not \"{version}\"");
            return Err(body.refuse("ontap_image_version", &problem));
        }
        set("ontap_image_version", version.map(Value::from));
        for name in ["ip", "gateway"] {
            set(name, body.address(name)?.map(Value::from));
        }
        set("netmask", body.netmask("netmask")?.map(Value::from));
        set("ntp_servers", body.texts("ntp_servers")?.map(Value::from));
        if let Some(dns) = body.object("dns_info")? {
            dns.only(DNS_INFO)?;
            let (domains, ips) = (dns.texts("domains")?, dns.addresses("dns_ips")?);
            set(
                "dns_info",
                Some(
                    json!({"domains": domains.unwrap_or_default(), "dns_ips": ips.unwrap_or_default()}),
                ),
            );
        }
        if let Some(mtu) = body.whole("mtu")? {
            if !(7500..=9000).contains(&mtu) {
                return Err(body.refuse("mtu", &format!("must be 7500 to 9000, not {mtu}")));
            }
            if nodes == 1 {
                return Err(body.refuse("mtu", "is for clusters of more than one node"));
            }
            set("mtu", Some(json!(mtu)));
        }
        Ok(settings)
    }

    fn check_name(
        &self,
        body: &Members<'_>,
        name: &str,
        own_id: Option<&str>,
    ) -> Result<(), Response> {
        check_letters(body, name)?;
        let mut others = self.store.clusters.iter();
        if others.any(|other| other.name == name && Some(other.id.as_str()) != own_id) {
            return Err(conflict(&format!("A cluster \"{name}\" already exists.")));
        }
        Ok(())
    }

    /// 409 while a job is running on the cluster.
    pub(super) fn free(&self, cluster: &Cluster) -> Result<(), Response> {
        if cluster.is_busy() {
            Err(busy(&cluster.name))
        } else {
            Ok(())
        }
    }

    fn host_name(&self, node: &Node) -> String {
        let host = node.host.as_deref().and_then(|id| self.store.host(id));
        host.map(|host| host.name.clone()).unwrap_or_default()
    }
}

impl Cluster {
    /// A new name also renames the nodes that still have generated names.
    fn rename(&mut self, name: Option<String>) {
        let Some(name) = name else {
            return;
        };
        for (number, node) in (1..).zip(&mut self.nodes) {
            let number: usize = number;
            if node.name == format!("{}-{number:02}", self.name) {
                node.name = format!("{name}-{number:02}");
            }
        }
        self.name = name;
    }
}

/// Checks the name of a cluster or a node.
pub(super) fn check_letters(body: &Members<'_>, name: &str) -> Result<(), Response> {
    let is_usual = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if name.len() <= LONGEST_NAME && name.chars().all(is_usual) {
        return Ok(());
    }
    let problem = format!(
        "must have at most {LONGEST_NAME} letters, digits, hyphens, underscores and periods"
    );
    Err(body.refuse("name", &problem))
}

fn node_count(call: &Call) -> Result<usize, Response> {
    let Some(text) = call.query.get("node_count") else {
        return Ok(1);
    };
    let count = text.parse().ok();
    count
        .filter(|count| NODE_COUNTS.contains(count))
        .ok_or_else(|| {
            let message = format!("node_count must be 1, 2, 4, 6, 8, 10 or 12, not \"{text}\"");
            Response::error(400, &message)
        })
}

fn busy(name: &str) -> Response {
    conflict(&format!("A job is running on cluster \"{name}\"."))
}

fn names(cluster: &Cluster) -> (String, Vec<String>) {
    let nodes = cluster.nodes.iter().map(|node| node.name.clone());
    (cluster.name.clone(), nodes.collect())
}
