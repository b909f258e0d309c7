// The README's one table.

import { medianOf, passedBy } from "./goals.mjs";
import { figure, ratioOf, table } from "./text.mjs";

const SHOWN = [
  "package",
  "package-node",
  "hand",
  "util-waiter",
  "p-wait-for",
  "ky",
  "core-lro-pipeline",
  "query-core",
];
/** The peer whose processor time counts: all keep a poll open for each job. */
const PER_POLL = { package: "package-all", "package-node": "package-node-all" };
const BEGIN = "<!-- benchmarks: written by npm run bench -->";
const END = "<!-- /benchmarks -->";

/** Puts the table between the two comments that mark its place. */
export function withTable(readme, run) {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`README.md must have a place from "${BEGIN}" to "${END}"`);
  return `${before}${BEGIN}\n${summaryTable(run)}\n${END}${after}`;
}

function summaryTable({ peers, points, about }) {
  const samples = points.cpu?.[0]?.samples ?? {};
  const of = (value, unit) => (value === undefined ? "–" : `${figure(value)}${unit}`);
  const rows = SHOWN.map((peer) => {
    const cost = ratioOf(samples[PER_POLL[peer] ?? peer], samples.floor, "cpuPerJobMs");
    return [
      peers[peer] ?? peer,
      passedBy(points.faults, peer),
      of(medianOf(points.page, peer, "mostMs"), " ms"),
      of(medianOf(points.latency, peer, "p50"), " ms"),
      cost ? `${cost.median.toFixed(2)} ×` : "–",
      of(points.bytes?.[peer] && medianOf(points.bytes, peer, "brotli") / 1_000, " KB"),
    ];
  });
  const head = [
    "",
    "faults passed",
    "longest delay of the page's own GETs during 50 jobs",
    "delay from job end to settled promise",
    "CPU time relative to `fetch`",
    "download, brotli",
  ];
  return `${table(head, rows)}

The CPU time is that of 200 jobs with a poll for each. Measured on ${about.date.slice(0, 10)} with Node ${about.node} and Chromium ${about.chromium.split(".")[0]}: [how, and every figure](docs/benchmarks.md).`;
}
