// Bodies that are compressed: gzip, deflate and brotli, also one within another.

import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { fetchFailed } from "./errors.js";
import { type Flow, Incoming } from "./incoming.js";

/** Where the bytes of a body go. */
export interface BodySink {
  push(chunk: Buffer): void;
  end(): void;
  fail(error: unknown): void;
}

/** What is asked for. */
export const ENCODINGS = "gzip, deflate, br";

const MOST_LAYERS = 5;
const DECODERS: Record<string, (first: number) => Transform> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  br: () => createBrotliDecompress(),
  // With a header, as the standard has it, or without, as some servers send it.
  deflate: (first) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw()),
};

/** The body of a response, and where to put what comes from the network for it. */
export function bodyFor(encoding: string | undefined, flow: Flow): { body: Incoming; sink: BodySink } {
  const names = encoding === undefined ? [] : encoding.split(",").map((name) => name.trim());
  const layers = names.filter((name) => name !== "" && name !== "identity");
  const areKnown = layers.length <= MOST_LAYERS && layers.every((name) => Object.hasOwn(DECODERS, name));
  // What has another encoding is passed on as it is, as fetch does.
  if (layers.length === 0 || !areKnown) {
    const body = new Incoming(flow);
    return { body, sink: body };
  }
  // From the outermost inwards: each layer controls the one before it.
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

/** One layer: made when its first byte is here, since that tells which kind of deflate it is. */
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
    // A body without a byte has nothing to decode.
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
