// The package as `npm publish` would send it. dist/ must be there.

import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { target } from "./paths.mjs";
import { must } from "./run.mjs";

/** @returns {Promise<string>} where the tarball is */
export async function pack() {
  const folder = join(target, "package");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await must("npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  const [tarball = ""] = await readdir(folder);
  return join(folder, tarball);
}
