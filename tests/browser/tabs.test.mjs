// Three real tabs that share one poller, over Web Locks and a BroadcastChannel.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useChromium } from "./chromium.mjs";
import { site } from "./site.mjs";

useChromium();

const files = {
  "index.html": `<!doctype html><script type="module" src="page.js"></script>`,
  "page.js": `
import { DeployClient } from "./package/index.js";
const events = [];
const options = { baseUrl: "/api", auth: { username: "admin", password: "Netapp1!" }, share: "origin", onEvent: (event) => events.push(event) };
const deploy = new DeployClient(options);
globalThis.events = events;
globalThis.deploy = deploy;
globalThis.follow = (ids) => {
  globalThis.ends = Promise.all(ids.map((id) => deploy.job(id).result().then((job) => job.state, (error) => error.code)));
};
globalThis.submit = async (names) => {
  const handles = await Promise.all(names.map((name) => deploy.submit("POST", "/hosts", { body: { hosts: [{ name, hypervisor_type: "ESX" }] } })));
  return handles.map((handle) => handle.id);
};
globalThis.spied = [];
const { postMessage } = BroadcastChannel.prototype;
BroadcastChannel.prototype.postMessage = function (message) { globalThis.spied.push(this.name + " " + message); return postMessage.call(this, message); };
document.title = "ready";`,
};

const NAMES = Array.from({ length: 10 }, (_, at) => `${at % 5 === 4 ? "unreachable" : "esx"}-${at}`);
const ENDS = NAMES.map((name) => (name.startsWith("esx") ? "success" : "JOB_FAILED"));

/** Three tabs of one browser that follow the same ten jobs; the first one leads. */
async function threeTabs(t, stepMs) {
  const { page, site: opened, simulator, faults } = await site(t, files, { stepMs });
  const tabs = [page, await page.context().newPage(), await page.context().newPage()];
  for (const tab of tabs.slice(1)) await tab.goto(opened.url);
  for (const tab of tabs) await tab.waitForFunction(() => document.title === "ready");
  const ids = await page.evaluate((names) => globalThis.submit(names), NAMES);
  for (const tab of tabs) {
    await tab.evaluate((jobs) => globalThis.follow(jobs), ids);
    // A tab takes the lock as soon as it waits for a job.
    if (tab === page) await page.waitForFunction(() => globalThis.deploy.stats.polls > 0);
  }
  return { tabs, simulator, faults, ids };
}

const polls = (tab) => tab.evaluate(() => globalThis.deploy.stats.polls);
const ends = (tab) => tab.evaluate(() => globalThis.ends);
const onePollForEach = ({ jobs }) => Object.values(jobs).every((job) => job.maxOpenPolls <= 1);

test("the server receives one poll per job, and every tab gets the result", async (t) => {
  const { tabs, simulator, faults } = await threeTabs(t, 1_000);
  for (const tab of tabs) assert.deepEqual(await ends(tab), ENDS);
  const counters = simulator.counters();
  assert.ok(onePollForEach(counters));
  assert.ok(counters.maxOpenPolls <= 4);
  // The first tab leads until its jobs have settled; the next one may then poll once.
  const others = (await polls(tabs[1])) + (await polls(tabs[2]));
  assert.ok(others <= 1, `${others} polls by the followers`);
  for (const tab of tabs) {
    for (const told of await tab.evaluate(() => globalThis.spied))
      assert.ok(!/admin|Netapp|Basic|\/api/.test(told));
  }
  assert.deepEqual(faults, []);
});

test("when the leading tab is closed during a poll, the others settle, and one tab at a time polls each job", async (t) => {
  const { tabs, simulator } = await threeTabs(t, 2_000);
  const [leader, ...others] = tabs;
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await leader.close();
  for (const tab of others) assert.deepEqual(await ends(tab), ENDS);
  const counts = await Promise.all(others.map(polls));
  assert.equal(counts.filter((count) => count > 0).length, 1, `${counts}`);
  assert.ok(onePollForEach(simulator.counters()));
});

test("without Web Locks each tab polls alone, and an event reports it", async (t) => {
  const { page } = await site(t, {
    ...files,
    "page.js": `delete Navigator.prototype.locks;\n${files["page.js"].replace("import {", "const {").replace('from "./package/index.js"', '= await import("./package/index.js")').replace("const { DeployClient } = await", "const { DeployClient } = await")}`,
  });
  await page.waitForFunction(() => document.title === "ready");
  assert.deepEqual(await page.evaluate(() => globalThis.events), [{ type: "not-shared" }]);
  const ids = await page.evaluate((names) => globalThis.submit(names), ["esx-1"]);
  await page.evaluate((jobs) => globalThis.follow(jobs), ids);
  assert.deepEqual(await ends(page), ["success"]);
});
