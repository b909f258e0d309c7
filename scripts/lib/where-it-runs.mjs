// The table "Where it runs" in the README: it lists the consumers that passed, and nothing else.

import { readFile, writeFile } from "node:fs/promises";
import { root } from "./paths.mjs";
import { Failure } from "./run.mjs";

const README = `${root}/README.md`;
const PLACE = /(?<=^<!-- npm run test:consumers -- --write -->\n)[\s\S]*?(?=^<!-- end -->$)/m;

/** @typedef {{ name: string, where?: string, how: string }[]} Passed */

/**
 * Fails unless the README lists just these.
 * @param {Passed} passed
 */
export async function checkTable(passed) {
  if ((await present()) === table(passed)) return;
  throw new Failure(
    "The README's table “Where it runs” is not what has passed. When all passes: npm run test:consumers -- --write",
  );
}

/**
 * Makes the README list these.
 * @param {Passed} passed
 */
export async function writeTable(passed) {
  await present();
  const text = await readFile(README, "utf8");
  await writeFile(
    README,
    text.replace(PLACE, () => table(passed)),
  );
}

async function present() {
  const found = PLACE.exec(await readFile(README, "utf8"));
  if (!found) throw new Failure("The README has no place for the table “Where it runs”.");
  return found[0];
}

function table(passed) {
  const rows = passed
    .filter(({ where }) => where !== undefined)
    .map(({ name, where, how }) => `| [${where}](tests/consumers/${name}/) | ${how} |\n`);
  return `| where | what is run |\n|---|---|\n${rows.join("")}`;
}
