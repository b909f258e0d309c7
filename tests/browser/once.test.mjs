// A double click or a repeated submit sends one request.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, useChromium } from "./chromium.mjs";
import { app, detail, fault, loggedIn, slow, start } from "./console.mjs";

useChromium();

const posts = ({ simulator }, path) => simulator.counters().received[`POST ${path}`] ?? 0;
const logIns = ({ simulator }) =>
  simulator.log().filter(({ method, path }) => method === "GET" && path === "/clusters").length;
const fiftyEnded = (page, times) => page.getByText(`${45 * times} succeeded · ${5 * times} failed`).waitFor();

/** Submits a form several times in one turn, like a key that is held down. */
const submit = (form, times) =>
  form.evaluate((element, count) => {
    for (let at = 0; at < count; at += 1) element.requestSubmit();
  }, times);

for (const [how, click] of [
  ["a double click", (button) => button.dblclick()],
  ["two clicks at once", (button) => button.evaluate((element) => [element.click(), element.click()])],
]) {
  test(`${how} on “Add 50 hosts” starts fifty`, async (t) => {
    const opened = await loggedIn(t);
    const { page } = opened;
    await page.getByRole("radio", { name: "Add 50 hosts", exact: true }).check();
    await click(page.locator("form").getByRole("button", { name: "Add 50 hosts" }));
    await fiftyEnded(page, 1);
    assert.equal(posts(opened, "/hosts"), 50);
  });
}

test("two clicks start fifty each if they are seconds apart or the user typed between them", async (t) => {
  const opened = await loggedIn(t);
  const { page } = opened;
  await page.clock.install();
  await page.getByRole("radio", { name: "Add 50 hosts", exact: true }).check();
  const button = page.locator("form").getByRole("button", { name: "Add 50 hosts" });
  await button.click();
  await page.clock.fastForward(2_000);
  await button.click();
  await fiftyEnded(page, 2);
  await page.getByLabel("Name prefix").fill("other");
  await button.click();
  await page.getByLabel("Name prefix").fill("another");
  await button.click();
  await fiftyEnded(page, 4);
  assert.equal(posts(opened, "/hosts"), 200);
});

test("a key that is held down in a form sends it once", async (t) => {
  const opened = await loggedIn(t, { scripts: [slow] });
  const { page } = opened;
  await page.getByRole("radio", { name: "Add host", exact: true }).check();
  await page.getByLabel("Host", { exact: true }).fill("slow-1");
  const form = page.locator("form").filter({ has: page.getByRole("button", { name: "Add host" }) });
  await submit(form, 5);
  await detail(page).getByText("Running", { exact: true }).waitFor();
  assert.equal(posts(opened, "/hosts"), 1);
});

test("a repeated login enters once, even while the page still reads the simulator's state", async (t) => {
  const opened = await open(t, app);
  const { page } = opened;
  await page.getByRole("complementary", { name: "First steps" }).waitFor();
  // The page reads the simulator's faults again, and this route holds the response.
  const asked = deferred();
  await page.route("**/simulator/faults", async (route) => {
    await asked.promise;
    await route.continue();
  });
  await page.reload();
  await page.getByLabel("User name").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("Netapp1!");
  const accepted = page.waitForResponse(/\/clusters$/);
  await submit(page.locator("form"), 2);
  await accepted;
  await page.getByLabel("Password", { exact: true }).fill("Netapp1!");
  await submit(page.locator("form"), 2);
  asked.resolve();
  await page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  assert.equal(logIns(opened), 1);
});

test("a double click logs in again once", async (t) => {
  const opened = await loggedIn(t, { scripts: [slow] });
  const { page } = opened;
  await fault(page, "Changed password");
  await start(page, "Add host", { Host: "slow-1" });
  await page.getByLabel("Password for admin").fill("wrong");
  const before = logIns(opened);
  await page.getByRole("button", { name: "Log in again" }).dblclick();
  await page.getByRole("alert").getByText("Deploy rejected this password, too").waitFor();
  assert.equal(logIns(opened), before + 1);
});

test("a double click switches a fault once", async (t) => {
  const { page } = await loggedIn(t);
  let switched = 0;
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/simulator/faults")) switched += 1;
  });
  const box = page.getByRole("switch", { name: "Slow server" });
  const answered = page.waitForResponse(/simulator\/faults$/);
  await box.dblclick();
  await answered;
  await page.getByText("Faults (1 on)").waitFor();
  assert.equal(await box.isChecked(), true);
  assert.equal(switched, 1);
});

test("a double click on “Stop following” does not follow the job again", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] });
  const job = await start(page, "Add host", { Host: "slow-1" });
  await job.getByText("Running", { exact: true }).waitFor();
  await job.getByRole("button", { name: "Stop following" }).dblclick();
  await job.getByText("Not followed", { exact: true }).waitFor();
  await page.getByText("1 not followed").waitFor();
});

function deferred() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
