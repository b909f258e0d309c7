// The browsers for the tests and their drivers, from Debian. Environment variables can name other programs.

import { debianPackages } from "./apt.mjs";

/**
 * Makes sure that Chromium is installed.
 * @returns {Promise<{ CHROMIUM: string, CHROMEDRIVER: string }>} the environment for the tests
 */
export async function browser() {
  const { CHROMIUM = "/usr/bin/chromium", CHROMEDRIVER = "/usr/bin/chromedriver" } = process.env;
  await debianPackages("the tests in a browser", ["chromium", "chromium-driver"], [CHROMIUM, CHROMEDRIVER]);
  return { CHROMIUM, CHROMEDRIVER };
}

/**
 * Makes sure that Chromium, Firefox and WebKitGTK are installed. They cover the engines of all common browsers.
 */
export async function threeEngines() {
  return { ...(await browser()), ...(await firefox()), ...(await webkit()) };
}

/**
 * Makes sure that Firefox is installed.
 * @returns {Promise<{ FIREFOX: string }>}
 */
export async function firefox() {
  const { FIREFOX = "/usr/bin/firefox-esr" } = process.env;
  await debianPackages("the tests in Firefox", ["firefox-esr"], [FIREFOX]);
  return { FIREFOX };
}

// WebKitGTK has no headless mode, so it runs on a virtual screen.
async function webkit() {
  const { WEBKIT_DRIVER = "/usr/bin/WebKitWebDriver", XVFB = "/usr/bin/Xvfb" } = process.env;
  await debianPackages("the tests in WebKitGTK", ["webkit2gtk-driver", "xvfb"], [WEBKIT_DRIVER, XVFB]);
  return { WEBKIT_DRIVER, XVFB };
}
