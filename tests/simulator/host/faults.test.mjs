import assert from "node:assert/strict";
import test from "node:test";
import { listen } from "./listen.mjs";
import { listenWithFaults } from "./listen-with-faults.mjs";
import { createSimulator } from "./machine.mjs";

const authorization = (password = "Netapp1!") => ({ authorization: `Basic ${btoa(`admin:${password}`)}` });
const headers = authorization();

/** @import { Config, Simulator } from "./types.d.ts" */
/** @typedef {{ name: string, on: boolean, leftMs?: number }} Switch */

/**
 * @param {import("node:test").TestContext} t
 * @param {Config} [config]
 */
async function setUp(t, config = {}) {
  const deploy = createSimulator(config);
  const server = await listenWithFaults(deploy, config);
  t.after(async () => {
    await server.close();
    deploy.close();
  });
  const switches = `${server.url}/simulator/faults`;
  /**
   * @param {string} name
   * @param {unknown} on
   */
  const set = async (name, on) => {
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    return fetch(switches, { ...init, body: JSON.stringify({ name, on }) });
  };
  return { deploy, url: `${server.url}/api`, switches, set };
}

/**
 * Starts a long poll. It is returned in an object, because an async function would await the promise itself.
 *
 * @param {Simulator} deploy
 * @param {string} url
 */
async function openPoll(deploy, url) {
  const init = { method: "POST", headers: { ...headers, "content-type": "application/json" } };
  const { job } = await (
    await fetch(`${url}/hosts`, { ...init, body: '{"hosts":[{"name":"esx1","hypervisor_type":"ESX"}]}' })
  ).json();
  const poll = fetch(`${url}/jobs/${job.id}?poll_timeout=30&last_modified=%3E=${job.last_modified}`, {
    headers,
  });
  while (deploy.counters().openPolls === 0) await new Promise(setImmediate);
  return { poll };
}

/**
 * Whether a promise is still pending after some turns of the event loop and the sockets.
 *
 * @param {Promise<unknown>} promise
 */
async function stillOpen(promise) {
  const later = new Promise((resolve) => setTimeout(resolve, 100, "open"));
  return (await Promise.race([promise.then(String, String), later])) === "open";
}

test("a server from listen() has no switches", async (t) => {
  const deploy = createSimulator();
  const server = await listen(deploy);
  t.after(async () => {
    await server.close();
    deploy.close();
  });
  assert.equal((await fetch(`${server.url}/simulator/faults`)).status, 404);
});

test("the state contains the faults and the account", async (t) => {
  const { switches, set } = await setUp(t);
  /** @type {{ simulator: boolean, account: unknown, faults: Switch[] }} */
  const told = await (await fetch(switches)).json();
  assert.equal(told.simulator, true);
  assert.deepEqual(told.account, { username: "admin", password: "Netapp1!" });
  assert.ok(told.faults.length === 7 && told.faults.every(({ on }) => !on));
  /** @type {{ faults: Switch[] }} */
  const { faults } = await (await set("busy", true)).json();
  assert.deepEqual(
    faults.filter(({ on }) => on).map(({ name }) => name),
    ["busy"],
  );
});

test("only JSON, which other origins cannot send, sets a fault, and only a known one", async (t) => {
  const { switches, set } = await setUp(t);
  assert.equal((await set("flood", true)).status, 400);
  assert.equal((await set("busy", "yes")).status, 400);
  const plain = await fetch(switches, { method: "POST", body: '{"name":"busy","on":true}' });
  assert.equal(plain.status, 400);
  /** @type {{ faults: Switch[] }} */
  const { faults } = await (await fetch(switches)).json();
  assert.ok(faults.every(({ on }) => !on));
});

test("a reboot breaks open and new connections and ends automatically", async (t) => {
  const { deploy, url, set } = await setUp(t, { stepMs: 60_000 });
  const { poll } = await openPoll(deploy, url);
  const broken = assert.rejects(poll, TypeError);
  /** @type {{ faults: Switch[] }} */
  const { faults } = await (await set("reboot", true)).json();
  await broken;
  const reboot = faults.find(({ name }) => name === "reboot");
  assert.ok(reboot?.on && reboot.leftMs && reboot.leftMs > 0 && reboot.leftMs <= 8_000);
  await assert.rejects(fetch(`${url}/hosts`, { headers }), TypeError);
});

test("a dead connection holds back requests and responses until it is switched off", async (t) => {
  const { deploy, url, set } = await setUp(t, { stepMs: 50 });
  const { poll } = await openPoll(deploy, url);
  await set("deadLine", true);
  const asked = fetch(`${url}/hosts`, { headers });
  // By now the poll has a change, and the GET would get its response at once.
  assert.ok(await stillOpen(poll));
  assert.ok(await stillOpen(asked));
  await set("deadLine", false);
  assert.equal((await poll).status, 200);
  assert.equal((await asked).status, 200);
});

test("a changed password gets 401 until the right one is sent", async (t) => {
  const { url, switches, set } = await setUp(t);
  await set("password", true);
  assert.equal((await fetch(`${url}/hosts`, { headers })).status, 401);
  const { account } = await (await fetch(switches)).json();
  assert.equal((await fetch(`${url}/hosts`, { headers: authorization(account.password) })).status, 200);
  await set("password", false);
  assert.equal((await fetch(`${url}/hosts`, { headers })).status, 200);
});

test("busy is a 503 with Retry-After, and the configuration's rules stay", async (t) => {
  /** @type {import("./types.d.ts").Rule[]} */
  const rules = [{ match: { path: "/jobs" }, action: { kind: "status", status: 405 } }];
  const { url, set } = await setUp(t, { rules });
  await set("busy", true);
  const busy = await fetch(`${url}/jobs`, { headers });
  assert.equal(busy.status, 503);
  assert.equal(busy.headers.get("retry-after"), "5");
  await set("busy", false);
  assert.equal((await fetch(`${url}/jobs`, { headers })).status, 405);
});

test("resets break open connections at once", async (t) => {
  const { deploy, url, set } = await setUp(t, { stepMs: 60_000 });
  const { poll } = await openPoll(deploy, url);
  const broken = assert.rejects(poll, TypeError);
  await set("resets", true);
  await broken;
});
