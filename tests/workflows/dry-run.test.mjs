// A dry run reads, checks and reports each step, but changes nothing. Its error lists everything that Deploy would reject.

import assert from "node:assert/strict";
import test from "node:test";
import { createCluster, deleteCluster, PlanError, resizeNodes } from "ontap-select-deploy/workflows";
import { planOf } from "./plans.mjs";
import { leaveDeploying, stageFor, told } from "./stage.mjs";

const TIB = 2 ** 40;

test("no objects yet: everything is planned, without a mutating call", async (t) => {
  const { client, run, changes } = stageFor(t);
  const { id, job, steps } = await run(
    createCluster(client(), planOf({ count: 2, site: "vcenter" }), { dryRun: true }),
  );
  assert.deepEqual([id, job], ["", undefined]);
  assert.deepEqual(told(steps), [
    "planned login vcenter.example.com",
    "planned host esx-1",
    "planned host esx-2",
    "planned cluster prod",
    "planned node prod-01",
    "planned node prod-02",
    "planned deploy prod",
  ]);
  assert.deepEqual(changes(), []);
});

test("existing objects are found, and the rest is planned", async (t) => {
  const { client, world, run, failure, changes } = stageFor(t, { config: { openHosts: false } });
  const spoiled = planOf({ count: 2, site: "vcenter", trouble: "network" });
  await failure(createCluster(client(), spoiled));
  const before = await world.records();
  const sent = changes();
  const { id, steps } = await run(
    createCluster(client(), planOf({ count: 2, site: "vcenter" }), { dryRun: true }),
  );
  assert.equal(id, before.clusters[0].id);
  const [host, other, cluster, node, changed, deploy] = told(steps);
  assert.deepEqual([host, other, cluster], ["found host esx-1", "found host esx-2", "found cluster prod"]);
  assert.deepEqual(
    [node, changed, deploy],
    ["found node prod-01", "planned node prod-02", "planned deploy prod"],
  );
  assert.match(steps[4].differs.join(), /^nodes\[1\]\.networks\[1\]\.name: no-network on Deploy/);
  assert.deepEqual(changes(), sent);
  assert.deepEqual(await world.records(), before);
});

/** A mistake in a plan, and its place. */
const FINDINGS = {
  "a missing image": [
    ({ cluster }) => (cluster.ontap_image_version = "9.99.9"),
    "cluster.ontap_image_version",
  ],
  "a missing license": [({ nodes }) => (nodes[1].license = "999"), "nodes[1].license"],
  "a license with too little capacity": [
    ({ nodes }) => {
      nodes[1].license = "320000001";
      nodes[1].storage.pools[0].capacity = 3 * TIB;
    },
    "nodes[1].license",
  ],
  "a gateway outside of the network": [({ cluster }) => (cluster.gateway = "10.9.0.1"), "cluster.gateway"],
  "a node outside of the network": [({ nodes }) => (nodes[0].ip = "10.9.0.11"), "nodes[0].ip"],
  "the address of another cluster": [({ cluster }) => (cluster.ip = "10.0.0.200"), "cluster.ip"],
  "the address of another cluster's node": [({ nodes }) => (nodes[1].ip = "10.0.0.201"), "nodes[1].ip"],
  "a missing network of the host": [
    ({ nodes }) => (nodes[0].networks[2].name = "no-network"),
    "nodes[0].networks[2].name",
  ],
  "a missing pool of the host": [
    ({ nodes }) => (nodes[1].storage.pools[0].name = "datastore9"),
    "nodes[1].storage.pools[0].name",
  ],
  "a pool without space": [
    ({ nodes }) => (nodes[1].storage.pools[0].capacity = 9 * TIB),
    "nodes[1].storage.pools[0].capacity",
  ],
  "a pool without space for both nodes": [
    ({ nodes }) => {
      for (const node of nodes) {
        node.host_name = "esx-1";
        node.storage.pools[0].capacity = 5 * TIB;
      }
    },
    "nodes[1].storage.pools[0].capacity",
  ],
  "a missing disk of the host": [
    ({ nodes }) => (nodes[0].storage.disks = [{ name: "naa.500a075100000001" }, { name: "no-disk" }]),
    "nodes[0].storage.disks[1].name",
  ],
  "a host without a login": [
    ({ hosts, nodes }) => {
      hosts.push({ name: "esx-9", type: "ESX" });
      nodes[1].host_name = "esx-9";
    },
    "hosts[2].username",
  ],
  "a vCenter without a login": [
    ({ hosts, nodes }) => {
      hosts.push({ name: "esx-9", type: "ESX", mgmt_server: "other.example.com" });
      nodes[1].host_name = "esx-9";
    },
    "hosts[2].mgmt_server",
  ],
};

/** A VM with the plan's hosts and another cluster. */
async function known(t) {
  const stage = stageFor(t, { config: { openHosts: false } });
  const other = planOf({ count: 1, site: "esx", name: "other" });
  other.hosts[0].name = "esx-5";
  other.nodes[0].host_name = "esx-5";
  other.cluster.ip = "10.0.0.200";
  other.nodes[0].ip = "10.0.0.201";
  await stage.run(createCluster(stage.client(), other));
  const { hosts } = planOf({ count: 2, site: "esx" });
  const list = hosts.map(({ name, username, password }) => ({
    name,
    hypervisor_type: "ESX",
    credential: { username, password },
  }));
  await stage.world.ask("POST", "/hosts", { hosts: list });
  await stage.world.rest();
  return stage;
}

for (const [what, [spoil, place]] of Object.entries(FINDINGS)) {
  test(`${what} is found`, async (t) => {
    const { client, failure, changes } = await known(t);
    const plan = planOf({ count: 2, site: "esx" });
    spoil(plan);
    const before = changes();
    const error = await failure(createCluster(client(), plan, { dryRun: true }));
    assert.ok(error instanceof PlanError);
    assert.deepEqual(
      error.mistakes.map((mistake) => mistake.place),
      [place],
      error.message,
    );
    assert.deepEqual(changes(), before);
  });
}

test("the error has all findings at once, and all steps as well", async (t) => {
  const { client, failure } = await known(t);
  const plan = planOf({ count: 2, site: "esx" });
  const names = ["a missing image", "a pool without space", "the address of another cluster"];
  for (const name of names) FINDINGS[name][0](plan);
  const error = await failure(createCluster(client(), plan, { dryRun: true }));
  assert.deepEqual(
    error.mistakes.map(({ place }) => place).sort(),
    names.map((name) => FINDINGS[name][1]).sort(),
  );
  assert.ok(told(error.workflow.steps).includes("planned deploy prod"));
});

test("a valid plan has no findings, and a run does what its dry run said", async (t) => {
  const { client, run } = await known(t);
  const plan = planOf({ count: 2, site: "esx", isRaid: true, isLicensed: true });
  const dry = await run(createCluster(client(), plan, { dryRun: true }));
  const { steps } = await run(createCluster(client(), plan));
  const inOrder = (list) => told(list).map((text) => text.replace(/^\w+ /, ""));
  assert.deepEqual(inOrder(dry.steps).sort(), inOrder(steps).sort());
});

test("the rest of a failed deploy is found", async (t) => {
  const { client, failure } = await known(t);
  const plan = planOf({ count: 2, site: "esx", trouble: "room" });
  await failure(createCluster(client(), plan, { inhibitRollback: true }));
  const right = planOf({ count: 2, site: "esx" });
  const error = await failure(createCluster(client(), right, { dryRun: true }));
  assert.match(error.message, /cluster\.name .*deploy failed/);
});

test("for a deployed cluster, a dry run reports what a run does", async (t) => {
  const { client, run, changes } = await known(t);
  const plan = planOf({ count: 2, site: "esx" });
  await run(createCluster(client(), plan));
  const before = changes();
  plan.nodes[0].instance_type = "large";
  const { steps } = await run(createCluster(client(), plan, { dryRun: true }));
  assert.deepEqual(steps, (await run(createCluster(client(), plan))).steps);
  assert.match(steps.flatMap(({ differs = [] }) => differs).join(), /nodes\[0\]\.instance_type/);
  const resized = await run(resizeNodes(client(), "prod", "medium", "pw-ontap-secret", { dryRun: true }));
  assert.deepEqual(told(resized.steps), ["planned resize prod-01", "planned resize prod-02"]);
  const deleted = await run(deleteCluster(client(), "prod", { dryRun: true }));
  assert.deepEqual(told(deleted.steps), ["planned power off prod", "planned delete prod"]);
  assert.deepEqual(changes(), before);
});

for (const isDescribed of [true, false]) {
  const what = isDescribed ? "a cluster that is only described" : "a cluster that does not exist";
  test(`the job of another client hides no finding for ${what}`, async (t) => {
    const { client, world, failure } = await known(t);
    const plan = planOf({ count: 2, site: "esx" });
    FINDINGS["a pool without space"][0](plan);
    if (isDescribed) await world.ask("POST", "/clusters", { name: "prod" });
    await world.rest();
    await world.ask("POST", "/hosts", { hosts: [{ name: "esx-8", hypervisor_type: "ESX" }] });
    assert.equal((await world.runningJobs()).length, 1);
    const error = await failure(createCluster(client(), plan, { dryRun: true }));
    assert.ok(error instanceof PlanError, String(error));
    assert.deepEqual(
      error.mistakes.map(({ place }) => place),
      ["nodes[1].storage.pools[0].capacity"],
    );
  });
}

test("a running deploy of the plan's own cluster has already taken its space", async (t) => {
  const stage = stageFor(t, { config: { stepMs: 30_000 } });
  const { client, run } = stage;
  const plan = planOf({ count: 1, site: "vcenter" });
  await leaveDeploying(stage, plan);
  const { steps } = await run(createCluster(client(), plan, { dryRun: true }));
  assert.ok(told(steps).includes("planned deploy prod"));
});

test("a difference in capacity has the unit of the plan", async (t) => {
  const { client, run } = await known(t);
  const plan = planOf({ count: 1, site: "esx" });
  plan.nodes[0].storage.pools[0].capacity = "1 TiB";
  await run(createCluster(client(), plan));
  plan.nodes[0].storage.pools[0].capacity = "1.5 TiB";
  const { steps } = await run(createCluster(client(), plan, { dryRun: true }));
  assert.match(
    steps.flatMap(({ differs = [] }) => differs).join(),
    /pools: \S+ \(1 TiB\) on Deploy, \S+ \(1\.5 TiB\) in the plan/,
  );
});
