// npm run test:consumers: installs the packed package in small projects, builds them, and runs them against a simulated
// Deploy. `npm run test:consumers -- next jest` runs only those.
//
// A full run compares the table "Where it runs" in the README with the projects that passed.
// `npm run test:consumers -- --write` writes the table. The last line is `N passed, N failed`.

import { readdir } from "node:fs/promises";
import { browser } from "./lib/browser.mjs";
import { buildEngine } from "./lib/build-engine.mjs";
import { buildPackage } from "./lib/build-package.mjs";
import { buildSimulator } from "./lib/build-simulator.mjs";
import { installPacked } from "./lib/install-packed.mjs";
import { main } from "./lib/main.mjs";
import { npmDependencies } from "./lib/npm-deps.mjs";
import { pack } from "./lib/pack.mjs";
import { root } from "./lib/paths.mjs";
import { begin } from "./lib/progress.mjs";
import { Failure } from "./lib/run.mjs";
import { checkTable, writeTable } from "./lib/where-it-runs.mjs";

// Two at once, because each waits for the network half of the time.
const AT_ONCE = 2;

// In the order of the README's table. The last one has no row there.
const ALL = [
  ...["node", "deno", "bun", "workerd"],
  ...["vite7", "vite8", "webpack", "rollup", "esbuild", "next", "opennext", "ssr"],
  ...["no-bundler", "csp", "web-worker", "service-worker"],
  ...["vitest", "vitest3", "jest"],
  "manners",
];

/**
 * @typedef {object} Environment
 * @property {ReturnType<typeof import("../tests/consumers/lib/page.mjs").openBrowser>} chromium
 * @property {string} tarball The packed package.
 */

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {string} [where]
 * @property {string} how
 * @property {unknown} [error]
 */

await main(async (args) => {
  const wanted = args.filter((arg) => arg !== "--write");
  const names = await choose(wanted);
  await npmDependencies();
  await buildEngine();
  await buildPackage();
  await buildSimulator();
  const { CHROMIUM } = await browser();
  const { openBrowser } = await import("../tests/consumers/lib/page.mjs");
  const chromium = openBrowser(CHROMIUM);
  const results = await runAll(names, { chromium, tarball: await pack() });
  await chromium.close();

  if (wanted.length === 0) results.push(await table(results, args.includes("--write")));
  const failed = results.filter(({ error }) => error);
  for (const { name, error } of failed) {
    const stack = error instanceof Error ? error.stack : error;
    console.error(`\n── ${name}\n${error instanceof Failure ? error.message : stack}`);
  }
  console.log(`\n${results.length - failed.length} passed, ${failed.length} failed`);
  if (failed.length > 0) process.exitCode = 1;
});

/** @param {string[]} wanted */
async function choose(wanted) {
  const folders = await readdir(`${root}/tests/consumers`);
  const unlisted = folders.find((name) => !ALL.includes(name) && name !== "lib" && !name.includes("."));
  if (unlisted !== undefined)
    throw new Failure(`scripts/consumers.mjs does not list tests/consumers/${unlisted}.`);
  const unknown = wanted.find((name) => !ALL.includes(name));
  if (unknown !== undefined)
    throw new Failure(`Unknown consumer "${unknown}"; expected one of: ${ALL.join(", ")}.`);
  return wanted.length === 0 ? ALL : ALL.filter((name) => wanted.includes(name));
}

/**
 * @param {string[]} names
 * @param {Environment} environment
 */
async function runAll(names, environment) {
  /** @type {Result[]} */
  const results = [];
  const queue = names.entries();
  const worker = async () => {
    for (const [index, name] of queue) results[index] = await runOne(name, environment);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/**
 * @param {string} name
 * @param {Environment} environment
 * @returns {Promise<Result>}
 */
async function runOne(name, { chromium, tarball }) {
  const { App } = await import("../tests/consumers/lib/app.mjs");
  const { where, how, run } = await import(`../tests/consumers/${name}/consumer.mjs`);
  const line = begin(where ?? how);
  let app;
  try {
    line.note("installing");
    const folder = await install(name, tarball);
    line.note("running");
    app = await App.open({ folder, tarball, chromium });
    await run(app);
    await app.checkServer();
    line.done();
    return { name, where, how };
  } catch (error) {
    line.failed();
    return { name, where, how, error };
  } finally {
    await app?.close();
  }
}

/**
 * @param {string} name
 * @param {string} tarball
 */
function install(name, tarball) {
  const consumers = `${root}/tests/consumers`;
  const files = { ".": `${consumers}/${name}`, "follow.mjs": `${consumers}/lib/follow.mjs` };
  return installPacked(`consumers/${name}`, files, tarball);
}

/**
 * @param {Result[]} results
 * @param {boolean} write
 * @returns {Promise<Result>}
 */
async function table(results, write) {
  const passed = results.filter(({ error }) => !error);
  const error = await (write ? writeTable : checkTable)(passed).catch((error) => error);
  return { name: "README.md", how: "the table of tested environments", error };
}
