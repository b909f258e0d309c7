import { useEffect, useState, useSyncExternalStore } from "react";

/** Returns the latest snapshot of a handle's job, and the error that ended the wait. */
export function useJob(handle) {
  const latest = () => handle.latest;
  const job = useSyncExternalStore(handle.subscribe, latest, latest);
  const [error, setError] = useState();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    handle.result({ signal }).catch((reason) => signal.aborted || setError(reason));
    return () => controller.abort();
  }, [handle]);
  return { job, error };
}
