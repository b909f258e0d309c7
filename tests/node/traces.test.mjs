// Calls and waits on node:diagnostics_channel.

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { tracingChannel } from "node:diagnostics_channel";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { inspect } from "node:util";
import { JobFailedError, TransportError, WaitTimeoutError } from "ontap-select-deploy";
import { accepted, hang, record, rejection, scripted } from "./scripted.mjs";

const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"];
const CALL = "ontap-select-deploy:call";
const WAIT = "ontap-select-deploy:wait";

/** The messages of the channel from now on. Ends with the test `t`. */
function messages(t, channel) {
  const told = [];
  const subscribers = Object.fromEntries(
    EVENTS.map((event) => [event, (message) => told.push([event, { ...message }, message])]),
  );
  tracingChannel(channel).subscribe(subscribers);
  t.after(() => tracingChannel(channel).unsubscribe(subscribers));
  return {
    names: () => told.map(([event]) => event),
    first: () => told[0][1],
    last: () => told.at(-1)[1],
    messages: () => told.map(([, , message]) => message),
    toString: () => inspect(told, { depth: 9, showHidden: true }),
  };
}

test("a synchronous call has one message object with method, path and status", async (t) => {
  const server = await scripted(t, { body: { name: "c" } });
  const calls = messages(t, CALL);
  const { body } = await server
    .client()
    .get("clusters/{id}?secret=1", { params: { id: "a b" }, query: { token: "2" } });
  assert.deepEqual(body, { name: "c" });
  assert.deepEqual(calls.names(), ["start", "end", "asyncStart", "asyncEnd"]);
  const begun = { server: new URL(server.baseUrl).origin, method: "GET", path: "/clusters/{id}" };
  assert.deepEqual(calls.first(), begun);
  assert.deepEqual(calls.last(), { ...begun, status: 200 });
  assert.equal(new Set(calls.messages()).size, 1);
});

test("a trace has the path that the engine uses, and none for a rejected address", async (t) => {
  const server = await scripted(t, { body: {} });
  const calls = messages(t, CALL);
  let sent = "";
  const onEvent = ({ type, path }) => {
    if (type === "request") sent = path;
  };
  const client = server.client({ onEvent });
  const { origin, port } = new URL(server.baseUrl);
  const ways = {
    get: (path) => client.get(path),
    download: async (path) => (await client.download(path)).body.cancel(),
  };
  const paths = {
    "a/b": ["/a/b", "/a/b"],
    "/a/b?c=d": ["/a/b", "/a/b"],
    [`${server.baseUrl}/a/b?c=d`]: ["/a/b", "/a/b"],
    [`${server.baseUrl.replace("http", "HTTP")}/a`]: ["/a", "/a"],
    [`${server.baseUrl}x/a`]: ["", "/apix/a"],
    [`${origin}/other`]: ["", "/other"],
    [`${origin.replace(port, `0${port}`)}/other`]: ["", ""],
    [`${origin}.test/api/a`]: ["", ""],
    [origin.replace("//", "//user:s3cret@")]: ["", ""],
    [origin]: ["", ""],
  };
  for (const [path, expected] of Object.entries(paths)) {
    for (const [at, [name, call]] of Object.entries(ways).entries()) {
      sent = "";
      await call(path).catch(() => {});
      assert.deepEqual([calls.last().path, sent], [expected[at], expected[at]], `${name} ${path}`);
    }
  }
});

test("the trace of a call with a job ends with the job, which has no wait trace", async (t) => {
  const server = await scripted(t, accepted("j"), record("running"), record("success"));
  const [calls, waits] = [messages(t, CALL), messages(t, WAIT)];
  await server.client().request("post", "/hosts", { body: {} });
  const { server: _, ...told } = calls.last();
  assert.deepEqual(told, { method: "POST", path: "/hosts", status: 202, jobId: "j", state: "success" });
  assert.deepEqual(waits.names(), []);
});

test("the trace of submit ends at the acceptance; the wait has its own trace", async (t) => {
  const server = await scripted(t, accepted("j"), record("success"));
  const [calls, waits] = [messages(t, CALL), messages(t, WAIT)];
  const handle = await server.client().submit("POST", "/hosts");
  assert.deepEqual(calls.names(), ["start", "end", "asyncStart", "asyncEnd"]);
  assert.equal(calls.last().jobId, "j");
  assert.equal(calls.last().status, 202);
  await handle.result();
  await handle.poll();
  const once = ["start", "end", "asyncStart", "asyncEnd"];
  assert.deepEqual(waits.names(), [...once, ...once]);
  const begun = { server: new URL(server.baseUrl).origin, jobId: "j" };
  assert.deepEqual(waits.first(), begun);
  assert.deepEqual(waits.last(), { ...begun, state: "success" });
  assert.equal(calls.names().length, 4);
});

test("list, find, read, until and download have one trace; ensure has one per call", async (t) => {
  const body = {
    records: [{ status: "on", state: "up", id: "x" }],
    record: { status: "on", state: "up", id: "x" },
  };
  const server = await scripted(t, { body });
  const calls = messages(t, CALL);
  const client = server.client();
  await client.list("/a");
  await client.find("/a", { name: "s3cret" });
  await client.read("/a");
  await client.until("/a", () => true);
  const file = await client.download("/a");
  await file.body.cancel();
  await client.ensure("/a", { name: "s3cret" }, { name: "s3cret" });
  assert.equal(calls.names().length, 6 * 4);
  assert.deepEqual(
    calls.messages().map(({ server: _, ...message }) => message),
    Array(6 * 4).fill({ method: "GET", path: "/a", status: 200 }),
  );
});

test("the trace of a failed job has the error, the job and its state", async (t) => {
  const server = await scripted(t, accepted("j"), record("failure", "no space"));
  const calls = messages(t, CALL);
  const error = await rejection(server.client().post("/hosts", {}));
  assert.ok(error instanceof JobFailedError);
  assert.deepEqual(calls.names(), ["start", "end", "error", "asyncStart", "asyncEnd"]);
  assert.equal(calls.last().error, error);
  assert.equal(calls.last().state, "failure");
  assert.equal(calls.last().jobId, "j");
});

test("a rejection, a broken connection, a timeout, an abort, a close and an invalid path end the trace", async (t) => {
  const server = await scripted(t, { status: 409 }, ({ socket }) => socket.destroy(), hang);
  const client = server.client({ retry: false });
  const calls = messages(t, CALL);
  const ends = [];
  const note = async (promise) => {
    const error = await rejection(promise);
    assert.deepEqual(calls.names().slice(-5), ["start", "end", "error", "asyncStart", "asyncEnd"]);
    assert.equal(calls.last().error, error);
    ends.push(error);
  };
  await note(client.post("/a"));
  assert.equal(calls.last().status, 409);
  await note(client.post("/a"));
  assert.ok(ends.at(-1) instanceof TransportError);
  await note(client.get("/a", { timeout: 50 }));
  assert.ok(ends.at(-1) instanceof WaitTimeoutError);
  await note(client.get("/a", { signal: AbortSignal.abort("enough") }));
  assert.equal(ends.at(-1), "enough");
  const leaves = new AbortController();
  const left = client.get("/a", { signal: leaves.signal });
  leaves.abort();
  await note(left);
  await note(client.get("../a"));
  assert.ok(ends.at(-1) instanceof TypeError);
  const closed = client.get("/a");
  client.close();
  await note(closed);
  assert.equal(calls.names().length, 7 * 5);
});

test("a wait that ends with an error ends its trace", async (t) => {
  const server = await scripted(t, record("running"), hang);
  const waits = messages(t, WAIT);
  const client = server.client();
  const handle = client.job("j");
  const error = await rejection(handle.result({ timeout: 100 }));
  assert.equal(waits.last().error, error);
  assert.equal(waits.last().state, "running");
  for await (const _ of handle.updates()) break;
  await new Promise(setImmediate);
  assert.deepEqual(waits.names().slice(-5), ["start", "end", "error", "asyncStart", "asyncEnd"]);
  client.close();
});

test("no credential, header, query value or body is in a message", async (t) => {
  const server = await scripted(
    t,
    ...[{ body: { a: "s3cret-answer" } }, accepted("j"), record("success", "s3cret-password")],
    { status: 400, body: { error: { message: "bad s3cret-body" } } },
  );
  const calls = messages(t, CALL);
  const client = server.client({
    auth: { username: "admin", password: "s3cret-password" },
    headers: { "x-own": "s3cret-header" },
  });
  const options = {
    headers: { "x-call": "s3cret-call" },
    query: { q: "s3cret-query" },
    params: { name: "esx-1" },
  };
  await client.get("/a/{name}?b=s3cret-path#s3cret-hash", options).catch(() => {});
  await client.get("/a/{name}?b=s3cret-path", options);
  await client.post("/a/{name}", { password: "s3cret-body" }, options);
  await client.post("/a/{name}", { password: "s3cret-body" }, options).catch(() => {});
  const refused = [
    "//u:s3cret@h/x",
    "https://u:s3cret@h/x",

    "\\\\u:s3cret@h",
    "/\t/u:s3cret@h",
  ];
  for (const path of refused) await client.get(path).catch(() => {});
  assert.equal(calls.names().filter((name) => name === "asyncEnd").length, 4 + refused.length);
  assert.doesNotMatch(String(calls), /s3cret/);
});

test("stores bound to start apply to the call's requests and to auth, fetch and onProgress", async (t) => {
  const server = await scripted(t, accepted("j"), record("running"), record("success"));
  const store = new AsyncLocalStorage();
  const channel = tracingChannel(CALL);
  channel.start.bindStore(store, ({ path }) => ({ span: path, parent: store.getStore() }));
  t.after(() => channel.start.unbindStore(store));
  const seen = new Set();
  const see = (what) => seen.add(`${what} ${store.getStore()?.span} ${store.getStore()?.parent}`);
  const client = server.client({
    auth: () => void see("auth"),
    fetch: (...args) => {
      see("fetch");
      return fetch(...args);
    },
  });
  await store.run("outer", async () => {
    await client.post("/hosts", {}, { onProgress: () => see("progress") });
    assert.equal(store.getStore(), "outer", "the code after the await has the caller's context");
  });
  assert.deepEqual([...seen].sort(), ["auth /hosts outer", "fetch /hosts outer", "progress /hosts outer"]);
});

test("a bound store works without a subscriber", async (t) => {
  const server = await scripted(t, record("success"));
  const store = new AsyncLocalStorage();
  const channel = tracingChannel(WAIT);
  channel.start.bindStore(store, ({ jobId }) => jobId);
  t.after(() => channel.start.unbindStore(store));
  let seen;
  const fetching = (...args) => {
    seen = store.getStore();
    return fetch(...args);
  };
  await server.client({ fetch: fetching }).job("j").result();
  assert.equal(seen, "j");
});

test("tracing adds no unhandled rejection and hides none", async (t) => {
  const server = await scripted(t, { status: 409 });
  messages(t, CALL);
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  t.after(() => process.off("unhandledRejection", note));
  await server
    .client()
    .post("/a")
    .catch(() => {});
  await new Promise(setImmediate);
  assert.deepEqual(unhandled, []);
});

test("the entries for pages, for workerd and ./slim have no tracing code", async () => {
  for (const entry of ["index", "workerd", "slim"]) {
    const code = await readFile(new URL(`../../dist/esm/${entry}.js`, import.meta.url), "utf8");
    assert.doesNotMatch(code, /diagnostics_channel|ontap-select-deploy:call/);
  }
});

test("nothing is published without subscribers, nor for a call that started before the first one", async (t) => {
  const server = await scripted(t, { body: {} });
  const { start } = tracingChannel(CALL);
  const published = [];
  start.runStores = (message) => published.push(message);
  t.after(() => delete start.runStores);
  const early = server.client().get("/a");
  const calls = messages(t, CALL);
  assert.equal((await early).status, 200);
  assert.deepEqual(published, []);
  assert.deepEqual(calls.names(), []);
});
