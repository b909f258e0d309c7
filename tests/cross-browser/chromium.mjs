// Chromium through Playwright, with only the features that the other engines have, too.

import { chromium as playwright } from "playwright-core";

const { CHROMIUM = "/usr/bin/chromium" } = process.env;

/** @type {import("./engines.d.ts").Engine} */
export const chromium = {
  name: "Chromium",
  async launch({ dark = false } = {}) {
    // Chromium's sandbox does not work as root, as in a container.
    const browser = await playwright.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    const context = await browser.newContext({ colorScheme: dark ? "dark" : "light" });
    return {
      async open(url) {
        const page = await context.newPage();
        await page.goto(url);
        return {
          evaluate: (run, ...args) => page.evaluate(`(${run})(...${JSON.stringify(args)})`),
          resize: (width, height) => page.setViewportSize({ width, height }),
          screenshot: () => page.screenshot(),
          close: () => page.close(),
        };
      },
      close: () => browser.close(),
    };
  },
};
