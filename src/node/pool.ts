// The connections to one server. It reuses them, limits their number and opens none in advance.

import type { Socket } from "node:net";
import { Connection } from "./connection.js";
import { notConnected } from "./errors.js";

/** Needs a connection. */
export interface Taker {
  onConnection(connection: Connection): void;
  onNoConnection(error: Error): void;
}

/** Opens a socket. The returned function cancels the attempt. */
export type Opener = (done: (error: Error | undefined, socket: Socket) => void) => () => void;

/**
 * The limit of sockets to one server. It suffices for two clients with the default of 100 open polls, and stays below
 * the limit of open files (1 024 on many systems).
 */
export const MOST_SOCKETS = 256;
/** As in Node's fetch. Servers close idle connections after 5 s or more, and a request must not hit that moment. */
const IDLE_MS = 4_000;
/** How long before the server's announced timeout the pool stops using a connection. */
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

  /** Passes a connection to the taker, now or later. */
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

  /** The taker no longer needs a connection. */
  leave(taker: Taker): void {
    if (this.#queue.delete(taker)) return;
    const cancel = this.#attempts.get(taker);
    if (!cancel) return;
    this.#attempts.delete(taker);
    cancel();
    this.#next();
  }

  /** Returns a connection whose response was read to its end. */
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
    // An idle connection must not keep the process alive.
    connection.socket.unref();
    this.#idle.push(connection);
    this.#sweep ??= setTimeout(() => this.#endIdle(), IDLE_MS).unref();
  }

  /** Closes every connection and resolves when all are closed. */
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

  /** Opens a connection for the next waiting taker, below the limit. */
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
