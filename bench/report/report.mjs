// From a run's JSON to the document, its plots and the README's table.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { short } from "../../scripts/lib/paths.mjs";
import { Failure } from "../../scripts/lib/run.mjs";
import { POINTS } from "../points/index.mjs";
import { goals } from "./goals.mjs";
import { plots } from "./plots.mjs";
import { withTable } from "./readme.mjs";
import * as sections from "./sections.mjs";
import { table } from "./text.mjs";

/**
 * @param {object} run what `npm run bench` wrote
 * @param {{ docs: string, readme: string, app: string }} where
 */
export async function report(run, { docs, readme, app }) {
  const missing = Object.keys(POINTS).filter((point) => !(point in run.points));
  if (missing.length > 0) throw new Failure(`No document yet: ${missing.join(", ")} not measured.`);
  const { draw } = await import(pathToFileURL(`${app}/plots/draw.mjs`).href);
  await mkdir(`${docs}/benchmarks`, { recursive: true });
  for (const [name, spec] of Object.entries(plots(run)))
    await writeFile(`${docs}/benchmarks/${name}.svg`, await draw(spec));
  // What a profile showed is put in words by a person.
  const why = await readFile(new URL("why.md", import.meta.url), "utf8");
  await writeFile(`${docs}/benchmarks.md`, document(run, why.trim()));
  await writeFile(readme, withTable(await readFile(readme, "utf8"), run));
  console.log(`${short(`${docs}/benchmarks.md`)} and the table of ${short(readme)} are written.`);
}

function document(run, why) {
  const { about } = run;
  const packages = Object.entries(about.packages).map(([name, version]) => `${name} ${version}`);
  const others = Object.entries(run.measured)
    .filter(([, { commit }]) => commit !== about.commit)
    .map(([point, { commit }]) => `${point} at ${commit}`);
  const earlier = others.length > 0 ? ` Measured before that: ${others.join(", ")}.` : "";
  const { latency, cpu, memory, cold, bytes, page, faults, engine, profile } = sections;
  return `# Benchmarks

<!-- Written by \`npm run bench\`; the run itself is in bench/results/published.json. -->

The package, as packed and installed, beside what a user would pick instead, and beside a floor: the same number of bare \`fetch\` calls with the same
waits at the server, and nothing else. Each client and the server run in processes of their own on one machine; rounds are interleaved, each peer
once and then each again; figures are medians over the rounds, in brackets the lowest and the highest. Times say something in relation to each
other only.

\`npm run bench\` does all of this again and writes this page; \`npm run bench -- --quick\` is a smoke run of a few minutes. How each peer is used stands in
\`bench/peers/\`, one file each: as its own documentation shows, with all that it offers against faults.

Run on ${about.date.slice(0, 10)} at ${about.commit}${about.changed ? ", with changes that were not committed" : ""}: ${about.cpu}, ${about.cores} cores, ${about.memoryGiB} GiB, ${about.system}; Node ${about.node}, Chromium ${about.chromium}, Rust ${about.rust}.${earlier} ${packages.join(", ")}.

## What was aimed at

${table(
  ["goal", "found", "met"],
  goals(run).map(({ goal, found, met }) => [goal, found, met ? "yes" : "**no**"]),
)}

${why}

${[latency, cpu, memory, cold, bytes, page, faults, engine, profile].map((section) => section(run)).join("\n\n")}
`;
}
