import { shallowRef, toValue, watchEffect } from "vue";

/** Returns the latest snapshot of a handle's job, and the error that ended the wait. The handle can be a ref or undefined. */
export function useJob(handle) {
  const job = shallowRef();
  const error = shallowRef();

  watchEffect((onCleanup) => {
    const current = toValue(handle);
    job.value = error.value = undefined;
    if (!current) return;
    const controller = new AbortController();
    const { signal } = controller;
    const unsubscribe = current.subscribe((snapshot) => {
      job.value = snapshot;
    });
    current.result({ signal }).catch((reason) => {
      if (!signal.aborted) error.value = reason;
    });
    onCleanup(() => {
      unsubscribe();
      controller.abort();
    });
  });

  return { job, error };
}
