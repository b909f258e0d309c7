// A job's history as a strip: a bar per state, a notch per change, dots for the gaps, and the end.
// The number of elements is fixed, so a job that changes for hours does not make it larger.

import { svg } from "./dom.js";
import { mark } from "./icons.js";
import { marks } from "./states.js";
import { niceSpan, round } from "./time.js";
import type { Watch } from "./watch.js";

const top = 8;
const thickness = 10;
const middle = top + thickness / 2;
const axis = 30;
/** The strip's width in its own units. */
const full = 1_000;

export class Timeline {
  readonly element = svg("svg", { class: "timeline", role: "img", height: 48 });
  readonly #lead = svg("path", { class: "strip-lead" });
  readonly #bars = {
    queued: svg("path", { class: "strip strip--queued" }),
    running: svg("path", { class: "strip strip--running" }),
    other: svg("path", { class: "strip strip--other" }),
  };
  readonly #covers = svg("path", { class: "gap-cover" });
  readonly #gaps = svg("path", { class: "gap" });
  readonly #notches = svg("path", { class: "notch" });
  readonly #labels = ["start", "middle", "end"].map((anchor, index) =>
    svg("text", { class: "axis-label", x: `${index * 50}%`, y: axis + 17, "text-anchor": anchor }),
  );
  // A nested <svg> can have a position in per cent and a content in pixels.
  readonly #finish = svg("svg", { y: middle, overflow: "visible" });
  #phase: Watch["phase"] | undefined;

  constructor() {
    const ticks = [0, 0.25, 0.5, 0.75, 1]
      .map((part) => `M${part * full} ${axis}v${part % 0.5 ? 3 : 5}`)
      .join("");
    const stretched = svg(
      "svg",
      {
        viewBox: `0 0 ${full} 48`,
        preserveAspectRatio: "none",
        width: "100%",
        height: 48,
        overflow: "visible",
      },
      svg("path", { class: "axis", d: `M0 ${axis}H${full}${ticks}` }),
      this.#lead,
      ...Object.values(this.#bars),
      // The changes of a gap all appear at its end, so the notches are drawn on top.
      this.#covers,
      this.#gaps,
      this.#notches,
    );
    this.element.append(stretched, ...this.#labels, this.#finish);
  }

  /** Draws the job as of the time `at`. */
  draw(watch: Watch, at: number): void {
    const { startedAt, endedAt = at, spans, notches, gaps } = watch.life;
    const span = niceSpan(endedAt - startedAt);
    const x = (time: number) => Math.min(full, Math.max(0, (full * (time - startedAt)) / span));
    const bars = { queued: "", running: "", other: "" };
    // A job's last state is a bar without length, covered by the end mark.
    spans.forEach(({ at: from, state }, index) => {
      const known = state === "queued" || state === "running" ? state : "other";
      bars[known] += box(x(from), x(spans[index + 1]?.at ?? endedAt), top, thickness);
    });
    set(this.#lead, "d", line(0, x(spans[0]?.at ?? endedAt)));
    set(this.#bars.queued, "d", bars.queued);
    set(this.#bars.running, "d", bars.running);
    set(this.#bars.other, "d", bars.other);
    const over = gaps.map(({ from, to = endedAt }) => [x(from), x(to)] as const);
    set(this.#covers, "d", over.map(([from, to]) => box(from, to, top - 4, thickness + 8)).join(""));
    set(this.#gaps, "d", over.map(([from, to]) => line(from, to)).join(""));
    set(this.#notches, "d", notches.map((it) => `M${short(x(it.at))} ${top - 4}v${thickness + 8}`).join(""));
    this.#labels.forEach((label, index) => {
      const text = index === 0 ? "0" : round((span * index) / 2);
      if (label.textContent !== text) label.textContent = text;
    });
    this.#showFinish(watch);
    set(this.#finish, "x", `${short(x(endedAt) / 10)}%`);
    set(this.element, "aria-label", inWords(watch));
  }

  #showFinish({ phase, open }: Watch): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#finish.setAttribute("class", `finish finish--${phase}`);
    this.#finish.replaceChildren(
      ...(open ? [svg("circle", { class: "head", r: 4 })] : [svg("circle", { r: 9 }), mark(marks[phase])]),
    );
  }
}

function inWords({ changeCount, life, latest }: Watch): string {
  const parts = [`Timeline: ${changeCount} ${changeCount === 1 ? "change" : "changes"}`];
  if (life.gaps.length > 0) parts.push("with gaps");
  if (latest) parts.push(`last state ${latest.state}`);
  return parts.join(", ");
}

function box(from: number, to: number, y: number, height: number): string {
  return `M${short(from)} ${y}H${short(to)}v${height}H${short(from)}z`;
}

function line(from: number, to: number): string {
  return `M${short(from)} ${middle}H${short(to)}`;
}

function short(value: number): string {
  return value.toFixed(2);
}

function set(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
