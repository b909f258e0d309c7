// subscribe(): the job as a store for React and Svelte.

import assert from "node:assert/strict";
import { test } from "node:test";
import { JobFailedError, WaitTimeoutError } from "ontap-select-deploy";
import { deployFor } from "./deploy.mjs";
import { hang, record, rejection, scripted } from "./scripted.mjs";

/** The states that a subscription gets, and a promise for the next one that meets `when`. */
function listening(handle) {
  const states = [];
  let awaited;
  const leave = handle.subscribe((job) => {
    states.push(job?.state);
    if (awaited?.when(job)) awaited.resolve(job);
  });
  const until = (when) =>
    new Promise((resolve) => {
      awaited = { when, resolve };
    });
  return { states, leave, until };
}

test("subscribe passes the latest snapshot at once, then each change, including the last one", async (t) => {
  const server = await scripted(t, record("queued"), record("running"), record("running"), record("success"));
  const handle = server.client().job("j");
  const early = listening(handle);
  assert.deepEqual(early.states, [undefined], "a store without a snapshot passes undefined at once");
  const end = await early.until((job) => job.state === "success");
  assert.equal(end, handle.latest);
  assert.deepEqual(early.states, [undefined, "queued", "running", "success"]);
  const late = listening(handle);
  assert.deepEqual(late.states, ["success"]);
  await handle.result();
  assert.deepEqual(late.states, ["success"], "the known end is passed once");
  late.leave();
  early.leave();
});

test("subscribe needs no bind, and is the same function each time", async (t) => {
  const server = await scripted(t, hang);
  const client = server.client();
  const handle = client.job("j");
  const { subscribe } = handle;
  assert.equal(subscribe, handle.subscribe);
  assert.notEqual(subscribe, client.job("j").subscribe);
  subscribe(() => {})();
  assert.equal(client.stats.waits, 0);
});

test("several subscriptions share one poll, which ends with the last one", async (t) => {
  const { client, simulator } = await deployFor(t, { stepMs: 60_000 });
  const deploy = client();
  const handle = await deploy.submit("POST", "/hosts", {
    body: { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] },
  });
  const subscriptions = [listening(handle), listening(handle), listening(handle)];
  while (simulator.counters().openPolls === 0) await new Promise(setImmediate);
  assert.equal(deploy.stats.openPolls, 1);
  for (const { leave } of subscriptions) leave();
  for (const { leave } of subscriptions) leave();
  assert.equal(deploy.stats.waits, 0);
  while (simulator.counters().openPolls > 0) await new Promise(setImmediate);
  for (const { states } of subscriptions) assert.deepEqual(states, ["queued"]);
});

test("a listener that left gets nothing, also no queued change", async (t) => {
  const server = await scripted(t, record("running"), record("success"));
  const handle = server.client().job("j");
  const [leaving, staying] = [listening(handle), listening(handle)];
  await staying.until((job) => {
    if (job.state === "running") leaving.leave();
    return job.state === "success";
  });
  assert.ok(!leaving.states.includes("success"));
  const client = (await scripted(t, { body: {} })).client();
  const done = listening(await client.submit("GET", "/clusters"));
  done.leave();
  await new Promise(setImmediate);
  assert.deepEqual(done.states, ["success"]);
});

test("a synchronous response is a success", async (t) => {
  const server = await scripted(t, { body: {} });
  const done = listening(await server.client().submit("GET", "/clusters"));
  await new Promise(setImmediate);
  assert.deepEqual(done.states, ["success"]);
});

test("a failed job, a timeout and a close reject nothing; result() gives the reason", async (t) => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  t.after(() => process.off("unhandledRejection", note));

  const failing = await scripted(t, record("failure", "no space"));
  const failed = failing.client().job("j");
  const { states, until } = listening(failed);
  await until((job) => job?.state === "failure");
  assert.deepEqual(states, [undefined, "failure"]);
  assert.equal(failed.latest.message, "no space");
  assert.ok((await rejection(failed.result())) instanceof JobFailedError);

  const silent = await scripted(t, record("running"), hang);
  const client = silent.client({ timeout: 200 });
  const slow = client.job("j");
  const listener = listening(slow);
  while (client.stats.waits > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(listener.states, [undefined, "running"]);
  assert.ok((await rejection(slow.result())) instanceof WaitTimeoutError);

  const closing = (await scripted(t, hang)).client();
  listening(closing.job("j"));
  closing.close();
  listening(closing.job("j"));
  await new Promise(setImmediate);
  assert.deepEqual(unhandled, []);
});

test("a listener that throws: the first call throws from subscribe, a later one is a callback-error", async (t) => {
  const server = await scripted(t, record("running"), record("success"));
  const events = [];
  const client = server.client({ onEvent: ({ type }) => events.push(type) });
  const handle = client.job("j");
  assert.throws(
    () =>
      handle.subscribe(() => {
        throw new Error("mine");
      }),
    { message: "mine" },
  );
  assert.equal(client.stats.waits, 0);
  const seen = [];
  const over = new Promise((resolve) => {
    handle.subscribe((job) => {
      seen.push(job?.state);
      if (job?.state === "success") resolve();
      if (job?.state === "running") throw new Error("mine");
    });
  });
  await over;
  await new Promise(setImmediate);
  assert.deepEqual(seen, [undefined, "running", "success"]);
  assert.equal(events.filter((type) => type === "callback-error").length, 1);
});
