import assert from "node:assert/strict";
import { test } from "node:test";
import { accepted, hang, record, rejection, scripted } from "./scripted.mjs";

/** Events are delivered in microtasks, so all are here after one turn. */
const delivered = () => new Promise((resolve) => setTimeout(resolve));

/** A client that records its events. */
function listening(server, options) {
  const events = [];
  const client = server.client({
    onEvent: (event) => events.push(event),
    retry: { initialDelay: 1 },
    ...options,
  });
  return { client, events };
}

test("the events of a call show its whole course", async (t) => {
  const server = await scripted(t, accepted(), { status: 503 }, record("running", "hush"), record("success"));
  const { client, events } = listening(server);
  await client.post("/x?secret=1", { secret: 1 });
  await delivered();
  const { delay } = events.find((event) => event.type === "retry");
  assert.ok(delay >= 0 && delay <= 1);
  const call = { method: "POST", path: "/x" };
  const poll = { jobId: "j", method: "GET", path: "/jobs/j" };
  assert.deepEqual(events, [
    { type: "request", ...call },
    { type: "response", ...call, status: 202 },
    { type: "state", jobId: "j", state: "queued" },
    { type: "request", ...poll },
    { type: "response", ...poll, status: 503 },
    { type: "retry", jobId: "j", attempt: 1, delay },
    { type: "request", ...poll },
    { type: "response", ...poll, status: 200 },
    { type: "state", jobId: "j", state: "running" },
    { type: "request", ...poll },
    { type: "response", ...poll, status: 200 },
    { type: "state", jobId: "j", state: "success" },
    { type: "settled", jobId: "j", state: "success" },
  ]);
  assert.ok(events.every(Object.isFrozen));
});

test("a server that responds at once causes a hot-loop event", async (t) => {
  const server = await scripted(t, accepted(), record("running"));
  const hot = await new Promise((resolve) => {
    const client = server.client({ onEvent: (event) => event.type === "hot-loop" && resolve(event) });
    rejection(client.post("/x"));
    t.after(() => client.close());
  });
  assert.deepEqual(hot, { type: "hot-loop", jobId: "j", delay: 1_000 });
});

test("an abort and a close end open requests, with events", async (t) => {
  const server = await scripted(t, hang);
  const { client, events } = listening(server);
  const controller = new AbortController();
  const aborted = client.job("j").result({ signal: controller.signal });
  await server.received(1);
  controller.abort();
  await rejection(aborted);
  const closed = client.get("/x");
  await server.received(2);
  client.close();
  await rejection(closed);
  await delivered();
  assert.deepEqual(
    events.filter((event) => event.type !== "request").map(({ type, code, path }) => [type, code, path]),
    [
      ["settled", "ABORTED", undefined],
      ["cancelled", undefined, "/jobs/j"],
      ["settled", "CLOSED", "/x"],
      ["cancelled", undefined, "/x"],
    ],
  );
});

test("callbacks that throw or reject do no harm, and onProgress is still called", async (t) => {
  for (const broken of [
    () => {
      throw new Error("secret");
    },
    async () => {
      throw new Error("secret");
    },
  ]) {
    const server = await scripted(t, accepted(), record("success"));
    const { client, events } = listening(server);
    assert.equal((await client.post("/x", {}, { onProgress: broken })).job.state, "success");
    await delivered();
    assert.deepEqual(
      events.filter((event) => event.type === "callback-error"),
      [
        { type: "callback-error", jobId: "j" },
        { type: "callback-error", jobId: "j" },
      ],
    );
    const deaf = (await scripted(t, accepted(), record("success"))).client({ onEvent: broken });
    assert.equal((await deaf.post("/x", {}, { onProgress: broken })).job.state, "success");
  }
});

test("a listener may use the client", async (t) => {
  const server = await scripted(t, accepted(), record("success"));
  let once;
  const client = server.client({
    onEvent: (event) => {
      if (event.type === "state") once ??= client.job("j").result();
    },
  });
  await client.post("/x");
  assert.equal((await once).state, "success");
});
