// 8. What an event costs inside the native engine: criterion's medians, and its allocations.

import { readFile } from "node:fs/promises";
import { root, target } from "../../scripts/lib/paths.mjs";
import { ask, cargoBar, cargoProgress, Failure, run } from "../../scripts/lib/run.mjs";

const EVENTS = ["change", "turn", "life", "timer"];
const SIZES = [10, 100, 1_000, 10_000, 100_000];
const folder = `${target}/bench/engine`;
const common = ["--manifest-path", `${root}/bench/engine/Cargo.toml`, "--target-dir", folder];

export async function engine({ quick }) {
  const options = { env: { ...cargoBar, CRITERION_HOME: `${folder}/criterion` }, progress: cargoProgress };
  const times = quick ? [0.1, 0.2, 10] : [1, 3, 50];
  const [warmUp, measurement, samples] = times.map(String);
  const how = ["--warm-up-time", warmUp, "--measurement-time", measurement, "--sample-size", samples];
  await run(
    "Building the engine's bench",
    "cargo",
    ["bench", ...common, "--bench", "events", "--no-run"],
    options,
  );
  await run(
    "Measuring the engine by criterion",
    "cargo",
    ["bench", ...common, "--bench", "events", "--", ...how],
    {
      env: options.env,
    },
  );
  await run("Building the count of allocations", "cargo", ["build", "--release", ...common], options);
  const counted = await ask(`${folder}/release/allocations`, []);
  if (counted === undefined) throw new Failure("The engine's allocations could not be counted.");
  return { times: await estimates(), allocations: counted.split("\n").map((line) => JSON.parse(line)) };
}

async function estimates() {
  const found = [];
  for (const event of EVENTS) {
    for (const jobs of SIZES) {
      const file = `${folder}/criterion/${event}/${jobs}/new/estimates.json`;
      const { median } = JSON.parse(await readFile(file, "utf8"));
      const { lower_bound: low, upper_bound: high } = median.confidence_interval;
      found.push({ event, jobs, ns: median.point_estimate, low, high });
    }
  }
  return found;
}
