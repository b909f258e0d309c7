/** @import { Clock } from "./types.d.ts" */

/**
 * A clock that stands still until it is told to go on.
 *
 * @returns {Clock & { advance(ms: number): Promise<void>, pending(): number }} `advance` fires what is due, in order, and lets promises
 *   settle after each; `pending` tells how many timers are set
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

/** Past every promise that is ready: an immediate runs after all of them. */
function settle() {
  return new Promise((resolve) => setImmediate(resolve));
}
