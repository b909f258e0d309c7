// Tests of deleteCluster, resizeNodes, addLicense and backup.

import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { addLicense, backup, createCluster, deleteCluster, resizeNodes } from "ontap-select-deploy/workflows";
import { planOf } from "./plans.mjs";
import { leaveDeploying, stageFor, told } from "./stage.mjs";

const SECRET = "pw-ontap-secret";

async function deployed(t, wanted, setting) {
  const stage = stageFor(t, setting);
  const plan = planOf({ count: 1, site: "vcenter", ...wanted });
  await stage.run(createCluster(stage.client(), plan));
  const before = stage.changes().length;
  return { ...stage, plan, changes: () => stage.changes().slice(before) };
}

// ---- deleteCluster ----

test("a running cluster is powered off first and deleted without force; hosts and logins stay", async (t) => {
  const { client, world, run, changes, simulator } = await deployed(t);
  const { hosts, credentials } = await world.records();
  const { steps } = await run(deleteCluster(client(), "prod"));
  assert.deepEqual(told(steps), ["changed power off prod", "changed delete prod"]);
  assert.ok(steps.every(({ job }) => job.state === "success"));
  assert.deepEqual(changes(), ["PATCH /clusters/*", "DELETE /clusters/*"]);
  const [removal] = simulator.log().filter(({ method }) => method === "DELETE");
  assert.deepEqual(removal.query, []);
  assert.deepEqual(await world.records(), { clusters: [], hosts, credentials });
});

test("a cluster that is off, was never deployed, or does not exist", async (t) => {
  const { client, world, run, changes } = await deployed(t);
  const [{ id }] = await world.list("/clusters");
  await world.ask("PATCH", `/clusters/${id}`, { availability: "powered_off" });
  await world.rest();
  await world.ask("POST", "/clusters", { name: "sketch" });
  const before = changes().length;
  assert.deepEqual(told((await run(deleteCluster(client(), "prod"))).steps), ["changed delete prod"]);
  assert.deepEqual(told((await run(deleteCluster(client(), "sketch"))).steps), ["changed delete sketch"]);
  assert.deepEqual(told((await run(deleteCluster(client(), "prod"))).steps), ["found delete prod"]);
  assert.equal(changes().length, before + 2);
});

for (const jobsList of [undefined, 405]) {
  const where = jobsList ? "without a list of jobs" : "with a list of jobs";
  test(`a running job of the cluster is followed first, ${where}`, async (t) => {
    const stage = stageFor(t, { config: { stepMs: 30_000 }, jobsList });
    const { client, world, run } = stage;
    await leaveDeploying(stage, planOf({ count: 1, site: "vcenter" }));
    const { steps } = await run(deleteCluster(client(), "prod"));
    assert.deepEqual(told(steps), ["changed power off prod", "changed delete prod"]);
    assert.deepEqual(await world.list("/clusters"), []);
  });
}

test("two deletions at once, and one that was interrupted", async (t) => {
  const { client, world, run } = await deployed(t, { count: 2 }, { config: { stepMs: 10_000 } });
  await run(Promise.all([deleteCluster(client(), "prod"), deleteCluster(client(), "prod")]));
  assert.deepEqual(await world.list("/clusters"), []);
});

test("the timeout of a deletion has a token, and the next run completes it", async (t) => {
  const { client, world, failure, run } = await deployed(t, { count: 2 }, { config: { stepMs: 60_000 } });
  const error = await failure(deleteCluster(client(), "prod", { timeout: 100_000 }));
  assert.equal(error.code, "WAIT_TIMEOUT");
  assert.equal((await run(client().resume(error.token).result())).state, "success");
  await run(deleteCluster(client(), "prod"));
  assert.deepEqual(await world.list("/clusters"), []);
});

test("the rest of a failed deploy is deleted, also if the response names no job", async (t) => {
  const { client, world, run, failure } = stageFor(t, { config: { accept: { job: "noId" } } });
  const plan = planOf({ count: 1, site: "vcenter", trouble: "room" });
  await failure(createCluster(client(), plan, { inhibitRollback: true }));
  await run(deleteCluster(client(), "prod"));
  assert.deepEqual(await world.list("/clusters"), []);
});

test("a failed deletion rejects", async (t) => {
  const scripts = [
    { method: "DELETE", steps: [{ state: "running" }, { state: "failure", message: "Stuck." }] },
  ];
  const { client, world, failure } = await deployed(t, {}, { config: { scripts } });
  const error = await failure(deleteCluster(client(), "prod"));
  assert.equal(error.code, "JOB_FAILED");
  assert.match(error.message, /Stuck/);
  assert.deepEqual(told(error.workflow.steps), ["changed power off prod"]);
  assert.equal((await world.list("/clusters")).length, 1);
});

// ---- resizeNodes ----

test("half an HA pair is rejected before a mutating call", async (t) => {
  const { client, failure, changes } = await deployed(t, { count: 4 });
  for (const nodes of [["prod-01"], ["prod-01", "prod-02", "prod-04"], ["prod-02", "prod-03"]]) {
    const error = await failure(resizeNodes(client(), "prod", "medium", SECRET, { nodes }));
    assert.ok(error instanceof TypeError);
    assert.match(error.message, /^nodes: .*HA pair.*is missing/);
  }
  assert.match(
    (await failure(resizeNodes(client(), "prod", "medium", SECRET, { nodes: ["x"] }))).message,
    /"x"/,
  );
  assert.match((await failure(resizeNodes(client(), "nowhere", "medium", SECRET))).message, /"nowhere"/);
  assert.match((await failure(resizeNodes(client(), "prod", "tiny", SECRET))).message, /^instanceType/);
  assert.match((await failure(resizeNodes(client(), "prod", "medium", ""))).message, /^adminPassword/);
  assert.deepEqual(changes(), []);
});

test("one pair is resized and the other is not; a second run finds it done", async (t) => {
  const { client, world, run, changes } = await deployed(t, { count: 4 });
  const nodes = ["prod-03", "prod-04"];
  const { job, steps } = await run(resizeNodes(client(), "prod", "medium", SECRET, { nodes }));
  assert.equal(job.state, "success");
  assert.deepEqual(told(steps), ["changed resize prod-03", "changed resize prod-04"]);
  const sizes = async () => (await world.records()).clusters[0].nodes.map((node) => node.instance_type);
  assert.deepEqual(await sizes(), ["small", "small", "medium", "medium"]);
  const again = await run(resizeNodes(client(), "prod", "medium", SECRET, { nodes }));
  assert.deepEqual(told(again.steps), ["found resize prod-03", "found resize prod-04"]);
  assert.equal(changes().length, 1);
  const all = await run(resizeNodes(client(), "prod", "medium", SECRET));
  assert.deepEqual(told(all.steps).sort(), [
    "changed resize prod-01",
    "changed resize prod-02",
    "found resize prod-03",
    "found resize prod-04",
  ]);
  assert.deepEqual(await sizes(), ["medium", "medium", "medium", "medium"]);
});

test("an aborted resize continues, and the next run follows it", async (t) => {
  const setting = { config: { stepMs: 60_000 } };
  const { client, simulator, failure, run } = await deployed(t, { count: 2 }, setting);
  const error = await failure(resizeNodes(client(), "prod", "large", SECRET, { timeout: 90_000 }));
  assert.equal(error.code, "WAIT_TIMEOUT");
  assert.equal(typeof error.token, "string");
  const { steps } = await run(resizeNodes(client(), "prod", "large", SECRET));
  assert.deepEqual(told(steps), ["found resize prod-01", "found resize prod-02"]);
  const taken = simulator.log().filter(({ method, status }) => method === "PATCH" && status === 202);
  assert.equal(taken.length, 1);
});

test("a cluster that is off is not resized, and the error says why", async (t) => {
  const { client, world, failure } = await deployed(t, { count: 2 });
  const [{ id }] = await world.list("/clusters");
  await world.ask("PATCH", `/clusters/${id}`, { availability: "powered_off" });
  await world.rest();
  const error = await failure(resizeNodes(client(), "prod", "medium", SECRET));
  assert.equal(error.status, 409);
  assert.match(error.message, /powered on/);
  assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(SECRET));
});

// ---- addLicense ----

const license = (serial) =>
  new Blob([JSON.stringify({ statusResp: { serialNumber: serial, version: "2" } })], { type: "text/plain" });

/** Reading a Blob does not use the virtual time. */
async function patiently({ time }, promise) {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  promise.then(over, over);
  while (!isOver) await time.pass(1);
  return promise;
}

test("a new license is uploaded, and an existing one is replaced", async (t) => {
  const stage = stageFor(t);
  const { client, world, changes } = stage;
  const first = await patiently(stage, addLicense(client(), license("777000111")));
  assert.equal(first.serialNumber, "777000111");
  assert.deepEqual(told(first.steps), ["made license 777000111"]);
  const second = await patiently(stage, addLicense(client(), license("777000111")));
  assert.deepEqual(told(second.steps), ["changed license 777000111"]);
  assert.deepEqual(changes(), ["POST /licensing/licenses", "PUT /licensing/licenses/777000111"]);
  assert.equal((await world.list("/licensing/licenses?id=777000111")).length, 1);
});

test("a license in use needs ONTAP's login and gets it", async (t) => {
  const stage = await deployed(t, { isLicensed: true });
  const { client, changes } = stage;
  await assert.rejects(patiently(stage, addLicense(client(), license("320000002"))), (error) => {
    assert.ok(error instanceof TypeError);
    assert.match(error.message, /^ontap: .*"prod"/);
    return true;
  });
  assert.deepEqual(changes(), []);
  const ontap = { username: "admin", password: SECRET };
  const { steps } = await patiently(stage, addLicense(client(), license("320000002"), { ontap }));
  assert.deepEqual(told(steps), ["changed license 320000002"]);
  assert.ok(!JSON.stringify(steps).includes(SECRET));
});

test("a file that is not a license is rejected before anything is sent", async (t) => {
  const stage = stageFor(t);
  const files = [
    new Blob(["not JSON"]),
    new Blob(["{}"]),
    new Blob(['{"statusResp":{"serialNumber":""}}']),
    "x",
    null,
  ];
  for (const file of files) {
    await assert.rejects(patiently(stage, addLicense(stage.client(), file)), /^TypeError: file/);
  }
  const bad = addLicense(stage.client(), license("1"), { ontap: { username: "admin" } });
  await assert.rejects(patiently(stage, bad), /^TypeError: ontap\.password/);
  assert.equal(stage.simulator.counters().requests, 0);
});

test("an upload whose response is lost is checked and gives one license", async (t) => {
  const stage = stageFor(t);
  stage.simulator.addRule({ match: { method: "POST" }, count: 1, action: { kind: "reset" } });
  await patiently(stage, addLicense(stage.client(), license("777000111")));
  assert.equal((await stage.world.list("/licensing/licenses?id=777000111")).length, 1);
});

// ---- backup ----

async function bytesOf(body) {
  const chunks = [];
  for await (const chunk of body) chunks.push(...chunk);
  return Buffer.from(chunks);
}

const ENDS = {
  "read to its end": async ({ body }) => {
    const bytes = await bytesOf(body);
    assert.deepEqual([...bytes.subarray(0, 2)], [0x1f, 0x8b], "a gzipped file");
  },
  "left unread": ({ body }) => body.cancel("not needed"),
  "cancelled in the middle": async ({ body }) => {
    const reader = body.getReader();
    await reader.read();
    await reader.cancel();
  },
  "left in a for await loop": async ({ body }) => {
    for await (const _ of body) break;
  },
};

test("each state of a backup's job is reported once", async (t) => {
  const { client, run } = stageFor(t);
  const seen = [];
  const onProgress = ({ state, message }) => seen.push(`${state}: ${message}`);
  const { body } = await run(backup(client(), "pw-backup", { onProgress }));
  await run(body.cancel());
  assert.deepEqual(seen, [...new Set(seen)]);
  assert.match(seen[0], /^queued/);
});

for (const [what, leave] of Object.entries(ENDS)) {
  test(`a backup whose stream is ${what}: the VM keeps no copy`, async (t) => {
    const { client, world, run, time } = stageFor(t);
    const file = await run(backup(client(), "pw-backup"));
    assert.match(file.name, /^deploy_backup_.*\.tar\.gz$/);
    assert.equal((await world.list("/backups")).length, 1);
    await time.until(leave(file));
    await time.until(file.removed);
    assert.deepEqual(await world.list("/backups"), []);
    assert.equal(time.pending, 0);
  });
}

test("a backup whose stream is aborted: the signal's reason, and the VM keeps no copy", async (t) => {
  const { client, world, run, time, simulator } = stageFor(t);
  simulator.addRule({ match: { path: "/backups/*/download" }, action: { kind: "stall", after: 10 } });
  const abort = new AbortController();
  const { body, removed } = await run(backup(client(), "pw-backup", { signal: abort.signal }));
  const read = bytesOf(body);
  read.catch(() => {});
  await time.pass(1_000);
  const reason = new Error("enough");
  abort.abort(reason);
  await assert.rejects(time.until(read), (error) => error === reason);
  await time.until(removed);
  assert.deepEqual(await world.list("/backups"), []);
});

test("a backup whose stream breaks: an error, and the VM keeps no copy", async (t) => {
  const { client, world, run, time, simulator } = stageFor(t);
  simulator.addRule({ match: { path: "/backups/*/download" }, action: { kind: "truncate", after: 10 } });
  const { body, removed } = await run(backup(client(), "pw-backup"));
  await assert.rejects(time.until(bytesOf(body)), { code: "TRANSPORT" });
  await time.until(removed);
  assert.deepEqual(await world.list("/backups"), []);
});

test("a failed backup rejects, and the VM keeps no copy", async (t) => {
  const scripts = [
    { path: "/backups", steps: [{ state: "running" }, { state: "failure", message: "No room." }] },
  ];
  const { client, world, failure } = stageFor(t, { config: { scripts } });
  const error = await failure(backup(client(), "pw-backup"));
  assert.equal(error.code, "JOB_FAILED");
  assert.match(error.message, /No room/);
  assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes("pw-backup"));
  assert.deepEqual(await world.list("/backups"), []);
});

test("a removal without a response is repeated, and a rejected one rejects", async (t) => {
  const { client, world, run, time, simulator } = stageFor(t);
  simulator.addRule({ match: { method: "DELETE" }, count: 2, action: { kind: "reset" } });
  const file = await run(backup(client(), "pw-backup"));
  await time.until(bytesOf(file.body));
  await time.until(file.removed);
  assert.deepEqual(await world.list("/backups"), []);
  simulator.addRule({ match: { method: "DELETE" }, action: { kind: "status", status: 403 } });
  const kept = await run(backup(client(), "pw-backup"));
  await time.until(bytesOf(kept.body));
  await assert.rejects(time.until(kept.removed), { status: 403 });
});
