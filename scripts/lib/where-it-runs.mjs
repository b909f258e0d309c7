// Checks or writes the table "Where it runs" in the README, which lists exactly the consumers that passed.

import { readFile, writeFile } from "node:fs/promises";
import { root } from "./paths.mjs";
import { Failure } from "./run.mjs";

const README = `${root}/README.md`;
const PLACE = /(?<=^<!-- npm run test:consumers -- --write -->\n)[\s\S]*?(?=^<!-- end -->$)/m;

/** @typedef {{ name: string, where?: string, how: string }[]} Passed */

/**
 * Fails unless the README lists exactly these.
 * @param {Passed} passed
 */
export async function checkTable(passed) {
  const [listed, due] = [(await present()).split("\n"), table(passed).split("\n")];
  if (listed.join() === due.join()) return;
  const differences = [
    ...listed.filter((row) => !due.includes(row)).map((row) => `  listed, but did not pass: ${row}`),
    ...due.filter((row) => !listed.includes(row)).map((row) => `  passed, but is not listed: ${row}`),
  ];
  throw new Failure(
    [
      "The README's table “Where it runs” does not match the consumers that passed.",
      ...differences,
      "When all consumers pass, run: npm run test:consumers -- --write",
    ].join("\n"),
  );
}

/**
 * Writes these into the README.
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
  if (!found) throw new Failure("The README does not contain the markers of the table “Where it runs”.");
  return found[0];
}

/** @param {Passed} passed */
function table(passed) {
  const rows = passed
    .filter(({ where }) => where !== undefined)
    .map(({ where, how }) => `| ${where} | ${how} |\n`);
  return `| where | what is run |\n|---|---|\n${rows.join("")}`;
}
