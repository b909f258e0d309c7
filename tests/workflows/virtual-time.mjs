// Virtual time for a whole process. It stops until all ready work is done, then jumps to the next timer, so that an hour of
// a deploy takes milliseconds.

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
  now: performance.now,
};

/** Runs all ready promises. */
const settle = () => new Promise((resolve) => real.setImmediate(resolve));

export class VirtualTime {
  #now = 0;
  #made = 0;
  /** A heap by time, then by the order of the calls. */
  #heap = [];
  #cancelled = new Set();
  #owned = { code: 0, world: 0 };

  /** Replaces the runtime's timers and its monotonic clock. */
  install() {
    globalThis.setTimeout = (callback, ms = 0, ...args) => this.#set("code", () => callback(...args), ms);
    globalThis.clearTimeout = (id) => this.#clear(id);
    performance.now = () => this.#now;
  }

  uninstall() {
    globalThis.setTimeout = real.setTimeout;
    globalThis.clearTimeout = real.clearTimeout;
    performance.now = real.now;
  }

  get now() {
    return this.#now;
  }

  /** The pending timers of the code under test. */
  get pending() {
    return this.#owned.code;
  }

  /** A timer of the simulator or of the test, which is not counted. */
  get clock() {
    return {
      now: () => this.#now,
      setTimeout: (callback, ms) => this.#set("world", callback, ms),
      clearTimeout: (id) => this.#clear(id),
    };
  }

  /** Resolves after this time. */
  after(ms) {
    return new Promise((resolve) => this.#set("world", resolve, ms));
  }

  /** Advances time until a promise settles, and returns its outcome. */
  async until(promise) {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    promise.then(over, over);
    for (;;) {
      await settle();
      if (isOver) return promise;
      if (!this.#fire()) throw new Error("no timer is left, but the promise is pending");
    }
  }

  /** Advances time by this much. */
  pass(ms) {
    return this.until(this.after(ms));
  }

  #set(owner, callback, ms) {
    this.#made += 1;
    const timer = { at: this.#now + Math.max(0, Number(ms) || 0), id: this.#made, owner, callback };
    this.#owned[owner] += 1;
    this.#push(timer);
    // Node's timer is an object, a page's is a number.
    return timer.id;
  }

  #clear(id) {
    const timer = this.#heap.find((one) => one.id === id);
    if (!timer || this.#cancelled.has(id)) return;
    this.#cancelled.add(id);
    this.#owned[timer.owner] -= 1;
  }

  #fire() {
    for (;;) {
      const timer = this.#pop();
      if (!timer) return false;
      if (this.#cancelled.delete(timer.id)) continue;
      this.#owned[timer.owner] -= 1;
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
      return true;
    }
  }

  #push(timer) {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[parent])) return;
      [heap[at], heap[parent]] = [heap[parent], heap[at]];
      at = parent;
    }
  }

  #pop() {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < heap.length && isBefore(heap[left], heap[least])) least = left;
      if (right < heap.length && isBefore(heap[right], heap[least])) least = right;
      if (least === at) return first;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }
}

const isBefore = (one, other) => one.at < other.at || (one.at === other.at && one.id < other.id);
