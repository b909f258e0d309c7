// What was aimed at, what came out, and whether that is enough. Nothing here fails a build.

import { FAULTS } from "../points/fault-table.mjs";
import { figure, over } from "./text.mjs";

/** @returns {{ goal: string, found: string, met: boolean }[]} */
export function goals({ points, sizes }) {
  const part = (results, peer, name) => over(results[peer], name)?.median;
  const times = (results, name, peer, base) => part(results, peer, name) / part(results, base, name);
  const noise = (results, name, peer) => part(results, peer, name) <= over(results.hand, name).high;
  const list = [];
  const add = (goal, found, met) => list.push({ goal, found, met });
  const most = (goal, value, limit, unit = "") =>
    add(goal, `${figure(value)}${unit}`, Number.isFinite(value) && value <= limit);
  const asHand = (goal, results, name, peer) =>
    add(
      goal,
      `${figure(times(results, name, peer, "hand"))} × the hand-written loop`,
      noise(results, name, peer),
    );

  most("latency, at most 1.10 × floor", times(points.latency, "p50", "package", "floor"), 1.1, " ×");
  asHand("latency, no worse than by hand within noise", points.latency, "p50", "package");
  for (const [at, { jobs, samples }] of points.cpu.entries()) {
    const about = `${jobs} jobs, a poll for each`;
    most(
      `processor time, at most 1.10 × floor (${about})`,
      times(samples, "cpuPerJobMs", "package-all", "floor"),
      1.1,
      " ×",
    );
    asHand(`processor time, no worse than by hand (${about})`, samples, "cpuPerJobMs", "package-all");
    // Measured for as many jobs as it has sockets.
    if (samples["package-node"]) {
      const over = times(samples, "cpuPerJobMs", "package-node", "floor");
      most(`processor time over nodeFetch, at most 0.60 × floor (${about})`, over, 0.6, " ×");
      const toPipeline = times(samples, "cpuPerJobMs", "package-node", "core-lro-pipeline");
      most(
        `processor time over nodeFetch, at most that of core-rest-pipeline (${about})`,
        toPipeline,
        1,
        " ×",
      );
    }
    most(
      `requests, at most changes + 1 = ${sizes.cpu[at].changes + 1} (${about})`,
      part(samples, "package-all", "requestsPerJob"),
      sizes.cpu[at].changes + 1,
    );
  }
  most(
    `memory of one of ${sizes.memory.jobs} jobs, at most 2 KB`,
    part(points.memory, "package", "heapPerJob"),
    2_048,
    " bytes",
  );
  const left = part(points.growth, "package", "bytes") / sizes.growth.jobs;
  most(`no growth over ${sizes.growth.jobs} jobs`, left, 8, " bytes a job");
  most("import in Node, at most 1.5 × by hand", times(points.coldNode, "ms", "package", "hand"), 1.5, " ×");
  most(
    "import in Chromium, at most 1.5 × by hand",
    times(points.coldPage, "ms", "package", "hand"),
    1.5,
    " ×",
  );
  most(
    "the page's other GETs, at most 2 × idle",
    part(points.page, "package", "busyMs") / part(points.page, "package", "idleMs"),
    2,
    " ×",
  );
  const passed = FAULTS.filter(({ name }) => points.faults.package[name].passed).length;
  add("every fault passed", `${passed} of ${FAULTS.length}`, passed === FAULTS.length);
  // A logarithm grows five times from ten to a hundred thousand.
  for (const event of ["change", "turn", "life", "timer"]) {
    const own = points.engine.times.filter((it) => it.event === event);
    most(
      `the engine's \`${event}\`, from 10 to 100 000 jobs at most 5 ×`,
      own.at(-1).ns / own[0].ns,
      5,
      " ×",
    );
  }
  return list;
}
