// The page that is shown when the console cannot start.

import { el } from "./dom.js";
import type { Explanation } from "./explain.js";
import { logo } from "./icons.js";

export function showNotice(page: HTMLElement, { title, reason, meaning, advice }: Explanation): void {
  page.replaceChildren(
    el(
      "main",
      { class: "plain", role: "alert" },
      logo(),
      el("h1", { class: "plain__title" }, title),
      el("p", {}, meaning),
      el("p", {}, advice),
      reason ? el("p", { class: "quote" }, reason) : undefined,
    ),
  );
}
