// All jobs on one timeline: a table with a row for each, in which its polls are drawn, and described in words for
// those who do not see it.

import { stateInWords } from "./card.js";
import { button, el, setText } from "./dom.js";
import { select } from "./fields.js";
import { badge } from "./icons.js";
import { Legend } from "./legend.js";
import { marks } from "./marks.js";
import { rangeOf, reaches, spans } from "./range.js";
import type { PollHistory, Requests } from "./requests.js";
import { now, round, seconds } from "./time.js";
import { drawTrack, paletteOf, type Range } from "./track.js";
import type { Watch } from "./watch.js";

/** From so many on, rows are drawn closer. */
const many = 13;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const calmEvery = 2_000;

/** A row's job, and what brings the reader to its card. */
export interface Shown {
  readonly watch: Watch;
  goTo(): void;
}

interface Row {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly state: HTMLElement;
  readonly words: HTMLElement;
  shownState: string;
}

export class Overview {
  readonly element: HTMLElement;
  readonly #requests: Requests;
  readonly #rows = new Map<Watch, Row>();
  readonly #many = row(el("span", { class: "course__name" }, "Asked for many jobs at once"));
  readonly #body = el("tbody", { role: "rowgroup" });
  readonly #ticks = [0, 0.5, 1].map(() => el("span", {}));
  readonly #words = el("p", { class: "overview__words" });
  readonly #earlier = el("p", { class: "overview__words" });
  readonly #span = select("Shown", spans);
  readonly #legend = new Legend();
  #drawnAt = Number.NEGATIVE_INFINITY;
  #last: readonly Shown[] = [];

  constructor(requests: Requests) {
    this.#requests = requests;
    this.#span.control.addEventListener("change", () => {
      this.#drawnAt = Number.NEGATIVE_INFINITY;
    });
    const heading = (text: string) => el("th", { scope: "col", role: "columnheader" }, text);
    const scale = el(
      "th",
      { scope: "col", role: "columnheader" },
      el("span", { class: "visually-hidden" }, "Course"),
      el("span", { class: "scale", "aria-hidden": "true" }, ...this.#ticks),
    );
    this.element = el(
      "section",
      { class: "panel overview", "aria-labelledby": "overview-title" },
      el(
        "div",
        { class: "overview__head" },
        el("h3", { class: "panel__title", id: "overview-title" }, "Each poll, by job"),
        this.#span.block,
      ),
      this.#words,
      el(
        "div",
        { class: "overview__scroll" },
        el(
          "table",
          { class: "course", role: "table", "aria-labelledby": "overview-title" },
          el(
            "thead",
            { role: "rowgroup" },
            el("tr", { role: "row" }, heading("Job"), heading("State"), scale),
          ),
          this.#body,
        ),
      ),
      this.#earlier,
      this.#legend.element,
    );
    // A canvas is stretched with its box until it is drawn anew.
    new ResizeObserver(() => this.show(this.#last, true)).observe(this.#body);
  }

  /** Shows these jobs, first things first; `changed` where one of them did, and it is not the time alone. */
  show(jobs: readonly Shown[], changed: boolean): void {
    this.#last = jobs;
    this.element.hidden = jobs.length === 0;
    if (jobs.length === 0) return;
    const at = now();
    // For those who want less movement it moves when something happens, and now and then.
    if (!changed && calm.matches && at - this.#drawnAt < calmEvery) return;
    this.#drawnAt = at;
    const watches = jobs.map(({ watch }) => watch);
    const range = rangeOf(this.#span.control.value, watches, at);
    const shown = jobs.filter(({ watch }) => reaches(watch, range));
    this.#place(shown);
    this.#tell(shown.length, jobs.length - shown.length, range);
    const palette = paletteOf(this.element);
    for (const { watch } of shown) this.#draw(watch, range, at, palette);
    drawTrack(this.#many.canvas, { range, at, history: this.#requests.many, palette, grid: true });
    setText(this.#many.words, historyInWords(this.#requests.many, at));
    this.#legend.draw(palette);
  }

  #place(shown: readonly Shown[]): void {
    const keep = new Set(shown.map(({ watch }) => watch));
    for (const watch of this.#rows.keys()) if (!keep.has(watch)) this.#rows.delete(watch);
    for (const { watch, goTo } of shown) {
      if (!this.#rows.has(watch)) this.#rows.set(watch, row(button(watch.title, "course__name", goTo)));
    }
    const lists = this.#requests.many.polls.length > 0 ? [this.#many.element] : [];
    const wanted = [...lists, ...shown.map(({ watch }) => this.#rows.get(watch)?.element)];
    const present = [...this.#body.children];
    // A row that stays where it is keeps the focus.
    if (wanted.length !== present.length || wanted.some((element, index) => element !== present[index])) {
      const focused = document.activeElement;
      this.#body.replaceChildren(...wanted.filter((element) => element !== undefined));
      if (focused instanceof HTMLElement && this.#body.contains(focused))
        focused.focus({ preventScroll: true });
    }
    this.element.classList.toggle("overview--many", shown.length >= many);
  }

  #tell(shown: number, earlier: number, { span }: Range): void {
    const open = this.#requests.openPolls;
    const polls = `${open} ${open === 1 ? "poll is" : "polls are"} open`;
    setText(
      this.#words,
      `${polls}, ${this.#requests.rate.toFixed(1)} requests a second, for ${shown} ${shown === 1 ? "job" : "jobs"}.`,
    );
    setText(
      this.#earlier,
      earlier === 0 ? "" : `${earlier} earlier ${earlier === 1 ? "job is" : "jobs are"} in the list below.`,
    );
    const back = this.#span.control.value !== "all";
    const labels = back
      ? [`−${round(span)}`, `−${round(span / 2)}`, "now"]
      : ["0", round(span / 2), round(span)];
    this.#ticks.forEach((tick, index) => {
      setText(tick, labels[index] ?? "");
    });
  }

  #draw(watch: Watch, range: Range, at: number, palette: ReturnType<typeof paletteOf>): void {
    const drawn = this.#rows.get(watch);
    if (!drawn) return;
    const history = this.#requests.of(watch.id);
    const words = stateInWords(watch);
    if (words !== drawn.shownState) {
      drawn.shownState = words;
      drawn.state.className = `course__state state--${watch.phase}`;
      drawn.state.replaceChildren(badge(marks[watch.phase]), el("span", {}, words));
    }
    const told = historyInWords(history, at);
    setText(drawn.words, told);
    drawn.canvas.title = told;
    drawTrack(drawn.canvas, { range, at, life: watch, history, palette, grid: true });
  }
}

function row(name: HTMLElement): Row {
  const canvas = el("canvas", { class: "course__track", "aria-hidden": "true" });
  const state = el("span", { class: "course__state" });
  const words = el("span", { class: "visually-hidden" });
  const element = el(
    "tr",
    { role: "row" },
    el("th", { scope: "row", role: "rowheader" }, name),
    el("td", { role: "cell" }, state),
    el("td", { role: "cell" }, canvas, words),
  );
  return { element, canvas, state, words, shownState: "" };
}

/** `12 polls: 4 with news, 7 without, 1 open. Asked again in 3 s.` */
function historyInWords(history: PollHistory | undefined, at: number): string {
  if (!history || history.polls.length === 0) return "No polls yet.";
  const number = (end: string | undefined) => history.polls.filter((poll) => poll.end === end).length;
  const parts = [
    [number("news"), "with news"],
    [number("empty"), "without"],
    [number("failed"), "failed"],
    [number("cancelled"), "given up here"],
    [number(undefined), "open"],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const { length } = history.polls;
  const pause = history.pauses.at(-1);
  const next = pause && pause.until > at ? ` Asked again in ${seconds(pause.until - at)}.` : "";
  return `${length} ${length === 1 ? "poll" : "polls"}: ${told.join(", ")}.${next}`;
}
