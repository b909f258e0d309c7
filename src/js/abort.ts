// One listener for each signal, because a page may use one signal for a hundred jobs, and Node warns of a leak at the
// eleventh listener.

interface Listener {
  callbacks: Set<() => void>;
  onAborted: () => void;
}

const listeners = new WeakMap<AbortSignal, Listener>();

/** Calls back when the signal aborts. The returned function cancels this. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  // A wrapper, so that a function passed twice is called twice.
  const own = () => callback();
  const known = listeners.get(signal);
  known?.callbacks.add(own);
  const { callbacks, onAborted } = known ?? listen(signal, own);
  return () => {
    if (!callbacks.delete(own) || callbacks.size > 0) return;
    listeners.delete(signal);
    try {
      signal.removeEventListener("abort", onAborted);
    } catch {
      // A signal that is not a real one may throw. Its error must not affect other waits.
    }
  };
}

/** The reason of the abort; an older kind of signal has none. */
export function reasonOf(signal: AbortSignal): unknown {
  try {
    return signal.reason ?? new DOMException("The wait was aborted", "AbortError");
  } catch (error) {
    return error;
  }
}

// Adds the callback before the listener, because a signal may call the listener at once.
function listen(signal: AbortSignal, callback: () => void): Listener {
  const callbacks = new Set([callback]);
  const onAborted = () => {
    for (const callback of [...callbacks]) callback();
  };
  signal.addEventListener("abort", onAborted);
  const listener = { callbacks, onAborted };
  listeners.set(signal, listener);
  return listener;
}

// The last check: the kind of signal, the Request class, and whether the class accepts that kind.
let checked: [unknown, unknown, boolean] | undefined;

/**
 * The signal, or a copy that the platform's fetch accepts. jsdom replaces AbortController but not fetch, and Node's
 * fetch accepts only Node's own signals since version 24.
 */
export function signalForFetch(signal: AbortSignal): AbortSignal {
  const { Request } = globalThis as { Request?: typeof globalThis.Request };
  if (!Request) return signal;
  const kind = Object.getPrototypeOf(signal);
  if (checked?.[0] !== kind || checked?.[1] !== Request) checked = [kind, Request, takes(Request, signal)];
  const follower = checked?.[2] ? undefined : controllerOfNode();
  if (!follower) return signal;
  onAbort(signal, () => follower.abort());
  return follower.signal;
}

function controllerOfNode(): AbortController | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: string): { transferableAbortController(): AbortController } };
  };
  try {
    return process?.getBuiltinModule?.("node:util").transferableAbortController();
  } catch {
    // Another object may have this name. Then fetch reports the signal.
  }
}

function takes(kind: typeof Request, signal: AbortSignal): boolean {
  try {
    return !!new kind("http://localhost/", { signal });
  } catch {
    return false;
  }
}
