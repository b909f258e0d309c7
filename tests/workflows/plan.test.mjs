// The whole plan is checked before anything is sent, and the error lists all mistakes by their places.

import assert from "node:assert/strict";
import test from "node:test";
import { checkPlan, createCluster, PlanError } from "ontap-select-deploy/workflows";
import { planOf, SECRETS } from "./plans.mjs";
import { differencesOf } from "./promises.mjs";
import { stageFor } from "./stage.mjs";

const two = () => planOf({ count: 2, site: "esx" });

/** A change of a plan, and the places of its mistakes. */
const MISTAKES = {
  "no hosts": [(plan) => delete plan.hosts, ["hosts"]],
  "a host twice": [(plan) => plan.hosts.push({ ...plan.hosts[0] }), ["hosts[2].name"]],
  "an unknown hypervisor": [({ hosts }) => (hosts[0].type = "HyperV"), ["hosts[0].type"]],
  "a vCenter for a KVM host": [
    ({ hosts }) => Object.assign(hosts[0], { type: "KVM", mgmt_server: "vc" }),
    ["hosts[0].mgmt_server"],
  ],
  "two names with different values": [({ hosts }) => (hosts[0].user = "admin"), ["hosts[0].user"]],
  "a vCenter without a password": [
    (plan) => (plan.vcenter = { hostname: "vc", username: "me" }),
    ["vcenter.password"],
  ],
  "a space in the cluster's name": [({ cluster }) => (cluster.name = "my cluster"), ["cluster.name"]],
  "an invalid address": [({ cluster }) => (cluster.ip = "10.0.0.300"), ["cluster.ip"]],
  "a netmask with a gap": [({ cluster }) => (cluster.netmask = "255.0.255.0"), ["cluster.netmask"]],
  "no ONTAP password": [
    ({ cluster }) => delete cluster.ontap_admin_password,
    ["cluster.ontap_admin_password"],
  ],
  "servers as an object, as on a page of NetApp": [
    ({ cluster }) => (cluster.ntp_servers = { server: "a" }),
    ["cluster.ntp_servers"],
  ],
  "three nodes": [({ nodes }) => nodes.push({ ...nodes[0], ip: "10.0.0.30" }), ["nodes"]],
  "a node on no host of the plan": [({ nodes }) => (nodes[1].host_name = "esx-7"), ["nodes[1].host_name"]],
  "an unknown size": [({ nodes }) => (nodes[0].instance_type = "tiny"), ["nodes[0].instance_type"]],
  "the cluster's address for a node": [({ nodes }) => (nodes[1].ip = "10.0.0.10"), ["nodes[1].ip"]],
  "one address for two nodes": [({ nodes }) => (nodes[1].ip = nodes[0].ip), ["nodes[1].ip"]],
  "one name for two nodes": [
    ({ nodes }) => {
      for (const node of nodes) node.name = "same";
    },
    ["nodes[1].name"],
  ],
  "a space in a node's name": [({ nodes }) => (nodes[0].name = "node 1"), ["nodes[0].name"]],
  "no network for a purpose": [({ nodes }) => nodes[0].networks.pop(), ["nodes[0].networks"]],
  "a purpose twice": [
    ({ nodes }) => nodes[0].networks.push({ purpose: "data", name: "x" }),
    ["nodes[0].networks[3].purpose"],
  ],
  "a VLAN out of range": [({ nodes }) => (nodes[0].networks[1].vlan = 4095), ["nodes[0].networks[1].vlan"]],
  "no pool": [({ nodes }) => (nodes[0].storage.pools = []), ["nodes[0].storage.pools"]],
  "a capacity with an unknown unit": [
    ({ nodes }) => (nodes[0].storage.pools[0].capacity = "4.8 ells"),
    ["nodes[0].storage.pools[0].capacity"],
  ],
  "no capacity without disks": [
    ({ nodes }) => delete nodes[0].storage.pools[0].capacity,
    ["nodes[0].storage.pools[0].capacity"],
  ],
  "a pool twice": [
    ({ nodes }) => nodes[0].storage.pools.push({ ...nodes[0].storage.pools[0] }),
    ["nodes[0].storage.pools[1].name"],
  ],
  "a serial number that lost digits": [
    ({ nodes }) => (nodes[0].serial_number = 3.2e20),
    ["nodes[0].serial_number"],
  ],
};

for (const [what, [spoil, places]] of Object.entries(MISTAKES)) {
  test(`a plan with ${what}`, () => {
    const plan = two();
    assert.deepEqual(checkPlan(plan), []);
    spoil(plan);
    assert.deepEqual([...new Set(checkPlan(plan).map(({ place }) => place))].sort(), places.sort());
  });
}

test("the error has all mistakes of a plan at once, and nothing is sent", async (t) => {
  const { client, simulator, failure } = stageFor(t);
  const plan = planOf({ count: 2, site: "vcenter" });
  plan.cluster.ip = "10.0.0.300";
  plan.nodes[0].networks[1].vlan = 5000;
  plan.nodes[1].instance_type = "tiny";
  delete plan.vcenter.username;
  const error = await failure(createCluster(client(), plan));
  assert.ok(error instanceof PlanError && error instanceof TypeError);
  const places = ["vcenter.username", "cluster.ip", "nodes[0].networks[1].vlan", "nodes[1].instance_type"];
  assert.deepEqual(error.mistakes.map(({ place }) => place).sort(), places.sort());
  for (const { place, problem } of error.mistakes) {
    assert.ok(error.message.includes(place) && error.message.includes(problem));
  }
  assert.equal(simulator.counters().requests, 0);
  for (const secret of SECRETS) assert.ok(!error.message.includes(secret));
});

test("a value that is not a plan is a mistake", () => {
  for (const plan of [null, undefined, [], "plan", 7, {}, { hosts: {}, cluster: [], nodes: 1 }]) {
    const mistakes = checkPlan(plan);
    assert.ok(mistakes.length > 0);
    for (const { place, problem } of mistakes) assert.ok(place.length > 0 && problem.length > 0);
  }
  const strange = two();
  strange.nodes = [null, 7];
  strange.hosts = [null, "esx-1"];
  assert.ok(checkPlan(strange).length >= 4);
});

test("the variants of NetApp's files are accepted: disk, username, a VLAN as a string, null", async (t) => {
  const { client, world, run } = stageFor(t);
  const plan = planOf({ count: 1, site: "esx", isRaid: true });
  const wanted = structuredClone(plan);
  const [node] = plan.nodes;
  node.storage.disk = node.storage.disks;
  delete node.storage.disks;
  plan.hosts[0].user = plan.hosts[0].username;
  delete plan.hosts[0].username;
  plan.hosts[0].mgmt_server = null;
  plan.vcenter = null;
  node.license = "";
  node.networks[1].vlan = "42";
  wanted.nodes[0].networks[1].vlan = 42;
  await run(createCluster(client(), plan));
  assert.deepEqual(differencesOf(await world.records(), wanted, "stand"), []);
});

test("capacities are bytes, or strings with decimal or binary units", async (t) => {
  const { client, world, run } = stageFor(t);
  const plan = planOf({ count: 4, site: "esx" });
  const capacities = {
    "1.5 TB": 1_500_000_000_000,
    "2TiB": 2 ** 41,
    " 512 gib ": 2 ** 39,
    4800000000000: 4.8e12,
  };
  for (const [index, text] of Object.keys(capacities).entries()) {
    plan.nodes[index].storage.pools[0].capacity = /^\d+$/.test(text) ? Number(text) : text;
  }
  await run(createCluster(client(), plan));
  const [{ nodes }] = (await world.records()).clusters;
  const bytes = nodes.map(({ pools }) => pools[0].capacity);
  assert.deepEqual(bytes.sort(), plan.nodes.map((_, index) => Object.values(capacities)[index]).sort());
});

test("messages count nodes from 0, as the places do", () => {
  const plan = planOf({ count: 2, site: "esx" });
  plan.nodes[1].ip = plan.nodes[0].ip;
  assert.deepEqual(checkPlan(plan), [{ place: "nodes[1].ip", problem: "is also the address of nodes[0]" }]);
});
