import { useEffect, useState } from "react";

/** Returns the latest snapshot of a handle's job, and the error that ended the wait. */
export function useJob(handle) {
  const [seen, setSeen] = useState({});
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const show = (job) => setSeen({ handle, job });
    const fail = (error) => signal.aborted || setSeen({ handle, job: handle.latest, error });
    handle.result({ signal, onProgress: show }).then(show, fail);
    // A resumed handle has no snapshot yet, and its long poll returns only after a change.
    if (!handle.latest) handle.poll({ signal }).catch(() => {});
    return () => controller.abort();
  }, [handle]);
  // Ignores the snapshot and the error of an earlier handle.
  return seen.handle === handle ? { job: seen.job, error: seen.error } : { job: handle.latest };
}
