// What the tabs of an origin share one poller by: a lock that one of them holds, and a channel that all
// of them hear. Who does what with it is decided in the engine.

/** A tab's part in it. */
export interface Joined {
  post(message: string): void;
  leave(): void;
}

/** Whether there are both. */
export function canShare(): boolean {
  return typeof BroadcastChannel === "function" && typeof globalThis.navigator?.locks?.request === "function";
}

/** `leads` is called when the lock is ours, `heard` with what others post; neither after `leave()`. */
export function join(name: string, heard: (message: string) => void, leads: () => void): Joined {
  const channel = new BroadcastChannel(name);
  const waiting = new AbortController();
  let release: (() => void) | undefined;
  let here = true;
  channel.onmessage = ({ data }) => {
    if (here && typeof data === "string") heard(data);
  };
  navigator.locks
    .request(name, { signal: waiting.signal }, () => {
      if (!here) return;
      // Held until the promise settles, or the tab is gone.
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      leads();
      return held;
    })
    .catch(() => {});
  return {
    post: (message) => channel.postMessage(message),
    leave() {
      here = false;
      waiting.abort();
      release?.();
      channel.close();
    },
  };
}
