//! Clusters: configure, deploy, power off and on, resize, delete. Also licenses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{
    HOUR, complaint, delete, deploy, described, get, ids, located, outcome, patch, post,
    ready_host, record, request, run, send, start_deploy,
};
use deploy_simulator::{Request, Response, Simulator};
use serde_json::{Value, json};

const TERABYTE: u64 = 1 << 40;

fn cluster(deploy: &mut Simulator, now: u64, path: &str) -> Value {
    get(deploy, now, &format!("{path}?fields=**")).value()["record"].clone()
}

fn state(deploy: &mut Simulator, now: u64, path: &str) -> String {
    cluster(deploy, now, path)["state"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn first_node(deploy: &mut Simulator, now: u64, path: &str) -> String {
    format!(
        "{path}/nodes/{}",
        ids(deploy, now, &format!("{path}/nodes"))[0]
    )
}

/// Deploys a cluster, which is running an hour after `now`.
fn deployed(deploy: &mut Simulator, now: u64, name: &str, count: usize) -> String {
    let path = described(deploy, now, name, count, TERABYTE);
    let started = start_deploy(deploy, now + HOUR, &path);
    assert_eq!(outcome(deploy, now + HOUR, &started)["state"], "success");
    path
}

#[test]
fn a_cluster_is_created_deployed_powered_off_and_deleted() {
    let mut deploy = deploy(json!({}));
    let path = described(&mut deploy, 0, "prod", 2, TERABYTE);
    assert_eq!(state(&mut deploy, HOUR, &path), "not_deployed");
    let started = start_deploy(&mut deploy, HOUR, &path);
    assert_eq!(started.status, 202);
    let at_work = cluster(&mut deploy, HOUR + 1, &path);
    assert_eq!(
        (&at_work["state"], &at_work["is_deployed"]),
        (&json!("deploying"), &json!(false))
    );
    for refused in [
        start_deploy(&mut deploy, HOUR + 1, &path),
        delete(&mut deploy, HOUR + 1, &path),
        patch(&mut deploy, HOUR + 1, &path, json!({"ip": "10.0.0.99"})),
    ] {
        assert_eq!(refused.status, 409, "{}", refused.text());
    }
    assert_eq!(outcome(&mut deploy, HOUR, &started)["state"], "success");
    let after = cluster(&mut deploy, 2 * HOUR, &path);
    assert_eq!(
        (&after["state"], &after["is_deployed"]),
        (&json!("powered_on"), &json!(true))
    );
    assert!(after["nodes"][1]["serial_number"].is_string());
    assert_eq!(start_deploy(&mut deploy, 2 * HOUR, &path).status, 409);
    let refused = patch(&mut deploy, 2 * HOUR, &path, json!({"ip": "10.0.0.99"}));
    assert!(refused.status == 409 && complaint(&refused).contains("\"ip\""));
    assert_eq!(delete(&mut deploy, 2 * HOUR, &path).status, 409, "it is on");

    let off = send(
        &mut deploy,
        2 * HOUR,
        request("PATCH", &format!("{path}?force=state"))
            .json(&json!({"availability": "powered_off"})),
    );
    assert_eq!(outcome(&mut deploy, 2 * HOUR, &off)["state"], "success");
    assert_eq!(state(&mut deploy, 3 * HOUR, &path), "powered_off");
    let again = patch(
        &mut deploy,
        3 * HOUR,
        &path,
        json!({"availability": "powered_off"}),
    );
    assert_eq!(again.status, 200, "already in this state");
    let on = patch(
        &mut deploy,
        3 * HOUR,
        &path,
        json!({"availability": "powered_on"}),
    );
    assert_eq!(state(&mut deploy, 3 * HOUR, &path), "powering_on");
    assert_eq!(outcome(&mut deploy, 3 * HOUR, &on)["state"], "success");
    let odd = patch(&mut deploy, 4 * HOUR, &path, json!({"availability": "off"}));
    assert!(odd.status == 400 && complaint(&odd).contains("\"availability\""));

    let removal = delete(&mut deploy, 4 * HOUR, &format!("{path}?force=true"));
    assert_eq!(outcome(&mut deploy, 4 * HOUR, &removal)["state"], "success");
    assert_eq!(get(&mut deploy, 5 * HOUR, &path).status, 404);
    assert_eq!(delete(&mut deploy, 5 * HOUR, &path).status, 404);
}

#[test]
fn a_deploy_has_many_steps_with_different_messages_and_stamps() {
    let mut deploy = deploy(json!({}));
    let path = described(&mut deploy, 0, "prod", 2, TERABYTE);
    let job = start_deploy(&mut deploy, HOUR, &path).value()["job"].clone();
    let mut seen = vec![job.clone()];
    while let Some(at) = deploy.next_event() {
        seen.push(record(&mut deploy, at, &job));
    }
    assert!(seen.len() >= 12, "{} steps", seen.len());
    for pair in seen.windows(2) {
        assert_ne!(pair[0]["message"], pair[1]["message"]);
        assert_ne!(pair[0]["last_modified"], pair[1]["last_modified"]);
    }
    let said = |record: &Value| record["message"].as_str().unwrap().to_lowercase();
    assert!(
        seen.iter()
            .any(|record| said(record).contains("loading cache"))
    );
    assert_eq!(seen.last().unwrap()["state"], "success");
}

#[test]
fn an_invalid_cluster_gets_an_error_that_names_the_member() {
    let mut deploy = deploy(json!({}));
    assert_eq!(
        post(&mut deploy, 0, "/clusters", json!({"name": "prod"})).status,
        201
    );
    for (query, body, status, named) in [
        ("", json!({}), 400, "\"name\""),
        ("", json!({"name": ["x"]}), 400, "\"name\""),
        ("", json!({"name": "two words"}), 400, "\"name\""),
        ("", json!({"name": "prod"}), 409, "prod"),
        ("?node_count=3", json!({"name": "x"}), 400, "node_count"),
        ("?node_count=0", json!({"name": "x"}), 400, "node_count"),
        ("?node_count=14", json!({"name": "x"}), 400, "node_count"),
        ("?node_count=two", json!({"name": "x"}), 400, "node_count"),
        ("", json!({"name": "x", "ip": "10.0.0"}), 400, "\"ip\""),
        (
            "",
            json!({"name": "x", "gateway": true}),
            400,
            "\"gateway\"",
        ),
        (
            "",
            json!({"name": "x", "netmask": "255.0.255.0"}),
            400,
            "\"netmask\"",
        ),
        (
            "",
            json!({"name": "x", "ntp_servers": {"10.0.0.1": ""}}),
            400,
            "\"ntp_servers\"",
        ),
        (
            "",
            json!({"name": "x", "ntp_servers": [7]}),
            400,
            "\"ntp_servers\"",
        ),
        (
            "",
            json!({"name": "x", "dns_info": []}),
            400,
            "\"dns_info\"",
        ),
        (
            "",
            json!({"name": "x", "dns_info": {"domains": "a"}}),
            400,
            "\"dns_info.domains\"",
        ),
        (
            "",
            json!({"name": "x", "ontap_image_version": "8.3"}),
            400,
            "\"ontap_image_version\"",
        ),
        ("", json!({"name": "x", "mtu": 9000}), 400, "\"mtu\""),
        (
            "?node_count=2",
            json!({"name": "x", "mtu": 1500}),
            400,
            "\"mtu\"",
        ),
    ] {
        let answer = post(&mut deploy, 0, &format!("/clusters{query}"), body.clone());
        assert_eq!(answer.status, status, "{query} {body}");
        assert!(complaint(&answer).contains(named), "{}", answer.text());
    }
    for count in [1, 2, 4, 6, 8, 10, 12] {
        let body = json!({"name": format!("c{count}")});
        let answer = post(
            &mut deploy,
            0,
            &format!("/clusters?node_count={count}"),
            body,
        );
        let nodes = format!("/clusters/{}/nodes?order_by=name asc", located(&answer));
        assert_eq!(ids(&mut deploy, 0, &nodes).len(), count);
    }
}

#[test]
fn nodes_have_generated_names_and_ordered_networks() {
    let mut deploy = deploy(json!({}));
    for (count, purposes) in [
        (1, vec!["mgmt", "data"]),
        (2, vec!["mgmt", "data", "internal"]),
    ] {
        let body = json!({"name": format!("c{count}")});
        let answer = post(
            &mut deploy,
            0,
            &format!("/clusters?node_count={count}"),
            body,
        );
        let path = format!("/clusters/{}", located(&answer));
        let nodes = get(&mut deploy, 0, &format!("{path}/nodes?order_by=name%20asc")).value();
        assert_eq!(nodes["records"][0]["name"], format!("c{count}-01"));
        let node = first_node(&mut deploy, 0, &path);
        let networks = get(
            &mut deploy,
            0,
            &format!("{node}/networks?fields=id,purpose"),
        )
        .value();
        let found: Vec<&str> = networks["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|network| network["purpose"].as_str().unwrap())
            .collect();
        assert_eq!(found, purposes);
        let data = ids(&mut deploy, 0, &format!("{node}/networks?purpose=data"));
        let network = format!("{node}/networks/{}", data[0]);
        let body = json!({"name": "VM Network", "vlan_id": "120"});
        assert_eq!(patch(&mut deploy, 0, &network, body).status, 200);
        let record = get(&mut deploy, 0, &format!("{network}?fields=*")).value()["record"].clone();
        assert_eq!(
            (&record["name"], &record["vlan_id"]),
            (&json!("VM Network"), &json!(120))
        );
        for (body, named) in [
            (json!({"name": 7}), "\"name\""),
            (json!({}), "\"name\""),
            (json!({"name": "a", "vlan_id": 4095}), "\"vlan_id\""),
            (json!({"name": "a", "vlan_id": "none"}), "\"vlan_id\""),
        ] {
            let answer = patch(&mut deploy, 0, &network, body.clone());
            assert!(
                answer.status == 400 && complaint(&answer).contains(named),
                "{body}"
            );
        }
        assert_eq!(
            patch(&mut deploy, 0, &path, json!({"name": "other"})).status,
            200
        );
        let renamed = get(&mut deploy, 0, &node).value()["record"]["name"].clone();
        assert_eq!(renamed, "other-01");
        delete(&mut deploy, 0, &path);
    }
}

#[test]
fn an_invalid_node_gets_an_error_that_names_the_member() {
    let mut deploy = deploy(json!({}));
    let path = described(&mut deploy, 0, "prod", 2, TERABYTE);
    let node = first_node(&mut deploy, HOUR, &path);
    for (body, named) in [
        (json!({"host": {"id": null}}), "\"host.id\""),
        (json!({"host": {"id": "none"}}), "\"host.id\""),
        (json!({"host": "esx1"}), "\"host\""),
        (json!({"instance_type": "tiny"}), "\"instance_type\""),
        (json!({"ip": "node-1"}), "\"ip\""),
        (json!({"passthrough_disks": "yes"}), "\"passthrough_disks\""),
        (json!({"license": {"id": "0"}}), "\"license.id\""),
        (json!({"license": {}}), "\"license.id\""),
        (json!({"serial_number": 1}), "\"serial_number\""),
        (
            json!({"cpu_reservation_percentage": 101}),
            "\"cpu_reservation_percentage\"",
        ),
        (
            json!({"is_storage_efficiency_enabled": 1}),
            "\"is_storage_efficiency_enabled\"",
        ),
        (json!({"name": "two words"}), "\"name\""),
        (json!({"name": "n".repeat(45)}), "\"name\""),
    ] {
        let answer = patch(&mut deploy, HOUR, &node, body.clone());
        assert_eq!(answer.status, 400, "{body}");
        assert!(complaint(&answer).contains(named), "{}", answer.text());
    }
    assert_eq!(
        patch(&mut deploy, HOUR, &node, json!({"name": "prod-02"})).status,
        409
    );
    let good = json!({"name": "left", "license": {"id": "320000001"}, "cpu_reservation_percentage": "50", "instance_type": "xlarge"});
    assert_eq!(patch(&mut deploy, HOUR, &node, good).status, 200);
    let record = get(&mut deploy, HOUR, &format!("{node}?fields=*")).value()["record"].clone();
    assert_eq!(record["serial_number"], "320000001");
    assert_eq!(record["host"]["name"], "prod-host-0");
    assert_eq!(record["cpu_reservation_percentage"], 50);
    let found = get(&mut deploy, HOUR, "/clusters?nodes.serial_number=320000001");
    assert_eq!(found.value()["records"][0]["name"], "prod");
}

#[test]
fn a_node_may_keep_its_generated_name() {
    let mut deploy = deploy(json!({}));
    let name = "c".repeat(44);
    let answer = post(&mut deploy, 0, "/clusters", json!({"name": name}));
    let node = first_node(&mut deploy, 0, &format!("/clusters/{}", located(&answer)));
    let kept = json!({"name": format!("{name}-01")});
    assert_eq!(patch(&mut deploy, 0, &node, kept).status, 200);
}

#[test]
fn a_cluster_with_a_failed_deploy_stays_not_deployed_while_it_is_deleted() {
    for (capacity, is_deployed) in [(9 * TERABYTE, false), (TERABYTE, true)] {
        let mut deploy = deploy(json!({}));
        let path = described(&mut deploy, 0, "prod", 1, capacity);
        let body = json!({"ontap_credential": {"password": "x"}});
        let left = format!("{path}/deploy?inhibit_rollback=true");
        let started = post(&mut deploy, HOUR, &left, body);
        outcome(&mut deploy, HOUR, &started);
        let before = cluster(&mut deploy, 2 * HOUR, &path);
        assert_eq!(before["is_deployed"], is_deployed);
        let deletion = delete(&mut deploy, 2 * HOUR, &format!("{path}?force=true"));
        assert_eq!(deletion.status, 202, "{}", deletion.text());
        let during = cluster(&mut deploy, 2 * HOUR, &path);
        assert_eq!(during["state"], "deleting");
        assert_eq!(during["is_deployed"], is_deployed);
    }
}

#[test]
fn pools_and_disks_are_attached_and_detached() {
    let mut deploy = deploy(json!({}));
    let path = described(&mut deploy, 0, "prod", 1, TERABYTE);
    let node = first_node(&mut deploy, HOUR, &path);
    let pools = format!("{node}/storage/pools");
    for (body, named) in [
        (json!({}), "\"pool_array\""),
        (json!({"pool_array": {"name": "a"}}), "\"pool_array\""),
        (
            json!({"pool_array": [{"capacity": 1}]}),
            "\"pool_array[0].name\"",
        ),
        (
            json!({"pool_array": [{"name": "a", "capacity": -1}]}),
            "\"pool_array[0].capacity\"",
        ),
        (
            json!({"pool_array": [{"name": "a", "capacity": 0}]}),
            "\"pool_array[0].capacity\"",
        ),
        (
            json!({"pool_array": [{"name": "a", "capacity": "2 TB"}]}),
            "\"pool_array[0].capacity\"",
        ),
    ] {
        let answer = post(&mut deploy, HOUR, &pools, body.clone());
        assert!(
            answer.status == 400 && complaint(&answer).contains(named),
            "{body}"
        );
    }
    let same = json!({"pool_array": [{"name": "datastore1", "capacity": 1}]});
    assert_eq!(post(&mut deploy, HOUR, &pools, same).status, 409);
    let attached = ids(&mut deploy, HOUR, &pools);
    assert_eq!(attached.len(), 1);
    assert_eq!(
        delete(&mut deploy, HOUR, &format!("{pools}/{}", attached[0])).status,
        200
    );
    assert_eq!(
        delete(&mut deploy, HOUR, &format!("{pools}/{}", attached[0])).status,
        404
    );
    assert_eq!(get(&mut deploy, HOUR, &pools).value()["num_records"], 0);

    // Software RAID: a pool without a capacity, and disks.
    let open = json!({"pool_array": [{"name": "datastore1"}]});
    assert_eq!(post(&mut deploy, HOUR, &pools, open).status, 201);
    let refused = start_deploy(&mut deploy, HOUR, &path);
    assert!(refused.status == 400 && complaint(&refused).contains("disks"));
    let disks = format!("{node}/storage/disks");
    let body = json!({"disks": [{"name": "naa.500a075100000001"}]});
    assert_eq!(
        post(&mut deploy, HOUR, &disks, json!({"disks": ["a"]})).status,
        400
    );
    assert_eq!(
        post(
            &mut deploy,
            HOUR,
            &format!("{disks}?remove_disk_labels=maybe"),
            body.clone()
        )
        .status,
        400
    );
    let labelled = format!("{disks}?remove_disk_labels=true");
    assert_eq!(post(&mut deploy, HOUR, &labelled, body).status, 201);
    let disk = ids(&mut deploy, HOUR, &disks)[0].clone();
    assert_eq!(start_deploy(&mut deploy, HOUR, &path).status, 202);
    assert_eq!(
        delete(&mut deploy, HOUR, &format!("{disks}/{disk}")).status,
        409
    );
    run(&mut deploy, 2 * HOUR);
    let body = json!({"ip": "10.0.0.77"});
    assert_eq!(
        patch(&mut deploy, 2 * HOUR, &node, body).status,
        409,
        "after the deploy"
    );
}

#[test]
fn an_incomplete_cluster_cannot_be_deployed() {
    let mut deploy = deploy(json!({}));
    let answer = post(&mut deploy, 0, "/clusters", json!({"name": "prod"}));
    let path = format!("/clusters/{}", located(&answer));
    let node = first_node(&mut deploy, 0, &path);
    let host = ready_host(&mut deploy, 0, "esx1");
    let networks = ids(&mut deploy, 0, &format!("{node}/networks"));
    let mut lacks = |member: &str, method: &str, path_of: &str, body: Value| {
        let refused = start_deploy(&mut deploy, HOUR, &path);
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(
            complaint(&refused).contains(member),
            "{member}: {}",
            refused.text()
        );
        let done = send(&mut deploy, HOUR, request(method, path_of).json(&body));
        assert!(matches!(done.status, 200 | 201), "{}", done.text());
    };
    lacks("\"ip\"", "PATCH", &path, json!({"ip": "10.0.0.1"}));
    lacks(
        "\"netmask\"",
        "PATCH",
        &path,
        json!({"netmask": "255.255.255.192"}),
    );
    lacks(
        "\"gateway\"",
        "PATCH",
        &path,
        json!({"gateway": "10.0.0.2"}),
    );
    lacks("\"host\"", "PATCH", &node, json!({"host": {"id": host}}));
    lacks("\"ip\" of node", "PATCH", &node, json!({"ip": "10.0.0.3"}));
    for (id, purpose) in networks.iter().zip(["mgmt", "data"]) {
        lacks(
            purpose,
            "PATCH",
            &format!("{node}/networks/{id}"),
            json!({"name": "VM Network"}),
        );
    }
    let pool = json!({"pool_array": [{"name": "datastore1", "capacity": 1 << 30}]});
    lacks(
        "storage pool",
        "POST",
        &format!("{node}/storage/pools"),
        pool,
    );
    for (query, body, named) in [
        ("", json!({}), "\"ontap_credential\""),
        (
            "",
            json!({"ontap_credentials": {"password": "x"}}),
            "\"ontap_credential\"",
        ),
        (
            "",
            json!({"ontap_credential": {"password": ""}}),
            "\"ontap_credential.password\"",
        ),
        (
            "?inhibit_rollback=maybe",
            json!({"ontap_credential": {"password": "x"}}),
            "inhibit_rollback",
        ),
    ] {
        let answer = post(&mut deploy, HOUR, &format!("{path}/deploy{query}"), body);
        assert!(
            answer.status == 400 && complaint(&answer).contains(named),
            "{}",
            answer.text()
        );
    }
    assert_eq!(start_deploy(&mut deploy, HOUR, &path).status, 202);
}

#[test]
fn a_full_pool_fails_the_deploy_with_or_without_a_rollback() {
    for (query, state_after, deletion) in [
        ("", "not_deployed", 200),
        ("?inhibit_rollback=false", "not_deployed", 200),
        ("?inhibit_rollback=true", "deploy_failed", 202),
    ] {
        let mut deploy = deploy(json!({}));
        let path = described(&mut deploy, 0, "prod", 2, 9 * TERABYTE);
        let body = json!({"ontap_credential": {"password": "x"}});
        let started = post(&mut deploy, HOUR, &format!("{path}/deploy{query}"), body);
        let last = outcome(&mut deploy, HOUR, &started);
        assert_eq!(last["state"], "failure");
        let reason = last["message"].as_str().unwrap();
        assert!(
            reason.contains("datastore1") && reason.contains("prod-01"),
            "{reason}"
        );
        assert_eq!(state(&mut deploy, 2 * HOUR, &path), state_after, "{query}");
        let again = start_deploy(&mut deploy, 2 * HOUR, &path);
        assert_eq!(again.status, if deletion == 200 { 202 } else { 409 });
        run(&mut deploy, 3 * HOUR);
        assert_eq!(delete(&mut deploy, 3 * HOUR, &path).status, deletion);
    }
}

#[test]
fn deployed_nodes_use_pool_capacity_until_they_are_deleted() {
    let mut deploy = deploy(json!({}));
    let path = deployed(&mut deploy, 0, "prod", 1);
    let host = ids(&mut deploy, 2 * HOUR, "/hosts")[0].clone();
    let free = |deploy: &mut Simulator, now: u64| {
        let pools = get(
            deploy,
            now,
            &format!("/hosts/{host}/storage/pools?name=datastore1&fields=*"),
        );
        pools.value()["records"][0]["available_capacity"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(free(&mut deploy, 2 * HOUR), 7 * TERABYTE);
    delete(&mut deploy, 2 * HOUR, &format!("{path}?force=true"));
    run(&mut deploy, 3 * HOUR);
    assert_eq!(free(&mut deploy, 3 * HOUR), 8 * TERABYTE);
}

#[test]
fn a_host_with_a_profile_has_only_its_networks_pools_and_disks() {
    let described_host = json!([{"networks": ["Lab"], "pools": [{"name": "datastore1", "availableCapacity": TERABYTE}]}]);
    for (config, lacking) in [
        (json!({"hosts": described_host}), true),
        (json!({}), false),
        (json!({"openHosts": false}), false),
    ] {
        let mut deploy = deploy(config);
        let path = described(&mut deploy, 0, "prod", 1, TERABYTE);
        let started = start_deploy(&mut deploy, HOUR, &path);
        let last = outcome(&mut deploy, HOUR, &started);
        assert_eq!(last["state"] == "failure", lacking, "{last}");
        if lacking {
            assert!(
                last["message"]
                    .as_str()
                    .unwrap()
                    .contains("network \"VM Network\"")
            );
        }
    }
    for (config, state) in [
        (json!({}), "success"),
        (json!({"openHosts": false}), "failure"),
    ] {
        let mut deploy = deploy(config);
        let path = described(&mut deploy, 0, "prod", 1, TERABYTE);
        let node = first_node(&mut deploy, HOUR, &path);
        let mine = json!({"pool_array": [{"name": "pool of my lab", "capacity": 99 * TERABYTE}]});
        post(&mut deploy, HOUR, &format!("{node}/storage/pools"), mine);
        let started = start_deploy(&mut deploy, HOUR, &path);
        assert_eq!(outcome(&mut deploy, HOUR, &started)["state"], state);
    }
}

#[test]
fn a_node_on_an_unreachable_host_fails_the_deploy() {
    let mut deploy = deploy(json!({}));
    let path = described(&mut deploy, 0, "prod", 1, TERABYTE);
    let node = first_node(&mut deploy, HOUR, &path);
    let far = ready_host(&mut deploy, HOUR, "unreachable-1");
    patch(&mut deploy, HOUR, &node, json!({"host": {"id": far}}));
    let started = start_deploy(&mut deploy, HOUR, &path);
    let last = outcome(&mut deploy, HOUR, &started);
    assert!(last["message"].as_str().unwrap().contains("unreachable-1"));
}

#[test]
fn a_kvm_network_may_have_a_vlan_without_a_name() {
    let mut deploy = deploy(json!({}));
    let path = described(&mut deploy, 0, "prod", 1, TERABYTE);
    let kvm = json!({"hosts": [{"name": "kvm1", "hypervisor_type": "KVM"}]});
    let kvm = post(&mut deploy, HOUR, "/hosts", kvm);
    run(&mut deploy, 2 * HOUR);
    let other = post(
        &mut deploy,
        2 * HOUR,
        "/clusters",
        json!({"name": "kvm", "ip": "10.0.0.1", "netmask": "255.255.255.0", "gateway": "10.0.0.2"}),
    );
    let kvm_path = format!("/clusters/{}", located(&other));
    let node = first_node(&mut deploy, 2 * HOUR, &kvm_path);
    patch(
        &mut deploy,
        2 * HOUR,
        &node,
        json!({"host": {"id": located(&kvm)}, "ip": "10.0.0.3"}),
    );
    for network in ids(&mut deploy, 2 * HOUR, &format!("{node}/networks")) {
        let vlan = json!({"vlan_id": 12});
        assert_eq!(
            patch(
                &mut deploy,
                2 * HOUR,
                &format!("{node}/networks/{network}"),
                vlan
            )
            .status,
            200
        );
    }
    let pool = json!({"pool_array": [{"name": "host-pool-1", "capacity": TERABYTE}]});
    post(
        &mut deploy,
        2 * HOUR,
        &format!("{node}/storage/pools"),
        pool,
    );
    let started = start_deploy(&mut deploy, 2 * HOUR, &kvm_path);
    assert_eq!(outcome(&mut deploy, 2 * HOUR, &started)["state"], "success");
    assert_eq!(state(&mut deploy, 3 * HOUR, &path), "not_deployed");
}

#[test]
fn licenses_limit_the_capacity_of_nodes() {
    // 320000001 covers 2 TB: exactly two nodes of 1 TB.
    for (config, license, capacity, good) in [
        (json!({}), Some("320000001"), TERABYTE, true),
        (json!({}), Some("320000001"), 3 * TERABYTE, false),
        (json!({}), Some("320000002"), 3 * TERABYTE, true),
        (json!({}), None, 3 * TERABYTE, true),
        (json!({"evaluationTb": 2.0}), None, 3 * TERABYTE, false),
    ] {
        let mut deploy = deploy(config);
        let path = described(&mut deploy, 0, "prod", 1, capacity);
        let node = first_node(&mut deploy, HOUR, &path);
        if let Some(id) = license {
            patch(&mut deploy, HOUR, &node, json!({"license": {"id": id}}));
        }
        let started = start_deploy(&mut deploy, HOUR, &path);
        let last = outcome(&mut deploy, HOUR, &started);
        assert_eq!(last["state"] == "success", good, "{last}");
        assert!(
            good || last["message"]
                .as_str()
                .unwrap()
                .contains("lacks the capacity")
        );
    }
    let mut deploy = deploy(json!({}));
    for (index, expected) in ["success", "success", "failure"].into_iter().enumerate() {
        let now = 3 * HOUR * index as u64;
        let path = described(&mut deploy, now, &format!("c{index}"), 1, TERABYTE);
        let node = first_node(&mut deploy, now + HOUR, &path);
        patch(
            &mut deploy,
            now + HOUR,
            &node,
            json!({"license": {"id": "320000001"}}),
        );
        let started = start_deploy(&mut deploy, now + HOUR, &path);
        assert_eq!(
            outcome(&mut deploy, now + HOUR, &started)["state"],
            expected,
            "{index}"
        );
    }
    let path = described(&mut deploy, 20 * HOUR, "unlicensed1", 1, TERABYTE);
    let started = start_deploy(&mut deploy, 21 * HOUR, &path);
    assert_eq!(
        outcome(&mut deploy, 21 * HOUR, &started)["state"],
        "failure"
    );
}

fn upload(method: &str, path: &str, fields: &[(&str, &str)]) -> Request {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!(
            "--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    body += "--b0undary--\r\n";
    let mut call =
        request(method, path).header("content-type", "multipart/form-data; boundary=b0undary");
    call.body = body.into_bytes();
    call
}

fn file(serial: &str) -> String {
    json!({"statusResp": {"serialNumber": serial}}).to_string()
}

#[test]
fn licenses_are_uploaded_listed_used_and_replaced() {
    let mut deploy = deploy(json!({}));
    let all = "/licensing/licenses";
    let one = &format!("{all}/99887766");
    let mut send_file = |now: u64, method: &str, path: &str, fields: &[(&str, &str)]| -> Response {
        send(&mut deploy, now, upload(method, path, fields))
    };
    let good = file("99887766");
    let created = send_file(0, "POST", all, &[("license_file", &good)]);
    assert_eq!(
        (created.status, located(&created).as_str()),
        (201, "99887766")
    );
    assert_eq!(
        send_file(0, "POST", all, &[("license_file", &good)]).status,
        409
    );
    for (method, path, fields, status) in [
        ("POST", all, vec![("file", good.as_str())], 400),
        ("POST", all, vec![("license_file", "not JSON")], 400),
        (
            "POST",
            all,
            vec![("license_file", r#"{"statusResp": {}}"#)],
            400,
        ),
        (
            "PUT",
            one,
            vec![("license_file", r#"{"statusResp": {"serialNumber": "1"}}"#)],
            400,
        ),
        (
            "PUT",
            "/licensing/licenses/0",
            vec![("license_file", good.as_str())],
            404,
        ),
        ("PUT", one, vec![("license_file", good.as_str())], 200),
    ] {
        let answer = send_file(0, method, path, &fields);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    }
    let plain = post(
        &mut deploy,
        0,
        all,
        json!({"statusResp": {"serialNumber": "1"}}),
    );
    assert!(plain.status == 400 && complaint(&plain).contains("license_file"));
    assert_eq!(
        get(&mut deploy, 0, &format!("{all}?id=99887766")).value()["num_records"],
        1
    );
    assert_eq!(
        get(&mut deploy, 0, &format!("{all}?id=1")).value()["num_records"],
        0
    );

    let path = described(&mut deploy, 0, "prod", 1, TERABYTE);
    let node = first_node(&mut deploy, HOUR, &path);
    let listed = ids(&mut deploy, HOUR, &format!("{all}?type=evaluation"));
    assert_eq!(listed.len(), 1, "one for each node without a license");
    assert_eq!(
        patch(
            &mut deploy,
            HOUR,
            &node,
            json!({"license": {"id": listed[0]}})
        )
        .status,
        200
    );
    assert_eq!(
        patch(
            &mut deploy,
            HOUR,
            &node,
            json!({"license": {"id": "99887766"}})
        )
        .status,
        200
    );
    let started = start_deploy(&mut deploy, HOUR, &path);
    assert_eq!(outcome(&mut deploy, HOUR, &started)["state"], "success");
    let mut put = |fields: &[(&str, &str)]| send(&mut deploy, 2 * HOUR, upload("PUT", one, fields));
    let refused = put(&[("license_file", &good), ("ontap_username", "admin")]);
    assert!(refused.status == 400 && complaint(&refused).contains("\"ontap_password\""));
    let whole = [
        ("license_file", good.as_str()),
        ("ontap_username", "admin"),
        ("ontap_password", "x"),
    ];
    assert_eq!(put(&whole).status, 200);
}

#[test]
fn a_resize_needs_both_nodes_of_a_pair_and_the_password() {
    let mut deploy = deploy(json!({}));
    let path = deployed(&mut deploy, 0, "prod", 4);
    let nodes = ids(&mut deploy, 2 * HOUR, &format!("{path}/nodes"));
    let body = |given: &[(usize, &str)]| {
        let nodes: Vec<Value> = given
            .iter()
            .map(|(index, size)| json!({"id": nodes[*index], "instance_type": size}))
            .collect();
        json!({"admin_password": "x", "nodes": nodes})
    };
    for (body, named) in [
        (body(&[(0, "medium")]), "\"nodes\""),
        (body(&[(1, "medium"), (2, "medium")]), "\"nodes\""),
        (body(&[(0, "medium"), (1, "large")]), "\"nodes\""),
        (
            body(&[(0, "huge"), (1, "huge")]),
            "\"nodes[0].instance_type\"",
        ),
        (
            json!({"nodes": body(&[(0, "medium"), (1, "medium")])["nodes"]}),
            "\"admin_password\"",
        ),
        (
            json!({"admin_password": "x", "nodes": [{"id": "none", "instance_type": "small"}]}),
            "\"nodes[0].id\"",
        ),
        (
            body(&[(0, "medium"), (1, "medium"), (0, "medium")]),
            "\"nodes[2].id\"",
        ),
    ] {
        let answer = patch(&mut deploy, 2 * HOUR, &path, body.clone());
        assert!(
            answer.status == 400 && complaint(&answer).contains(named),
            "{body}: {}",
            answer.text()
        );
    }
    let started = patch(
        &mut deploy,
        2 * HOUR,
        &path,
        body(&[(2, "medium"), (3, "medium")]),
    );
    assert_eq!(outcome(&mut deploy, 2 * HOUR, &started)["state"], "success");
    let after = cluster(&mut deploy, 3 * HOUR, &path);
    let sizes: Vec<&Value> = after["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| &node["instance_type"])
        .collect();
    assert_eq!(sizes, ["small", "small", "medium", "medium"]);
    assert_eq!(after["state"], "powered_on");
    patch(
        &mut deploy,
        3 * HOUR,
        &path,
        json!({"availability": "powered_off"}),
    );
    run(&mut deploy, 4 * HOUR);
    assert_eq!(
        patch(
            &mut deploy,
            4 * HOUR,
            &path,
            body(&[(0, "medium"), (1, "medium")])
        )
        .status,
        409
    );
}
