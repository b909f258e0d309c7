// The loop that a careful person writes by hand. It checks statuses, ends a poll without a response, and ends all at an abort. It
// retries nothing.

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
