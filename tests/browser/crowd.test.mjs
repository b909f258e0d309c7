// Fifty jobs in one page over HTTP/1.1: a browser opens only six connections to an origin, and the page's own requests
// must not wait for the polls.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useChromium } from "./chromium.mjs";
import { site } from "./site.mjs";

useChromium();

const JOBS = 50;
const page = `
import { DeployClient } from "./package/index.js";
const deploy = new DeployClient({ baseUrl: "/api", auth: { username: "admin", password: "Netapp1!" } });
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
async function gets(count) {
  const times = [];
  for (let at = 0; at < count; at++) {
    const start = performance.now();
    await (await fetch("/follow.txt", { cache: "no-store" })).text();
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { median: median(times), most: times.at(-1) };
}
await gets(20);
const idle = await gets(100);
const waits = Array.from({ length: ${JOBS} }, (_, at) =>
  deploy.post("/hosts", { hosts: [{ name: (at % 5 ? "esx-" : "unreachable-") + at, hypervisor_type: "ESX" }] }).then(() => "success", (error) => error.code));
// Batch polls cover several jobs with one request.
while (deploy.stats.polls < 10) await new Promise((resolve) => setTimeout(resolve, 50));
const busy = await gets(100);
const ends = await Promise.all(waits);
document.body.textContent = JSON.stringify({ idle, busy, ends, open: deploy.stats.openPolls });
document.title = "done";`;

const noList = { match: { path: "/jobs" }, action: { kind: "status", status: 405 } };
for (const [server, rules] of [
  ["supports batch polls", []],
  ["does not support batch polls", [noList]],
]) {
  test(`fifty jobs on a server that ${server}: the page's own requests do not wait, and each job settles correctly`, async (t) => {
    const opened = await site(
      t,
      {
        "index.html": `<!doctype html><script type="module" src="page.js"></script>`,
        "follow.txt": "x",
        "page.js": page,
      },
      { stepMs: 3_000, rules },
    );
    await opened.page.waitForFunction(() => document.title !== "", undefined, { timeout: 120_000 });
    const { idle, busy, ends, open } = JSON.parse(await opened.page.textContent("body"));
    assert.deepEqual(
      ends,
      Array.from({ length: JOBS }, (_, at) => (at % 5 ? "success" : "JOB_FAILED")),
    );
    assert.ok(busy.median <= 2 * idle.median, `${idle.median} ms idle, ${busy.median} ms with ${JOBS} jobs`);
    const { maxOpenPolls, received } = opened.simulator.counters();
    assert.ok(maxOpenPolls <= 4, `${maxOpenPolls} polls were open`);
    assert.equal(open, 0);
    assert.deepEqual(received, { "POST /hosts": JOBS });
    assert.deepEqual(opened.faults, []);
    t.diagnostic(
      `GET: ${idle.median.toFixed(1)} ms idle, ${busy.median.toFixed(1)} ms busy, at most ${busy.most.toFixed(1)} ms`,
    );
  });
}
