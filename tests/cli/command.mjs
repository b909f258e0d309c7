// The command in a process of its own, against a simulated Deploy on a real socket.

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { host } from "../lib/described.mjs";
import { credential, deployFor } from "../node/deploy.mjs";

export const COMMAND = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const LIMIT_MS = 60_000;

/** The words that register a host. */
export const addHost = (name) => ["post", "/hosts", "--data", JSON.stringify(host(name))];

/** A simulated Deploy, and `osd(args, options)`, which runs the command with its address and credential. */
export async function commandFor(t, config) {
  const deploy = await deployFor(t, config);
  const env = { DEPLOY_URL: deploy.baseUrl, DEPLOY_PASSWORD: credential.password };
  const startIt = (args, options = {}) => start(t, args, { ...options, env: { ...env, ...options.env } });
  return { ...deploy, start: startIt, osd: (args, options) => startIt(args, options).ended };
}

/** A file in a folder of its own that ends with the test; its path. */
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
 * Starts the command. `until(pattern)` resolves once what it has printed matches; `ended` with its exit
 * code and all that it printed. With `terminal` both streams are one terminal, and arrive as `out`.
 */
export function start(t, args, { env, input = "", terminal = false }) {
  // Nothing of the tester's own environment counts, but for what a program needs.
  const surroundings = { PATH: process.env.PATH, TERM: "xterm", ...env };
  const words = [process.execPath, COMMAND, ...args];
  const child = terminal
    ? spawn("script", ["--quiet", "--return", "--flush", "--command", `exec ${shell(words)}`, "/dev/null"], {
        env: surroundings,
      })
    : spawn(words[0], words.slice(1), { env: surroundings });
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
  // A terminal's input stays open; its end would count as a key.
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
  /^To keep waiting: npx ontap-select-deploy wait (osd1:\S+)\s*$/m.exec(text)?.[1];
