// Programs that a test starts, and folders for what they keep. They end with this process at the latest,
// however it ends.

import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @typedef {{ hears(pattern: RegExp): Promise<string>, end(): Promise<void> }} Program */

const running = new Set();
const folders = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  for (const folder of folders) remove(folder);
});
// To be ended from outside is an exit as well, with the event above.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/**
 * Starts a program. `hears` gives the first group of a pattern once the program has written it, on its
 * standard output or error or on descriptor 3; `end` kills the program, and waits until it and all that it
 * has started are gone.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env] added to this process's
 * @returns {Program}
 */
export function start(command, args, env = {}) {
  const stdio = /** @type {const} */ (["ignore", "pipe", "pipe", "pipe"]);
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio });
  running.add(child);
  const gone = new Promise((resolve) => {
    // Not "exit": its output closes only when all that it has started is gone as well.
    child.once("close", (code, signal) => resolve(`ended (${signal ?? code})`));
    child.once("error", ({ message }) => resolve(message));
  }).finally(() => running.delete(child));

  let told = "";
  const streams = child.stdio.slice(1);
  for (const stream of streams)
    stream?.on("data", (text) => {
      told += text;
    });

  return {
    hears: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(told);
          if (found) resolve(found[1]);
        };
        for (const stream of streams) stream?.on("data", look);
        look();
        gone.then((how) => reject(new Error(`${command} ${how}:\n${told}`)));
      }),
    async end() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Makes an empty folder. */
export async function makeFolder(name) {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  folders.add(folder);
  return folder;
}

/** Removes a folder, in which a program that was just killed may still be writing. */
export function remove(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.delete(folder);
}
