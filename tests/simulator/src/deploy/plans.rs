//! The courses that jobs take when no script says otherwise. The wording is our own; what Deploy says is not public.

use serde_json::Value;

use crate::config::{Config, Step};
use crate::glob;

/// Builds a course step by step.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    config: &'a Config,
    steps: Vec<Step>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(config: &'a Config, queued: &str) -> Self {
        Self {
            config,
            steps: vec![Step::new(0, "queued", queued)],
        }
    }

    pub(crate) fn running(mut self, message: &str) -> Self {
        self.steps
            .push(Step::new(self.config.step_ms, "running", message));
        self
    }

    /// Ends the course by what the names say: `silent…` and `mute…` fail, `paused…` takes a detour, all others succeed.
    pub(crate) fn end(mut self, names: &[&str], message: &str) -> Vec<Step> {
        let called = |start: &str| names.iter().any(|name| name.starts_with(start));
        if called("paused") {
            let middle = self.steps.len().div_euclid(2).max(1);
            self.steps.insert(
                middle,
                Step::new(self.config.step_ms, "paused", "Held by an administrator."),
            );
        }
        if called("silent") {
            return self.fail("");
        }
        if called("mute") {
            let mut steps = self.fail("");
            steps
                .iter_mut()
                .rev()
                .take(1)
                .for_each(|last| last.message = None);
            return steps;
        }
        self.steps
            .push(Step::new(self.config.step_ms, "success", message));
        self.steps
    }

    pub(crate) fn fail(mut self, message: &str) -> Vec<Step> {
        self.steps
            .push(Step::new(self.config.step_ms, "failure", message));
        self.steps
    }
}

/// The script for a call, if there is one.
pub(crate) fn script<'a>(
    config: &'a Config,
    method: &str,
    path: &str,
    names: &[&str],
) -> Option<&'a crate::config::Script> {
    config.scripts.iter().find(|script| {
        script
            .method
            .as_deref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && script
                .path
                .as_deref()
                .is_none_or(|pattern| glob::matches(pattern, path))
            && script
                .name
                .as_deref()
                .is_none_or(|pattern| names.iter().any(|name| glob::matches(pattern, name)))
    })
}

pub(crate) fn deploy(config: &Config, cluster: &str, nodes: &[Value]) -> Vec<Step> {
    let names: Vec<&str> = nodes.iter().map(|node| text(node, "name")).collect();
    let mut plan = Plan::new(
        config,
        &format!("Deployment of cluster \"{cluster}\" is queued."),
    )
    .running("Validating the cluster's configuration.")
    .running("Checking licenses and storage capacity.");
    if let Some(node) = overfull(config, nodes) {
        let (name, license) = (
            text(node, "name"),
            node.pointer("/license/id")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        );
        return plan.fail(&format!(
            "License \"{license}\" lacks the capacity that node \"{name}\" needs."
        ));
    }
    if cluster.starts_with("unlicensed") {
        return plan.fail(&format!(
            "The licenses lack the capacity that cluster \"{cluster}\" needs."
        ));
    }
    for name in &names {
        plan = plan
            .running(&format!("Creating the virtual machine of node \"{name}\"."))
            .running(&format!("Attaching networks and disks to node \"{name}\"."))
            .running(&format!("Starting node \"{name}\"."));
    }
    plan.running("Waiting for the nodes to boot.")
        .running(&format!("Creating cluster \"{cluster}\"."))
        .running("Joining the nodes.")
        .running("Configuring the network interfaces.")
        .running("Registering the cluster.")
        .end(&[cluster], &format!("Cluster \"{cluster}\" is deployed."))
}

pub(crate) fn change(config: &Config, cluster: &str) -> Vec<Step> {
    Plan::new(
        config,
        &format!("Change of cluster \"{cluster}\" is queued."),
    )
    .running(&format!("Changing cluster \"{cluster}\"."))
    .end(&[cluster], &format!("Cluster \"{cluster}\" is changed."))
}

pub(crate) fn remove(config: &Config, cluster: &str, nodes: &[Value]) -> Vec<Step> {
    let mut plan = Plan::new(
        config,
        &format!("Removal of cluster \"{cluster}\" is queued."),
    );
    for node in nodes {
        let name = text(node, "name");
        plan = plan
            .running(&format!("Stopping node \"{name}\"."))
            .running(&format!("Deleting node \"{name}\"."));
    }
    plan.running("Releasing licenses.")
        .end(&[cluster], &format!("Cluster \"{cluster}\" is removed."))
}

pub(crate) fn add_hosts(config: &Config, names: &[&str]) -> Vec<Step> {
    let mut plan = Plan::new(config, "Adding of hosts is queued.");
    for name in names {
        plan = plan.running(&format!("Connecting to host \"{name}\"."));
        if unreachable(name) {
            return plan.fail(&format!(
                "Host \"{name}\" cannot be reached: the connection timed out."
            ));
        }
        plan = plan.running(&format!("Reading the configuration of host \"{name}\"."));
    }
    plan.end(names, "The hosts are added.")
}

pub(crate) fn check_connectivity(config: &Config, names: &[&str]) -> Vec<Step> {
    let mut plan = Plan::new(config, "Connectivity check is queued.");
    for name in names {
        plan = plan.running(&format!("Probing \"{name}\"."));
        if unreachable(name) {
            return plan.fail(&format!(
                "\"{name}\" cannot be reached: 0 of 5 packets came back."
            ));
        }
    }
    plan.end(names, "All targets answered.")
}

pub(crate) fn add_credential(config: &Config, name: &str) -> Vec<Step> {
    Plan::new(config, "Storing of the credential is queued.")
        .running(&format!("Storing the credential for \"{name}\"."))
        .end(&[name], "The credential is stored.")
}

pub(crate) fn back_up(config: &Config, name: &str) -> Vec<Step> {
    Plan::new(config, "Backup is queued.")
        .running("Collecting the configuration.")
        .running("Writing the archive.")
        .end(&[name], "The backup is ready for download.")
}

fn overfull<'a>(config: &Config, nodes: &'a [Value]) -> Option<&'a Value> {
    nodes.iter().find(|node| {
        let license = node.pointer("/license/id").and_then(Value::as_str);
        let needed = node
            .get("capacity_tb")
            .and_then(Value::as_f64)
            .unwrap_or_default();
        config
            .licenses
            .iter()
            .any(|known| Some(known.id.as_str()) == license && known.capacity_tb < needed)
    })
}

fn unreachable(name: &str) -> bool {
    name.starts_with("unreachable")
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
