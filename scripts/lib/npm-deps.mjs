// The packages of package-lock.json in node_modules, put there when they are not.

import { readFile } from "node:fs/promises";
import { root } from "./paths.mjs";
import { run } from "./run.mjs";

/** Installs the npm packages unless exactly those of the lock file are there. */
export async function npmDependencies() {
  const wanted = await packages(`${root}/package-lock.json`);
  const present = await packages(`${root}/node_modules/.package-lock.json`).catch(() => undefined);
  if (present !== undefined && same(wanted, present)) return;
  await run("Installing the npm packages of package-lock.json", "npm", ["ci"]);
}

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages */

/**
 * The packages that a lock file lists, by their path.
 * @param {string} file
 * @returns {Promise<Packages>}
 */
async function packages(file) {
  const { "": _root, ...rest } = JSON.parse(await readFile(file, "utf8")).packages;
  return rest;
}

/**
 * Packages for other systems stand in the lock file and are rightly absent.
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
