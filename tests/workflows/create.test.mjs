// Tests of createCluster. histories.test.mjs runs it in random histories.

import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { createCluster, deleteCluster } from "ontap-select-deploy/workflows";
import { planOf, SECRETS } from "./plans.mjs";
import { differencesOf } from "./promises.mjs";
import { stageFor, told } from "./stage.mjs";

const TIB = 2 ** 40;
const single = () => planOf({ count: 1, site: "vcenter" });

const KINDS = {
  "one node behind a vCenter": { count: 1, site: "vcenter" },
  "two nodes on separate ESX hosts": { count: 2, site: "esx" },
  "four nodes on KVM hosts": { count: 4, site: "kvm" },
  "two nodes on one host": { count: 2, site: "vcenter", isOneHost: true },
  "a license": { count: 2, site: "vcenter", isLicensed: true },
  "software RAID": { count: 2, site: "esx", isRaid: true },
  "twelve nodes": { count: 12, site: "vcenter" },
};
const STRICT = { openHosts: false, needCredentials: true, refuseUnknownMembers: true };

for (const [what, wanted] of Object.entries(KINDS)) {
  test(`a cluster with ${what} is deployed as planned, and a second run finds everything`, async (t) => {
    const { client, world, run, changes } = stageFor(t, { config: STRICT });
    const plan = planOf(wanted);
    const { id, job, steps } = await run(createCluster(client(), plan));
    const records = await world.records();
    assert.deepEqual(differencesOf(records, plan, "stand"), []);
    assert.equal(id, records.clusters[0].id);
    assert.equal(job.state, "success");
    assert.ok(steps.every(({ done }) => done === "made"));
    assert.ok(Object.isFrozen(steps) && steps.every(Object.isFrozen));
    const sent = changes();

    const second = await run(createCluster(client(), plan));
    assert.deepEqual(changes(), sent);
    assert.equal(second.id, id);
    assert.equal(second.job, undefined);
    assert.ok(second.steps.every(({ done, differs }) => done === "found" && differs === undefined));
    assert.deepEqual(
      second.steps.map(({ name, target }) => `${name} ${target}`).sort(),
      steps
        .filter(({ name }) => !["login", "host"].includes(name))
        .map(({ name, target }) => `${name} ${target}`)
        .sort(),
    );
  });
}

test("after a process dies at any request, before it is sent or before its response, the next run completes it", async (t) => {
  const plan = planOf({ count: 1, site: "esx", isRaid: true });
  const { client, run, simulator } = stageFor(t);
  await run(createCluster(client(), plan));
  const { requests } = simulator.counters();
  assert.ok(requests > 30);
  for (let last = 1; last <= requests; last += 1) {
    for (const isTaken of [false, true]) {
      const stage = stageFor(t, { config: STRICT });
      let count = 0;
      const dying = stage.client({
        fetch: async (input, init) => {
          count += 1;
          if (count < last) return stage.simulator.fetch(input, init);
          if (count === last && isTaken)
            stage.simulator.fetch(input, { ...init, signal: undefined }).catch(() => {});
          for (let turns = 0; turns < 10; turns += 1) await undefined;
          dying.close();
          throw init.signal.reason;
        },
      });
      const error = await stage.time.until(createCluster(dying, plan).catch((reason) => reason));
      assert.equal(error.code, "CLOSED", `at request ${last}: ${error}`);
      await stage.run(createCluster(stage.client(), plan));
      assert.deepEqual(differencesOf(await stage.world.records(), plan, "stand"), [], `at request ${last}`);
      const deploys = stage.simulator
        .log()
        .filter(({ path, status }) => /deploy$/.test(path) && status === 202);
      assert.equal(deploys.length, 1, `deploys after a death at request ${last}`);
      stage.simulator.close();
    }
  }
});

for (const jobsList of [undefined, 404, 405]) {
  const where = jobsList ? `with status ${jobsList} for GET /jobs` : "with a list of jobs";

  test(`a running deploy is followed to its success, ${where}`, async (t) => {
    const { client, world, time, run, simulator } = stageFor(t, { config: { stepMs: 30_000 }, jobsList });
    const first = client();
    const left = createCluster(first, single()).catch(() => {});
    await time.until(untilDeploying(world, time));
    first.close();
    await left;
    const { steps, job } = await run(createCluster(client(), single()));
    assert.deepEqual(differencesOf(await world.records(), single(), "stand"), []);
    assert.equal(deploysOf(simulator).length, 1);
    assert.ok(told(steps).includes("found deploy prod"));
    if (!jobsList) assert.equal(job?.state, "success");
  });

  test(`a running deploy that fails rejects, ${where}`, async (t) => {
    const plan = planOf({ count: 1, site: "vcenter", trouble: "room" });
    const { client, world, time, failure, simulator } = stageFor(t, { config: { stepMs: 30_000 }, jobsList });
    const first = client();
    const left = createCluster(first, plan).catch(() => {});
    await time.until(untilDeploying(world, time));
    first.close();
    await left;
    const error = await failure(createCluster(client(), plan));
    assert.equal(deploysOf(simulator).length, 1, "the failed deploy is not started again");
    if (!jobsList) assert.equal(error.code, "JOB_FAILED");
    if (!jobsList) assert.match(error.message, /lacks room/);
    if (jobsList) assert.match(error.message, /ended, but the cluster is not deployed/);
    assert.equal(error.outcome, "failed");
    assert.match(error.workflow.advice, /GET \/events/);
  });
}

/** Waits until a deploy is running. */
async function untilDeploying(world, time) {
  for (;;) {
    const [cluster] = await world.list("/clusters?fields=state");
    if (cluster?.state === "deploying") return;
    await time.after(1_000);
  }
}

const deploysOf = (simulator) =>
  simulator
    .log()
    .filter(({ method, path, status }) => method === "POST" && /deploy$/.test(path) && status === 202);

test("two runs of one plan at once: one deploys, the other follows", async (t) => {
  const { client, world, run, simulator } = stageFor(t, { config: { ...STRICT, stepMs: 5_000 } });
  const plan = planOf({ count: 2, site: "vcenter" });
  const both = await run(Promise.all([createCluster(client(), plan), createCluster(client(), plan)]));
  assert.equal(both[0].id, both[1].id);
  assert.equal(deploysOf(simulator).length, 1);
  assert.deepEqual(differencesOf(await world.records(), plan, "stand"), []);
});

test("a corrected pool: the earlier one is detached first", async (t) => {
  const { client, world, run, failure, changes } = stageFor(t, { config: { openHosts: false } });
  const plan = planOf({ count: 1, site: "vcenter", trouble: "pool" });
  await failure(createCluster(client(), plan));
  const before = changes().length;
  plan.nodes[0].storage.pools[0].name = "datastore1";
  const { steps } = await run(createCluster(client(), plan));
  assert.deepEqual(changes().slice(before), [
    "DELETE /clusters/*/nodes/*/storage/pools/*",
    "POST /clusters/*/nodes/*/storage/pools",
    "POST /clusters/*/deploy",
  ]);
  assert.deepEqual(differencesOf(await world.records(), plan, "stand"), []);
  const node = steps.find(({ name }) => name === "node");
  assert.equal(node.done, "changed");
  assert.match(node.differs.join(), /^nodes\[0\]\.storage\.pools: datastore9 .*datastore1/);
});

const CORRECTIONS = {
  "the cluster's address": ({ cluster }) => (cluster.ip = "10.0.0.99"),
  "a node's address": ({ nodes }) => (nodes[0].ip = "10.0.0.98"),
  "a size": ({ nodes }) => (nodes[1].instance_type = "large"),
  "a network": ({ nodes }) => (nodes[1].networks[0].name = "ontap-external"),
  "a VLAN": ({ nodes }) => (nodes[0].networks[1].vlan = 7),
  "a capacity": ({ nodes }) => (nodes[0].storage.pools[0].capacity = TIB / 2),
  "a host": ({ nodes }) => (nodes[1].host_name = "esx-1"),
  "a removed license": ({ nodes }) => delete nodes[0].license,
  "a removed VLAN": ({ nodes }) => (nodes[1].networks[2].vlan = null),
  "software RAID": ({ nodes }) => (nodes[0].storage.disks = [{ name: "naa.500a075100000001" }]),
  "the number of nodes": (plan) => {
    plan.hosts.splice(1);
    plan.nodes.splice(1);
  },
  "swapped names": ({ nodes }) => {
    nodes[0].name = "prod-02";
    nodes[1].name = "prod-01";
  },
};

for (const [what, correct] of Object.entries(CORRECTIONS)) {
  test(`a correction between two runs is applied: ${what}`, async (t) => {
    const { client, world, run, failure } = stageFor(t, { config: STRICT });
    const plan = planOf({ count: 2, site: "vcenter", isLicensed: true });
    plan.nodes[1].networks[2].vlan = 9;
    const spoiled = structuredClone(plan);
    spoiled.nodes[1].networks[1].name = "no-network";
    await failure(createCluster(client(), spoiled));
    correct(plan);
    await run(createCluster(client(), plan));
    assert.deepEqual(differencesOf(await world.records(), plan, "stand"), []);
  });
}

test("a failed deploy without a known job is started once", async (t) => {
  const config = { openHosts: false, accept: { job: "noId" }, stepMs: 100 };
  for (const trouble of ["pool", "room"]) {
    const { client, failure, simulator } = stageFor(t, { config, jobsList: 404 });
    // It has failed before the next read.
    const slow = async (input, init) => {
      const response = await simulator.fetch(input, init);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      return response;
    };
    const plan = planOf({ count: 1, site: "esx", trouble });
    const error = await failure(createCluster(client({ fetch: slow }), plan));
    assert.match(error.message, /names no job|ended, but the cluster is not deployed/);
    assert.equal(deploysOf(simulator).length, 1);
    assert.match(error.workflow.advice, /GET \/events/);
  }
});

test("a pool with a capacity is attached again for software RAID, which has none", async (t) => {
  const { client, world, run, failure } = stageFor(t);
  await failure(createCluster(client(), planOf({ count: 1, site: "vcenter", trouble: "room" })));
  const plan = planOf({ count: 1, site: "vcenter", isRaid: true });
  await run(createCluster(client(), plan));
  assert.deepEqual(differencesOf(await world.records(), plan, "stand"), []);
});

test("a rejected plan rejects at once, also for an existing cluster, and without a list of jobs", async (t) => {
  const { client, world, failure, time } = stageFor(t, { jobsList: 404 });
  await world.ask("POST", "/clusters", { name: "prod" });
  const plan = planOf({ count: 1, site: "vcenter", trouble: "image" });
  const error = await failure(createCluster(client(), plan));
  assert.match(error.message, /must be the version of an image/);
  assert.ok(time.now < 60_000);
});

test("differences of a deployed cluster are reported and not changed", async (t) => {
  const { client, world, run, changes } = stageFor(t);
  await run(createCluster(client(), planOf({ count: 2, site: "esx" })));
  const before = await world.records();
  const sent = changes();
  const plan = planOf({ count: 2, site: "esx", isLicensed: true, isRaid: true });
  plan.cluster.ip = "10.0.0.99";
  plan.nodes[1].networks[0].vlan = 3;
  const { steps } = await run(createCluster(client(), plan));
  assert.deepEqual(changes(), sent);
  assert.deepEqual(await world.records(), before);
  const differs = steps.flatMap(({ differs = [] }) => differs);
  const places = ["cluster.ip", "nodes[0].license", "nodes[0].storage.disks", "nodes[1].networks[0].vlan"];
  for (const place of places)
    assert.ok(
      differs.some((text) => text.startsWith(place)),
      `${place} in ${differs}`,
    );
});

test("the error of a failed deploy has its reason, its job and the place of its events", async (t) => {
  const { client, world, failure } = stageFor(t);
  const plan = planOf({ count: 1, site: "vcenter", trouble: "room" });
  const error = await failure(createCluster(client(), plan));
  assert.equal(error.code, "JOB_FAILED");
  assert.match(error.message, /Storage pool "datastore1" of host "esx-1" lacks room/);
  assert.match(error.job.state, /failure/);
  assert.match(error.workflow.advice, /rolls back/);
  assert.ok(error.workflow.advice.includes(error.requestId), error.workflow.advice);
  const events = await world.list(`/events?request_id=${error.requestId}`);
  assert.ok(events.length > 0, "events with the id from the advice");
  assert.ok(told(error.workflow.steps).includes("made node prod-01"));
});

test("with inhibitRollback, the rest of a failed deploy stays, also if the plan describes the cluster again", async (t) => {
  const { client, world, run, failure } = stageFor(t);
  const plan = planOf({ count: 2, site: "vcenter", isLicensed: true, trouble: "room" });
  const error = await failure(createCluster(client(), plan, { inhibitRollback: true }));
  assert.match(error.workflow.advice, /did not roll back.*Delete the cluster/s);
  const [cluster] = await world.list("/clusters?fields=state");
  assert.equal(cluster.state, "deploy_failed");
  for (const other of [plan, planOf({ count: 2, site: "vcenter" }), planOf({ count: 1, site: "vcenter" })]) {
    const again = await failure(createCluster(client(), other));
    assert.match(again.message, /failed|deploy is over|job/);
    assert.deepEqual((await world.list("/clusters?fields=state"))[0], cluster);
  }
  await run(deleteCluster(client(), "prod"));
  const right = planOf({ count: 2, site: "vcenter" });
  await run(createCluster(client(), right));
  assert.deepEqual(differencesOf(await world.records(), right, "stand"), []);
});

test("signal: rejects at once with the reason, and the job continues", async (t) => {
  const { client, world, time, failure, run } = stageFor(t, { config: { stepMs: 60_000 } });
  const abort = new AbortController();
  const reason = new Error("enough");
  const work = createCluster(client(), single(), { signal: abort.signal });
  work.catch(() => {});
  await time.until(untilDeploying(world, time));
  const then = time.now;
  abort.abort(reason);
  assert.equal(await failure(work), reason);
  assert.equal(time.now, then);
  assert.equal((await world.list("/clusters?fields=state"))[0].state, "deploying");
  await run(createCluster(client(), single()));
  assert.deepEqual(differencesOf(await world.records(), single(), "stand"), []);
});

test("an aborted signal rejects with its reason, and nothing is sent", async (t) => {
  const { client, simulator, failure } = stageFor(t);
  const reason = new Error("never mind");
  assert.equal(
    await failure(createCluster(client(), single(), { signal: AbortSignal.abort(reason) })),
    reason,
  );
  assert.equal(await failure(deleteCluster(client(), "prod", { signal: AbortSignal.abort(reason) })), reason);
  assert.equal(simulator.counters().requests, 0);
});

test("timeout limits the whole run, and its error has the job's token", async (t) => {
  const { client, time, failure, run } = stageFor(t, { config: { stepMs: 60_000 } });
  const error = await failure(createCluster(client(), single(), { timeout: 15 * 60_000 }));
  assert.equal(error.code, "WAIT_TIMEOUT");
  assert.equal(time.now, 15 * 60_000);
  assert.ok(told(error.workflow.steps).includes("made node prod-01"));
  const { state } = await run(client().resume(error.token).result());
  assert.equal(state, "success");
  const { steps } = await run(createCluster(client(), single()));
  assert.ok(told(steps).includes("found deploy prod"));
});

test("a restart of the VM during a deploy loses nothing", async (t) => {
  const { client, simulator, world, run } = stageFor(t, { config: { stepMs: 60_000 } });
  const down = { kind: "restart", downMs: 25_000 };
  for (const skip of [2, 6, 10]) simulator.addRule({ match: { poll: "long" }, skip, count: 1, action: down });
  await run(createCluster(client(), single()));
  assert.equal(deploysOf(simulator).length, 1);
  assert.deepEqual(differencesOf(await world.records(), single(), "stand"), []);
});

test("every mutating call whose response is lost is checked, and none is repeated without need", async (t) => {
  const { client, simulator, world, run } = stageFor(t, { config: STRICT });
  const plan = planOf({ count: 2, site: "esx", isRaid: true });
  for (const method of ["POST", "PATCH"]) {
    for (const path of [
      "/security/credentials",
      "/hosts",
      "/clusters",
      "/clusters/*/nodes/*",
      "/clusters/*/storage/pools",
      "/clusters/*/storage/disks",
      "/clusters/*/deploy",
    ]) {
      simulator.addRule({ match: { method, path }, count: 1, action: { kind: "reset" } });
    }
  }
  await run(createCluster(client(), plan));
  assert.deepEqual(differencesOf(await world.records(), plan, "stand"), []);
  const taken = simulator.log().filter(({ job, method }) => method === "POST" && job !== null);
  const paths = taken.map(({ path }) => path.replace(/\/[0-9a-f]{8}-[^/]+/, ""));
  assert.deepEqual(paths.sort(), [
    "/clusters/deploy",
    "/hosts",
    "/security/credentials",
    "/security/credentials",
  ]);
});

test("after a password change, the auth function's new password is used, and no step is repeated", async (t) => {
  const { client, world, simulator, run } = stageFor(t, { config: { stepMs: 60_000 } });
  let { password } = world;
  const asked = [];
  const auth = ({ status }) => {
    asked.push(status);
    if (status === 401) password = world.password;
    return `Basic ${btoa(`admin:${password}`)}`;
  };
  const seen = new Set();
  const fetch = (input, init) => {
    const path = String(input);
    if (init.method === "POST" && !seen.has(path) && seen.size < 3) {
      seen.add(path);
      world.changePassword();
    }
    return simulator.fetch(input, init);
  };
  await run(createCluster(client({ auth, fetch }), single()));
  assert.equal(asked.filter((status) => status === 401).length, 3);
  assert.deepEqual(differencesOf(await world.records(), single(), "stand"), []);
});

test("a wrong password: AuthError, and the next run continues", async (t) => {
  const { client, world, simulator, failure, run } = stageFor(t);
  const fetch = (input, init) => {
    if (String(input).includes("/nodes")) world.changePassword();
    return simulator.fetch(input, init);
  };
  const error = await failure(createCluster(client({ fetch }), single()));
  assert.equal(error.code, "AUTH");
  assert.ok(told(error.workflow.steps).includes("made cluster prod"));
  const { steps } = await run(createCluster(client(), single()));
  assert.ok(told(steps).includes("found cluster prod"));
});

test("no error, step or event shows a password of the plan, also if the server quotes it", async (t) => {
  const { client, simulator, failure } = stageFor(t);
  const events = [];
  const steps = [];
  for (const [path, secret] of [
    ["/security/credentials", "pw-vcenter-secret"],
    ["/clusters/*/deploy", "pw-ontap-secret"],
  ]) {
    simulator.clearRules();
    const body = { error: { code: 1, message: `bad password: ${secret}` } };
    simulator.addRule({ match: { method: "POST", path }, action: { kind: "status", status: 400, body } });
    const deploy = client({ onEvent: (event) => events.push(event) });
    const error = await failure(createCluster(deploy, single(), { onStep: (step) => steps.push(step) }));
    assert.equal(error.status, 400);
    const shown = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), error.stack];
    shown.push(JSON.stringify(events), JSON.stringify(steps), String(error.text));
    for (const text of shown) for (const one of SECRETS) assert.ok(!text?.includes(one), text);
  }
});

test("an error of onStep does not affect the run", async (t) => {
  const { client, run } = stageFor(t);
  const onStep = async ({ name }) => {
    throw new Error(name);
  };
  await run(createCluster(client(), single(), { onStep }));
  await run(
    createCluster(client(), single(), {
      onStep: () => {
        throw new Error("at once");
      },
    }),
  );
});

test("bad options reject with their names, and nothing is sent", async (t) => {
  const { client, simulator, failure } = stageFor(t);
  const bad = {
    dryRun: "yes",
    inhibitRollback: 1,
    onStep: {},
    onProgress: 3,
    signal: {},
    timeout: "1 s",
  };
  for (const [name, value] of Object.entries(bad)) {
    const error = await failure(createCluster(client(), single(), { [name]: value }));
    assert.ok(error instanceof TypeError && error.message.startsWith(name), error.message);
  }
  for (const timeout of [0, -1, Number.NaN]) {
    const error = await failure(createCluster(client(), single(), { timeout }));
    assert.ok(error instanceof RangeError && /^timeout/.test(error.message), error.message);
  }
  assert.match((await failure(createCluster({}, single()))).message, /^deploy/);
  assert.match((await failure(createCluster(client(), single(), 7))).message, /^options/);
  assert.equal(simulator.counters().requests, 0);
});

test("clusters with the same name prefix or a pattern as a name are not touched", async (t) => {
  const { client, world, run } = stageFor(t);
  for (const name of ["prod-2", "null", "prod"]) {
    const plan = planOf({ count: 1, site: "vcenter", name });
    await run(createCluster(client(), plan));
    assert.deepEqual(differencesOf(await world.records(), plan, "stand"), [], name);
  }
  assert.equal((await world.list("/clusters")).length, 3);
  await run(deleteCluster(client(), "null"));
  await run(deleteCluster(client(), "pro*"));
  assert.deepEqual((await world.list("/clusters")).map(({ name }) => name).sort(), ["prod", "prod-2"]);
});

test("a host that Deploy could not log in to is added again", async (t) => {
  const { client, world, run } = stageFor(t, { config: { needCredentials: true } });
  await world.ask("POST", "/hosts", { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] });
  await world.rest();
  assert.match((await world.list("/hosts?fields=*"))[0].status, /failed/);
  const { steps } = await run(createCluster(client(), planOf({ count: 1, site: "esx" })));
  assert.ok(told(steps).includes("changed host esx-1"), told(steps).join());
});

test("an object that another client is adding is waited for, if Deploy lists its jobs", async (t) => {
  const { client, world, run } = stageFor(t, { config: { objectsAppear: "succeeded", stepMs: 30_000 } });
  const { vcenter, hosts } = single();
  await world.ask("POST", "/security/credentials", { ...vcenter, type: "vcenter" });
  await world.ask("POST", "/hosts", {
    hosts: hosts.map(({ name }) => ({ name, hypervisor_type: "ESX", management_server: vcenter.hostname })),
  });
  const { steps } = await run(createCluster(client(), single()));
  assert.ok(told(steps).includes("found login vcenter.example.com"), told(steps).join());
  assert.ok(told(steps).includes("found host esx-1"), told(steps).join());
});

test("a cluster that is being deleted does not count as deployed, and one that disappears is created again", async (t) => {
  const { client, world, run } = stageFor(t, { config: { stepMs: 30_000 } });
  await run(createCluster(client(), single()));
  const [{ id }] = await world.list("/clusters");
  await world.ask("DELETE", `/clusters/${id}?force=true`);
  const { steps } = await run(createCluster(client(), single()));
  assert.ok(told(steps).includes("made deploy prod"), told(steps).join());
  assert.deepEqual(differencesOf(await world.records(), single(), "stand"), []);
});

for (const [what, config] of Object.entries({
  "numbered jobs": { jobId: "numeric" },
  "states in upper case": { upperCase: true },
  "an unknown state": { extraState: "paused" },
})) {
  test(`a running deploy is followed with ${what}`, async (t) => {
    const { client, world, time, run, simulator } = stageFor(t, { config: { stepMs: 30_000, ...config } });
    const first = client();
    const left = createCluster(first, single()).catch(() => {});
    await time.until(untilDeploying(world, time));
    first.close();
    await left;
    await run(createCluster(client(), single()));
    assert.equal(deploysOf(simulator).length, 1);
    assert.deepEqual(differencesOf(await world.records(), single(), "stand"), []);
  });
}
