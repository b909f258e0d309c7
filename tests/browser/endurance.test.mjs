// A page may stay open for days: its lists have bounds, and it draws only what has changed. These tests check counts,
// not times.

import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";
import { open, useChromium } from "./chromium.mjs";
import { app, detail, logIn, rowOf, slow, start } from "./console.mjs";

useChromium();

/** Loads one module of the page. */
async function load(name) {
  const entry = new URL(`../../www/src/${name}.ts`, import.meta.url).pathname;
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

/** The job of a host named `lively…` changes its message fifty times a second. */
const lively = {
  name: "lively*",
  steps: [
    { state: "queued", message: "Waiting for its turn." },
    ...Array.from({ length: 2_000 }, (_, at) => ({
      state: "running",
      message: `Disk ${at} is checked.`,
      afterMs: 20,
    })),
    { state: "success", afterMs: 20 },
  ],
};

/** In the page: records each draw of a whole canvas with its frame. */
function countDraws() {
  const { clearRect } = CanvasRenderingContext2D.prototype;
  const draws = [];
  Object.assign(globalThis, { draws });
  CanvasRenderingContext2D.prototype.clearRect = function count(x, y, width, height) {
    if (x === 0 && y === 0) draws.push({ canvas: this.canvas, frame: Number(document.timeline.currentTime) });
    return clearRect.call(this, x, y, width, height);
  };
}

/** Draws per row since the last call, the most draws of a row in one frame, and the number of elements. */
function look(page) {
  return page.evaluate(() => {
    const draws = globalThis.draws.splice(0);
    const inOneFrame = new Map();
    const byRow = {};
    for (const { canvas, frame } of draws) {
      const row = canvas.closest("tr")?.querySelector("th")?.textContent ?? "legend";
      byRow[row] = (byRow[row] ?? 0) + 1;
      const key = `${row} ${[...document.querySelectorAll("canvas")].indexOf(canvas)} ${frame}`;
      inOneFrame.set(key, (inOneFrame.get(key) ?? 0) + 1);
    }
    return {
      byRow,
      inOneFrame: Math.max(0, ...inOneFrame.values()),
      elements: document.querySelectorAll("*").length,
    };
  });
}

const changesSeen = async (page) =>
  Number(
    (
      await detail(page)
        .getByText(/^Changes/)
        .textContent()
    ).match(/\d+/)[0],
  );

async function changesReach(page, count) {
  await page.waitForFunction(
    (least) => Number(/Changes \((\d+)\)/.exec(document.body.textContent)?.[1]) >= least,
    count,
  );
}

async function watched(t, config) {
  const opened = await open(t, app, config);
  await opened.page.addInitScript(countDraws);
  await opened.page.reload();
  await logIn(opened.page, "Netapp1!");
  await opened.page.getByText("No jobs yet").waitFor();
  return opened;
}

test("a job that changes all the time is drawn at most once per frame, without other rows", async (t) => {
  const { page, faults } = await watched(t, { scripts: [lively, slow] });
  await start(page, "Add host", { Host: "esx-1" });
  await rowOf(page, "esx-1").getByText("Succeeded").waitFor();
  await start(page, "Add host", { Host: "slow-2" });
  await rowOf(page, "slow-2").getByText("Running", { exact: true }).waitFor();
  await start(page, "Add host", { Host: "lively-3" });
  await changesReach(page, 40);
  const before = await look(page);
  const seen = await changesSeen(page);
  await changesReach(page, seen + 60);
  const after = await look(page);
  assert.ok(before.inOneFrame <= 1 && after.inOneFrame <= 1);
  assert.ok(after.byRow["Add host lively-3"] > 5, JSON.stringify(after.byRow));
  // It has finished, so only a change of scale draws it again.
  assert.ok((after.byRow["Add host esx-1"] ?? 0) <= 3, JSON.stringify(after.byRow));
  assert.ok((after.byRow.legend ?? 0) === 0, JSON.stringify(after.byRow));
  // Nothing is unfolded, so the page adds no elements.
  assert.ok(after.elements <= before.elements + 5, `${before.elements}, then ${after.elements} elements`);
  assert.deepEqual(faults, []);
});

test("the page counts all changes of a job and lists the latest", async (t) => {
  const { page, faults } = await watched(t, { scripts: [lively] });
  const job = await start(page, "Add host", { Host: "lively-1" });
  await job.getByText(/^Changes/).click();
  await changesReach(page, 210);
  await job.getByText(/\d+ older changes are no longer listed\./).waitFor();
  const { elements } = await look(page);
  await changesReach(page, 300);
  assert.equal(await job.getByRole("listitem").count(), 200);
  assert.ok((await look(page)).elements <= elements + 5);
  assert.deepEqual(faults, []);
});

test("the list keeps the latest finished jobs and the chosen one", async (t) => {
  const { page, faults } = await watched(t, { stepMs: 5 });
  const first = await start(page, "Add host", { Host: "first" });
  await first.getByText("Succeeded").waitFor();
  for (let round = 1; round <= 5; round += 1) {
    await start(page, "Add 50 hosts", { "Name prefix": `round${round}-esx` });
    if (round === 1) await rowOf(page, "first").getByRole("button").click();
    await page
      .getByText(new RegExp(`^${round > 3 ? ".*" : 45 * round + 1} succeeded · \\d+ failed$`))
      .waitFor();
    await rowOf(page, `round${round}-esx-${round}-01`).getByText("Succeeded").waitFor();
  }
  await page.getByText(/\d+ older finished jobs are no longer listed\./).waitFor();
  const rows = await page.getByRole("table").getByRole("rowheader").getByRole("button").count();
  assert.ok(rows >= 200 && rows <= 202, `${rows} rows`);
  assert.equal(await rowOf(page, "round5-esx-5-50").count(), 1);
  assert.equal(await rowOf(page, "round1-esx-1-01").count(), 0);
  assert.deepEqual(faults, []);
});

test("the history counts every poll, and its bounded list covers the whole time", async () => {
  const { PollHistory } = await load("poll-history");
  const history = new PollHistory();
  const ends = ["news", "empty", "empty", "failed"];
  for (let at = 0; at < 100_000; at += 1) {
    history.pause(at * 100 + 90, 10, false);
    history.begin(at * 100 + 5);
    history.end(at * 100 + 80, ends[at % 4]);
    assert.ok(history.polls.length <= 400 && history.pauses.length <= 200);
  }
  assert.deepEqual(
    [history.total, history.count("news"), history.count("empty"), history.count("failed"), history.open],
    [100_000, 25_000, 50_000, 25_000, 0],
  );
  assert.equal(history.polls[0].from, 5);
  assert.equal(history.polls.at(-1).to, 9_999_980);
  assert.ok(history.polls.every(({ from, to }, at, all) => to > from && from >= (all[at - 1]?.to ?? 0)));
  // A merged poll shows a failure.
  assert.equal(history.polls[0].end, "failed");
});

test("polls that are far apart are not merged", async () => {
  const { PollHistory } = await load("poll-history");
  const history = new PollHistory();
  for (let at = 0; at < 5_000; at += 1) {
    // A gap of an hour after every hundred polls.
    const from = at * 100 + Math.floor(at / 100) * 3_600_000;
    history.begin(from);
    history.end(from + 50, "empty");
  }
  assert.ok(history.polls.length <= 400);
  assert.ok(history.polls.every(({ from, to }) => to - from < 3_600_000));
});

test("a job's bounded list of changes covers its whole time", async () => {
  const { Life } = await load("life");
  const life = new Life(0);
  for (let at = 1; at <= 200_000; at += 1) {
    life.changed(at * 20, at < 1_000 ? "queued" : "running");
    assert.ok(life.notches.length <= 240);
  }
  assert.deepEqual(life.spans, [
    { at: 20, state: "queued" },
    { at: 20_000, state: "running" },
  ]);
  assert.equal(life.notches[0].at, 20);
  assert.ok(life.notches.length > 60);
  assert.ok(life.notches.at(-1).at > 3_900_000);
  for (let at = 0; at < 1_000; at += 1) {
    life.startGap(5_000_000 + at * 10);
    life.endGap(5_000_005 + at * 10);
    life.changed(5_000_006 + at * 10, at % 2 ? "running" : "stalled");
  }
  assert.ok(life.gaps.length <= 60 && life.spans.length <= 240);
});

test("the store for a reload has a bound for jobs and for addresses", async () => {
  const stored = new Map();
  globalThis.sessionStorage = {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => stored.set(key, value),
  };
  try {
    const { keep, kept } = await load("kept");
    const jobs = Array.from({ length: 900 }, (_, at) => ({ title: `${at}`, token: "t", limit: null }));
    for (let at = 0; at < 20; at += 1) keep(`https://vm-${at}/api`, jobs);
    assert.equal(kept("https://vm-0/api").length, 0);
    assert.equal(kept("https://vm-19/api").length, 500);
    assert.equal(kept("https://vm-19/api")[0].title, "0");
    assert.equal(JSON.parse([...stored.values()][0]).length, 8);
    keep("https://vm-19/api", []);
    assert.equal(kept("https://vm-19/api").length, 0);
    assert.equal(kept("https://vm-18/api").length, 500);
  } finally {
    delete globalThis.sessionStorage;
  }
});
