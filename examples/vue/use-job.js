import { shallowRef, toValue, watchEffect } from "vue";

/** The last snapshot of a handle's job, and the error that ended the wait. The handle may be a ref, and undefined. */
export function useJob(handle) {
  const job = shallowRef();
  const error = shallowRef();

  watchEffect((onCleanup) => {
    const followed = toValue(handle);
    job.value = error.value = undefined;
    if (!followed) return;
    const leaving = new AbortController();
    const { signal } = leaving;
    const leave = followed.subscribe((seen) => {
      job.value = seen;
    });
    followed.result({ signal }).catch((reason) => {
      if (!signal.aborted) error.value = reason;
    });
    onCleanup(() => {
      leave();
      leaving.abort();
    });
  });

  return { job, error };
}
