// A socket to a server, and the one request that it carries at a time.

import type { Socket } from "node:net";
import { coded, inWords } from "./errors.js";
import { ResponseReader, type ResponseSink } from "./http1.js";

/** Who sends a request over it. */
export interface Carried extends ResponseSink {
  onBroken(error: Error): void;
}

export class Connection {
  readonly socket: Socket;
  /** By `performance.now()`. */
  idleUntil = 0;
  #carried: Carried | undefined;
  #reader: ResponseReader | undefined;
  #isGood = true;

  constructor(socket: Socket, onGone: () => void) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => this.#read(bytes));
    socket.on("end", () => this.#ended());
    socket.on("error", (error) => this.#broken(inWords(error)));
    socket.on("close", () => {
      this.#ended();
      onGone();
    });
  }

  /** Whether it can carry a request, as far as is known. */
  get isGood(): boolean {
    return this.#isGood && this.socket.writable && !this.#carried;
  }

  /** The response to what is written now goes to `carried`. */
  begin(method: string, carried: Carried): void {
    this.#carried = carried;
    this.#reader = new ResponseReader(method, carried);
  }

  /** The response was read to its end. */
  end(): void {
    this.#carried = undefined;
    this.#reader = undefined;
    // What a reader that was slow has stopped.
    if (this.socket.isPaused()) this.socket.resume();
  }

  /** Ends it; what it carries is not told. */
  destroy(): void {
    this.#isGood = false;
    this.#carried = undefined;
    this.#reader = undefined;
    this.socket.destroy();
  }

  /** Ends it, tells what it carries, and resolves when the socket is gone. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.closed) return resolve();
      this.socket.once("close", () => resolve());
      this.#broken(coded("this nodeFetch was closed", "ERR_FETCH_CLOSED"));
      this.destroy();
    });
  }

  #read(bytes: Buffer): void {
    // Nothing was asked: whatever this is, it is not the response to the next request.
    if (!this.#reader) {
      this.destroy();
      return;
    }
    try {
      this.#reader.read(bytes);
    } catch (error) {
      this.#broken(error as Error);
    }
  }

  #ended(): void {
    this.#isGood = false;
    if (!this.#reader || this.#reader.close()) {
      this.socket.destroy();
      return;
    }
    const when = this.#reader.hasHead ? "during its response" : "before its response";
    this.#broken(coded(`the server closed the connection ${when}`, "ECONNRESET"));
  }

  #broken(error: Error): void {
    const carried = this.#carried;
    this.destroy();
    carried?.onBroken(error);
  }
}
