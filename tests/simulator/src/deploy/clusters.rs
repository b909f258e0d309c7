//! `/clusters` and what is below it.

use serde_json::{Value, json};

use super::store::{Cluster, Effect, has_id, merge};
use super::{Call, Deploy, Outcome, bad_request, missing, not_allowed, plans};
use crate::http::Response;
use crate::select;

impl Deploy {
    pub(super) fn clusters(&mut self, now: u64, call: &Call, rest: &[&str]) -> Outcome {
        match (call.method.as_str(), rest) {
            ("GET", []) => {
                let records = self.store.clusters.iter().map(|cluster| &cluster.record);
                Outcome::Answer(select::collection(records, &call.query))
            }
            ("POST", []) => self.create(call).unwrap_or_else(|refusal| refusal),
            (_, []) => not_allowed("GET, POST"),
            (_, [id, ..]) if self.store.cluster(id).is_none() => missing(call),
            (method, [id, below @ ..]) => self.below(now, call, method, id, below),
        }
    }

    fn below(&mut self, now: u64, call: &Call, method: &str, id: &str, below: &[&str]) -> Outcome {
        let Some(cluster) = self.store.cluster(id) else {
            return missing(call);
        };
        let result = match (method, below) {
            ("GET", []) => Ok(Outcome::Answer(select::single(
                &cluster.record,
                &call.query,
            ))),
            ("PATCH", []) => self.change(now, call, id),
            ("DELETE", []) => Ok(self.remove(now, call, id)),
            (_, []) => Ok(not_allowed("GET, PATCH, DELETE")),
            ("POST", ["deploy"]) => self.deploy(now, call, id),
            (_, ["deploy"]) => Ok(not_allowed("POST")),
            ("GET", ["nodes"]) => Ok(Outcome::Answer(select::collection(
                cluster.nodes.iter(),
                &call.query,
            ))),
            (_, ["nodes"]) => Ok(not_allowed("GET")),
            (_, ["nodes", node]) => self.node(call, id, node),
            _ => Ok(missing(call)),
        };
        result.unwrap_or_else(|refusal| refusal)
    }

    /// A cluster's description is stored at once: 201, no job. `node_count` asks for nodes to be described later.
    fn create(&mut self, call: &Call) -> Result<Outcome, Outcome> {
        let body = call.object()?;
        let name = body
            .get("name")
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| bad_request("\"name\" is needed: the cluster's name"))?;
        if self
            .store
            .clusters
            .iter()
            .any(|cluster| cluster.record.get("name") == Some(&json!(name)))
        {
            return Err(conflict(&format!("A cluster \"{name}\" exists already.")));
        }
        let given = body
            .get("nodes")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let count = call
            .query
            .get("node_count")
            .map_or(Ok(given.len().max(1)), str::parse::<usize>);
        let count = count.ok().filter(|count| matches!(count, 1..=8));
        let count = count.ok_or_else(|| bad_request("node_count must be 1 to 8"))?;
        given.iter().try_for_each(|node| self.check_license(node))?;
        let mut nodes = Vec::new();
        for number in 0..count {
            let mut node = json!({"id": self.store.new_id(&self.config, "node"), "name": format!("{name}-{:02}", number.saturating_add(1))});
            merge(&mut node, given.get(number).cloned().unwrap_or_default());
            nodes.push(node);
        }
        let id = self.store.new_id(&self.config, "cluster");
        let mut record = json!({"id": id, "state": "not_deployed"});
        let described = body.as_object().cloned().unwrap_or_default();
        merge(
            &mut record,
            Value::Object(
                described
                    .into_iter()
                    .filter(|(member, _)| member != "nodes" && member != "state")
                    .collect(),
            ),
        );
        let answer = Response::json(201, &json!({"record": record}));
        self.store.clusters.push(Cluster {
            record,
            nodes,
            busy: None,
        });
        Ok(Outcome::Answer(answer.with(
            "location",
            &call.location(&format!("/clusters/{id}")),
        )))
    }

    /// At once before the deploy, by a job after it.
    fn change(&mut self, now: u64, call: &Call, id: &str) -> Result<Outcome, Outcome> {
        let mut members = call.object()?.as_object().cloned().unwrap_or_default();
        members.remove("state");
        let (name, deployed) = self.free(id)?;
        if !deployed {
            self.store.apply(Effect::Change(id.to_owned(), members));
            return Ok(Outcome::Answer(Response::json(200, &json!({}))));
        }
        self.occupy(id, "modifying");
        let steps = plans::change(&self.config, &name);
        Ok(self.start(
            now,
            call,
            &[&name],
            steps,
            Effect::Change(id.to_owned(), members),
        ))
    }

    fn remove(&mut self, now: u64, call: &Call, id: &str) -> Outcome {
        let (name, deployed) = match self.free(id) {
            Ok(free) => free,
            Err(refusal) => return refusal,
        };
        if !deployed {
            self.store.apply(Effect::Remove(id.to_owned()));
            return Outcome::Answer(Response::json(200, &json!({})));
        }
        let nodes = self
            .store
            .cluster(id)
            .map(|cluster| cluster.nodes.clone())
            .unwrap_or_default();
        self.occupy(id, "deleting");
        let steps = plans::remove(&self.config, &name, &nodes);
        self.start(now, call, &[&name], steps, Effect::Remove(id.to_owned()))
    }

    fn deploy(&mut self, now: u64, call: &Call, id: &str) -> Result<Outcome, Outcome> {
        let body = call.object()?;
        let password = body
            .pointer("/ontap_credential/password")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if password.is_empty() {
            return Err(bad_request(
                "\"ontap_credential.password\" is needed: the new cluster's administrator password",
            ));
        }
        let (name, deployed) = self.free(id)?;
        if deployed {
            return Err(conflict(&format!(
                "Cluster \"{name}\" is deployed already."
            )));
        }
        let nodes = self
            .store
            .cluster(id)
            .map(|cluster| cluster.nodes.clone())
            .unwrap_or_default();
        self.occupy(id, "deploying");
        let steps = plans::deploy(&self.config, &name, &nodes);
        Ok(self.start(now, call, &[&name], steps, Effect::Deploy(id.to_owned())))
    }

    fn node(&mut self, call: &Call, id: &str, node: &str) -> Result<Outcome, Outcome> {
        let cluster = self.store.cluster(id).ok_or_else(|| missing(call))?;
        let record = cluster
            .nodes
            .iter_mut()
            .find(|record| has_id(record, node))
            .ok_or_else(|| missing(call))?;
        match call.method.as_str() {
            "GET" => Ok(Outcome::Answer(select::single(record, &call.query))),
            "PATCH" => {
                let body = call.object()?.clone();
                self.check_license(&body)?;
                let cluster = self.store.cluster(id).ok_or_else(|| missing(call))?;
                let record = cluster
                    .nodes
                    .iter_mut()
                    .find(|record| has_id(record, node))
                    .ok_or_else(|| missing(call))?;
                merge(record, body);
                Ok(Outcome::Answer(Response::json(200, &json!({}))))
            }
            _ => Ok(not_allowed("GET, PATCH")),
        }
    }

    /// Name of a cluster that no job works on, and whether it is deployed.
    fn free(&mut self, id: &str) -> Result<(String, bool), Outcome> {
        let cluster = self
            .store
            .cluster(id)
            .ok_or_else(|| Outcome::Answer(Response::error(404, "The cluster does not exist.")))?;
        let name = cluster
            .record
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if cluster.busy.is_some() {
            return Err(conflict(&format!("A job works on cluster \"{name}\".")));
        }
        Ok((name, cluster.record.get("state") == Some(&json!("online"))))
    }

    fn occupy(&mut self, id: &str, state: &str) {
        if let Some(cluster) = self.store.cluster(id) {
            cluster.busy = cluster.record.get("state").cloned();
            merge(&mut cluster.record, json!({"state": state}));
        }
    }

    fn check_license(&self, node: &Value) -> Result<(), Outcome> {
        let Some(wanted) = node.pointer("/license/id").and_then(Value::as_str) else {
            return Ok(());
        };
        if self
            .config
            .licenses
            .iter()
            .any(|license| license.id == wanted)
        {
            return Ok(());
        }
        Err(bad_request(&format!("license \"{wanted}\" is not known")))
    }
}

fn conflict(message: &str) -> Outcome {
    Outcome::Answer(Response::error(409, message))
}
