// The body of a response on its way in: gathered up to a bound while nobody asks for it, and then given chunk by chunk,
// as a whole or as a stream. A small body needs no stream that way, which costs more than the rest of its request.

/** What a body's source can be told. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Nobody wants the rest. */
  cancel(): void;
}

/** One step of a body, as a reader of a stream gives it. */
export interface Step {
  readonly done?: boolean;
  readonly value?: Uint8Array;
}

/** So much is read ahead. */
export const AHEAD = 64 * 1024;

export class Incoming {
  /** For a client of this package: the signal of the request ends it. */
  readonly isTied = true;
  readonly #flow: Flow;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #isPaused = false;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #asked: { resolve(step: Step): void; reject(error: unknown): void } | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  push(chunk: Uint8Array): void {
    if (this.#isEnded || this.#failure) return;
    const asked = this.#asked;
    if (asked) {
      this.#asked = undefined;
      asked.resolve({ value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < AHEAD) return;
    this.#isPaused = true;
    this.#flow.pause();
  }

  end(): void {
    if (this.#failure) return;
    this.#isEnded = true;
    this.#asked?.resolve({ done: true });
    this.#asked = undefined;
  }

  /** The rest will not come; what was gathered is no body. */
  fail(error: unknown): void {
    if (this.#isEnded || this.#failure) return;
    this.#failure = { error };
    this.#chunks = [];
    this.#asked?.reject(error);
    this.#asked = undefined;
  }

  /** The next chunk. One at a time is asked for. */
  read(): Promise<Step> {
    const value = this.#chunks.shift();
    if (value) {
      this.#size -= value.length;
      if (this.#isPaused && this.#size < AHEAD) {
        this.#isPaused = false;
        this.#flow.resume();
      }
      return Promise.resolve({ value });
    }
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (this.#isEnded) return Promise.resolve({ done: true });
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
    });
  }

  /** Frees the connection. Nothing is read after that. */
  cancel(): void {
    if (this.#isEnded && this.#chunks.length === 0) return;
    this.#chunks = [];
    this.end();
    this.#flow.cancel();
  }

  async whole(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const { value } = await this.read();
      if (!value) break;
      chunks.push(value);
    }
    const [only] = chunks;
    return only && chunks.length === 1 ? only : Buffer.concat(chunks);
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      type: "bytes",
      pull: async (controller) => {
        const { value } = await this.read();
        // A copy: the stream takes its bytes away from others who have a part of the same memory.
        if (value) controller.enqueue(new Uint8Array(value));
        else controller.close();
        // Somebody reads into a buffer of their own.
        if (!value) controller.byobRequest?.respond(0);
      },
      cancel: () => this.cancel(),
    });
  }
}
