/** @import { VirtualClock } from "./types.d.ts" */

// The runtime's own, whatever a test fakes later.
const { setImmediate, MessageChannel } = globalThis;

/**
 * A clock that stands still until it is told to go on.
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

/** Past every promise that is ready: a task runs after all of them. */
function settle() {
  return new Promise((resolve) => {
    if (setImmediate) return setImmediate(resolve);
    // A page has none. Messages are not held up as nested timers are.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(undefined);
  });
}
