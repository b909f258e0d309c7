// axe on each view of the console: light and dark, wide and on a phone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { open, useChromium } from "./chromium.mjs";
import { app, detail, everyForm, fault, logIn, slow, start, tells } from "./console.mjs";

useChromium();

const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** What axe finds, best practices included. */
async function findings(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document);
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`,
    );
  });
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1_280, 360]) {
    test(`axe finds nothing, ${colorScheme} and ${width} px wide`, async (t) => {
      const viewport = { width, height: 900 };
      const { page } = await open(t, app, { scripts: [slow], stepMs: 500 }, { colorScheme, viewport });
      const clean = async (view) => assert.deepEqual(await findings(page), [], view);

      await page.getByRole("complementary", { name: "First steps" }).waitFor();
      await clean("the login page");
      await logIn(page, "wrong");
      await page.getByRole("alert").getByText("Wrong user name or password").waitFor();
      await clean("a wrong password");
      await logIn(page, "Netapp1!");
      await page.getByText("No jobs yet").waitFor();
      await clean("no jobs");

      await start(page, "Add host", { Host: "slow-1" });
      const running = page.getByRole("table").getByText("Running");
      await running.waitFor();
      await clean("a running job");
      await detail(page)
        .getByText(/^Changes/)
        .click();
      await page.getByText("Error codes").click();
      await start(page, "Add host", { Host: "unreachable-1" });
      await page.getByRole("heading", { name: "The job failed" }).waitFor();
      await clean("a failed job, with everything unfolded");

      await fault(page, "VM reboot");
      await tells(page, /^No response/);
      await clean("a reboot");
      await fault(page, "Changed password");
      await page.getByRole("heading", { name: "Log in again" }).waitFor();
      await clean("a changed password");
      await page.getByLabel("Password for admin").fill("Changed-1!");
      await page.getByRole("button", { name: "Log in again" }).click();
      await tells(page, /^Deploy (is responding|responded)/);
      await start(page, "Add 50 hosts", { "Name prefix": "esx" });
      await page.getByText(/for 5\d jobs/).waitFor();
      await clean("fifty jobs");
    });

    test(`axe finds nothing in the forms, ${colorScheme} and ${width} px wide`, async (t) => {
      const viewport = { width, height: 900 };
      const { page } = await open(t, app, { stepMs: 100 }, { colorScheme, viewport });
      await logIn(page, "Netapp1!");
      await everyForm(page, async (view) => assert.deepEqual(await findings(page), [], view));
    });
  }
}
