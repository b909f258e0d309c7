// The timeline of all jobs: each row draws its polls and describes them in words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useChromium } from "./chromium.mjs";
import { fault, loggedIn, rowOf, slow, start } from "./console.mjs";

useChromium();

/** The number of a canvas's pixels that have this color. */
function painted(canvas, color) {
  return canvas.evaluate((element, name) => {
    const probe = document.createElement("canvas").getContext("2d");
    probe.fillStyle = getComputedStyle(element).getPropertyValue(name);
    probe.fillRect(0, 0, 1, 1);
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255)
        count += 1;
    }
    return count;
  }, color);
}

test("each job has a row with its state and its polls, drawn and in words", async (t) => {
  const { page, simulator, faults } = await loggedIn(t, { scripts: [slow] });
  await start(page, "Add host", { Host: "slow-1" });
  await start(page, "Add host", { Host: "esx-2" });
  await start(page, "Add host", { Host: "unreachable-3" });
  const rows = page.getByRole("table").getByRole("row");
  const [ended, failed, open] = [rowOf(page, "esx-2"), rowOf(page, "unreachable-3"), rowOf(page, "slow-1")];
  await ended.getByText("Succeeded").waitFor();
  await failed.getByText("Failed").waitFor();
  await open.getByText(/polls: .*1 open\./).waitFor();
  assert.equal(await rows.count(), 4, "a heading and three jobs");

  // A finished job's number of polls is the server's count.
  const words = await ended.getByText(/polls?: /).textContent();
  const { jobs } = simulator.counters();
  const polled = Object.values(jobs).map(({ standardPolls, longPolls }) => standardPolls + longPolls);
  assert.ok(polled.includes(Number(words.match(/\d+/)[0])), `${words} of ${polled}`);
  assert.match(words, /^\d+ polls?: \d+ with changes(, \d+ without changes)?\.$/);

  assert.ok((await painted(open.locator("canvas"), "--running")) > 20, "its state");
  assert.ok((await painted(open.locator("canvas"), "--poll-open")) > 20, "the open poll");
  assert.ok((await painted(ended.locator("canvas"), "--poll-news")) > 0, "polls with changes");
  assert.ok((await painted(ended.locator("canvas"), "--good")) > 10, "how it ended");
  assert.deepEqual(faults, []);
});

test("the timeline draws failed polls, the pauses after them, and cancelled polls", async (t) => {
  const { page, simulator } = await loggedIn(t, { scripts: [slow] });
  const card = await start(page, "Add host", { Host: "slow-1" });
  const row = rowOf(page, "slow-1");
  await row.getByText("1 open").waitFor();
  await fault(page, "VM reboot");
  await row.getByText(/\d+ failed.*Next poll in \d+ s\./).waitFor();
  assert.ok((await painted(row.locator("canvas"), "--bad")) > 0);
  assert.ok((await painted(row.locator("canvas"), "--warn")) > 0);
  // Wait for a poll that Deploy holds: during the reboot a poll is open only for a moment.
  while (simulator.counters().openPolls === 0) await new Promise(setImmediate);
  await row.getByText("1 open").waitFor();
  await card.getByRole("button", { name: "Stop following" }).click();
  await row.getByText("1 cancelled").waitFor();
  await row.getByText("Not followed").waitFor();
});

test("fifty rows show their whole names in a list that scrolls", async (t) => {
  const { page } = await loggedIn(t, { stepMs: 300 });
  await page.setViewportSize({ width: 1_280, height: 900 });
  await start(page, "Add 50 hosts", { "Name prefix": "esx" });
  const rows = page.getByRole("table").getByRole("rowheader");
  await page.getByText("45 succeeded · 5 failed").waitFor();
  assert.ok((await rows.count()) >= 50);
  const cut = await rows
    .getByRole("button")
    .evaluateAll((names) =>
      names.filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent),
    );
  assert.deepEqual(cut, []);
  const { height } = await page.locator(".overview__scroll").boundingBox();
  assert.ok(height < 700, `${height} px`);
});

test("the time range can be chosen, and stops moving when all jobs have finished", async (t) => {
  const { page } = await loggedIn(t);
  await start(page, "Add host", { Host: "esx-1" });
  await rowOf(page, "esx-1").getByText("Succeeded").waitFor();
  await page.getByLabel("Time range").selectOption("last 30 seconds");
  await page.getByRole("columnheader").getByText("−30 s").waitFor();
  const canvas = rowOf(page, "esx-1").locator("canvas");
  const shown = await canvas.evaluate((element) => element.toDataURL());
  await page.waitForTimeout(1_000);
  assert.equal(await canvas.evaluate((element) => element.toDataURL()), shown);
});

test("with reduced motion the timeline moves only on a change", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] }, { reducedMotion: "reduce" });
  await start(page, "Add host", { Host: "slow-1" });
  const canvas = rowOf(page, "slow-1").locator("canvas");
  await rowOf(page, "slow-1").getByText("1 open").waitFor();
  const frames = await canvas.evaluate(async (element) => {
    const seen = new Set();
    const until = performance.now() + 3_000;
    while (performance.now() < until) {
      seen.add(element.toDataURL());
      await new Promise(requestAnimationFrame);
    }
    return seen.size;
  });
  assert.ok(frames <= 4, `${frames} pictures in three seconds`);
});
