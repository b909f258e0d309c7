// Runs the examples in a project that has the packed package and the recipes' dependencies. RECIPES is its folder;
// `npm test -- recipes` creates it.

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { build } from "esbuild";
import { site } from "../browser/site.mjs";
import { strict, VCENTER } from "../lib/lab.mjs";
import { deployFor as anyDeploy, credential } from "../node/deploy.mjs";

export const folder = process.env.RECIPES;

/** Starts a simulated Deploy on a socket, as strict as a VM can be. */
export const deployFor = (t, config, beside) => anyDeploy(t, { ...strict, ...config }, beside);

/** The body of `POST /hosts` for a host that a vCenter manages. */
export const hosts = (name) => ({
  hosts: [{ name, hypervisor_type: "ESX", management_server: VCENTER }],
});

const PROGRAM_LIMIT_MS = 60_000;

/**
 * Runs a program in the project and waits for its end.
 * @param {string[]} command
 * @param {Record<string, string>} [env]
 * @param {(child: import("node:child_process").ChildProcess, output: string) => void} [onOutput]
 */
export function run(command, env = {}, onOutput = () => {}) {
  return new Promise((resolve, reject) => {
    const [file, ...args] = command;
    const child = spawn(file, args, {
      cwd: folder,
      env: { ...process.env, DEPLOY_PASSWORD: credential.password, VCENTER, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: PROGRAM_LIMIT_MS,
    });
    const out = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) {
      child[name].setEncoding("utf8").on("data", (text) => {
        out[name] += text;
        onOutput(child, out.stdout + out.stderr);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...out }));
  });
}

/** Runs a script in Node. */
export const node = (args, env, onOutput) => run([process.execPath, ...args], env, onOutput);

/** Compiles Svelte components. @type {import("esbuild").Plugin} */
const svelte = {
  name: "svelte",
  setup({ onLoad }) {
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { compile } = createRequire(`${folder}/`)("svelte/compiler");
      return { contents: compile(await readFile(path, "utf8"), { filename: path }).js.code };
    });
  },
};

/** Bundles code as if it were in the folder of the examples, and returns one script. */
export async function bundle(code) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder, loader: "jsx" },
    bundle: true,
    format: "esm",
    jsx: "automatic",
    plugins: [svelte],
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0].text;
}

/** Opens a page that runs this code under a strict policy, on the origin of a simulated Deploy. */
export async function page(t, code, config) {
  const html = `<!doctype html><title>.</title><div id="root"></div><script type="module" src="app.js"></script>`;
  return site(t, { "index.html": html, "app.js": await bundle(code) }, { ...strict, ...config });
}

/** Code that creates the examples' client in a page. */
export const makeClient = `
  import { DeployClient } from "ontap-select-deploy";
  const deploy = new DeployClient({ baseUrl: "/api", auth: ${JSON.stringify(credential)} });
`;

/** Counts received mutating calls and open polls. */
export function seen(simulator) {
  const { received, openPolls } = simulator.counters();
  return { received, openPolls };
}

/** Waits until a condition is true. */
export async function until(happened) {
  const end = performance.now() + 10_000;
  while (!(await happened())) {
    if (performance.now() > end) throw new Error(`not within 10 s: ${happened}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
