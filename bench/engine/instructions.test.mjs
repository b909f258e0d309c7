// The engine's instructions for a fixed history, as callgrind counts them. Times vary from run to run; these counts do
// not, so a rise is a change of the code.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const { HISTORY, VALGRIND = "/usr/bin/valgrind" } = process.env;

/** How much more than the budget is allowed. A larger rise needs a new budget, and its reason in the commit. */
const TOLERANCE = 1.03;

test("the engine needs no more instructions than its budget", async (t) => {
  const file = new URL("instructions.json", import.meta.url);
  const budget = JSON.parse(await readFile(file, "utf8"));
  const { stderr } = await run(VALGRIND, [
    "--tool=callgrind",
    "--callgrind-out-file=/dev/null",
    "--toggle-collect=history::history*",
    HISTORY,
  ]);
  const counted = Number(/Collected : (\d+)/.exec(stderr)?.[1]);
  const { stdout } = await run("rustc", ["--version"]);
  const rustc = /[\d.]+/.exec(stdout)?.[0];
  t.diagnostic(
    `${counted} instructions with rustc ${rustc}, budget ${budget.instructions} with ${budget.rustc}`,
  );
  assert.ok(counted > 0, stderr);
  // Another compiler makes other code, so its counts say nothing about a change of ours.
  if (rustc !== budget.rustc) return;
  const most = Math.floor(budget.instructions * TOLERANCE);
  assert.ok(counted <= most, `${counted} instructions, at most ${most} are allowed`);
});
