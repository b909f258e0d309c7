// Which part of the time the timeline shows.

import { niceSpan } from "./time.js";
import type { Range } from "./track.js";
import type { Watch } from "./watch.js";

/** What can be chosen: a fixed time back from now in milliseconds, or as far back as the jobs began. */
export const spans = [
  ["all", "since they began"],
  ["30000", "the last 30 seconds"],
  ["120000", "the last 2 minutes"],
  ["900000", "the last 15 minutes"],
] as const;

const shortly = 20_000;

/** The range of a choice. Once all jobs have ended it stands still, so that it can be studied. */
export function rangeOf(chosen: string, watches: readonly Watch[], at: number): Range {
  const until = watches.some(({ open }) => open)
    ? at
    : Math.max(0, ...watches.map(({ endedAt }) => endedAt ?? 0));
  if (chosen !== "all") {
    const span = Number(chosen);
    return { from: until - span, span };
  }
  // Jobs that ended long before do not squeeze those of now.
  const current = watches.filter(({ open, endedAt }) => open || (endedAt ?? 0) > until - shortly);
  const from = Math.min(until, ...current.map(({ startedAt }) => startedAt));
  return { from, span: niceSpan(until - from) };
}
