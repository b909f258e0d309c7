/** @import { Clock } from "./types.d.ts" */

// What was there before a test replaced anything.
const native = { Date: globalThis.Date, setTimeout: globalThis.setTimeout, now: performance.now };

/**
 * The runtime's own clock and timers, looked up at each use, so that fake ones count as soon as a test
 * turns them on, and no longer than that.
 *
 * @returns {Clock}
 */
export function createSystemClock() {
  let passed = 0;
  let last = read();

  function now() {
    const reading = read();
    // Between a real clock and a fake one lies no span that could be told.
    if (reading.of === last.of) passed += Math.max(0, reading.at - last.at);
    last = reading;
    return passed;
  }

  return {
    now,
    setTimeout(callback, ms) {
      const due = now() + ms;
      return globalThis.setTimeout(() => {
        // Where timers are fake and clocks are not, the timer is what tells the time.
        passed = Math.max(now(), due);
        callback();
      }, ms);
    },
    clearTimeout: (timer) => globalThis.clearTimeout(/** @type {number} */ (timer)),
  };
}

function read() {
  // node:test fakes Date and timers and leaves performance alone; others fake all three.
  const byDate =
    performance.now === native.now &&
    globalThis.Date !== native.Date &&
    globalThis.setTimeout !== native.setTimeout;
  return byDate
    ? { of: globalThis.Date, at: Date.now() }
    : { of: /** @type {unknown} */ (performance.now), at: performance.now() };
}
