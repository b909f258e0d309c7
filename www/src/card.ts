// One job on the screen.

import { button, el, setText, uniqueId } from "./dom.js";
import { type Explanation, explainJob } from "./explain.js";
import { badge } from "./icons.js";
import { marks } from "./marks.js";
import { clock, now } from "./time.js";
import { Timeline } from "./timeline.js";
import type { Watch } from "./watch.js";

/** The state in a word or two, as it is shown and announced. */
export function stateInWords(watch: Watch): string {
  const { state } = watch.latest ?? {};
  switch (watch.phase) {
    case "sending":
      return "Sending";
    case "watched":
      return state ? state.charAt(0).toUpperCase() + state.slice(1) : "Asking";
    case "stopped":
      return "Not watched";
    case "locked":
      return "Waiting for log-in";
    case "succeeded":
      return "Succeeded";
    case "failed":
      return "Failed";
    case "refused":
      return "Not started";
    case "unknown":
      return "Outcome unknown";
  }
}

/** What stands between this page and a job, in words; empty where nothing does. */
export type LineOf = (watch: Watch, at: number) => string;

export class Card {
  readonly element: HTMLElement;
  readonly #watch: Watch;
  readonly #lineOf: LineOf;
  readonly #title: HTMLElement;
  readonly #timeline = new Timeline();
  readonly #state = el("span", { class: "state" });
  readonly #id = el("span", { class: "job__id" });
  readonly #elapsed = el("span", { class: "job__clock" });
  readonly #message = el("p", { class: "job__message" });
  readonly #trouble = el("div", { class: "job__trouble" });
  readonly #line = el("p", { class: "job__line" });
  readonly #note = el("p", { class: "job__note" });
  readonly #toggle: HTMLButtonElement;
  readonly #log = el("ol", { class: "log" });
  readonly #logTitle = el("summary", {});
  readonly #details = el("details", { class: "job__log" }, this.#logTitle, this.#log);
  #shownState = "";
  #shownError: unknown;

  constructor(watch: Watch, lineOf: LineOf) {
    this.#watch = watch;
    this.#lineOf = lineOf;
    const id = uniqueId("job");
    this.#title = el("h3", { class: "job__title", id, tabindex: -1 }, watch.title);
    this.#toggle = button("Stop waiting", "button", () => {
      if (watch.phase === "watched") watch.stop();
      else void watch.takeUp();
    });
    this.element = el(
      "article",
      { class: "job", "aria-labelledby": id },
      el("header", { class: "job__head" }, this.#title, this.#state),
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
    this.update();
  }

  /** Puts the reader at this job. */
  focus(): void {
    this.#title.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** Shows what has changed. */
  update(): void {
    const watch = this.#watch;
    this.element.dataset.phase = watch.phase;
    const words = stateInWords(watch);
    if (words !== this.#shownState) {
      this.#shownState = words;
      const state = watch.phase === "watched" ? (watch.latest?.state ?? "") : "";
      this.#state.className = `state state--${watch.phase}${state === "queued" ? " state--queued" : ""}`;
      this.#state.replaceChildren(badge(marks[watch.phase]), words);
    }
    const named = watch.id !== undefined && !watch.title.includes(watch.id);
    setText(this.#id, named ? `Job ${watch.id}` : "");
    // A synchronous answer has no polls to draw.
    this.#timeline.element.toggleAttribute("hidden", watch.answered !== undefined);
    setText(this.#message, messageOf(watch));
    this.#showTrouble();
    this.#showToggle();
    this.#showLog();
    this.tick(now());
  }

  /** Lets the time pass on the clock and on the strip. */
  tick(at: number): void {
    const { startedAt, endedAt } = this.#watch;
    setText(this.#elapsed, clock((endedAt ?? at) - startedAt));
    this.#timeline.draw(this.#watch, at);
    setText(this.#line, this.#lineOf(this.#watch, at));
  }

  #showTrouble(): void {
    const { error } = this.#watch;
    if (error === this.#shownError) return;
    this.#shownError = error;
    if (error === undefined) this.#trouble.replaceChildren();
    else this.#trouble.replaceChildren(troubleBox(explainJob(error, this.#watch.id !== undefined)));
  }

  #showToggle(): void {
    const watch = this.#watch;
    const shown = watch.phase === "watched" || (watch.canTakeUp && watch.phase !== "locked");
    // A button that goes away under the focus would drop it to the top of the page.
    if (!shown && document.activeElement === this.#toggle) this.#title.focus();
    this.#toggle.hidden = !shown;
    setText(this.#toggle, watch.phase === "watched" ? "Stop waiting" : "Take up again");
    setText(
      this.#note,
      watch.phase === "watched"
        ? "Stops the waiting here. The job itself goes on."
        : watch.phase === "stopped"
          ? "Nobody waits here. The job itself goes on in Deploy."
          : "",
    );
  }

  #showLog(): void {
    const { changes, startedAt } = this.#watch;
    this.#details.hidden = changes.length === 0;
    setText(this.#logTitle, `Changes seen (${changes.length})`);
    for (const { at, job } of changes.slice(this.#log.childElementCount)) {
      this.#log.append(
        el(
          "li",
          {},
          el("span", { class: "log__time" }, clock(at - startedAt)),
          el("span", { class: "log__state" }, job.state),
          el("span", { class: "log__message" }, job.message ?? ""),
        ),
      );
    }
  }
}

function messageOf(watch: Watch): string {
  if (watch.answered !== undefined) return `Done at once, without a job (status ${watch.answered}).`;
  // The reason of a failure stands in its box.
  if (watch.phase === "failed") return "";
  if (watch.phase === "sending") return "The call is on its way to Deploy.";
  const message = watch.latest?.message ?? "";
  const stale = watch.phase === "stopped" || watch.phase === "locked" || watch.phase === "unknown";
  return stale && message ? `Last heard: ${message}` : message;
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
