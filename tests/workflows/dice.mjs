// A random generator, so that a history depends only on its seed.

export class Dice {
  #state;

  /** @param {number} seed A whole number. */
  constructor(seed) {
    this.#state = BigInt(seed) * 2n + 1n;
    for (let thrown = 0; thrown < 4; thrown += 1) this.#next();
  }

  /** A whole number from 0 to below a bound. */
  below(bound) {
    return this.#next() % bound;
  }

  /** A whole number, including both ends. */
  between(least, most) {
    return least + this.below(most - least + 1);
  }

  /** True once in this many calls, on average. */
  once(inSoMany) {
    return this.below(inSoMany) === 0;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  // Knuth's MMIX generator, modulo 2^64.
  #next() {
    this.#state = BigInt.asUintN(64, this.#state * 6364136223846793005n + 1442695040888963407n);
    return Number(this.#state >> 33n);
  }
}
