// The loop that a careful person writes by hand: statuses are checked, a dead poll ends, an abort ends everything; nothing is
// tried again.

import { isOver, outcome, poll, start } from "./deploy.mjs";

export const title = "hand-written loop";

export function create(options) {
  return {
    async run(body, { signal, onProgress } = {}) {
      let job = await start(options, body, signal);
      while (!isOver(job)) {
        job = await poll(options, job, signal);
        onProgress?.(job);
      }
      return outcome(job);
    },
  };
}
