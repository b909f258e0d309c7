// The user's functions run in the async context of their call.

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DeployClient } from "ontap-select-deploy";
import { accepted, record, scripted } from "./scripted.mjs";

const store = new AsyncLocalStorage();
const auth = () => `Bearer ${store.getStore()}`;

/** The tokens that the server received, by the request's path. */
const tokens = ({ requests }) =>
  Object.fromEntries(requests.map(({ url, headers }) => [url.replace(/\?.*/, ""), headers.authorization]));

test("b1: each call in one tick, of one or two clients, sends the credential of its context", async (t) => {
  const server = await scripted(t, { body: {} });
  const clients = [server.client({ auth }), server.client({ auth })];
  const calls = ["a", "b", "c", "d"].map((user, at) =>
    store.run(user, () => clients[at % 2].get(`/${user}`)),
  );
  await Promise.all(calls);
  assert.deepEqual(tokens(server), {
    "/api/a": "Bearer a",
    "/api/b": "Bearer b",
    "/api/c": "Bearer c",
    "/api/d": "Bearer d",
  });
});

test("b1: auth, headers, fetch, onProgress and onEvent run in the context of their call, through retries and polls", async (t) => {
  const seen = {};
  const note = (what) => {
    const user = store.getStore();
    seen[user] ??= new Set();
    seen[user].add(what);
  };
  for (const user of ["a", "b"]) seen[user] = new Set();
  const ids = { a: "1", b: "2" };
  const state = {};
  const server = await scripted(t, (request, response) => {
    const user = request.headers.authorization.slice("Bearer ".length);
    assert.equal(request.headers["x-user"], user, "headers and auth agree");
    const job = { id: ids[user], last_modified: String(state[user] ?? 0) };
    if (request.method === "POST") {
      response.writeHead(202);
      return response.end(JSON.stringify({ job: { ...job, state: "queued" } }));
    }
    assert.ok(request.url.includes(`/jobs/${ids[user]}`), `${user} polls ${request.url}`);
    state[user] = (state[user] ?? 0) + 1;
    if (state[user] === 2) {
      response.writeHead(503);
      return response.end();
    }
    const record = { ...job, last_modified: String(state[user]), state: "running" };
    if (state[user] > 3) record.state = "success";
    response.end(JSON.stringify({ record }));
  });
  const client = server.client({
    retry: { initialDelay: 5, maxDelay: 5 },
    auth: async () => {
      note("auth");
      await null;
      return auth();
    },
    headers: () => {
      note("headers");
      return { "x-user": store.getStore() };
    },
    fetch: (...args) => {
      note("fetch");
      return fetch(...args);
    },
    onEvent: ({ type }) => note(`event ${type}`),
  });
  const calls = ["a", "b"].map((user) =>
    store.run(user, () => client.post("/x", {}, { onProgress: () => note("progress") })),
  );
  for (const { job } of await Promise.all(calls)) assert.equal(job.state, "success");
  assert.deepEqual(Object.keys(seen), ["a", "b"], `outside: ${[...(seen.undefined ?? [])]}`);
  const expected = ["auth", "headers", "fetch", "progress"];
  for (const type of ["request", "response", "retry", "state", "settled"]) expected.push(`event ${type}`);
  for (const user of ["a", "b"]) {
    for (const what of expected) assert.ok(seen[user].has(what), `${what} for ${user}`);
  }
});

test("b1: a rejected credential is renewed in the context of a rejected call", async (t) => {
  const server = await scripted(t, ({ headers }, response) => {
    response.writeHead(headers.authorization.endsWith(" new") ? 200 : 401);
    response.end("{}");
  });
  const asked = [];
  const renewing = ({ status }) => {
    if (status === 401) asked.push(store.getStore());
    return `Bearer ${store.getStore()}${status === 401 ? " new" : ""}`;
  };
  const [first, second] = [server.client({ auth: renewing }), server.client({ auth: renewing })];
  await Promise.all([
    store.run("a", () => first.get("/a")),
    store.run("b", () => second.get("/b")),
    store.run("b", () => second.get("/c")),
  ]);
  assert.deepEqual(asked.sort(), ["a", "b"]);
});

test("b1: a shared poll runs in the context of one of its waiters, also after the first left", async (t) => {
  const server = await scripted(t, record("running", "1"), ({ url }, response) => {
    setTimeout(
      () => response.end(JSON.stringify({ record: { id: "j", state: "success", last_modified: url } })),
      50,
    );
  });
  const client = server.client({ auth });
  const leaves = new AbortController();
  const left = store.run("a", () => client.job("j").result({ signal: leaves.signal }));
  const stays = store.run("b", () => client.job("j").result());
  left.catch(() => {});
  await server.received(2);
  leaves.abort();
  assert.equal((await stays).state, "success");
  store.run("c", () =>
    client
      .job("other")
      .result({ timeout: 50 })
      .catch(() => {}),
  );
  assert.ok(["Bearer a", "Bearer b"].includes(server.requests[0].headers.authorization));
  assert.equal(server.requests[1].headers.authorization.slice(0, 7), "Bearer ");
  client.close();
});

test("b1: the last events of an aborted wait have its context", async (t) => {
  const server = await scripted(t, () => {});
  const told = [];
  const client = server.client({ auth, onEvent: ({ type }) => told.push([type, store.getStore()]) });
  const leaves = new AbortController();
  const wait = store.run("a", () => client.job("j").result({ signal: leaves.signal }));
  await server.received(1);
  store.run("b", () => leaves.abort());
  await assert.rejects(wait);
  await new Promise(setImmediate);
  assert.deepEqual(
    told.map(([, user]) => user),
    told.map(() => "a"),
  );
  assert.ok(told.some(([type]) => type === "settled"));
});

test("b1: events are delivered in order across contexts", async () => {
  const fetch = async () => new Response("{}");
  const told = [];
  const client = new DeployClient({
    baseUrl: "https://deploy.example.com/api",
    fetch,
    onEvent: ({ type, path }) => told.push(`${type} ${path}`),
  });
  const paths = ["/a", "/b", "/c"];
  await Promise.all(paths.map((path) => store.run(path, () => client.get(path))));
  await new Promise(setImmediate);
  for (const path of paths) {
    const own = told.filter((it) => it.endsWith(path));
    assert.deepEqual(own, [`request ${path}`, `response ${path}`, `settled ${path}`]);
  }
});

test("b1: a finished wait keeps no context in memory", async () => {
  // No sockets, because Node keeps them in the context that opened them.
  const answers = [accepted(), record("success")];
  const fetch = async () => {
    const { status = 200, body } = answers.shift();
    return new Response(JSON.stringify(body), { status });
  };
  const client = new DeployClient({ baseUrl: "https://deploy.example.com/api", fetch });
  let context = { big: true };
  const held = new WeakRef(context);
  await store.run(context, () => client.post("/x", {}));
  context = undefined;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  for (let turn = 0; turn < 50 && held.deref(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
  }
  assert.equal(held.deref(), undefined);
  client.close();
});
