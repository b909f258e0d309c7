//! Hosts, credentials, connectivity checks, licences, backups and the VM's own record.

use serde_json::{Value, json};

use super::store::{Effect, has_id};
use super::{Call, Deploy, Outcome, bad_request, missing, not_allowed, plans};
use crate::select;

impl Deploy {
    pub(super) fn others(&mut self, now: u64, call: &Call, path: &[&str]) -> Outcome {
        let result = match (call.method.as_str(), path) {
            ("POST", ["hosts"]) => self.add_hosts(now, call),
            ("POST", ["security", "credentials"]) => self.add_credential(now, call),
            ("POST", ["network", "connectivitychecks"]) => self.check_connectivity(now, call),
            ("POST", ["backups"]) => Ok(self.back_up(now, call)),
            (_, ["network", "connectivitychecks"]) => Ok(not_allowed("POST")),
            ("GET", ["deploy"]) => Ok(Outcome::Answer(select::single(&about(), &call.query))),
            (_, ["deploy"]) => Ok(not_allowed("GET")),
            _ => Ok(self.stored(call, path)),
        };
        result.unwrap_or_else(|refusal| refusal)
    }

    fn stored(&self, call: &Call, path: &[&str]) -> Outcome {
        let (records, rest, methods) = match path {
            ["hosts", rest @ ..] => (&self.store.hosts, rest, "GET, POST"),
            ["security", "credentials", rest @ ..] => (&self.store.credentials, rest, "GET, POST"),
            ["backups", rest @ ..] => (&self.store.backups, rest, "GET, POST"),
            ["licensing", "licenses", rest @ ..] => (&self.store.licenses, rest, "GET"),
            _ => return missing(call),
        };
        match (call.method.as_str(), rest) {
            ("GET", []) => Outcome::Answer(select::collection(records.iter(), &call.query)),
            ("GET", [id]) => match records.iter().find(|record| has_id(record, id)) {
                Some(record) => Outcome::Answer(select::single(record, &call.query)),
                None => missing(call),
            },
            (_, []) => not_allowed(methods),
            (_, [_]) => not_allowed("GET"),
            _ => missing(call),
        }
    }

    /// One host (`{"name": …}`) or several (`{"hosts": [{"name": …}, …]}`).
    fn add_hosts(&mut self, now: u64, call: &Call) -> Result<Outcome, Outcome> {
        let body = call.object()?;
        let given = body
            .get("hosts")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_else(|| vec![body.clone()]);
        let names: Vec<String> = given
            .iter()
            .filter_map(|host| name_in(host, &["name"]))
            .collect();
        if names.is_empty() || names.len() != given.len() {
            return Err(bad_request(
                "\"name\" is needed: each host's name or address",
            ));
        }
        let mut hosts = Vec::new();
        for mut host in given {
            if let Value::Object(members) = &mut host {
                members.remove("password");
                members.insert(
                    "id".to_owned(),
                    json!(self.store.new_id(&self.config, "host")),
                );
                members.insert("status".to_owned(), json!("authenticated"));
            }
            hosts.push(host);
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let steps = plans::add_hosts(&self.config, &names);
        Ok(self.start(now, call, &names, steps, Effect::Hosts(hosts)))
    }

    fn add_credential(&mut self, now: u64, call: &Call) -> Result<Outcome, Outcome> {
        let body = call.object()?;
        let name = name_in(body, &["hostname", "name"])
            .ok_or_else(|| bad_request("\"hostname\" is needed"))?;
        if name_in(body, &["username"]).is_none() || name_in(body, &["password"]).is_none() {
            return Err(bad_request("\"username\" and \"password\" are needed"));
        }
        let mut credential = body.clone();
        if let Value::Object(members) = &mut credential {
            members.remove("password");
            members.insert(
                "id".to_owned(),
                json!(self.store.new_id(&self.config, "credential")),
            );
        }
        let steps = plans::add_credential(&self.config, &name);
        Ok(self.start(now, call, &[&name], steps, Effect::Credential(credential)))
    }

    /// One target (`{"name": …}`) or several (`{"targets": ["…", …]}`).
    fn check_connectivity(&mut self, now: u64, call: &Call) -> Result<Outcome, Outcome> {
        let body = call.object()?;
        let several = body
            .get("targets")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let mut names: Vec<String> = several
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        names.extend(name_in(body, &["name"]));
        if names.is_empty() {
            return Err(bad_request(
                "\"name\" or \"targets\" is needed: what to reach",
            ));
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let steps = plans::check_connectivity(&self.config, &names);
        Ok(self.start(now, call, &names, steps, Effect::None))
    }

    /// The 202 names the backup to come; its record appears when the job succeeds.
    fn back_up(&mut self, now: u64, call: &Call) -> Outcome {
        let name = call
            .object()
            .ok()
            .and_then(|body| name_in(body, &["name"]))
            .unwrap_or_else(|| "backup".to_owned());
        let id = self.store.new_id(&self.config, "backup");
        let location = call.location(&format!("/backups/{id}"));
        let backup =
            json!({"id": id, "name": name, "download_url": format!("{location}/download")});
        let steps = plans::back_up(&self.config, &name);
        match self.start(now, call, &[&name], steps, Effect::Backup(backup)) {
            Outcome::Started(answer, job) => {
                Outcome::Started(answer.with("location", &location), job)
            }
            other => other,
        }
    }
}

fn about() -> Value {
    json!({"name": "deploy", "version": "9.16.1", "api_version": "3"})
}

fn name_in(body: &Value, members: &[&str]) -> Option<String> {
    let mut found = members
        .iter()
        .filter_map(|member| body.get(member).and_then(Value::as_str));
    found.find(|name| !name.is_empty()).map(str::to_owned)
}
