import { useMemo, useSyncExternalStore } from "react";

/** What is known of the job of a handle: its last snapshot, whether the wait is over, and with which error. */
export function useJob(handle) {
  const { subscribe, read } = useMemo(() => storeOf(handle), [handle]);
  return useSyncExternalStore(subscribe, read, read);
}

function storeOf(handle) {
  let seen = { job: handle.latest, over: false, error: undefined };

  // Each component that looks is a waiter of its own; one poll serves them all.
  function subscribe(changed) {
    const leaving = new AbortController();
    const see = (news) => {
      seen = { ...seen, ...news };
      changed();
    };
    handle.result({ signal: leaving.signal, onProgress: (job) => see({ job }) }).then(
      (job) => see({ job, over: true }),
      (error) => leaving.signal.aborted || see({ job: handle.latest, over: true, error }),
    );
    return () => leaving.abort();
  }

  return { subscribe, read: () => seen };
}
