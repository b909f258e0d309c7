// The time range of the timeline.

import { niceSpan } from "./time.js";
import type { Range } from "./track.js";
import type { Watch } from "./watch.js";

/** The choices: a number of milliseconds back from now, or back to the start of the jobs. */
export const spans = [
  ["all", "since the jobs started"],
  ["30000", "last 30 seconds"],
  ["120000", "last 2 minutes"],
  ["900000", "last 15 minutes"],
] as const;

const shortly = 20_000;

/** The range of a choice. It stops moving when all jobs have finished. */
export function rangeOf(chosen: string, watches: readonly Watch[], at: number): Range {
  const until = watches.some(({ open }) => open)
    ? at
    : Math.max(0, ...watches.map(({ endedAt }) => endedAt ?? 0));
  if (chosen !== "all") {
    const span = Number(chosen);
    return { from: until - span, span };
  }
  // Jobs that finished long ago do not compress the current ones.
  const current = watches.filter(({ open, endedAt }) => open || (endedAt ?? 0) > until - shortly);
  const from = Math.min(until, ...current.map(({ startedAt }) => startedAt));
  return { from, span: niceSpan(until - from) };
}
