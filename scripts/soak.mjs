// npm run soak [-- MINUTES]: runs the fault simulation with new seeds for that many minutes. Default: 10.

import { main } from "./lib/main.mjs";
import { Failure, run } from "./lib/run.mjs";
import { requireRust } from "./lib/toolchain.mjs";

const ROUND = 200_000;
const TEST = "the_outcome_is_true_or_unknown";

await main(async ([given = "10", ...more]) => {
  const minutes = Number(given);
  if (!(minutes > 0) || more.length > 0)
    throw new Failure("Usage: npm run soak -- MINUTES, a number above 0");
  await requireRust();
  const end = Date.now() + minutes * 60_000;
  // Random seeds beyond those of the tests.
  const first = Math.floor(Math.random() * 2 ** 40) + 2 ** 32;
  let played = 0;
  do {
    const title = `Histories from seed ${first + played}`;
    const env = { SIMULATION_FIRST: String(first + played), SIMULATION_HISTORIES: String(ROUND) };
    const args = ["test", "--test", "simulation", TEST];
    let ran = false;
    /** @param {string} text */
    const progress = (text) => {
      ran ||= text.includes(`${TEST} ... ok`);
      return undefined;
    };
    await run(title, "cargo", args, { env, progress });
    if (!ran) throw new Failure(`The test ${TEST} does not exist in tests/simulation.`);
    played += ROUND;
  } while (Date.now() < end);
  console.log(`\n${played} histories passed.`);
});
