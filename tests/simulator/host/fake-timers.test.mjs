// The simulator with fake timers of test runners, which differ in what they fake.

import assert from "node:assert/strict";
import test from "node:test";
import { createSimulator } from "./machine.mjs";
import { createVirtualClock } from "./virtual-clock.mjs";

const headers = {
  authorization: `Basic ${btoa("admin:Netapp1!")}`,
  "content-type": "application/json",
};
const HOUR = 3_600_000;

/** @typedef {import("node:test").TestContext} TestContext */

/** @param {TestContext} t */
async function jobOfTwoHours(t) {
  const deploy = createSimulator({
    scripts: [{ steps: [{ state: "running" }, { state: "success", afterMs: 2 * HOUR }] }],
  });
  t.after(() => deploy.close());
  const body = JSON.stringify({ hosts: [{ name: "esx1", hypervisor_type: "ESX" }] });
  const { job } = await (await deploy.fetch("/api/hosts", { method: "POST", headers, body })).json();
  const ask = async (/** @type {string} */ query) =>
    (await (await deploy.fetch(`/api/jobs/${job.id}${query}`, { headers })).json()).record?.state;
  return {
    state: () => ask(""),
    poll: (/** @type {number} */ seconds) =>
      ask(`?fields=state&poll_timeout=${seconds}&last_modified=%3E=${job.last_modified}`),
  };
}

/** Runs what is ready. The tests below do not fake this timer. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("with node:test's fake timers and Date, the time follows them to the millisecond", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const job = await jobOfTwoHours(t);
  assert.equal(await job.state(), "running");
  t.mock.timers.tick(2 * HOUR - 1);
  assert.equal(await job.state(), "running");
  t.mock.timers.tick(1);
  assert.equal(await job.state(), "success");
});

test("timers may become fake after the simulator was created and real before it closes", async (t) => {
  const job = await jobOfTwoHours(t);
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  assert.equal(await job.state(), "running");
  t.mock.timers.tick(HOUR);
  assert.equal(await job.state(), "running");
  t.mock.timers.tick(HOUR);
  assert.equal(await job.state(), "success");
  t.mock.timers.reset();
  assert.equal(await job.state(), "success");
});

test("with only node:test's fake timers, a held request gets its response when the timer fires", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const job = await jobOfTwoHours(t);
  /** @type {string | undefined} */
  let state;
  job.poll(60).then((said) => {
    state = said;
  });
  await settle();
  t.mock.timers.tick(59_000);
  await settle();
  assert.equal(state, undefined);
  t.mock.timers.tick(1_000);
  for (let turn = 0; turn < 10; turn += 1) await settle();
  assert.equal(state, "running");
});

test("a fake performance.now determines the time", async (t) => {
  let now = 0;
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.mock.method(performance, "now", () => now);
  const job = await jobOfTwoHours(t);
  t.mock.timers.tick(2 * HOUR);
  assert.equal(await job.state(), "running");
  now = 2 * HOUR;
  assert.equal(await job.state(), "success");
});

test("a fake system time with real timers does not move the simulator's time", async (t) => {
  const job = await jobOfTwoHours(t);
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 4 * HOUR });
  t.mock.timers.tick(4 * HOUR);
  assert.equal(await job.state(), "running");
});

test("the virtual clock works while everything else is fake", async (t) => {
  t.mock.timers.enable();
  const clock = createVirtualClock();
  let fired = false;
  clock.setTimeout(() => {
    fired = true;
  }, 5);
  await clock.advance(5);
  assert.ok(fired);
});
