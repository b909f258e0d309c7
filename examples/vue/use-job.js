import { shallowRef, toValue, watchEffect } from "vue";

/** Returns the latest snapshot of a handle's job, and the error that ended the wait. The handle can be a ref or undefined. */
export function useJob(handle) {
  const job = shallowRef();
  const error = shallowRef();

  watchEffect((onCleanup) => {
    const current = toValue(handle);
    job.value = current?.latest;
    error.value = undefined;
    if (!current) return;
    const controller = new AbortController();
    const { signal } = controller;
    const show = (snapshot) => {
      job.value = snapshot;
    };
    const fail = (reason) => {
      if (!signal.aborted) error.value = reason;
    };
    current.result({ signal, onProgress: show }).then(show, fail);
    // A resumed handle has no snapshot yet, and its long poll returns only after a change.
    if (!current.latest) current.poll({ signal }).catch(() => {});
    onCleanup(() => controller.abort());
  });

  return { job, error };
}
