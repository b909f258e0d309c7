// The line above the jobs: the state of the connection to Deploy, in one sentence that is always true.

import { announce } from "./announce.js";
import type { CredentialStore } from "./credential-store.js";
import { el, setText } from "./dom.js";
import type { Health, Weather } from "./health.js";
import { now } from "./time.js";

/** What is said once when it begins; the sentence itself changes each second, too often to be read out. */
const begun: Partial<Record<Weather | "locked", string>> = {
  away: "No answer from Deploy. It is tried again; jobs go on.",
  busy: "Deploy is busy. It is asked again; jobs go on.",
  cut: "A proxy gave a request up. It is asked again; jobs go on.",
  silent: "No answer from Deploy for longer than usual. Jobs go on.",
  locked: "Deploy no longer accepts the password. Log in again; jobs go on.",
};

const bad = new Set<string>(["away", "busy", "cut", "silent", "locked"]);

export class HealthLine {
  readonly element: HTMLElement;
  readonly #health: Health;
  readonly #credentials: CredentialStore;
  readonly #text = el("span", {});
  #shown = "";

  constructor(health: Health, credentials: CredentialStore) {
    this.#health = health;
    this.#credentials = credentials;
    this.element = el(
      "p",
      { class: "health", id: "health", tabindex: -1 },
      el("span", { class: "health__dot", "aria-hidden": "true" }),
      this.#text,
    );
    this.update();
  }

  update(): void {
    const { weather, sentence } = this.#credentials.lost
      ? {
          weather: "locked" as const,
          sentence:
            "Deploy no longer accepts the password, so nothing is known of jobs since. They go on in Deploy.",
        }
      : this.#health.report(now());
    setText(this.#text, sentence);
    if (weather === this.#shown) return;
    const before = this.#shown;
    this.#shown = weather;
    this.element.dataset.weather = weather;
    const said = begun[weather];
    if (said) announce(said);
    else if (bad.has(before)) announce("Deploy answers again.");
  }
}
