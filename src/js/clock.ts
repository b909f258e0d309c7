// A clock that never goes back, and one timer. Tests and frameworks replace the runtime's own: a clock may be put
// back, and a timer may call back at once, or throw.

/** What `setTimeout` takes at most; it fires at once beyond it. The engine, woken early, asks again. */
const LONGEST_MS = 2 ** 31 - 1;
/** A timer that fires this much before its time does not keep time. */
const TOO_EARLY_MS = 50;

/** The timers to try, in turn: the next one is for where the last one does not keep time. */
const TIMERS: ((callback: () => void, span: number) => () => void)[] = [
  (callback, span) => {
    const id = setTimeout(callback, span);
    return () => clearTimeout(id);
  },
  (callback, span) => {
    const id = setInterval(callback, span);
    return () => clearInterval(id);
  },
  (callback, span) => {
    const signal = AbortSignal.timeout(span);
    signal.addEventListener("abort", callback);
    return () => signal.removeEventListener("abort", callback);
  },
];

/** The clock and the timer of one client. */
export class Clock {
  #reading = 0;
  #elapsed = 0;
  #timer = 0;
  /** What the timer that is set calls; replaced or cleared, it does nothing. */
  #fire: (() => void) | undefined;
  #clear: (() => void) | undefined;

  /** In milliseconds, from whenever. */
  now(): number {
    const reading = (globalThis.performance ?? Date).now();
    if (reading > this.#reading) this.#elapsed += reading - this.#reading;
    this.#reading = reading;
    return this.#elapsed;
  }

  /** Sets the timer, in place of the one that is set; without a span it sets none. Never calls back at once. */
  setTimer(span: number | undefined, callback: () => void): void {
    const clear = this.#clear;
    this.#fire = undefined;
    this.#clear = undefined;
    quietly(() => clear?.());
    const timer = TIMERS[this.#timer];
    // Without a timer that keeps time, the engine is asked when something else happens.
    if (span === undefined || !timer) return;

    const start = this.now();
    const next = () => {
      this.#timer += 1;
      this.setTimer(Math.max(0, span - (this.now() - start)), callback);
    };
    let isSet = false;
    const fire = () => {
      if (this.#fire !== fire) return;
      const early = Math.min(span, LONGEST_MS) - (this.now() - start);
      if (!isSet || early > Math.max(TOO_EARLY_MS, span / 2)) return next();
      this.setTimer(undefined, callback);
      callback();
    };
    this.#fire = fire;
    try {
      const cleared = timer(fire, Math.min(span, LONGEST_MS));
      if (this.#fire === fire) this.#clear = cleared;
      else quietly(cleared);
      isSet = true;
    } catch {
      if (this.#fire === fire) next();
    }
  }
}

/** Does what the surroundings may refuse, and what nobody misses then. */
export function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Nothing depends on it.
  }
}
