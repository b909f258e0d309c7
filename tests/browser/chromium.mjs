// A site on a real socket, and a Chromium page on it, for one test.

import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { listen } from "../simulator/host/listen.mjs";
import { listenWithFaults } from "../simulator/host/listen-with-faults.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";

/** The folders with the built page and package. */
export const built = {
  console: new URL("../../target/www", import.meta.url).pathname,
  package: new URL("../../dist/esm", import.meta.url).pathname,
};

let browser;

/** Call it once at the top of a test file. */
export function useChromium() {
  before(async () => {
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    // Chromium does not run its sandbox as root, and containers run as root.
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  after(() => browser?.close());
}

/**
 * A simulated Deploy that also serves `app`, and a page on it. Everything closes when the test `t` ends.
 * `faults` collects the page's uncaught errors and policy violations. With `switches: false` the server offers no
 * faults, like a real Deploy. The other options are those of {@link visit}.
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

/** A Chromium page on this address until the test `t` ends; `faults` as in {@link open}. */
export async function visit(t, url, options = {}) {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    // Chromium logs every error status, even one that the page handles.
    const told = message.text();
    if (message.type() === "error" && !told.startsWith("Failed to load resource")) faults.push(told);
  });
  await page.goto(url);
  return { page, faults };
}
