// A plan that is being carried out, step by step, and how that ended.

import { announce } from "../announce.js";
import { button, el, setText } from "../dom.js";
import { explain } from "../explain.js";

/** What can be done once it is over. */
export interface Next {
  readonly label: string;
  readonly isMain?: boolean;
  readonly go: () => void;
}

export class Progress {
  readonly element: HTMLElement;
  readonly #title: HTMLElement;
  readonly #steps = el("ol", { class: "steps" });
  readonly #note = el("p", { class: "field__hint", role: "status" });
  readonly #end = el("div", { class: "progress__end" });
  #last: HTMLElement | undefined;
  #lastTitle = "";

  constructor(title: string) {
    this.#title = el("h3", { class: "progress__title", tabindex: -1 }, title);
    this.element = el("div", { class: "progress" }, this.#title, this.#steps, this.#note, this.#end);
  }

  focus(): void {
    this.#title.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** A further call; calls of one title are one step. */
  readonly step = (title: string): void => {
    if (title === this.#lastTitle) return;
    mark(this.#last, "done");
    this.#lastTitle = title;
    this.#last = el("li", { class: "step" }, el("span", {}, title), el("span", { class: "step__state" }));
    mark(this.#last, "running");
    this.#steps.append(this.#last);
  };

  /** A word beside it. */
  note(text: string): void {
    setText(this.#note, text);
  }

  succeed(title: string, text: string, next: readonly Next[]): void {
    mark(this.#last, "done");
    this.#finish(title, [el("p", {}, text)], next);
  }

  fail(title: string, error: unknown, next: readonly Next[]): void {
    mark(this.#last, "failed");
    const { reason, advice, ...told } = explain(error);
    const step = this.#lastTitle === "" ? "" : `${this.#lastTitle}: `;
    this.#finish(
      title,
      [
        el(
          "div",
          { class: "trouble" },
          el("p", { class: "trouble__title" }, `${step}${told.title}`),
          reason ? el("p", { class: "quote" }, reason) : undefined,
          el(
            "p",
            {},
            "Nothing after it was sent. Try again to go on: what is there is found, and not made again.",
          ),
        ),
      ],
      next,
    );
  }

  #finish(title: string, words: readonly HTMLElement[], next: readonly Next[]): void {
    setText(this.#title, title);
    announce(title);
    const buttons = next.map(({ label, isMain, go }) =>
      button(label, `button${isMain ? " button--main" : ""}`, go),
    );
    this.#end.replaceChildren(...words, el("div", { class: "progress__buttons" }, ...buttons));
  }
}

const words = { running: "Under way", done: "Done", failed: "Failed" } as const;

function mark(step: HTMLElement | undefined, state: keyof typeof words): void {
  if (!step) return;
  step.dataset.state = state;
  const shown = step.querySelector(".step__state");
  if (shown) setText(shown, words[state]);
}
