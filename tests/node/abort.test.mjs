import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { ClosedError } from "ontap-select-deploy";
import { accepted, hang, record, rejection, scripted } from "./scripted.mjs";

// An abort must reject with the user's reason and end the request.
const reason = new Error("the user left");

const headersThenSilence = (_, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"record":');
};

for (const [phase, answers, count] of [
  ["before the response to the call", [hang], 1],
  ["during the body of the call's response", [headersThenSilence], 1],
  ["during a poll, before its response", [accepted(), hang], 2],
  ["during a poll, within its response body", [accepted(), headersThenSilence], 2],
]) {
  test(`an abort ${phase} rejects with the signal's reason and ends the request`, async (t) => {
    const server = await scripted(t, ...answers);
    const controller = new AbortController();
    const call = server.client().post("/clusters", { name: "c" }, { signal: controller.signal });
    const request = await server.received(count);
    // One turn of the loop, so that the headers arrive.
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(reason);
    assert.equal(await rejection(call), reason);
    await request.closed;
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    assert.equal(server.requests.length, count);
  });
}

test("an abort between two retries rejects, and nothing more is sent", async (t) => {
  const server = await scripted(t, accepted(), { status: 503, headers: { "retry-after": "60" } });
  const controller = new AbortController();
  const client = server.client();
  const call = client.post("/clusters", {}, { signal: controller.signal });
  const request = await server.received(2);
  await request.closed;
  while (client.stats.openPolls > 0) await new Promise(setImmediate);
  controller.abort(reason);
  assert.equal(await rejection(call), reason);
  assert.equal(client.stats.waits, 0);
  assert.equal(server.requests.length, 2);
});

test("an abort before the first request sends nothing", async (t) => {
  const server = await scripted(t, hang);
  const error = await rejection(server.client().post("/x", {}, { signal: AbortSignal.abort(reason) }));
  assert.equal(error, reason);
  assert.equal(server.requests.length, 0);
});

test("an abort after the promise settled does nothing", async (t) => {
  const server = await scripted(t, accepted(), record("success"));
  const controller = new AbortController();
  const { job } = await server.client().post("/x", {}, { signal: controller.signal });
  controller.abort(reason);
  assert.equal(job.state, "success");
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
});

test("an abort ends one waiter, and the poll continues for the others", async (t) => {
  let finish;
  const server = await scripted(t, record("running"), (_, response) => {
    finish = () => response.end(JSON.stringify(record("success").body));
  });
  const handle = server.client().job("j");
  const controller = new AbortController();
  const leaver = handle.result({ signal: controller.signal });
  const stayer = handle.result();
  await server.received(2);
  controller.abort(reason);
  assert.equal(await rejection(leaver), reason);
  finish();
  assert.equal((await stayer).state, "success");
  assert.equal(server.requests.length, 2);
});

test("close() rejects every wait and aborts every request", async (t) => {
  const server = await scripted(t, hang);
  const client = server.client();
  const waits = [client.post("/x", {}), client.job("j").result(), client.job("k").poll()];
  const request = await server.received(3);
  client.close();
  for (const wait of waits) assert.ok((await rejection(wait)) instanceof ClosedError);
  await request.closed;
  assert.ok((await rejection(client.get("/x"))) instanceof ClosedError);
  client.close();
});
