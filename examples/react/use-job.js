import { useEffect, useState, useSyncExternalStore } from "react";

/** The last snapshot of a handle's job, and the error that ended the wait for it. */
export function useJob(handle) {
  const latest = () => handle.latest;
  const job = useSyncExternalStore(handle.subscribe, latest, latest);
  const [error, setError] = useState();
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    handle.result({ signal }).catch((reason) => signal.aborted || setError(reason));
    return () => leaving.abort();
  }, [handle]);
  return { job, error };
}
