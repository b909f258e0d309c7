// How the tabs of an origin share one poller: by a lock that one of them holds, and a channel that all of
// them read. The engine decides which tab does what.

/** A tab's membership. */
export interface Joined {
  post(message: string): void;
  leave(): void;
}

/** Whether the runtime has locks and channels. */
export function canShare(): boolean {
  return typeof BroadcastChannel === "function" && typeof globalThis.navigator?.locks?.request === "function";
}

/**
 * Calls `onLeader` when this tab gets the lock, and `onMessage` with what other tabs post; neither after
 * `leave()`.
 */
export function join(name: string, onMessage: (message: string) => void, onLeader: () => void): Joined {
  const channel = new BroadcastChannel(name);
  const waiting = new AbortController();
  let release: (() => void) | undefined;
  let isMember = true;
  channel.onmessage = ({ data }) => {
    if (isMember && typeof data === "string") onMessage(data);
  };
  navigator.locks
    .request(name, { signal: waiting.signal }, () => {
      if (!isMember) return;
      // The lock is held until the promise settles or the tab is gone.
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      onLeader();
      return held;
    })
    .catch(() => {});
  return {
    post: (message) => channel.postMessage(message),
    leave() {
      isMember = false;
      waiting.abort();
      release?.();
      channel.close();
    },
  };
}
