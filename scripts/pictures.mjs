// node scripts/pictures.mjs: takes the pictures of the documentation from real runs against the simulated Deploy.
// docs/terminal.svg shows the command on a terminal. docs/console-light.png and docs/console-dark.png show the console
// page in Chromium. Run it when their content changes, and look at the result.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianPackages } from "./lib/apt.mjs";
import { browser as browserPrograms } from "./lib/browser.mjs";
import { buildEngine } from "./lib/build-engine.mjs";
import { buildPackage } from "./lib/build-package.mjs";
import { buildPage } from "./lib/build-page.mjs";
import { buildSimulator } from "./lib/build-simulator.mjs";
import { main } from "./lib/main.mjs";
import { npmDependencies } from "./lib/npm-deps.mjs";
import { pageHeaders } from "./lib/page-headers.mjs";
import { dist, pageDir, root } from "./lib/paths.mjs";
import { Failure } from "./lib/run.mjs";
import { screenOf, terminalSvg } from "./lib/terminal-svg.mjs";

const LIMIT = 200_000;
const SIZE = { width: 1_180, height: 800 };
const STEP_MS = 700;
const LOGIN = { username: "admin", password: "Netapp1!" };

// A job that is still running when the picture is taken.
const SLOW = {
  path: "/hosts",
  name: "esx-4*",
  steps: [
    { state: "queued", message: "Waiting for its turn." },
    { state: "running", message: "Reading the host's hardware.", afterMs: 300 },
    { state: "success", afterMs: 3_600_000 },
  ],
};
const HOSTS = [{ name: "esx-*", networks: ["ontap-external", "ontap-internal"] }];

await main(async () => {
  await npmDependencies();
  await buildEngine();
  await buildPackage();
  await buildSimulator();
  await buildPage();
  await debianPackages("the picture of the terminal", ["bsdutils", "jq"], ["/usr/bin/script", "/usr/bin/jq"]);
  await save("terminal.svg", await terminal());
  for (const scheme of /** @type {const} */ (["light", "dark"]))
    await save(`console-${scheme}.png`, await consolePage(scheme));
});

/**
 * @param {string} name
 * @param {string | Buffer} content
 */
async function save(name, content) {
  if (content.length > LIMIT)
    throw new Failure(`${name} has ${content.length} bytes; the limit is ${LIMIT}.`);
  await writeFile(`${root}/docs/${name}`, content);
  console.log(`docs/${name}: ${content.length} bytes`);
}

/** The screen after a cluster was created and a host could not be added. */
async function terminal() {
  const { createSimulator } = await import("../tests/simulator/host/machine.mjs");
  const { listen } = await import("../tests/simulator/host/listen.mjs");
  const simulator = createSimulator({ ...LOGIN, stepMs: STEP_MS, hosts: HOSTS });
  const server = await listen(simulator);
  const folder = await mkdtemp(join(tmpdir(), "pictures-"));
  try {
    const sample = JSON.parse(await readFile(`${root}/examples/cluster.json`, "utf8"));
    await writeFile(join(folder, "cluster.json"), JSON.stringify(sample));
    const bad = { hosts: [{ name: "unreachable-1", hypervisor_type: "ESX" }] };
    await writeFile(join(folder, "host.json"), JSON.stringify(bad));
    const env = { DEPLOY_URL: `${server.url}/api`, DEPLOY_PASSWORD: LOGIN.password };
    const passwords = { VCENTER_PASSWORD: "v", HOST_PASSWORD: "h", CLUSTER_PASSWORD: "c" };
    /** @type {string[]} */
    const screen = [];
    for (const line of [
      "cluster create cluster.json --yes | jq -r .job.message",
      'post /hosts --data @host.json > job.json; echo "exit code $?"',
    ]) {
      screen.push(`$ npx ontap-select-deploy ${line}`);
      screen.push(...screenOf(await onTerminal(line, folder, { ...env, ...passwords })), "");
    }
    return terminalSvg(screen.slice(0, -1));
  } finally {
    await server.close();
    simulator.close();
    await rm(folder, { recursive: true });
  }
}

/**
 * The output of a command on a terminal with 104 columns.
 * @param {string} line
 * @param {string} cwd
 * @param {Record<string, string>} env
 * @returns {Promise<string>}
 */
function onTerminal(line, cwd, env) {
  const command = `stty cols 104 2>/dev/null; '${process.execPath}' '${dist}/cli.js' ${line}`;
  return new Promise((resolve, reject) => {
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      cwd,
      env: { ...process.env, ...env, TERM: "xterm-256color" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}

/** @param {"light" | "dark"} scheme */
async function consolePage(scheme) {
  const { chromium } = await import("playwright-core");
  const { createSimulator } = await import("../tests/simulator/host/machine.mjs");
  const { listenWithFaults } = await import("../tests/simulator/host/listen-with-faults.mjs");
  const config = { ...LOGIN, stepMs: 250, scripts: [SLOW], hosts: HOSTS };
  const simulator = createSimulator(config);
  const app = { folders: { "/": pageDir }, headers: pageHeaders };
  const site = await listenWithFaults(simulator, config, { app });
  const { CHROMIUM } = await browserPrograms();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: SIZE, colorScheme: scheme });
    await page.goto(site.url);
    await page.getByLabel("User name").fill(LOGIN.username);
    await page.getByLabel("Password", { exact: true }).fill(LOGIN.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("button", { name: "Skip the guide" }).click();
    for (const host of ["esx-1", "esx-2", "unreachable-3", "esx-4"]) {
      await page.getByRole("radio", { name: "Add host", exact: true }).check();
      await page.getByLabel("Host", { exact: true }).fill(host);
      await page.locator("form").getByRole("button", { name: "Add host" }).click();
      const end = { "unreachable-3": "The job failed", "esx-4": "Reading the host's hardware." }[host];
      await page
        .getByRole("article")
        .getByText(end ?? "Succeeded")
        .first()
        .waitFor();
    }
    await page.getByText("Deploy is responding.").waitFor({ state: "hidden" });
    await page.evaluate(() => scrollTo(0, 0));
    await page.evaluate(() => new Promise(requestAnimationFrame));
    return await page.screenshot();
  } finally {
    await browser.close();
    await site.close();
    simulator.close();
  }
}
