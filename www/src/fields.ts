// Form controls with their label and hint tied to them.

import { type Attributes, el, uniqueId } from "./dom.js";

/** A control and the block that shows it. */
export interface Field<C extends HTMLElement> {
  readonly control: C;
  readonly block: HTMLElement;
}

/** A text, password or number input. */
export function input(label: string, attributes: Attributes, hint?: string): Field<HTMLInputElement> {
  return labelled(label, el("input", { class: "control", autocomplete: "off", ...attributes }), hint);
}

/** A list to choose one value from. */
export function select(
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  hint?: string,
): Field<HTMLSelectElement> {
  const field = labelled(label, el("select", { class: "control" }), hint);
  setOptions(field.control, options);
  return field;
}

/** Puts other options into a list; keeps the choice where it is still there. */
export function setOptions(
  control: HTMLSelectElement,
  options: readonly (readonly [value: string, text: string])[],
): void {
  const chosen = control.value;
  control.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
  if (options.some(([value]) => value === chosen)) control.value = chosen;
}

function labelled<C extends HTMLElement>(label: string, control: C, hint: string | undefined): Field<C> {
  control.id = uniqueId("field");
  const hintId = `${control.id}-hint`;
  if (hint) control.setAttribute("aria-describedby", hintId);
  const block = el(
    "div",
    { class: "field" },
    el("label", { class: "field__label", for: control.id }, label),
    control,
    hint ? el("p", { class: "field__hint", id: hintId }, hint) : undefined,
  );
  return { control, block };
}
