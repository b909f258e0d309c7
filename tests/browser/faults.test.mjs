// The simulator's faults: the page's messages during each fault, and no job is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, useChromium } from "./chromium.mjs";
import { app, detail, fault, loggedIn, logIn, rowOf, slow, start, tells } from "./console.mjs";

useChromium();

const changed = "Changed-1!";

async function logInAgain(page, password) {
  await page.getByLabel("Password for admin").fill(password);
  await page.getByRole("button", { name: "Log in again" }).click();
}

test("reboot: the page shows the missing response and the next retry, then follows the job again", async (t) => {
  const { page, simulator } = await loggedIn(t, { stepMs: 3_000 });
  const card = await start(page, "Add host", { Host: "esx-1" });
  await card.getByText("Running", { exact: true }).waitFor();
  await fault(page, "VM reboot");
  await tells(page, /^No response from Deploy for \d+ s; retrying (in \d+ s|now)\. Jobs continue/);
  await card.getByText(/The last poll failed; retrying (in \d+ s|now)\. The job continues\./).waitFor();
  await page
    .locator("#announcer")
    .getByText("No response from Deploy. The console retries; jobs continue.")
    .waitFor();
  await card.getByText("Succeeded").waitFor();
  await page.locator("#announcer").getByText("Deploy is responding again.").waitFor();
  assert.equal(await page.getByRole("switch", { name: "VM reboot" }).isChecked(), false);
  assert.equal(simulator.counters().received["POST /hosts"], 1);
});

test("dead connection: the page reports the missing response as normal while a poll may be held", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] });
  await start(page, "Add host", { Host: "slow-1" });
  const row = rowOf(page, "Add host slow-1");
  await row.getByText("Running", { exact: true }).waitFor();
  await fault(page, "Dead connection");
  await tells(
    page,
    /^No response for \d+ s, which is normal: Deploy responds when a job changes, or after 30 s/,
  );
  const second = await start(page, "Add host", { Host: "esx-2" });
  await tells(page, /^A request has been waiting for a response for \d+ s\./);
  await fault(page, "Dead connection", false);
  await second.getByText("Succeeded").waitFor();
  await row.getByText("Running", { exact: true }).waitFor();
});

test("dead connection: after the time that Deploy holds a poll, the page says that it may be dead", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] });
  await page.clock.install();
  const card = await start(page, "Add host", { Host: "slow-1" });
  await card.getByText("Running", { exact: true }).waitFor();
  await fault(page, "Dead connection");
  await page.clock.fastForward(32_500);
  await tells(
    page,
    /^No response for \d+ s\. Deploy should respond within 30 s, so the connection may be dead/,
  );
});

test("changed password: the page asks for it next to the jobs, then follows them again", async (t) => {
  const { page, simulator, faults } = await loggedIn(t, { stepMs: 2_000 });
  const names = ["esx-1", "esx-2"];
  for (const name of names) await start(page, "Add host", { Host: name });
  await fault(page, "Changed password");
  await tells(page, "Deploy no longer accepts the password");
  await detail(page).getByText("The job continues; log in again to see its state.").waitFor();
  await logInAgain(page, "wrong");
  await page.getByRole("alert").getByText("Deploy rejected this password, too").waitFor();
  await logInAgain(page, changed);
  for (const name of names) await rowOf(page, name).getByText("Succeeded").waitFor();
  await page.getByRole("heading", { name: "Log in again" }).waitFor({ state: "hidden" });
  await tells(page, /^Deploy (is responding|responded)/);
  assert.equal(simulator.counters().received["POST /hosts"], 2);
  assert.deepEqual(faults, []);
});

test("a call that Deploy rejected for the password is sent again after the login", async (t) => {
  const { page, simulator } = await loggedIn(t);
  await fault(page, "Changed password");
  const card = await start(page, "Add host", { Host: "esx-1" });
  await card.getByText("Deploy rejected the password and did not process the request.").waitFor();
  await logInAgain(page, changed);
  await card.getByText("Succeeded").waitFor();
  const { jobs } = simulator.counters();
  assert.equal(Object.keys(jobs).length, 1, "Deploy ran it once");
});

test("jobs wait for the login without a time limit", async (t) => {
  const { page } = await loggedIn(t, { stepMs: 2_000 });
  await page.clock.install();
  const card = await start(page, "Add host", { Host: "esx-1" });
  await fault(page, "Changed password");
  await tells(page, "Deploy no longer accepts the password");
  await page.clock.runFor(40_000);
  await card.getByText("Waiting for login").waitFor();
  await page.getByText("1 waiting for login").waitFor();
  await logInAgain(page, changed);
  await card.getByText("Succeeded").waitFor();
});

test("busy Deploy: the page shows the next retry", async (t) => {
  const { page } = await loggedIn(t, { stepMs: 2_000 });
  const card = await start(page, "Add host", { Host: "esx-1" });
  await fault(page, "Busy Deploy");
  await tells(page, /^Deploy is busy \(status 503\); retrying in \d s\. Jobs continue/);
  await fault(page, "Busy Deploy", false);
  await card.getByText("Succeeded").waitFor();
});

test("proxy timeout: the page names the proxy, not Deploy", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] });
  await fault(page, "Proxy timeout");
  const card = await start(page, "Add host", { Host: "slow-1" });
  await tells(page, /^A proxy got no response from Deploy \(status 504\)/);
  await card.getByText("Running", { exact: true }).waitFor();
});

test("connection resets: the page reports them and retries", async (t) => {
  const { page } = await loggedIn(t, { stepMs: 3_000 });
  const card = await start(page, "Add host", { Host: "esx-1" });
  await card.getByText("Running", { exact: true }).waitFor();
  await fault(page, "Connection resets");
  await tells(page, /^(No response from Deploy|Deploy is responding\. .* failed in the last 8 s)/);
  await card.getByText("Succeeded").waitFor();
});

test("slow server: the page says so", async (t) => {
  const { page } = await loggedIn(t);
  await fault(page, "Slow server");
  const card = await start(page, "Add host", { Host: "esx-1" });
  await tells(page, /^A request has been waiting for a response for \d s/);
  await tells(page, /^Deploy is responding, but the last call took 3 s\. Deploy or the connection is slow/);
  await card.getByText("Succeeded").waitFor();
});

test("the login page shows a fault that is still on, and can switch it off", async (t) => {
  const { page, site } = await loggedIn(t);
  await fault(page, "Dead connection");
  const tab = await page.context().newPage();
  await tab.goto(site.url);
  await tab.getByText("Faults (1 on)").waitFor();
  await fault(tab, "Dead connection", false);
  await logIn(tab, "Netapp1!");
  await tab.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  await tab.getByText("Faults", { exact: true }).waitFor();
  assert.equal(await tab.getByRole("switch", { name: "Dead connection" }).isChecked(), false);
});

test("the guide fills in the password that was changed before the login", async (t) => {
  const { page, site } = await loggedIn(t);
  await fault(page, "Changed password");
  const tab = await page.context().newPage();
  await tab.goto(site.url);
  await fault(tab, "Changed password", false);
  await tab.getByRole("button", { name: "Fill in" }).click();
  await tab.getByRole("button", { name: "Log in" }).click();
  await tab.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
});

test("the login page shows no switches while no fault is on", async (t) => {
  const { page } = await open(t, app);
  await page.getByRole("complementary", { name: "First steps" }).waitFor();
  assert.equal(await page.getByRole("switch").count(), 0);
});

test("a real Deploy has no faults to switch and no guide", async (t) => {
  const { page, faults } = await loggedIn(t, {}, { switches: false });
  await start(page, "Add host", { Host: "esx-1" });
  assert.equal(await page.getByText(/^Faults/).count(), 0);
  assert.equal(await page.getByRole("switch").count(), 0);
  assert.equal(await page.getByRole("complementary").count(), 0);
  assert.deepEqual(faults, []);
});

test("a Deploy on another server has no faults to switch and no guide", async (t) => {
  const { page, site } = await open(t, app);
  await page.getByRole("complementary", { name: "First steps" }).waitFor();
  // The same server under another name is another origin; these headers let the page call it.
  const other = `${site.url.replace("127.0.0.1", "localhost")}/api`;
  await page.route(`${other}/**`, (route) =>
    route.fulfill({
      json: { records: [], num_records: 0 },
      headers: {
        "access-control-allow-origin": site.url,
        "access-control-allow-headers": "*, authorization",
      },
    }),
  );
  await page.getByLabel("Deploy address").fill(other);
  await logIn(page, "Netapp1!");
  await page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  assert.equal(await page.getByRole("switch").count(), 0);
  assert.equal(await page.getByRole("complementary").count(), 0);
});
