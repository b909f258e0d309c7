// Browsers for the tests, from Debian, each with what drives it. The variables' names may name others.

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

/**
 * Sees to it that Chromium, Firefox and WebKitGTK are there, which between them are the engines of every
 * browser in use.
 */
export async function threeEngines() {
  return { ...(await browser()), ...(await firefox()), ...(await webkit()) };
}

/**
 * Sees to it that Firefox is there.
 * @returns {Promise<{ FIREFOX: string }>}
 */
export async function firefox() {
  const { FIREFOX = "/usr/bin/firefox-esr" } = process.env;
  await debianPackages("the tests in Firefox", ["firefox-esr"], [FIREFOX]);
  return { FIREFOX };
}

// WebKitGTK has no headless mode: it gets a screen that nobody sees.
async function webkit() {
  const { WEBKIT_DRIVER = "/usr/bin/WebKitWebDriver", XVFB = "/usr/bin/Xvfb" } = process.env;
  await debianPackages("the tests in WebKitGTK", ["webkit2gtk-driver", "xvfb"], [WEBKIT_DRIVER, XVFB]);
  return { WEBKIT_DRIVER, XVFB };
}
