// Builds and packs the package, and installs it with its peers in a folder under target/, as a user would.

import { copyFile, cp, mkdir, readFile, rm } from "node:fs/promises";
import { buildEngine } from "../scripts/lib/build-engine.mjs";
import { buildPackage } from "../scripts/lib/build-package.mjs";
import { buildSimulator } from "../scripts/lib/build-simulator.mjs";
import { npmDependencies } from "../scripts/lib/npm-deps.mjs";
import { pack } from "../scripts/lib/pack.mjs";
import { root, target } from "../scripts/lib/paths.mjs";
import { run } from "../scripts/lib/run.mjs";

/** Where the packages are installed, and with them what imports them. */
export const app = `${target}/bench/app`;
const here = `${root}/bench`;

export async function installAll() {
  await npmDependencies();
  await buildEngine();
  await buildPackage();
  await buildSimulator();
  await mkdir(app, { recursive: true });
  await installPeers();
  const tarball = await pack();
  await run("Installing the packed package", "npm", ["install", "--no-save", "--offline", tarball], {
    cwd: app,
  });
  for (const folder of ["peers", "clients", "plots"]) {
    await rm(`${app}/${folder}`, { recursive: true, force: true });
    await cp(`${here}/${folder}`, `${app}/${folder}`, { recursive: true });
  }
}

/** The version of everything that is measured. */
export async function versions() {
  const { dependencies } = JSON.parse(await readFile(`${here}/package.json`, "utf8"));
  const { version } = JSON.parse(await readFile(`${root}/package.json`, "utf8"));
  const { version: esbuild } = JSON.parse(
    await readFile(`${root}/node_modules/esbuild/package.json`, "utf8"),
  );
  return { "ontap-select-deploy": version, ...dependencies, esbuild };
}

// Only when the lock file has changed: the rest is quick.
async function installPeers() {
  const lock = await readFile(`${here}/package-lock.json`, "utf8");
  const last = await readFile(`${app}/package-lock.json`, "utf8").catch(() => "");
  if (lock === last) return;
  for (const file of ["package.json", ".npmrc"]) await copyFile(`${here}/${file}`, `${app}/${file}`);
  await copyFile(`${here}/package-lock.json`, `${app}/package-lock.json`);
  try {
    await run("Installing the peers", "npm", ["ci"], { cwd: app });
  } catch (error) {
    await rm(`${app}/package-lock.json`);
    throw error;
  }
}
