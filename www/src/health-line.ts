// The line above the jobs: the state of the connection to Deploy in one sentence.

import { announce } from "./announce.js";
import type { CredentialStore } from "./credential-store.js";
import { el, setText } from "./dom.js";
import type { Health, Weather } from "./health.js";
import { now } from "./time.js";

/** Announced once per change of state. The sentence itself changes every second, too often to be read out. */
const begun: Partial<Record<Weather | "locked", string>> = {
  away: "No response from Deploy. The console retries; jobs continue.",
  busy: "Deploy is busy. The console retries; jobs continue.",
  cut: "A proxy got no response from Deploy. The console retries; jobs continue.",
  silent: "No response from Deploy for longer than usual. Jobs continue.",
  locked: "Deploy no longer accepts the password. Log in again; jobs continue.",
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
            "Deploy no longer accepts the password, so the states below are out of date. Jobs continue in Deploy.",
        }
      : this.#health.report(now());
    setText(this.#text, sentence);
    if (weather === this.#shown) return;
    const before = this.#shown;
    this.#shown = weather;
    this.element.dataset.weather = weather;
    const said = begun[weather];
    if (said) announce(said);
    else if (bad.has(before)) announce("Deploy is responding again.");
  }
}
