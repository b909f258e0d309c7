// The guide, from the login to a fault and the end of a cluster.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, useChromium } from "./chromium.mjs";
import { app, deploy, fault, hostAdded, loggedIn, logIn, rowOf, slow, start, tells } from "./console.mjs";

useChromium();

const guideOf = (page) => page.getByRole("complementary", { name: "First steps" });

test("the guide leads from the login through a deploy and a fault to the deleted cluster", async (t) => {
  const strict = { openHosts: false, needCredentials: true, refuseUnknownMembers: true };
  const { page, simulator, faults } = await open(t, app, { stepMs: 300, ...strict });
  const guide = guideOf(page);
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  const step = (number) => guide.getByText(`${number} of 7`).waitFor();
  await step(1);
  await press("Fill in");
  await press("Log in");
  await step(2);
  await press("Show me");
  await press("Add these hosts");
  await step(3);
  await page.getByText("The hosts are added. You can").waitFor();
  await press("Deploy cluster");
  await step(4);
  await press("Show me");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Faults");
  await fault(page, "VM reboot");
  await step(5);
  await guide.getByText("The job continues in Deploy").waitFor();
  await tells(page, "No response from Deploy");
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  await guide.getByText("No job is running.").waitFor();
  await press("Show me");
  await press("Power off");
  await step(6);
  assert.equal(await rowOf(page, "Power off cluster cluster-01").getByText("Succeeded").count(), 1);
  await page.getByText("State: powered off").waitFor();
  await press("Delete…");
  await page.getByLabel("Type the cluster name to confirm").fill("cluster-01");
  await press("Delete cluster-01");
  await step(7);
  await press("Show me");
  await press("Done");
  assert.equal(await guide.count(), 0);
  assert.deepEqual(
    simulator.log().filter(({ status }) => status >= 400),
    [],
  );
  assert.deepEqual(faults, []);
});

test("a skipped guide does not come back", async (t) => {
  const { page } = await open(t, app);
  await guideOf(page).getByRole("button", { name: "Skip the guide" }).click();
  await page.reload();
  await logIn(page, "Netapp1!");
  await page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  assert.equal(await guideOf(page).count(), 0);
});

test("after the guide was skipped, the login page shows the account and can show the guide", async (t) => {
  const { page } = await open(t, app);
  const guide = guideOf(page);
  await guide.getByRole("button", { name: "Skip the guide" }).click();
  await page.reload();
  await page.getByText("Log in as “admin” with the password “Netapp1!”.").waitFor();
  await page.getByRole("button", { name: "Fill in" }).click();
  assert.equal(await page.getByLabel("User name").inputValue(), "admin");
  await page.getByRole("button", { name: "Show the guide" }).click();
  await guide.getByText("1 of 7").waitFor();
  assert.equal(await page.getByRole("button", { name: "Fill in" }).count(), 1);
});

test("the guide skips the hosts if Deploy has some, and asks for a job before a fault", async (t) => {
  const { page } = await loggedIn(t);
  const guide = guideOf(page);
  await guide.getByText("2 of 7").waitFor();
  await page.evaluate(async () => {
    const headers = { authorization: `Basic ${btoa("admin:Netapp1!")}`, "content-type": "application/json" };
    const hosts = [
      {
        name: "esx-by-command",
        hypervisor_type: "ESX",
        credential: { username: "root", password: "Netapp1!" },
      },
    ];
    await fetch("/api/hosts", { method: "POST", headers, body: JSON.stringify({ hosts }) });
    const ready = async () =>
      (await (await fetch("/api/hosts?fields=*", { headers })).text()).includes("in_progress");
    while (await ready()) await new Promise((go) => setTimeout(go, 50));
  });
  await guide.getByRole("button", { name: "Show me" }).click();
  await guide.getByText("3 of 7").waitFor();
  await guide.getByRole("button", { name: "Show me" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Deploy cluster");
  await deploy(page, "cluster-01", 1);
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  await guide.getByText("No job is running, so").waitFor();
  await guide.getByRole("button", { name: "Show me" }).click();
  await page.waitForFunction(() => document.activeElement.textContent === "Faults");
  const line = await page.locator("#health").boundingBox();
  assert.ok(line.y >= 0, "the connection line is visible together with the faults");
});

test("after a reload the guide continues at the same step", async (t) => {
  const { page } = await loggedIn(t);
  await hostAdded(page);
  await deploy(page, "cluster-01");
  await guideOf(page).getByText("4 of 7").waitFor();
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  await page.reload();
  await logIn(page, "Netapp1!");
  await guideOf(page).getByText("4 of 7").waitFor();
  await page.getByRole("radio", { name: "Deploy cluster" }).check();
  const name = await page.getByLabel("Name", { exact: true }).elementHandle();
  await page.waitForFunction((field) => field.value !== "", name);
  assert.equal(await name.inputValue(), "cluster-02", "the next free name");
});

test("the guide never covers the focused element", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] }, { viewport: { width: 360, height: 740 } });
  await start(page, "Add host", { Host: "slow-1" });
  // Until then the page grows and moves the focused element.
  await rowOf(page, "slow-1").getByText("Running").waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  const stops = await page.locator("#page :is(button, input, select, summary):visible").count();
  const strip = () => guideOf(page).boundingBox();
  for (let at = 0; at < stops; at += 1) {
    await page.keyboard.press("Tab");
    const covered = await page.evaluate(
      (top) => {
        const { activeElement } = document;
        if (activeElement.closest("#guide") || activeElement === document.body) return undefined;
        return activeElement.getBoundingClientRect().top >= top ? activeElement.outerHTML : undefined;
      },
      (await strip()).y,
    );
    assert.equal(covered, undefined);
  }
});
