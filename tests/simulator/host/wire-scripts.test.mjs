// Public programs with their own poll loops: Ansible roles and playbooks, PowerShell. They send each call without
// credentials first, and again after the challenge. The time is virtual, so their pauses take no time.

import assert from "node:assert/strict";
import test from "node:test";
import { gunzipSync } from "node:zlib";
import { createVirtualClock } from "./virtual-clock.mjs";
import { idIn, overTheWire } from "./wire-client.mjs";

/** @import { TestContext } from "node:test" */
/** @import { Config } from "./types.d.ts" */

/** Ansible sends this with a GET or a DELETE. */
const EMPTY_JSON = { headers: { "content-type": "application/json" }, text: "{}" };

/**
 * @param {TestContext} t
 * @param {Config} [config]
 */
async function setUp(t, config = {}) {
  const clock = createVirtualClock();
  const { client, deploy } = await overTheWire(t, { stepMs: 1_000, ...config }, { clock, challenged: true });

  /**
   * Sends a call and checks the status that the role asserts.
   *
   * @param {number | number[]} status
   * @param {string} method
   * @param {string} path
   * @param {unknown} [json]
   */
  async function call(status, method, path, json) {
    const content = json === undefined ? EMPTY_JSON : { json };
    const answer = await client.send(method, `/api/v3${path}`, content);
    assert.ok([status].flat().includes(answer.status), `${method} ${path}: ${answer.status} ${answer.bytes}`);
    return answer;
  }

  /**
   * Polls a job without `fields`, with a pause of `seconds`.
   *
   * @param {{ json: { job: { id: string } } }} answer
   * @param {number} seconds
   * @param {number} tries
   */
  async function until({ json }, seconds, tries) {
    for (let tried = 0; tried < tries; tried += 1) {
      const { record } = (await call(200, "GET", `/jobs/${json.job.id}`)).json;
      if (record.state === "success") return;
      assert.notEqual(record.state, "failure", record.message);
      await clock.advance(seconds * 1_000);
    }
    assert.fail("the role gave up");
  }

  return { client, deploy, clock, call, until };
}

/**
 * @param {Awaited<ReturnType<typeof setUp>>} role
 * @param {{ name: string, hosts: string[], kvm?: boolean }} wanted
 */
async function createByRole({ call, until }, { name, hosts, kvm = false }) {
  assert.ok((await call(200, "GET", "/images?id=9.5P1")).json.num_records > 0);

  const login = { username: "root", password: "secret" };
  const credentials = kvm
    ? hosts.map((hostname) => ({ hostname, type: "host", ...login }))
    : [{ hostname: "vcenter.lab", type: "vcenter", ...login }];
  for (const credential of credentials) {
    const found = await call(200, "GET", `/security/credentials?hostname=${credential.hostname}`);
    if (found.json.num_records === 0) await call(202, "POST", "/security/credentials", credential);
  }
  for (const host of hosts) {
    const found = await call(200, "GET", `/hosts?invalidate_cache=true&name=${host}`);
    if (found.json.num_records > 0) continue;
    const type = kvm
      ? { hypervisor_type: "KVM", management_server: "" }
      : { hypervisor_type: "ESX", management_server: "vcenter.lab" };
    await until(await call(202, "POST", "/hosts", { hosts: [{ name: host, ...type }] }), 15, 10);
  }
  /** @type {{ id: string, name: string }[]} */
  const listed = (await call(200, "GET", "/hosts?invalidate_cache=true")).json.records;

  if (hosts.length > 1) {
    const check = {
      ...{ mode: "quick", mtu: 9000, debug: false },
      vswitch_type: kvm ? "OpenvSwitch" : "StandardvSwitch",
      host_networks: hosts.map((host) => ({ host_name: host, network_name: "Internal" })),
    };
    await until(await call(202, "POST", "/network/connectivitychecks", check), 60, 30);
  }

  assert.equal((await call(200, "GET", `/clusters?name=${name}`)).json.num_records, 0);
  const described = {
    ...{ name, ontap_image_version: "9.5P1", ip: "10.0.0.10", gateway: "10.0.0.1", netmask: "255.255.255.0" },
    ...{ ntp_servers: ["10.0.0.9"], dns_info: { domains: ["lab.example"], dns_ips: ["10.0.0.8"] } },
    ...(hosts.length > 1 && { mtu: 9000 }),
  };
  await call(201, "POST", `/clusters?node_count=${hosts.length}`, described);
  const cluster = `/clusters/${(await call(200, "GET", `/clusters?name=${name}`)).json.records[0].id}`;

  const nodes = (await call(200, "GET", `${cluster}/nodes?order_by=name asc`)).json.records;
  for (const [index, { id, name: generated }] of nodes.entries()) {
    assert.equal(generated, `${name}-0${index + 1}`);
    const node = `${cluster}/nodes/${id}`;
    const host = listed.find((one) => one.name === hosts[index])?.id;
    const placed = { host: { id: host }, instance_type: "small", ip: `10.0.0.${index + 20}` };
    await call(200, "PATCH", node, { ...placed, passthrough_disks: false });

    // These roles have had this mistake for years: an empty path segment.
    const networks = (await call(200, "GET", `/${node}/networks`)).json.records;
    assert.equal(networks.length, hosts.length > 1 ? 3 : 2);
    const names = [{ name: "Mgmt", vlan_id: "10" }, { name: "Data" }, { name: "Internal" }];
    for (const [position, network] of networks.entries()) {
      await call(200, "PATCH", `${node}/networks/${network.id}`, names[position]);
    }

    const attached = (await call(200, "GET", `${node}/storage/pools`)).json;
    if (attached.num_records > 0) {
      await call(200, "DELETE", `${node}/storage/pools/${attached.records[0].id}`);
    }
    const pool_array = [{ name: "datastore1", capacity: 2 ** 41 }];
    await call(201, "POST", `${node}/storage/pools`, { pool_array });
  }

  assert.equal((await call(200, "GET", `${cluster}?fields=*`)).json.record.is_deployed, false);
  const body = { ontap_credential: { password: "secret" } };
  await until(await call(202, "POST", `${cluster}/deploy?inhibit_rollback=false`, body), 120, 60);
  const { record } = (await call(200, "GET", `${cluster}?fields=*`)).json;
  assert.deepEqual([record.is_deployed, record.state], [true, "powered_on"]);
  return cluster;
}

for (const [what, hosts, kvm] of /** @type {const} */ ([
  ["one node", ["esx-1.lab"], false],
  ["two nodes", ["esx-1.lab", "esx-2.lab"], false],
  ["four nodes", ["esx-1.lab", "esx-2.lab", "esx-3.lab", "esx-4.lab"], false],
  ["two nodes on KVM", ["kvm-1.lab", "kvm-2.lab"], true],
])) {
  test(`a public Ansible role creates a cluster of ${what} and gets the statuses that it asserts`, async (t) => {
    const role = await setUp(t, { needCredentials: true, noOutput: "null" });
    await createByRole(role, { name: "role", hosts: [...hosts], kvm });
    assert.equal(role.deploy.counters().statuses["404"], undefined);
    assert.equal(role.deploy.counters().received["POST /hosts"], hosts.length * 2, "each with a challenge");
  });
}

test("a public Ansible role powers a cluster off and on, and deletes it and its hosts", async (t) => {
  const role = await setUp(t);
  const { call, until } = role;
  const cluster = await createByRole(role, { name: "role", hosts: ["esx-1.lab"] });
  for (const availability of ["powered_off", "powered_off", "powered_on", "powered_off"]) {
    const before = (await call(200, "GET", `${cluster}?fields=state`)).json.record.state;
    const expected = before === availability ? 200 : 202;
    const changed = await call(expected, "PATCH", `${cluster}?force=state`, { availability });
    if (expected === 202) await until(changed, 60, 30);
    assert.equal((await call(200, "GET", `${cluster}?fields=state`)).json.record.state, availability);
  }
  await until(await call([200, 202, 404], "DELETE", cluster), 60, 30);
  await call(404, "DELETE", cluster);
  for (const { id } of (await call(200, "GET", "/hosts")).json.records) {
    assert.equal((await call(200, "DELETE", `/hosts/${id}`)).bytes.length, 0);
  }
  assert.equal((await call(200, "GET", "/hosts")).json.num_records, 0);
});

test("a public Ansible role attaches the host's disks for software RAID", async (t) => {
  const { call, until } = await setUp(t);
  const added = await call(202, "POST", "/hosts", { hosts: [{ name: "kvm-1.lab", hypervisor_type: "KVM" }] });
  await until(added, 15, 10);
  const host = idIn(added.location);
  const disks = (await call(200, "GET", `/hosts/${host}/storage/disks`)).json.records;
  assert.ok(disks.every((/** @type {any} */ { name, device_type }) => name && device_type === "SSD"));
  await call(201, "POST", "/clusters", { name: "raid" });
  const { id } = (await call(200, "GET", "/clusters?name=raid")).json.records[0];
  const { records } = (await call(200, "GET", `/clusters/${id}/nodes`)).json;
  const path = `/clusters/${id}/nodes/${records[0].id}/storage/disks`;
  const chosen = disks.map((/** @type {any} */ { name }) => ({ name }));
  await call([201, 202], "POST", `${path}?remove_disk_labels=true`, { disks: chosen });
  const attached = (await call(200, "GET", path)).json.records;
  assert.equal(attached.length, disks.length);
  await call([200, 202], "DELETE", `${path}/${attached[0].id}`);
});

test("a public playbook lists hosts right after their 202 and deletes without waiting", async (t) => {
  const { call, until } = await setUp(t);
  const hosts = { hosts: [{ name: "esx-1.lab", hypervisor_type: "ESX", management_server: "vcenter.lab" }] };
  await call([202, 400], "POST", "/hosts", hosts);
  await call([202, 400], "POST", "/hosts", hosts);
  const listed = (await call(200, "GET", "/hosts?invalidate_cache=false")).json.records;
  assert.deepEqual(Object.keys(listed[0]), ["id", "name"]);
  assert.equal(listed.length, 1);

  const role = { call, until };
  const cluster = await createByRole(/** @type {any} */ (role), { name: "play", hosts: ["esx-1.lab"] });
  const answer = await call(202, "DELETE", `${cluster}?force=true`);
  assert.ok(answer.json.job.id);
});

test("a public playbook creates a backup, downloads it and deletes it", async (t) => {
  const { client, call, until } = await setUp(t);
  const accepted = await call(202, "POST", "/backups?fields=*", { password: "secret" });
  await until(accepted, 5, 20);
  const location = accepted.location ?? "";
  const { record } = (await client.send("GET", `${location}?fields=download_url`)).json;
  assert.ok(record.download_url.startsWith("https://"));
  const file = await client.send("GET", record.download_url);
  assert.equal(file.status, 200);
  assert.match(String(file.headers["content-disposition"]), /deploy_backup_\d+\.tar\.gz/);
  assert.match(gunzipSync(file.bytes).toString(), /ustar/);
  assert.equal((await client.send("DELETE", location)).status, 200);
  assert.equal((await client.send("GET", location)).status, 404);
});

test("a public PowerShell script hides messages about the cache, and reads state and message", async (t) => {
  const { client, clock, call } = await setUp(t);
  const accepted = await call(202, "POST", "/hosts", {
    hosts: [{ name: "esx-1.lab", hypervisor_type: "ESX" }],
  });
  const messages = [];
  for (;;) {
    const { record } = (await client.send("GET", `/api/v3/jobs/${accepted.json.job.id}?fields=*`)).json;
    messages.push(record.message);
    if (record.state === "success") break;
    await clock.advance(500);
  }
  assert.ok(messages.some((message) => /loading cache/i.test(message)));
  // It sends GETs with an invalid content type, and reads a host's networks and pools.
  const odd = { headers: { "content-type": "JSON" } };
  const path = `/api/v3/hosts/${idIn(accepted.location)}`;
  const networks = (await client.send("GET", `${path}/networks`, odd)).json.records;
  assert.ok(networks[0].name);
  const pools = (await client.send("GET", `${path}/storage/pools?fields=*`, odd)).json.records;
  assert.ok(pools[0].name && pools[0].available_capacity > 2 ** 40);
});

test("public scripts use the evaluation license that is listed once the cluster exists", async (t) => {
  const { call, until } = await setUp(t, { noOutput: "null", evaluationTb: 2 });
  const credential = { hostname: "vcenter.lab", username: "root", password: "secret", type: "vcenter" };
  // They parse each response as JSON, so even a call without output has a body.
  assert.ok((await call(202, "POST", "/security/credentials", credential)).json.job.id);
  const hosts = [{ name: "esx-1.lab", hypervisor_type: "ESX", management_server: "vcenter.lab" }];
  await until(await call(202, "POST", "/hosts", { hosts }), 1, 150);
  const host = (await call(200, "GET", "/hosts?invalidate_cache=true")).json.records[0].id;

  const before = (await call(200, "GET", "/licensing/licenses")).json.records;
  const described = { name: "eval", ip: "10.0.0.10", gateway: "10.0.0.1", netmask: "255.255.255.0" };
  assert.equal((await call(201, "POST", "/clusters?node_count=1", described)).json, null);
  const { id } = (await call(200, "GET", "/clusters?name=eval")).json.records[0];
  const after = (await call(200, "GET", "/licensing/licenses")).json.records;
  const known = before.map((/** @type {{ id: string }} */ license) => license.id);
  const added = after.filter((/** @type {{ id: string }} */ license) => !known.includes(license.id));
  assert.equal(added.length, 1);

  const node = `/clusters/${id}/nodes/${(await call(200, "GET", `/clusters/${id}/nodes`)).json.records[0].id}`;
  const placed = { host: { id: host }, instance_type: "small", ip: "10.0.0.20", passthrough_disks: false };
  assert.equal((await call(200, "PATCH", node, { ...placed, license: { id: added[0].id } })).json, null);
  for (const network of (await call(200, "GET", `${node}/networks`)).json.records) {
    assert.equal((await call(200, "PATCH", `${node}/networks/${network.id}`, { name: "Mgmt" })).json, null);
  }
  const pool_array = [{ name: "datastore1", capacity: 2_199_023_255_552 }];
  assert.equal((await call(201, "POST", `${node}/storage/pools`, { pool_array })).json, null);
  const body = { ontap_credential: { password: "secret" } };
  await until(await call(202, "POST", `/clusters/${id}/deploy?inhibit_rollback=false`, body), 4, 200);
  const found = await call(200, "GET", `/clusters?nodes.serial_number=${added[0].id}`);
  assert.equal(found.json.records[0].name, "eval");
});

test("a public Ansible role deploys software RAID on KVM, with VLANs as strings", async (t) => {
  const { call, until } = await setUp(t, { openHosts: false });
  for (const name of ["kvm-1.lab", "kvm-2.lab"]) {
    await until(await call(202, "POST", "/hosts", { hosts: [{ name, hypervisor_type: "KVM" }] }), 15, 10);
  }
  const hosts = (await call(200, "GET", "/hosts?order_by=name asc")).json.records;
  await call(201, "POST", "/clusters?node_count=2", {
    ...{ name: "raid", ip: "10.0.0.10", gateway: "10.0.0.1", netmask: "255.255.255.0", mtu: "9000" },
  });
  const cluster = `/clusters/${(await call(200, "GET", "/clusters?name=raid")).json.records[0].id}`;
  for (const [index, { id }] of (await call(200, "GET", `${cluster}/nodes`)).json.records.entries()) {
    const node = `${cluster}/nodes/${id}`;
    const placed = { host: { id: hosts[index].id }, instance_type: "medium", ip: `10.0.0.${index + 20}` };
    const raid = { passthrough_disks: true, cpu_reservation_percentage: "50" };
    await call(200, "PATCH", node, { ...placed, ...raid });
    for (const network of (await call(200, "GET", `${node}/networks`)).json.records) {
      await call(200, "PATCH", `${node}/networks/${network.id}`, { vlan_id: "10" });
    }
    await call(201, "POST", `${node}/storage/pools`, { pool_array: [{ name: "host-pool-1" }] });
    const disks = (await call(200, "GET", `/hosts/${hosts[index].id}/storage/disks`)).json.records;
    const chosen = disks.map((/** @type {{ name: string }} */ { name }) => ({ name }));
    await call(201, "POST", `${node}/storage/disks?remove_disk_labels=true`, { disks: chosen });
  }
  const body = { ontap_credential: { password: "secret" } };
  await until(await call(202, "POST", `${cluster}/deploy?inhibit_rollback=false`, body), 120, 60);
});
