// Reads HTTP/1.1 responses (RFC 9112), one at a time. It is strict: an ambiguous response is an error and ends the
// connection.

import { coded } from "./errors.js";

/** The status line and the headers. */
export interface Head {
  readonly status: number;
  readonly statusText: string;
  /** Alternating names, in lower case, and values. */
  readonly fields: readonly string[];
  /** The value of `content-encoding`, in lower case. */
  readonly encoding: string | undefined;
  /** The encoded length of the body in bytes, if the server sends it. */
  readonly length: number | undefined;
  /** How long the server keeps an idle connection, in milliseconds, if the server sends it. */
  readonly keepAliveMs: number | undefined;
}

/** Receives a response. */
export interface ResponseSink {
  onHead(head: Head, hasBody: boolean): void;
  onData(chunk: Buffer): void;
  /** `reusable`: whether the connection may carry another request. */
  onEnd(reusable: boolean): void;
}

const HEAD_LIMIT = 64 * 1024;
const CHUNK_LINE_LIMIT = 4 * 1024;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Forbidden in a head: control characters, and a CR or LF alone.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it rejects them.
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
// Also forbidden in an incomplete head.
const BARE_LINE_FEED = /(?<!\r)\n/;
// A longer number is not a valid length.
const MOST_DIGITS = 15;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/;

type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

interface Parsed {
  readonly head: Head;
  readonly framing: Framing;
  readonly keepAlive: boolean;
}

type State = "head" | "length" | "chunk-size" | "chunk" | "chunk-end" | "trailers" | "close" | "done";

/** Reads the response to one request. */
export class ResponseReader {
  #state: State = "head";
  #rest: Buffer | undefined;
  /** Remaining bytes of the body or of its chunk. */
  #left = 0;
  #trailers = 0;
  #keepAlive = false;
  readonly #sink: ResponseSink;
  readonly #method: string;

  constructor(method: string, sink: ResponseSink) {
    this.#sink = sink;
    this.#method = method;
  }

  /** Whether the head of the final response has arrived. */
  get hasHead(): boolean {
    return this.#state !== "head";
  }

  /**
   * Reads bytes from the socket.
   *
   * @throws Error if they are not valid HTTP.
   */
  read(bytes: Buffer): void {
    let input = bytes;
    if (this.#rest) {
      input = Buffer.concat([this.#rest, bytes]);
      this.#rest = undefined;
    }
    while (input.length > 0 && this.#state !== "done") {
      const used = this.#step(input);
      if (used === undefined) {
        this.#rest = input;
        return;
      }
      if (used === input.length) return;
      input = input.subarray(used);
    }
  }

  /** The server closed the connection. Returns whether that is a valid end of the response. */
  close(): boolean {
    if (this.#state !== "close") return this.#state === "done";
    this.#end(false);
    return true;
  }

  /** Returns the number of bytes that it used; undefined if it needs more. */
  #step(input: Buffer): number | undefined {
    switch (this.#state) {
      case "head":
        return this.#readHead(input);
      case "length":
      case "chunk":
        return this.#readPart(input);
      case "close":
        this.#sink.onData(input);
        return input.length;
      case "chunk-size":
        return this.#readChunkSize(input);
      case "chunk-end":
        if (input.length < 2) return undefined;
        if (input[0] !== 13 || input[1] !== 10) throw invalid("a chunk is longer than its size");
        this.#state = "chunk-size";
        return 2;
      default:
        return this.#readTrailer(input);
    }
  }

  #readHead(input: Buffer): number | undefined {
    const end = input.indexOf("\r\n\r\n");
    if (end > HEAD_LIMIT || (end < 0 && input.length > HEAD_LIMIT)) throw invalid("its headers are too long");
    if (end < 0) {
      // Without this check, a stream that is not HTTP might never end.
      const start = input.toString("latin1", 0, 5);
      if (!"HTTP/".startsWith(start) && !start.startsWith("HTTP/"))
        throw invalid("it does not begin with HTTP/");
      // The search for the end would fail.
      if (BARE_LINE_FEED.test(input.toString("latin1"))) throw invalid("a header line ends without CR");
      return undefined;
    }
    const { head, framing, keepAlive } = parseHead(input.toString("latin1", 0, end), this.#method);
    const used = end + 4;
    if (head.status < 200) {
      if (head.status === 101) throw invalid("it has the unexpected status 101");
      return used;
    }
    this.#keepAlive = keepAlive;
    const left = input.length - used;
    if (framing.kind === "none" || (framing.kind === "length" && framing.length === 0)) {
      this.#sink.onHead(head, false);
      this.#end(left === 0);
    } else {
      this.#left = framing.kind === "length" ? framing.length : 0;
      this.#state = framing.kind === "chunked" ? "chunk-size" : framing.kind;
      this.#sink.onHead(head, true);
    }
    return used;
  }

  #readPart(input: Buffer): number {
    const part = input.length > this.#left ? input.subarray(0, this.#left) : input;
    this.#left -= part.length;
    this.#sink.onData(part);
    if (this.#left > 0) return part.length;
    if (this.#state === "chunk") this.#state = "chunk-end";
    else this.#end(part.length === input.length);
    return part.length;
  }

  #readChunkSize(input: Buffer): number | undefined {
    const end = lineEnd(input);
    if (end === undefined) return undefined;
    const [, digits = ""] =
      /^([0-9A-Fa-f]+)[ \t]*(?:;[^\r\n]*)?$/.exec(input.toString("latin1", 0, end)) ?? [];
    if (digits === "" || digits.length > MOST_DIGITS - 3) throw invalid("a chunk has no valid size");
    this.#left = Number.parseInt(digits, 16);
    this.#state = this.#left === 0 ? "trailers" : "chunk";
    return end + 2;
  }

  #readTrailer(input: Buffer): number | undefined {
    const end = lineEnd(input);
    if (end === undefined) return undefined;
    this.#trailers += end;
    if (this.#trailers > HEAD_LIMIT) throw invalid("its trailers are too long");
    if (end === 0) this.#end(input.length === 2);
    return end + 2;
  }

  #end(isAll: boolean): void {
    this.#state = "done";
    this.#sink.onEnd(this.#keepAlive && isAll);
  }
}

/** The index of the line's end; undefined if the line is incomplete. */
function lineEnd(input: Buffer): number | undefined {
  const end = input.indexOf("\r\n");
  if (end > CHUNK_LINE_LIMIT || (end < 0 && input.length > CHUNK_LINE_LIMIT))
    throw invalid("a line is too long");
  return end < 0 ? undefined : end;
}

function parseHead(text: string, method: string): Parsed {
  if (CONTROL.test(text)) throw invalid("its headers contain a control character");
  const lines = text.split("\r\n");
  const [, minor, digits, statusText = ""] = STATUS_LINE.exec(lines[0] ?? "") ?? [];
  if (digits === undefined) throw invalid("its status line is invalid");
  const status = Number(digits);
  const fields: string[] = [];
  let length: string | undefined;
  let transfer: string | undefined;
  let encoding: string | undefined;
  let connection = "";
  let keepAliveMs: number | undefined;
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const first = line.charCodeAt(0);
    if (first === 32 || first === 9) {
      // A folded value. Headers that decide where the response ends must not be folded.
      const name = fields.at(-2);
      if (name === undefined || name === "content-length" || name === "transfer-encoding")
        throw invalid("a header continues on the next line");
      fields.push(`${fields.pop()} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(":");
    const name = nameOf(line.slice(0, Math.max(colon, 0)));
    const value = line.slice(colon + 1).trim();
    fields.push(name, value);
    if (name === "content-length") {
      if (length !== undefined) throw invalid("it has two content-length headers");
      length = value;
    } else if (name === "transfer-encoding") {
      transfer = transfer === undefined ? value : `${transfer}, ${value}`;
    } else if (name === "content-encoding") {
      encoding = encoding === undefined ? value : `${encoding}, ${value}`;
    } else if (name === "connection") {
      connection += `,${value}`;
    } else if (name === "keep-alive") {
      const [, seconds] = /timeout=(\d{1,6})/i.exec(value) ?? [];
      if (seconds !== undefined) keepAliveMs = Number(seconds) * 1_000;
    }
  }
  const framing = framingOf(status, method, length, transfer, minor === "1");
  const isPersistent = minor === "1" ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection);
  return {
    head: {
      status,
      statusText,
      fields,
      encoding: encoding?.toLowerCase(),
      length: framing.kind === "length" ? framing.length : undefined,
      keepAliveMs,
    },
    framing,
    keepAlive: isPersistent && framing.kind !== "close",
  };
}

// A server sends the same few names in every response.
const names = new Map<string, string>();
const MOST_NAMES = 200;
const LONGEST_NAME = 64;

/** A header's name in lower case. */
function nameOf(written: string): string {
  const known = names.get(written);
  if (known !== undefined) return known;
  if (!TOKEN.test(written)) throw invalid("a header has no valid name");
  const name = written.toLowerCase();
  if (names.size < MOST_NAMES && name.length < LONGEST_NAME) names.set(written, name);
  return name;
}

function framingOf(
  status: number,
  method: string,
  length: string | undefined,
  transfer: string | undefined,
  isModern: boolean,
): Framing {
  if (length !== undefined && !(/^\d+$/.test(length) && length.length <= MOST_DIGITS))
    throw invalid("its content-length is not a number");
  const isTunnel = method === "CONNECT" && status < 300;
  if (method === "HEAD" || isTunnel || status < 200 || status === 204 || status === 304)
    return { kind: "none" };
  if (transfer !== undefined) {
    if (length !== undefined) throw invalid("it has both content-length and transfer-encoding");
    if (transfer.toLowerCase() !== "chunked" || !isModern)
      throw invalid("its transfer-encoding is not chunked");
    return { kind: "chunked" };
  }
  return length === undefined ? { kind: "close" } : { kind: "length", length: Number(length) };
}

function invalid(why: string): Error {
  return coded(`the response is not valid HTTP/1.1: ${why}`, "ERR_HTTP_INVALID_RESPONSE");
}
