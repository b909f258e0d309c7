// Sends a form once for a double click or a key that is held down.

/** Two submits within this time, without input between them, count as one. Milliseconds. */
const again = 1_000;

/**
 * Calls `send` when the user submits the form. Ignores a submit while `send` runs, and one that follows the last within
 * {@link again} without input between them.
 *
 * @returns a function that makes the next submit count at once
 */
export function onSubmit(form: HTMLFormElement, send: () => void | Promise<void>): () => void {
  let submittedAt = Number.NEGATIVE_INFINITY;
  let sending = false;
  const rearm = () => {
    submittedAt = Number.NEGATIVE_INFINITY;
  };
  form.addEventListener("input", rearm);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const at = performance.now();
    const repeated = at - submittedAt < again;
    submittedAt = at;
    if (repeated || sending) return;
    sending = true;
    try {
      await send();
    } finally {
      sending = false;
    }
  });
  // The second click of a double click may hit a form that has just appeared under the pointer.
  form.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("[type=submit]") : null;
    if (target && event.detail > 1) event.preventDefault();
  });
  return rearm;
}
