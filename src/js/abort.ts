// One listener for each signal, however many waits use it: a page may have one signal for a hundred jobs,
// and Node warns of a leak from the eleventh listener on.

interface Listener {
  callbacks: Set<() => void>;
  onAborted: () => void;
}

const listeners = new WeakMap<AbortSignal, Listener>();

/** Calls back when the signal aborts. The function that it returns cancels that. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, onAborted } = listeners.get(signal) ?? listen(signal);
  // The same function may be passed twice, and then counts twice.
  const own = () => callback();
  callbacks.add(own);
  return () => {
    if (!callbacks.delete(own) || callbacks.size > 0) return;
    listeners.delete(signal);
    try {
      signal.removeEventListener("abort", onAborted);
    } catch {
      // A signal that is no real one: its error must not reach anybody else.
    }
  };
}

function listen(signal: AbortSignal): Listener {
  const callbacks = new Set<() => void>();
  const onAborted = () => {
    for (const callback of [...callbacks]) callback();
  };
  signal.addEventListener("abort", onAborted);
  const listener = { callbacks, onAborted };
  listeners.set(signal, listener);
  return listener;
}
