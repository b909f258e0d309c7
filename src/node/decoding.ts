// Decodes gzip, deflate and brotli bodies, including nested ones.

import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { fetchFailed } from "./errors.js";
import { type Flow, Incoming } from "./incoming.js";

/** Receives the bytes of a body. */
export interface BodySink {
  push(chunk: Buffer): void;
  end(): void;
  fail(error: unknown): void;
}

/** The value of `accept-encoding`. */
export const ENCODINGS = "gzip, deflate, br";

const MOST_LAYERS = 5;
const DECODERS: Record<string, (first: number) => Transform> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  br: () => createBrotliDecompress(),
  // The standard requires a zlib header, but some servers omit it.
  deflate: (first) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw()),
};

/** The body of a response, and the sink for the bytes from the network. */
export function bodyFor(encoding: string | undefined, flow: Flow): { body: Incoming; sink: BodySink } {
  const names = encoding === undefined ? [] : encoding.split(",").map((name) => name.trim());
  const layers = names.filter((name) => name !== "" && name !== "identity");
  const areKnown = layers.length <= MOST_LAYERS && layers.every((name) => Object.hasOwn(DECODERS, name));
  // Like fetch, pass on a body with an unknown encoding unchanged.
  if (layers.length === 0 || !areKnown) {
    const body = new Incoming(flow);
    return { body, sink: body };
  }
  // From the outermost layer inwards. Each layer pauses and resumes the one before it.
  const decoders = layers
    .reverse()
    .map((name) => new Decoder(DECODERS[name] as (first: number) => Transform));
  const last = decoders.at(-1) as Decoder;
  const body = new Incoming({
    pause: () => last.pause(),
    resume: () => last.resume(),
    cancel: () => {
      for (const decoder of decoders) decoder.destroy();
      flow.cancel();
    },
  });
  decoders.forEach((decoder, at) => {
    const before = decoders[at - 1];
    decoder.connect(before ?? flow, decoders[at + 1] ?? body, () => flow.cancel());
  });
  return { body, sink: decoders[0] as Decoder };
}

/** One layer. It starts at the first byte, which shows the kind of deflate. */
class Decoder implements BodySink {
  readonly #make: (first: number) => Transform;
  #transform: Transform | undefined;
  #before: Pick<Flow, "pause" | "resume"> | undefined;
  #after: BodySink | undefined;
  #broken: () => void = () => {};
  #isPaused = false;

  constructor(make: (first: number) => Transform) {
    this.#make = make;
  }

  connect(before: Pick<Flow, "pause" | "resume">, after: BodySink, broken: () => void): void {
    this.#before = before;
    this.#after = after;
    this.#broken = broken;
  }

  push(chunk: Buffer): void {
    const [first] = chunk;
    if (first === undefined) return;
    this.#transform ??= this.#begin(first);
    if (!this.#transform.write(chunk)) this.#before?.pause();
  }

  end(): void {
    // An empty body has nothing to decode.
    if (this.#transform) this.#transform.end();
    else this.#after?.end();
  }

  fail(error: unknown): void {
    this.destroy();
    this.#after?.fail(error);
  }

  pause(): void {
    this.#isPaused = true;
    this.#transform?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#transform) this.#transform.resume();
    else this.#before?.resume();
  }

  destroy(): void {
    this.#transform?.destroy();
  }

  #begin(first: number): Transform {
    const transform = this.#make(first);
    transform.on("data", (chunk: Buffer) => this.#after?.push(chunk));
    transform.on("end", () => this.#after?.end());
    transform.on("drain", () => this.#before?.resume());
    transform.on("error", (error) => {
      this.#after?.fail(fetchFailed(error));
      this.#broken();
    });
    if (this.#isPaused) transform.pause();
    return transform;
  }
}
