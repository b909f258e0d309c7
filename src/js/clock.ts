// The clock and the timer. Tests and frameworks replace the runtime's own: a timer may call back at once, long before
// its time, or throw.

/** A timer that fires this much before its time does not keep time. */
const TOO_EARLY_MS = 50;

/** In milliseconds, from whenever. Somebody may put it back. */
export function now(): number {
  return (globalThis.performance ?? Date).now();
}

/**
 * The global `setTimeout`, and where that does not keep time, a timer that nobody replaces. Never calls back at once.
 *
 * @param span in milliseconds, as a whole number
 * @returns what {@link clearTimeout} takes
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

/** Does what the surroundings may refuse, and what nobody misses then. */
export function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Nothing depends on it.
  }
}
