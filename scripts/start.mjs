// npm start: builds everything, then serves the console page with a simulated Deploy.
// `npm start -- --port 9000` or PORT=9000 sets the port. `npm start -- --tls` uses https with a self-signed
// certificate. If the documentation is missing, it is built in the background.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import { parseArgs } from "node:util";
import { buildEngine } from "./lib/build-engine.mjs";
import { buildPackage } from "./lib/build-package.mjs";
import { buildPage } from "./lib/build-page.mjs";
import { buildSimulator } from "./lib/build-simulator.mjs";
import { SITE_BASE } from "./lib/build-site.mjs";
import { main } from "./lib/main.mjs";
import { npmDependencies } from "./lib/npm-deps.mjs";
import { pageHeaders } from "./lib/page-headers.mjs";
import { pageDir, root, siteDir } from "./lib/paths.mjs";
import { Failure } from "./lib/run.mjs";

const USUAL_PORT = 8080;
const LAST_PORT = 65_535;
const ATTEMPTS = 20;
const USAGE = "Usage: npm start -- [--port <number>] [--tls]";
const LOGIN = { username: "admin", password: "Netapp1!" };

// A job that does not change for longer than a long poll takes.
const SLOW = {
  path: "/hosts",
  name: "slow*",
  steps: [
    { state: "queued", message: "Waiting for its turn." },
    { state: "running", message: "Looking for the host.", afterMs: 2_000 },
    { state: "running", message: "Reading the host's hardware, which takes a while.", afterMs: 5_000 },
    { state: "running", message: "Checking the network.", afterMs: 75_000 },
    { state: "success", message: "The host is added.", afterMs: 8_000 },
  ],
};

// This job is long enough to switch on a fault while it runs. Clusters with other names follow the built-in steps,
// which include a failing deploy.
const DEPLOY = {
  method: "POST",
  path: "/clusters/*/deploy",
  name: "cluster-*",
  steps: [
    { state: "queued", message: "The deployment is queued." },
    { state: "running", message: "Validating the cluster's configuration.", afterMs: 2_000 },
    { state: "running", message: "Checking licenses and storage capacity.", afterMs: 4_000 },
    { state: "running", message: "Creating the nodes' virtual machines.", afterMs: 6_000 },
    { state: "running", message: "Attaching networks and disks to the nodes.", afterMs: 8_000 },
    { state: "running", message: "Waiting for the nodes to boot.", afterMs: 8_000 },
    { state: "running", message: "Creating the cluster.", afterMs: 12_000 },
    { state: "running", message: "Joining the nodes.", afterMs: 8_000 },
    { state: "running", message: "Configuring the network interfaces.", afterMs: 6_000 },
    { state: "success", message: "The cluster is deployed.", afterMs: 6_000 },
  ],
};

await main(async (args) => {
  const { port, tls } = wanted(args);
  await npmDependencies();
  await buildEngine();
  await buildPackage();
  await buildSimulator();
  await buildPage();
  await serve(port, tls);
});

/** @param {string[]} args */
function wanted(args) {
  const { port: option, tls = false } = options(args);
  const [name, text] =
    option === undefined ? ["PORT", process.env.PORT || String(USUAL_PORT)] : ["--port", option];
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= LAST_PORT)) {
    throw new Failure(
      `${name}: "${text}" is not a port; expected a number from 0 to ${LAST_PORT} (0: any free port).`,
    );
  }
  return { port, tls };
}

/** @param {string[]} args */
function options(args) {
  try {
    return parseArgs({ args, options: { port: { type: "string" }, tls: { type: "boolean" } } }).values;
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

/**
 * @param {number} port
 * @param {boolean} tls
 */
async function serve(port, tls) {
  // These modules need the packages and builds from above, so they are not imported at the top.
  const { createSimulator } = await import("../tests/simulator/host/machine.mjs");
  const { listenWithFaults } = await import("../tests/simulator/host/listen-with-faults.mjs");
  // A new seed per start, so that a token of an earlier start matches no job of this one.
  const config = { ...LOGIN, scripts: [SLOW, DEPLOY], seed: Date.now() };
  const simulator = createSimulator(config);
  const attempts = Math.min(ATTEMPTS, LAST_PORT - port + 1);
  const app = { folders: { "/": pageDir }, headers: pageHeaders };
  const isBuilt = existsSync(`${siteDir}/index.html`);
  await mkdir(siteDir, { recursive: true });
  const docs = { path: SITE_BASE, folder: siteDir, hasFailed: false };
  const site = await listenWithFaults(simulator, config, { port, attempts, app, tls }, docs).catch(
    (error) => {
      throw new Failure(`Cannot serve the page: ${error.message}.\n${USAGE}`);
    },
  );
  if (port !== 0 && site.port !== port) console.log(`\nPort ${port} is in use. Using port ${site.port}.`);
  console.log(`
  Console page and simulated Deploy   ${site.url}
  User name                           ${LOGIN.username}
  Password                            ${LOGIN.password}
  Documentation                       ${site.url}${SITE_BASE}${isBuilt ? "" : "  (building, takes a minute or two)"}

Press Ctrl-C to stop.`);
  const building = isBuilt ? undefined : buildDocs(`${site.url}${SITE_BASE}`, () => (docs.hasFailed = true));

  const end = async () => {
    building?.kill();
    simulator.close();
    await site.close();
    console.log("\nStopped.");
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, end);
}

/**
 * Builds the documentation in the background, at the lowest priority.
 * @param {string} address its URL
 * @param {() => void} onFailure
 */
function buildDocs(address, onFailure) {
  const child = spawn(process.execPath, [`${root}/scripts/docs.mjs`], { stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  child.on("close", (code, signal) => {
    if (signal) return;
    if (code !== 0) onFailure();
    console.log(
      code === 0
        ? `\nThe documentation is ready: ${address}`
        : `\n${output.trim()}\n\nThe documentation was not built. To try again, run: npm run docs`,
    );
  });
  return child;
}
