// One listener for each signal, however many wait by it: a page may have one signal for a hundred jobs,
// and Node warns of a leak from the eleventh listener on.

interface Heard {
  callbacks: Set<() => void>;
  tell: () => void;
}

const heard = new WeakMap<AbortSignal, Heard>();

/** Calls back when the signal aborts; what it returns ends that. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, tell } = heard.get(signal) ?? listen(signal);
  // A function may be given twice, and counts twice.
  const own = () => callback();
  callbacks.add(own);
  return () => {
    if (!callbacks.delete(own) || callbacks.size > 0) return;
    heard.delete(signal);
    try {
      signal.removeEventListener("abort", tell);
    } catch {
      // One of another making: what is wrong with it is nobody else's trouble.
    }
  };
}

function listen(signal: AbortSignal): Heard {
  const callbacks = new Set<() => void>();
  const tell = () => {
    for (const callback of [...callbacks]) callback();
  };
  signal.addEventListener("abort", tell);
  const made = { callbacks, tell };
  heard.set(signal, made);
  return made;
}
