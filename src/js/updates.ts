import { onAbort } from "./abort.js";
import type { WaitSettings } from "./options.js";
import type { JobSnapshot } from "./types.js";

type Step = IteratorResult<JobSnapshot, undefined>;

/**
 * A wait as an iterator over its changes. The first `next()` starts the wait, and leaving the loop ends it. Not a
 * generator, whose `return()` would wait for a pending `next()`.
 */
export function updates(
  wait: (options: WaitSettings) => Promise<JobSnapshot>,
  { signal, timeout, onProgress }: WaitSettings,
): AsyncIterableIterator<JobSnapshot> {
  const seen: JobSnapshot[] = [];
  const asked: { resolve: (step: Step) => void; reject: (error: unknown) => void }[] = [];
  const leaves = new AbortController();
  let last: JobSnapshot | undefined;
  let begun = false;
  let over = false;
  let failure: { error: unknown } | undefined;

  function see(job: JobSnapshot): void {
    // The end is also the last change, unless the response was synchronous.
    if (job !== last) seen.push(job);
    last = job;
    handOut();
  }

  /** The client may have a default `onProgress`. */
  function seeAndTell(job: JobSnapshot): unknown {
    see(job);
    return onProgress?.(job);
  }

  function end(how?: { error: unknown }): void {
    if (over) return;
    over = true;
    failure = how;
    handOut();
  }

  function handOut(): void {
    while (asked.length > 0 && (seen.length > 0 || over)) {
      const next = asked.shift();
      const value = seen.shift();
      if (value) {
        next?.resolve({ value, done: false });
      } else if (failure) {
        next?.reject(failure.error);
        failure = undefined;
      } else {
        next?.resolve({ value: undefined, done: true });
      }
    }
  }

  function begin(): void {
    begun = true;
    const leave = () => leaves.abort(signal?.reason);
    const unlisten = signal && onAbort(signal, leave);
    if (signal?.aborted) leave();
    wait({ timeout, signal: leaves.signal, onProgress: seeAndTell })
      .then(
        (job) => {
          see(job);
          end();
        },
        (error) => end({ error }),
      )
      .finally(unlisten);
  }

  return {
    next() {
      if (!begun) begin();
      return new Promise((resolve, reject) => {
        asked.push({ resolve, reject });
        handOut();
      });
    },
    async return() {
      begun = true;
      seen.length = 0;
      failure = undefined;
      end();
      leaves.abort();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
