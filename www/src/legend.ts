// What the timeline's shapes mean, drawn by what draws the timeline.

import { el } from "./dom.js";
import type { PollHistory } from "./requests.js";
import { drawTrack, type Palette } from "./track.js";

const range = { from: 0, span: 100 };
const poll = (end?: "news" | "empty" | "failed" | "cancelled"): PollHistory => ({
  polls: [end ? { from: 5, to: 95, end } : { from: 5 }],
  pauses: [],
});

const entries: readonly (readonly [history: PollHistory, text: string])[] = [
  [poll(), "poll that is open"],
  [poll("news"), "answered with news"],
  [poll("empty"), "answered without"],
  [poll("failed"), "failed"],
  [poll("cancelled"), "given up here"],
  [{ polls: [], pauses: [{ from: 5, until: 95, again: true }] }, "pause, then asked again"],
];

export class Legend {
  readonly element: HTMLElement;
  readonly #samples = entries.map(([history, text]) => ({
    history,
    text,
    canvas: el("canvas", { class: "legend__sample", "aria-hidden": "true" }),
  }));

  constructor() {
    this.element = el(
      "p",
      { class: "legend" },
      ...this.#samples.map(({ canvas, text }) => el("span", { class: "legend__entry" }, canvas, ` ${text}`)),
    );
  }

  draw(palette: Palette): void {
    for (const { canvas, history } of this.#samples) {
      drawTrack(canvas, { range, at: 95, history, palette, grid: false });
    }
  }
}
