// NetApp's Python samples: create and deploy from one JSON file, add a license, delete, resize. The tests read the same
// values, and follow jobs the same way: with long polls from the last response's stamp.

import assert from "node:assert/strict";
import test from "node:test";
import { idIn, overTheWire } from "./wire-client.mjs";

/** @import { WireClient } from "./wire-client.mjs" */

/** @typedef {{ name: string, type: string, mgmt_server?: string, username?: string, password?: string }} PlannedHost */

/**
 * @typedef {object} Plan
 * @property {{ hostname: string, username: string, password: string }} [vcenter]
 * @property {PlannedHost[]} hosts
 * @property {Record<string, unknown> & { name: string, ontap_admin_password: string }} cluster
 * @property {any[]} nodes
 */

/** The samples' use of the API: they find a resource by a member and wait for jobs. */
class Samples {
  /** @param {WireClient} client */
  constructor(client) {
    this.client = client;
  }

  /**
   * @param {string} path
   * @param {string} member
   * @param {string} value
   * @returns {Promise<any>} the first record, or undefined
   */
  async find(path, member, value) {
    const { status, json } = await this.client.send("GET", `/api/v3${path}?${member}=${value}`);
    assert.equal(status, 200);
    return json.num_records >= 1 ? json.records[0] : undefined;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [json]
   * @param {boolean} [wait] wait for the job
   */
  async call(method, path, json, wait = false) {
    const answer = await this.client.send(method, `/api${path}`, json === undefined ? {} : { json });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.bytes}`);
    assert.ok(answer.headers["request-id"]);
    if (wait) await this.wait(answer.json.job);
    return answer;
  }

  /** @param {{ id: string, last_modified: string, message: string }} job */
  async wait({ id, last_modified: stamp, message }) {
    assert.ok(message);
    let since = stamp;
    for (;;) {
      const query = `fields=state,message&poll_timeout=120&last_modified=%3E=${since}`;
      const { status, json } = await this.client.send("GET", `/api/jobs/${id}?${query}`);
      assert.equal(status, 200, json.error?.message);
      const { state, message: latest, last_modified } = json.record;
      if (state === "success") return;
      assert.notEqual(state, "failure", latest);
      since = last_modified ?? "None";
    }
  }

  /** @param {Plan} plan */
  async create({ vcenter, hosts, cluster, nodes }) {
    const alone = hosts.filter(({ mgmt_server }) => !mgmt_server);
    const logins = [
      ...(vcenter ? [{ ...vcenter, type: "vcenter" }] : []),
      ...alone.map(({ name, username, password }) => ({ hostname: name, username, password, type: "host" })),
    ];
    for (const login of logins) {
      if (await this.find("/security/credentials", "hostname", login.hostname)) continue;
      await this.call("POST", "/security/credentials", login);
    }
    const missing = [];
    for (const { name, type, mgmt_server } of hosts) {
      if (await this.find("/hosts", "name", name)) continue;
      missing.push({ name, hypervisor_type: type, ...(mgmt_server && { management_server: mgmt_server }) });
    }
    if (missing.length > 0) await this.call("POST", "/hosts", { hosts: missing }, true);

    const { ontap_admin_password: password, ...described } = cluster;
    const created = await this.call("POST", `/v3/clusters?node_count=${nodes.length}`, described);
    assert.equal(created.status, 201);
    const path = `/clusters/${idIn(created.location)}`;
    const listed = (await this.client.send("GET", `/api${path}/nodes?fields=id,name`)).json.records;
    for (const [index, node] of nodes.entries()) {
      await this.configure(`${path}/nodes/${listed[index].id}`, node, nodes.length);
    }
    const deploy = `${path}/deploy?inhibit_rollback=true`;
    await this.call("POST", deploy, { ontap_credential: { password } }, true);
    return path;
  }

  /**
   * @param {string} path
   * @param {any} node
   * @param {number} count
   */
  async configure(path, node, count) {
    const host = await this.find("/hosts", "name", node.host_name);
    const { name, ip, instance_type, serial_number, license, is_storage_efficiency_enabled, storage } = node;
    const passthrough_disks = Boolean(storage.disks?.length);
    const body = {
      ...{ host: { id: host.id }, instance_type, ip, passthrough_disks },
      ...(name && { name }),
      ...(license && { license: { id: license } }),
      ...(serial_number && { serial_number }),
      ...(is_storage_efficiency_enabled !== undefined && { is_storage_efficiency_enabled }),
    };
    await this.call("PATCH", path, body);
    for (const { name, purpose, vlan } of node.networks) {
      if (purpose === "internal" && count === 1) continue;
      const network = await this.find(`${path}/networks`, "purpose", purpose);
      const vlan_id = vlan ? { vlan_id: vlan } : {};
      await this.call("PATCH", `${path}/networks/${network.id}`, { name, ...vlan_id });
    }
    await this.call("POST", `${path}/storage/pools`, { pool_array: storage.pools });
    if (storage.disks?.length) await this.call("POST", `${path}/storage/disks`, { disks: storage.disks });
  }
}

/** @param {string} name */
const described = (name) => ({
  name,
  ip: "10.0.0.10",
  gateway: "10.0.0.1",
  netmask: "255.255.255.192",
  ontap_image_version: "9.7",
  dns_info: { domains: ["lab.example"], dns_ips: ["10.0.0.8"] },
  ntp_servers: ["10.0.0.9"],
  ontap_admin_password: "mypassword2",
});

/**
 * @param {string} host
 * @param {number} number
 * @param {Record<string, unknown>} [more]
 */
const plannedNode = (host, number, more = {}) => ({
  host_name: host,
  ip: `10.0.0.${20 + number}`,
  instance_type: "small",
  is_storage_efficiency_enabled: false,
  networks: [
    { name: "ontap-external", purpose: "mgmt", vlan: 1234 },
    { name: "ontap-external", purpose: "data", vlan: null },
    { name: "ontap-internal", purpose: "internal", vlan: null },
  ],
  storage: { pools: [{ name: "storage-pool-1", capacity: 4_802_666_790_125 }] },
  ...more,
});

const vcenter = { hostname: "vcenter.lab", username: "selectadmin", password: "mypassword1" };
const underVcenter = (/** @type {number} */ count) =>
  Array.from({ length: count }, (_, at) => ({
    name: `esx-${at}.lab`,
    type: "ESX",
    mgmt_server: vcenter.hostname,
  }));
const alone = (/** @type {number} */ count, /** @type {string} */ type) =>
  Array.from({ length: count }, (_, at) => ({
    ...{ name: `${type}-${at}.lab`, type, username: "root", password: "mypassword1" },
  }));

/** @param {PlannedHost[]} hosts */
const nodesOn = (hosts) => hosts.map(({ name }, at) => plannedNode(name, at));

/** @type {[string, Plan][]} */
const plans = [
  ["one node under a vCenter", { vcenter, hosts: underVcenter(1), cluster: described("one"), nodes: [] }],
  ["one node on a standalone ESX host", { hosts: alone(1, "ESX"), cluster: described("esx"), nodes: [] }],
  ["two nodes under a vCenter", { vcenter, hosts: underVcenter(2), cluster: described("two"), nodes: [] }],
  ["four nodes under a vCenter", { vcenter, hosts: underVcenter(4), cluster: described("four"), nodes: [] }],
  ["two nodes on KVM hosts", { hosts: alone(2, "KVM"), cluster: described("kvm"), nodes: [] }],
];
for (const [, plan] of plans) plan.nodes = nodesOn(plan.hosts);

for (const [what, plan] of plans) {
  test(`NetApp's sample that creates a cluster: ${what}`, async (t) => {
    const { client } = await overTheWire(t, { needCredentials: true, noOutput: "null" });
    const path = await new Samples(client).create(plan);
    const { record } = (await client.send("GET", `/api${path}?fields=state,is_deployed,nodes`)).json;
    assert.deepEqual([record.state, record.is_deployed], ["powered_on", true]);
    assert.equal(record.nodes.length, plan.nodes.length);
    const secrets = await client.send("GET", "/api/security/credentials?fields=**");
    assert.doesNotMatch(secrets.bytes.toString(), /mypassword/);
  });
}

test("NetApp's sample that creates a cluster: custom names, a license and disks for software RAID", async (t) => {
  const { client } = await overTheWire(t);
  const [host] = alone(1, "KVM");
  const storage = { pools: [{ name: "host-pool-1" }], disks: [{ name: "0000:12:00.0" }, { name: "sdb" }] };
  const more = { name: "left", license: "320000002", storage };
  const nodes = [plannedNode(host?.name ?? "", 0, more)];
  const path = await new Samples(client).create({
    hosts: alone(1, "KVM"),
    cluster: described("raid"),
    nodes,
  });
  const { nodes: found } = (await client.send("GET", `/api${path}?fields=nodes`)).json.record;
  assert.deepEqual([found[0].name, found[0].serial_number], ["left", "320000002"]);
});

test("the same sample on a server that sends last_modified only if named: it polls with the cursor None", async (t) => {
  const { client, deploy } = await overTheWire(t, { lastModifiedOnlyWhenNamed: true, stepMs: 50 });
  await new Samples(client).create({
    ...{ vcenter, hosts: underVcenter(1), cluster: described("one") },
    nodes: [plannedNode("esx-0.lab", 0)],
  });
  assert.ok(deploy.log().some(({ target }) => target.endsWith("%3E=None")));
});

test("the same sample, run again after a failed deploy without a rollback", async (t) => {
  const pools = [{ name: "storage-pool-1", availableCapacity: 2 ** 40 }];
  const { client } = await overTheWire(t, { hosts: [{ networks: ["ontap-external"], pools }] });
  const plan = {
    vcenter,
    hosts: underVcenter(1),
    cluster: described("one"),
    nodes: [plannedNode("esx-0.lab", 0)],
  };
  await assert.rejects(new Samples(client).create(plan), /storage-pool-1.*lacks room/);
  const found = await new Samples(client).find("/clusters", "name", "one");
  const { json } = await client.send("GET", `/api/clusters/${found.id}?fields=state,is_deployed`);
  assert.deepEqual([json.record.state, json.record.is_deployed], ["deploy_failed", false]);
  const again = await client.send("POST", `/api/clusters/${found.id}/deploy`, {
    json: { ontap_credential: { password: "x" } },
  });
  assert.equal(again.status, 409);
});

test("NetApp's sample that adds a license works in its three variants", async (t) => {
  const { client } = await overTheWire(t);
  const samples = new Samples(client);
  const serial = "99887766";
  const license_file = JSON.stringify({ statusResp: { serialNumber: serial } });
  /** @type {(method: string, path: string, form: Record<string, string>) => Promise<number>} */
  const upload = async (method, path, form) => (await client.send(method, `/api${path}`, { form })).status;
  const all = "/licensing/licenses";

  assert.equal(await samples.find(all, "id", serial), undefined);
  assert.equal(await upload("POST", all, { license_file }), 201);

  assert.equal((await samples.find(all, "id", serial)).id, serial);
  assert.equal(await samples.find("/clusters", "nodes.serial_number", serial), undefined);
  assert.equal(await upload("PUT", `${all}/${serial}`, { license_file }), 200);

  const nodes = [plannedNode("esx-0.lab", 0, { license: serial })];
  await samples.create({ vcenter, hosts: underVcenter(1), cluster: described("one"), nodes });
  assert.ok((await samples.find("/clusters", "nodes.serial_number", serial)).id);
  assert.equal(await upload("PUT", `${all}/${serial}`, { license_file }), 400);
  const login = { ontap_username: "admin", ontap_password: "mypassword2" };
  assert.equal(await upload("PUT", `${all}/${serial}`, { license_file, ...login }), 200);
});

test("NetApp's sample that deletes a cluster powers it off first", async (t) => {
  const { client } = await overTheWire(t);
  const samples = new Samples(client);
  const nodes = nodesOn(underVcenter(2));
  await samples.create({ vcenter, hosts: underVcenter(2), cluster: described("two"), nodes });
  const { id } = await samples.find("/clusters", "name", "two");
  const { record } = (await client.send("GET", `/api/clusters/${id}?fields=state`)).json;
  assert.equal(record.state, "powered_on");
  assert.equal((await client.send("DELETE", `/api/clusters/${id}`)).status, 409);
  await samples.call("PATCH", `/clusters/${id}?force=state`, { availability: "powered_off" }, true);
  await samples.call("DELETE", `/clusters/${id}`, undefined, true);
  assert.equal(await samples.find("/clusters", "name", "two"), undefined);
});

test("NetApp's sample that resizes nodes resizes whole pairs", async (t) => {
  const { client } = await overTheWire(t);
  const samples = new Samples(client);
  const nodes = nodesOn(underVcenter(4));
  await samples.create({ vcenter, hosts: underVcenter(4), cluster: described("four"), nodes });
  const { id } = await samples.find("/clusters", "name", "four");
  const { record } = (await client.send("GET", `/api/clusters/${id}?fields=nodes`)).json;
  assert.equal(record.id, id);
  const ids = record.nodes.map((/** @type {{ id: string }} */ node) => node.id);
  const body = (/** @type {string[]} */ chosen) => ({
    admin_password: "mypassword2",
    nodes: chosen.map((node) => ({ id: node, instance_type: "medium" })),
  });
  const half = await client.send("PATCH", `/api/clusters/${id}`, { json: body(ids.slice(0, 1)) });
  assert.equal(half.status, 400);
  await samples.call("PATCH", `/clusters/${id}`, body(ids.slice(0, 2)), true);
  const after = (await client.send("GET", `/api/clusters/${id}?fields=nodes.instance_type`)).json.record;
  assert.deepEqual(
    after.nodes.map((/** @type {{ instance_type: string }} */ node) => node.instance_type),
    ["medium", "medium", "small", "small"],
  );
});
