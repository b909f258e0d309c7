// The package in a page without a bundler, and in a worker.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useChromium } from "./chromium.mjs";
import { site } from "./site.mjs";

useChromium();

const follow = `
import { DeployClient, JobFailedError } from "./package/index.js";
const auth = { username: "admin", password: "Netapp1!" };
const deploy = new DeployClient({ baseUrl: "/api", auth, allowInsecure: true });
export async function follow() {
  const { job } = await deploy.post("/hosts", { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] });
  const failed = await deploy.post("/hosts", { hosts: [{ name: "unreachable-1", hypervisor_type: "ESX" }] }).catch((error) => error);
  return [job.state, failed instanceof JobFailedError, deploy.stats.openPolls].join();
}`;

test("a page imports the package from its server and uses a base address on its own origin", async (t) => {
  const { page, faults } = await site(t, {
    "index.html": `<!doctype html><script type="module" src="page.js"></script>`,
    "follow.js": follow,
    "page.js": `import { follow } from "./follow.js"; document.title = await follow();`,
  });
  await page.waitForFunction(() => document.title !== "");
  assert.equal(await page.title(), "success,true,0");
  assert.deepEqual(faults, []);
});

test("a worker imports the package from its server", async (t) => {
  const { page, faults } = await site(t, {
    "index.html": `<!doctype html><script type="module" src="page.js"></script>`,
    "follow.js": follow,
    "worker.js": `import { follow } from "./follow.js"; follow().then((said) => postMessage(said));`,
    "page.js": `new Worker("worker.js", { type: "module" }).onmessage = ({ data }) => { document.title = data; };`,
  });
  await page.waitForFunction(() => document.title !== "");
  assert.equal(await page.title(), "success,true,0");
  assert.deepEqual(faults, []);
});

test("after a reload a page follows its job again with the token in sessionStorage", async (t) => {
  const { page, simulator, faults } = await site(
    t,
    {
      "index.html": `<!doctype html><script type="module" src="page.js"></script>`,
      "page.js": `
import { DeployClient } from "./package/index.js";
const deploy = new DeployClient({ baseUrl: "/api", auth: { username: "admin", password: "Netapp1!" } });
const token = sessionStorage.getItem("job");
const handle = token ? deploy.resume(token) : await deploy.submit("POST", "/hosts", { body: { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] } });
sessionStorage.setItem("job", handle.serialize());
const job = await handle.result({ onProgress: (job) => { document.body.dataset.state = job.state; } });
document.title = [job.state, Boolean(token)].join();`,
    },
    { stepMs: 400 },
  );
  await page.waitForSelector("body[data-state=running]", { state: "attached" });
  await page.reload();
  await page.waitForFunction(() => document.title !== "");
  assert.equal(await page.title(), "success,true");
  assert.deepEqual(simulator.counters().received, { "POST /hosts": 1 });
  assert.deepEqual(faults, []);
});
