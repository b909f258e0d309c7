// The console page in each of the three engines, light and dark. The test saves screenshots at desktop and phone widths
// in target/screenshots.

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { target } from "../../scripts/lib/paths.mjs";
import { chromium } from "./chromium.mjs";
import { firefox } from "./firefox.mjs";
import { consolePage, serve } from "./site.mjs";
import { webkit } from "./webkit.mjs";

// A test that hangs must not block the others.
const limit = { timeout: 120_000 };
const SIZES = { wide: [1_280, 1_300], narrow: [360, 2_500] };

// A job that is still running when the screenshots are taken.
const slow = {
  name: "slow*",
  steps: [
    { state: "queued", message: "Waiting for its turn." },
    { state: "running", message: "Checking the host.", afterMs: 50 },
    { state: "success", afterMs: 3_600_000 },
  ],
};

for (const engine of [chromium, firefox, webkit]) {
  for (const scheme of ["light", "dark"]) {
    test(`${engine.name}, ${scheme}: the console follows jobs, and nothing is cut off`, limit, async (t) => {
      const { url } = await serve(t, consolePage, { scripts: [slow] });
      const browser = await engine.launch({ dark: scheme === "dark" });
      t.after(() => browser.close());
      const tab = await browser.open(url);
      assert.equal(
        await tab.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches),
        scheme === "dark",
      );

      await sees(tab, "Log in");
      await picture(tab, `${engine.name}-${scheme}-login`);
      await submit(tab, { "User name": "admin", Password: "Netapp1!" });
      await sees(tab, "No jobs yet");
      await choose(tab, "Add host");
      await submit(tab, { Host: "esx-1" });
      await sees(tab, "The hosts are added.");
      await choose(tab, "Deploy cluster");
      await sees(tab, "Deploy already has this host.");
      await picture(tab, `${engine.name}-${scheme}-deployment`);
      await press(tab, "Check plan");
      await sees(tab, "Steps to deploy cluster-01");
      await picture(tab, `${engine.name}-${scheme}-check`);
      await press(tab, "Back to the form");
      await submit(tab, { "Admin password": "S3cret-of-c1" });
      await sees(tab, "cluster-01 is deployed");
      await picture(tab, `${engine.name}-${scheme}-deployed`);
      await choose(tab, "Add host");
      await submit(tab, { Host: "unreachable-1" });
      await sees(tab, "The job failed");
      await submit(tab, { Host: "slow-1" });
      await sees(tab, "Checking the host.");
      await picture(tab, `${engine.name}-${scheme}-jobs`);

      await choose(tab, "VM reboot");
      await sees(tab, "No response from Deploy for");
      await picture(tab, `${engine.name}-${scheme}-reboot`);
      await sees(tab, "Deploy is responding.");
      await choose(tab, "Changed password");
      await choose(tab, "Add host");
      await submit(tab, { Host: "esx-2" });
      await sees(tab, "Deploy no longer accepts the password");
      await picture(tab, `${engine.name}-${scheme}-password`);
      await submit(tab, { "Password for admin": "Changed-1!" }, ".relogin form");
      await sees(tab, "4 succeeded");
      await choose(tab, "Add 50 hosts");
      await submit(tab, {});
      await sees(tab, "49 succeeded · 6 failed");
      await picture(tab, `${engine.name}-${scheme}-fifty`);
    });
  }
}

/** Takes screenshots at both widths and checks that the page does not overflow. */
async function picture(tab, name) {
  const folder = `${target}/screenshots`;
  await mkdir(folder, { recursive: true });
  for (const [called, [width, height]] of Object.entries(SIZES)) {
    await tab.resize(width, height);
    const needed = await tab.evaluate(drawn, width);
    await writeFile(`${folder}/${name.toLowerCase()}-${called}.png`, await tab.screenshot());
    assert.ok(needed <= width, `${needed} of ${width} px`);
  }
}

/** Runs in the page: waits until it is drawn at this width, and returns the width that it needs. */
async function drawn(width) {
  const frame = () => new Promise(requestAnimationFrame);
  while (innerWidth !== width) await frame();
  // A change is on the screen after two frames.
  await frame();
  await frame();
  return document.documentElement.scrollWidth;
}

/** Waits until the page shows a string. */
function sees(tab, text) {
  return tab.evaluate(
    (wanted) =>
      new Promise((resolve) => {
        // biome-ignore lint/performance/useDomNodeTextContent: only visible text counts, and much is collapsed
        const look = () => document.body.innerText.includes(wanted) && resolve();
        const changes = { subtree: true, childList: true, characterData: true, attributes: true };
        new MutationObserver(look).observe(document.body, changes);
        look();
      }),
    text,
  );
}

/** Fills the fields of a form by their labels, and submits it when it is valid. */
function submit(tab, fields, selector = "form:not(.relogin form)") {
  return tab.evaluate(
    async (values, where) => {
      const labels = [...document.querySelectorAll("label")];
      for (const [name, value] of Object.entries(values)) {
        const { control } = labels.find((label) => label.textContent === name);
        control.value = value;
        // Simulates typing. Without it the page ignores a second submission within a second.
        control.dispatchEvent(new Event("input", { bubbles: true }));
      }
      const form = document.querySelector(where);
      // The clusters in the form may still be loading.
      while (!form.matches(":valid")) await new Promise(requestAnimationFrame);
      form.requestSubmit();
    },
    fields,
    selector,
  );
}

/** Clicks a button. */
function press(tab, label) {
  return tab.evaluate((name) => {
    [...document.querySelectorAll("button")].find(({ textContent }) => textContent === name).click();
  }, label);
}

/** Selects an action or switches a fault. */
function choose(tab, kind) {
  return tab.evaluate((name) => {
    const labels = [...document.querySelectorAll("label")];
    labels.find((label) => label.textContent === name).click();
  }, kind);
}
