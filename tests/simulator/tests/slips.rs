//! Mistakes of a client that the simulator must reject, and unusual requests that it must accept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{
    HOUR, complaint, deploy, described, get, ids, outcome, patch, post, ready_host, request, send,
    start_deploy,
};
use deploy_simulator::{Request, Simulator};
use serde_json::{Value, json};

const TERABYTE: u64 = 1 << 40;

fn first_node(deploy: &mut Simulator, cluster: &str) -> String {
    let nodes = format!("{cluster}/nodes");
    format!("{nodes}/{}", ids(deploy, HOUR, &nodes)[0])
}

#[test]
fn an_unknown_name_is_rejected_at_any_depth_and_in_any_parameter() {
    let bad = [
        "fields=name.first",
        "fields=nodes.serial_numbr",
        "fields=nodes.host.password",
        "nodes.serial_numbr=1",
        "name.first=x",
        "order_by=admin_password",
        "order_by=name%20asc,%20nodes.color%20desc",
    ];
    let good = [
        "fields=nodes.host.name,nodes.license.id,dns_info.dns_ips",
        "nodes.serial_number=null",
        "order_by=nodes.name%20desc,%20id%20asc",
    ];
    for (config, expected) in [
        (json!({}), 400),
        (json!({"ignoreUnknownFields": true}), 200),
    ] {
        let mut deploy = deploy(config);
        post(&mut deploy, 0, "/clusters", json!({"name": "one"}));
        for query in bad {
            let answer = get(&mut deploy, 0, &format!("/clusters?{query}"));
            assert_eq!(answer.status, expected, "{query}: {}", answer.text());
        }
        for query in good {
            let answer = get(&mut deploy, 0, &format!("/clusters?{query}"));
            assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        }
    }
    let mut deploy = deploy(json!({"ignoreUnknownFields": true}));
    post(&mut deploy, 0, "/clusters", json!({"name": "one"}));
    let answer = get(&mut deploy, 0, "/clusters?fields=name.first").value();
    assert_eq!(answer["records"][0].get("name"), None, "{answer}");
}

#[test]
fn an_unknown_parameter_of_a_changing_call_is_ignored_or_rejected_by_name() {
    for (config, status) in [
        (json!({}), 201),
        (json!({"refuseUnknownMembers": true}), 400),
    ] {
        let mut deploy = deploy(config);
        let path = "/clusters?node_cuont=2";
        let answer = post(&mut deploy, 0, path, json!({"name": "one"}));
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(status == 201 || complaint(&answer).contains("\"node_cuont\""));
        let path = "/backups?fields=*";
        let answer = post(&mut deploy, 0, path, json!({"password": "x"}));
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    let mut deploy = deploy(json!({"refuseUnknownMembers": true}));
    let cluster = described(&mut deploy, 0, "prod", 1, TERABYTE);
    let node = first_node(&mut deploy, &cluster);
    let disks = json!({"disks": [{"name": "naa.1"}]});
    for (method, path, body, status) in [
        (
            "POST",
            format!("{node}/storage/disks?remove_disk_labels=true"),
            disks,
            201,
        ),
        (
            "POST",
            format!("{cluster}/deploy?inhibit_rolback=true"),
            json!({}),
            400,
        ),
        (
            "PATCH",
            format!("{cluster}?force=state"),
            json!({"mtu": null}),
            200,
        ),
        ("DELETE", format!("{cluster}?forced=true"), json!({}), 400),
        ("DELETE", format!("{cluster}?force=true"), json!({}), 200),
    ] {
        let answer = send(&mut deploy, HOUR, request(method, &path).json(&body));
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
}

#[test]
fn an_invalid_cluster_name_is_rejected() {
    let mut deploy = deploy(json!({}));
    let long = "n".repeat(45);
    for name in ["a/b", "a?b", "pröd", "a\nb", "a b", &long] {
        let answer = post(&mut deploy, 0, "/clusters", json!({"name": name}));
        assert_eq!(answer.status, 400, "{name}");
        assert!(complaint(&answer).contains("\"name\""));
    }
    for name in ["prod-1", "Prod_2", "prod.3", &long[..44]] {
        let answer = post(&mut deploy, 0, "/clusters", json!({"name": name}));
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
}

#[test]
fn an_invalid_name_server_address_is_rejected() {
    let mut deploy = deploy(json!({}));
    let mut describe = |ips: Value| {
        let body = json!({"name": "one", "dns_info": {"domains": ["lab.example"], "dns_ips": ips}});
        post(&mut deploy, 0, "/clusters", body)
    };
    for bad in [json!(["nonsense"]), json!(["10.0.0.8", ""])] {
        let answer = describe(bad);
        assert_eq!(answer.status, 400);
        assert!(complaint(&answer).contains("\"dns_info.dns_ips\""));
    }
    assert_eq!(describe(json!(["10.0.0.8", "fd00::8"])).status, 201);
}

#[test]
fn one_call_attaches_all_pools_or_disks_or_none() {
    let mut deploy = deploy(json!({}));
    let cluster = described(&mut deploy, 0, "prod", 1, TERABYTE);
    let node = first_node(&mut deploy, &cluster);
    let pools = format!("{node}/storage/pools");
    let disks = format!("{node}/storage/disks");
    let pool = |name: &str| json!({"name": name, "capacity": 1});
    let body = json!({"pool_array": [pool("other"), pool("datastore1")]});
    assert_eq!(post(&mut deploy, HOUR, &pools, body).status, 409);
    assert_eq!(ids(&mut deploy, HOUR, &pools).len(), 1);
    let body = json!({"pool_array": [pool("twice"), pool("twice")]});
    assert_eq!(post(&mut deploy, HOUR, &pools, body).status, 409);
    assert_eq!(ids(&mut deploy, HOUR, &pools).len(), 1);
    let body = json!({"disks": [{"name": "naa.1"}, {"name": "naa.1"}]});
    assert_eq!(post(&mut deploy, HOUR, &disks, body).status, 409);
    assert_eq!(ids(&mut deploy, HOUR, &disks).len(), 0);
}

#[test]
fn an_integer_may_have_a_decimal_point() {
    let mut deploy = deploy(json!({}));
    let cluster = described(&mut deploy, 0, "prod", 1, TERABYTE);
    let node = first_node(&mut deploy, &cluster);
    let pools = format!("{node}/storage/pools");
    for (name, capacity, status) in [
        ("a", json!(2_199_023_255_552.0), 201),
        ("b", json!("2199023255552"), 201),
        ("c", json!(1.5), 400),
        ("d", json!(-2.0), 400),
        ("e", json!(1e300), 400),
    ] {
        let body = json!({"pool_array": [{"name": name, "capacity": capacity}]});
        let answer = post(&mut deploy, HOUR, &pools, body);
        assert_eq!(answer.status, status, "{capacity}: {}", answer.text());
    }
    let listed = get(&mut deploy, HOUR, &format!("{pools}?fields=*&name=a")).value();
    assert_eq!(listed["records"][0]["capacity"], json!(2 * TERABYTE));
}

#[test]
fn software_raid_without_disks_cannot_be_deployed() {
    let mut deploy = deploy(json!({}));
    let cluster = described(&mut deploy, 0, "prod", 1, TERABYTE);
    let node = first_node(&mut deploy, &cluster);
    patch(&mut deploy, HOUR, &node, json!({"passthrough_disks": true}));
    let refused = start_deploy(&mut deploy, HOUR, &cluster);
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(complaint(&refused).contains("disks"));
    let body = json!({"disks": [{"name": "naa.1"}]});
    post(&mut deploy, HOUR, &format!("{node}/storage/disks"), body);
    assert_eq!(start_deploy(&mut deploy, HOUR, &cluster).status, 202);
}

#[test]
fn two_simultaneous_deploys_do_not_share_a_license() {
    let mut deploy = deploy(json!({}));
    let clusters = ["one", "two"].map(|name| described(&mut deploy, 0, name, 1, 2 * TERABYTE));
    for cluster in &clusters {
        let node = first_node(&mut deploy, cluster);
        let body = json!({"license": {"id": "320000001"}});
        assert_eq!(patch(&mut deploy, HOUR, &node, body).status, 200);
    }
    let started = clusters.map(|cluster| start_deploy(&mut deploy, HOUR, &cluster));
    let [first, second] = started.map(|answer| outcome(&mut deploy, HOUR, &answer));
    assert_eq!(first["state"], "success", "{first}");
    assert_eq!(second["state"], "failure", "{second}");
}

#[test]
fn a_license_serial_number_has_only_letters_and_digits() {
    let mut deploy = deploy(json!({}));
    for (serial, status) in [
        (json!("320000009"), 201),
        (json!(320_000_010), 201),
        (json!("32\r\nx-injected: 1"), 400),
        (json!("32/1"), 400),
        (json!("ü"), 400),
    ] {
        let file = json!({"statusResp": {"serialNumber": serial}});
        let form = format!(
            "--b\r\nContent-Disposition: form-data; name=\"license_file\"\r\n\r\n{file}\r\n--b--\r\n"
        );
        let mut call = request("POST", "/licensing/licenses")
            .header("content-type", "multipart/form-data; boundary=b");
        call.body = form.into_bytes();
        let answer = send(&mut deploy, 0, call);
        assert_eq!(answer.status, status, "{serial}: {}", answer.text());
        assert!(status == 201 || complaint(&answer).contains("\"license_file\""));
    }
    assert_eq!(ids(&mut deploy, 0, "/licensing/licenses").len(), 4);
}

#[test]
fn a_connectivity_check_needs_a_valid_mtu() {
    let mut deploy = deploy(json!({}));
    ready_host(&mut deploy, 0, "esx1");
    for (mtu, status) in [
        (json!(1500), 202),
        (json!("9000"), 202),
        (json!(0), 400),
        (json!(90_000), 400),
    ] {
        let body = json!({"mode": "quick", "mtu": mtu, "host_networks": [{"host_name": "esx1", "network_name": "Internal"}]});
        let answer = post(&mut deploy, HOUR, "/network/connectivitychecks", body);
        assert_eq!(answer.status, status, "{mtu}");
    }
}

#[test]
fn an_error_shortens_a_long_value() {
    let mut deploy = deploy(json!({}));
    let long = "ä".repeat(1_000_000);
    let body = json!({"hosts": [{"name": "esx1", "hypervisor_type": long}]});
    let refused = post(&mut deploy, 0, "/hosts", body);
    assert_eq!(refused.status, 400);
    assert!(complaint(&refused).contains("\"hosts[0].hypervisor_type\""));
    assert!(refused.body.len() < 2_000, "{} bytes", refused.body.len());
}

#[test]
fn extra_slashes_before_the_base_are_ignored() {
    let mut deploy = deploy(json!({}));
    for target in ["//api/v3/deploy", "///api//deploy"] {
        let call = Request::new("GET", target).basic("admin", "Netapp1!");
        assert_eq!(send(&mut deploy, 0, call).status, 200, "{target}");
    }
}
