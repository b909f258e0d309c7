// One job's row of the timeline, on a canvas, since there may be thousands of polls: its states as a band,
// and below it each poll. What a poll's colour says, its shape says too.

import type { Poll, PollHistory } from "./requests.js";
import { isEnd } from "./timeline.js";
import type { Watch } from "./watch.js";

/** The part of the time that is shown. */
export interface Range {
  readonly from: number;
  readonly span: number;
}

/** The colours of the page, as they are now. */
export type Palette = (name: string) => string;

/** What a job's states are drawn from. */
export type Life = Pick<Watch, "startedAt" | "endedAt" | "changes" | "gaps" | "phase">;

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--${name}`);
}

/** What is drawn in a row. Without `life` it has polls only. */
export interface Drawing {
  readonly range: Range;
  readonly at: number;
  readonly life?: Life;
  readonly history: PollHistory | undefined;
  readonly palette: Palette;
  readonly grid: boolean;
}

/** Room for the marks of jobs that end where the range begins or ends. */
const margin = 7;

/** Draws a row anew. */
export function drawTrack(canvas: HTMLCanvasElement, drawing: Drawing): void {
  const { range, at, life, history, palette, grid } = drawing;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const pen = penOf(canvas, width, height);
  if (!pen) return;
  const inner = width - 2 * margin;
  const x = (time: number) =>
    margin + Math.min(inner, Math.max(0, ((time - range.from) * inner) / range.span));
  const shown = (from: number, to: number) => to >= range.from && from <= range.from + range.span;
  const band = { top: 2, height: Math.round(height * 0.42) };
  const lane = life
    ? { top: band.top + band.height + 2, height: height - band.height - 6 }
    : { top: 3, height: height - 6 };

  if (grid) drawGrid(pen, inner, height, palette);
  for (const { from, until, again } of history?.pauses ?? []) {
    if (shown(from, until)) drawPause(pen, x(from), x(until), until > at, again, lane, palette);
  }
  for (const poll of history?.polls ?? []) {
    const to = poll.to ?? at;
    if (shown(poll.from, to)) drawPoll(pen, x(poll.from), x(to), poll.end, lane, palette);
  }
  if (life) drawLife(pen, life, at, x, band, palette);
}

/** An empty canvas that is as sharp as the screen; undefined while it is not shown. */
function penOf(canvas: HTMLCanvasElement, width: number, height: number): Pen | undefined {
  const scale = devicePixelRatio || 1;
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  }
  const pen = width === 0 ? null : canvas.getContext("2d");
  pen?.setTransform(scale, 0, 0, scale, 0, 0);
  pen?.clearRect(0, 0, width, height);
  return pen ?? undefined;
}

type Pen = CanvasRenderingContext2D;
interface Lane {
  readonly top: number;
  readonly height: number;
}

function drawGrid(pen: Pen, inner: number, height: number, palette: Palette): void {
  pen.fillStyle = palette("line");
  for (const part of [0, 0.25, 0.5, 0.75, 1]) pen.fillRect(Math.round(margin + part * inner), 0, 1, height);
}

function drawPoll(pen: Pen, from: number, to: number, end: Poll["end"], lane: Lane, palette: Palette): void {
  const { top, height } = lane;
  // A hair of ground between two polls.
  const length = Math.max(2, to - from - 1);
  const middle = top + height / 2;
  switch (end) {
    case "news":
      pen.fillStyle = palette("poll-news");
      pen.fillRect(from, top, length, height);
      break;
    case "empty":
      pen.fillStyle = palette("poll-empty");
      pen.fillRect(from, middle - 1, length, 2);
      pen.fillRect(from + length - 1.5, top, 1.5, height);
      break;
    case "failed":
      pen.fillStyle = palette("bad");
      pen.fillRect(from, middle - 1, length, 2);
      cross(pen, from + length, middle, Math.min(3.5, height / 2), palette("bad"));
      break;
    case "cancelled":
      pen.strokeStyle = palette("line-strong");
      pen.lineWidth = 1;
      pen.strokeRect(from + 0.5, top + 0.5, Math.max(1, length - 1), height - 1);
      break;
    default:
      pen.fillStyle = palette("poll-open");
      pen.fillRect(from, top, length, height);
      pen.strokeStyle = palette("accent-text");
      pen.lineWidth = 1.5;
      pen.strokeRect(from + 0.75, top + 0.75, Math.max(1, length - 1.5), height - 1.5);
  }
}

function drawPause(
  pen: Pen,
  from: number,
  to: number,
  ahead: boolean,
  again: boolean,
  lane: Lane,
  palette: Palette,
): void {
  const middle = lane.top + lane.height / 2;
  pen.fillStyle = palette(again ? "warn" : "line-strong");
  for (let dot = from + 2; dot < to - 1; dot += 4) pen.fillRect(dot, middle - 1, 2, 2);
  if (!ahead) return;
  // When it is asked next.
  pen.beginPath();
  pen.arc(to, middle, Math.min(3, lane.height / 2), 0, 2 * Math.PI);
  pen.strokeStyle = pen.fillStyle;
  pen.lineWidth = 1.5;
  pen.stroke();
}

function drawLife(
  pen: Pen,
  life: Life,
  at: number,
  x: (time: number) => number,
  band: Lane,
  palette: Palette,
): void {
  const { startedAt, endedAt, changes, gaps, phase } = life;
  const until = endedAt ?? at;
  const middle = band.top + band.height / 2;
  const bar = (from: number, to: number, height: number) =>
    pen.fillRect(x(from), middle - height / 2, Math.max(1, x(to) - x(from)), height);

  pen.fillStyle = palette("queued");
  bar(startedAt, changes[0]?.at ?? until, 2);
  changes.forEach(({ at: from, job }, index) => {
    if (isEnd(job.state)) return;
    const known = job.state === "queued" || job.state === "running";
    pen.fillStyle = palette(known ? job.state : "other");
    bar(from, changes[index + 1]?.at ?? until, band.height);
  });
  for (const { from, to = until } of gaps) {
    pen.clearRect(x(from), band.top, x(to) - x(from), band.height);
    pen.fillStyle = palette("line-strong");
    for (let dot = x(from) + 2; dot < x(to); dot += 5) pen.fillRect(dot, middle - 1, 2, 2);
  }
  // A change without a change of state is seen as well.
  pen.fillStyle = palette("notch");
  for (const { at: from } of changes)
    if (x(from) > margin) pen.fillRect(x(from) - 0.5, band.top - 1, 1.5, band.height + 2);
  if (endedAt !== undefined) drawEnd(pen, phase, x(endedAt), middle, band.height / 2 + 1, palette);
}

const endColors: Partial<Record<Life["phase"], string>> = {
  succeeded: "good",
  failed: "bad",
  refused: "bad",
  unknown: "warn",
};

function drawEnd(pen: Pen, phase: Life["phase"], x: number, y: number, size: number, palette: Palette): void {
  const color = palette(endColors[phase] ?? "line-strong");
  const radius = Math.max(4.5, size);
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = color;
  pen.fill();
  const ink = palette("surface");
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

function cross(pen: Pen, x: number, y: number, arm: number, color: string): void {
  pen.beginPath();
  pen.moveTo(x - arm, y - arm);
  pen.lineTo(x + arm, y + arm);
  pen.moveTo(x + arm, y - arm);
  pen.lineTo(x - arm, y + arm);
  stroke(pen, color);
}

function stroke(pen: Pen, color: string): void {
  pen.strokeStyle = color;
  pen.lineWidth = 1.5;
  pen.stroke();
}
