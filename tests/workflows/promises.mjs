// The promises that hold whatever happens to a run. They are checked against Deploy's responses and log, not against the
// code of the workflows.

import assert from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";
import { SECRETS } from "./plans.mjs";

const TIB = 2 ** 40;
const STEPS = [
  "login",
  "host",
  "cluster",
  "node",
  "deploy",
  "power off",
  "delete",
  "resize",
  "license",
  "backup",
];
const DONE = ["found", "made", "changed", "planned"];

/** Checks every run, however it ended. */
export async function ofEachRun(stage, run, outcome) {
  assert.deepEqual(stage.violations, [], "forbidden requests");
  nothingIsLeft(stage, run);
  noSecretShows(run, outcome);
  theStepsAreTold(run, outcome);
  if (outcome.error) await theErrorIsTrue(stage, run, outcome.error);
  else await theResultIsTrue(stage, run, outcome.result);
}

function nothingIsLeft({ time }, run) {
  assert.equal(run.open, 0, "open requests after the run");
  const { waits, openPolls } = run.stats;
  assert.deepEqual({ waits, openPolls }, { waits: 0, openPolls: 0 }, "pending waits after the run");
  assert.equal(time.pending, 0, "pending timers after the run");
}

function noSecretShows(run, { result, error }) {
  const shown = [JSON.stringify([run.events, run.steps, run.progress, result ?? {}])];
  for (let one = error; one instanceof Error; one = one.cause) {
    shown.push(one.message, one.stack, JSON.stringify(one), inspect(one, { depth: 9, showHidden: true }));
  }
  for (const text of shown) {
    const secret = [...SECRETS, "pw-deploy-"].find((one) => text?.includes(one));
    assert.equal(secret, undefined, `a secret shows in ${text}`);
  }
}

function theStepsAreTold(run, { result, error }) {
  for (const { name, target, done, differs } of run.steps) {
    assert.ok(
      STEPS.includes(name) && DONE.includes(done) && typeof target === "string",
      `the step ${name} ${done}`,
    );
    assert.ok(differs === undefined || differs.length > 0, "differs is absent without differences");
    assert.equal(
      done === "planned",
      run.spec.dryRun === true && done !== "found",
      `the step ${name} ${done}`,
    );
  }
  const last = new Map(run.steps.map((step) => [`${step.name} ${step.target}`, step]));
  if (result) assert.deepEqual([...result.steps], [...last.values()], "the result has the reported steps");
  if (!error || error === run.stopped) return;
  // An error before the first step has no progress.
  if (error.name === "PlanError" && last.size === 0) return;
  assert.deepEqual(
    [...(error.workflow?.steps ?? [])],
    [...last.values()],
    "the error has the reported steps",
  );
  assert.ok(error.workflow?.advice?.length > 10, "the error says what to do next");
}

/** The allowed errors of a run, with their conditions. */
async function theErrorIsTrue(stage, run, error) {
  const { story, world } = stage;
  const { spec } = run;
  const told = `${error?.code ?? error?.name}: ${error?.message}`;
  if (error === run.stopped) return assert.equal(run.wasEnded, "abort");
  if (error.code === "CLOSED") return assert.ok(run.isDead, told);
  // A known end wins, and so does the failure of one of several requests.
  const isOver = error.code === "JOB_FAILED" || (error.code === "TRANSPORT" && stage.faults.length > 0);
  assert.ok(!run.isDead || isOver, `a run whose client was closed says so, and not: ${told}`);
  assert.ok(
    run.wasEnded !== "abort" || isOver,
    `a run that was stopped rejects with the reason, and not: ${told}`,
  );
  if (error.code === "WAIT_TIMEOUT") {
    assert.ok(spec.timeout !== undefined && run.ended - run.began >= spec.timeout, told);
    return;
  }
  const line = stage.faults;
  const isOfTheLine =
    { TRANSPORT: line.length > 0, PROTOCOL: line.length > 0, AUTH: stage.isPasswordUnsure }[error.code] ??
    (error.code === "HTTP" && line.some(({ status }) => status === error.status));
  if (isOfTheLine) return;
  assert.ok(
    !["TRANSPORT", "PROTOCOL", "AUTH"].includes(error.code),
    `nothing on the line is the cause of ${told}`,
  );
  if (error.code === "JOB_FAILED") await theJobHasFailed(world, error);
  else if (error.code === "HTTP")
    assert.ok(run.statuses.has(error.status), `Deploy has not said so: ${told}`);
  else if (["NOT_TRACKABLE", "JOB_GONE"].includes(error.code))
    assert.ok(story.config.accept?.job || story.config.purgeMs, told);
  else assert.ok(["PlanError", "WorkflowError"].includes(error.name), inspect(error));
  const isDeploys = await mayBeRefused(stage, run);
  assert.ok(isDeploys, `nothing at Deploy is the cause of ${told}`);
}

async function theJobHasFailed(world, { job, message }) {
  const { status, body } = await world.ask("GET", `/jobs/${encodeURIComponent(job.id)}?fields=*`);
  if (status === 404) return; // Deploy has purged the job.
  assert.match(body.record.state, /^failure$/i, "the reported job has failed");
  assert.equal(job.message ?? "", body.record.message ?? "", "its message");
  assert.ok(message.includes(body.record.message || "no reason") || !body.record.message, message);
}

/** Whether Deploy may reject a run. */
async function mayBeRefused({ story, touched }, run) {
  const { plans } = story;
  if (mayBeHidden(story)) return true;
  if (touched || run.hadTwin) return true;
  if (plans.some((plan) => obstaclesOf(plan, EMPTY, story.config).size > 0)) return true;
  const [first] = plans;
  return plans.some(
    (plan) => plan.nodes.length !== first.nodes.length || plan.cluster.name !== first.cluster.name,
  );
}

/** The second message: its login is left from an earlier run. */
const UNREACHABLE = /cannot be reached|has a login that Deploy could not use/;

/** Whether an object of an earlier run may be invisible until its job ends, without a listed job. */
export function mayBeHidden({ config, jobsList }) {
  return config.objectsAppear === "succeeded" && jobsList !== undefined;
}

const EMPTY = { clusters: [], hosts: [], credentials: [] };

/** The plan is deployed. If another run deployed it, this run reports the differences. */
async function theResultIsTrue(stage, run, { steps }) {
  if (run.disturbed || run.spec.dryRun) return;
  const goal = run.spec.do === "create" ? "stand" : "gone";
  const left = differencesOf(await stage.world.records(), run.plan, goal);
  const wasDeployedHere = steps.some(({ name, done }) => name === "deploy" && done === "made");
  if (goal === "gone" || (wasDeployedHere && !stage.touched)) {
    assert.deepEqual(left, [], "Deploy's objects match the plan");
    return;
  }
  const told = steps.flatMap(({ differs = [] }) => differs).join("\n");
  for (const { place, is } of left) {
    // Members that Deploy omits may be set.
    if (is === undefined) continue;
    // Another client may still be powering it off.
    if (place === "powered off" && stage.touched) continue;
    assert.ok(
      ["hosts", "logins"].includes(place) || told.includes(place),
      `${place} is ${is}, but no step reports it:\n${told}`,
    );
  }
}

/** Checks the undisturbed run: the plan is deployed, or the error gives the reason. */
export function ofTheEnd(stage, { outcome, before, plan, goal }) {
  const { config } = stage.story;
  const { error } = outcome;
  const obstacles = goal === "stand" ? obstaclesOf(plan, before, config) : obstaclesToTheEnd(plan, before);
  if (obstacles.size === 0) {
    assert.equal(error, undefined, `there is no obstacle, but it rejects: ${error?.message}`);
    return;
  }
  assert.ok(error, `it resolves despite these obstacles: ${[...obstacles.keys()]}`);
  const patterns = [...obstacles.values()];
  // A job that cannot be followed gives no reason.
  const isJobUnknown = config.accept?.job !== undefined || config.purgeMs !== undefined;
  const isTrue = patterns.some((pattern) => pattern.test(error.message)) || isJobUnknown;
  assert.ok(isTrue, `${[...obstacles.keys()]} is the obstacle, but the error is: ${error.message}`);
}

/** The obstacles for a plan in the simulator, with the message of each error. */
export function obstaclesOf(plan, { clusters, hosts }, config) {
  const found = new Map();
  const { cluster, nodes } = plan;
  const there = clusters.find(({ name }) => name === cluster.name);
  if (there?.is_deployed) {
    if (there.nodes.length !== nodes.length) found.set("count", /nodes/);
    return found;
  }
  if (there?.state === "deploy_failed") found.set("deployFailed", /failed|deploy is over/);
  if (/^(silent|mute)/.test(cluster.name)) found.set("silent", /failed|failure|no reason/);
  if (cluster.ontap_image_version?.startsWith("9.99")) found.set("image", /image/);
  for (const { name } of plan.hosts)
    if (name.startsWith("unreachable")) found.set("unreachable", UNREACHABLE);
  for (const { license, storage, networks, host_name } of nodes) {
    if (license === "999999999") found.set("noLicense", /license/);
    if (license === "320000001" && bytes(storage.pools[0]) > 2 * TIB)
      found.set("license", /lacks the capacity/);
    // On a host that accepts any name, an unknown name is not an obstacle.
    const isStrict = config.openHosts === false;
    const { type } = plan.hosts.find(({ name }) => name === host_name);
    const isKnown = ({ name }) => /^(datastore|host-pool-)[12]$/.test(name);
    if (isStrict && !storage.pools.every(isKnown)) found.set("pool", /has no storage pool/);
    if (isStrict && networks.some(({ name }) => name === "no-network"))
      found.set("network", /has no network/);
    if (isStrict && storage.disks?.some(({ name }) => name === "no-disk")) found.set("disk", /has no disk/);
    for (const pool of storage.pools) {
      const isLarge = pool.name === (type === "KVM" ? "host-pool-1" : "datastore1");
      if (bytes(pool) > (isLarge ? 8 : 2) * TIB && isKnown(pool)) found.set("room", /lacks room/);
    }
  }
  const failed = hosts.find(
    ({ name, status }) => status === "authentication_failed" && plan.hosts.some((h) => h.name === name),
  );
  if (failed) found.set("unreachable", UNREACHABLE);
  return found;
}

function obstaclesToTheEnd({ cluster }, { clusters }) {
  const there = clusters.find(({ name }) => name === cluster.name);
  const fails = /^(silent|mute)/.test(cluster.name) && there && there.state !== "not_deployed";
  return fails ? new Map([["silent", /failed|failure|no reason/]]) : new Map();
}

/** Whether there is nothing left to do. */
export function standsAsPlanned({ clusters }, plan, goal) {
  const there = clusters.find(({ name }) => name === plan.cluster.name);
  if (goal === "gone") return there === undefined;
  return there?.is_deployed === true && there.nodes.length === plan.nodes.length;
}

/** All differences between Deploy and the plan, by their places in the plan. */
export function differencesOf({ clusters, hosts, credentials }, plan, goal) {
  const found = [];
  const compare = (place, is, wanted) => {
    if (!isDeepStrictEqual(is, wanted))
      found.push({ place, is: JSON.stringify(is), wanted: JSON.stringify(wanted) });
  };
  const named = clusters.filter(({ name }) => name === plan.cluster.name);
  if (goal === "gone") {
    compare("cluster", named.length, 0);
    return found;
  }
  compare("cluster", named.length, 1);
  const [cluster] = named;
  if (!cluster) return found;
  const { name, ontap_admin_password, ...description } = plan.cluster;
  compare("cluster is deployed", cluster.is_deployed, true);
  compare("powered off", cluster.state === "powered_off", false);
  for (const [member, value] of Object.entries(description))
    compare(`cluster.${member}`, cluster[member], value);
  compare("nodes", cluster.nodes.length, plan.nodes.length);
  const rest = cluster.nodes.filter((node) => !plan.nodes.some((wanted) => wanted.name === node.name));
  for (const [index, wanted] of plan.nodes.entries()) {
    const node = cluster.nodes.find((one) => wanted.name && one.name === wanted.name) ?? rest.shift();
    if (node) compareNode(compare, `nodes[${index}]`, node, wanted, plan);
  }
  for (const host of plan.hosts) {
    const there = hosts.filter((one) => one.name === host.name);
    compare(
      "hosts",
      there.map(({ status, hypervisor_type: type }) => ({ status, type })),
      [{ status: "authenticated", type: host.type }],
    );
  }
  const hostnames = credentials.map(({ hostname }) => hostname);
  compare("logins", hostnames.length, new Set(hostnames).size);
  return found;
}

function compareNode(compare, place, node, wanted, plan) {
  compare(`${place}.host_name`, node.host?.name, wanted.host_name);
  compare(`${place}.ip`, node.ip, wanted.ip);
  compare(`${place}.instance_type`, node.instance_type, wanted.instance_type);
  if (wanted.name) compare(`${place}.name`, node.name, wanted.name);
  compare(`${place}.license`, node.license?.id ?? null, wanted.license ?? null);
  if (wanted.is_storage_efficiency_enabled !== undefined)
    compare(
      `${place}.is_storage_efficiency_enabled`,
      node.is_storage_efficiency_enabled,
      wanted.is_storage_efficiency_enabled,
    );
  const disks = wanted.storage.disks ?? wanted.storage.disk ?? [];
  compare(`${place}.passthrough_disks`, node.passthrough_disks, disks.length > 0);
  compare(
    `${place}.storage.disks`,
    node.disks.map(({ name }) => name).sort(),
    disks.map(({ name }) => name).sort(),
  );
  const pools = (list) => list.map((pool) => [pool.name, bytes(pool)]).sort();
  compare(`${place}.storage.pools`, pools(node.pools), pools(wanted.storage.pools));
  for (const [index, { purpose, name, vlan }] of wanted.networks.entries()) {
    if (purpose === "internal" && plan.nodes.length === 1) continue;
    const network = node.networks.find((one) => one.purpose === purpose);
    const at = `${place}.networks[${index}]`;
    compare(`${at}.name`, network?.name, name);
    compare(`${at}.vlan`, network?.vlan_id ?? null, vlan ?? null);
  }
}

/** A run without work has found everything and sent no mutating call. */
export function foundAll(run, { result, error }) {
  assert.equal(error, undefined, `a run on a deployed plan: ${error?.message}`);
  const others = result.steps.filter(({ done }) => done !== "found");
  assert.deepEqual(others, [], "the steps of a run on a deployed plan");
  assert.equal(run.changes, 0, "the mutating calls of a run on a deployed plan");
  assert.ok(result.steps.length > 0);
}

export function same(before, after, what) {
  assert.deepEqual(after, before, what);
}

/** The requests of each run and their responses, from the simulator's log. */
export async function theLogIsInOrder(stage) {
  const { world, story } = stage;
  const log = world.simulator.log();
  const runOf = ({ headers }) => headers.find(([name]) => name === "x-run")?.[1];
  const deploys = log.filter(({ method, path, job, status }) => {
    return (
      method === "POST" && /^\/clusters\/[^/]+\/deploy$/.test(path) && job !== null && (status ?? 0) < 300
    );
  });
  const byRun = new Map();
  for (const one of deploys) {
    const run = runOf(one);
    if (run === undefined) continue;
    byRun.set(run, [...(byRun.get(run) ?? []), one]);
  }
  for (const [run, list] of byRun) {
    // If its response was lost, it is unknown whether it was accepted and failed at once.
    const told = list.filter(({ rule, outcome }) => rule === null && outcome === "answered");
    assert.ok(told.length <= 1, `run ${run} has started ${list.length} deploys`);
  }
  if (story.config.purgeMs) return;
  const byCluster = Map.groupBy?.(deploys, ({ path }) => path) ?? group(deploys, ({ path }) => path);
  for (const [path, list] of byCluster) {
    for (const { job } of list.slice(0, -1)) {
      const { body } = await world.ask("GET", `/jobs/${encodeURIComponent(job)}?fields=*`);
      assert.match(body.record.state, /^failure$/i, `a deploy before another one of ${path}`);
    }
  }
}

function group(list, keyOf) {
  const groups = new Map();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

function bytes({ capacity }) {
  if (typeof capacity !== "string") return capacity ?? null;
  return Number.parseFloat(capacity) * TIB;
}
