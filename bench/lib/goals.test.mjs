import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULTS } from "../points/fault-table.mjs";
import { goals, passedBy } from "../report/goals.mjs";

const empty = { points: {}, sizes: {}, peers: {} };
const size = { limit: 76_000 };
const rounds = (name, values) => values.map((value) => ({ [name]: value }));
const found = (run, start) => goals({ ...empty, ...run }, size).find(({ goal }) => goal.startsWith(start));

test("a goal without figures is not measured", () => {
  const list = goals(empty, size);
  assert.ok(list.length > 10);
  for (const { goal, verdict } of list) assert.equal(verdict, "not measured", goal);
});

test("latency is compared with the floor of the same round", () => {
  const floor = rounds("p50", [1, 2, 4, 1, 2]);
  const latency = (factor) => ({
    floor,
    package: floor.map(({ p50 }) => ({ p50: p50 * factor })),
  });
  const verdict = (factor) => found({ points: { latency: latency(factor) } }, "latency over global").verdict;
  assert.equal(verdict(1.1), "met");
  assert.equal(verdict(1.2), "missed");
});

test("the goal against every peer shows the peer that comes closest", () => {
  const p50 = (value) => rounds("p50", Array(5).fill(value));
  const latency = { "package-node": p50(0.9), floor: p50(2), hand: p50(1), ky: p50(3) };
  const run = { points: { latency }, peers: { hand: "the loop" } };
  assert.deepEqual(found(run, "latency over `nodeFetch`"), {
    goal: "latency over `nodeFetch`: below the floor and every peer",
    found: "0.90 × the loop",
    verdict: "met",
  });
});

test("the ends of a crowd are compared with the quickest peer of each round", () => {
  const ends = [
    {
      jobs: 100,
      samples: {
        package: rounds("medianMs", [3, 3, 3, 3, 3]),
        hand: rounds("medianMs", [2, 9, 2, 9, 2]),
        ky: rounds("medianMs", [9, 2, 9, 2, 9]),
      },
    },
  ];
  const { found: text, verdict } = found({ points: { ends } }, "ends of 100 jobs");
  assert.equal(text, "1.0 ms");
  assert.equal(verdict, "met");
});

test("a figure without pairs has to meet its goal in each round", () => {
  const verdict = (values) =>
    found({ points: { memory: { package: rounds("heapPerJob", values) } } }, "memory").verdict;
  assert.equal(verdict([2_000, 2_010]), "met");
  assert.equal(verdict([2_000, 2_100]), "undecided");
  assert.equal(verdict([2_100, 2_110]), "missed");
});

test("the growth of the engine takes criterion's intervals of both sizes", () => {
  const times = [
    { event: "change", jobs: 10, ns: 100, low: 90, high: 110 },
    { event: "change", jobs: 100_000, ns: 240, low: 230, high: 250 },
  ];
  assert.equal(found({ points: { engine: { times } } }, "the engine's `change`").verdict, "undecided");
});

test("every fault has to be measured and passed", () => {
  const all = Object.fromEntries(FAULTS.map(({ name }) => [name, { passed: true }]));
  const verdict = (own) => found({ points: { faults: { package: own } } }, "faults").verdict;
  assert.equal(FAULTS.length, 30);
  assert.equal(verdict(all), "met");
  assert.equal(verdict({ ...all, [FAULTS[3].name]: { passed: false } }), "missed");
  assert.equal(verdict({ [FAULTS[0].name]: { passed: true } }), "not measured");
  assert.equal(passedBy({ package: all }, "package"), "30 of 30");
});
