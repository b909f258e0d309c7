// A list of the package's error codes.

import { el } from "./dom.js";
import { words } from "./words.js";

export function glossary(): HTMLElement {
  const entries = Object.entries(words).map(([code, { title, meaning, advice }]) =>
    el(
      "div",
      { class: "glossary__entry" },
      el("dt", {}, el("code", {}, code), title),
      el("dd", {}, `${meaning} ${advice}`),
    ),
  );
  return el(
    "details",
    { class: "panel glossary" },
    el("summary", { class: "panel__title" }, "Error codes"),
    el("dl", {}, ...entries),
  );
}
