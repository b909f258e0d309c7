// One listener for each signal, however many waits use it: a page may have one signal for a hundred jobs,
// and Node warns of a leak from the eleventh listener on.

interface Listener {
  callbacks: Set<() => void>;
  onAborted: () => void;
}

const listeners = new WeakMap<AbortSignal, Listener>();

/** Calls back when the signal aborts. The function that it returns cancels that. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  // The same function may be passed twice, and then counts twice.
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
      // A signal that is no real one: its error must not reach anybody else.
    }
  };
}

/** Why it aborted; a signal of an older kind does not say. */
export function reasonOf(signal: AbortSignal): unknown {
  try {
    return signal.reason ?? new DOMException("The wait was aborted", "AbortError");
  } catch (error) {
    return error;
  }
}

// The callback is there before the listener: a signal may call it back at once.
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

// What was found out last: the kind of signal, the Request that was asked, and whether it takes that kind.
let asked: [unknown, unknown, boolean] | undefined;

/**
 * The signal, or one that follows it and that the platform's own fetch takes: jsdom replaces AbortController and not
 * fetch, and from 24 on Node's fetch takes signals of Node's own kind only.
 */
export function signalForFetch(signal: AbortSignal): AbortSignal {
  const { Request } = globalThis as { Request?: typeof globalThis.Request };
  if (!Request) return signal;
  const kind = Object.getPrototypeOf(signal);
  if (asked?.[0] !== kind || asked?.[1] !== Request) asked = [kind, Request, takes(Request, signal)];
  const follower = asked?.[2] ? undefined : controllerOfNode();
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
    // Where something else calls itself so, fetch says what it wants.
  }
}

function takes(kind: typeof Request, signal: AbortSignal): boolean {
  try {
    return !!new kind("http://localhost/", { signal });
  } catch {
    return false;
  }
}
