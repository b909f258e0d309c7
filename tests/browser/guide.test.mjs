// The guided first minute, from the door to a fault and what the page says of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, useChromium } from "./chromium.mjs";
import { app, detail, fault, loggedIn, logIn, slow, start, tells } from "./console.mjs";

useChromium();

const guideOf = (page) => page.getByRole("complementary", { name: "First steps" });

test("it leads from the door through a deploy to a fault", async (t) => {
  const { page, faults } = await open(t, app, { stepMs: 1_500 });
  const guide = guideOf(page);
  await guide.getByText("1 of 6").waitFor();
  await guide.getByRole("button", { name: "Fill it in" }).click();
  await page.getByRole("button", { name: "Log in" }).click();
  await guide.getByText("2 of 6").waitFor();
  await guide.getByRole("button", { name: "Go there" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Start");
  const added = await start(page, "Add host", {});
  await guide.getByText("3 of 6").waitFor();
  await added.getByText("Succeeded").waitFor();
  await start(page, "Create cluster", { Name: "c1" });
  await guide.getByText("4 of 6").waitFor();
  await start(page, "Deploy cluster", { "Password for the cluster’s admin": "S3cret-of-c1" });
  await guide.getByText("5 of 6").waitFor();
  await guide.getByRole("button", { name: "Go there" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Faults");
  await fault(page, "Reboot of the VM");
  await guide.getByText("6 of 6").waitFor();
  await tells(page, "No answer from Deploy");
  await guide.getByRole("button", { name: "Show it" }).click();
  await detail(page).getByText("Succeeded").waitFor();
  await guide.getByRole("button", { name: "Done" }).click();
  assert.equal(await guide.count(), 0);
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

test("after a reload it goes on where it was", async (t) => {
  const { page } = await loggedIn(t);
  await start(page, "Create cluster", { Name: "c1" });
  await guideOf(page).getByText("4 of 6").waitFor();
  await page.reload();
  await logIn(page, "Netapp1!");
  await guideOf(page).getByText("4 of 6").waitFor();
});

test("it covers nothing that has the focus", async (t) => {
  const { page } = await loggedIn(t, { scripts: [slow] }, { viewport: { width: 360, height: 740 } });
  await start(page, "Add host", { Host: "slow-1" });
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
