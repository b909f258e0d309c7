// The list of jobs, newest first, and the clock that moves them.

import { BadTokenError } from "ontap-select-deploy";
import { announce } from "./announce.js";
import { Card, type LineOf, stateInWords } from "./card.js";
import { button, el, setText, svg } from "./dom.js";
import { lines } from "./job-line.js";
import { keep, kept } from "./kept.js";
import { Overview } from "./overview.js";
import type { Session } from "./session.js";
import { now } from "./time.js";
import { type Action, Watch } from "./watch.js";

const tick = 250;

interface Entry {
  readonly action: Action;
  readonly watch: Watch;
  readonly card: Card;
  readonly item: HTMLLIElement;
  announced: string;
  accepted: boolean;
}

export class Jobs {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #lineOf: LineOf;
  readonly #overview: Overview;
  readonly #onTick: () => void;
  readonly #onAccepted: (action: Action) => void;
  readonly #list = el("ol", { class: "jobs__list" });
  readonly #title = el("h2", { class: "jobs__title", id: "jobs-title", tabindex: -1 }, "Jobs");
  readonly #summary = el("p", { class: "jobs__summary" });
  readonly #clear: HTMLButtonElement;
  readonly #empty = emptyState();
  readonly #timer: ReturnType<typeof setInterval>;
  #entries: Entry[] = [];
  #closed = false;
  #overviewDue: boolean | undefined;

  /** `onTick` is called a few times a second, and at each change of a job; `onAccepted` when Deploy took an action on. */
  constructor(session: Session, onTick: () => void, onAccepted: (action: Action) => void) {
    this.#session = session;
    this.#lineOf = lines(session.health, session.credentials);
    this.#overview = new Overview(session.requests);
    this.#onTick = onTick;
    this.#onAccepted = onAccepted;
    this.#clear = button("Clear ended", "button button--small", () => this.#clearEnded());
    this.element = el(
      "section",
      { class: "jobs", "aria-labelledby": "jobs-title" },
      el("div", { class: "jobs__head" }, this.#title, this.#summary, this.#clear),
      this.#empty,
      this.#overview.element,
      this.#list,
    );
    this.#timer = setInterval(() => this.#tick(), tick);
    this.#overview.show([], true);
    this.#showSummary();
  }

  /** How many are not at their end, as far as this console knows. */
  get openCount(): number {
    return this.#entries.filter(({ watch }) => watch.open).length;
  }

  /** Starts an action, shows its card and goes there. */
  start(action: Action, limit: number): void {
    const { client } = this.#session;
    const watch = new Watch(client, action.title, limit, () => this.#changed(entry));
    const card = new Card(watch, this.#lineOf);
    const item = el("li", {}, card.element);
    const entry: Entry = { action, watch, card, item, announced: "", accepted: false };
    this.#entries.unshift(entry);
    this.#list.prepend(item);
    this.#showSummary();
    this.#showOverview(true);
    card.focus();
    void watch.start(action.begin);
  }

  /** Takes up what was let go since the password was lost. */
  takeUpLocked(): void {
    for (const { watch } of this.#entries) if (watch.phase === "locked") void watch.takeUp();
  }

  /** Takes up what was under way before the page was reloaded; what is of another Deploy is left out. */
  takeUpKept(): void {
    for (const { title, token, limit } of kept().reverse()) {
      try {
        const handle = this.#session.client.resume(token);
        this.start({ title, begin: () => handle }, limit ?? Number.POSITIVE_INFINITY);
      } catch (error) {
        if (!(error instanceof BadTokenError)) throw error;
      }
    }
  }

  /** Stops the clock; what happens to jobs from now on is no longer shown. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    keep([]);
  }

  #changed(entry: Entry): void {
    if (this.#closed) return;
    entry.card.update();
    this.#follow(entry);
    this.#keep();
    this.#showSummary();
    this.#showOverview(true);
    this.#onTick();
  }

  /** Fifty jobs may change in one turn; they are drawn once. */
  #showOverview(changed: boolean): void {
    const scheduled = this.#overviewDue !== undefined;
    this.#overviewDue = this.#overviewDue || changed;
    if (scheduled) return;
    requestAnimationFrame(() => {
      const shown = this.#entries.map(({ watch, card }) => ({ watch, goTo: () => card.focus() }));
      this.#overview.show(shown, this.#overviewDue === true);
      this.#overviewDue = undefined;
    });
  }

  #keep(): void {
    keep(
      this.#entries.flatMap(({ watch: { title, token, limit } }) =>
        token === undefined ? [] : [{ title, token, limit: Number.isFinite(limit) ? limit : null }],
      ),
    );
  }

  /** What a new state brings with it; more than one change can pass within a state. */
  #follow(entry: Entry): void {
    const words = stateInWords(entry.watch);
    if (words === entry.announced) return;
    entry.announced = words;
    const { error } = entry.watch;
    const reason = error instanceof Error ? `. ${error.message}` : "";
    announce(`${entry.watch.title}: ${words}${reason}`);
    const { phase, id } = entry.watch;
    // A job that Deploy has named is accepted, and so is what it did at once.
    if (phase === "succeeded" || (phase === "watched" && id !== undefined)) this.#accept(entry);
    if (phase === "succeeded") entry.action.onSuccess?.();
    if (phase === "locked") this.#session.credentials.lose();
  }

  #accept(entry: Entry): void {
    if (entry.accepted) return;
    entry.accepted = true;
    this.#onAccepted(entry.action);
  }

  #tick(): void {
    if (!document.hidden) {
      const at = now();
      for (const { watch, card } of this.#entries) if (watch.open) card.tick(at);
      this.#showOverview(false);
    }
    this.#onTick();
  }

  #clearEnded(): void {
    for (const { watch, item } of this.#entries) if (!watch.open) item.remove();
    this.#entries = this.#entries.filter(({ watch }) => watch.open);
    this.#session.requests.keepOnly(new Set(this.#entries.map(({ watch }) => watch.id)));
    this.#showSummary();
    this.#showOverview(true);
    this.#title.focus();
  }

  #showSummary(): void {
    const count = (...phases: Watch["phase"][]) =>
      this.#entries.filter(({ watch }) => phases.includes(watch.phase)).length;
    const parts = [
      [count("sending", "watched"), "under way"],
      [count("stopped"), "not watched"],
      [count("locked"), "waiting for log-in"],
      [count("succeeded"), "succeeded"],
      [count("failed", "refused"), "failed"],
      [count("unknown"), "unknown"],
    ] as const;
    const shown = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
    setText(this.#summary, shown.join(" · "));
    this.#empty.hidden = this.#entries.length > 0;
    this.#clear.hidden = this.#entries.every(({ watch }) => watch.open);
  }
}

function emptyState(): HTMLElement {
  return el(
    "div",
    { class: "jobs__empty" },
    ghost(),
    el("p", { class: "jobs__empty-title" }, "No jobs yet"),
    el(
      "p",
      {},
      "Start one, or follow one that runs already. Each gets a row here, drawn as its changes come in.",
    ),
  );
}

/** What a strip will look like. */
function ghost(): SVGSVGElement {
  const notches = [0, 40, 96, 190, 262].map((x) => svg("rect", { x, y: 0, width: 2, height: 18 }));
  return svg(
    "svg",
    { class: "ghost", viewBox: "0 0 352 18", "aria-hidden": "true" },
    svg("rect", { x: 0, y: 4, width: 335, height: 10 }),
    ...notches,
    svg("circle", { class: "ghost__end", cx: 343, cy: 9, r: 9 }),
  );
}
