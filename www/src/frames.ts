// When to draw: at most once a frame, and for news that come by the dozen a few times a second.

const spacing = 200;

export class Frames {
  readonly #draw: () => void;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame: number | undefined;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  /** Draws in the next frame: somebody waits for it. */
  next(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#drawnAt = performance.now();
      this.#draw();
    });
  }

  /** Draws in a frame soon. */
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
