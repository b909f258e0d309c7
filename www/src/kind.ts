// What can be started.

import type { Attributes } from "./dom.js";
import type { Action } from "./watch.js";

/** One kind of work: what to fill in, and the actions that come of it. */
export interface Kind {
  readonly label: string;
  readonly submit: string;
  readonly fields: readonly HTMLElement[];
  actions(): readonly Action[];
  /** Called when the kind is chosen. */
  shown?(): void;
}

/** A text that is needed, as it is typed. */
export const asTyped: Attributes = { required: true, spellcheck: "false", autocapitalize: "none" };

/** `cluster-01` becomes `cluster-02`: the next one is ready to be started. */
export function nextName(name: string): string {
  return name.replace(/\d+$/, (digits) => String(Number(digits) + 1).padStart(digits.length, "0"));
}
