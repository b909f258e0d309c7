// The plots, as specifications of Vega-Lite.

import { over } from "./text.mjs";

const WIDTH = 520;
const TITLE = "ms from the job's end: p50 (dot) to p99 (end of the line)";
const color = {
  field: "own",
  type: "nominal",
  legend: null,
  scale: { domain: [true, false], range: ["#0b6e4f", "#8a99ad"] },
};

/** @returns {Record<string, object>} */
export function plots(run) {
  const makers = { latency, cpu, bytes, page, engine };
  const measured = Object.entries(makers).filter(([point]) => point in run.points);
  return Object.fromEntries(measured.map(([point, make]) => [point, make(run)]));
}

const peerAxis = (run) => ({
  field: "peer",
  type: "nominal",
  sort: Object.values(run.peers),
  axis: { title: null },
});

function rows(run, results, make) {
  return Object.entries(results).flatMap(([peer, samples]) =>
    make(samples).map((row) => ({ peer: run.peers[peer], own: peer.startsWith("package"), ...row })),
  );
}

function latency(run) {
  const values = rows(run, run.points.latency, (samples) => [
    { p50: over(samples, "p50").median, p99: over(samples, "p99").median },
  ]);
  const x = (field, title) => ({ field, type: "quantitative", scale: { type: "log" }, title });
  return {
    width: WIDTH,
    data: { values },
    encoding: { y: peerAxis(run), color },
    layer: [
      { mark: { type: "rule", strokeWidth: 2 }, encoding: { x: x("p50", TITLE), x2: { field: "p99" } } },
      {
        mark: { type: "point", filled: true, size: 80 },
        encoding: { x: x("p50", TITLE) },
      },
    ],
  };
}

function cpu(run) {
  const values = run.points.cpu.flatMap(({ jobs, samples }) =>
    rows(run, samples, (own) => {
      const { median, low, high } = over(own, "cpuPerJobMs");
      return [{ jobs: `${jobs} jobs at once`, ms: median, low, high }];
    }),
  );
  const y = peerAxis(run);
  return {
    data: { values },
    facet: { row: { field: "jobs", type: "nominal", title: null, sort: null } },
    spec: {
      width: WIDTH,
      layer: [
        {
          mark: "bar",
          encoding: {
            y,
            color,
            x: {
              field: "ms",
              type: "quantitative",
              title: "ms of processor time a job, with the range of the rounds",
            },
          },
        },
        {
          mark: { type: "rule", color: "black" },
          encoding: { y, x: { field: "low", type: "quantitative" }, x2: { field: "high" } },
        },
      ],
    },
  };
}

function bytes(run) {
  const some = Object.fromEntries(
    Object.entries(run.points.bytes).filter(([peer]) => !/^package-|^ballast-/.test(peer)),
  );
  return {
    width: WIDTH,
    data: { values: rows(run, some, ([{ brotli }]) => [{ kilobytes: brotli / 1_000 }]) },
    mark: "bar",
    encoding: {
      y: peerAxis(run),
      color,
      x: { field: "kilobytes", type: "quantitative", title: "KB, brotli" },
    },
  };
}

function page(run) {
  const values = rows(run, run.points.page, (samples) => [
    { when: "idle", ms: over(samples, "idleMs").median },
    { when: "with the jobs", ms: over(samples, "busyMs").median },
  ]);
  return {
    width: WIDTH,
    data: { values },
    mark: { type: "point", filled: true, size: 80 },
    encoding: {
      y: peerAxis(run),
      x: {
        field: "ms",
        type: "quantitative",
        scale: { type: "log" },
        title: "ms, the median of the page's GETs",
      },
      color: {
        field: "when",
        type: "nominal",
        title: null,
        scale: { domain: ["idle", "with the jobs"], range: ["#8a99ad", "#c1440e"] },
      },
    },
  };
}

function engine(run) {
  const log = { type: "log" };
  return {
    width: WIDTH,
    data: { values: run.points.engine.times },
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "jobs",
        type: "quantitative",
        scale: log,
        title: "jobs",
        axis: { format: "~s" },
      },
      y: { field: "ns", type: "quantitative", scale: log, title: "ns an event" },
      color: { field: "event", type: "nominal", title: null },
    },
  };
}
