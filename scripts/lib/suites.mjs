// The test suites: how to run each one, and how to count its results.

import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { debianPackages } from "./apt.mjs";
import { browser, firefox, threeEngines } from "./browser.mjs";
import { buildEngine } from "./build-engine.mjs";
import { buildHistory, buildNative } from "./build-native.mjs";
import { buildPackage } from "./build-package.mjs";
import { buildPage } from "./build-page.mjs";
import { buildSimulator } from "./build-simulator.mjs";
import { installPacked } from "./install-packed.mjs";
import { pack } from "./pack.mjs";
import { root, target } from "./paths.mjs";
import { show } from "./run.mjs";
import { wasmToolchain } from "./toolchain.mjs";
import { wasmBindgen } from "./wasm-bindgen.mjs";

// The time limits of one file of Node tests and of a whole suite.
const FILE_LIMIT_MS = 300_000;
const SUITE_LIMIT_MS = 1_800_000;

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} remarks Facts that the runner's own output does not show.
 */

/**
 * @typedef {object} Suite
 * @property {string} name Its name on the command line.
 * @property {string} title
 * @property {string} [folder] The folder of its tests. If it is missing, the suite is skipped.
 * @property {() => Promise<Counts>} run
 */

/** @type {Suite[]} */
export const suites = [
  { name: "rust", title: "Rust, native", run: rustNative },
  {
    name: "runtime-node",
    title: "The wasm runtime in Node",
    folder: "tests/runtime",
    run: () => runtime({}),
  },
  {
    name: "runtime-chromium",
    title: "The wasm runtime in Chromium",
    folder: "tests/runtime",
    run: runtimeInChromium,
  },
  nodeSuite("native", "The native example", "tests/native", nativeBuilt),
  nodeSuite("simulator", "The simulator's host", "tests/simulator/host", simulatorBuilt),
  nodeSuite("node", "The package in Node", "tests/node", nodeReady),
  nodeSuite("workflows", "The workflows, in virtual time", "tests/workflows", packageBuilt),
  nodeSuite("browser", "The package and the page in Chromium", "tests/browser", browserReady),
  nodeSuite("cross-browser", "Chromium, Firefox and WebKitGTK", "tests/cross-browser", crossBrowserReady),
  nodeSuite("cli", "The command, over real sockets", "tests/cli", commandReady),
  nodeSuite("package", "The packed package", "tests/package", packed),
  nodeSuite("recipes", "The recipes of the documentation", "tests/recipes", recipesInstalled),
  nodeSuite("types", "The package's types", "tests/types", packageBuilt),
  nodeSuite("bench", "The benchmark's statistics", "bench/lib", async () => ({})),
  nodeSuite("instructions", "The engine's instructions", "bench/engine", historyBuilt),
  nodeSuite("examples", "The example test of a console", "examples/console-test", packageBuilt),
];

async function rustNative() {
  const args = ["test", "--workspace", "--no-fail-fast"];
  return countRust(await show("cargo", args, { timeout: SUITE_LIMIT_MS }));
}

async function runtimeInChromium() {
  return runtime({
    ...(await browser()),
    WASM_BINDGEN_USE_BROWSER: "1",
    // Seconds. The first start of a browser on a busy machine can exceed the default of 5.
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: "60",
    WASM_BINDGEN_TEST_TIMEOUT: "300",
  });
}

/**
 * Tests the code with the profile, flags and features of the package. The binary differs, because the runner of
 * wasm-bindgen-test needs an executable that contains its harness and the tests.
 * @param {NodeJS.ProcessEnv} extra
 */
async function runtime(extra) {
  const { cargo, env, args } = await wasmToolchain();
  const runner = {
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: await wasmBindgen("wasm-bindgen-test-runner"),
  };
  return countRust(
    await show(cargo, ["test", ...args, "--release", "-p", "ontap-select-deploy", "--test", "runtime"], {
      env: { ...env, ...runner, ...extra },
      timeout: SUITE_LIMIT_MS,
    }),
  );
}

/**
 * The runners of cargo and of wasm-bindgen print such a line after each binary.
 * @param {{ ok: boolean, reason: string, output: string }} run
 */
function countRust({ ok, reason, output }) {
  const counts = noCounts();
  for (const [, passed, failed, ignored] of output.matchAll(
    /^test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored/gm,
  )) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    countSkipped(counts, Number(ignored));
  }
  return judge(counts, ok, reason);
}

/**
 * @param {string} name
 * @param {string} title
 * @param {string} folder
 * @param {() => Promise<NodeJS.ProcessEnv>} prepare builds what the tests need and returns their environment
 * @returns {Suite}
 */
function nodeSuite(name, title, folder, prepare) {
  return {
    name,
    title,
    folder,
    run: async () => {
      const env = await prepare();
      return runNode(name, join(root, folder), env);
    },
  };
}

/**
 * @param {string} name
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Counts>}
 */
async function runNode(name, folder, env) {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".test.mjs")).sort();
  if (files.length === 0) return { passed: 0, failed: 1, remarks: ["no test files found"] };
  const report = join(target, "test", `${name}.jsonl`);
  await mkdir(join(target, "test"), { recursive: true });
  await rm(report, { force: true });
  const reporters = [
    ["--test-reporter=spec", "--test-reporter-destination=stdout"],
    [`--test-reporter=${root}/scripts/lib/node-counts.mjs`, `--test-reporter-destination=${report}`],
  ].flat();
  const paths = files.map((file) => join(folder, file));
  const { ok, reason } = await show(
    process.execPath,
    ["--test", `--test-timeout=${FILE_LIMIT_MS}`, ...reporters, ...paths],
    { env, timeout: SUITE_LIMIT_MS },
  );
  return countNode(await readFile(report, "utf8").catch(() => ""), ok, reason);
}

/**
 * @param {string} report the output of node-counts.mjs
 * @param {boolean} ok
 * @param {string} reason
 */
function countNode(report, ok, reason) {
  const counts = noCounts();
  for (const line of report.split("\n").filter(Boolean)) {
    const { outcome, name } = JSON.parse(line);
    if (outcome === "passed") counts.passed += 1;
    else if (outcome === "failed") counts.failed += 1;
    else if (outcome === "skipped") countSkipped(counts, 1);
    else {
      counts.failed += 1;
      counts.remarks.push(`${name} contains no tests`);
    }
  }
  return judge(counts, ok, reason);
}

/** @returns {Counts} */
function noCounts() {
  return { passed: 0, failed: 0, remarks: [] };
}

/**
 * A skipped test counts as failed, because it proves nothing.
 * @param {Counts} counts
 * @param {number} number
 */
function countSkipped(counts, number) {
  if (number === 0) return;
  counts.failed += number;
  counts.remarks.push(`${number} skipped, counted as failed`);
}

/**
 * @param {Counts} counts
 * @param {boolean} ok whether the runner succeeded
 * @param {string} reason why it failed
 */
function judge(counts, ok, reason) {
  if (!ok && counts.failed === 0) {
    counts.failed = 1;
    counts.remarks.push(`the run stopped early (${reason})`);
  } else if (counts.passed + counts.failed === 0) {
    counts.failed = 1;
    counts.remarks.push("no tests ran");
  }
  return counts;
}

async function simulatorBuilt() {
  await debianPackages("the simulator's tests", ["openssl"], ["/usr/bin/openssl"]);
  await buildSimulator();
  return {};
}

async function nativeBuilt() {
  await buildSimulator();
  return { NATIVE_EXAMPLE: await buildNative() };
}

async function historyBuilt() {
  await debianPackages("counting instructions", ["valgrind"], ["/usr/bin/valgrind"]);
  return { HISTORY: await buildHistory() };
}

async function packageBuilt() {
  await buildEngine();
  await buildPackage();
  return {};
}

async function everythingBuilt() {
  await packageBuilt();
  await buildSimulator();
  await buildPage();
  return {};
}

async function nodeReady() {
  await debianPackages("the certificates of the tests", ["openssl"], ["/usr/bin/openssl"]);
  return everythingBuilt();
}

async function commandReady() {
  await packageBuilt();
  // The tests find these programs in PATH, so other locations work, too.
  const names = { bsdutils: "script", openssl: "openssl", zsh: "zsh", fish: "fish", jq: "jq" };
  const files = Object.values(names).map((name) => `/usr/bin/${name}`);
  await debianPackages("the command's tests", Object.keys(names), files);
  return {};
}

async function browserReady() {
  await everythingBuilt();
  return browser();
}

async function crossBrowserReady() {
  await everythingBuilt();
  return threeEngines();
}

async function packed() {
  await everythingBuilt();
  return { PACKAGE_TARBALL: await pack() };
}

async function recipesInstalled() {
  const { NGINX_PROGRAM = "/usr/sbin/nginx", OPENSSL = "/usr/bin/openssl" } = process.env;
  await debianPackages(
    "the recipes",
    ["nginx", "haproxy", "apache2", "caddy", "squid", "openssl", "libnss3-tools"],
    [
      ...[NGINX_PROGRAM, "/usr/sbin/haproxy", "/usr/sbin/apache2", "/usr/bin/caddy", "/usr/sbin/squid"],
      ...[OPENSSL, "/usr/bin/certutil", "/usr/bin/pk12util"],
    ],
  );
  await everythingBuilt();
  const own = join(root, "tests/recipes");
  const files = {
    ".": join(root, "examples"),
    "package.json": join(own, "package.json"),
    "package-lock.json": join(own, "package-lock.json"),
  };
  const RECIPES = await installPacked("recipes", files, await pack());
  return { ...(await browser()), ...(await firefox()), NGINX_PROGRAM, OPENSSL, RECIPES };
}
