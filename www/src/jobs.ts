// The jobs, newest first: selection, storage over a reload, and when to draw.

import { BadTokenError } from "ontap-select-deploy";
import { announce } from "./announce.js";
import { Detail } from "./detail.js";
import { button, el, setText, svg } from "./dom.js";
import { Frames } from "./frames.js";
import { lines } from "./job-line.js";
import { keep, kept } from "./kept.js";
import { type Choice, Overview } from "./overview.js";
import type { Session } from "./session.js";
import { stateInWords } from "./states.js";
import { now } from "./time.js";
import { type Action, type Phase, Watch } from "./watch.js";

const tick = 250;
/** The maximum number of finished jobs in the list. */
const mostEnded = 200;
/** The shortest time between two writes of the jobs' tokens. Milliseconds. */
const keepEvery = 1_000;

interface Entry {
  readonly action: Action;
  readonly watch: Watch;
  phase: Phase;
  announced: string;
  accepted: boolean;
}

export class Jobs {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #overview: Overview;
  readonly #detail: Detail;
  readonly #frames = new Frames(() => this.#draw());
  readonly #onTick: () => void;
  readonly #onAccepted: (action: Action) => void;
  readonly #onSucceeded: (action: Action) => void;
  readonly #title = el("h2", { class: "jobs__title", id: "jobs-title", tabindex: -1 }, "Jobs");
  readonly #summary = el("p", { class: "jobs__summary" });
  readonly #clear: HTMLButtonElement;
  readonly #empty = emptyState();
  readonly #timer: ReturnType<typeof setInterval>;
  #keepTimer: ReturnType<typeof setTimeout> | undefined;
  #entries: Entry[] = [];
  #chosen: Watch | undefined;
  #dropped = 0;
  #listed = false;
  #changed = true;
  /** Where to move once the chosen job is drawn. */
  #goal: "focus" | "reveal" | undefined;
  #closed = false;

  /** `onTick` is called a few times a second, `onAccepted` when Deploy accepted an action, `onSucceeded` at its end. */
  constructor(
    session: Session,
    onTick: () => void,
    onAccepted: (action: Action) => void,
    onSucceeded: (action: Action) => void,
  ) {
    this.#session = session;
    this.#detail = new Detail(lines(session.health, session.credentials));
    this.#overview = new Overview(
      session.requests,
      (watch, how) => this.#choose(watch, how),
      () => this.#frames.next(),
    );
    this.#onTick = onTick;
    this.#onAccepted = onAccepted;
    this.#onSucceeded = onSucceeded;
    this.#clear = button("Clear finished", "button button--small", () => this.#clearEnded());
    this.element = el(
      "section",
      { class: "jobs", "aria-labelledby": "jobs-title" },
      el("div", { class: "jobs__head" }, this.#title, this.#summary, this.#clear),
      this.#empty,
      el("div", { class: "jobs__split" }, this.#overview.element, this.#detail.element),
    );
    this.#timer = setInterval(() => this.#tick(), tick);
    addEventListener("pagehide", this.#keepNow);
    this.#draw();
  }

  /** The number of jobs that have not finished, as far as this console knows. */
  get openCount(): number {
    return this.#entries.filter(({ watch }) => watch.open).length;
  }

  /**
   * Starts an action, selects its job and moves the focus there. A chained action is selected only if the newest job
   * was selected.
   */
  start(action: Action, limit: number): void {
    const there = this.#entries.find(({ watch }) => action.job !== undefined && watch.id === action.job);
    if (there?.watch.open) {
      if (!action.chained) this.#choose(there.watch, "go");
      return;
    }
    this.#start(action, limit, undefined);
  }

  /** `state`: the job's last known state, from before a reload. */
  #start(action: Action, limit: number, state: string | undefined): void {
    const watch = new Watch(this.#session.client, action.title, limit, () => this.#onChange(entry));
    if (state !== undefined) watch.recall(state);
    const entry: Entry = { action, watch, phase: watch.phase, announced: "", accepted: false };
    const newest = this.#entries[0]?.watch;
    this.#entries.unshift(entry);
    this.#listed = false;
    if (!action.chained) this.#choose(watch, "go");
    else if (this.#chosen === newest) this.#choose(watch, "move");
    this.#frames.next();
    void watch.start(action.begin);
  }

  /** Stops following, because Deploy no longer accepts the password. */
  lock(): void {
    for (const { watch } of this.#entries) watch.lock();
  }

  /** Follows the jobs again that {@link lock} stopped. */
  followLocked(): void {
    for (const { watch } of this.#entries) if (watch.phase === "locked") void watch.followAgain();
  }

  /** Follows the jobs again that were open before a reload, or before a login to another Deploy. */
  followKept(): void {
    for (const { title, token, state, limit } of kept(this.#session.address).reverse()) {
      try {
        const handle = this.#session.client.resume(token);
        this.#start({ title, begin: () => handle }, limit ?? Number.POSITIVE_INFINITY, state);
      } catch (error) {
        if (!(error instanceof BadTokenError)) throw error;
      }
    }
  }

  /** Drops the jobs and stops drawing. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#keepTimer);
    removeEventListener("pagehide", this.#keepNow);
    this.#frames.stop();
    this.#overview.close();
    keep(this.#session.address, []);
  }

  #onChange(entry: Entry): void {
    if (this.#closed) return;
    this.#follow(entry);
    const { phase, open } = entry.watch;
    if (phase !== entry.phase) {
      entry.phase = phase;
      if (!open) this.#dropEnded();
      this.#keepIn(0);
    } else this.#keepIn(keepEvery);
    this.#changed = true;
    this.#frames.soon();
  }

  #choose(watch: Watch, how: Choice): void {
    this.#chosen = watch;
    this.#listed = false;
    if (how !== "move") this.#goal = how === "go" ? "focus" : "reveal";
    this.#frames.next();
  }

  #draw(): void {
    const at = now();
    if (!this.#listed) {
      this.#listed = true;
      if (!this.#entries.some(({ watch }) => watch === this.#chosen)) this.#chosen = this.#entries[0]?.watch;
      const watches = this.#entries.map(({ watch }) => watch);
      this.#overview.list(watches, this.#chosen, this.#dropped);
      this.#changed = true;
    }
    if (this.#changed) this.#showSummary();
    this.#detail.show(this.#chosen, at);
    this.#overview.draw(at, this.#changed);
    this.#changed = false;
    if (this.#goal === "focus") this.#detail.focus();
    if (this.#goal === "reveal") this.#detail.reveal();
    this.#goal = undefined;
  }

  /** Stores the jobs once for many changes in one turn. */
  #keepIn(delay: number): void {
    if (this.#keepTimer !== undefined && delay > 0) return;
    clearTimeout(this.#keepTimer);
    this.#keepTimer = setTimeout(this.#keepNow, delay);
  }

  readonly #keepNow = (): void => {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
    const jobs = this.#entries.flatMap(({ watch: { title, token, latest, limit } }) =>
      token === undefined
        ? []
        : [{ title, token, state: latest?.state, limit: Number.isFinite(limit) ? limit : null }],
    );
    keep(this.#session.address, jobs);
  };

  /** Announces a new state and reports it to the callbacks. */
  #follow(entry: Entry): void {
    const words = stateInWords(entry.watch);
    if (words === entry.announced) return;
    entry.announced = words;
    const { error } = entry.watch;
    const reason = error instanceof Error ? `. ${error.message}` : "";
    announce(`${entry.watch.title}: ${words}${reason}`);
    const { phase, id } = entry.watch;
    // A named job, or a synchronous success, means that Deploy accepted the action.
    if (phase === "succeeded" || (phase === "watched" && id !== undefined)) this.#accept(entry);
    if (phase === "succeeded") {
      entry.action.onSuccess?.();
      this.#onSucceeded(entry.action);
    }
    if (phase === "locked") this.#session.credentials.lose();
  }

  #accept(entry: Entry): void {
    if (entry.accepted) return;
    entry.accepted = true;
    this.#onAccepted(entry.action);
  }

  #tick(): void {
    if (!document.hidden && this.#entries.length > 0) this.#frames.soon();
    this.#onTick();
  }

  /** Drops the oldest finished jobs, but never the chosen one. */
  #dropEnded(): void {
    const ended = this.#entries.filter(({ watch }) => !watch.open && watch !== this.#chosen);
    if (ended.length <= mostEnded) return;
    const old = new Set(ended.slice(mostEnded));
    this.#dropped += old.size;
    this.#keepEntries((entry) => !old.has(entry));
  }

  #clearEnded(): void {
    this.#dropped = 0;
    this.#keepEntries(({ watch }) => watch.open);
    this.#title.focus();
  }

  #keepEntries(stays: (entry: Entry) => boolean): void {
    this.#entries = this.#entries.filter(stays);
    this.#session.requests.keepOnly(new Set(this.#entries.map(({ watch }) => watch.id)));
    this.#listed = false;
    this.#frames.next();
  }

  #showSummary(): void {
    const numbers = new Map<Phase, number>();
    for (const { watch } of this.#entries) numbers.set(watch.phase, (numbers.get(watch.phase) ?? 0) + 1);
    const count = (...phases: Phase[]) => phases.reduce((sum, phase) => sum + (numbers.get(phase) ?? 0), 0);
    const parts = [
      [count("sending", "watched"), "in progress"],
      [count("stopped"), "not followed"],
      [count("locked"), "waiting for login"],
      [count("succeeded"), "succeeded"],
      [count("failed", "refused"), "failed"],
      [count("unknown"), "outcome unknown"],
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
      "Start a job, or follow one that is already running. Each job gets a row here that shows its changes.",
    ),
  );
}

/** A placeholder in the shape of a job's strip. */
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
