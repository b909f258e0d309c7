// The console page in each of the three engines, light and dark. What it looks like, wide and as narrow as
// a phone, is left in target/screenshots for people to judge.

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { target } from "../../scripts/lib/paths.mjs";
import { chromium } from "./chromium.mjs";
import { firefox } from "./firefox.mjs";
import { consolePage, serve } from "./site.mjs";
import { webkit } from "./webkit.mjs";

// One that hangs does not keep the others from being run.
const limit = { timeout: 120_000 };
const SIZES = { wide: [1_280, 1_300], narrow: [360, 2_500] };

// One that is still running when the pictures are made.
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
    test(
      `${engine.name}, ${scheme}: the console follows jobs to their ends, and nothing is cut off`,
      limit,
      async (t) => {
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
        await sees(tab, "Deploy has this host.");
        await picture(tab, `${engine.name}-${scheme}-deployment`);
        await press(tab, "Check the plan");
        await sees(tab, "What a deploy of cluster-01 would do");
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

        await choose(tab, "Reboot of the VM");
        await sees(tab, "No answer from Deploy for");
        await picture(tab, `${engine.name}-${scheme}-reboot`);
        await sees(tab, "Deploy answers.");
        await choose(tab, "Lost password");
        await choose(tab, "Add host");
        await submit(tab, { Host: "esx-2" });
        await sees(tab, "Deploy no longer accepts the password");
        await picture(tab, `${engine.name}-${scheme}-password`);
        await submit(tab, { "Password of admin": "Changed-1!" }, ".relogin form");
        await sees(tab, "4 succeeded");
        await choose(tab, "Start 50");
        await submit(tab, {});
        await sees(tab, "49 succeeded · 6 failed");
        await picture(tab, `${engine.name}-${scheme}-fifty`);
      },
    );
  }
}

/** Draws the page wide and narrow, and sees to it that it needs no more than the width it has. */
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

/** In the page: waits until it is drawn with this width, and gives the width that it needs. */
async function drawn(width) {
  const frame = () => new Promise(requestAnimationFrame);
  while (innerWidth !== width) await frame();
  // What is changed before a frame is on the screen after the next one.
  await frame();
  await frame();
  return document.documentElement.scrollWidth;
}

/** Waits until the page shows a text. */
function sees(tab, text) {
  return tab.evaluate(
    (wanted) =>
      new Promise((resolve) => {
        // biome-ignore lint/performance/useDomNodeTextContent: only what is shown counts, and much is folded up
        const look = () => document.body.innerText.includes(wanted) && resolve();
        const changes = { subtree: true, childList: true, characterData: true, attributes: true };
        new MutationObserver(look).observe(document.body, changes);
        look();
      }),
    text,
  );
}

/** Fills a form's fields, by their labels, and sends it off once it has all that it needs. */
function submit(tab, fields, selector = "form:not(.relogin form)") {
  return tab.evaluate(
    async (values, where) => {
      const labels = [...document.querySelectorAll("label")];
      for (const [name, value] of Object.entries(values)) {
        const { control } = labels.find((label) => label.textContent === name);
        control.value = value;
        // Somebody types it: without that, what is sent off twice in a second counts once.
        control.dispatchEvent(new Event("input", { bubbles: true }));
      }
      const form = document.querySelector(where);
      // Clusters to choose from are still to be loaded.
      while (!form.matches(":valid")) await new Promise(requestAnimationFrame);
      form.requestSubmit();
    },
    fields,
    selector,
  );
}

/** Presses a button. */
function press(tab, label) {
  return tab.evaluate((name) => {
    [...document.querySelectorAll("button")].find(({ textContent }) => textContent === name).click();
  }, label);
}

/** Chooses what to start, or switches a fault. */
function choose(tab, kind) {
  return tab.evaluate((name) => {
    const labels = [...document.querySelectorAll("label")];
    labels.find((label) => label.textContent === name).click();
  }, kind);
}
