// `@tanstack/query-core`: a query for each job, which is fetched again until the job is over, as its guide to polling shows. The
// library retries.

import { environmentManager, QueryClient, QueryObserver } from "@tanstack/query-core";
import { isOver, isTransient, outcome, poll, start } from "./deploy.mjs";

export const title = "@tanstack/query-core";

// Without a window the library assumes that it renders a page on a server, and does not poll.
environmentManager.setIsServer(() => false);

export function create(options) {
  const { limit, minMs, maxMs } = options.retry ?? {};
  const retries = options.retry && {
    retry: (failures, { status }) => failures < limit && (status === undefined || isTransient(status)),
    retryDelay: (attempt) => Math.min(minMs * 2 ** attempt, maxMs),
  };
  // A query without an observer is not kept.
  const queries = { networkMode: "always", refetchIntervalInBackground: true, gcTime: 0, ...retries };
  const client = new QueryClient({ defaultOptions: { queries } });

  return {
    async run(body, { signal, onProgress } = {}) {
      let job = await start(options, body, signal);
      const observer = new QueryObserver(client, {
        queryKey: ["job", job.id],
        queryFn: async ({ signal: left }) => {
          if (!isOver(job)) job = await poll(options, job, left);
          return job;
        },
        // The server waits. With 0 the query is not fetched again.
        refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : 1),
      });
      return outcome(await lastOf(observer, signal, onProgress));
    },
  };
}

function lastOf(observer, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      signal?.removeEventListener("abort", leave);
      unsubscribe();
      settle(value);
    };
    const leave = () => end(reject, signal.reason);
    const unsubscribe = observer.subscribe(({ data, error }) => {
      if (error) return end(reject, error);
      if (!data) return;
      onProgress?.(data);
      if (isOver(data)) end(resolve, data);
    });
    signal?.addEventListener("abort", leave, { once: true });
  });
}
