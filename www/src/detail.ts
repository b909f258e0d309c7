// The details of the chosen job.

import { button, el, setText, uniqueId } from "./dom.js";
import { type Explanation, explainJob } from "./explain.js";
import { badge } from "./icons.js";
import { lookOf, marks, stateInWords } from "./states.js";
import { clock } from "./time.js";
import { Timeline } from "./timeline.js";
import type { Change, Watch } from "./watch.js";

/** The connection state of a job in words; empty if it is fine. */
export type LineOf = (watch: Watch, at: number) => string;

export class Detail {
  readonly element: HTMLElement;
  readonly #lineOf: LineOf;
  readonly #title = el("h3", { class: "job__title", id: uniqueId("job"), tabindex: -1 });
  readonly #timeline = new Timeline();
  readonly #state = el("span", { class: "state" });
  readonly #head = el("header", { class: "job__head" }, this.#title, this.#state);
  readonly #id = el("span", { class: "job__id" });
  readonly #elapsed = el("span", { class: "job__clock" });
  readonly #message = el("p", { class: "job__message" });
  readonly #trouble = el("div", { class: "job__trouble" });
  readonly #line = el("p", { class: "job__line" });
  readonly #note = el("p", { class: "job__note" });
  readonly #toggle = button("Stop following", "button", () => {
    if (this.#watch?.phase === "watched") this.#watch.stop();
    else void this.#watch?.followAgain();
  });
  // It scrolls, so the keyboard must reach it.
  readonly #log = el("ol", { class: "log", tabindex: 0, "aria-label": "Changes, newest first" });
  readonly #earlier = el("p", { class: "log__earlier" });
  readonly #logTitle = el("summary", {});
  readonly #details = el("details", { class: "job__log" }, this.#logTitle, this.#log, this.#earlier);
  #watch: Watch | undefined;
  #shownVersion: number | undefined;
  #shownState = "";
  #shownError: unknown;
  #logged = 0;

  constructor(lineOf: LineOf) {
    this.#lineOf = lineOf;
    this.#details.addEventListener("toggle", () => this.#showLog());
    this.element = el(
      "article",
      { class: "job", "aria-labelledby": this.#title.id },
      this.#head,
      el(
        "p",
        { class: "job__facts" },
        el("span", {}, el("span", { class: "visually-hidden" }, "Elapsed "), this.#elapsed),
        this.#id,
      ),
      this.#message,
      this.#timeline.element,
      this.#line,
      this.#trouble,
      el("div", { class: "job__foot" }, this.#toggle, this.#note),
      this.#details,
    );
  }

  /** Moves the focus to this job. */
  focus(): void {
    this.#title.focus({ preventScroll: true });
    const { top } = this.element.getBoundingClientRect();
    // Aligned to its start, because it may still grow downwards.
    if (top < 0 || top > innerHeight / 2) this.element.scrollIntoView({ block: "start" });
  }

  /** Scrolls to the job's name and state, which may be below the list. */
  reveal(): void {
    this.#head.scrollIntoView({ block: "nearest" });
  }

  /** Shows a job at the time `at`; without a job, nothing. */
  show(watch: Watch | undefined, at: number): void {
    this.element.hidden = watch === undefined;
    if (watch !== this.#watch) {
      this.#watch = watch;
      this.#shownVersion = undefined;
      this.#logged = 0;
      this.#log.replaceChildren();
    }
    if (!watch) return;
    if (watch.version !== this.#shownVersion) {
      this.#shownVersion = watch.version;
      this.#update(watch);
    }
    setText(this.#elapsed, clock((watch.endedAt ?? at) - watch.startedAt));
    this.#timeline.draw(watch, at);
    setText(this.#line, this.#lineOf(watch, at));
  }

  #update(watch: Watch): void {
    this.element.dataset.phase = watch.phase;
    setText(this.#title, watch.title);
    const words = stateInWords(watch);
    const look = `state ${lookOf(watch)}`;
    if (`${look} ${words}` !== this.#shownState) {
      this.#shownState = `${look} ${words}`;
      this.#state.className = look;
      this.#state.replaceChildren(badge(marks[watch.phase]), words);
    }
    const named = watch.id !== undefined && !watch.title.includes(watch.id);
    setText(this.#id, named ? `Job ${watch.id}` : "");
    // A synchronous response has no polls to draw.
    this.#timeline.element.toggleAttribute("hidden", watch.answered !== undefined);
    setText(this.#message, messageOf(watch));
    this.#showTrouble(watch);
    this.#showToggle(watch);
    this.#showLog();
  }

  #showTrouble({ error, id }: Watch): void {
    if (error === this.#shownError) return;
    this.#shownError = error;
    if (error === undefined) this.#trouble.replaceChildren();
    else this.#trouble.replaceChildren(troubleBox(explainJob(error, id !== undefined)));
  }

  #showToggle({ phase, canFollowAgain }: Watch): void {
    const shown = phase === "watched" || (canFollowAgain && phase !== "locked");
    // Hiding the focused button would move the focus to the top of the page.
    if (!shown && document.activeElement === this.#toggle) this.#title.focus();
    this.#toggle.hidden = !shown;
    setText(this.#toggle, phase === "watched" ? "Stop following" : "Follow again");
    setText(
      this.#note,
      phase === "watched"
        ? "This does not stop the job. It continues in Deploy."
        : phase === "stopped"
          ? "The console is not following this job. It continues in Deploy."
          : "",
    );
  }

  /** The latest changes, newest first. Built only while the list is open. */
  #showLog(): void {
    if (!this.#watch) return;
    const { changes, changeCount, startedAt } = this.#watch;
    this.#details.hidden = changeCount === 0;
    setText(this.#logTitle, `Changes (${changeCount})`);
    if (!this.#details.open) return;
    const fresh = Math.min(changeCount - this.#logged, changes.length);
    this.#logged = changeCount;
    if (fresh > 0)
      this.#log.prepend(
        ...changes
          .slice(-fresh)
          .reverse()
          .map((it) => logLine(it, startedAt)),
      );
    while (this.#log.childElementCount > changes.length) this.#log.lastElementChild?.remove();
    const earlier = changeCount - changes.length;
    setText(this.#earlier, earlier === 0 ? "" : `${earlier} older changes are no longer listed.`);
  }
}

function logLine({ at, state, message }: Change, startedAt: number): HTMLElement {
  return el(
    "li",
    {},
    el("span", { class: "log__time" }, clock(at - startedAt)),
    el("span", { class: "log__state" }, state),
    el("span", { class: "log__message" }, message),
  );
}

function messageOf(watch: Watch): string {
  if (watch.answered !== undefined) return `Completed without a job (status ${watch.answered}).`;
  // The box below shows the reason of a failure.
  if (watch.phase === "failed") return "";
  if (watch.phase === "sending") return "Sending the request to Deploy.";
  const message = watch.latest?.message ?? "";
  const stale = watch.phase === "stopped" || watch.phase === "locked" || watch.phase === "unknown";
  return stale && message ? `Last message: ${message}` : message;
}

function troubleBox({ code, title, reason, meaning, advice, requestId }: Explanation): HTMLElement {
  const facts = [code, requestId && `request ${requestId}`].filter(Boolean).join(" · ");
  return el(
    "div",
    { class: "trouble" },
    el("h4", { class: "trouble__title" }, title),
    reason ? el("p", { class: "quote" }, reason) : undefined,
    el("p", {}, el("strong", {}, "What it means: "), meaning),
    el("p", {}, el("strong", {}, "What to do: "), advice),
    facts ? el("p", { class: "trouble__facts" }, facts) : undefined,
  );
}
