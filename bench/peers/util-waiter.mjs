// `@smithy/util-waiter`, in the form of the waiters that are generated for the AWS SDK: whatever goes wrong while asking is "not
// yet", and is asked again after a backoff.

import { checkExceptions, createWaiter, WaiterState } from "@smithy/util-waiter";
import { isOver, poll, start } from "./deploy.mjs";

export const title = "@smithy/util-waiter";

// Seconds. One delay serves for all that is not over, progress and trouble alike, and doubles from poll to poll: as the server
// does the waiting, it begins low.
const DELAYS = { minDelay: 0.01, maxDelay: 1, maxWaitTime: 86_400 };
const STATES = { success: WaiterState.SUCCESS, failure: WaiterState.FAILURE };

export function create(options) {
  return {
    async run(body, { signal, onProgress } = {}) {
      let job = await start(options, body, signal);
      async function checkState() {
        try {
          if (!isOver(job)) {
            job = await poll(options, job, signal);
            onProgress?.(job);
          }
          return { state: STATES[job.state] ?? WaiterState.RETRY, reason: job };
        } catch (reason) {
          return { state: WaiterState.RETRY, reason };
        }
      }
      const result = await createWaiter({ ...DELAYS, abortSignal: signal }, {}, checkState);
      return checkExceptions(result).reason;
    },
  };
}
