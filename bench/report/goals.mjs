// The goals, what was found, and whether it meets them. Nothing here fails a build.

import { interval, verdict, worst } from "../lib/statistics.mjs";
import { OTHERS } from "../peers/index.mjs";
import { FAULTS } from "../points/fault-table.mjs";
import { differenceOf, figure, over, ratioOf, series, within } from "./text.mjs";

const PER_POLL = ["package-all", "package-node-all"];
const TRANSPORT = { "package-all": "global `fetch`", "package-node-all": "`nodeFetch`" };
/** Bytes a job by which the heap differs between two runs of the same code. */
const HEAP_NOISE = 8;

/**
 * @param {object} run
 * @param {{ limit: number }} size of docs/size.json
 * @returns {{ goal: string, found: string, verdict: string }[]}
 */
export function goals({ points, sizes, peers }, size) {
  const list = [];
  const add = (goal, found, judged) => list.push({ goal, found, verdict: judged });
  const most = (goal, found, limit, unit = " ×", how = {}) =>
    add(goal, found ? `${within(found, unit === " ms" ? 1 : 2)}${unit}` : "–", verdict(found, limit, how));
  /** A figure without pairs: it has to meet the goal in each round. */
  const each = (goal, values, limit, unit, how = {}) => {
    const known = values.filter(Number.isFinite);
    const found = known.length > 0 && {
      low: Math.min(...known),
      high: Math.max(...known),
      count: known.length,
    };
    add(
      goal,
      found ? `${range(found)}${unit}` : "–",
      verdict(found || undefined, limit, { ...how, fewest: 1 }),
    );
  };
  /** Below each of several peers: the table shows the peer that comes closest. */
  const below = (goal, results, peer, others, name) => {
    const found = others
      .map((other) => ({ other, ratio: ratioOf(results?.[peer], results?.[other], name) }))
      .filter(({ ratio }) => ratio);
    const [closest] = found.toSorted((one, two) => two.ratio.median - one.ratio.median);
    const judged = found.map(({ ratio }) => verdict(ratio, 1, { below: true }));
    add(goal, closest ? `${within(closest.ratio)} × ${peers[closest.other]}` : "–", worst(judged));
  };

  const {
    latency = {},
    memory = {},
    growth = {},
    coldNode = {},
    coldPage = {},
    bytes = {},
    page = {},
  } = points;
  most(
    "latency over global `fetch`: at most 1.15 × floor",
    ratioOf(latency.package, latency.floor, "p50"),
    1.15,
  );
  below(
    "latency over `nodeFetch`: below the floor and every peer",
    latency,
    "package-node",
    ["floor", ...OTHERS],
    "p50",
  );
  for (const [at, { jobs, samples }] of (points.cpu ?? []).entries()) {
    const about = `${figure(jobs)} jobs, a poll for each`;
    const cost = (peer) => ratioOf(samples[peer], samples.floor, "cpuPerJobMs");
    most(`processor time over global \`fetch\`: at most 1.10 × floor (${about})`, cost("package-all"), 1.1);
    most(`processor time over \`nodeFetch\`: at most 0.60 × floor (${about})`, cost("package-node-all"), 0.6);
    below(
      `processor time over \`nodeFetch\`: below every peer (${about})`,
      samples,
      "package-node-all",
      OTHERS,
      "cpuPerJobMs",
    );
    const fewest = sizes.cpu[at].changes + 1;
    for (const peer of PER_POLL)
      each(
        `requests over ${TRANSPORT[peer]}: at most changes + 1 = ${fewest} (${about})`,
        series(samples[peer], "requestsPerJob"),
        fewest,
        "",
      );
    for (const peer of PER_POLL)
      below(
        `the server's processor time over ${TRANSPORT[peer]}: below every peer's (${about})`,
        samples,
        peer,
        OTHERS,
        "serverCpuPerJobMs",
      );
  }
  for (const { jobs, samples } of points.ends ?? [{ jobs: 100 }, { jobs: 200 }]) {
    const limit = jobs <= 100 ? 2 : 1_000;
    most(
      `ends of ${jobs} jobs in Node: at most ${figure(limit)} ms after the quickest peer`,
      afterQuickest(samples, "medianMs"),
      limit,
      " ms",
    );
  }
  most(
    `ends of ${sizes.page?.jobs ?? 50} jobs in a page over HTTP/1.1: at most 2 500 ms after the quickest peer`,
    afterQuickest(page, "endMedianMs"),
    2_500,
    " ms",
  );
  const few = sizes.memory?.few ?? 1_000;
  each(
    `memory of one more job, from ${figure(few)} to ${figure(sizes.memory?.jobs ?? 10_000)}: at most 2 KB`,
    series(memory.package, "heapPerJob"),
    2_048,
    " bytes",
  );
  const grown = (growth.package ?? []).filter(Boolean);
  each(
    `growth over ${figure(grown[0]?.polls ?? 1_000_000)} polls and ${figure(grown[0]?.jobs ?? 100_000)} jobs: none`,
    grown.map(({ bytes: left, jobs }) => left / jobs),
    HEAP_NOISE,
    " bytes a job",
  );
  most("import in Node: at most 1.35 × by hand", ratioOf(coldNode.package, coldNode.hand, "ms"), 1.35);
  most(
    "import in Chromium: at most 8 ms more than by hand",
    differenceOf(coldPage.package, coldPage.hand, "ms"),
    8,
    " ms",
  );
  each(
    `bytes with gzip: at most ${figure(size.limit)}, the limit in \`docs/size.md\``,
    series(bytes.package, "entryGzip"),
    size.limit,
    " bytes",
  );
  const busy = interval((page.package ?? []).filter(Boolean).map(({ busyMs, idleMs }) => busyMs / idleMs));
  most("the page's other GETs: at most 1.5 × idle", busy, 1.5);
  each("the page's other GETs: the longest below 100 ms", series(page.package, "mostMs"), 100, " ms", {
    below: true,
  });
  const tried = FAULTS.filter(({ name }) => points.faults?.package?.[name]);
  const passed = tried.filter(({ name }) => points.faults.package[name].passed).length;
  add(
    `faults: all ${FAULTS.length}`,
    tried.length > 0 ? `${passed} of ${tried.length}` : "–",
    tried.length < FAULTS.length ? "not measured" : passed === FAULTS.length ? "met" : "missed",
  );
  for (const event of ["change", "turn", "life", "timer"]) {
    const own = points.engine?.times.filter((it) => it.event === event) ?? [];
    most(`the engine's \`${event}\`, from 10 to 100 000 jobs: at most 2.5 ×`, growthOf(own), 2.5, " ×", {
      fewest: 1,
    });
  }
  return list;
}

/** How much later than the quickest of the others, in the same round. */
function afterQuickest(results, name) {
  const late = (results?.package ?? []).map((sample, round) => {
    const others = OTHERS.map((peer) => results[peer]?.[round]?.[name]).filter(Number.isFinite);
    return others.length > 0 ? (sample?.[name] ?? Number.NaN) - Math.min(...others) : Number.NaN;
  });
  return interval(late.filter(Number.isFinite));
}

/** How much more the largest size takes than the smallest. Both have criterion's interval. */
function growthOf(own) {
  const [first, last] = [own[0], own.at(-1)];
  if (!first) return undefined;
  return { median: last.ns / first.ns, low: last.low / first.high, high: last.high / first.low, count: 1 };
}

const range = ({ low, high }) => (low === high ? figure(low) : `${figure(low)} to ${figure(high)}`);

/** The summary that the README uses. */
export const passedBy = (faults, peer) => {
  const tried = FAULTS.filter(({ name }) => faults?.[peer]?.[name]);
  const passed = tried.filter(({ name }) => faults[peer][name].passed).length;
  return tried.length > 0 ? `${passed} of ${tried.length}` : "–";
};

/** The median of one member, or undefined. */
export const medianOf = (results, peer, name) => over(results?.[peer], name)?.median;
