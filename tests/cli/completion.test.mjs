// The completion scripts. Each test types a line in a shell on a terminal.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { COMMAND } from "./command.mjs";

const run = promisify(execFile);
const completion = async (shell) => (await run(process.execPath, [COMMAND, "completion", shell])).stdout;

// Prints its arguments.
const standIn = "ontap-select-deploy() { printf '<%s>' \"$@\"; echo; }";

/** Where each shell finds the script, and how to start the shell. */
const shells = {
  bash: {
    files: { ".bashrc": `PS1='$ '\n. ~/script\n${standIn}` },
    script: "script",
    command: "bash --noprofile -i",
  },
  zsh: {
    files: { ".zshrc": `PS1='$ '\nfpath+=~/.zfunc\nautoload -U compinit\ncompinit -u -D\n${standIn}` },
    script: ".zfunc/_ontap-select-deploy",
    command: "zsh -d -i",
  },
  "zsh, by source": {
    files: { ".zshrc": `PS1='$ '\nautoload -U compinit\ncompinit -u -D\n. ~/script\n${standIn}` },
    script: "script",
    command: "zsh -d -i",
  },
  fish: {
    files: { ".config/fish/config.fish": "function ontap-select-deploy; printf '<%s>' $argv; echo; end" },
    script: ".config/fish/completions/ontap-select-deploy.fish",
    command: "fish -i",
  },
};

// The typed line, with `>` for the tab key, and the expected arguments of the command.
const typed = [
  ["comp> ba>", ["completion", "bash"]],
  ["help wai>", ["help", "wait"]],
  ["post /hosts --req> 5s", ["post", "/hosts", "--request-timeout", "5s"]],
  ["--base https://x --qui> get /x", ["--base", "https://x", "--quiet", "get", "/x"]],
  ["post /hosts --data @ho>", ["post", "/hosts", "--data", "@host.json"]],
  ["post /hosts --data @plans/on>", ["post", "/hosts", "--data", "@plans/one.json"]],
  ["post /x --form license_file=@lic>", ["post", "/x", "--form", "license_file=@license.nlf"]],
  ["get /x --ca own>", ["get", "/x", "--ca", "own.pem"]],
  ["get /x --ca=own>", ["get", "/x", "--ca=own.pem"]],
  ["post /x --form 'a=<lic>", ["post", "/x", "--form", "a=<license.nlf"]],
  ["wait j --par> x", ["wait", "j", "--par", "x"]],
  ["clus> cr> plans/on> --dr>", ["cluster", "create", "plans/one.json", "--dry-run"]],
  [
    "cluster resize c1 med> --password> ont>",
    [...["cluster", "resize", "c1", "medium", "--password-file", "ontap.txt"]],
  ],
  ["cluster delete c1 --node> x", ["cluster", "delete", "c1", "--node", "x"]],
  ["--timeout 1h lic> a> lice> x", ["--timeout", "1h", "license", "add", "license.nlf", "x"]],
  ["backup --out> ow>", ["backup", "--output", "own.pem"]],
  ["help clus> x", ["help", "cluster", "x"]],
];

for (const [shell, { files, script, command }] of Object.entries(shells)) {
  describe(shell, { concurrency: true }, () => {
    let home;
    before(async () => {
      home = await mkdtemp(join(tmpdir(), "completion-"));
      const names = ["host.json", "license.nlf", "ontap.txt", "own.pem", "plans/one.json"];
      const contents = [
        ...names.map((name) => [name, "x"]),
        ...Object.entries(files),
        [script, await completion(shell.split(",")[0])],
      ];
      for (const [name, text] of contents) {
        await mkdir(dirname(join(home, name)), { recursive: true });
        await writeFile(join(home, name), `${text}\n`);
      }
    });
    after(() => rm(home, { recursive: true, force: true }));

    for (const [keys, words] of typed) {
      test(keys, async () => {
        const out = await atTerminal(command, home, `ontap-select-deploy ${keys.replaceAll(">", "\t")}`);
        assert.ok(out.includes(words.map((word) => `<${word}>`).join("")), out);
      });
    }
  });
}

/** Types a line at a shell's prompt and returns the output of the terminal. */
async function atTerminal(command, home, line) {
  const env = { PATH: process.env.PATH, TERM: "xterm", HOME: home };
  const child = spawn("script", ["--quiet", "--flush", "--command", `exec ${command}`, "/dev/null"], {
    cwd: home,
    env,
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stdin.write(`${line}\nexit\n`);
  const limit = setTimeout(() => child.kill("SIGKILL"), 30_000);
  await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(limit);
  return out;
}
