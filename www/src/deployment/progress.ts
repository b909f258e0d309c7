// The steps of a workflow that is checked or running, and its result.

import { announce } from "../announce.js";
import { button, el, setText } from "../dom.js";
import { explain } from "../explain.js";
import { type Doing, isDeed, titleOf } from "./step.js";
import { type Listener, PlanError, type Step, WorkflowError, type WorkflowProgress } from "./workflow.js";

/** A button for what to do next. */
export interface Next {
  readonly label: string;
  readonly isMain?: boolean;
  readonly go: () => void;
}

type State = Step["done"] | "running" | "failed";

interface Row {
  readonly name: string;
  readonly target: string;
  readonly element: HTMLElement;
  readonly word: HTMLElement;
  readonly message: HTMLElement;
  readonly differs: HTMLElement;
  state: State;
}

export class Progress implements Listener {
  readonly element: HTMLElement;
  readonly #title: HTMLElement;
  readonly #steps = el("ol", { class: "steps" });
  readonly #note = el("p", { class: "field__hint", role: "status" });
  readonly #end = el("div", { class: "progress__end" });
  readonly #rows = new Map<string, Row>();
  #failed: Doing | undefined;

  /** `planned`: the steps from a check. `leave` is called when the user stops the workflow. */
  constructor(title: string, planned: readonly Step[], leave?: () => void) {
    this.#title = el("h3", { class: "progress__title", tabindex: -1 }, title);
    this.element = el("div", { class: "progress" }, this.#title, this.#steps, this.#note, this.#end);
    for (const step of planned) this.done(step);
    if (leave) this.#offer([{ label: "Stop", go: leave }]);
  }

  focus(): void {
    this.#title.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** Shows a note below the steps. */
  note(text: string): void {
    setText(this.#note, text);
  }

  begun(doing: Doing): void {
    for (const row of this.#rowsOf(doing)) this.#mark(row, "running");
  }

  told(doing: Doing, { message = "" }: { readonly message?: string }): void {
    for (const row of this.#rowsOf(doing)) setText(row.message, message);
  }

  failed(doing: Doing): void {
    this.#failed = doing;
  }

  /** A step that is done, or that a check has planned. */
  readonly done = ({ name, target, done, differs = [] }: Step): void => {
    const row = this.#row(name, target);
    setText(row.message, "");
    row.differs.replaceChildren(...differs.map((text) => el("li", {}, text)));
    this.#mark(row, done);
  };

  succeed(title: string, text: string, next: readonly Next[]): void {
    this.#finish(title, [el("p", {}, text)], next);
  }

  fail(title: string, error: unknown, next: readonly Next[]): void {
    for (const row of this.#rowsOf(this.#failed ?? { name: "" })) {
      if (row.state === "running") this.#mark(row, "failed");
      // The error below repeats the job's last message.
      setText(row.message, "");
    }
    const left = [...this.#rows.values()].filter(({ state }) => state === "running");
    for (const row of left) this.#mark(row, "planned");
    const { name, targets: [target] = [] } = this.#failed ?? { name: "" };
    const reason = trouble(error, target && titleOf(name, target));
    this.#finish(title, [reason, el("p", {}, "“Try again” continues where this attempt stopped.")], next);
  }

  /** The rows that a call affects, without the finished ones. */
  #rowsOf({ name, targets }: Doing): readonly Row[] {
    const rows = targets
      ? targets.map((target) => this.#row(name, target))
      : [...this.#rows.values()].filter((row) => row.name === name);
    return rows.filter(({ state }) => ["planned", "running", "failed"].includes(state));
  }

  #row(name: string, target: string): Row {
    const key = JSON.stringify([name, target]);
    const there = this.#rows.get(key);
    if (there) return there;
    const word = el("span", { class: "step__state" });
    const message = el("p", { class: "step__message" });
    const differs = el("ul", { class: "step__differs" });
    const element = el(
      "li",
      { class: "step" },
      el("span", {}, titleOf(name, target)),
      word,
      message,
      differs,
    );
    const row: Row = { name, target, element, word, message, differs, state: "planned" };
    this.#rows.set(key, row);
    this.#steps.append(element);
    this.#mark(row, "planned");
    return row;
  }

  #mark(row: Row, state: State): void {
    row.state = state;
    row.element.dataset.state = state;
    setText(row.word, wordOf(row.name, state));
  }

  #finish(title: string, words: readonly HTMLElement[], next: readonly Next[]): void {
    setText(this.#title, title);
    announce(title);
    this.#offer(next, words);
  }

  #offer(next: readonly Next[], words: readonly HTMLElement[] = []): void {
    const buttons = next.map(({ label, isMain, go }) =>
      button(label, `button${isMain ? " button--main" : ""}`, go),
    );
    this.#end.replaceChildren(...words, el("div", { class: "progress__buttons" }, ...buttons));
  }
}

const words: Readonly<Record<State, string>> = {
  planned: "To do",
  running: "In progress",
  found: "Exists",
  made: "Created",
  changed: "Changed",
  failed: "Failed",
};

function wordOf(name: string, state: State): string {
  const isDone = state === "made" || state === "changed";
  if (isDeed(name) && (isDone || state === "found")) return isDone ? "Done" : "Already done";
  return words[state];
}

/** Shows the error of a workflow: the step, the reason and the advice. */
export function trouble(error: unknown, step = ""): HTMLElement {
  const { workflow } = Object(error) as { readonly workflow?: WorkflowProgress };
  const { title, reason } = inWords(error);
  return el(
    "div",
    { class: "trouble" },
    el("p", { class: "trouble__title" }, step ? `${step}: ${title}` : title),
    ...reason.map((text) => el("p", { class: "quote" }, text)),
    workflow && el("p", {}, workflow.advice),
  );
}

function inWords(error: unknown): { readonly title: string; readonly reason: readonly string[] } {
  if (error instanceof PlanError) {
    const reason = error.mistakes.map(({ place, problem }) => `${place} ${problem}`);
    return { title: "The plan has errors", reason };
  }
  if (error instanceof WorkflowError)
    return { title: "The workflow cannot continue", reason: [error.message] };
  const { title, reason } = explain(error);
  return { title, reason: reason ? [reason] : [] };
}
