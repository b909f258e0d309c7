// Thousands of concurrent jobs, and a thousand waiters on one job.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { DeployClient } from "ontap-select-deploy";
import { host } from "../lib/described.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";
import { credential, deployFor } from "./deploy.mjs";

const run = promisify(execFile);
const JOBS = 10_000;

// In its own process, for its memory, together with the simulator and without sockets.
const SOURCE = `
  import { DeployClient } from "ontap-select-deploy";
  import { createSimulator } from "./tests/simulator/host/machine.mjs";
  const { Instance } = WebAssembly;
  const memories = [];
  WebAssembly.Instance = function (...args) { const made = new Instance(...args); memories.push(Object.values(made.exports).find((it) => it instanceof WebAssembly.Memory)); return made; };
  const simulator = createSimulator({ stepMs: 8_000, logLimit: 1 });
  const client = new DeployClient({
    baseUrl: "https://deploy.example.com/api", auth: { username: "admin", password: "Netapp1!" }, fetch: simulator.fetch,
  });
  const engine = memories.at(-1);
  const ids = [];
  while (ids.length < ${JOBS}) {
    const names = Array.from({ length: 100 }, (_, at) => ((ids.length + at) % 4 ? "esx-" : "unreachable-") + (ids.length + at));
    const handles = await Promise.all(names.map((name) => client.submit("POST", "/hosts", { body: { hosts: [{ name, hypervisor_type: "ESX" }] } })));
    ids.push(...handles.map((handle) => handle.id));
  }
  const used = () => { gc(); return process.memoryUsage().heapUsed + engine.buffer.byteLength; };
  const before = used();
  const waits = ids.map((id) => client.job(id).result().then((job) => job.state, (error) => error.code));
  const perJob = (used() - before) / ${JOBS};
  // At first each slot has a long poll. The rounds start when these end.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const requests = simulator.counters().requests;
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const rate = ((simulator.counters().requests - requests) * 1_000) / (performance.now() - start);
  const ends = await Promise.all(waits);
  const { maxOpenPolls } = simulator.counters();
  console.log(JSON.stringify({
    wrong: ends.filter((end, at) => end !== (at % 4 ? "success" : "JOB_FAILED")).length,
    settled: ends.length, maxOpenPolls, perJob, rate, polls: client.stats.polls, waits: client.stats.waits,
  }));
`;

test("ten thousand concurrent jobs settle, each with its outcome", async (t) => {
  const args = ["--expose-gc", "--input-type=module", "-e", SOURCE];
  const { stdout } = await run(process.execPath, args, { timeout: 280_000 });
  const { perJob, rate, polls, ...rest } = JSON.parse(stdout);
  assert.deepEqual({ ...rest, maxOpenPolls: 0 }, { wrong: 0, settled: JOBS, maxOpenPolls: 0, waits: 0 });
  assert.ok(rest.maxOpenPolls <= 100);
  // Each request is for about a hundred jobs, every five seconds.
  assert.ok(rate <= 50, `${rate} requests a second`);
  t.diagnostic(
    `${Math.round(perJob)} bytes a watched job, ${rate.toFixed(1)} requests a second, ${polls} polls in all`,
  );
});

test("a thousand waiters on one job share one poll", async (t) => {
  const { client, simulator } = await deployFor(t, { stepMs: 200 });
  const deploy = client();
  const handle = await deploy.submit("POST", "/hosts", { body: host("esx-1") });
  const waits = Array.from({ length: 1_000 }, () => deploy.job(handle.id).result());
  assert.equal(deploy.stats.openPolls, 1);
  for (const job of await Promise.all(waits)) assert.equal(job.state, "success");
  const { maxOpenPolls, longPolls, standardPolls } = simulator.counters();
  assert.equal(maxOpenPolls, 1);
  assert.ok(longPolls + standardPolls < 10);
});

test("two thousand jobs on a server without a job list are each polled once per round", async (t) => {
  const many = 2_000;
  const noList = { match: { path: "/jobs" }, action: { kind: "status", status: 405 } };
  const options = { stepMs: 8_000, logLimit: 1, rules: [noList] };
  const simulator = createSimulator(options);
  t.after(() => simulator.close());
  const { fetch } = simulator;
  const deploy = new DeployClient({ baseUrl: "https://deploy.example.com/api", fetch, auth: credential });
  t.after(() => deploy.close());
  const ids = [];
  while (ids.length < many) {
    const names = Array.from({ length: 100 }, (_, at) => `esx-${ids.length + at}`);
    const handles = await Promise.all(
      names.map((name) => deploy.submit("POST", "/hosts", { body: host(name) })),
    );
    ids.push(...handles.map(({ id }) => id));
  }
  const start = performance.now();
  const ends = await Promise.all(ids.map((id) => deploy.job(id).result()));
  const rounds = (performance.now() - start) / 4_750;
  assert.ok(ends.every(({ state }) => state === "success"));
  const { maxOpenPolls } = simulator.counters();
  assert.ok(maxOpenPolls <= 100);
  const { polls } = deploy.stats;
  // Two polls for each job would take ten minutes at ten polls per second.
  assert.ok(polls >= 2 * many, `${polls} polls`);
  assert.ok(polls <= (rounds + 1) * many, `${polls} polls in ${rounds} rounds`);
  t.diagnostic(`${polls} polls in ${rounds.toFixed(1)} rounds`);
});
