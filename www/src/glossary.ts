// Every error code of the package, to look up.

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
    el("summary", { class: "panel__title" }, "What can go wrong"),
    el("dl", {}, ...entries),
  );
}
