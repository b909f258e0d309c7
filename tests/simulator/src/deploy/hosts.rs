//! `/hosts`: hypervisor hosts with their networks, storage pools and disks.

use serde_json::{Value, json};

use super::body::Members;
use super::store::{Effect, Status};
use super::{Call, Deploy, Handled, Outcome, missing, not_allowed, plans};
use crate::config::{Config, HostDisk, HostPool, HostProfile};
use crate::glob;
use crate::http::Response;
use crate::select::Kind;

const TERABYTE: u64 = 1 << 40;

#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) hypervisor_type: &'static str,
    management_server: Option<String>,
    pub(crate) status: Status,
    equipment: Equipment,
}

/// A host's networks, pools and disks.
#[derive(Debug)]
struct Equipment {
    networks: Vec<String>,
    pools: Vec<HostPool>,
    disks: Vec<HostDisk>,
    /// Other names are accepted, too.
    open: bool,
}

impl Host {
    pub(crate) fn has_network(&self, name: &str) -> bool {
        self.equipment.open || self.equipment.networks.iter().any(|one| one == name)
    }

    pub(crate) fn has_disk(&self, name: &str) -> bool {
        self.equipment.open || self.equipment.disks.iter().any(|disk| disk.name == name)
    }

    pub(crate) fn has_pool(&self, name: &str) -> bool {
        self.equipment.open || self.pool(name).is_some()
    }

    pub(crate) fn pool(&self, name: &str) -> Option<&HostPool> {
        self.equipment.pools.iter().find(|pool| pool.name == name)
    }

    fn record(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "hypervisor_type": self.hypervisor_type,
            "management_server": self.management_server, "status": self.status.name(),
        })
    }
}

/// Why a host's job fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostTrouble {
    Unreachable,
    NoCredential,
}

const HOST: Kind = Kind {
    what: "a host",
    members: &[
        "id",
        "name",
        "hypervisor_type",
        "management_server",
        "status",
    ],
    inside: &[],
    keys: &["id"],
    brief: &["name"],
    expensive: &[],
    options: &["invalidate_cache"],
    lenient: false,
};
const NETWORK: Kind = Kind {
    what: "a host's network",
    members: &["id", "name"],
    ..HOST
};
const POOL: Kind = Kind {
    what: "a host's storage pool",
    members: &["id", "name", "available_capacity"],
    ..HOST
};
const DISK: Kind = Kind {
    what: "a host's disk",
    members: &["id", "name", "device_type"],
    brief: &["name", "device_type"],
    ..HOST
};

impl Deploy {
    pub(super) fn hosts(&mut self, now: u64, call: &Call, rest: &[&str]) -> Handled {
        let visible = |host: &&Host| host.status.is_visible(&self.config);
        match (call.method.as_str(), rest) {
            ("GET", []) => {
                let hosts = self.store.hosts.iter().filter(visible);
                Ok(self.collection(hosts.map(Host::record), HOST, call))
            }
            ("POST", []) => self.add_hosts(now, call),
            (_, []) => Err(not_allowed("GET, POST")),
            (_, [id, below @ ..]) => {
                let host = self.store.hosts.iter().find(|host| host.id == *id);
                let host = host.filter(visible).ok_or_else(|| missing(call))?;
                match (call.method.as_str(), below) {
                    ("GET", []) => Ok(self.single(&host.record(), HOST, call)),
                    ("DELETE", []) => self.remove_host(id),
                    (_, []) => Err(not_allowed("GET, DELETE")),
                    ("GET", ["networks"]) => {
                        Ok(self.collection(self.networks_of(host), NETWORK, call))
                    }
                    ("GET", ["storage", "pools"]) => {
                        Ok(self.collection(self.pools_of(host), POOL, call))
                    }
                    ("GET", ["storage", "disks"]) => {
                        Ok(self.collection(self.disks_of(host), DISK, call))
                    }
                    (_, ["networks"] | ["storage", "pools" | "disks"]) => Err(not_allowed("GET")),
                    _ => Err(missing(call)),
                }
            }
        }
    }

    /// Whether a host is unreachable, by its name or its profile.
    pub(super) fn is_unreachable(&self, host: &str) -> bool {
        plans::unreachable(host)
            || profile(&self.config, host).is_some_and(|profile| profile.unreachable)
    }

    fn add_hosts(&mut self, now: u64, call: &Call) -> Handled {
        let body = self.body(call)?;
        body.only(&["hosts"])?;
        let mut hosts: Vec<Host> = Vec::new();
        let mut trouble: Vec<(String, Option<HostTrouble>)> = Vec::new();
        for given in body.needed_objects("hosts")? {
            let (name, hypervisor_type) = checked(&given)?;
            let there = self.store.hosts.iter().chain(&hosts);
            if there.into_iter().any(|host| host.name == name) {
                return Err(Response::error(
                    self.config.duplicate_host_status,
                    &format!("Host \"{name}\" is already registered."),
                ));
            }
            let management_server = given.text("management_server")?;
            if hypervisor_type == "KVM" && management_server.is_some() {
                let problem = "is for ESX hosts: no vCenter manages a KVM host";
                return Err(given.refuse("management_server", problem));
            }
            let has_own = own_credential(&given)?;
            trouble.push((
                name.clone(),
                self.trouble(&name, management_server.as_deref(), has_own),
            ));
            hosts.push(Host {
                id: self.store.new_id(&self.config, "host"),
                equipment: equipment(&self.config, &name, hypervisor_type),
                name,
                hypervisor_type,
                management_server,
                status: Status::InProgress,
            });
        }
        let location = hosts
            .first()
            .map(|host| call.location(&format!("/hosts/{}", host.id)));
        let ids = hosts.iter().map(|host| host.id.clone()).collect();
        self.store.hosts.extend(hosts);
        let names: Vec<&str> = trouble.iter().map(|(name, _)| name.as_str()).collect();
        let steps = plans::add_hosts(&self.config, &trouble);
        let known = trouble.iter().position(|(_, trouble)| trouble.is_some());
        let effect = Effect::Hosts {
            ids,
            known: known.unwrap_or_default(),
        };
        Ok(self
            .start(now, call, &names, steps, effect)
            .located(location))
    }

    fn trouble(
        &self,
        name: &str,
        management_server: Option<&str>,
        has_own: bool,
    ) -> Option<HostTrouble> {
        if self.is_unreachable(name) || management_server.is_some_and(plans::unreachable) {
            return Some(HostTrouble::Unreachable);
        }
        let (kind, wanted) = management_server.map_or(("host", name), |server| ("vcenter", server));
        let stored = self.store.credentials.iter();
        let stored = stored
            .filter(|credential| credential.status != Status::Failed)
            .any(|credential| credential.kind == kind && credential.hostname == wanted);
        (self.config.need_credentials && !has_own && !stored).then_some(HostTrouble::NoCredential)
    }

    /// Responds 200 with an empty body.
    fn remove_host(&mut self, id: &str) -> Handled {
        let in_use = self.store.clusters.iter().find(|cluster| {
            cluster
                .nodes
                .iter()
                .any(|node| node.host.as_deref() == Some(id))
        });
        if let Some(cluster) = in_use {
            let message = format!("Cluster \"{}\" has a node on this host.", cluster.name);
            return Err(Response::error(409, &message));
        }
        let busy = self.store.host(id).map(|host| host.status) == Some(Status::InProgress);
        if busy {
            return Err(Response::error(409, "A job is running on this host."));
        }
        self.store.hosts.retain(|host| host.id != id);
        Ok(Outcome::Answer(Response::empty(200)))
    }

    fn networks_of(&self, host: &Host) -> Vec<Value> {
        let record = |name: &String| json!({"id": self.part_id(host, name), "name": name});
        known(host, &host.equipment.networks)
            .iter()
            .map(record)
            .collect()
    }

    fn pools_of(&self, host: &Host) -> Vec<Value> {
        let record = |pool: &HostPool| {
            let used = self.store.used(&host.id, &pool.name, None);
            let free = pool.available_capacity.saturating_sub(used);
            json!({"id": self.part_id(host, &pool.name), "name": pool.name, "available_capacity": free})
        };
        known(host, &host.equipment.pools)
            .iter()
            .map(record)
            .collect()
    }

    fn disks_of(&self, host: &Host) -> Vec<Value> {
        let record = |disk: &HostDisk| json!({"id": self.part_id(host, &disk.name), "name": disk.name, "device_type": disk.device_type});
        known(host, &host.equipment.disks)
            .iter()
            .map(record)
            .collect()
    }

    fn part_id(&self, host: &Host, name: &str) -> String {
        super::opaque_id(self.config.seed, &format!("{}/{name}", host.id), 0)
    }
}

/// A host's networks, pools and disks after a successful login; nothing before.
fn known<'a, T>(host: &Host, parts: &'a [T]) -> &'a [T] {
    if host.status == Status::Ready {
        parts
    } else {
        &[]
    }
}

fn checked(given: &Members<'_>) -> Result<(String, &'static str), Response> {
    given.only(&["name", "hypervisor_type", "management_server", "credential"])?;
    let name = given.needed_text("name")?;
    Ok((name, given.needed_word("hypervisor_type", &["ESX", "KVM"])?))
}

/// Whether the host has its own credential, which must be complete.
fn own_credential(given: &Members<'_>) -> Result<bool, Response> {
    let Some(credential) = given.object("credential")? else {
        return Ok(false);
    };
    credential.only(&["username", "password"])?;
    credential.needed_text("username")?;
    credential.needed_text("password")?;
    Ok(true)
}

fn profile<'a>(config: &'a Config, name: &str) -> Option<&'a HostProfile> {
    config.hosts.iter().find(|profile| {
        profile
            .name
            .as_deref()
            .is_none_or(|pattern| glob::matches(pattern, name))
    })
}

fn equipment(config: &Config, name: &str, hypervisor_type: &str) -> Equipment {
    let profile = profile(config, name);
    let described = profile.cloned().unwrap_or_default();
    let (networks, pools, disk) = if hypervisor_type == "KVM" {
        (
            vec!["ontap-br"],
            ["host-pool-1", "host-pool-2"],
            "/dev/disk/by-id/scsi-3500a0751",
        )
    } else {
        (
            vec!["VM Network", "ontap-external", "ontap-internal"],
            ["datastore1", "datastore2"],
            "naa.500a0751",
        )
    };
    let sizes = [TERABYTE.saturating_mul(8), TERABYTE.saturating_mul(2)];
    let usual_pools = || {
        pools
            .iter()
            .zip(sizes)
            .map(|(name, available_capacity)| HostPool {
                name: (*name).to_owned(),
                available_capacity,
            })
            .collect()
    };
    let usual_disks = || {
        (1..=8)
            .map(|number| HostDisk {
                name: format!("{disk}{number:08}"),
                device_type: "SSD".to_owned(),
            })
            .collect()
    };
    Equipment {
        networks: described
            .networks
            .unwrap_or_else(|| networks.into_iter().map(str::to_owned).collect()),
        pools: described.pools.unwrap_or_else(usual_pools),
        disks: described.disks.unwrap_or_else(usual_disks),
        open: profile.is_none() && config.open_hosts,
    }
}
