// Starts programs for the tests and creates folders for them. When this process ends, the programs are killed and the
// folders are removed.

import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @typedef {{ output(pattern: RegExp): Promise<string>, end(): Promise<void> }} Program */

const running = new Set();
const folders = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  for (const folder of folders) remove(folder);
});
// A signal also triggers the exit event above.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/**
 * Starts a program. `output` resolves with the first group of a pattern when the program has written it to standard
 * output, standard error or descriptor 3. `end` kills the program and waits until all its processes have ended.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env] added to the environment of this process
 * @returns {Program}
 */
export function start(command, args, env = {}) {
  const stdio = /** @type {const} */ (["ignore", "pipe", "pipe", "pipe"]);
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio });
  running.add(child);
  const gone = new Promise((resolve) => {
    // "close" waits for its child processes, "exit" does not.
    child.once("close", (code, signal) => resolve(`ended (${signal ?? code})`));
    child.once("error", ({ message }) => resolve(message));
  }).finally(() => running.delete(child));

  let written = "";
  const streams = child.stdio.slice(1);
  for (const stream of streams)
    stream?.on("data", (text) => {
      written += text;
    });

  return {
    output: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(written);
          if (found) resolve(found[1]);
        };
        for (const stream of streams) stream?.on("data", look);
        look();
        gone.then((how) => reject(new Error(`${command} ${how}:\n${written}`)));
      }),
    async end() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Creates an empty folder. */
export async function makeFolder(name) {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  folders.add(folder);
  return folder;
}

/** Removes a folder. It retries, because a killed program may still write there. */
export function remove(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.delete(folder);
}
