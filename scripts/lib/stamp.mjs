// Skips a build step if its inputs and outputs have not changed since the last run. It compares contents, because a
// checkout changes the times of unchanged files.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { target } from "./paths.mjs";
import { begin } from "./progress.mjs";

/**
 * Runs `work` unless its last result is still valid.
 * @param {string} title shown while it runs
 * @param {{ name: string, inputs: string[], outputs: string[], key?: string }} about
 *   `inputs` and `outputs` are files or folders; `key` is any other value that the result depends on
 * @param {() => unknown} work
 */
export async function step(title, { name, inputs, outputs, key = "" }, work) {
  const stamp = join(target, "stamps", name);
  const before = await digest(inputs, key);
  const last = await readFile(stamp, "utf8").catch(() => "");
  if (last === `${before} ${await digest(outputs, "")}\n`) return;

  const line = begin(title);
  try {
    await rm(stamp, { force: true });
    await work();
    await mkdir(dirname(stamp), { recursive: true });
    await writeFile(stamp, `${before} ${await digest(outputs, "")}\n`);
  } catch (error) {
    line.failed();
    throw error;
  }
  line.done();
}

/**
 * A digest of files and folders. A missing file is not an error.
 * @param {string[]} paths
 * @param {string} key
 */
async function digest(paths, key) {
  const hash = createHash("sha256").update(key);
  for (const path of paths) await feed(hash, path);
  return hash.digest("hex");
}

/**
 * @param {import("node:crypto").Hash} hash
 * @param {string} path
 */
async function feed(hash, path) {
  hash.update(`\0${path}\0`);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    hash.update("missing");
  } else if (found.isDirectory()) {
    for (const name of (await readdir(path)).sort()) await feed(hash, join(path, name));
  } else {
    hash.update(await readFile(path));
  }
}
