// The connections to one server: kept while they are good, no more than a bound, and none without a taker.

import type { Socket } from "node:net";
import { Connection } from "./connection.js";
import { notConnected } from "./errors.js";

/** Who needs a connection. */
export interface Taker {
  onConnection(connection: Connection): void;
  onNoConnection(error: Error): void;
}

/** Opens a socket; what it returns ends the attempt. */
export type Opener = (done: (error: Error | undefined, socket: Socket) => void) => () => void;

/**
 * The most sockets to one server. A client keeps 100 polls open unless told otherwise: this is room for two of them and
 * their calls, and within what a process may open (1 024 files on many systems).
 */
export const MOST_SOCKETS = 256;
/** As Node's own fetch has it. Servers close after 5 s and more; a request must not meet that moment. */
const IDLE_MS = 4_000;
/** Before the moment at which a server says it closes. */
const EARLIER_MS = 1_000;
const LONGEST_IDLE_MS = 60_000;

export class Pool {
  readonly #open: Opener;
  readonly #idle: Connection[] = [];
  readonly #connections = new Set<Connection>();
  readonly #attempts = new Map<Taker, () => void>();
  readonly #queue = new Set<Taker>();
  #sweep: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(open: Opener) {
    this.#open = open;
  }

  /** Gives a connection to the taker, now or later. */
  take(taker: Taker): void {
    if (this.#isClosed) {
      taker.onNoConnection(closed());
      return;
    }
    const now = performance.now();
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.idleUntil > now && idle.isGood) {
        idle.socket.ref();
        taker.onConnection(idle);
        return;
      }
      idle.destroy();
    }
    if (this.#connections.size + this.#attempts.size >= MOST_SOCKETS) this.#queue.add(taker);
    else this.#connect(taker);
  }

  /** The taker needs none any more. */
  leave(taker: Taker): void {
    if (this.#queue.delete(taker)) return;
    const cancel = this.#attempts.get(taker);
    if (!cancel) return;
    this.#attempts.delete(taker);
    cancel();
    this.#next();
  }

  /** A connection whose response was read to its end. */
  giveBack(connection: Connection, keepAliveMs: number | undefined): void {
    const hint = keepAliveMs === undefined ? IDLE_MS : keepAliveMs - EARLIER_MS;
    if (this.#isClosed || !connection.isGood || hint <= 0) {
      connection.destroy();
      return;
    }
    const [waiting] = this.#queue;
    if (waiting) {
      this.#queue.delete(waiting);
      waiting.onConnection(connection);
      return;
    }
    connection.idleUntil = performance.now() + Math.min(hint, LONGEST_IDLE_MS);
    // An idle connection keeps no process alive.
    connection.socket.unref();
    this.#idle.push(connection);
    this.#sweep ??= setTimeout(() => this.#endIdle(), IDLE_MS).unref();
  }

  /** Ends every connection; resolves when they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#sweep);
    const takers = [...this.#attempts.keys(), ...this.#queue];
    for (const cancel of this.#attempts.values()) cancel();
    this.#attempts.clear();
    this.#queue.clear();
    for (const taker of takers) taker.onNoConnection(closed());
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }

  #connect(taker: Taker): void {
    const cancel = this.#open((error, socket) => {
      this.#attempts.delete(taker);
      if (error) {
        taker.onNoConnection(error);
        this.#next();
        return;
      }
      const connection = new Connection(socket, () => {
        this.#connections.delete(connection);
        const at = this.#idle.indexOf(connection);
        if (at >= 0) this.#idle.splice(at, 1);
        this.#next();
      });
      this.#connections.add(connection);
      taker.onConnection(connection);
    });
    this.#attempts.set(taker, cancel);
  }

  /** There is room for one more. */
  #next(): void {
    const [waiting] = this.#queue;
    if (!waiting || this.#connections.size + this.#attempts.size >= MOST_SOCKETS) return;
    this.#queue.delete(waiting);
    this.#connect(waiting);
  }

  #endIdle(): void {
    this.#sweep = undefined;
    const now = performance.now();
    for (const idle of [...this.#idle]) if (idle.idleUntil <= now) idle.destroy();
    if (this.#idle.length > 0) this.#sweep = setTimeout(() => this.#endIdle(), IDLE_MS).unref();
  }
}

function closed(): Error {
  return notConnected("this nodeFetch was closed", "ERR_FETCH_CLOSED");
}
