// Faults switched on by hand: what the page says while they last, and that no job is lost by them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, useChromium } from "./chromium.mjs";
import { app, detail, fault, loggedIn, logIn, rowOf, slow, start, tells } from "./console.mjs";

useChromium();

const changed = "Changed-1!";

async function logInAgain(page, password) {
  await page.getByLabel("Password of admin").fill(password);
  await page.getByRole("button", { name: "Log in again" }).click();
}

test("a reboot: no answer, when it is tried again, and the job is found again", async (t) => {
  const { page, simulator } = await loggedIn(t, { stepMs: 3_000 });
  const card = await start(page, "Add host", { Host: "esx-1" });
  await card.getByText("Running", { exact: true }).waitFor();
  await fault(page, "Reboot of the VM");
  await tells(page, /^No answer from Deploy for \d+ s; trying again (in \d+ s|now)\. Jobs themselves go on/);
  await card
    .getByText(/The last poll failed; trying again (in \d+ s|now)\. The job itself goes on\./)
    .waitFor();
  await page
    .locator("#announcer")
    .getByText("No answer from Deploy. It is tried again; jobs go on.")
    .waitFor();
  await card.getByText("Succeeded").waitFor();
  await page.locator("#announcer").getByText("Deploy answers again.").waitFor();
  assert.equal(await page.getByRole("switch", { name: "Reboot of the VM" }).isChecked(), false);
  assert.equal(simulator.counters().received["POST /hosts"], 1);
});

test("a dead line: nothing is heard, and nothing more is claimed", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] });
  await start(page, "Add host", { Host: "slow-1" });
  const row = rowOf(page, "Add host slow-1");
  await row.getByText("Running", { exact: true }).waitFor();
  await fault(page, "Dead line");
  await tells(page, /^Nothing heard for \d+ s\. Deploy answers when something changes, and within 30 s/);
  const second = await start(page, "Add host", { Host: "esx-2" });
  await tells(page, /^A request has waited for its answer for \d+ s\./);
  await fault(page, "Dead line", false);
  await second.getByText("Succeeded").waitFor();
  await row.getByText("Running", { exact: true }).waitFor();
});

test("a dead line that lasts is called one", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] });
  await page.clock.install();
  const card = await start(page, "Add host", { Host: "slow-1" });
  await card.getByText("Running", { exact: true }).waitFor();
  await fault(page, "Dead line");
  await page.clock.fastForward(32_500);
  await tells(page, /^No answer for \d+ s, though Deploy answers within 30 s: the line may be dead/);
});

test("a lost password: the page asks for it beside the jobs, and goes on with them", async (t) => {
  const { page, simulator, faults } = await loggedIn(t, { stepMs: 2_000 });
  const names = ["esx-1", "esx-2"];
  for (const name of names) await start(page, "Add host", { Host: name });
  await fault(page, "Lost password");
  await tells(page, "Deploy no longer accepts the password");
  await detail(page)
    .getByText("The job goes on; what becomes of it is seen after the next log-in.")
    .waitFor();
  await logInAgain(page, "wrong");
  await page.getByRole("alert").getByText("Deploy does not accept this password either").waitFor();
  await logInAgain(page, changed);
  for (const name of names) await rowOf(page, name).getByText("Succeeded").waitFor();
  await page.getByRole("heading", { name: "Log in again" }).waitFor({ state: "hidden" });
  await tells(page, "Deploy answer");
  assert.equal(simulator.counters().received["POST /hosts"], 2);
  assert.deepEqual(faults, []);
});

test("a call that was refused for the password goes out again after the log-in", async (t) => {
  const { page, simulator } = await loggedIn(t);
  await fault(page, "Lost password");
  const card = await start(page, "Add host", { Host: "esx-1" });
  await card.getByText("Deploy refused the call for its password, and has done nothing.").waitFor();
  await logInAgain(page, changed);
  await card.getByText("Succeeded").waitFor();
  const { jobs } = simulator.counters();
  assert.equal(Object.keys(jobs).length, 1, "it was done once");
});

test("jobs wait for the log-in however long it takes", async (t) => {
  const { page } = await loggedIn(t, { stepMs: 2_000 });
  await page.clock.install();
  const card = await start(page, "Add host", { Host: "esx-1" });
  await fault(page, "Lost password");
  await tells(page, "Deploy no longer accepts the password");
  await page.clock.runFor(40_000);
  await card.getByText("Waiting for log-in").waitFor();
  await page.getByText("1 waiting for log-in").waitFor();
  await logInAgain(page, changed);
  await card.getByText("Succeeded").waitFor();
});

test("a busy Deploy, and when it is asked again", async (t) => {
  const { page } = await loggedIn(t, { stepMs: 2_000 });
  const card = await start(page, "Add host", { Host: "esx-1" });
  await fault(page, "Busy Deploy");
  await tells(page, /^Deploy is busy \(status 503\); trying again in \d s\. Jobs themselves go on/);
  await fault(page, "Busy Deploy", false);
  await card.getByText("Succeeded").waitFor();
});

test("a proxy that cuts polls is told apart from Deploy", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] });
  await fault(page, "Impatient proxy");
  const card = await start(page, "Add host", { Host: "slow-1" });
  await tells(page, /^A proxy on the way gave a request up \(status 504\)/);
  await card.getByText("Running", { exact: true }).waitFor();
});

test("broken connections are told, and what broke is asked again", async (t) => {
  const { page } = await loggedIn(t, { stepMs: 3_000 });
  const card = await start(page, "Add host", { Host: "esx-1" });
  await card.getByText("Running", { exact: true }).waitFor();
  await fault(page, "Broken connections");
  await tells(page, /^(No answer from Deploy|Deploy answers\. .* failed in the last 8 s)/);
  await card.getByText("Succeeded").waitFor();
});

test("a slow server is called slow", async (t) => {
  const { page } = await loggedIn(t);
  await fault(page, "Slow server");
  const card = await start(page, "Add host", { Host: "esx-1" });
  await tells(page, /^A request has waited for its answer for \d s/);
  await tells(page, /^Deploy answers, but the last call took 3 s: it or the line is slow/);
  await card.getByText("Succeeded").waitFor();
});

test("a fault that was left on is seen at the door, where it can be ended", async (t) => {
  const { page, site } = await loggedIn(t);
  await fault(page, "Dead line");
  const tab = await page.context().newPage();
  await tab.goto(site.url);
  await tab.getByText("Faults (1 on)").waitFor();
  await fault(tab, "Dead line", false);
  await logIn(tab, "Netapp1!");
  await tab.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  await tab.getByText("Faults", { exact: true }).waitFor();
  assert.equal(await tab.getByRole("switch", { name: "Dead line" }).isChecked(), false);
});

test("a lost password that is found at the door is the one that the guide fills in", async (t) => {
  const { page, site } = await loggedIn(t);
  await fault(page, "Lost password");
  const tab = await page.context().newPage();
  await tab.goto(site.url);
  await fault(tab, "Lost password", false);
  await tab.getByRole("button", { name: "Fill it in" }).click();
  await tab.getByRole("button", { name: "Log in" }).click();
  await tab.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
});

test("no switches stand at a door where nothing is wrong", async (t) => {
  const { page } = await open(t, app);
  await page.getByRole("complementary", { name: "First steps" }).waitFor();
  assert.equal(await page.getByRole("switch").count(), 0);
});

test("a Deploy that is no simulator has no faults to switch and no guide", async (t) => {
  const { page, faults } = await loggedIn(t, {}, { switches: false });
  await start(page, "Add host", { Host: "esx-1" });
  assert.equal(await page.getByText(/^Faults/).count(), 0);
  assert.equal(await page.getByRole("switch").count(), 0);
  assert.equal(await page.getByRole("complementary").count(), 0);
  assert.deepEqual(faults, []);
});

test("nor has another Deploy than the page's own", async (t) => {
  const { page, site } = await open(t, app);
  await page.getByRole("complementary", { name: "First steps" }).waitFor();
  // The same server by another name, which is another origin; the browser lets the page ask it.
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
  await page.getByLabel("Address of Deploy").fill(other);
  await logIn(page, "Netapp1!");
  await page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  assert.equal(await page.getByRole("switch").count(), 0);
  assert.equal(await page.getByRole("complementary").count(), 0);
});
