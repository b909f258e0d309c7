import { quietly } from "./clock.js";

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
 * `leave()`. Calls `onRefused` if the lock is not to be had: some browsers have locks and refuse them, where a site
 * may store nothing.
 *
 * @throws what the browser throws where it refuses the channel or the lock at once
 */
export function join(
  name: string,
  onMessage: (message: string) => void,
  onLeader: () => void,
  onRefused: () => void,
): Joined {
  const waiting = new AbortController();
  const channel = new BroadcastChannel(name);
  let release: (() => void) | undefined;
  let isMember = true;
  channel.onmessage = ({ data }) => {
    if (isMember && typeof data === "string") onMessage(data);
  };
  const lead = () => {
    if (!isMember) return;
    // The lock is held until the promise settles or the tab is gone.
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    onLeader();
    return held;
  };
  const leave = () => {
    isMember = false;
    quietly(() => waiting.abort());
    release?.();
    quietly(() => channel.close());
  };
  try {
    const request = navigator.locks.request(name, { signal: waiting.signal }, lead);
    // Leaving ends it by an error, too.
    Promise.resolve(request).catch(() => isMember && onRefused());
  } catch (error) {
    leave();
    throw error;
  }
  return { post: (message) => channel.postMessage(message), leave };
}
