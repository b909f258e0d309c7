/** @import { Clock } from "./types.d.ts" */

// The real clock and timers, before a test replaces them.
const native = { Date: globalThis.Date, setTimeout: globalThis.setTimeout, now: performance.now };

/**
 * The runtime's clock and timers, read at each use, so that fake ones work exactly while a test has them on.
 *
 * @returns {Clock}
 */
export function createSystemClock() {
  let passed = 0;
  let last = read();

  function now() {
    const reading = read();
    // A real and a fake clock have no common zero, so the span between them is unknown.
    if (reading.of === last.of) passed += Math.max(0, reading.at - last.at);
    last = reading;
    return passed;
  }

  return {
    now,
    setTimeout(callback, ms) {
      const due = now() + ms;
      return globalThis.setTimeout(() => {
        // With fake timers but a real clock, the timer determines the time.
        passed = Math.max(now(), due);
        callback();
      }, ms);
    },
    clearTimeout: (timer) => globalThis.clearTimeout(/** @type {number} */ (timer)),
  };
}

function read() {
  // node:test fakes Date and the timers but not performance; other libraries fake all three.
  const byDate =
    performance.now === native.now &&
    globalThis.Date !== native.Date &&
    globalThis.setTimeout !== native.setTimeout;
  return byDate
    ? { of: globalThis.Date, at: Date.now() }
    : { of: /** @type {unknown} */ (performance.now), at: performance.now() };
}
