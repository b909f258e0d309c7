//! `/licensing/licenses`: license files as form uploads.

use serde_json::{Value, json};

use super::store::{Cluster, ClusterState, StoredLicense};
use super::{Call, Deploy, Handled, conflict, missing, multipart, not_allowed};
use crate::http::Response;
use crate::select::Kind;

const LICENSE: Kind = Kind {
    what: "a license",
    members: &["id", "type", "capacity"],
    inside: &[],
    keys: &["id"],
    brief: &[],
    expensive: &[],
    options: &[],
    lenient: false,
};

impl Deploy {
    pub(super) fn licenses(&mut self, call: &Call, rest: &[&str]) -> Handled {
        match (call.method.as_str(), rest) {
            ("GET", []) => Ok(self.collection(self.license_records(), LICENSE, call)),
            ("POST", []) => {
                let (serial, _) = self.uploaded(call)?;
                if self.license(&serial).is_some() {
                    return Err(conflict(&format!("License \"{serial}\" already exists.")));
                }
                let location = call.location(&format!("/licensing/licenses/{serial}"));
                self.keep(&serial);
                Ok(self.done(201).located(Some(location)))
            }
            (_, []) => Err(not_allowed("GET, POST")),
            ("GET", [id]) => {
                let records = self.license_records();
                let record = records
                    .iter()
                    .find(|record| record.get("id") == Some(&json!(id)));
                Ok(self.single(record.ok_or_else(|| missing(call))?, LICENSE, call))
            }
            ("PUT", [id]) => self.replace(call, id),
            (_, [_]) => Err(not_allowed("GET, PUT")),
            _ => Err(missing(call)),
        }
    }

    /// A running node receives the new file itself, so Deploy needs its administrator's login.
    fn replace(&mut self, call: &Call, id: &str) -> Handled {
        if self.license(id).is_none() {
            return Err(missing(call));
        }
        let (serial, parts) = self.uploaded(call)?;
        if serial != id {
            return Err(Response::error(
                400,
                &format!("\"license_file\" has serial number \"{serial}\", not \"{id}\"."),
            ));
        }
        let uses = |cluster: &Cluster| {
            let mut nodes = cluster.nodes.iter();
            cluster.state == ClusterState::PoweredOn && nodes.any(|node| node.serial() == Some(id))
        };
        if self.store.clusters.iter().any(uses) {
            for name in ["ontap_username", "ontap_password"] {
                let given = parts.iter().find(|part| part.name == name);
                if given.is_none_or(|part| part.content.is_empty()) {
                    return Err(Response::error(
                        400,
                        &format!("\"{name}\" is required because a running node uses the license."),
                    ));
                }
            }
        }
        self.keep(id);
        Ok(self.done(200))
    }

    fn keep(&mut self, serial: &str) {
        let license = StoredLicense::new(serial, self.config.uploaded_license_tb);
        self.store.licenses.retain(|other| other.id != serial);
        self.store.licenses.push(license);
    }

    fn license(&self, serial: &str) -> Option<&StoredLicense> {
        self.store.licenses.iter().find(|one| one.id == serial)
    }

    /// All capacity licenses, and the evaluation license of each node without one.
    fn license_records(&self) -> Vec<Value> {
        let bought = self.store.licenses.iter();
        let bought =
            bought.map(|one| json!({"id": one.id, "type": "capacity", "capacity": one.bytes}));
        let nodes = self
            .store
            .clusters
            .iter()
            .flat_map(|cluster| &cluster.nodes);
        let most = self.config.evaluation_tb.map(super::store::bytes);
        let evaluated = nodes
            .filter(|node| node.serial().is_none_or(|serial| serial == node.evaluation))
            .map(|node| json!({"id": node.evaluation, "type": "evaluation", "capacity": most}));
        bought.chain(evaluated).collect()
    }

    /// The serial number from the file, and all parts.
    fn uploaded<'a>(&self, call: &'a Call) -> Result<(String, Vec<multipart::Part<'a>>), Response> {
        let refuse = |message: &str| Response::error(400, message);
        let parts = multipart::parts(&call.content_type, &call.body).ok_or_else(|| {
            refuse("the body must be multipart/form-data with a part \"license_file\"")
        })?;
        let file = parts
            .iter()
            .find(|part| part.name == "license_file")
            .ok_or_else(|| refuse("the part \"license_file\" is required"))?;
        let serial = serde_json::from_slice::<Value>(file.content)
            .ok()
            .and_then(|file| match file.pointer("/statusResp/serialNumber")? {
                Value::String(serial) => Some(serial.clone()),
                Value::Number(serial) => Some(serial.to_string()),
                _ => None,
            })
            .filter(|serial| is_serial(serial))
            .ok_or_else(|| {
                refuse(
                    "\"license_file\" must be JSON with \"statusResp.serialNumber\", of letters and digits",
                )
            })?;
        Ok((serial, parts))
    }
}

/// Checks the characters, because a serial number becomes part of an address.
fn is_serial(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
