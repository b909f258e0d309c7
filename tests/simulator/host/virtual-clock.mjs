/** @import { VirtualClock } from "./types.d.ts" */

// The real ones, even if a test fakes them later.
const { setImmediate, MessageChannel } = globalThis;

/**
 * A clock that moves only when `advance` is called.
 *
 * @returns {VirtualClock}
 */
export function createVirtualClock() {
  let time = 0;
  let made = 0;
  /** @type {Map<number, { at: number, callback: () => void }>} */
  const timers = new Map();
  return {
    now: () => time,
    setTimeout(callback, ms) {
      made += 1;
      timers.set(made, { at: time + ms, callback });
      return made;
    },
    clearTimeout: (timer) => void timers.delete(/** @type {number} */ (timer)),
    pending: () => timers.size,
    async advance(ms) {
      const end = time + ms;
      for (;;) {
        await settle();
        const [first] = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
        if (!first) break;
        const [id, { at, callback }] = first;
        timers.delete(id);
        time = Math.max(time, at);
        callback();
      }
      time = end;
    },
  };
}

/** Waits until all ready promises have run: a task runs after all microtasks. */
function settle() {
  return new Promise((resolve) => {
    if (setImmediate) return setImmediate(resolve);
    // A page has no setImmediate. Browsers delay nested timers, but not messages.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(undefined);
  });
}
