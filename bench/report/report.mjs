// From a run's JSON to the page, its plots and the README's table.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { root, short } from "../../scripts/lib/paths.mjs";
import { shapeOf } from "../points/index.mjs";
import { goals } from "./goals.mjs";
import { plots } from "./plots.mjs";
import { withTable } from "./readme.mjs";
import { SECTIONS } from "./sections.mjs";
import { table } from "./text.mjs";

/**
 * @param {object} published what `npm run bench` wrote
 * @param {{ docs: string, readme: string, app: string }} where
 */
export async function report(published, { docs, readme, app }) {
  const run = { ...published, points: current(published) };
  const { draw } = await import(pathToFileURL(`${app}/plots/draw.mjs`).href);
  await mkdir(`${docs}/benchmarks`, { recursive: true });
  for (const [name, spec] of Object.entries(plots(run)))
    await writeFile(`${docs}/benchmarks/${name}.svg`, await draw(spec));
  // A person explains what the profile showed.
  const why = await readFile(new URL("why.md", import.meta.url), "utf8");
  const size = JSON.parse(await readFile(`${root}/docs/size.json`, "utf8"));
  await writeFile(`${docs}/benchmarks.md`, document(run, size, why.trim()));
  await writeFile(readme, withTable(await readFile(readme, "utf8"), run));
  console.log(`${short(`${docs}/benchmarks.md`)} and the table of ${short(readme)} are written.`);
}

/** The points whose figures mean what they mean today. */
function current({ points, measured }) {
  const same = ([point]) => (measured[point]?.shape ?? 1) === shapeOf(point);
  return Object.fromEntries(Object.entries(points).filter(same));
}

function document(run, size, why) {
  const { about, points, measured } = run;
  const packages = Object.entries(about.packages).map(([name, version]) => `${name} ${version}`);
  const others = Object.keys(points)
    .filter((point) => measured[point].commit !== about.commit)
    .map((point) => `${point} at ${measured[point].commit}`);
  const earlier =
    others.length > 0 ? ` Points that were measured at another commit: ${others.join(", ")}.` : "";
  const changed = about.changed ? ", with uncommitted changes" : "";
  return `# Benchmarks

<!-- Written by \`npm run bench\`; the figures are in bench/results/published.json. -->

The benchmark compares the packed package with the libraries that you could use instead, and with a floor. The floor sends the same number of bare
\`fetch\` calls with the same waits at the server, and does nothing else. The client and the server are separate processes on one machine.

- Each round measures each peer once, in an order that changes from round to round.
- A time is the median over the rounds. The brackets hold the lowest and the highest round.
- A ratio or a difference is taken within each round. The figure is the median of these pairs, and the brackets hold its 95 % interval by bootstrap.
- The floor runs twice in each round. The row \`floor, again\` shows the noise: without noise its ratio is 1.
- Compare times with each other only. They depend on the machine.

\`npm run bench\` measures everything again and writes this page. \`npm run bench -- --quick\` checks in ten minutes that each point works.
\`bench/peers/\` has one file for each peer. Each is used as its documentation shows, with all its options against faults.
ky, p-retry and both \`@azure\` packages ask for Node 22 in their package.json; these versions run on Node 20. \`@electric-sql/client\` is not a
peer: it takes its position from response headers of its own server, which Deploy does not send. TanStack Query 6 is not published.

Measured on ${about.date.slice(0, 10)} at commit ${about.commit}${changed}: ${about.cpu}, ${about.cores} cores, ${about.memoryGiB} GiB, ${about.system}; Node ${about.node}, Chromium ${about.chromium}, Rust ${about.rust}.${earlier} Versions: ${packages.join(", ")}.

## Goals

A goal is undecided if the interval of the figure crosses it, or if there are fewer than five pairs. A figure without pairs must meet its goal in each round.

${table(
  ["goal", "found", "result"],
  goals(run, size).map(({ goal, found, verdict }) => [goal, found, RESULTS[verdict]]),
)}

${why}

${SECTIONS.map((section) => sectionOf(section, run)).join("\n\n")}
`;
}

const RESULTS = {
  met: "met",
  missed: "**missed**",
  undecided: "undecided",
  "not measured": "not measured yet",
};

function sectionOf({ title, needs, body }, run) {
  const missing = needs.filter((point) => !(point in run.points));
  return `## ${title}\n\n${missing.length > 0 ? "Not measured yet." : body(run)}`;
}
