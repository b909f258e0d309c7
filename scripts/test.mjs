// npm test: runs every test. `npm test -- node runtime` runs only those suites.
// The last line is `N passed, N failed`. The exit code is 1 if anything failed.

import { allExist } from "./lib/apt.mjs";
import { main } from "./lib/main.mjs";
import { npmDependencies } from "./lib/npm-deps.mjs";
import { root } from "./lib/paths.mjs";
import { seconds } from "./lib/progress.mjs";
import { Failure } from "./lib/run.mjs";
import { suites } from "./lib/suites.mjs";

/** @typedef {import("./lib/suites.mjs").Suite} Suite */

await main(async (wanted) => {
  const chosen = await choose(wanted);
  await npmDependencies();
  const results = [];
  for (const suite of chosen) results.push(await runSuite(suite));
  report(results);
});

/** @param {string[]} wanted */
async function choose(wanted) {
  /** @type {(suite: Suite, word: string) => boolean} */
  const matches = (suite, word) => suite.name === word || suite.name.startsWith(`${word}-`);
  const unknown = wanted.find((word) => !suites.some((suite) => matches(suite, word)));
  if (unknown !== undefined) {
    const names = suites.map((suite) => suite.name).join(", ");
    throw new Failure(`Unknown test suite "${unknown}"; expected one of: ${names}.`);
  }
  const chosen = [];
  for (const suite of suites) {
    const asked = wanted.length === 0 || wanted.some((word) => matches(suite, word));
    const there = suite.folder === undefined || (await allExist([`${root}/${suite.folder}`]));
    if (asked && there) chosen.push(suite);
  }
  return chosen;
}

/** @param {Suite} suite */
async function runSuite(suite) {
  console.log(`\n── ${suite.title} (${suite.name})`);
  const started = performance.now();
  const counts = await suite.run().catch((error) => {
    console.error(error instanceof Failure ? error.message : error);
    return { passed: 0, failed: 1, remarks: ["did not run"] };
  });
  return { suite, counts, time: seconds(started) };
}

/** @param {Awaited<ReturnType<typeof runSuite>>[]} results */
function report(results) {
  console.log("");
  let [passed, failed] = [0, 0];
  for (const { suite, counts, time } of results) {
    passed += counts.passed;
    failed += counts.failed;
    const mark = counts.failed === 0 ? "✓" : "✗";
    const remarks = counts.remarks.map((remark) => `; ${remark}`).join("");
    console.log(
      `${mark} ${suite.title}: ${counts.passed} of ${counts.passed + counts.failed} in ${time}${remarks}`,
    );
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
