// Runs the tests that the recipe for tests of a console shows.

import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { bundle, deployFor, folder, node } from "./recipe.mjs";

test("MSW: the shown tests pass", async () => {
  // Otherwise the inner runner reports to this one.
  const env = { NODE_TEST_CONTEXT: undefined };
  const { code, stdout } = await node(["--test", "--test-reporter=tap", "msw/add-host.test.mjs"], env);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^# pass 4$/m);
});

test("Playwright: the shown tests pass in Chromium, and no request bypasses their route", async (t) => {
  const site = await mkdtemp(join(folder, "site-"));
  t.after(() => rm(site, { recursive: true }));
  await copyFile(join(folder, "console/index.html"), join(site, "index.html"));
  await writeFile(join(site, "main.js"), await bundle(`import "./console/main.js"`));
  // A Deploy on the page's origin, which would receive unrouted requests.
  const { baseUrl, simulator } = await deployFor(t, {}, { app: { folders: { "/": site } } });
  const use = {
    baseURL: new URL(baseUrl).origin,
    // Chromium refuses to run its sandbox as root.
    launchOptions: { executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] },
  };
  const config = join(folder, "playwright.config.mjs");
  await writeFile(config, `export default ${JSON.stringify({ testDir: "playwright", workers: 1, use })};`);

  const { code, stdout } = await node(["node_modules/@playwright/test/cli.js", "test", "--reporter=line"]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^ *4 passed /m);
  assert.deepEqual(simulator.log(), []);
});
