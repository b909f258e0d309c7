import { quietly } from "./clock.js";

// Shares one poller between the tabs of an origin, with a lock that one tab holds and a channel that all tabs read. The
// engine decides what each tab does.

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
 * Calls `onLeader` when this tab gets the lock, `onMessage` for each message from another tab, and `onRefused` if the
 * browser denies the lock. Some browsers deny it if a site may store nothing. Calls nothing after `leave()`.
 *
 * @throws The browser's error if it denies the channel or the lock at once.
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
    // The tab holds the lock until the promise settles or the tab is gone.
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
    // Leaving also rejects the request.
    Promise.resolve(request).catch(() => isMember && onRefused());
  } catch (error) {
    leave();
    throw error;
  }
  return { post: (message) => channel.postMessage(message), leave };
}
