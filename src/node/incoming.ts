// The body of a response on its way in: gathered while nobody has asked for it, up to a bound, and then given as a
// whole or as a stream. Small bodies need no stream that way, which costs more than the rest of a small request.

/** What a body's source can be told. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Nobody wants the rest. */
  cancel(): void;
}

/** So much is read ahead. */
const AHEAD = 64 * 1024;
const NOTHING = Buffer.alloc(0);

interface Asked {
  readonly limit: number;
  readonly resolve: (bytes: Buffer | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export class Incoming {
  readonly #flow: Flow;
  #chunks: Buffer[] = [];
  #size = 0;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #asked: Asked | undefined;
  #stream: ReadableByteStreamController | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  push(chunk: Buffer): void {
    if (this.#isEnded || this.#failure) return;
    if (this.#stream) {
      // A copy: the stream takes its bytes away from whoever else has them.
      this.#stream.enqueue(new Uint8Array(chunk));
      if ((this.#stream.desiredSize ?? 0) <= 0) this.#flow.pause();
      return;
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (!this.#asked) {
      if (this.#size >= AHEAD) this.#flow.pause();
    } else if (this.#size > this.#asked.limit) {
      this.#settle();
    }
  }

  end(): void {
    if (this.#failure) return;
    this.#isEnded = true;
    if (this.#stream) close(this.#stream);
    else if (this.#asked) this.#settle();
  }

  /** The rest will not come. */
  fail(error: unknown): void {
    if (this.#isEnded || this.#failure) return;
    this.#failure = { error };
    this.#chunks = [];
    this.#stream?.error(error);
    this.#asked?.reject(error);
    this.#asked = undefined;
  }

  /** All of it; undefined, and the rest is not read, where it is longer than the limit. */
  whole(limit = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure.error);
      this.#asked = { limit, resolve, reject };
      if (this.#isEnded || this.#size > limit) this.#settle();
      else this.#flow.resume();
    });
  }

  /** The same as a stream, with the bytes that are here already. */
  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream(
      {
        type: "bytes",
        start: (controller) => {
          this.#stream = controller;
          if (this.#failure) return controller.error(this.#failure.error);
          for (const chunk of this.#chunks) controller.enqueue(new Uint8Array(chunk));
          this.#chunks = [];
          if (this.#isEnded) close(controller);
        },
        pull: () => this.#flow.resume(),
        cancel: () => {
          this.#isEnded = true;
          this.#flow.cancel();
        },
      },
      { highWaterMark: AHEAD },
    );
  }

  #settle(): void {
    const asked = this.#asked;
    if (!asked) return;
    this.#asked = undefined;
    const chunks = this.#chunks;
    this.#chunks = [];
    const [only = NOTHING] = chunks;
    if (this.#size <= asked.limit) {
      asked.resolve(chunks.length > 1 ? Buffer.concat(chunks, this.#size) : only);
    } else {
      this.#isEnded = true;
      this.#flow.cancel();
      asked.resolve(undefined);
    }
  }
}

function close(controller: ReadableByteStreamController): void {
  controller.close();
  // Somebody reads into a buffer of their own.
  controller.byobRequest?.respond(0);
}
