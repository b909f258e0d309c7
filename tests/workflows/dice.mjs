// A generator of our own, so that a history depends on nothing but its seed.

export class Dice {
  #state;

  /** @param {number} seed a whole number */
  constructor(seed) {
    this.#state = BigInt(seed) * 2n + 1n;
    for (let thrown = 0; thrown < 4; thrown += 1) this.#next();
  }

  /** From 0 up to, and without, a bound. */
  below(bound) {
    return this.#next() % bound;
  }

  /** Both ends included. */
  between(least, most) {
    return least + this.below(most - least + 1);
  }

  /** True once in so many throws. */
  once(inSoMany) {
    return this.below(inSoMany) === 0;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  // Knuth's generator of the MMIX: it works modulo 2^64.
  #next() {
    this.#state = BigInt.asUintN(64, this.#state * 6364136223846793005n + 1442695040888963407n);
    return Number(this.#state >> 33n);
  }
}
