// A project of its own under target/, with the packed package installed in it as a user would.

import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { target } from "./paths.mjs";
import { must } from "./run.mjs";

/**
 * @param {string} name the project's folder below target/
 * @param {Record<string, string>} files what is copied into it: from a place in the project to a file or folder
 * @param {string} tarball the packed package
 * @returns {Promise<string>} where the project is
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

  // npm takes a tarball of the same name and version for installed, whatever is in it by now.
  await rm(join(folder, "node_modules/ontap-select-deploy"), { recursive: true, force: true });
  await rm(join(folder, "node_modules/.package-lock.json"), { force: true });
  // No install scripts: nothing is to be downloaded but from the npm registry.
  await must("npm", ["install", "--no-save", "--ignore-scripts", "--prefer-offline", tarball], {
    cwd: folder,
  });
  return folder;
}
