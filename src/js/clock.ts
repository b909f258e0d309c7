// The clock and the timer. Tests and frameworks may replace those of the runtime, so a timer may fire too early or
// throw.

/** A timer that fires earlier than this is not reliable. */
const TOO_EARLY_MS = 50;

/** The time in milliseconds, from an arbitrary start. A fake clock may go back. */
export function now(): number {
  return (globalThis.performance ?? Date).now();
}

/**
 * The global `setTimeout`. If it fires too early, falls back to `AbortSignal.timeout`. Never calls back at once.
 *
 * @param span In milliseconds, a whole number.
 * @returns The argument for {@link clearTimeout}.
 */
export function setTimeout(callback: () => void, span: number): () => void {
  const start = now();
  let pending: (() => void) | undefined = callback;
  const fire = () => {
    const due = pending;
    pending = undefined;
    due?.();
  };
  const fallBack = (left: number) =>
    quietly(() => AbortSignal.timeout(Math.max(0, Math.ceil(left))).addEventListener("abort", fire));
  let isSet = false;
  let id: ReturnType<typeof globalThis.setTimeout> | undefined;
  try {
    id = globalThis.setTimeout(() => {
      const left = span - (now() - start);
      if (isSet && left <= Math.max(TOO_EARLY_MS, span / 2)) fire();
      else if (pending) fallBack(left);
    }, span);
    isSet = true;
  } catch {
    fallBack(span);
  }
  return () => {
    pending = undefined;
    quietly(() => globalThis.clearTimeout(id));
  };
}

export function clearTimeout(clear: () => void): void {
  clear();
}

/** Runs an optional action and ignores its errors. */
export function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Nothing depends on the action.
  }
}
