// A socket to a server. It carries one request at a time.

import type { Socket } from "node:net";
import { coded, inWords } from "./errors.js";
import { ResponseReader, type ResponseSink } from "./http1.js";

/** The sender of the current request. */
export interface Carried extends ResponseSink {
  onBroken(error: Error): void;
}

export class Connection {
  readonly socket: Socket;
  /** A time of `performance.now()`. */
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

  /** Whether it can carry a request. */
  get isGood(): boolean {
    return this.#isGood && this.socket.writable && !this.#carried;
  }

  /** Passes the next response to `carried`. */
  begin(method: string, carried: Carried): void {
    this.#carried = carried;
    this.#reader = new ResponseReader(method, carried);
  }

  /** Marks the response as read to its end. */
  end(): void {
    this.#carried = undefined;
    this.#reader = undefined;
    // A slow reader may have paused it.
    if (this.socket.isPaused()) this.socket.resume();
  }

  /** Closes the socket without notifying the current request. */
  destroy(): void {
    this.#isGood = false;
    this.#carried = undefined;
    this.#reader = undefined;
    this.socket.destroy();
  }

  /** Fails the current request, closes the socket and resolves when it is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.closed) return resolve();
      this.socket.once("close", () => resolve());
      this.#broken(coded("this nodeFetch was closed", "ERR_FETCH_CLOSED"));
      this.destroy();
    });
  }

  #read(bytes: Buffer): void {
    // No request is running, so these bytes must not become the next response.
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
