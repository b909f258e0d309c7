// What can be started: a form of its own for each kind of work.

import { type Attributes, el } from "./dom.js";
import { type Field, select } from "./fields.js";
import { onSubmit } from "./once.js";
import type { Action } from "./watch.js";

/** One kind of work. */
export interface Kind {
  readonly label: string;
  readonly element: HTMLElement;
  /** It takes the whole width of the page, at the moment. */
  readonly isWide?: () => boolean;
  /** Called when the kind is chosen. */
  shown?(): void;
}

/** Starts an action; the longest wait for it is in milliseconds. */
export type Begin = (action: Action, limit: number) => void;

interface Simple {
  readonly label: string;
  /** What its button is called, if not as the kind. */
  readonly submit?: string;
  readonly fields: readonly HTMLElement[];
  /** The actions that come of what is filled in; none where something is wrong. */
  actions(): readonly Action[];
  shown?(): void;
}

/** A text that is needed, as it is typed. */
export const asTyped: Attributes = { required: true, spellcheck: "false", autocapitalize: "none" };

const limits = [
  ["Infinity", "until it ends"],
  ["5000", "at most 5 seconds"],
  ["60000", "at most 1 minute"],
  ["3600000", "at most 1 hour"],
] as const;

/** A few fields, and a button that is called as the kind is. */
export function simpleKind(
  { label, submit: name = label, fields, actions, shown }: Simple,
  begin: Begin,
): Kind {
  const limit: Field<HTMLSelectElement> = select("Wait", limits);
  const submit = el("button", { type: "submit", class: "button button--main button--wide" }, name);
  const element = el("form", { class: "start__form" }, ...fields, limit.block, submit);
  onSubmit(element, () => {
    for (const action of actions()) begin(action, Number(limit.control.value));
  });
  return { label, element, ...(shown && { shown }) };
}

/** `cluster-01` becomes `cluster-02`: the next one is ready to be started. */
export function nextName(name: string): string {
  return name.replace(/\d+$/, (digits) => String(Number(digits) + 1).padStart(digits.length, "0"));
}

/** The name, or the next one after it that is not taken. */
export function freeName(name: string, taken: readonly string[]): string {
  let free = name;
  while (taken.includes(free) && nextName(free) !== free) free = nextName(free);
  return free;
}
