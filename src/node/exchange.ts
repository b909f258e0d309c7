// One request and its response, over one connection.

import type { Outgoing, Pieces } from "./bodies.js";
import { refusedBy } from "./connect.js";
import type { Carried, Connection } from "./connection.js";
import { type BodySink, bodyFor } from "./decoding.js";
import { coded, fetchFailed } from "./errors.js";
import type { Head } from "./http1.js";
import type { Flow, Incoming } from "./incoming.js";
import type { Pool, Taker } from "./pool.js";
import type { ProxyServer } from "./proxy.js";
import { NodeResponse } from "./response.js";
import type { UploadProgress } from "./types.js";

/** The destination server. */
export interface Server {
  readonly origin: string;
  /** The value of the host header. */
  readonly host: string;
  /** The proxy that reads the requests, if they are not tunnelled through TLS. */
  readonly reader: ProxyServer | undefined;
  readonly pool: Pool;
}

/** The request. */
export interface Sent {
  readonly server: Server;
  /** Path and query. */
  readonly target: string;
  readonly method: string;
  /** The request line and headers, without the framing headers and the empty line. */
  readonly head: string;
  readonly body: Outgoing | undefined;
  readonly redirect: RequestRedirect;
  readonly signal: AbortSignal | undefined;
}

// Without a body, these methods send no content-length.
const WITHOUT_LENGTH = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);

export class Exchange implements Taker, Carried, Flow {
  readonly #sent: Sent;
  readonly #onUpload: ((progress: UploadProgress) => void) | undefined;
  #resolve: (response: Response) => void;
  #reject: (error: unknown) => void;
  #connection: Connection | undefined;
  #pieces: Pieces | undefined;
  #uploading: "not yet" | "now" | "over" = "not yet";
  #sink: BodySink | undefined;
  #body: Incoming | undefined;
  #keepAliveMs: number | undefined;
  readonly #abort = () => this.#fail(reasonOf(this.#sent.signal));

  constructor(
    sent: Sent,
    onUpload: ((progress: UploadProgress) => void) | undefined,
    resolve: (response: Response) => void,
    reject: (error: unknown) => void,
  ) {
    this.#sent = sent;
    this.#onUpload = onUpload;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    this.#sent.signal?.addEventListener("abort", this.#abort);
    this.#sent.server.pool.take(this);
  }

  onNoConnection(error: Error): void {
    this.#fail(fetchFailed(error));
  }

  onConnection(connection: Connection): void {
    const { method, head, body } = this.#sent;
    this.#connection = connection;
    connection.begin(method, this);
    const { socket } = connection;
    if (body === undefined) {
      socket.write(`${head}${WITHOUT_LENGTH.has(method) ? "" : "content-length: 0\r\n"}\r\n`, "latin1");
      return;
    }
    const { length, whole } = body;
    const framed = `${head}${length === undefined ? "transfer-encoding: chunked" : `content-length: ${length}`}\r\n\r\n`;
    if (whole === undefined) {
      socket.write(framed, "latin1");
      this.#upload(body);
      return;
    }
    const isText = typeof whole === "string";
    const tell = (error?: Error | null) => {
      if (!error) this.#tell(body.length ?? 0);
    };
    const done = this.#onUpload && tell;
    // An ASCII string has the same length in both encodings.
    if (isText && whole.length === length) {
      socket.write(framed + whole, "latin1", done);
    } else {
      socket.cork();
      socket.write(framed, "latin1");
      socket.write(whole as Uint8Array, done);
      socket.uncork();
    }
  }

  onHead(head: Head, hasBody: boolean): void {
    const { redirect, server, target } = this.#sent;
    this.#keepAliveMs = head.keepAliveMs;
    if (server.reader && head.status === 407) {
      this.#fail(fetchFailed(refusedBy(server.reader, 407)));
      return;
    }
    if (redirect !== "manual" && isRedirect(head)) {
      this.#fail(fetchFailed(redirected(redirect)));
      return;
    }
    if (hasBody) {
      const { body, sink } = bodyFor(head.encoding, this);
      this.#body = body;
      this.#sink = sink;
    }
    this.#resolve(new NodeResponse(head, server.origin + target, this.#body ?? null));
    // These functions hold the response, which the caller may drop before its body arrives.
    this.#resolve = ignore;
    this.#reject = ignore;
  }

  pause(): void {
    this.#connection?.socket.pause();
  }

  resume(): void {
    this.#connection?.socket.resume();
  }

  cancel(): void {
    this.#leave();
  }

  onData(chunk: Buffer): void {
    this.#sink?.push(chunk);
  }

  onEnd(reusable: boolean): void {
    const connection = this.#connection;
    if (!connection) return;
    this.#settled();
    // From here on, another request may use the connection.
    this.#connection = undefined;
    connection.end();
    // A server that responds early may not read the rest of the request.
    if (reusable && this.#uploading !== "now") this.#sent.server.pool.giveBack(connection, this.#keepAliveMs);
    else connection.destroy();
    this.#stopUpload(undefined);
    this.#sink?.end();
  }

  onBroken(error: Error): void {
    this.#connection = undefined;
    this.#fail(fetchFailed(error));
  }

  /** Fails the request, or the body if the response has already arrived. */
  #fail(error: unknown): void {
    this.#leave(error);
    this.#sink?.fail(error);
    this.#reject(error);
  }

  /** Releases the connection, the pool's slot and the upload. */
  #leave(reason?: unknown): void {
    this.#settled();
    this.#sent.server.pool.leave(this);
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#stopUpload(reason);
  }

  #settled(): void {
    this.#sent.signal?.removeEventListener("abort", this.#abort);
  }

  #stopUpload(reason: unknown): void {
    const { body } = this.#sent;
    // Also cancels a stream that has not been read yet.
    const isUntouched = this.#uploading === "not yet" && body !== undefined && body.length === undefined;
    const pieces = isUntouched ? body.pieces() : this.#uploading === "now" ? this.#pieces : undefined;
    this.#uploading = "over";
    this.#pieces = undefined;
    pieces?.cancel(reason);
  }

  async #upload(body: Outgoing): Promise<void> {
    this.#uploading = "now";
    const { length } = body;
    let sent = 0;
    try {
      this.#pieces = body.pieces();
      for (;;) {
        const piece = await this.#pieces?.next();
        if (this.#isLeft()) return;
        if (piece === undefined) break;
        // An empty chunk would end the body.
        if (piece.length === 0) continue;
        sent += piece.length;
        if (length !== undefined && sent > length) throw changed();
        // If the write failed, the connection reports the reason.
        if (!(await this.#write(piece, length === undefined)) || this.#isLeft()) return;
        this.#tell(sent);
      }
      if (length !== undefined && sent < length) throw changed();
      this.#uploading = "over";
      if (length === undefined) this.#connection?.socket.write("0\r\n\r\n", "latin1");
    } catch (error) {
      if (!this.#isLeft()) this.#fail(fetchFailed(error));
    }
  }

  #isLeft(): boolean {
    return this.#uploading !== "now";
  }

  /** Resolves with true when the system has taken the bytes, and with false if the connection is gone. */
  #write(piece: Uint8Array, isChunk: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = this.#connection?.socket;
      if (!socket) return resolve(false);
      const done = (error?: Error | null) => resolve(!error);
      if (!isChunk) {
        socket.write(piece, done);
        return;
      }
      socket.cork();
      socket.write(`${piece.length.toString(16)}\r\n`, "latin1");
      socket.write(piece);
      socket.write("\r\n", "latin1", done);
      socket.uncork();
    });
  }

  #tell(sent: number): void {
    if (!this.#onUpload) return;
    const { method, target, body } = this.#sent;
    const [path = ""] = target.split("?", 1);
    try {
      this.#onUpload({ method, path, sent, total: body?.length });
    } catch (error) {
      this.#fail(error);
    }
  }
}

function ignore(): void {}

/** The signal's reason; a library's signal may have none. */
export function reasonOf(signal: AbortSignal | undefined): unknown {
  return signal?.reason ?? new DOMException("This operation was aborted", "AbortError");
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

function isRedirect({ status, fields }: Head): boolean {
  return REDIRECTS.has(status) && fields.some((name, at) => at % 2 === 0 && name === "location");
}

function redirected(asked: RequestRedirect): Error {
  const why =
    asked === "error"
      ? ""
      : '; nodeFetch follows no redirects. Set redirect: "manual" to get the response itself';
  return coded(`the server redirected the request${why}`, "ERR_FETCH_REDIRECT");
}

function changed(): Error {
  return coded("the length of the body changed after the request began", "ERR_FETCH_BODY_LENGTH");
}
