// The guided first minute, from the door to a fault and what the page says of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, useChromium } from "./chromium.mjs";
import { app, deploy, fault, hostAdded, loggedIn, logIn, rowOf, slow, start, tells } from "./console.mjs";

useChromium();

const guideOf = (page) => page.getByRole("complementary", { name: "First steps" });

test("it leads from the door to a deployed cluster, through a fault, to the cluster's end", async (t) => {
  const strict = { openHosts: false, needCredentials: true, refuseUnknownMembers: true };
  const { page, simulator, faults } = await open(t, app, { stepMs: 300, ...strict });
  const guide = guideOf(page);
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  const step = (number) => guide.getByText(`${number} of 7`).waitFor();
  await step(1);
  await press("Fill it in");
  await press("Log in");
  await step(2);
  await press("Go there");
  await press("Add these hosts now");
  await step(3);
  await page.getByText("The hosts are added. Their").waitFor();
  await press("Deploy cluster");
  await step(4);
  await press("Go there");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Faults");
  await fault(page, "Reboot of the VM");
  await step(5);
  await guide.getByText("What is under way goes on in Deploy").waitFor();
  await tells(page, "No answer from Deploy");
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  await guide.getByText("Nothing is under way.").waitFor();
  await press("Go there");
  await press("Power off");
  await step(6);
  assert.equal(await rowOf(page, "Power off cluster cluster-01").getByText("Succeeded").count(), 1);
  await page.getByText("It is powered off.").waitFor();
  await press("Delete…");
  await page.getByLabel("Type its name to delete it").fill("cluster-01");
  await press("Delete cluster-01");
  await step(7);
  await press("Go there");
  await press("Done");
  assert.equal(await guide.count(), 0);
  assert.deepEqual(
    simulator.log().filter(({ status }) => status >= 400),
    [],
  );
  assert.deepEqual(faults, []);
});

test("who skips it is not shown it again", async (t) => {
  const { page } = await open(t, app);
  await guideOf(page).getByRole("button", { name: "Skip the guide" }).click();
  await page.reload();
  await logIn(page, "Netapp1!");
  await page.getByRole("heading", { name: "Jobs", exact: true }).waitFor();
  assert.equal(await guideOf(page).count(), 0);
});

test("once it is left, the log-in page says the account and brings it back", async (t) => {
  const { page } = await open(t, app);
  const guide = guideOf(page);
  await guide.getByRole("button", { name: "Skip the guide" }).click();
  await page.reload();
  await page.getByText("Its user is “admin”, with the password “Netapp1!”.").waitFor();
  await page.getByRole("button", { name: "Fill it in" }).click();
  assert.equal(await page.getByLabel("User name").inputValue(), "admin");
  await page.getByRole("button", { name: "Show the guide" }).click();
  await guide.getByText("1 of 7").waitFor();
  assert.equal(await page.getByRole("button", { name: "Fill it in" }).count(), 1);
});

test("it leads on where hosts are there already, and asks for a job before a fault", async (t) => {
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
  await guide.getByRole("button", { name: "Go there" }).click();
  await guide.getByText("3 of 7").waitFor();
  await guide.getByRole("button", { name: "Go there" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Deploy cluster");
  await deploy(page, "cluster-01", 1);
  await page.getByRole("heading", { name: "cluster-01 is deployed" }).waitFor();
  await guide.getByText("No job is under way").waitFor();
  await guide.getByRole("button", { name: "Go there" }).click();
  await page.waitForFunction(() => document.activeElement.textContent === "Faults");
  const line = await page.locator("#health").boundingBox();
  assert.ok(line.y >= 0, "the line about Deploy is in sight beside the faults");
});

test("after a reload it goes on where it was", async (t) => {
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
  assert.equal(await name.inputValue(), "cluster-02", "no name that is there already");
});

test("it covers nothing that has the focus", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] }, { viewport: { width: 360, height: 740 } });
  await start(page, "Add host", { Host: "slow-1" });
  // Until then the page grows, and moves what has the focus.
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
