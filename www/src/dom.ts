// Elements in one expression. Strings become text nodes, so a server's message cannot become markup.

export type Child = Node | string | undefined;
export type Attributes = Record<string, string | number | boolean | undefined>;

/** An HTML element. `true` sets an empty attribute; `false` and `undefined` leave it out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** The element of index.html with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element with id "${id}"`);
  return found;
}

/** A button that does not submit a form. A double click counts once. */
export function button(label: string, className: string, onClick: () => void): HTMLButtonElement {
  const made = el("button", { type: "button", class: className }, label);
  made.addEventListener("click", ({ detail }) => {
    if (detail < 2) onClick();
  });
  return made;
}

let lastId = 0;

/** An id that no other element has. */
export function uniqueId(prefix: string): string {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

/** Sets an element's text, only if it differs. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}
