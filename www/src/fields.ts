// Form controls with their label, their hint and their error.

import { type Attributes, el, setText, uniqueId } from "./dom.js";

/** A control and the block that shows it. */
export interface Field<C extends HTMLElement = HTMLElement> {
  readonly control: C;
  readonly block: HTMLElement;
}

/** An input for text, a password or a number. */
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

/** Replaces the options of a list. The choice stays if it is one of the new options. */
export function setOptions(
  control: HTMLSelectElement,
  options: readonly (readonly [value: string, text: string])[],
): void {
  const same =
    control.options.length === options.length &&
    options.every(([value, text], index) => {
      const option = control.options[index];
      return option?.value === value && option.textContent === text;
    });
  if (same) return;
  const chosen = control.value;
  control.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
  if (options.some(([value]) => value === chosen)) control.value = chosen;
}

/** Shows an error below a control; an empty string removes it. */
export function showFault({ control, block }: Field, text: string): void {
  const id = `${control.id}-fault`;
  const shown = block.querySelector(`#${id}`);
  if (text === (shown?.textContent ?? "")) return;
  const described = (control.getAttribute("aria-describedby") ?? "")
    .split(" ")
    .filter((it) => it && it !== id);
  if (text === "") {
    shown?.remove();
    control.removeAttribute("aria-invalid");
  } else {
    if (shown) setText(shown, text);
    else control.after(el("p", { class: "field__fault", id }, text));
    control.setAttribute("aria-invalid", "true");
    described.unshift(id);
  }
  if (described.length > 0) control.setAttribute("aria-describedby", described.join(" "));
  else control.removeAttribute("aria-describedby");
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
