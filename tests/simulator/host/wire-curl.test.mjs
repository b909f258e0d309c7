// NetApp's documented curl workflow: a one-node evaluation cluster, step by step, at /api.

import assert from "node:assert/strict";
import test from "node:test";
import { idIn, overTheWire } from "./wire-client.mjs";

test("NetApp's documented curl workflow deploys a cluster", async (t) => {
  const { client } = await overTheWire(t);

  /** @param {string} id */
  async function over(id) {
    for (;;) {
      const { json } = await client.send("GET", `/api/jobs/${id}`);
      if (json.record.state === "success") return;
      assert.notEqual(json.record.state, "failure", json.record.message);
    }
  }

  const credential = { hostname: "vcenter.lab", type: "vcenter", username: "root", password: "mypassword" };
  const stored = await client.send("POST", "/api/security/credentials", { json: credential });
  assert.equal(stored.status, 202);
  assert.ok(idIn(stored.location));
  await over(stored.json.job.id);

  const hosts = [{ hypervisor_type: "ESX", management_server: "vcenter.lab", name: "esx-1.lab" }];
  const added = await client.send("POST", "/api/hosts", { json: { hosts } });
  assert.equal(added.status, 202);
  const host = idIn(added.location);
  await over(added.json.job.id);

  const created = await client.send("POST", "/api/clusters?node_count=1", { json: { name: "eval" } });
  assert.equal(created.status, 201);
  const cluster = `/api/clusters/${idIn(created.location)}`;

  const settings = {
    dns_info: { domains: ["lab.example"], dns_ips: ["10.0.0.8"] },
    ontap_image_version: "9.5",
    gateway: "10.0.0.1",
    ip: "10.0.0.10",
    netmask: "255.255.255.192",
    ntp_servers: ["10.0.0.9"],
  };
  assert.equal((await client.send("PATCH", cluster, { json: settings })).status, 200);

  const nodes = await client.send("GET", `${cluster}/nodes?fields=id,name`);
  assert.deepEqual(
    nodes.json.records.map((/** @type {{ name: string }} */ { name }) => name),
    ["eval-01"],
  );
  const node = `${cluster}/nodes/${nodes.json.records[0].id}`;
  const placed = { host: { id: host }, instance_type: "small", ip: "10.0.0.11", passthrough_disks: false };
  assert.equal((await client.send("PATCH", node, { json: placed })).status, 200);

  const networks = await client.send("GET", `${node}/networks?fields=id,purpose`);
  assert.deepEqual(
    networks.json.records.map((/** @type {{ purpose: string }} */ { purpose }) => purpose),
    ["mgmt", "data"],
  );
  for (const { id } of networks.json.records) {
    const json = { name: "ontap-external" };
    assert.equal((await client.send("PATCH", `${node}/networks/${id}`, { json })).status, 200);
  }

  const pools = { pool_array: [{ name: "datastore1", capacity: 2 ** 41 }] };
  assert.equal((await client.send("POST", `${node}/storage/pools`, { json: pools })).status, 201);

  const json = { ontap_credential: { password: "mypassword" } };
  const deployed = await client.send("POST", `${cluster}/deploy`, { json });
  assert.equal(deployed.status, 202);
  await over(deployed.json.job.id);
  const { record } = (await client.send("GET", `${cluster}?fields=state,is_deployed`)).json;
  assert.deepEqual([record.state, record.is_deployed], ["powered_on", true]);
});

test("the mistakes on that page get errors that name the member", async (t) => {
  const { client } = await overTheWire(t, { refuseUnknownMembers: false });
  const created = await client.send("POST", "/api/clusters?node_count=1", { json: { name: "eval" } });
  const cluster = `/api/clusters/${idIn(created.location)}`;
  for (const [method, path, json, named] of /** @type {const} */ ([
    ["POST", `${cluster}/deploy`, { ontap_credentials: { password: "x" } }, "ontap_credential"],
    ["PATCH", cluster, { ntp_servers: { server: "10.0.0.9" } }, "ntp_servers"],
    ["POST", "/api/hosts", { name: "esx-1.lab", hypervisor_type: "ESX" }, "hosts"],
  ])) {
    const refused = await client.send(method, path, { json });
    assert.equal(refused.status, 400);
    assert.match(refused.json.error.message, new RegExp(`"${named}"`));
    assert.ok("code" in refused.json.error);
  }
});
