// A browser for the tests: Debian's Chromium and the driver that goes with it.
// CHROMIUM and CHROMEDRIVER may name others.

import { debianPackages } from "./apt.mjs";

/**
 * Sees to it that Chromium is there.
 * @returns {Promise<{ CHROMIUM: string, CHROMEDRIVER: string }>} where it is, as tests want to be told
 */
export async function browser() {
  const { CHROMIUM = "/usr/bin/chromium", CHROMEDRIVER = "/usr/bin/chromedriver" } = process.env;
  await debianPackages("the tests in a browser", ["chromium", "chromium-driver"], [CHROMIUM, CHROMEDRIVER]);
  return { CHROMIUM, CHROMEDRIVER };
}
