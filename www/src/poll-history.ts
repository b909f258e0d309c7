// The polls and pauses of one job. The counts cover all polls. The list for drawing has a bound, so old polls are
// merged.

import { dropOldest } from "./bounded.js";

/** How a poll ended: with a change, without one, with an error, or cancelled by this page. */
export type PollEnd = "news" | "empty" | "failed" | "cancelled";

/** A request for one job, or for many at once; one without `to` is open. */
export interface Poll {
  readonly from: number;
  to?: number;
  end?: PollEnd;
}

/** A planned pause; `again`: it follows a failure. */
export interface Pause {
  readonly from: number;
  /** When it ends or ended. */
  until: number;
  readonly again: boolean;
}

const mostPolls = 400;
const mostPauses = 200;
/** A `state` event follows its response within this time. Milliseconds. */
const together = 50;
/** A merged poll is drawn as the one with the highest weight. */
const weight: Readonly<Record<PollEnd, number>> = { failed: 3, news: 2, cancelled: 1, empty: 0 };

export class PollHistory {
  /** Oldest first. */
  readonly polls: Poll[] = [];
  readonly pauses: Pause[] = [];
  /** Increases with each change. */
  version = 0;
  readonly #counts: Record<PollEnd, number> = { news: 0, empty: 0, failed: 0, cancelled: 0 };
  readonly #open: Poll[] = [];
  #lastEnded: Poll | undefined;

  /** How many of all polls ended this way. */
  count(end: PollEnd): number {
    return this.#counts[end];
  }

  get open(): number {
    return this.#open.length;
  }

  get total(): number {
    return Object.values(this.#counts).reduce((sum, count) => sum + count, this.open);
  }

  begin(at: number): void {
    this.cutPauses(at);
    const poll = { from: at };
    this.#open.push(poll);
    this.polls.push(poll);
    if (this.polls.length > mostPolls) merge(this.polls);
    this.version += 1;
  }

  end(at: number, how: PollEnd): void {
    const poll = this.#open.shift();
    if (!poll) return;
    poll.to = at;
    poll.end = how;
    this.#counts[how] += 1;
    this.#lastEnded = poll;
    this.version += 1;
  }

  /** Records a change. Returns whether the last response brought it. */
  news(at: number): boolean {
    const last = this.#lastEnded;
    if (last?.to === undefined || at - last.to > together) return false;
    if (last.end === "failed" || last.end === undefined) return false;
    this.#counts[last.end] -= 1;
    this.#counts.news += 1;
    last.end = "news";
    this.version += 1;
    return true;
  }

  pause(at: number, delay: number, again: boolean): void {
    this.pauses.push({ from: at, until: at + delay, again });
    dropOldest(this.pauses, mostPauses);
    this.version += 1;
  }

  /** The next request ends a pause, even if it was planned to last longer. */
  cutPauses(at: number): void {
    const last = this.pauses.at(-1);
    if (!last || last.until <= at) return;
    last.until = at;
    this.version += 1;
  }
}

/** Merges pairs of finished neighbors in the older half, unless the gap between them is visible. */
function merge(polls: Poll[]): void {
  const older = polls.splice(0, polls.length / 2);
  const visible = ((polls.at(-1)?.from ?? 0) - (older[0]?.from ?? 0)) / 200;
  const merged: Poll[] = [];
  for (let index = 0; index < older.length; index += 1) {
    const [one, next] = [older[index], older[index + 1]];
    if (!one) break;
    if (one.to !== undefined && next?.to !== undefined && next.from - one.to < visible) {
      merged.push({ from: one.from, to: next.to, end: weightier(one.end, next.end) });
      index += 1;
    } else merged.push(one);
  }
  polls.unshift(...merged);
  dropOldest(polls, mostPolls);
}

function weightier(one: PollEnd = "empty", other: PollEnd = "empty"): PollEnd {
  return weight[one] >= weight[other] ? one : other;
}
