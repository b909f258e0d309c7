// The package in a page of each of the three engines. The tests cover what differs between browsers: loading, requests,
// aborts, timers, and the state that tabs share.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createVirtualClock } from "../simulator/host/virtual-clock.mjs";
import { chromium } from "./chromium.mjs";
import { firefox } from "./firefox.mjs";
import { packagePage, serve, until } from "./site.mjs";
import { webkit } from "./webkit.mjs";

const HOUR_MS = 3_600_000;
// A test that hangs must not block the others.
const limit = { timeout: 60_000 };

for (const engine of [chromium, firefox, webkit]) {
  describe(engine.name, () => {
    let browser;
    before(async () => {
      browser = await engine.launch();
    });
    after(() => browser?.close());

    async function open(t, url) {
      const tab = await browser.open(url);
      t.after(() => tab.close());
      return tab;
    }

    test("follows a job to success", limit, async (t) => {
      const { simulator, url } = await serve(t, packagePage);
      const tab = await open(t, url);
      const seen = await tab.evaluate(async () => {
        const deploy = globalThis.client();
        const { job } = await deploy.post("/hosts", { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] });
        return { state: job.state, polled: deploy.stats.polls > 0, open: deploy.stats.openPolls };
      });
      assert.deepEqual(seen, { state: "success", polled: true, open: 0 });
      assert.deepEqual(simulator.counters().received, { "POST /hosts": 1 });
    });

    test("follows a job to failure, with the job's own message", limit, async (t) => {
      const { url } = await serve(t, packagePage);
      const tab = await open(t, url);
      const seen = await tab.evaluate(async () => {
        const deploy = globalThis.client();
        const error = await deploy
          .post("/hosts", { hosts: [{ name: "unreachable-1", hypervisor_type: "ESX" }] })
          .catch((thrown) => thrown);
        const job = await deploy.get(`/jobs/${error.job.id}`);
        return {
          isJobFailed: error instanceof globalThis.JobFailedError,
          code: error.code,
          message: error.message,
          expected: job.body.record.message,
        };
      });
      assert.equal(seen.isJobFailed, true);
      assert.equal(seen.code, "JOB_FAILED");
      assert.match(seen.message, /"unreachable-1" cannot be reached/);
      assert.equal(seen.message, seen.expected);
    });

    test("an aborted wait rejects with the signal's reason and leaves no request open", limit, async (t) => {
      const { simulator, url } = await serve(t, packagePage, { stepMs: HOUR_MS });
      const tab = await open(t, url);
      await tab.evaluate(() => {
        const controller = new AbortController();
        const deploy = globalThis.client();
        const wait = deploy.post(
          "/hosts",
          { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] },
          { signal: controller.signal },
        );
        Object.assign(globalThis, { controller, deploy, thrown: wait.catch((error) => error) });
      });
      await until(() => simulator.counters().openPolls === 1);
      const seen = await tab.evaluate(async () => {
        const reason = { why: "the admin went home" };
        globalThis.controller.abort(reason);
        const thrown = await globalThis.thrown;
        return { same: thrown === reason, open: globalThis.deploy.stats.openPolls };
      });
      assert.deepEqual(seen, { same: true, open: 0 });
      await until(() => simulator.log().every(({ outcome }) => outcome !== "open"));
      assert.equal(simulator.counters().openPolls, 0);
      assert.equal(simulator.log().at(-1).outcome, "gone");
    });

    test("two tabs share one poll, and both receive the result", limit, async (t) => {
      const { clock, simulator, url } = await standing(t);
      const [first, second] = [await open(t, url), await open(t, url)];
      await twoFollow(simulator, first, second);
      assert.deepEqual(polledBy(simulator), ["first"]);
      await clock.advance(HOUR_MS);
      assert.equal(await ending(first), "success");
      assert.equal(await ending(second), "success");
      assert.equal(simulator.counters().maxOpenPolls, 1);
    });

    test("if the polling tab is closed during a poll, the other tab takes over", limit, async (t) => {
      const { clock, simulator, url } = await standing(t);
      const [first, second] = [await browser.open(url), await open(t, url)];
      await twoFollow(simulator, first, second);
      assert.deepEqual(polledBy(simulator), ["first"]);
      await first.close();
      await until(() => polledBy(simulator).join() === "second");
      await clock.advance(HOUR_MS);
      assert.equal(await ending(second), "success");
      assert.deepEqual(simulator.counters().received, { "POST /hosts": 1 });
    });
  });
}

/** A Deploy with a stopped clock, so that the test controls how long a job takes. */
async function standing(t) {
  const clock = createVirtualClock();
  return { clock, ...(await serve(t, packagePage, { clock, stepMs: 1_000 })) };
}

/** The first tab starts a job and polls it. Then both follow it. */
async function twoFollow(simulator, first, second) {
  // Not with the option `headers`, because tabs with different headers do not share polls.
  for (const tab of [first, second]) {
    await tab.evaluate(() => {
      globalThis.fetchAs = (name) => (url, init) => {
        const headers = new Headers(init.headers);
        headers.set("x-tab", name);
        return fetch(url, { ...init, headers });
      };
    });
  }
  const id = await first.evaluate(async () => {
    const deploy = globalThis.client({ share: "origin", fetch: globalThis.fetchAs("first") });
    const handle = await deploy.submit("POST", "/hosts", {
      body: { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] },
    });
    globalThis.ending = handle.result().then(({ state }) => state);
    return handle.id;
  });
  await until(() => simulator.counters().openPolls === 1);
  await second.evaluate((job) => {
    const deploy = globalThis.client({ share: "origin", fetch: globalThis.fetchAs("second") });
    return new Promise((resolve) => {
      const handle = deploy.job(job);
      globalThis.ending = handle.result({ onProgress: resolve }).then(({ state }) => state);
    });
  }, id);
}

const ending = (tab) => tab.evaluate(() => globalThis.ending);

/** The tabs that have an open poll. */
function polledBy(simulator) {
  const open = simulator.log().filter(({ poll, outcome }) => poll && outcome === "open");
  return open.map(({ headers }) => new Map(headers).get("x-tab"));
}
