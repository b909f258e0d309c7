// The timeline of all jobs: a row for each, with its polls drawn and told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useChromium } from "./chromium.mjs";
import { fault, loggedIn, rowOf, slow, start } from "./console.mjs";

useChromium();

/** How much of a canvas is in a colour of the page, in pixels. */
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

test("each job has a row with its state, its polls, and the same in words", async (t) => {
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

  // What is told of a job that has ended is what the server counted.
  const words = await ended.getByText(/polls?: /).textContent();
  const { jobs } = simulator.counters();
  const polled = Object.values(jobs).map(({ standardPolls, longPolls }) => standardPolls + longPolls);
  assert.ok(polled.includes(Number(words.match(/\d+/)[0])), `${words} of ${polled}`);
  assert.match(words, /^\d+ polls?: \d+ with news(, \d+ without)?\.$/);

  assert.ok((await painted(open.locator("canvas"), "--running")) > 20, "its state");
  assert.ok((await painted(open.locator("canvas"), "--poll-open")) > 20, "the poll that is open");
  assert.ok((await painted(ended.locator("canvas"), "--poll-news")) > 0, "polls with news");
  assert.ok((await painted(ended.locator("canvas"), "--good")) > 10, "how it ended");
  assert.deepEqual(faults, []);
});

test("polls that fail, the pauses after them and those that are given up are drawn", async (t) => {
  const { page, simulator } = await loggedIn(t, { scripts: [slow] });
  const card = await start(page, "Add host", { Host: "slow-1" });
  const row = rowOf(page, "slow-1");
  await row.getByText("1 open").waitFor();
  await fault(page, "Reboot of the VM");
  await row.getByText(/\d+ failed.*Asked again in \d+ s\./).waitFor();
  assert.ok((await painted(row.locator("canvas"), "--bad")) > 0);
  assert.ok((await painted(row.locator("canvas"), "--warn")) > 0);
  // One that the VM holds: while it is away, a poll is open for a moment only.
  while (simulator.counters().openPolls === 0) await new Promise(setImmediate);
  await row.getByText("1 open").waitFor();
  await card.getByRole("button", { name: "Stop waiting" }).click();
  await row.getByText("1 given up here").waitFor();
  await row.getByText("Not watched").waitFor();
});

test("fifty rows fit, each with its whole name, and scroll by themselves", async (t) => {
  const { page } = await loggedIn(t, { stepMs: 300 });
  await page.setViewportSize({ width: 1_280, height: 900 });
  await start(page, "Start 50", { "Names begin with": "esx" });
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

test("its part of the time is chosen, and stands still once all have ended", async (t) => {
  const { page } = await loggedIn(t);
  await start(page, "Add host", { Host: "esx-1" });
  await rowOf(page, "esx-1").getByText("Succeeded").waitFor();
  await page.getByLabel("Shown").selectOption("the last 30 seconds");
  await page.getByRole("columnheader").getByText("−30 s").waitFor();
  const canvas = rowOf(page, "esx-1").locator("canvas");
  const shown = await canvas.evaluate((element) => element.toDataURL());
  await page.waitForTimeout(1_000);
  assert.equal(await canvas.evaluate((element) => element.toDataURL()), shown);
});

test("for those who want less movement it moves when something happens", async (t) => {
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
