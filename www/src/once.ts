// A double click, or a key that is held down, sends once what it asks for.

/** Two clicks within this time, in milliseconds, with nothing typed between them, are a double click. */
const again = 1_000;

/**
 * Calls `send` when the form is submitted, but not again for a submit that follows the last one at once with nothing
 * typed or chosen between them, nor while `send` is under way.
 *
 * @returns a function after which the next submit counts, however soon it comes
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
  // The second half of a double click may meet a form that stands where another thing was before.
  form.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("[type=submit]") : null;
    if (target && event.detail > 1) event.preventDefault();
  });
  return rearm;
}
