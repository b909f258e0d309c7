// What a screen reader is told by itself: a job's change of state, and no more. A job's messages change
// too often to be read out; they stand beside it.

import { byId, el } from "./dom.js";

const linger = 10_000;
/** More than these nobody listens to; a job that changes its state all the time must not fill the page. */
const mostLines = 60;

/** Says a sentence when the reader is free. */
export function announce(sentence: string): void {
  // A line of its own each, so that two jobs that change together are both heard.
  const line = el("p", {}, sentence);
  const lines = byId("announcer");
  lines.append(line);
  if (lines.childElementCount > mostLines) lines.firstElementChild?.remove();
  setTimeout(() => line.remove(), linger);
}
