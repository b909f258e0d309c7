// Unusual arguments, and events after the failure of an instance.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { DeployClient } from "ontap-select-deploy";

const baseUrl = "https://deploy.example.com/api";
const retry = { initialDelay: 1, maxDelay: 1, maxAttempts: 3 };
const json = (status, body) => new Response(JSON.stringify(body), { status });
const record = (state) => json(200, { record: { id: "j", state, last_modified: state } });

test("a call from within another call's toJSON is sent, and so is the other one", async () => {
  const inner = [];
  const fetch = async (_, { method }) => json(200, { method });
  const client = new DeployClient({ baseUrl, requestTimeout: 1_000, fetch });
  const body = {
    toJSON() {
      for (let at = 0; at < 6; at++) inner.push(client.get(`/y/${at}`));
      return 1;
    },
  };
  assert.equal((await client.post("/x", body)).status, 200);
  assert.equal((await Promise.all(inner)).length, 6);
});

test("an offline state at the end of the last wait is forgotten", async (t) => {
  const navigator = { onLine: false };
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  t.after(() =>
    before ? Object.defineProperty(globalThis, "navigator", before) : delete globalThis.navigator,
  );
  const hangs = (_, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  let fetch = hangs;
  const client = new DeployClient({ baseUrl, retry, fetch: (...args) => fetch(...args) });
  const leaves = new AbortController();
  const left = client.job("j").result({ signal: leaves.signal });
  await pause(5);
  leaves.abort();
  await assert.rejects(left);
  await pause(20);
  navigator.onLine = true;
  fetch = () => Promise.reject(new TypeError("fetch failed"));
  await assert.rejects(client.job("j").result({ timeout: 3_000 }), { code: "TRANSPORT" });
});

for (const [what, odd] of Object.entries({
  "a signal without removeEventListener": (client) =>
    client.job("x").result({ signal: { aborted: false, addEventListener() {} } }),
  "a signal whose removeEventListener throws": (client) =>
    client.job("x").result({
      signal: {
        aborted: false,
        addEventListener() {},
        removeEventListener() {
          throw new Error("no");
        },
      },
    }),
  "headers that return numbers": () => {
    const fetch = async () => ({ status: 200, headers: new Map([["location", 5]]), body: null });
    return new DeployClient({ baseUrl, retry, fetch }).get("/x");
  },
  "a promise with a constructor that throws": () => {
    const given = Promise.resolve(record("success"));
    Object.defineProperty(given, "constructor", {
      get() {
        throw new Error("no");
      },
    });
    return new DeployClient({ baseUrl, retry: false, fetch: () => given }).get("/x");
  },
  "a query with keys that throw": (client) =>
    client.get("/x", {
      query: new Proxy(
        {},
        {
          ownKeys() {
            throw new Error("no");
          },
        },
      ),
    }),
})) {
  test(`${what} do not affect other waits`, async () => {
    const fetch = () => pause(50).then(() => record("success"));
    const client = new DeployClient({ baseUrl, retry, fetch });
    const other = client.job("j").result();
    other.catch(() => {});
    await odd(client).catch((error) => assert.notEqual(error.code, "INTERNAL", error.cause));
    assert.equal((await other).state, "success");
  });
}

test("the body of a redirect that a fetch followed is released", async () => {
  let aborted = false;
  const fetch = async (_, { signal }) => {
    signal.addEventListener("abort", () => {
      aborted = true;
    });
    return { status: 200, redirected: true, headers: new Headers(), body: new ReadableStream() };
  };
  await assert.rejects(new DeployClient({ baseUrl, fetch }).get("/x"), { code: "PROTOCOL" });
  assert.ok(aborted);
});

test("a response after the failure of an instance is ignored and rejects nothing", async () => {
  const source = `
    const { Instance } = WebAssembly;
    let memory;
    WebAssembly.Instance = function (...args) { const made = new Instance(...args); memory = Object.values(made.exports).find((it) => it instanceof WebAssembly.Memory); return made; };
    const { DeployClient } = await import("ontap-select-deploy");
    const answers = [];
    const client = new DeployClient({ baseUrl: "${baseUrl}", fetch: () => new Promise((resolve) => answers.push(resolve)) });
    const waits = ["a", "b"].map((id) => client.job(id).result().catch((error) => error.code));
    while (answers.length < 2) await new Promise(setImmediate);
    new Uint8Array(memory.buffer).fill(0xff);
    for (const answer of answers) answer(Response.json({}));
    console.log((await Promise.all(waits)).join());
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.exit();`;
  const args = ["--input-type=module", "-e", source];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  assert.equal(stdout, "INTERNAL,INTERNAL\n");
});

test("a waiter that left gets no callbacks", async () => {
  const client = new DeployClient({ baseUrl, fetch: async () => record("running") });
  const handle = client.job("j");
  await handle.poll();
  const leaves = new AbortController();
  let told = 0;
  const left = handle.result({ signal: leaves.signal, onProgress: () => told++ });
  leaves.abort();
  await assert.rejects(left);
  await pause(5);
  assert.equal(told, 0);
  client.close();
});
