// Builds and packs the package, and installs it with its peers in a folder under target/, as a user would.

import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { buildEngine } from "../scripts/lib/build-engine.mjs";
import { buildPackage } from "../scripts/lib/build-package.mjs";
import { buildSimulator } from "../scripts/lib/build-simulator.mjs";
import { npmDependencies } from "../scripts/lib/npm-deps.mjs";
import { pack } from "../scripts/lib/pack.mjs";
import { dist, root, target } from "../scripts/lib/paths.mjs";
import { run } from "../scripts/lib/run.mjs";

/** Where the packages are installed, with the code that imports them. */
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
  await writeBallast();
}

// The engine's string is the last line of the package's bundles: in its own encoding for pages, in base64 for Node.
async function writeBallast() {
  const folder = `${app}/ballast`;
  await mkdir(folder, { recursive: true });
  const lastLine = async (file) =>
    (await readFile(`${dist}/esm/${file}`, "utf8")).trimEnd().split("\n").at(-1);
  const decodeBase64 = `export const decode = (base64) => Buffer.from(base64, "base64");`;
  const exported = "export { engineText as text };";
  await writeFile(`${folder}/node.mjs`, [decodeBase64, exported, await lastLine("node.js"), ""].join("\n"));
  const { outputFiles } = await build({
    stdin: {
      contents: `export { unpack as decode } from "./unpack.ts";`,
      resolveDir: `${root}/src/js`,
      loader: "ts",
    },
    bundle: true,
    format: "esm",
    write: false,
  });
  const [{ text: unpack }] = outputFiles;
  await writeFile(`${folder}/page.mjs`, [unpack, exported, await lastLine("index.js"), ""].join("\n"));
}

/** The versions of the package, its peers and the bundler. */
export async function versions() {
  const { dependencies } = JSON.parse(await readFile(`${here}/package.json`, "utf8"));
  const { version } = JSON.parse(await readFile(`${root}/package.json`, "utf8"));
  const { version: esbuild } = JSON.parse(
    await readFile(`${root}/node_modules/esbuild/package.json`, "utf8"),
  );
  return { "ontap-select-deploy": version, ...dependencies, esbuild };
}

// Only if package.json or the lock file has changed.
async function installPeers() {
  const files = (folder) =>
    Promise.all(["package.json", "package-lock.json"].map((file) => readFile(`${folder}/${file}`, "utf8")));
  const last = await files(app).catch(() => []);
  if ((await files(here)).join() === last.join()) return;
  for (const file of ["package.json", ".npmrc"]) await copyFile(`${here}/${file}`, `${app}/${file}`);
  await copyFile(`${here}/package-lock.json`, `${app}/package-lock.json`);
  try {
    await run("Installing the peers", "npm", ["ci"], { cwd: app });
  } catch (error) {
    await rm(`${app}/package-lock.json`);
    throw error;
  }
}
