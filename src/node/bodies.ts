// Request bodies of every kind that fetch accepts, with their length if it is known. Large ones are read in pieces.

import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";

/** A body to send. */
export interface Outgoing {
  /** The content type that fetch would set; undefined if it sets none. */
  readonly type: string | undefined;
  /** In bytes; undefined for a stream. */
  readonly length: number | undefined;
  /** The whole body, if it is in memory. */
  readonly whole: string | Uint8Array | undefined;
  /** The body in pieces. Called at most once. */
  pieces(): Pieces;
}

/** A body's bytes, in order. */
export interface Pieces {
  /** The next piece; undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  /** Discards the rest. */
  cancel(reason: unknown): void;
}

const PIECE = 64 * 1024;

/**
 * Copies a body, so that later changes by the caller are not sent.
 *
 * @throws TypeError that names the option and does not show the value.
 */
export function outgoing(body: unknown, duplex: unknown): Outgoing | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return inMemory(body, "text/plain;charset=UTF-8");
  if (body instanceof URLSearchParams)
    return inMemory(String(body), "application/x-www-form-urlencoded;charset=UTF-8");
  if (ArrayBuffer.isView(body))
    return inMemory(copy(body.buffer, body.byteOffset, body.byteLength), undefined);
  if (body instanceof ArrayBuffer || body instanceof SharedArrayBuffer)
    return inMemory(copy(body, 0, body.byteLength), undefined);
  if (isBlob(body)) return ofParts([body], body.type || undefined);
  if (isForm(body)) return ofForm(body);
  const isStream = body instanceof ReadableStream;
  if (isStream || (typeof body === "object" && Symbol.asyncIterator in body)) {
    if (duplex !== "half") throw new TypeError('duplex: expected "half" with a body that is a stream');
    if (isStream && (body.locked || Readable.isDisturbed(body as never)))
      throw new TypeError("body: expected a stream that has not been read");
    return ofStream(body as AsyncIterable<unknown>);
  }
  return inMemory(String(body), "text/plain;charset=UTF-8");
}

function copy(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array {
  return new Uint8Array(buffer, offset, length).slice();
}

// Checks tags instead of classes, because a library or a test environment may have its own.
const tagOf = (value: unknown) => Object.prototype.toString.call(value).slice("[object ".length, -1);

function isBlob(value: unknown): value is Blob {
  return /^(Blob|File)$/.test(tagOf(value)) && typeof (value as Blob).stream === "function";
}

function isForm(value: unknown): value is FormData {
  return tagOf(value) === "FormData" && typeof (value as FormData)[Symbol.iterator] === "function";
}

function inMemory(whole: string | Uint8Array, type: string | undefined): Outgoing {
  const length = typeof whole === "string" ? Buffer.byteLength(whole) : whole.length;
  return {
    type,
    length,
    whole,
    pieces: () => slices(typeof whole === "string" ? Buffer.from(whole) : whole),
  };
}

function slices(bytes: Uint8Array): Pieces {
  let at = 0;
  return {
    next: async () => {
      if (at >= bytes.length) return undefined;
      at += PIECE;
      return bytes.subarray(at - PIECE, at);
    },
    cancel: () => {},
  };
}

type Part = Uint8Array | Blob;

/** Bytes and files in sequence. Reads each file only when it is next. */
function ofParts(parts: readonly Part[], type: string | undefined): Outgoing {
  const length = parts.reduce((sum, part) => sum + (isBlob(part) ? part.size : part.length), 0);
  return {
    type,
    length,
    whole: undefined,
    pieces: () => {
      const rest = [...parts];
      let current: Pieces | undefined;
      const next = async (): Promise<Uint8Array | undefined> => {
        for (;;) {
          const piece = await current?.next();
          if (piece) return piece;
          const part = rest.shift();
          if (!part) return undefined;
          current = isBlob(part) ? fromReader(part.stream()) : slices(part);
        }
      };
      return { next, cancel: (reason) => current?.cancel(reason) };
    },
  };
}

function fromReader(stream: ReadableStream<Uint8Array>): Pieces {
  const reader = stream.getReader();
  return {
    next: async () => (await reader.read()).value,
    cancel: (reason) => {
      reader.cancel(reason).catch(() => {});
    },
  };
}

function ofStream(stream: AsyncIterable<unknown>): Outgoing {
  return {
    type: undefined,
    length: undefined,
    whole: undefined,
    pieces: () => {
      const isWeb = stream instanceof ReadableStream;
      const iterator = isWeb ? undefined : stream[Symbol.asyncIterator]();
      const reader = isWeb ? fromReader(stream as ReadableStream<Uint8Array>) : undefined;
      const next = async () => {
        const value = reader ? await reader.next() : await iterator?.next().then((it) => it.value);
        if (value === undefined) return undefined;
        if (typeof value === "string" && !isWeb) return Buffer.from(value);
        if (ArrayBuffer.isView(value))
          return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
        throw new TypeError("body: expected a stream of bytes");
      };
      const cancel = (reason: unknown) => {
        reader?.cancel(reason);
        Promise.resolve(iterator?.return?.()).catch(() => {});
      };
      return { next, cancel };
    },
  };
}

/** A form, as browsers write it (RFC 7578). The size of each part is known, so the total length is too. */
function ofForm(form: FormData): Outgoing {
  const boundary = `----formdata-${randomBytes(16).toString("hex")}`;
  const parts: Part[] = [];
  for (const [name, value] of form) {
    const field = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(lines(name))}"`;
    if (typeof value === "string") {
      parts.push(Buffer.from(`${field}\r\n\r\n${lines(value)}\r\n`));
    } else {
      const type = value.type || "application/octet-stream";
      parts.push(Buffer.from(`${field}; filename="${quoted(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`));
      parts.push(value, Buffer.from("\r\n"));
    }
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return ofParts(parts, `multipart/form-data; boundary=${boundary}`);
}

const lines = (text: string) => text.replace(/\r\n?|\n/g, "\r\n");
const quoted = (text: string) =>
  text.replace(
    /[\r\n"]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
