// The body of an arriving response. It buffers up to a limit, and is read in chunks, as a whole or as a stream. Small
// bodies avoid a stream, which would cost more than the rest of the request.

/** Controls the source of a body. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Discards the rest. */
  cancel(): void;
}

/** One step of a body, like that of a stream's reader. */
export interface Step {
  readonly done?: boolean;
  readonly value?: Uint8Array;
}

/** The size of the read-ahead buffer. */
export const AHEAD = 64 * 1024;

export class Incoming {
  /** For the client: the request's signal also ends the body. */
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

  /** Fails the body and drops the buffered part. */
  fail(error: unknown): void {
    if (this.#isEnded || this.#failure) return;
    this.#failure = { error };
    this.#chunks = [];
    this.#asked?.reject(error);
    this.#asked = undefined;
  }

  /** The next chunk. The caller requests one at a time. */
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

  /** Releases the connection and ends the body. */
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
        // A copy, because the stream transfers its buffer and other chunks may share the memory.
        if (value) controller.enqueue(new Uint8Array(value));
        else controller.close();
        // A BYOB reader needs a response of zero bytes.
        if (!value) controller.byobRequest?.respond(0);
      },
      cancel: () => this.cancel(),
    });
  }
}
