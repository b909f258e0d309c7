// What a screen reader is told by itself: a job's change of state, and no more. A job's messages change
// too often to be read out; they stand in its card.

import { byId, el } from "./dom.js";

const linger = 10_000;

/** Says a sentence when the reader is free. */
export function announce(sentence: string): void {
  // A line of its own each, so that two jobs that change together are both heard.
  const line = el("p", {}, sentence);
  byId("announcer").append(line);
  setTimeout(() => line.remove(), linger);
}
