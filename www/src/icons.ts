// Small drawings. The words next to each say the same, so assistive technology skips the drawings.

import { svg } from "./dom.js";

const marks = {
  check: "M-3.4 0.2 L-1 2.6 L3.4 -2.4",
  cross: "M-2.6 -2.6 L2.6 2.6 M2.6 -2.6 L-2.6 2.6",
  question: "M-2 -1.6 a2 1.9 0 1 1 2.9 1.7 q-0.9 0.5 -0.9 1.5 M0 3.6 v0.1",
  pause: "M-1.8 -2.8 V2.8 M1.8 -2.8 V2.8",
  dots: "M-3 0 h0.01 M0 0 h0.01 M3 0 h0.01",
} as const;

export type Mark = keyof typeof marks;

/** A mark's strokes around (0, 0), about 8 units wide. */
export function mark(name: Mark): SVGPathElement {
  return svg("path", { class: "mark", d: marks[name], fill: "none" });
}

/** A mark in a disc, 16 px. */
export function badge(name: Mark): SVGSVGElement {
  return svg(
    "svg",
    { class: "badge", viewBox: "-8 -8 16 16", width: 16, height: 16, "aria-hidden": "true" },
    svg("circle", { r: 8 }),
    mark(name),
  );
}

/** The product's sign: three steps of work, one after the other. */
export function logo(): SVGSVGElement {
  return svg(
    "svg",
    { class: "logo", viewBox: "0 0 32 32", width: 28, height: 28, "aria-hidden": "true" },
    svg("rect", { class: "logo__ground", width: 32, height: 32, rx: 7 }),
    svg("rect", { class: "logo__bar", x: 6, y: 8, width: 9, height: 4, rx: 2 }),
    svg("rect", { class: "logo__bar", x: 11, y: 14, width: 12, height: 4, rx: 2 }),
    svg("rect", { class: "logo__bar", x: 19, y: 20, width: 7, height: 4, rx: 2 }),
  );
}
