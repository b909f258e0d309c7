//! The built-in steps of jobs without a script. The messages are invented, because Deploy's are not public.

use super::hosts::HostTrouble;
use super::store::ClusterState;
use crate::config::{Config, Script, Step};
use crate::glob;

/// Builds a list of steps.
#[derive(Debug)]
struct Plan<'a> {
    config: &'a Config,
    steps: Vec<Step>,
}

impl<'a> Plan<'a> {
    fn new(config: &'a Config, queued: &str) -> Self {
        Self {
            config,
            steps: vec![Step::new(0, "queued", queued)],
        }
    }

    fn running(mut self, message: &str) -> Self {
        self.steps
            .push(Step::new(self.config.step_ms, "running", message));
        self
    }

    /// Adds the last steps by name: `silent…` and `mute…` fail, `paused…` adds a state, all others succeed.
    fn end(mut self, names: &[&str], message: &str) -> Vec<Step> {
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
            if let Some(last) = steps.last_mut() {
                last.message = None;
            }
            return steps;
        }
        self.steps
            .push(Step::new(self.config.step_ms, "success", message));
        self.steps
    }

    fn fail(mut self, message: &str) -> Vec<Step> {
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
) -> Option<&'a Script> {
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

/// Where and why a deploy fails.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// While the configuration is validated.
    Validation(String),
    /// While the licenses are checked.
    Licenses(String),
    /// While a node's disks are created.
    Room {
        /// The node's index, from 0.
        node: usize,
        message: String,
    },
}

/// The names in a deploy job's messages.
#[derive(Debug)]
pub(crate) struct Deployment<'a> {
    pub(crate) cluster: &'a str,
    pub(crate) nodes: &'a [String],
    /// The host of each node.
    pub(crate) hosts: &'a [String],
    pub(crate) trouble: Option<Trouble>,
    pub(crate) inhibit_rollback: bool,
}

impl Deployment<'_> {
    pub(crate) fn steps(&self, config: &Config) -> Vec<Step> {
        let cluster = self.cluster;
        let mut plan = Plan::new(
            config,
            &format!("Deployment of cluster \"{cluster}\" is queued."),
        )
        .running("Validating the cluster's configuration.");
        if let Some(Trouble::Validation(message)) = &self.trouble {
            return self.fail(plan, message);
        }
        plan = plan.running("Checking licenses and storage capacity.");
        if let Some(Trouble::Licenses(message)) = &self.trouble {
            return self.fail(plan, message);
        }
        for (index, (node, host)) in self.nodes.iter().zip(self.hosts).enumerate() {
            plan = plan
                .running(&format!("Host \"{host}\": loading cache."))
                .running(&format!("Creating the virtual machine of node \"{node}\"."))
                .running(&format!("Attaching networks and disks to node \"{node}\"."));
            match &self.trouble {
                Some(Trouble::Room {
                    node: failing,
                    message,
                }) if *failing == index => return self.fail(plan, message),
                _ => plan = plan.running(&format!("Starting node \"{node}\".")),
            }
        }
        plan.running("Waiting for the nodes to boot.")
            .running(&format!("Creating cluster \"{cluster}\"."))
            .running("Joining the nodes.")
            .running("Configuring the network interfaces.")
            .running("Registering the cluster.")
            .end(&[cluster], &format!("Cluster \"{cluster}\" is deployed."))
    }

    fn fail(&self, plan: Plan<'_>, message: &str) -> Vec<Step> {
        if self.inhibit_rollback {
            return plan.fail(message);
        }
        plan.running(&format!(
            "Rolling back: removing the nodes of cluster \"{}\".",
            self.cluster
        ))
        .fail(message)
    }
}

pub(crate) fn power(
    config: &Config,
    cluster: &str,
    nodes: &[String],
    to: ClusterState,
) -> Vec<Step> {
    let (doing, done) = if to == ClusterState::PoweredOn {
        ("Starting", "powered on")
    } else {
        ("Stopping", "powered off")
    };
    let queued = format!("{doing} of cluster \"{cluster}\" is queued.");
    let plan = nodes.iter().fold(Plan::new(config, &queued), |plan, node| {
        plan.running(&format!("{doing} node \"{node}\"."))
    });
    plan.end(&[cluster], &format!("Cluster \"{cluster}\" is {done}."))
}

pub(crate) fn resize(config: &Config, cluster: &str, nodes: &[String]) -> Vec<Step> {
    let queued = format!("Resize of cluster \"{cluster}\" is queued.");
    let plan = nodes.iter().fold(Plan::new(config, &queued), |plan, node| {
        plan.running(&format!("Taking over from node \"{node}\"."))
            .running(&format!("Changing the instance of node \"{node}\"."))
            .running(&format!("Giving back to node \"{node}\"."))
    });
    plan.end(&[cluster], &format!("Cluster \"{cluster}\" is resized."))
}

pub(crate) fn remove(config: &Config, cluster: &str, nodes: &[String]) -> Vec<Step> {
    let queued = format!("Removal of cluster \"{cluster}\" is queued.");
    let plan = nodes.iter().fold(Plan::new(config, &queued), |plan, node| {
        plan.running(&format!("Stopping node \"{node}\"."))
            .running(&format!("Deleting node \"{node}\"."))
    });
    plan.running("Releasing licenses.")
        .end(&[cluster], &format!("Cluster \"{cluster}\" is removed."))
}

pub(crate) fn add_hosts(config: &Config, hosts: &[(String, Option<HostTrouble>)]) -> Vec<Step> {
    let mut plan = Plan::new(config, "Adding hosts is queued.");
    for (name, trouble) in hosts {
        plan = plan.running(&format!("Connecting to host \"{name}\"."));
        match trouble {
            Some(HostTrouble::Unreachable) => {
                return plan.fail(&format!(
                    "Host \"{name}\" cannot be reached: the connection timed out."
                ));
            }
            Some(HostTrouble::NoCredential) => {
                return plan.fail(&format!(
                    "Host \"{name}\" rejected the login: there is no credential for it or for its management server."
                ));
            }
            None => plan = plan.running(&format!("Host \"{name}\": loading cache.")),
        }
    }
    let names: Vec<&str> = hosts.iter().map(|(name, _)| name.as_str()).collect();
    plan.end(&names, "The hosts are added.")
}

/// `trouble`: the first host that fails the check, and why.
pub(crate) fn check_connectivity(
    config: &Config,
    hosts: &[String],
    trouble: Option<(usize, String)>,
) -> Vec<Step> {
    let mut plan = Plan::new(config, "Connectivity check is queued.");
    for (index, name) in hosts.iter().enumerate() {
        plan = plan.running(&format!("Probing from host \"{name}\"."));
        match &trouble {
            Some((failing, message)) if *failing == index => return plan.fail(message),
            _ => {}
        }
    }
    let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
    plan.end(&names, "All hosts can reach each other.")
}

pub(crate) fn add_credential(config: &Config, name: &str) -> Vec<Step> {
    let plan = Plan::new(config, "Storing the credential is queued.")
        .running(&format!("Storing the credential for \"{name}\"."));
    if unreachable(name) {
        return plan.fail(&format!(
            "\"{name}\" cannot be reached: the connection timed out."
        ));
    }
    plan.end(&[name], "The credential is stored.")
}

pub(crate) fn back_up(config: &Config) -> Vec<Step> {
    Plan::new(config, "Backup is queued.")
        .running("Collecting the configuration.")
        .running("Writing the archive.")
        .end(&[], "The backup is ready for download.")
}

pub(crate) fn unreachable(name: &str) -> bool {
    name.starts_with("unreachable")
}
