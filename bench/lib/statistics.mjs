// Medians, pairs within a round, and bootstrap intervals.

const RESAMPLES = 2_000;
const SEED = 0x5eed;

/** Fewer pairs than this decide nothing. */
export const FEWEST_PAIRS = 5;

export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values) => quantile(values, 0.5);

/** The median of all rounds, with the lowest and the highest round. */
export function summary(values) {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return undefined;
  return { median: median(known), low: Math.min(...known), high: Math.max(...known) };
}

/**
 * One value for each round in which both peers have a figure.
 *
 * @param {number[]} values of one peer, a value for each round
 * @param {number[]} base of the other peer, in the same rounds
 * @param {(value: number, base: number) => number} combine
 */
export function paired(values, base, combine) {
  const found = [];
  for (const [round, value] of values.entries()) {
    const other = base[round];
    if (Number.isFinite(value) && Number.isFinite(other)) found.push(combine(value, other));
  }
  return found;
}

/**
 * The median and its 95 % interval by percentile bootstrap. The same values give the same interval: the seed is fixed.
 *
 * @param {number[]} values
 * @returns {{ median: number, low: number, high: number, count: number } | undefined}
 */
export function interval(values) {
  if (values.length === 0) return undefined;
  const random = mulberry32(SEED);
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)])),
  );
  return {
    median: median(values),
    low: quantile(medians, 0.025),
    high: quantile(medians, 0.975),
    count: values.length,
  };
}

export const ratios = (values, base) => interval(paired(values, base, (value, other) => value / other));

export const differences = (values, base) => interval(paired(values, base, (value, other) => value - other));

/**
 * Whether an interval is on one side of a limit.
 *
 * @param {{ low: number, high: number, count: number } | undefined} found
 * @param {number} limit the most that meets the goal
 * @param {{ below?: boolean, fewest?: number }} [how] `below`: the limit itself does not meet the goal
 * @returns {"met" | "missed" | "undecided" | "not measured"}
 */
export function verdict(found, limit, { below = false, fewest = FEWEST_PAIRS } = {}) {
  if (!found || !Number.isFinite(found.low)) return "not measured";
  const meets = (value) => (below ? value < limit : value <= limit);
  if (found.count < fewest) return "undecided";
  if (meets(found.high)) return "met";
  return meets(found.low) ? "undecided" : "missed";
}

/** The worst of several verdicts. */
export function worst(verdicts) {
  const order = ["missed", "not measured", "undecided", "met"];
  return order.find((one) => verdicts.includes(one)) ?? "not measured";
}

// A small generator of numbers from 0 to 1, for intervals that are the same in each report.
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
