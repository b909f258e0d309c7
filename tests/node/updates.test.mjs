// updates(): the loop over a job's changes, and leaving it.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { accepted, hang, record, rejection, scripted } from "./scripted.mjs";

test("leaving during a next() ends the wait and its poll", async (t) => {
  const server = await scripted(t, record("running"), hang);
  const client = server.client();
  const updates = client.job("j").updates();
  assert.equal((await updates.next()).value.state, "running");
  const pending = updates.next();
  const poll = await server.received(2);
  assert.deepEqual(await updates.return(), { value: undefined, done: true });
  assert.deepEqual(await pending, { value: undefined, done: true });
  await poll.closed;
  assert.equal(client.stats.waits, 0);
  assert.deepEqual(await updates.next(), { value: undefined, done: true });
});

test("a stream from it can be cancelled during a read", async (t) => {
  const server = await scripted(t, record("running"), hang);
  const client = server.client();
  const reader = ReadableStream.from(client.job("j")).getReader();
  await reader.read();
  const pending = reader.read();
  await server.received(2);
  await reader.cancel();
  assert.equal((await pending).done, true);
  assert.equal(client.stats.waits, 0);
});

test("bad options throw at once, for every handle", async (t) => {
  const server = await scripted(t, { body: {} });
  const client = server.client();
  for (const handle of [client.job("j"), await client.submit("POST", "/x")]) {
    for (const [options, name, kind] of [
      [{ timeout: 0 }, /timeout/, RangeError],
      [{ signal: {} }, /signal/, TypeError],
      [null, /options/, TypeError],
      [7, /options/, TypeError],
    ]) {
      assert.throws(() => handle.updates(options), { name: kind.name, message: name });
      const error = await rejection(handle.result(options));
      assert.ok(error instanceof kind && name.test(error.message));
    }
  }
  assert.equal(server.requests.length, 1);
});

test("an abort ends it with the signal's reason and leaves no listener", async (t) => {
  const server = await scripted(t, record("running"), hang);
  const controller = new AbortController();
  const { signal } = controller;
  const updates = server.client().job("j").updates({ signal });
  await updates.next();
  assert.equal(getEventListeners(signal, "abort").length, 1);
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await rejection(updates.next()), reason);
  assert.deepEqual(await updates.next(), { value: undefined, done: true });
  assert.equal(getEventListeners(signal, "abort").length, 0);
  assert.equal(await rejection(server.client().job("j").updates({ signal }).next()), reason);
});

test("several concurrent next() resolve in order", async (t) => {
  const server = await scripted(t, accepted(), record("running"), record("success"));
  const handle = await server.client().submit("POST", "/x");
  const updates = handle.updates();
  const steps = await Promise.all([updates.next(), updates.next(), updates.next(), updates.next()]);
  assert.deepEqual(
    steps.map(({ value, done }) => value?.state ?? done),
    ["queued", "running", "success", true],
  );
});

test("many waits with one signal add one listener", async (t) => {
  const server = await scripted(t, hang);
  const controller = new AbortController();
  const { signal } = controller;
  const handle = server.client().job("j");
  const waits = Array.from({ length: 20 }, () => rejection(handle.result({ signal })));
  assert.equal(getEventListeners(signal, "abort").length, 1);
  controller.abort(new Error("enough"));
  for (const error of await Promise.all(waits)) assert.equal(error, signal.reason);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});
