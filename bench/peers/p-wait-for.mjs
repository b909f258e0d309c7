// `p-wait-for` for the loop and `p-retry` for each poll in it.

import pRetry from "p-retry";
import pWaitFor from "p-wait-for";
import { isOver, isTransient, outcome, poll, start } from "./deploy.mjs";

export const title = "p-wait-for + p-retry";

export function create(options) {
  const { limit: retries, minMs: minTimeout, maxMs: maxTimeout } = options.retry ?? {};
  const shouldRetry = ({ error: { status } }) => status === undefined || isTransient(status);
  const retry = options.retry && { retries, minTimeout, maxTimeout, shouldRetry };

  return {
    async run(body, { signal, onProgress } = {}) {
      let job = await start(options, body, signal);
      return pWaitFor(
        async () => {
          if (!isOver(job)) {
            job = await pRetry(() => poll(options, job, signal), { ...retry, signal });
            onProgress?.(job);
          }
          return isOver(job) && pWaitFor.resolveWith(outcome(job));
        },
        // The server waits.
        { interval: 0, signal },
      );
    },
  };
}
