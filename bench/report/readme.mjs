// The README's one table.

import { FAULTS } from "../points/fault-table.mjs";
import { figure, over, table } from "./text.mjs";

const SHOWN = ["package", "hand", "util-waiter", "p-wait-for", "ky", "core-lro-pipeline", "query-core"];
const BEGIN = "<!-- benchmarks: written by npm run bench -->";
const END = "<!-- /benchmarks -->";

/** Puts the table in its place, which two comments mark. */
export function withTable(readme, run) {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`README.md must have a place from "${BEGIN}" to "${END}"`);
  return `${before}${BEGIN}\n${summaryTable(run)}\n${END}${after}`;
}

function summaryTable({ peers, points, about }) {
  const [{ samples }] = points.cpu;
  const part = (results, peer, name) => over(results[peer], name)?.median;
  const rows = SHOWN.map((peer) => {
    const same = peer === "package" ? "package-all" : peer;
    const busy = part(points.page, peer, "busyMs") / part(points.page, peer, "idleMs");
    const passed = FAULTS.filter(({ name }) => points.faults[peer][name].passed).length;
    return [
      peers[peer],
      `${passed} of ${FAULTS.length}`,
      `${figure(busy)} ×, the longest ${figure(part(points.page, peer, "mostMs"))} ms`,
      `${figure(part(points.latency, peer, "p50"))} ms`,
      `${(part(samples, same, "cpuPerJobMs") / part(samples, "floor", "cpuPerJobMs")).toFixed(2)} ×`,
      `${figure(part(points.bytes, peer, "brotli") / 1_000)} KB`,
    ];
  });
  const head = [
    "",
    "faults passed",
    "a page's other GETs beside 50 jobs, to idle",
    "settles after",
    "processor time, to bare `fetch`",
    "brotli",
  ];
  return `${table(head, rows)}

Processor time is that of a poll for each job, which is what all others do. Measured on ${about.date.slice(0, 10)} with Node ${about.node} and Chromium ${about.chromium.split(".")[0]}; how, and all the rest: [\`docs/benchmarks.md\`](docs/benchmarks.md).`;
}
