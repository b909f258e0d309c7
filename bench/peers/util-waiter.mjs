// `@smithy/util-waiter`, as the AWS SDK's generated waiters use it: an unknown error means "not yet", and the waiter polls again
// after a backoff. A status that does not pass is a failure.

import { checkExceptions, createWaiter, WaiterState } from "@smithy/util-waiter";
import { isOver, isTransient, poll, start } from "./deploy.mjs";

export const title = "@smithy/util-waiter";

// Seconds. The waiter has one delay, after progress and after errors, which doubles from poll to poll. The server waits, so the
// delay starts low.
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
          const { status } = reason;
          const passes = status === undefined || isTransient(status);
          return { state: passes ? WaiterState.RETRY : WaiterState.FAILURE, reason };
        }
      }
      const result = await createWaiter({ ...DELAYS, abortSignal: signal }, {}, checkState);
      return checkExceptions(result).reason;
    },
  };
}
