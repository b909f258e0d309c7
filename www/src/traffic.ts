// The client's counters.

import type { ClientStats, DeployClient } from "ontap-select-deploy";
import { el, setText } from "./dom.js";

const shown: readonly (readonly [name: keyof ClientStats, label: string])[] = [
  ["waits", "Open waits"],
  ["openPolls", "Open polls"],
  ["polls", "Polls sent"],
  ["emptyPolls", "without changes"],
  ["retries", "Retries"],
];

export class Traffic {
  readonly element: HTMLElement;
  readonly #client: DeployClient;
  readonly #numbers = shown.map(([name]) => ({ name, cell: el("dd", {}) }));

  constructor(client: DeployClient) {
    this.#client = client;
    const rows = shown.map(([name, label], index) =>
      el("div", { class: rowClass(name) }, el("dt", {}, label), this.#numbers[index]?.cell),
    );
    this.element = el(
      "section",
      { class: "panel traffic", "aria-labelledby": "traffic-title" },
      el("h2", { class: "panel__title", id: "traffic-title" }, "Traffic to Deploy"),
      el("dl", { class: "traffic__list" }, ...rows),
    );
    this.update();
  }

  update(): void {
    const { stats } = this.#client;
    for (const { name, cell } of this.#numbers) setText(cell, String(stats[name]));
  }
}

/** Indented if the number is part of the one above. */
function rowClass(name: keyof ClientStats): string {
  return name === "emptyPolls" ? "traffic__row traffic__row--part" : "traffic__row";
}
