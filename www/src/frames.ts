// When to draw: at most once a frame, and a few times a second for frequent changes.

const spacing = 200;

export class Frames {
  readonly #draw: () => void;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame: number | undefined;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  /** Draws in the next frame, for a change that the user made. */
  next(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#drawnAt = performance.now();
      this.#draw();
    });
  }

  /** Draws within {@link spacing} milliseconds. */
  soon(): void {
    if (this.#frame !== undefined || this.#timer !== undefined) return;
    const wait = this.#drawnAt + spacing - performance.now();
    if (wait <= 0) this.next();
    else this.#timer = setTimeout(() => this.next(), wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }
}
