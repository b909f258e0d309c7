// Every poll's life, by job: a row for each job, a bar for each poll, the last half minute from left to
// right. Polls that asked for many jobs at once stand above all rows. On a canvas, since there may be
// thousands of bars.

import { el, setText } from "./dom.js";
import { type Requests, remembered } from "./requests.js";
import { now } from "./time.js";

const rowHeight = 5;
const most = 60;
const top = 14;

export class Chart {
  readonly element: HTMLElement;
  readonly #requests: Requests;
  readonly #canvas = el("canvas", { class: "chart__canvas", role: "img" });
  readonly #words = el("p", { class: "chart__words" });
  readonly #rows = new Map<string, number>();

  constructor(requests: Requests) {
    this.#requests = requests;
    this.element = el(
      "section",
      { class: "panel chart", "aria-labelledby": "chart-title" },
      el("h2", { class: "panel__title", id: "chart-title" }, "Each poll, by job"),
      this.#canvas,
      this.#words,
    );
    this.update();
  }

  update(): void {
    const { polls, rate } = this.#requests;
    const at = now();
    const seen = polls.filter((poll) => (poll.to ?? at) > at - remembered);
    const jobs = new Set(seen.flatMap(({ job }) => job ?? []));
    for (const job of this.#rows.keys()) if (!jobs.has(job)) this.#rows.delete(job);
    for (const job of jobs) if (!this.#rows.has(job)) this.#rows.set(job, freeRow(this.#rows));
    const open = seen.filter((poll) => poll.to === undefined).length;
    const lists = seen.filter((poll) => poll.job === undefined).length;
    const many = lists === 0 ? "" : ` ${lists} of them asked for many jobs at once.`;
    const present = `${count(open, "poll")} ${open === 1 ? "is" : "are"} open, ${rate.toFixed(1)} requests a second.`;
    const past = `In the last half minute: ${count(seen.length, "poll")} for ${count(jobs.size, "job")}.`;
    const words = `${present} ${past}${many}`;
    setText(this.#words, words);
    this.#canvas.setAttribute("aria-label", words);
    this.#draw(seen, at);
  }

  #draw(seen: readonly Requests["polls"][number][], at: number): void {
    const rows = Math.min(most, Math.max(4, ...[...this.#rows.values()].map((row) => row + 1)));
    const width = this.#canvas.clientWidth || 300;
    const height = top + rows * rowHeight + 2;
    const scale = devicePixelRatio || 1;
    if (
      this.#canvas.width !== Math.round(width * scale) ||
      this.#canvas.height !== Math.round(height * scale)
    ) {
      this.#canvas.width = Math.round(width * scale);
      this.#canvas.height = Math.round(height * scale);
      this.#canvas.style.height = `${height}px`;
    }
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    const style = getComputedStyle(this.#canvas);
    const color = (name: string) => style.getPropertyValue(name);
    const colors = { answered: color("--running"), failed: color("--bad"), cancelled: color("--queued") };
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const x = (time: number) => width - ((at - time) * width) / remembered;
    for (const { job, from, to, end } of seen) {
      const row = job === undefined ? undefined : this.#rows.get(job);
      if (row !== undefined && row >= most) continue;
      const left = Math.max(0, x(from));
      const length = Math.max(1.5, x(to ?? at) - left);
      context.fillStyle = end ? colors[end] : color("--good");
      if (row === undefined) context.fillRect(left, 0, length, top - 4);
      else context.fillRect(left, top + row * rowHeight, length, rowHeight - 1.5);
    }
  }
}

function freeRow(rows: ReadonlyMap<string, number>): number {
  const taken = new Set(rows.values());
  let row = 0;
  while (taken.has(row)) row += 1;
  return row;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
