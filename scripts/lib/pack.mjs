// Packs the package as `npm publish` would. Needs dist/.

import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { target } from "./paths.mjs";
import { must } from "./run.mjs";

/** @returns {Promise<string>} the path of the tarball */
export async function pack() {
  const folder = join(target, "package");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await must("npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  const [tarball = ""] = await readdir(folder);
  return join(folder, tarball);
}
