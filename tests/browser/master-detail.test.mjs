// The list of jobs and the details of the chosen job.

import assert from "node:assert/strict";
import { test } from "node:test";
import { useChromium } from "./chromium.mjs";
import { detail, loggedIn, rowOf, slow, start } from "./console.mjs";

useChromium();

const shows = (page, name) =>
  detail(page)
    .getByRole("heading", { name: `Add host ${name}`, exact: true })
    .waitFor();
const focused = (page) => page.evaluate(() => document.activeElement.textContent);
const chosen = (page) =>
  page
    .getByRole("table")
    .locator("[aria-current=true]")
    .evaluateAll((all) => all.map((it) => it.textContent));

async function three(t, options) {
  const opened = await loggedIn(t, { scripts: [slow] }, options);
  for (const name of ["slow-1", "slow-2", "slow-3"]) await start(opened.page, "Add host", { Host: name });
  return opened;
}

test("a new job is chosen, and the page shows only its details", async (t) => {
  const { page, faults } = await three(t);
  await shows(page, "slow-3");
  assert.deepEqual(await chosen(page), ["Add host slow-3"]);
  assert.equal(await detail(page).count(), 1);
  assert.equal(await focused(page), "Add host slow-3");
  assert.deepEqual(faults, []);
});

test("a click anywhere in a row chooses its job", async (t) => {
  const { page } = await three(t);
  await rowOf(page, "slow-1").locator("canvas").click();
  await shows(page, "slow-1");
  await rowOf(page, "slow-2").getByRole("button").click();
  await shows(page, "slow-2");
  assert.deepEqual(await chosen(page), ["Add host slow-2"]);
});

test("a tap chooses a job and scrolls to its details below the list", async (t) => {
  const { page } = await three(t, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await rowOf(page, "slow-1").getByRole("button").tap();
  await shows(page, "slow-1");
  const heading = detail(page).getByRole("heading", { name: "Add host slow-1" });
  await page.waitForFunction(
    (element) =>
      element.getBoundingClientRect().top > 0 && element.getBoundingClientRect().bottom < innerHeight,
    await heading.elementHandle(),
  );
});

test("arrow keys choose without leaving the list, and Enter goes to the job", async (t) => {
  const { page } = await three(t);
  const list = page.getByRole("table").getByRole("button");
  await rowOf(page, "slow-3").getByRole("button").focus();
  await page.keyboard.press("ArrowDown");
  await shows(page, "slow-2");
  await page.keyboard.press("End");
  await shows(page, "slow-1");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await shows(page, "slow-2");
  await page.keyboard.press("Home");
  await shows(page, "slow-3");
  await page.keyboard.press("ArrowDown");
  await shows(page, "slow-2");
  assert.equal(await list.evaluateAll((all) => all.indexOf(document.activeElement)), 1);
  // The list is one stop of the Tab key.
  assert.deepEqual(await list.evaluateAll((all) => all.map((it) => it.tabIndex)), [-1, 0, -1]);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.tagName === "H3");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Stop following");
  await page.keyboard.press("Enter");
  await detail(page).getByText("Not followed", { exact: true }).waitFor();
  await rowOf(page, "slow-2").getByText("Not followed").waitFor();
});

test("the chosen job stays chosen while other jobs change and finish, until it is cleared", async (t) => {
  const { page } = await three(t);
  await start(page, "Add host", { Host: "esx-4" });
  await rowOf(page, "slow-1").getByRole("button").click();
  await rowOf(page, "esx-4").getByText("Succeeded").waitFor();
  await shows(page, "slow-1");
  await page.getByRole("button", { name: "Clear finished" }).click();
  await rowOf(page, "esx-4").waitFor({ state: "detached" });
  await shows(page, "slow-1");
  assert.equal(await focused(page), "Jobs");

  await start(page, "Add host", { Host: "unreachable-5" });
  await detail(page).getByRole("heading", { name: "The job failed" }).waitFor();
  await page.getByRole("button", { name: "Clear finished" }).click();
  await shows(page, "slow-3");
  assert.equal(await detail(page).getByText("The job failed").count(), 0);
});

test("after all jobs are cleared the page shows none", async (t) => {
  const { page } = await loggedIn(t);
  const job = await start(page, "Add host", { Host: "esx-1" });
  await job.getByText("Succeeded").waitFor();
  await page.getByRole("button", { name: "Clear finished" }).click();
  await page.getByText("No jobs yet").waitFor();
  assert.equal(await detail(page).count(), 0);
  assert.equal(await page.getByRole("table").count(), 0);
});

test("the unfolded list shows the changes, newest first", async (t) => {
  const { page } = await loggedIn(t, { stepMs: 200 });
  const job = await start(page, "Add host", { Host: "esx-1" });
  await job.getByText(/^Changes/).click();
  await job.getByText("Succeeded").waitFor();
  const lines = await job.getByRole("listitem").allTextContents();
  assert.match(lines[0], /success/);
  assert.match(lines.at(-1), /queued/);
  const told = await job.getByText(/^Changes/).textContent();
  assert.equal(Number(told.match(/\d+/)[0]), lines.length);
});

for (const [width, most] of [
  [1_440, 2_200],
  [1_000, 2_600],
  [360, 4_000],
]) {
  test(`with fifty jobs the page stays short, ${width} px wide`, async (t) => {
    const { page } = await loggedIn(t, { stepMs: 300 }, { viewport: { width, height: 900 } });
    await start(page, "Add 50 hosts", { "Name prefix": "esx" });
    await page.getByText("45 succeeded · 5 failed").waitFor();
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    assert.ok(height < most, `${height} px`);
  });
}

test("list and job are side by side if both fit", async (t) => {
  const { page } = await three(t);
  for (const [width, beside] of [
    [1_440, true],
    [1_280, true],
    [1_000, false],
    [360, false],
  ]) {
    await page.setViewportSize({ width, height: 900 });
    const list = await page.getByRole("region", { name: "Polls by job" }).boundingBox();
    const job = await detail(page).boundingBox();
    assert.equal(job.x >= list.x + list.width, beside, `${width} px`);
    assert.equal(job.y >= list.y + list.height, !beside, `${width} px`);
  }
});
