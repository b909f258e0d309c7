// Runs other programs. Their output is shown only if they fail.

import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { root } from "./paths.mjs";
import { begin, seconds } from "./progress.mjs";

/** An error whose message is enough; its stack trace is not printed. */
export class Failure extends Error {}

/**
 * @typedef {object} Options
 * @property {string} [cwd] Default: the repository's folder.
 * @property {NodeJS.ProcessEnv} [env] Added to this process's environment.
 * @property {number} [timeout] Milliseconds after which the program is stopped.
 * @property {AbortSignal} [signal] Stops the program.
 * @property {(text: string) => string | undefined} [progress] Extracts the progress from new output.
 * @property {boolean} [statusPipe] Whether the program writes its progress to file descriptor 3.
 */

/**
 * Runs a program and shows a title with the elapsed time. Throws a {@link Failure} with the whole output if the
 * program fails.
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {Options} [options]
 */
export async function run(title, command, args, options = {}) {
  const line = begin(title);
  /** @param {string} text */
  const watch = (text) => {
    const detail = options.progress?.(text);
    if (detail !== undefined) line.note(detail);
  };
  try {
    await must(command, args, options, watch);
  } catch (error) {
    line.failed();
    throw error;
  }
  line.done();
}

/**
 * Runs a program silently. Throws a {@link Failure} with the whole output if the program fails.
 * @param {string} command
 * @param {string[]} args
 * @param {Options} [options]
 * @param {(text: string) => void} [onText]
 * @returns {Promise<string>} its output
 */
export async function must(command, args, options = {}, onText = () => {}) {
  const result = await execute(command, args, options, onText);
  if (result.ok) return result.output;
  throw new Failure(`${result.output.trim()}\n\nFailed (${result.reason}): ${[command, ...args].join(" ")}`);
}

/**
 * Runs a program, shows its output, and returns how it ended.
 * @param {string} command
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<{ ok: boolean, reason: string, output: string }>}
 */
export async function show(command, args, options = {}) {
  const started = performance.now();
  let latest = started;
  const heartbeat = setInterval(() => {
    if (performance.now() - latest > SILENCE_MS) {
      latest = performance.now();
      console.log(`… still running after ${seconds(started)}`);
    }
  }, 1_000);
  try {
    return await execute(command, args, options, (text) => {
      latest = performance.now();
      process.stdout.write(text);
    });
  } finally {
    clearInterval(heartbeat);
  }
}

/**
 * Runs a short program. Returns undefined if it fails or is not installed.
 * @param {string} command
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<string | undefined>} its output, trimmed
 */
export async function ask(command, args, options = {}) {
  const result = await attempt(command, args, options);
  return result.ok ? result.output.trim() : undefined;
}

/**
 * Runs a program and returns its output, also if it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<{ ok: boolean, reason: string, output: string }>}
 */
export function attempt(command, args, options = {}) {
  return execute(command, args, options, () => {});
}

/**
 * Extracts the number of compiled units from cargo's progress bar.
 * @param {string} text
 */
export function cargoProgress(text) {
  const found = [...text.matchAll(/\] (\d+\/\d+)/g)].at(-1);
  return found && `${found[1]} units`;
}

/** Makes cargo draw the bar that {@link cargoProgress} reads. */
export const cargoBar = { CARGO_TERM_PROGRESS_WHEN: "always", CARGO_TERM_PROGRESS_WIDTH: "80" };

const SILENCE_MS = 10_000;
const GRACE_MS = 2_000;

/** @type {Set<number>} */
const groups = new Set();

// Each program gets its own process group. So its child processes end with it, and all of them end with this
// process.
for (const [signal, code] of /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])) {
  process.on(signal, () => {
    if (process.listenerCount(signal) > 1) return;
    process.exit(code);
  });
}
process.on("exit", () => {
  for (const group of groups) endGroup(group, "SIGTERM");
});

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Options} options
 * @param {(text: string) => void} onText
 * @returns {Promise<{ ok: boolean, reason: string, output: string }>}
 */
function execute(command, args, options, onText) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe", options.statusPipe ? "pipe" : "ignore"],
      detached: true,
    });
    let output = "";
    let reason = "";
    /** @type {NodeJS.Timeout | undefined} */
    let limit;
    /** @param {string} text */
    const take = (text) => {
      output += text;
      onText(text);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", take);
    const status = child.stdio[3];
    if (status instanceof Readable) status.setEncoding("utf8").on("data", onText);

    /** @param {boolean} ok */
    const settle = (ok) => {
      clearTimeout(limit);
      resolve({ ok, reason, output });
    };
    child.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      reason = error.code === "ENOENT" ? `${command} is not installed` : error.message;
      settle(false);
    });
    if (child.pid === undefined) return;

    const group = child.pid;
    groups.add(group);
    options.signal?.addEventListener("abort", () => endGroup(group, "SIGTERM"));
    const { timeout } = options;
    if (timeout !== undefined) {
      limit = setTimeout(() => {
        reason = `stopped after its time limit of ${timeout / 1_000} s`;
        endGroup(group, "SIGTERM");
        limit = setTimeout(() => endGroup(group, "SIGKILL"), GRACE_MS);
      }, timeout);
    }
    child.on("exit", (code, signal) => {
      endGroup(group, "SIGTERM");
      groups.delete(group);
      reason ||= signal ? `signal ${signal}` : `exit code ${code}`;
      // A process that left the group may keep the pipes open forever.
      const drain = setTimeout(() => settle(code === 0), GRACE_MS);
      child.on("close", () => {
        clearTimeout(drain);
        settle(code === 0);
      });
    });
  });
}

/**
 * @param {number} group
 * @param {NodeJS.Signals} signal
 */
function endGroup(group, signal) {
  try {
    process.kill(-group, signal);
  } catch {
    // The group has already ended.
  }
}
