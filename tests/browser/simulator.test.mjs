// The simulator's fetch in a page: browser tests of a console need no server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useChromium } from "./chromium.mjs";
import { site } from "./site.mjs";

useChromium();

test("a page runs the simulator itself, under a strict policy", async (t) => {
  const { page, simulator, faults } = await site(t, {
    "index.html": `<!doctype html><script type="module" src="page.js"></script>`,
    "page.js": `
import { DeployClient } from "./package/index.js";
import { createSimulator, createVirtualClock, listen } from "./package/simulator.js";
const simulator = createSimulator({ stepMs: 5 });
const auth = { username: "admin", password: "Netapp1!" };
const deploy = new DeployClient({ baseUrl: "/api", auth, fetch: simulator.fetch });
const { job } = await deploy.post("/hosts", { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] });
const failed = await deploy.post("/hosts", { hosts: [{ name: "unreachable-1", hypervisor_type: "ESX" }] }).catch((error) => error);
const refused = await listen(simulator).catch((error) => error.message.split(":")[0]);
const clock = createVirtualClock();
await clock.advance(7);
document.title = [job.state, failed.code, refused, clock.now()].join();`,
  });
  await page.waitForFunction(() => document.title !== "");
  assert.equal(await page.title(), "success,JOB_FAILED,listen,7");
  assert.deepEqual(simulator.counters().received, {}, "the page sent no request");
  assert.deepEqual(faults, []);
});
