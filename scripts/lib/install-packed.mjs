// Creates a project under target/ and installs the packed package in it, as a user would.

import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { target } from "./paths.mjs";
import { must } from "./run.mjs";

/**
 * @param {string} name the project's folder below target/
 * @param {Record<string, string>} files maps a path in the project to the file or folder that is copied there
 * @param {string} tarball the packed package
 * @returns {Promise<string>} the project's folder
 */
export async function installPacked(name, files, tarball) {
  const folder = join(target, name);
  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder)) {
    if (old !== "node_modules") await rm(join(folder, old), { recursive: true });
  }
  for (const [place, from] of Object.entries(files)) {
    await cp(from, join(folder, place), { recursive: true });
  }

  // npm skips a tarball whose name and version are installed already, even if its contents have changed.
  await rm(join(folder, "node_modules/ontap-select-deploy"), { recursive: true, force: true });
  await rm(join(folder, "node_modules/.package-lock.json"), { force: true });
  // Install scripts are off, so that everything comes from the npm registry.
  await must("npm", ["install", "--no-save", "--ignore-scripts", "--prefer-offline", tarball], {
    cwd: folder,
  });
  return folder;
}
