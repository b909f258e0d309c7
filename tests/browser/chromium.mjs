// A site on a real socket and a page of Chromium on it, for one test.

import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { listen } from "../simulator/host/listen.mjs";
import { listenWithFaults } from "../simulator/host/listen-with-faults.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";

/** Where the built things are, as folders to be served. */
export const built = {
  console: new URL("../../target/www", import.meta.url).pathname,
  package: new URL("../../dist/esm", import.meta.url).pathname,
};

let browser;

/** Call it once, at the top of a file of tests. */
export function useChromium() {
  before(async () => {
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    // Chromium refuses to run its sandbox as root, which is what a container has.
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  after(() => browser?.close());
}

/**
 * A simulated Deploy with `app` beside it, and a page that is on it; all of it ends with the test `t`.
 * `faults` collects what the page got wrong: uncaught errors and violations of its policy. With
 * `switches: false` the server has no faults to switch, as a real Deploy has none; the other options are
 * those of {@link visit}.
 */
export async function open(t, app, config = {}, { switches = true, ...options } = {}) {
  const told = { stepMs: 50, ...config };
  const simulator = createSimulator(told);
  const site = await (switches ? listenWithFaults(simulator, told, { app }) : listen(simulator, { app }));
  t.after(async () => {
    await site.close();
    simulator.close();
  });
  return { simulator, site, ...(await visit(t, site.url, options)) };
}

/** A page of Chromium on this address, until the test `t` ends; `faults` as of {@link open}. */
export async function visit(t, url, options = {}) {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    // A status that is no success is told by Chromium itself, whatever the page does with it.
    const told = message.text();
    if (message.type() === "error" && !told.startsWith("Failed to load resource")) faults.push(told);
  });
  await page.goto(url);
  return { page, faults };
}
