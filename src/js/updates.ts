import type { JobSnapshot, WaitOptions } from "./types.js";

/**
 * A wait as an iterator over the changes that it sees. The wait begins with the first `next()`, and
 * leaving ends it.
 */
export async function* updates(
  wait: (options: WaitOptions) => Promise<JobSnapshot>,
  options: Omit<WaitOptions, "onProgress"> = {},
): AsyncGenerator<JobSnapshot, undefined, undefined> {
  const seen: JobSnapshot[] = [];
  let last: JobSnapshot | undefined;
  let wake: () => void = () => {};
  let over = false;
  const left = new AbortController();
  const end = wait({
    ...options,
    signal: options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal,
    onProgress(job) {
      seen.push(job);
      wake();
    },
  }).finally(() => {
    over = true;
    wake();
  });
  // Rejections are told by the await at the end; a loop that is left never comes there.
  end.catch(() => {});
  try {
    while (true) {
      const job = seen.shift();
      if (job) {
        last = job;
        yield job;
      } else if (over) {
        break;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    const job = await end;
    // A synchronous answer reports no change, but it has an end.
    if (job !== last) yield job;
    return undefined;
  } finally {
    left.abort();
  }
}
