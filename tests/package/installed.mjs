// The package, packed and installed in an empty folder.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before } from "node:test";
import { promisify } from "node:util";
import { credential } from "../node/deploy.mjs";

export const run = promisify(execFile);
export const root = resolve(import.meta.dirname, "../..");
export let folder;

/** Call it once, at the top of a test file. */
export function useInstalled() {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "installed-"));
    const tarball = process.env.PACKAGE_TARBALL ?? (await pack());
    await writeFile(join(folder, "package.json"), "{}");
    await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], { cwd: folder });
  });
  after(() => rm(folder, { recursive: true, force: true }));
}

async function pack() {
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root });
  return join(folder, JSON.parse(stdout)[0].filename);
}

/** Runs a file in the folder, with the simulator's address and credential in its environment. */
export function node(file, baseUrl, args = []) {
  const env = {
    ...process.env,
    DEPLOY_URL: baseUrl,
    DEPLOY_PASSWORD: credential.password,
    CLUSTER_PASSWORD: "x",
    VCENTER_PASSWORD: "x",
  };
  return run(process.execPath, [file, ...args], { cwd: folder, env, timeout: 30_000 });
}

/** Writes a script into the folder, runs it and returns its output. */
export async function script(name, text, baseUrl) {
  await writeFile(join(folder, name), text);
  return (await node(name, baseUrl)).stdout;
}
