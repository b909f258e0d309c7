// The forms of the “Start” panel: one for each kind of job.

import { type Attributes, el } from "./dom.js";
import { type Field, select } from "./fields.js";
import { onSubmit } from "./once.js";
import type { Action } from "./watch.js";

/** One kind of job. */
export interface Kind {
  readonly label: string;
  readonly element: HTMLElement;
  /** Whether it currently needs the full width of the page. */
  readonly isWide?: () => boolean;
  /** Called when the kind is chosen. */
  shown?(): void;
}

/** Starts an action with a timeout in milliseconds. */
export type Begin = (action: Action, limit: number) => void;

interface Simple {
  readonly label: string;
  /** Label of its button. Default: the kind's label. */
  readonly submit?: string;
  readonly fields: readonly HTMLElement[];
  /** The actions for the form's values; none if a value is wrong. */
  actions(): readonly Action[];
  shown?(): void;
}

/** A required string, without spell check or capitals. */
export const asTyped: Attributes = { required: true, spellcheck: "false", autocapitalize: "none" };

const limits = [
  ["Infinity", "none"],
  ["5000", "5 seconds"],
  ["60000", "1 minute"],
  ["3600000", "1 hour"],
] as const;

/** A form with a few fields, a timeout and a button. */
export function simpleKind(
  { label, submit: name = label, fields, actions, shown }: Simple,
  begin: Begin,
): Kind {
  const limit: Field<HTMLSelectElement> = select("Timeout", limits);
  const submit = el("button", { type: "submit", class: "button button--main button--wide" }, name);
  const element = el("form", { class: "start__form" }, ...fields, limit.block, submit);
  onSubmit(element, () => {
    for (const action of actions()) begin(action, Number(limit.control.value));
  });
  return { label, element, ...(shown && { shown }) };
}

/** `cluster-01` becomes `cluster-02`. */
export function nextName(name: string): string {
  return name.replace(/\d+$/, (digits) => String(Number(digits) + 1).padStart(digits.length, "0"));
}

/** The name, or the next free one after it. */
export function freeName(name: string, taken: readonly string[]): string {
  let free = name;
  while (taken.includes(free) && nextName(free) !== free) free = nextName(free);
  return free;
}
