// Installs the packages of package-lock.json if they are missing.

import { readFile } from "node:fs/promises";
import { root } from "./paths.mjs";
import { run } from "./run.mjs";

/** Installs the npm packages unless node_modules matches the lock file. */
export async function npmDependencies() {
  const wanted = await packages(`${root}/package-lock.json`);
  const present = await packages(`${root}/node_modules/.package-lock.json`).catch(() => undefined);
  if (present !== undefined && same(wanted, present)) return;
  await run("Installing the npm packages of package-lock.json", "npm", ["ci"]);
}

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages */

/**
 * The packages in a lock file, by path.
 * @param {string} file
 * @returns {Promise<Packages>}
 */
async function packages(file) {
  const { "": _root, ...rest } = JSON.parse(await readFile(file, "utf8")).packages;
  return rest;
}

/**
 * Optional packages for other systems are in the lock file but not installed.
 * @param {Packages} wanted
 * @param {Packages} present
 */
function same(wanted, present) {
  return (
    Object.entries(wanted).every(([path, entry]) =>
      path in present ? present[path]?.version === entry.version : entry.optional === true,
    ) && Object.keys(present).every((path) => path in wanted)
  );
}
