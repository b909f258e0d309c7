//! Credentials, hosts with their networks, pools and disks, connectivity checks, backups.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{
    HOUR, complaint, delete, deploy, described, get, host, ids, located, outcome, post, ready_host,
    request, run, send,
};
use serde_json::{Value, json};

fn vcenter(hostname: &str) -> Value {
    json!({"hostname": hostname, "username": "administrator@vsphere.local", "password": "hush", "type": "vcenter"})
}

#[test]
fn an_invalid_host_gets_an_error_that_names_the_member() {
    let mut deploy = deploy(json!({}));
    let one = |host: Value| json!({"hosts": [host]});
    for (body, named) in [
        (json!({"name": "esx1"}), "\"hosts\""),
        (json!({"hosts": {"name": "esx1"}}), "\"hosts\""),
        (json!({"hosts": []}), "\"hosts\""),
        (json!({"hosts": ["esx1"]}), "\"hosts[0]\""),
        (one(json!({"hypervisor_type": "ESX"})), "\"hosts[0].name\""),
        (
            one(json!({"name": "", "hypervisor_type": "ESX"})),
            "\"hosts[0].name\"",
        ),
        (
            one(json!({"name": 7, "hypervisor_type": "ESX"})),
            "\"hosts[0].name\"",
        ),
        (one(json!({"name": "esx1"})), "\"hosts[0].hypervisor_type\""),
        (
            one(json!({"name": "esx1", "hypervisor_type": "esx"})),
            "\"hosts[0].hypervisor_type\"",
        ),
        (
            one(json!({"name": "esx1", "hypervisor_type": "HyperV"})),
            "\"hosts[0].hypervisor_type\"",
        ),
        (
            one(json!({"name": "esx1", "hypervisor_type": null})),
            "\"hosts[0].hypervisor_type\"",
        ),
        (
            one(json!({"name": "esx1", "hypervisor_type": "ESX", "management_server": 7})),
            "\"hosts[0].management_server\"",
        ),
        (
            one(json!({"name": "kvm1", "hypervisor_type": "KVM", "management_server": "vc"})),
            "\"hosts[0].management_server\"",
        ),
        (
            one(json!({"name": "esx1", "hypervisor_type": "ESX", "credential": "root"})),
            "\"hosts[0].credential\"",
        ),
        (
            one(
                json!({"name": "esx1", "hypervisor_type": "ESX", "credential": {"username": "root"}}),
            ),
            "\"hosts[0].credential.password\"",
        ),
    ] {
        let answer = post(&mut deploy, 0, "/hosts", body.clone());
        assert_eq!(answer.status, 400, "{body}");
        assert!(
            complaint(&answer).contains(named),
            "{body}: {}",
            answer.text()
        );
    }
    assert_eq!(get(&mut deploy, 0, "/hosts").value()["num_records"], 0);
}

#[test]
fn a_host_is_readable_from_the_202_on() {
    let mut deploy = deploy(json!({}));
    let good = post(&mut deploy, 0, "/hosts", host("esx1"));
    let bad = post(&mut deploy, 0, "/hosts", host("unreachable-2"));
    let path = format!("/hosts/{}?fields=*", located(&good));
    let record = get(&mut deploy, 0, &path).value()["record"].clone();
    assert_eq!(record["status"], "authentication_in_progress");
    assert_eq!(record["hypervisor_type"], "ESX");
    assert_eq!(outcome(&mut deploy, 0, &good)["state"], "success");
    assert_eq!(
        get(&mut deploy, HOUR, &path).value()["record"]["status"],
        "authenticated"
    );
    let reason = outcome(&mut deploy, HOUR, &bad);
    assert_eq!(reason["state"], "failure");
    assert!(
        reason["message"]
            .as_str()
            .unwrap()
            .contains("unreachable-2")
    );
    let failed = get(&mut deploy, HOUR, "/hosts?name=unreachable-2&fields=status").value();
    assert_eq!(failed["records"][0]["status"], "authentication_failed");
    let path = format!("/hosts/{}/networks", located(&bad));
    assert_eq!(get(&mut deploy, HOUR, &path).value()["num_records"], 0);
}

#[test]
fn hosts_before_a_failed_one_are_added() {
    let mut deploy = deploy(json!({}));
    let hosts = ["esx1", "unreachable-2", "esx3"];
    let hosts = hosts.map(|name| json!({"name": name, "hypervisor_type": "ESX"}));
    let started = post(&mut deploy, 0, "/hosts", json!({"hosts": hosts}));
    assert_eq!(outcome(&mut deploy, 0, &started)["state"], "failure");
    let known = get(&mut deploy, HOUR, "/hosts?status=authenticated").value();
    assert_eq!(known["num_records"], 1);
    assert_eq!(known["records"][0]["name"], "esx1");
}

#[test]
fn objects_can_appear_only_with_success() {
    let mut deploy = deploy(json!({"objectsAppear": "succeeded"}));
    let good = post(&mut deploy, 0, "/hosts", host("esx1"));
    post(&mut deploy, 0, "/hosts", host("unreachable-2"));
    post(&mut deploy, 0, "/security/credentials", vcenter("vc"));
    for path in ["/hosts", "/security/credentials"] {
        assert_eq!(get(&mut deploy, 0, path).value()["num_records"], 0);
    }
    assert_eq!(
        get(&mut deploy, 0, &format!("/hosts/{}", located(&good))).status,
        404
    );
    run(&mut deploy, HOUR);
    for path in ["/hosts", "/security/credentials"] {
        assert_eq!(get(&mut deploy, HOUR, path).value()["num_records"], 1);
    }
}

#[test]
fn a_host_cannot_be_added_twice() {
    for (config, status) in [(json!({}), 400), (json!({"duplicateHostStatus": 409}), 409)] {
        let mut deploy = deploy(config);
        ready_host(&mut deploy, 0, "esx1");
        let both = json!({"hosts": [{"name": "esx2", "hypervisor_type": "KVM"}, {"name": "esx1", "hypervisor_type": "ESX"}]});
        let answer = post(&mut deploy, HOUR, "/hosts", both);
        assert_eq!(answer.status, status);
        assert!(complaint(&answer).contains("esx1"));
        let twice = json!({"hosts": [{"name": "a", "hypervisor_type": "ESX"}, {"name": "a", "hypervisor_type": "ESX"}]});
        assert_eq!(post(&mut deploy, HOUR, "/hosts", twice).status, status);
        assert_eq!(ids(&mut deploy, HOUR, "/hosts").len(), 1, "all or none");
    }
}

#[test]
fn invalidate_cache_is_an_option_not_a_filter() {
    let mut deploy = deploy(json!({}));
    ready_host(&mut deploy, 0, "esx1");
    for (query, expected) in [
        ("invalidate_cache=true", 1),
        ("invalidate_cache=False", 1),
        ("invalidate_cache=true&name=esx2", 0),
    ] {
        let answer = get(&mut deploy, HOUR, &format!("/hosts?{query}"));
        assert_eq!(answer.value()["num_records"], expected, "{query}");
    }
    assert_eq!(
        get(&mut deploy, HOUR, "/hosts?invalidate_cache=now").status,
        400
    );
}

#[test]
fn a_host_has_networks_pools_and_disks() {
    let mut deploy = deploy(json!({"hosts": [
        {"name": "lab-*", "networks": ["Lab"], "pools": [{"name": "ssd-1", "availableCapacity": 5_000_000}], "disks": [{"name": "naa.1"}]},
        {"name": "far-*", "unreachable": true},
    ]}));
    let lab = ready_host(&mut deploy, 0, "lab-1");
    let usual = ready_host(&mut deploy, 60_000, "esx1");
    let mut records = |id: &str, what: &str| {
        get(&mut deploy, HOUR, &format!("/hosts/{id}/{what}")).value()["records"].clone()
    };
    assert_eq!(records(&lab, "networks")[0]["name"], "Lab");
    assert_eq!(
        records(&lab, "storage/pools")[0].as_object().unwrap().len(),
        2,
        "id and name"
    );
    assert_eq!(
        records(&lab, "storage/pools?fields=*")[0]["available_capacity"],
        5_000_000
    );
    let disk = records(&lab, "storage/disks")[0].clone();
    assert_eq!(
        (&disk["name"], &disk["device_type"]),
        (&json!("naa.1"), &json!("SSD"))
    );
    for what in ["networks", "storage/pools", "storage/disks"] {
        assert!(
            !records(&usual, what).as_array().unwrap().is_empty(),
            "{what}"
        );
    }
    let kvm = json!({"hosts": [{"name": "kvm1", "hypervisor_type": "KVM"}]});
    let kvm = post(&mut deploy, HOUR, "/hosts", kvm);
    assert_eq!(outcome(&mut deploy, HOUR, &kvm)["state"], "success");
    let far = post(&mut deploy, HOUR, "/hosts", host("far-1"));
    assert_eq!(outcome(&mut deploy, HOUR, &far)["state"], "failure");
}

#[test]
fn hosts_can_require_a_credential() {
    let mut deploy = deploy(json!({"needCredentials": true}));
    let under = |name: &str| json!({"hosts": [{"name": name, "hypervisor_type": "ESX", "management_server": "vc"}]});
    let refused = post(&mut deploy, 0, "/hosts", under("esx1"));
    let refused = outcome(&mut deploy, 0, &refused);
    assert!(refused["message"].as_str().unwrap().contains("credential"));
    // The credential's job may still be running.
    assert_eq!(
        post(&mut deploy, HOUR, "/security/credentials", vcenter("vc")).status,
        202
    );
    let taken = post(&mut deploy, HOUR, "/hosts", under("esx2"));
    assert_eq!(outcome(&mut deploy, HOUR, &taken)["state"], "success");
    let own = json!({"hosts": [{"name": "kvm1", "hypervisor_type": "KVM", "credential": {"username": "root", "password": "x"}}]});
    let own = post(&mut deploy, 2 * HOUR, "/hosts", own);
    assert_eq!(outcome(&mut deploy, 2 * HOUR, &own)["state"], "success");
}

#[test]
fn a_vcenter_login_does_not_work_for_a_host_or_the_reverse() {
    let login = |hostname: &str, kind: &str| json!({"hostname": hostname, "username": "root", "password": "x", "type": kind});
    let alone = |name: &str| json!({"hosts": [{"name": name, "hypervisor_type": "ESX"}]});
    let under = |name: &str| json!({"hosts": [{"name": name, "hypervisor_type": "ESX", "management_server": "vc"}]});
    for (login, hosts, expected) in [
        (login("esx1", "host"), alone("esx1"), "success"),
        (login("esx1", "vcenter"), alone("esx1"), "failure"),
        (login("vc", "vcenter"), under("esx1"), "success"),
        (login("vc", "host"), under("esx1"), "failure"),
    ] {
        let mut deploy = deploy(json!({"needCredentials": true}));
        post(&mut deploy, 0, "/security/credentials", login.clone());
        let added = post(&mut deploy, HOUR, "/hosts", hosts);
        let last = outcome(&mut deploy, HOUR, &added);
        assert_eq!(last["state"], expected, "{login}");
    }
}

#[test]
fn the_configuration_can_store_logins() {
    let held = json!([
        {"hostname": "vc", "username": "administrator", "type": "vcenter"},
        {"hostname": "esx2", "username": "root", "type": "host"},
    ]);
    let mut deploy = deploy(json!({"needCredentials": true, "credentials": held}));
    let listed = get(&mut deploy, 0, "/security/credentials?fields=*").value();
    assert_eq!(listed["num_records"], 2);
    assert_eq!(listed["records"][1]["hostname"], "esx2");
    assert_eq!(listed["records"][1]["username"], "root");
    assert_eq!(listed["records"][1]["type"], "host");
    let hosts = json!({"hosts": [
        {"name": "esx1", "hypervisor_type": "ESX", "management_server": "vc"},
        {"name": "esx2", "hypervisor_type": "ESX"},
    ]});
    let added = post(&mut deploy, 0, "/hosts", hosts);
    assert_eq!(outcome(&mut deploy, 0, &added)["state"], "success");
    let again = post(&mut deploy, HOUR, "/security/credentials", vcenter("vc"));
    assert_eq!(again.status, 409);
}

#[test]
fn a_host_can_be_deleted_unless_a_cluster_uses_it() {
    let mut deploy = deploy(json!({}));
    let cluster = described(&mut deploy, 0, "prod", 1, 1 << 30);
    let needed = ids(&mut deploy, HOUR, "/hosts")[0].clone();
    assert_eq!(
        delete(&mut deploy, HOUR, &format!("/hosts/{needed}")).status,
        409
    );
    assert_eq!(delete(&mut deploy, HOUR, &cluster).status, 200);
    let gone = delete(&mut deploy, HOUR, &format!("/hosts/{needed}"));
    assert_eq!((gone.status, gone.text().as_str()), (200, ""));
    assert_eq!(
        delete(&mut deploy, HOUR, &format!("/hosts/{needed}")).status,
        404
    );
    let young = located(&post(&mut deploy, HOUR, "/hosts", host("young")));
    assert_eq!(
        delete(&mut deploy, HOUR, &format!("/hosts/{young}")).status,
        409
    );
}

#[test]
fn credentials_are_stored_by_hostname() {
    let mut deploy = deploy(json!({}));
    let answer = post(&mut deploy, 0, "/security/credentials", vcenter("vc1"));
    assert_eq!(answer.status, 202);
    let listed = get(&mut deploy, 0, "/security/credentials").value()["records"][0].clone();
    assert_eq!(listed, json!({"id": located(&answer), "hostname": "vc1"}));
    let found = get(
        &mut deploy,
        0,
        "/security/credentials?username=*vsphere*&hostname=vc1&fields=*",
    );
    assert_eq!(found.value()["records"][0]["type"], "vcenter");
    assert_eq!(
        post(&mut deploy, 0, "/security/credentials", vcenter("vc1")).status,
        409
    );
    for member in ["hostname", "username", "password", "type"] {
        let mut body = vcenter("vc2");
        body.as_object_mut().unwrap().remove(member);
        let answer = post(&mut deploy, 0, "/security/credentials", body);
        assert_eq!(answer.status, 400);
        assert!(complaint(&answer).contains(&format!("\"{member}\"")));
    }
    let mut odd = vcenter("vc2");
    odd["type"] = json!("esx");
    assert_eq!(
        post(&mut deploy, 0, "/security/credentials", odd).status,
        400
    );
    let far = post(
        &mut deploy,
        0,
        "/security/credentials",
        vcenter("unreachable-vc"),
    );
    assert_eq!(outcome(&mut deploy, 0, &far)["state"], "failure");
}

#[test]
fn a_connectivity_check_probes_each_host() {
    let mut deploy = deploy(json!({"hosts": [{"name": "esx1", "networks": ["Internal"]}]}));
    ready_host(&mut deploy, 0, "esx1");
    ready_host(&mut deploy, 60_000, "esx2");
    let check = |host: &str, network: &str, mode: &str| {
        json!({
            "mode": mode, "mtu": 9000, "vswitch_type": "StandardvSwitch", "debug": false,
            "host_networks": [{"host_name": host, "network_name": network}, {"host_name": "esx2", "network_name": "Internal"}],
        })
    };
    let path = "/network/connectivitychecks";
    for mode in ["quick", "extended", "cleanup"] {
        let good = post(&mut deploy, HOUR, path, check("esx1", "Internal", mode));
        assert_eq!(outcome(&mut deploy, HOUR, &good)["state"], "success");
    }
    let bad = post(&mut deploy, HOUR, path, check("esx1", "Elsewhere", "quick"));
    let bad = outcome(&mut deploy, HOUR, &bad);
    assert_eq!(bad["state"], "failure");
    assert!(bad["message"].as_str().unwrap().contains("Elsewhere"));
    for (body, named) in [
        (
            check("esx3", "Internal", "quick"),
            "\"host_networks[0].host_name\"",
        ),
        (
            check("esx1", "", "quick"),
            "\"host_networks[0].network_name\"",
        ),
        (check("esx1", "Internal", "slow"), "\"mode\""),
        (
            json!({"mode": "quick", "host_networks": {}}),
            "\"host_networks\"",
        ),
        (
            json!({"mode": "quick", "vswitch_type": "vds", "host_networks": []}),
            "\"vswitch_type\"",
        ),
    ] {
        let answer = post(&mut deploy, HOUR, path, body.clone());
        assert_eq!(answer.status, 400, "{body}");
        assert!(complaint(&answer).contains(named), "{}", answer.text());
    }
}

#[test]
fn a_backup_is_created_downloaded_and_deleted() {
    let mut deploy = deploy(json!({}));
    assert_eq!(post(&mut deploy, 0, "/backups", json!({})).status, 400);
    let answer = post(
        &mut deploy,
        0,
        "/backups?fields=*",
        json!({"password": "hush"}),
    );
    let path = format!("/backups/{}", located(&answer));
    let record = get(&mut deploy, 0, &format!("{path}?fields=*")).value()["record"].clone();
    assert_eq!(
        (&record["download_url"], &record["status"]),
        (&Value::Null, &json!("in_progress"))
    );
    assert_eq!(get(&mut deploy, 0, &format!("{path}/download")).status, 404);
    assert_eq!(delete(&mut deploy, 0, &path).status, 409);
    assert_eq!(outcome(&mut deploy, 0, &answer)["state"], "success");
    let mut call = request("GET", &format!("{path}?fields=download_url"));
    call.origin = Some("http://127.0.0.1:8080".to_owned());
    let asked = call.header("x-forwarded-proto", "https");
    let url = send(&mut deploy, HOUR, asked).value()["record"]["download_url"].clone();
    assert_eq!(url, format!("https://127.0.0.1:8080/api{path}/download"));
    let file = get(&mut deploy, HOUR, &format!("{path}/download"));
    assert_eq!(file.header("content-type"), Some("application/gzip"));
    assert_eq!(file.body[..2], [0x1f, 0x8b], "gzip");
    let name = file.header("content-disposition").unwrap();
    assert!(
        name.contains("deploy_backup_20190404154129.tar.gz"),
        "{name}"
    );
    assert_eq!(delete(&mut deploy, HOUR, &path).status, 200);
    assert_eq!(get(&mut deploy, HOUR, &path).status, 404);
}
