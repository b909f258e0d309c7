// Runs the command in a separate process against a simulated Deploy on a real socket.

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { host } from "../lib/described.mjs";
import { credential, deployFor } from "../node/deploy.mjs";

export const COMMAND = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const LIMIT_MS = 60_000;

/** The arguments that register a host. */
export const addHost = (name) => ["post", "/hosts", "--data", JSON.stringify(host(name))];

/** A simulated Deploy, and `osd(args, options)`, which runs the command with its URL and credential. */
export async function commandFor(t, config) {
  const deploy = await deployFor(t, config);
  const env = { DEPLOY_URL: deploy.baseUrl, DEPLOY_PASSWORD: credential.password };
  const startIt = (args, options = {}) => start(t, args, { ...options, env: { ...env, ...options.env } });
  return { ...deploy, start: startIt, osd: (args, options) => startIt(args, options).ended };
}

/** Writes a file into a temporary folder and returns its path. */
export async function file(t, name, content, mode = 0o600) {
  const folder = await mkdtemp(join(tmpdir(), "command-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  await writeFile(
    path,
    typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    { mode },
  );
  return path;
}

/**
 * Starts the command. `until(pattern)` resolves when its output matches. `ended` resolves with its exit code and
 * output. With `terminal` both streams are one terminal, and the output is in `out`.
 */
export function start(t, args, { env, input = "", terminal = false }) {
  // Only these variables, so that the tester's own environment has no effect.
  const environment = { PATH: process.env.PATH, TERM: "xterm", ...env };
  const words = [process.execPath, COMMAND, ...args];
  const child = terminal
    ? spawn("script", ["--quiet", "--return", "--flush", "--command", `exec ${shell(words)}`, "/dev/null"], {
        env: environment,
      })
    : spawn(words[0], words.slice(1), { env: environment });
  t.after(() => child.kill("SIGKILL"));
  const printed = { out: "", err: "" };
  const listeners = new Set();
  for (const [name, stream] of [
    ["out", child.stdout],
    ["err", child.stderr],
  ]) {
    stream.setEncoding("utf8").on("data", (text) => {
      printed[name] += text;
      for (const listener of listeners) listener();
    });
  }
  // The input of a terminal stays open, because closing it would count as a key.
  if (terminal) child.stdin.write(input);
  else child.stdin.end(input);
  child.stdin.on("error", () => {});
  const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const ended = new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ code: code ?? signal, ...printed });
    });
  });
  const until = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => pattern.test(printed.out + printed.err) && resolve();
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`it ended without ${pattern}: ${printed.out}${printed.err}`)));
    });
  return { child, ended, until, type: (keys) => child.stdin.write(keys) };
}

const shell = (words) => words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");

/** The token in the line that says how to keep waiting. */
export const tokenIn = (text) =>
  /^To keep waiting: npx ontap-select-deploy wait (osd1:\S+)(?: --.*)?\s*$/m.exec(text)?.[1];
