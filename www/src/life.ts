// A job's history for drawing: its states, its changes, and its gaps. Each list has a bound, because a
// job may change many times a second for hours.

import { dropOldest, thin } from "./bounded.js";

/** A state from when it was first seen until the next one. */
export interface Span {
  readonly at: number;
  readonly state: string;
}

/** A time in which the console did not follow the job; without `to` it still lasts. */
export interface Gap {
  readonly from: number;
  to?: number;
}

/** A strip is a few hundred pixels wide; more notches would not be visible. */
const mostNotches = 240;
const mostSpans = 240;
const mostGaps = 60;

export class Life {
  readonly startedAt: number;
  endedAt: number | undefined;
  readonly spans: Span[] = [];
  /** The times of changes. Close ones are merged. */
  readonly notches: { readonly at: number }[] = [];
  readonly gaps: Gap[] = [];
  /** Milliseconds; a notch closer to the last one is dropped. */
  #grain = 0;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }

  /** Adds the last state from before a reload. */
  recall(state: string): void {
    this.spans.push({ at: this.startedAt, state });
  }

  changed(at: number, state: string): void {
    if (this.spans.at(-1)?.state !== state) {
      this.spans.push({ at, state });
      dropOldest(this.spans, mostSpans);
    }
    const last = this.notches.at(-1);
    if (last && at - last.at < this.#grain) return;
    this.notches.push({ at });
    if (this.notches.length <= mostNotches) return;
    this.#grain = (2 * (at - this.startedAt)) / mostNotches;
    thin(this.notches, this.#grain);
    // A coarse clock can give all notches the same few times.
    dropOldest(this.notches, mostNotches);
  }

  startGap(at: number): void {
    this.gaps.push({ from: at });
    dropOldest(this.gaps, mostGaps);
  }

  /** The console follows the job again at `at`; it did not since the last wait ended. */
  endGap(at: number): void {
    const gap = this.gaps.at(-1);
    if (gap && gap.to === undefined) gap.to = at;
    else this.gaps.push({ from: this.endedAt ?? at, to: at });
    dropOldest(this.gaps, mostGaps);
    this.endedAt = undefined;
  }
}
