// Tests what a console shows when the deploy fails at 80 %, and when the VM restarts during the deploy.
// Twenty minutes pass at once, because the simulator and the client use the test's fake timers.
//
//   npm install --save-dev ontap-select-deploy && node --test

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { DeployClient } from "ontap-select-deploy";
import { createSimulator } from "ontap-select-deploy/simulator";
import { deployCluster } from "./deploy-view.mjs";

const MINUTE = 60_000;
const auth = { username: "admin", password: "Netapp1!" };

/** Refuses what a VM might refuse: unknown members, names that a host does not list, hosts without a login. */
const strict = { refuseUnknownMembers: true, openHosts: false, needCredentials: true };

const failsAt80 = {
  method: "POST",
  path: "/clusters/*/deploy",
  steps: [
    { state: "queued", message: "Queued." },
    { state: "running", message: "Deploying: 40 %", afterMs: 5 * MINUTE },
    { state: "running", message: "Deploying: 80 %", afterMs: 10 * MINUTE },
    { state: "failure", message: "The datastore is full.", afterMs: 5 * MINUTE },
  ],
};

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  // The client measures its waits with performance.now(). node:test does not fake it; Vitest and Jest do.
  mock.method(performance, "now", () => Date.now());
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/** Advances the fake time second by second and runs what is due. */
async function pass(span) {
  for (let passed = 0; passed < span; passed += 1_000) {
    mock.timers.tick(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Creates what a deploy needs: a host, a cluster, and its node with networks and a storage pool. */
async function describeCluster(deploy) {
  const credential = { username: "root", password: "host-secret" };
  const host = { name: "esx-1", hypervisor_type: "ESX", credential };
  const added = await deploy.post("/hosts", { hosts: [host] });
  const address = { ip: "10.0.0.10", netmask: "255.255.255.0", gateway: "10.0.0.1" };
  const { path, id: clusterId } = await deploy.post("/clusters?node_count=1", { name: "c1", ...address });

  const [{ id: nodeId }] = await deploy.list(`${path}/nodes`);
  const node = `${path}/nodes/${nodeId}`;
  await deploy.patch(node, { host: { id: added.id }, instance_type: "small", ip: "10.0.0.11" });
  for (const { id } of await deploy.list(`${node}/networks`)) {
    await deploy.patch(`${node}/networks/${id}`, { name: "VM Network" });
  }
  await deploy.post(`${node}/storage/pools`, { pool_array: [{ name: "datastore1", capacity: 2 ** 41 }] });
  return clusterId;
}

/** Starts the deploy of a cluster with the part of the console under test. */
async function deploying(config) {
  const simulator = createSimulator({ ...strict, ...config });
  const deploy = new DeployClient({
    baseUrl: "https://deploy.example.com/api",
    auth,
    fetch: simulator.fetch,
    retry: { maxAttempts: 30 },
  });
  const shown = [];
  const describing = describeCluster(deploy);
  await pass(MINUTE);
  const id = await describing;
  const ended = deployCluster(deploy, id, "cluster-secret", (what) => shown.push(what));
  const close = () => {
    deploy.close();
    simulator.close();
  };
  return { simulator, shown, ended, close, last: () => shown.at(-1) };
}

test("a deploy that fails at 80 % is shown with its reason", async () => {
  const { shown, ended, last, close } = await deploying({ scripts: [failsAt80] });
  await pass(16 * MINUTE);
  assert.deepEqual(last(), { state: "busy", text: "Deploying: 80 %" });
  await pass(5 * MINUTE);
  await ended;
  assert.deepEqual(last(), { state: "failed", text: "The datastore is full." });
  assert.ok(shown.some(({ text }) => text === "Deploying: 40 %"));
  close();
});

test("after a restart of the VM the user sees the same result, and nothing is sent twice", async () => {
  const { simulator, ended, last, close } = await deploying({ scripts: [failsAt80] });
  await pass(6 * MINUTE);
  simulator.addRule({ match: { poll: "long" }, count: 1, action: { kind: "restart", downMs: 2 * MINUTE } });
  await pass(15 * MINUTE);
  await ended;
  assert.deepEqual(last(), { state: "failed", text: "The datastore is full." });
  assert.equal(simulator.counters().received[`POST /clusters/${clusterOf(simulator)}/deploy`], 1);
  close();
});

test("a refused deploy is not shown as an unknown outcome", async () => {
  const refusal = { match: { path: "/clusters/*/deploy" }, action: { kind: "status", status: 401 } };
  const { ended, last, close } = await deploying({ rules: [refusal] });
  await ended;
  assert.equal(last().state, "refused");
  close();
});

test("a VM that stays unreachable is not shown as a failed deploy", async () => {
  const { simulator, ended, last, close } = await deploying({ scripts: [failsAt80] });
  await pass(6 * MINUTE);
  simulator.addRule({ action: { kind: "reset" } });
  await pass(15 * MINUTE);
  await ended;
  assert.equal(last().state, "unknown");
  close();
});

function clusterOf(simulator) {
  return simulator
    .log()
    .find(({ path }) => path.endsWith("/deploy"))
    .path.split("/")[2];
}
