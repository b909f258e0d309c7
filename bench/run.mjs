// npm run bench: measures the packed package and its peers, and writes docs/benchmarks.md and the table of the README.
//
//   npm run bench                      all points, in about 90 minutes
//   npm run bench -- --quick           all points with small sizes; the figures go to target/ and decide nothing
//   npm run bench -- --only cpu,page   some points; the figures of the others stay
//   npm run bench -- --report          writes the page again, from the last figures

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { browser as findBrowser } from "../scripts/lib/browser.mjs";
import { main } from "../scripts/lib/main.mjs";
import { root, short, target } from "../scripts/lib/paths.mjs";
import { Failure } from "../scripts/lib/run.mjs";
import { app, installAll, versions } from "./install.mjs";
import { FULL, QUICK, surroundings } from "./lib/options.mjs";
import { world } from "./lib/world.mjs";
import { PEERS } from "./peers/index.mjs";
import { POINTS, shapeOf } from "./points/index.mjs";
import { report } from "./report/report.mjs";

await main(async (args) => {
  const { quick, only, report: again } = options(args);
  const results = quick ? `${target}/bench/quick.json` : `${root}/bench/results/published.json`;
  const docs = quick ? `${target}/bench/docs` : `${root}/docs`;
  await installAll();
  if (!again) await measure(quick ? QUICK : FULL, only, results);
  if (quick) await copyFile(`${root}/README.md`, `${target}/bench/README.md`);
  const readme = quick ? `${target}/bench/README.md` : `${root}/README.md`;
  await report(JSON.parse(await readFile(results, "utf8")), { docs, readme, app });
});

function options(args) {
  const known = { quick: { type: "boolean" }, report: { type: "boolean" }, only: { type: "string" } };
  try {
    const { values } = parseArgs({ args, options: known });
    const only = values.only?.split(",") ?? Object.keys(POINTS);
    const unknown = only.find((point) => !(point in POINTS));
    if (unknown)
      throw new Error(`There is no point "${unknown}". There are: ${Object.keys(POINTS).join(", ")}.`);
    return { ...values, only };
  } catch (error) {
    throw new Failure(`${error.message}\nUsage: npm run bench -- [--quick] [--only POINT,…] [--report]`);
  }
}

async function measure(wanted, only, file) {
  const { CHROMIUM } = await findBrowser();
  const all = await world(PEERS, CHROMIUM);
  const before = JSON.parse(await readFile(file, "utf8").catch(() => "{}"));
  const { points = {}, sizes = {}, measured = {} } = before;
  const about = await surroundings(all.chromiumVersion, await versions());
  const save = async () => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(
      file,
      `${JSON.stringify({ about, peers: all.titles, sizes, measured, points }, undefined, 1)}\n`,
    );
  };
  try {
    for (const [name, point] of Object.entries(POINTS)) {
      if (!only.includes(name)) continue;
      console.log(`\n── ${name}`);
      const started = performance.now();
      const seconds = () => Math.round((performance.now() - started) / 1_000);
      points[name] = await point(all, wanted);
      sizes[name] = wanted[name];
      const { date, commit } = about;
      measured[name] = { date, commit, shape: shapeOf(name), seconds: seconds() };
      // After each point, so that a later failure loses nothing.
      await save();
    }
  } finally {
    await all.stop();
  }
  console.log(`\n${short(file)} is written.`);
}
