// The package in a page of each of the three engines: everything that differs between browsers is used,
// which is loading, requests and their abortion, timers, and what tabs have in common.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createVirtualClock } from "../simulator/host/virtual-clock.mjs";
import { chromium } from "./chromium.mjs";
import { firefox } from "./firefox.mjs";
import { packagePage, serve, until } from "./site.mjs";
import { webkit } from "./webkit.mjs";

const HOUR_MS = 3_600_000;
// One that hangs does not keep the others from being run.
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

    test("a job is followed to its success", limit, async (t) => {
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

    test("a job is followed to its failure, told in the job's own words", limit, async (t) => {
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
          told: error.message,
          really: job.body.record.message,
        };
      });
      assert.equal(seen.isJobFailed, true);
      assert.equal(seen.code, "JOB_FAILED");
      assert.match(seen.told, /"unreachable-1" cannot be reached/);
      assert.equal(seen.told, seen.really);
    });

    test(
      "a wait that is aborted rejects with the signal's reason and leaves no request open",
      limit,
      async (t) => {
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
      },
    );

    test("two tabs share one poll, and both hear how the job ended", limit, async (t) => {
      const { clock, simulator, url } = await standing(t);
      const [first, second] = [await open(t, url), await open(t, url)];
      await twoFollow(simulator, first, second);
      assert.deepEqual(polledBy(simulator), ["first"]);
      await clock.advance(HOUR_MS);
      assert.equal(await ending(first), "success");
      assert.equal(await ending(second), "success");
      assert.equal(simulator.counters().maxOpenPolls, 1);
    });

    test("when the tab that polls is closed in mid-poll, the other one takes over", limit, async (t) => {
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

/** A Deploy whose time stands still, so that a job lasts for as long as the test wants. */
async function standing(t) {
  const clock = createVirtualClock();
  return { clock, ...(await serve(t, packagePage, { clock, stepMs: 1_000 })) };
}

/** Both follow one job, which the first has started and polls. */
async function twoFollow(simulator, first, second) {
  // Not by the option `headers`: tabs that send other headers do not share.
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
    return new Promise((told) => {
      const handle = deploy.job(job);
      globalThis.ending = handle.result({ onProgress: told }).then(({ state }) => state);
    });
  }, id);
}

const ending = (tab) => tab.evaluate(() => globalThis.ending);

/** Which tabs have a poll open. */
function polledBy(simulator) {
  const open = simulator.log().filter(({ poll, outcome }) => poll && outcome === "open");
  return open.map(({ headers }) => new Map(headers).get("x-tab"));
}
