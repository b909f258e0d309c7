// One job's row of the timeline: its states as a band, and each poll below. It is a canvas, because a job may have
// hundreds of polls. A poll's shape says the same as its color.

import type { Life } from "./life.js";
import { color, colorChanges } from "./palette.js";
import type { Poll, PollHistory } from "./poll-history.js";
import type { Phase } from "./watch.js";

/** The visible time range. */
export interface Range {
  readonly from: number;
  readonly span: number;
}

/** The content of a row; without a job, only polls. */
export interface Drawing {
  readonly range: Range;
  readonly at: number;
  readonly job: { readonly life: Life; readonly phase: Phase } | undefined;
  readonly history: Pick<PollHistory, "polls" | "pauses"> | undefined;
  readonly grid: boolean;
}

/** Space for the end marks at both edges. */
export const margin = 7;

/** A canvas that is drawn again only if its content has changed. */
export class Track {
  readonly canvas: HTMLCanvasElement;
  #width = 0;
  #height = 0;
  #drawn = "";

  constructor(className: string) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = className;
    this.canvas.setAttribute("aria-hidden", "true");
  }

  /** The width of its box, in CSS pixels. */
  get width(): number {
    return this.#width;
  }

  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
  }

  /** `picture` identifies the content: the same string means the same picture. */
  draw(picture: string, drawing: Drawing): void {
    const scale = devicePixelRatio || 1;
    const { from, span } = drawing.range;
    const name = [picture, from, span, colorChanges(), this.#width, this.#height, scale].join(" ");
    if (this.#width === 0 || name === this.#drawn) return;
    this.#drawn = name;
    const [across, down] = [Math.round(this.#width * scale), Math.round(this.#height * scale)];
    if (this.canvas.width !== across || this.canvas.height !== down) {
      this.canvas.width = across;
      this.canvas.height = down;
    }
    const pen = this.canvas.getContext("2d");
    if (!pen) return;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, this.#width, this.#height);
    drawTrack(pen, this.#width, this.#height, drawing);
  }
}

function drawTrack(pen: Pen, width: number, height: number, drawing: Drawing): void {
  const { range, at, job, history, grid } = drawing;
  const inner = width - 2 * margin;
  const x = (time: number) =>
    margin + Math.min(inner, Math.max(0, ((time - range.from) * inner) / range.span));
  const shown = (from: number, to: number) => to >= range.from && from <= range.from + range.span;
  const band = { top: 2, height: Math.round(height * 0.42) };
  const lane = job
    ? { top: band.top + band.height + 2, height: height - band.height - 6 }
    : { top: 3, height: height - 6 };

  if (grid) drawGrid(pen, inner, height);
  for (const { from, until, again } of history?.pauses ?? []) {
    if (shown(from, until)) drawPause(pen, x(from), x(until), until > at, again, lane);
  }
  for (const poll of history?.polls ?? []) {
    const to = poll.to ?? at;
    if (shown(poll.from, to)) drawPoll(pen, x(poll.from), x(to), poll.end, lane);
  }
  if (job) drawLife(pen, job.life, job.phase, at, x, band);
}

type Pen = CanvasRenderingContext2D;
interface Lane {
  readonly top: number;
  readonly height: number;
}

function drawGrid(pen: Pen, inner: number, height: number): void {
  pen.fillStyle = color("line");
  for (const part of [0, 0.25, 0.5, 0.75, 1]) pen.fillRect(Math.round(margin + part * inner), 0, 1, height);
}

function drawPoll(pen: Pen, from: number, to: number, end: Poll["end"], lane: Lane): void {
  const { top, height } = lane;
  // Leaves a gap of one pixel between polls. An open poll is at least a visible box.
  const length = Math.max(end ? 2 : 8, to - from - 1);
  const middle = top + height / 2;
  switch (end) {
    case "news":
      pen.fillStyle = color("poll-news");
      pen.fillRect(from, top, length, height);
      break;
    case "empty":
      pen.fillStyle = color("poll-empty");
      pen.fillRect(from, middle - 1, length, 2);
      pen.fillRect(from + length - 1.5, top, 1.5, height);
      break;
    case "failed":
      pen.fillStyle = color("bad");
      pen.fillRect(from, middle - 1, length, 2);
      cross(pen, from + length, middle, Math.min(3.5, height / 2), color("bad"));
      break;
    case "cancelled":
      pen.strokeStyle = color("line-strong");
      pen.lineWidth = 1;
      pen.strokeRect(from + 0.5, top + 0.5, Math.max(1, length - 1), height - 1);
      break;
    default:
      pen.fillStyle = color("poll-open");
      pen.fillRect(from, top, length, height);
      pen.strokeStyle = color("accent-text");
      pen.lineWidth = 1.5;
      pen.strokeRect(from + 0.75, top + 0.75, Math.max(1, length - 1.5), height - 1.5);
  }
}

function drawPause(pen: Pen, from: number, to: number, ahead: boolean, again: boolean, lane: Lane): void {
  const middle = lane.top + lane.height / 2;
  pen.fillStyle = color(again ? "warn" : "line-strong");
  for (let dot = from + 2; dot < to - 1; dot += 4) pen.fillRect(dot, middle - 1, 2, 2);
  if (!ahead) return;
  // The time of the next poll.
  pen.beginPath();
  pen.arc(to, middle, Math.min(3, lane.height / 2), 0, 2 * Math.PI);
  pen.strokeStyle = pen.fillStyle;
  pen.lineWidth = 1.5;
  pen.stroke();
}

function drawLife(
  pen: Pen,
  life: Life,
  phase: Phase,
  at: number,
  x: (time: number) => number,
  band: Lane,
): void {
  const { startedAt, endedAt, spans, notches, gaps } = life;
  const until = endedAt ?? at;
  const middle = band.top + band.height / 2;
  const bar = (from: number, to: number, height: number) =>
    pen.fillRect(x(from), middle - height / 2, Math.max(1, x(to) - x(from)), height);

  pen.fillStyle = color("queued");
  bar(startedAt, spans[0]?.at ?? until, 2);
  // A job's last state is a bar without length, covered by the end mark.
  spans.forEach(({ at: from, state }, index) => {
    const known = state === "queued" || state === "running";
    pen.fillStyle = color(known ? state : "other");
    bar(from, spans[index + 1]?.at ?? until, band.height);
  });
  for (const { from, to = until } of gaps) {
    pen.clearRect(x(from), band.top, x(to) - x(from), band.height);
    pen.fillStyle = color("line-strong");
    for (let dot = x(from) + 2; dot < x(to); dot += 5) pen.fillRect(dot, middle - 1, 2, 2);
  }
  // A change of the message alone gets a notch, too.
  pen.fillStyle = color("notch");
  for (const { at: seen } of notches)
    if (x(seen) > margin) pen.fillRect(x(seen) - 0.5, band.top - 1, 1.5, band.height + 2);
  if (endedAt !== undefined) drawEnd(pen, phase, x(endedAt), middle, band.height / 2 + 1);
}

const endColors: Partial<Record<Phase, string>> = {
  succeeded: "good",
  failed: "bad",
  refused: "bad",
  unknown: "warn",
};

function drawEnd(pen: Pen, phase: Phase, x: number, y: number, size: number): void {
  const radius = Math.max(4.5, size);
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = color(endColors[phase] ?? "line-strong");
  pen.fill();
  const ink = color("surface");
  const arm = radius * 0.45;
  if (phase === "failed" || phase === "refused") {
    cross(pen, x, y, arm, ink);
    return;
  }
  pen.beginPath();
  if (phase === "succeeded") {
    pen.moveTo(x - arm, y);
    pen.lineTo(x - arm * 0.2, y + arm * 0.8);
    pen.lineTo(x + arm, y - arm * 0.8);
  } else {
    pen.moveTo(x, y - arm);
    pen.lineTo(x, y + arm * 0.2);
    pen.moveTo(x, y + arm * 0.8);
    pen.lineTo(x, y + arm);
  }
  stroke(pen, ink);
}

function cross(pen: Pen, x: number, y: number, arm: number, ink: string): void {
  pen.beginPath();
  pen.moveTo(x - arm, y - arm);
  pen.lineTo(x + arm, y + arm);
  pen.moveTo(x + arm, y - arm);
  pen.lineTo(x - arm, y + arm);
  stroke(pen, ink);
}

function stroke(pen: Pen, ink: string): void {
  pen.strokeStyle = ink;
  pen.lineWidth = 1.5;
  pen.stroke();
}
