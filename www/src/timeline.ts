// A job's life as a strip: a bar by state, a notch for each change, dots where nobody looked, and the end.
// Lengths are in per cent of the width, so that it fits any width without being drawn anew.

import { svg } from "./dom.js";
import { type Mark, mark } from "./icons.js";
import { niceSpan, round } from "./time.js";
import type { Watch } from "./watch.js";

const top = 8;
const thickness = 10;
const middle = top + thickness / 2;
const axis = 30;

export class Timeline {
  readonly element = svg("svg", { class: "timeline", role: "img", height: 48 });
  #drawn = "";
  #growing: SVGElement[] = [];

  /** Brings the picture up to the time `at`. */
  draw(watch: Watch, at: number): void {
    const until = (watch.endedAt ?? at) - watch.startedAt;
    const span = niceSpan(until);
    const drawn = `${watch.changes.length}|${watch.gaps.length}|${watch.phase}|${span}`;
    const share = (time: number) => Math.min(100, (100 * time) / span);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#compose(watch, until, span, share);
    }
    // Between two changes only what is open at its right end moves.
    const end = share(until);
    for (const element of this.#growing) {
      if (element instanceof SVGRectElement) element.setAttribute("width", percent(end - startOf(element)));
      else if (element instanceof SVGLineElement) element.setAttribute("x2", percent(end));
      else element.setAttribute("x", percent(end));
    }
  }

  #compose(watch: Watch, until: number, span: number, share: (time: number) => number): void {
    const since = (time: number) => share(time - watch.startedAt);
    const end = share(until);
    const bars: SVGElement[] = [];
    const notches: SVGElement[] = [];
    this.#growing = [];

    const first = watch.changes[0];
    const lead = svg("line", {
      class: "strip-lead",
      x1: "0%",
      x2: percent(first ? since(first.at) : end),
      y1: middle,
      y2: middle,
    });
    if (!first && watch.open) this.#growing.push(lead);

    watch.changes.forEach(({ at, job }, index) => {
      const from = since(at);
      const next = watch.changes[index + 1];
      if (!isEnd(job.state)) {
        const known = job.state === "queued" || job.state === "running" ? job.state : "other";
        const bar = svg("rect", {
          class: `strip strip--${known}`,
          x: percent(from),
          y: top,
          width: percent((next ? since(next.at) : end) - from),
          height: thickness,
        });
        bars.push(bar);
        if (!next && watch.open) this.#growing.push(bar);
      }
      notches.push(
        svg(
          "rect",
          { class: "notch", x: percent(from), y: top - 4, width: 2, height: thickness + 8 },
          svg(
            "title",
            {},
            `${round(at - watch.startedAt)}: ${job.state}${job.message ? `, ${job.message}` : ""}`,
          ),
        ),
      );
    });

    for (const { from, to } of watch.gaps) {
      const x1 = since(from);
      const x2 = to === undefined ? end : since(to);
      const cover = svg("rect", {
        class: "gap-cover",
        x: percent(x1),
        y: top - 4,
        width: percent(x2 - x1),
        height: thickness + 8,
      });
      const line = svg("line", { class: "gap", x1: percent(x1), x2: percent(x2), y1: middle, y2: middle });
      // Changes of that time were all seen at its end, so the notches go on top.
      bars.push(cover, line);
      if (to === undefined && watch.open) this.#growing.push(cover, line);
    }

    const finish = endOf(watch, end);
    if (watch.open) this.#growing.push(finish);
    this.element.replaceChildren(...scale(span), lead, ...bars, ...notches, finish);
    this.element.setAttribute("aria-label", inWords(watch));
  }
}

function scale(span: number): SVGElement[] {
  const marks = [0, 0.25, 0.5, 0.75, 1];
  return [
    svg("line", { class: "axis", x1: "0%", x2: "100%", y1: axis, y2: axis }),
    ...marks.map((part) =>
      svg("line", {
        class: "axis",
        x1: percent(part * 100),
        x2: percent(part * 100),
        y1: axis,
        y2: axis + (part % 0.5 ? 3 : 5),
      }),
    ),
    ...[0, 0.5, 1].map((part) =>
      svg(
        "text",
        {
          class: "axis-label",
          x: percent(part * 100),
          y: axis + 17,
          "text-anchor": part === 0 ? "start" : part === 1 ? "end" : "middle",
        },
        part === 0 ? "0" : round(span * part),
      ),
    ),
  ];
}

function endOf(watch: Watch, end: number): SVGElement {
  const shown: Partial<Record<Watch["phase"], Mark>> = {
    succeeded: "check",
    failed: "cross",
    refused: "cross",
    unknown: "question",
  };
  const name = shown[watch.phase];
  // An <svg> inside can stand at a per cent and hold a drawing in pixels.
  return svg(
    "svg",
    { class: `finish finish--${watch.phase}`, x: percent(end), y: middle, overflow: "visible" },
    name ? svg("g", {}, svg("circle", { r: 9 }), mark(name)) : svg("circle", { class: "head", r: 4 }),
  );
}

function inWords(watch: Watch): string {
  const count = watch.changes.length;
  const parts = [`Timeline: ${count} ${count === 1 ? "change" : "changes"} seen`];
  if (watch.gaps.length > 0) parts.push("not watched all the time");
  const last = watch.changes.at(-1);
  if (last) parts.push(`last state ${last.job.state}`);
  return parts.join(", ");
}

/** Whether a state is a job's last. */
export function isEnd(state: string): boolean {
  return ["success", "failure", "cancelled", "canceled", "expired", "error"].includes(state);
}

function startOf(rect: SVGRectElement): number {
  return Number.parseFloat(rect.getAttribute("x") ?? "0");
}

function percent(value: number): string {
  return `${Math.max(0, value).toFixed(3)}%`;
}
