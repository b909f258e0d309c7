//! Credentials, connectivity checks, images, mediators, and the VM's own record.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::store::{Credential, Effect, Status};
use super::{Call, Deploy, Handled, Outcome, conflict, missing, not_allowed, plans};
use crate::http::Response;
use crate::select::Kind;

const CREDENTIAL: Kind = Kind {
    what: "a credential",
    members: &["id", "hostname", "username", "type", "status"],
    inside: &[],
    keys: &["id"],
    brief: &["hostname"],
    expensive: &[],
    options: &[],
    lenient: false,
};
const IMAGE: Kind = Kind {
    what: "an image",
    members: &["id"],
    brief: &[],
    ..CREDENTIAL
};
const MEDIATOR: Kind = Kind {
    what: "a mediator",
    members: &["id", "iscsi_target"],
    inside: &[("iscsi_target", &["name"])],
    brief: &[],
    ..CREDENTIAL
};
const VM: Kind = Kind {
    what: "Deploy",
    members: &["hostname", "system_id"],
    brief: &["hostname", "system_id"],
    ..CREDENTIAL
};

/// The MTU range, from a standard Ethernet frame to a jumbo frame.
const MTUS: RangeInclusive<u64> = 1500..=9000;

/// The page in place of a VM's Swagger page.
const PAGE: &str = "<!doctype html><html lang=\"en\"><title>ONTAP Select Deploy, simulated</title>\
<h1>A simulated ONTAP Select Deploy</h1><p>A VM serves the reference of its REST API here. The simulator has none.";

impl Deploy {
    pub(super) fn others(&mut self, now: u64, call: &Call, path: &[&str]) -> Handled {
        match (call.method.as_str(), path) {
            (_, ["security", "credentials", rest @ ..]) => self.credentials(now, call, rest),
            ("POST", ["network", "connectivitychecks"]) => self.check_connectivity(now, call),
            (_, ["network", "connectivitychecks"]) => Err(not_allowed("POST")),
            ("GET", ["images"]) => {
                let images = self.config.images.iter();
                Ok(self.collection(images.map(|id| json!({"id": id})), IMAGE, call))
            }
            ("GET", ["images", id]) => {
                let found = self.config.images.iter().find(|image| image == id);
                let image = found.ok_or_else(|| missing(call))?;
                Ok(self.single(&json!({"id": image}), IMAGE, call))
            }
            ("GET", ["mediators"]) => Ok(self.collection([self.mediator()], MEDIATOR, call)),
            ("GET", ["mediators", id]) if *id == self.mediator_id() => {
                Ok(self.single(&self.mediator(), MEDIATOR, call))
            }
            ("POST", ["mediators", id, _]) if *id == self.mediator_id() => {
                let body = self.body(call)?;
                body.only(&["iscsi_target"])?;
                let target = body.needed_object("iscsi_target")?;
                target.only(&["name"])?;
                self.iscsi_target = Some(target.needed_text("name")?);
                Ok(self.done(200))
            }
            ("GET", ["deploy"]) => {
                let system = super::opaque_id(self.config.seed, "system", 0);
                let record = json!({"hostname": "deploy", "system_id": system});
                Ok(self.single(&record, VM, call))
            }
            ("GET", ["ui"]) => Ok(Outcome::Answer(
                Response::empty(200)
                    .with("content-type", "text/html; charset=utf-8")
                    .body(PAGE.as_bytes().to_vec()),
            )),
            (_, ["images" | "mediators" | "deploy" | "ui"] | ["images", _]) => {
                Err(not_allowed("GET"))
            }
            _ => Err(missing(call)),
        }
    }

    fn credentials(&mut self, now: u64, call: &Call, rest: &[&str]) -> Handled {
        let visible = |credential: &&Credential| credential.status.is_visible(&self.config);
        match (call.method.as_str(), rest) {
            ("GET", []) => {
                let credentials = self.store.credentials.iter().filter(visible);
                Ok(self.collection(credentials.map(Credential::record), CREDENTIAL, call))
            }
            ("POST", []) => self.add_credential(now, call),
            (_, []) => Err(not_allowed("GET, POST")),
            ("GET", [id]) => {
                let mut credentials = self.store.credentials.iter().filter(visible);
                let credential = credentials.find(|credential| credential.id == *id);
                let record = credential.ok_or_else(|| missing(call))?.record();
                Ok(self.single(&record, CREDENTIAL, call))
            }
            (_, [_]) => Err(not_allowed("GET")),
            _ => Err(missing(call)),
        }
    }

    fn add_credential(&mut self, now: u64, call: &Call) -> Handled {
        let body = self.body(call)?;
        body.only(&["hostname", "username", "password", "type"])?;
        let hostname = body.needed_text("hostname")?;
        let username = body.needed_text("username")?;
        body.needed_text("password")?;
        let kind = body.needed_word("type", &["vcenter", "host"])?;
        let mut others = self.store.credentials.iter();
        if others.any(|other| other.hostname == hostname) {
            return Err(conflict(&format!(
                "A credential for \"{hostname}\" already exists."
            )));
        }
        let id = self.store.new_id(&self.config, "credential");
        let steps = plans::add_credential(&self.config, &hostname);
        let location = call.location(&format!("/security/credentials/{id}"));
        self.store.credentials.push(Credential {
            id: id.clone(),
            hostname: hostname.clone(),
            username,
            kind,
            status: Status::InProgress,
        });
        Ok(self
            .start(now, call, &[&hostname], steps, Effect::Credential(id))
            .located(Some(location)))
    }

    fn check_connectivity(&mut self, now: u64, call: &Call) -> Handled {
        let body = self.body(call)?;
        body.only(&["mode", "mtu", "vswitch_type", "debug", "host_networks"])?;
        body.needed_word("mode", &["quick", "extended", "cleanup"])?;
        body.word(
            "vswitch_type",
            &["StandardvSwitch", "DistributedvSwitch", "OpenvSwitch"],
        )?;
        if let Some(mtu) = body.whole("mtu")?
            && !MTUS.contains(&mtu)
        {
            let (least, most) = (MTUS.start(), MTUS.end());
            return Err(body.refuse("mtu", &format!("must be {least} to {most}, not {mtu}")));
        }
        body.flag("debug")?;
        let mut hosts = Vec::new();
        let mut trouble = None;
        for (index, given) in body.needed_objects("host_networks")?.iter().enumerate() {
            given.only(&["host_name", "network_name"])?;
            let name = given.needed_text("host_name")?;
            let network = given.needed_text("network_name")?;
            let found = self.store.hosts.iter().find(|host| host.name == name);
            let host = found.ok_or_else(|| {
                given.refuse(
                    "host_name",
                    &format!("is not the name of a host: \"{name}\""),
                )
            })?;
            let failure = if host.status == Status::Failed || self.is_unreachable(&name) {
                Some(format!(
                    "Host \"{name}\" cannot be reached: 0 of 5 packets returned."
                ))
            } else if !host.has_network(&network) {
                Some(format!("Host \"{name}\" has no network \"{network}\"."))
            } else {
                None
            };
            trouble = trouble.or(failure.map(|message| (index, message)));
            hosts.push(name);
        }
        let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let steps = plans::check_connectivity(&self.config, &hosts, trouble);
        Ok(self.start(now, call, &names, steps, Effect::None))
    }

    fn mediator_id(&self) -> String {
        super::opaque_id(self.config.seed, "mediator", 0)
    }

    /// The VM is the mediator of its two-node clusters.
    fn mediator(&self) -> Value {
        let target = self.iscsi_target.as_deref();
        let target = target.map(|name| json!({"name": name}));
        json!({"id": self.mediator_id(), "iscsi_target": target})
    }
}

impl Credential {
    fn record(&self) -> Value {
        json!({
            "id": self.id, "hostname": self.hostname, "username": self.username, "type": self.kind,
            "status": self.status.name(),
        })
    }
}
