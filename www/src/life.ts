// The course of a job's life for drawing: its states one after the other, when it changed, and when nobody looked.
// A job may change many times a second for hours, so what is kept of it has a bound.

import { dropOldest, thin } from "./bounded.js";

/** A state, from when it was first seen. The next one ends it. */
export interface Span {
  readonly at: number;
  readonly state: string;
}

/** A time in which nobody looked; one without an end lasts still. */
export interface Gap {
  readonly from: number;
  to?: number;
}

/** A strip is a few hundred pixels wide; more notches than that cannot be told apart. */
const mostNotches = 240;
const mostSpans = 240;
const mostGaps = 60;

export class Life {
  readonly startedAt: number;
  endedAt: number | undefined;
  readonly spans: Span[] = [];
  /** When changes were seen. Close ones are kept as one. */
  readonly notches: { readonly at: number }[] = [];
  readonly gaps: Gap[] = [];
  /** Milliseconds; a notch that is closer to the last one is left out. */
  #grain = 0;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }

  /** A state that was seen before this life was begun to be drawn. */
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
    // Clocks of coarse steps can leave all of them at a few times.
    dropOldest(this.notches, mostNotches);
  }

  letGo(at: number): void {
    this.gaps.push({ from: at });
    dropOldest(this.gaps, mostGaps);
  }

  /** Somebody looks again at `at`, and did not from the end of the last wait until then. */
  takenUp(at: number): void {
    const gap = this.gaps.at(-1);
    if (gap && gap.to === undefined) gap.to = at;
    else this.gaps.push({ from: this.endedAt ?? at, to: at });
    dropOldest(this.gaps, mostGaps);
    this.endedAt = undefined;
  }
}
