// `p-wait-for` for the loop and `p-retry` for each poll in it; a refusal is an AbortError, as p-retry's documentation shows.

import pRetry, { AbortError } from "p-retry";
import pWaitFor from "p-wait-for";
import { isOver, outcome, poll, start } from "./deploy.mjs";

export const title = "p-wait-for + p-retry";

export function create(options) {
  const { limit: retries, minMs: minTimeout, maxMs: maxTimeout } = options.retry ?? {};
  const retry = options.retry && { retries, minTimeout, maxTimeout };

  async function attempt(job, signal) {
    try {
      return await poll(options, job, signal);
    } catch (error) {
      throw error.status < 500 ? new AbortError(error) : error;
    }
  }

  return {
    async run(body, { signal, onProgress } = {}) {
      let job = await start(options, body, signal);
      return pWaitFor(
        async () => {
          if (!isOver(job)) {
            job = await pRetry(() => attempt(job, signal), { ...retry, signal });
            onProgress?.(job);
          }
          return isOver(job) && pWaitFor.resolveWith(outcome(job));
        },
        // The server does the waiting.
        { interval: 0, signal },
      );
    },
  };
}
