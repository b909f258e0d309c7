// After the network or the page comes back, open polls may be dead, so the client polls again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useChromium } from "./chromium.mjs";
import { site } from "./site.mjs";

useChromium();

const files = {
  "index.html": `<!doctype html><script type="module" src="page.js"></script>`,
  "page.js": `
import { DeployClient } from "./package/index.js";
// Fixed jitter (delays of 0.3 s, then 0.6 s): random delays could use up all attempts before the offline event.
Math.random = () => 0.25;
let listeners = 0;
const { addEventListener, removeEventListener } = globalThis;
const ours = (name) => Number(["online", "offline", "pageshow"].includes(name));
globalThis.addEventListener = function (...args) { listeners += ours(args[0]); return addEventListener.apply(this, args); };
globalThis.removeEventListener = function (...args) { listeners -= ours(args[0]); return removeEventListener.apply(this, args); };
const deploy = new DeployClient({ baseUrl: "/api", auth: { username: "admin", password: "Netapp1!" }, retry: { maxAttempts: 3, initialDelay: 400 } });
const idle = listeners;
const wait = deploy.post("/hosts", { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] }, { onProgress: (job) => { document.body.dataset.state = job.state; } });
document.title = await wait.then(({ job }) => job.state, (error) => error.code) + " " + idle + listeners;`,
};

test("a network outage uses no retry, and the client polls at once when the network returns", async (t) => {
  const { page, simulator } = await site(t, files, { stepMs: 1_000 });
  await page.waitForSelector("body[data-state=running]", { state: "attached" });
  await page.context().setOffline(true);
  // Longer than three attempts take.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  assert.equal(await page.title(), "");
  const asked = simulator.counters().requests;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.equal(simulator.counters().requests, asked);
  await page.context().setOffline(false);
  await page.waitForFunction(() => document.title !== "");
  assert.equal(await page.title(), "success 00");
});

test("a page that comes back from the back/forward cache polls at once", async (t) => {
  const { page, simulator } = await site(t, files, { stepMs: 2_000 });
  await page.waitForSelector("body[data-state=running]", { state: "attached" });
  const asked = simulator.counters().requests;
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  assert.equal(simulator.counters().requests, asked);
  await page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  });
  while (simulator.counters().requests === asked) await new Promise(setImmediate);
  assert.equal(simulator.counters().requests, asked + 1);
  await page.waitForFunction(() => document.title !== "");
  assert.equal(await page.title(), "success 00");
});
