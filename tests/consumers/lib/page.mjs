// Opens pages in one headless Chromium, which starts with the first page.

import { chromium } from "playwright-core";
import { Failure } from "../../../scripts/lib/run.mjs";

const PAGE_LIMIT_MS = 60_000;

/** @param {string} executablePath */
export function openBrowser(executablePath) {
  /** @type {Promise<import("playwright-core").Browser> | undefined} */
  let browser;
  return {
    /**
     * Returns the title that the page sets when it is done. Rejects with the first error of the page.
     * @param {string} url
     */
    async visit(url) {
      // Chromium's sandbox does not work as root, as in a container.
      browser ??= chromium.launch({ executablePath, args: ["--no-sandbox"] });
      const context = await (await browser).newContext();
      try {
        const page = await context.newPage();
        const wrong = faultOf(page, url);
        await page.goto(url);
        const titled = page.waitForFunction(() => document.title, undefined, { timeout: PAGE_LIMIT_MS });
        await Promise.race([titled, wrong]);
        return await page.title();
      } finally {
        await context.close();
      }
    },
    close: async () => (await browser)?.close(),
  };
}

/**
 * Rejects with the first uncaught error or policy violation.
 * @param {import("playwright-core").Page} page
 * @param {string} url
 */
function faultOf(page, url) {
  const wrong = new Promise((_, reject) => {
    /** @param {string} text */
    const fail = (text) => reject(new Failure(`${url}: ${text}`));
    page.on("pageerror", (error) => fail(error.stack ?? String(error)));
    page.on("console", (message) => {
      const text = message.text();
      // A missing favicon.
      if (message.type() === "error" && !text.startsWith("Failed to load resource")) fail(text);
    });
  });
  wrong.catch(() => {});
  return wrong;
}
