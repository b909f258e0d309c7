// The list of jobs as a timeline: a table with one row per job that draws its polls. Each row also describes them in
// words for screen readers. One row is chosen.

import { el, setText } from "./dom.js";
import { select } from "./fields.js";
import { badge } from "./icons.js";
import { Legend } from "./legend.js";
import { colorChanges } from "./palette.js";
import type { PollHistory } from "./poll-history.js";
import { rangeOf, spans } from "./range.js";
import type { Requests } from "./requests.js";
import { lookOf, marks, stateInWords } from "./states.js";
import { now, round, seconds } from "./time.js";
import { margin, type Range, Track } from "./track.js";
import type { Watch } from "./watch.js";

/** From this number of jobs on, rows are closer together. */
const many = 13;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const calmEvery = 2_000;
/** Rows within this distance of the visible ones are drawn, too. */
const ahead = "120px 0px";
const page = 10;
const moves: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: page,
  PageUp: -page,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/**
 * How a job was chosen:
 * - `pointer`: by a click or a touch.
 * - `move`: by an arrow key; the focus stays in the list.
 * - `go`: by the Enter key; the focus moves to the job.
 */
export type Choice = "pointer" | "move" | "go";

export class Overview {
  readonly element: HTMLElement;
  readonly #requests: Requests;
  readonly #onChoose: (watch: Watch, how: Choice) => void;
  readonly #rows = new Map<Watch, Row>();
  readonly #watchOf = new WeakMap<Element, Watch>();
  readonly #many = new Row(el("span", { class: "course__name" }, "Polls for many jobs"));
  readonly #body = el("tbody", { role: "rowgroup" });
  readonly #ticks = [0, 0.5, 1].map(() => el("span", {}));
  readonly #words = el("p", { class: "overview__words" });
  readonly #dropped = el("p", { class: "overview__words" });
  readonly #span = select("Time range", spans);
  readonly #legend = new Legend();
  readonly #scroll: HTMLElement;
  readonly #tracks = new Map<Element, Track>();
  readonly #sizes: ResizeObserver;
  readonly #sight: IntersectionObserver;
  #watches: readonly Watch[] = [];
  #chosen: Watch | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #colors = 0;

  /** `onChoose` is called when the user chooses a job, `onDue` when the list must be drawn again. */
  constructor(requests: Requests, onChoose: (watch: Watch, how: Choice) => void, onDue: () => void) {
    this.#requests = requests;
    this.#onChoose = onChoose;
    const due = () => {
      this.#drawnAt = Number.NEGATIVE_INFINITY;
      onDue();
    };
    this.#span.control.addEventListener("change", due);
    const heading = (text: string) => el("th", { scope: "col", role: "columnheader" }, text);
    const scale = el(
      "th",
      { scope: "col", role: "columnheader" },
      el("span", { class: "visually-hidden" }, "Timeline"),
      el("span", { class: "scale", "aria-hidden": "true" }, ...this.#ticks),
    );
    this.#scroll = el(
      "div",
      { class: "overview__scroll" },
      el(
        "table",
        {
          class: "course",
          role: "table",
          "aria-labelledby": "overview-title",
          "aria-describedby": "overview-keys",
        },
        el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heading("Job"), heading("State"), scale)),
        this.#body,
      ),
    );
    this.element = el(
      "section",
      { class: "panel overview", "aria-labelledby": "overview-title" },
      el(
        "div",
        { class: "overview__head" },
        el("h3", { class: "panel__title", id: "overview-title" }, "Polls by job"),
        this.#span.block,
      ),
      this.#words,
      el(
        "p",
        { class: "visually-hidden", id: "overview-keys" },
        "Press the arrow keys to choose a job, Enter to go to it.",
      ),
      this.#scroll,
      this.#dropped,
      this.#legend.element,
    );
    this.#body.addEventListener("click", (event) => this.#clicked(event));
    this.#body.addEventListener("keydown", (event) => this.#pressed(event));
    // A resized canvas is stretched until it is drawn again.
    this.#sizes = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries)
        this.#tracks.get(target)?.resize(contentRect.width, contentRect.height);
      due();
    });
    this.#sight = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const watch = this.#watchOf.get(target);
          const row = watch && this.#rows.get(watch);
          if (row) row.inSight = isIntersecting;
        }
        due();
      },
      { root: this.#scroll, rootMargin: ahead },
    );
    this.#many.inSight = true;
    for (const track of [...this.#legend.tracks, this.#many.track]) this.#observe(track);
  }

  close(): void {
    this.#sizes.disconnect();
    this.#sight.disconnect();
  }

  /** Sets the rows to these jobs, in this order. `dropped`: the number of finished jobs that are no longer listed. */
  list(watches: readonly Watch[], chosen: Watch | undefined, dropped: number): void {
    this.#watches = watches;
    this.element.hidden = watches.length === 0;
    this.#place();
    setText(
      this.#dropped,
      dropped === 0
        ? ""
        : `${dropped} older finished ${dropped === 1 ? "job is" : "jobs are"} no longer listed.`,
    );
    if (chosen !== this.#chosen) this.#mark(chosen);
  }

  /** Draws the rows that look different at the time `at`; `changed`: a job has changed, not only the time. */
  draw(at: number, changed: boolean): void {
    if (this.#watches.length === 0) return;
    const colored = colorChanges() !== this.#colors;
    // With reduced motion it moves on a change, and every two seconds.
    if (!changed && !colored && calm.matches && at - this.#drawnAt < calmEvery) return;
    this.#drawnAt = at;
    this.#colors = colorChanges();
    const { range, until } = this.#rangeAt(at);
    this.#tell(range);
    for (const [watch, row] of this.#rows) row.draw(this.#requests.of(watch.id), range, until, watch);
    if (this.#requests.many.total > 0) {
      if (!this.#many.element.isConnected) this.#place();
      this.#many.draw(this.#requests.many, range, until);
    }
    this.#legend.draw();
  }

  /** Rounds the time down to whole pixels, so that a smaller step does not draw. */
  #rangeAt(at: number): { range: Range; until: number } {
    const { span } = rangeOf(this.#span.control.value, this.#watches, at);
    const width = [...this.#rows.values()].find(({ track }) => track.width > 0)?.track.width ?? 0;
    const pixel = span / (Math.max(1, width - 2 * margin) * (devicePixelRatio || 1));
    const until = Math.floor(at / pixel) * pixel;
    return { range: rangeOf(this.#span.control.value, this.#watches, until), until };
  }

  #place(): void {
    const keep = new Set(this.#watches);
    for (const [watch, { element, track }] of this.#rows) {
      if (keep.has(watch)) continue;
      element.remove();
      this.#rows.delete(watch);
      this.#tracks.delete(track.canvas);
      this.#sizes.unobserve(track.canvas);
      this.#sight.unobserve(element);
    }
    const lists = this.#requests.many.total > 0 ? [this.#many.element] : [];
    const wanted = [...lists, ...this.#watches.map((watch) => this.#rowOf(watch).element)];
    // A row that does not move keeps the focus.
    wanted.forEach((element, index) => {
      const present = this.#body.children[index];
      if (present !== element) this.#body.insertBefore(element, present ?? null);
    });
    this.element.classList.toggle("overview--many", this.#watches.length >= many);
  }

  #rowOf(watch: Watch): Row {
    const known = this.#rows.get(watch);
    if (known) return known;
    const name = el("button", { type: "button", class: "course__name", tabindex: -1 }, watch.title);
    const row = new Row(name);
    this.#rows.set(watch, row);
    this.#watchOf.set(row.element, watch);
    this.#observe(row.track);
    this.#sight.observe(row.element);
    return row;
  }

  #observe(track: Track): void {
    this.#tracks.set(track.canvas, track);
    this.#sizes.observe(track.canvas);
  }

  /** Makes the chosen job's row the one that the Tab key reaches. */
  #mark(chosen: Watch | undefined): void {
    if (this.#chosen) this.#rows.get(this.#chosen)?.choose(false);
    this.#chosen = chosen;
    if (!chosen) return;
    const row = this.#rowOf(chosen);
    row.choose(true);
    const { offsetTop, offsetHeight } = row.element;
    const head = this.#scroll.querySelector("thead")?.offsetHeight ?? 0;
    if (offsetTop - head < this.#scroll.scrollTop) this.#scroll.scrollTop = offsetTop - head;
    const bottom = offsetTop + offsetHeight - this.#scroll.clientHeight;
    if (bottom > this.#scroll.scrollTop) this.#scroll.scrollTop = bottom;
  }

  #watchAt(target: EventTarget | null): Watch | undefined {
    const row = target instanceof Element ? target.closest("tr") : null;
    return row ? this.#watchOf.get(row) : undefined;
  }

  #clicked(event: MouseEvent): void {
    const watch = this.#watchAt(event.target);
    if (!watch) return;
    // A click without a pointer comes from a key or from assistive technology.
    const how = event.detail === 0 ? "go" : "pointer";
    if (how === "pointer") this.#rowOf(watch).name.focus({ preventScroll: true });
    this.#onChoose(watch, how);
  }

  #pressed(event: KeyboardEvent): void {
    const by = moves[event.key];
    const watch = this.#watchAt(event.target);
    if (by === undefined || !watch || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const index = this.#watches.indexOf(watch) + by;
    const next = this.#watches[Math.max(0, Math.min(this.#watches.length - 1, index))];
    if (!next) return;
    this.#rowOf(next).name.focus();
    this.#onChoose(next, "move");
  }

  #tell({ span }: Range): void {
    const open = this.#requests.openPolls;
    const polls = `${open} open ${open === 1 ? "poll" : "polls"}`;
    const { length } = this.#watches;
    setText(
      this.#words,
      `${polls} for ${length} ${length === 1 ? "job" : "jobs"}, ${this.#requests.rate.toFixed(1)} requests per second.`,
    );
    const back = this.#span.control.value !== "all";
    const labels = back
      ? [`−${round(span)}`, `−${round(span / 2)}`, "now"]
      : ["0", round(span / 2), round(span)];
    this.#ticks.forEach((tick, index) => {
      setText(tick, labels[index] ?? "");
    });
  }
}

class Row {
  readonly element: HTMLElement;
  readonly track = new Track("course__track");
  readonly name: HTMLElement;
  inSight = false;
  readonly #state = el("span", { class: "course__state" });
  readonly #words = el("span", { class: "visually-hidden" });
  #shownState = "";
  #toldVersion: number | undefined;
  #counting = true;

  constructor(name: HTMLElement) {
    this.name = name;
    this.element = el(
      "tr",
      { role: "row" },
      el("th", { scope: "row", role: "rowheader" }, name),
      el("td", { role: "cell" }, this.#state),
      el("td", { role: "cell" }, this.track.canvas, this.#words),
    );
  }

  choose(chosen: boolean): void {
    this.element.classList.toggle("course__chosen", chosen);
    this.name.tabIndex = chosen ? 0 : -1;
    if (chosen) this.name.setAttribute("aria-current", "true");
    else this.name.removeAttribute("aria-current");
  }

  /** `at`: the time to draw, rounded to whole pixels. */
  draw(history: PollHistory | undefined, range: Range, at: number, job?: Watch): void {
    if (job) this.#showState(job);
    this.#tell(history);
    if (!this.inSight) return;
    const moves = job?.open || history?.open || isAhead(history, at);
    const picture = `${job?.version} ${history?.version} ${moves ? at : ""}`;
    this.track.draw(picture, { range, at, job, history, grid: true });
  }

  #tell(history: PollHistory | undefined): void {
    const at = now();
    // A pause counts down without a new version.
    if (history?.version === this.#toldVersion && !this.#counting) return;
    this.#toldVersion = history?.version;
    this.#counting = isAhead(history, at);
    const told = historyInWords(history, at);
    setText(this.#words, told);
    if (this.track.canvas.title !== told) this.track.canvas.title = told;
  }

  #showState(job: Watch): void {
    const words = stateInWords(job);
    if (words === this.#shownState) return;
    this.#shownState = words;
    this.#state.className = `course__state ${lookOf(job)}`;
    this.#state.replaceChildren(badge(marks[job.phase]), el("span", {}, words));
  }
}

function isAhead(history: PollHistory | undefined, at: number): boolean {
  return (history?.pauses.at(-1)?.until ?? 0) > at;
}

/** `12 polls: 4 with changes, 7 without changes, 1 open. Next poll in 3 s.` */
function historyInWords(history: PollHistory | undefined, at: number): string {
  if (!history || history.total === 0) return "No polls yet.";
  const parts = [
    [history.count("news"), "with changes"],
    [history.count("empty"), "without changes"],
    [history.count("failed"), "failed"],
    [history.count("cancelled"), "cancelled"],
    [history.open, "open"],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const until = history.pauses.at(-1)?.until ?? at;
  const next = until > at ? ` Next poll in ${seconds(until - at)}.` : "";
  return `${history.total} ${history.total === 1 ? "poll" : "polls"}: ${told.join(", ")}.${next}`;
}
