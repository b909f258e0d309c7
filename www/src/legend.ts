// The legend of the timeline, drawn by the timeline's own code.

import { el } from "./dom.js";
import type { Poll } from "./poll-history.js";
import { type Drawing, Track } from "./track.js";

const range = { from: 0, span: 100 };
const poll = (end?: Poll["end"]): Drawing["history"] => ({
  polls: [end ? { from: 5, to: 95, end } : { from: 5 }],
  pauses: [],
});

const entries: readonly (readonly [history: Drawing["history"], text: string])[] = [
  [poll(), "open poll"],
  [poll("news"), "poll with changes"],
  [poll("empty"), "poll without changes"],
  [poll("failed"), "failed poll"],
  [poll("cancelled"), "cancelled poll"],
  [{ polls: [], pauses: [{ from: 5, until: 95, again: true }] }, "pause before a retry"],
];

export class Legend {
  readonly element: HTMLElement;
  readonly #samples = entries.map(([history, text]) => ({
    history,
    text,
    track: new Track("legend__sample"),
  }));

  constructor() {
    this.element = el(
      "p",
      { class: "legend" },
      ...this.#samples.map(({ track, text }) =>
        el("span", { class: "legend__entry" }, track.canvas, ` ${text}`),
      ),
    );
  }

  get tracks(): readonly Track[] {
    return this.#samples.map(({ track }) => track);
  }

  draw(): void {
    for (const { track, history } of this.#samples)
      track.draw("", { range, at: 95, job: undefined, history, grid: false });
  }
}
