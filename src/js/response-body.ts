// Response bodies, including those of a library's Response.

import { kindOf } from "./body.js";

/** The chunks of a body, in order. */
export interface Chunks {
  read(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }>;
  /** Releases the connection and ends the body. */
  cancel(): void;
  /** Whether the request's signal also ends the body. */
  readonly isTied?: boolean;
}

/** A web stream or a Node stream. */
interface AnyStream {
  getReader?(): ReadableStreamDefaultReader<unknown>;
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>;
  destroy?(): void;
}

/** A library's response may have a Node stream, or no stream: then its body is one chunk. */
export function chunksOf(response: Response): Chunks {
  // A response of nodeFetch has chunks without a stream.
  const own = (response as { chunks?(): Chunks }).chunks?.();
  if (own) return own;
  const body = (response as { body?: unknown }).body as AnyStream | null | undefined;
  const reader = body?.getReader?.();
  const iterator = reader ? undefined : (body?.[Symbol.asyncIterator]?.() ?? wholeOf(response));
  return {
    async read() {
      const step = await (reader ? reader.read() : iterator?.next());
      return step?.done ? { done: true } : { value: bytesOf(step?.value) };
    },
    cancel() {
      const cancelled = async () => {
        await (reader ? reader.cancel() : body?.destroy ? body.destroy() : iterator?.return?.());
      };
      cancelled().catch(() => {});
    },
  };
}

/**
 * The whole body as a string; undefined if it is larger than the limit. Without a stream, the whole body is in memory
 * before the check.
 */
export async function readBody(
  response: Response,
  limit: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const body = chunksOf(response);
  const cancel = () => body.cancel();
  if (!body.isTied) signal.addEventListener("abort", cancel);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    if (signal.aborted) cancel();
    while (length <= limit) {
      const { done, value } = await body.read();
      if (done) break;
      // A copy, because a stream may reuse the memory.
      if (value) chunks.push(value.slice());
      length += value?.length ?? 0;
    }
    signal.throwIfAborted();
  } finally {
    if (!body.isTied) signal.removeEventListener("abort", cancel);
  }
  if (length > limit) {
    cancel();
    return undefined;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return new TextDecoder().decode(whole);
}

async function* wholeOf(response: Partial<Response>): AsyncGenerator<unknown, undefined> {
  yield response.arrayBuffer
    ? new Uint8Array(await response.arrayBuffer())
    : ((await response.text?.()) ?? "");
}

function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError(`fetch: expected a Response with a body of bytes, not of ${kindOf(chunk)}`);
}
