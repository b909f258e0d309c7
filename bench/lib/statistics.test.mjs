import assert from "node:assert/strict";
import { test } from "node:test";
import { interleaved } from "./rounds.mjs";
import {
  differences,
  interval,
  median,
  paired,
  quantile,
  ratios,
  summary,
  verdict,
  worst,
} from "./statistics.mjs";

test("a quantile interpolates between two values", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([0, 10], 0.25), 2.5);
  assert.equal(quantile([7], 0.99), 7);
});

test("a summary ignores rounds without a figure", () => {
  assert.deepEqual(summary([2, Number.NaN, 1, 3]), { median: 2, low: 1, high: 3 });
  assert.equal(summary([Number.NaN]), undefined);
});

test("a pair needs a figure of both peers in the same round", () => {
  const subtract = (value, base) => value - base;
  assert.deepEqual(paired([1, Number.NaN, 3, 4], [1, 2, Number.NaN, 1], subtract), [0, 3]);
});

test("a slow round that slows both peers does not change their ratio", () => {
  const base = [1, 10, 100, 2, 5];
  const { median, low, high, count } = ratios(
    base.map((value) => value * 1.2),
    base,
  );
  assert.equal(count, 5);
  for (const value of [median, low, high]) assert.ok(Math.abs(value - 1.2) < 1e-9);
});

test("a difference is taken within each round", () => {
  const { median, low, high } = differences([11, 22, 33], [10, 20, 30]);
  assert.equal(median, 2);
  assert.ok(low >= 1 && high <= 3);
});

test("the same values give the same interval, around the median and within the values", () => {
  const values = [1.1, 1.3, 0.9, 1.2, 1.0, 1.4, 1.05];
  const first = interval(values);
  assert.deepEqual(interval(values), first);
  assert.ok(first.low <= first.median && first.median <= first.high);
  assert.ok(first.low >= 0.9 && first.high <= 1.4);
  assert.equal(interval([]), undefined);
});

test("a 95 % interval holds the true median in about 95 of 100 samples", () => {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 2 ** 31;
  };
  let held = 0;
  for (let sample = 0; sample < 100; sample += 1) {
    const { low, high } = interval(Array.from({ length: 30 }, random));
    if (low <= 0.5 && 0.5 <= high) held += 1;
  }
  assert.ok(held >= 88, `${held} of 100`);
});

test("an interval that crosses the goal is undecided", () => {
  const found = (low, high, count = 5) => ({ low, high, count });
  assert.equal(verdict(found(1, 1.09), 1.1), "met");
  assert.equal(verdict(found(1, 1.1), 1.1), "met");
  assert.equal(verdict(found(1.05, 1.11), 1.1), "undecided");
  assert.equal(verdict(found(1.11, 1.2), 1.1), "missed");
  assert.equal(verdict(undefined, 1.1), "not measured");
});

test("a limit that has to be undercut is not met by the limit itself", () => {
  assert.equal(verdict({ low: 0.9, high: 1, count: 5 }, 1, { below: true }), "undecided");
  assert.equal(verdict({ low: 1, high: 1.1, count: 5 }, 1, { below: true }), "missed");
});

test("fewer than five pairs decide nothing", () => {
  assert.equal(verdict({ low: 1, high: 1.01, count: 4 }, 1.1), "undecided");
  assert.equal(verdict({ low: 1, high: 1.01, count: 1 }, 1.1, { fewest: 1 }), "met");
});

test("one missed part makes the whole missed", () => {
  assert.equal(worst(["met", "undecided", "missed"]), "missed");
  assert.equal(worst(["met", "undecided"]), "undecided");
  assert.equal(worst(["met", "met"]), "met");
  assert.equal(worst([]), "not measured");
});

test("each round starts with another peer and measures each peer once", async () => {
  const order = [];
  const samples = await interleaved("test", 3, ["a", "b", "c"], async (peer, round) => {
    order.push(peer);
    return { round };
  });
  assert.equal(order.join(""), "abcbcacab");
  assert.deepEqual(samples.b, [{ round: 0 }, { round: 1 }, { round: 2 }]);
});

test("a round that breaks leaves a gap in its place", async () => {
  const measure = async (_peer, round) => (round === 0 ? undefined : { ms: 1 });
  assert.deepEqual(await interleaved("test", 2, ["a"], measure), { a: [null, { ms: 1 }] });
});
