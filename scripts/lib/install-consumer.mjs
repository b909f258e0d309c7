// A consumer of tests/consumers as a project of its own under target/consumers, with the packed package
// installed in it as a user would.

import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { root, target } from "./paths.mjs";
import { must } from "./run.mjs";

/**
 * @param {string} name the folder below tests/consumers
 * @param {string} tarball the packed package
 * @returns {Promise<string>} where the project is
 */
export async function installConsumer(name, tarball) {
  const folder = join(target, "consumers", name);
  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder)) {
    if (old !== "node_modules") await rm(join(folder, old), { recursive: true });
  }
  await cp(join(root, "tests/consumers", name), folder, { recursive: true });
  await cp(join(root, "tests/consumers/lib/follow.mjs"), join(folder, "follow.mjs"));

  // npm takes a tarball of the same name and version for installed, whatever is in it by now.
  await rm(join(folder, "node_modules/ontap-select-deploy"), { recursive: true, force: true });
  await rm(join(folder, "node_modules/.package-lock.json"), { force: true });
  // No install scripts: nothing is to be downloaded but from the npm registry.
  await must("npm", ["install", "--no-save", "--ignore-scripts", "--prefer-offline", tarball], {
    cwd: folder,
  });
  return folder;
}
