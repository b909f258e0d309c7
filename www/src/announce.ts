// Announcements for screen readers: only a job's changes of state. Its messages change too often to be read out.

import { byId, el } from "./dom.js";

const linger = 10_000;
/** A bound, so that a job that changes its state all the time does not fill the page. */
const mostLines = 60;

/** Announces a sentence as soon as the screen reader is idle. */
export function announce(sentence: string): void {
  // One line each, so that the screen reader reads both of two simultaneous changes.
  const line = el("p", {}, sentence);
  const lines = byId("announcer");
  lines.append(line);
  if (lines.childElementCount > mostLines) lines.firstElementChild?.remove();
  setTimeout(() => line.remove(), linger);
}
