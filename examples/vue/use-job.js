import { shallowRef, toValue, watchEffect } from "vue";

/** What is known of the job of a handle, which may be a ref or a getter, and undefined as long as there is none. */
export function useJob(handle) {
  const job = shallowRef();
  const over = shallowRef(false);
  const error = shallowRef();

  watchEffect((onCleanup) => {
    const followed = toValue(handle);
    job.value = followed?.latest;
    over.value = false;
    error.value = undefined;
    if (!followed) return;

    const leaving = new AbortController();
    onCleanup(() => leaving.abort());
    const see = (seen) => {
      job.value = seen;
    };
    followed.result({ signal: leaving.signal, onProgress: see }).then(
      () => {
        over.value = true;
      },
      (reason) => {
        if (leaving.signal.aborted) return;
        error.value = reason;
        over.value = true;
      },
    );
  });

  return { job, over, error };
}
