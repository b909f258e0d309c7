// What is clicked twice in a moment, or entered twice, is sent once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, useChromium } from "./chromium.mjs";
import { app, detail, fault, loggedIn, slow, start } from "./console.mjs";

useChromium();

const posts = ({ simulator }, path) => simulator.counters().received[`POST ${path}`] ?? 0;
const logIns = ({ simulator }) =>
  simulator.log().filter(({ method, path }) => method === "GET" && path === "/clusters").length;
const fiftyEnded = (page, times) => page.getByText(`${45 * times} succeeded · ${5 * times} failed`).waitFor();

/** Submits a form this often in one turn, as a key that is held down does. */
const submit = (form, times) =>
  form.evaluate((element, count) => {
    for (let at = 0; at < count; at += 1) element.requestSubmit();
  }, times);

for (const [how, click] of [
  ["a double click", (button) => button.dblclick()],
  ["two clicks at once", (button) => button.evaluate((element) => [element.click(), element.click()])],
]) {
  test(`${how} on “Start 50” starts fifty`, async (t) => {
    const opened = await loggedIn(t);
    const { page } = opened;
    await page.getByRole("radio", { name: "Start 50", exact: true }).check();
    await click(page.locator("form").getByRole("button", { name: "Start 50" }));
    await fiftyEnded(page, 1);
    assert.equal(posts(opened, "/hosts"), 50);
  });
}

test("clicks that are seconds apart each start fifty, and so does one after something was typed", async (t) => {
  const opened = await loggedIn(t);
  const { page } = opened;
  await page.clock.install();
  await page.getByRole("radio", { name: "Start 50", exact: true }).check();
  const button = page.locator("form").getByRole("button", { name: "Start 50" });
  await button.click();
  await page.clock.fastForward(2_000);
  await button.click();
  await fiftyEnded(page, 2);
  await page.getByLabel("Names begin with").fill("other");
  await button.click();
  await page.getByLabel("Names begin with").fill("another");
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

test("two log-ins in a moment enter once, even while the page still asks what it enters", async (t) => {
  const opened = await open(t, app);
  const { page } = opened;
  await page.getByRole("complementary", { name: "First steps" }).waitFor();
  // The page asks for the switches of the simulator anew, and gets no answer yet.
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
  await fault(page, "Lost password");
  await start(page, "Add host", { Host: "slow-1" });
  await page.getByLabel("Password of admin").fill("wrong");
  const before = logIns(opened);
  await page.getByRole("button", { name: "Log in again" }).dblclick();
  await page.getByRole("alert").getByText("Deploy does not accept this password either").waitFor();
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

test("a double click stops the waiting once, and does not take it up again", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] });
  const job = await start(page, "Add host", { Host: "slow-1" });
  await job.getByText("Running", { exact: true }).waitFor();
  await job.getByRole("button", { name: "Stop waiting" }).dblclick();
  await job.getByText("Not watched", { exact: true }).waitFor();
  await page.getByText("1 not watched").waitFor();
});

function deferred() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
