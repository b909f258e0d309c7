// Opens a connection to a server, direct or through a proxy, with or without TLS. An error here means that no byte of a
// request was sent, and the error says so.

import { connect as connectSocket, isIP, type OnReadOpts, type Socket } from "node:net";
import type { SecureContext, TLSSocket } from "node:tls";
import { inStep, notConnected } from "./errors.js";
import { ResponseReader } from "./http1.js";
import { hostOf, type ProxyServer, portOf } from "./proxy.js";
import { secure, type Trust } from "./trust.js";

/** The server, the proxy and the trusted certificates. */
export interface Route {
  readonly url: URL;
  readonly proxy: ProxyServer | undefined;
  readonly trust: Trust;
  /** The trusted certificates for an https proxy; undefined for those of Node. */
  readonly proxyContext: () => SecureContext | undefined;
}

/** Receives the socket or the error. */
export type Opened = (error: Error | undefined, socket: Socket) => void;

// Without a limit, a TCP connection without a response fails after minutes, and a handshake never. Node's fetch has the
// same limit.
const LIMIT_MS = 10_000;
const PROBE_AFTER_MS = 60_000;

let memory: Buffer | undefined;

/** Makes a socket read into shared memory and emit copies. Node would allocate 64 KiB for each read. */
function readInto(socket: () => Socket): OnReadOpts {
  memory ??= Buffer.allocUnsafeSlow(64 * 1024);
  return {
    buffer: memory,
    callback: (length, from) => {
      const bytes = Buffer.allocUnsafeSlow(length);
      bytes.set(from.subarray(0, length));
      socket().emit("data", bytes);
      return true;
    },
  };
}

/** Opens a connection. The returned function cancels the attempt without calling `done`. */
export function open(route: Route, done: Opened, limitMs = LIMIT_MS): (reason?: Error) => void {
  const attempt = new Attempt(route, done, limitMs);
  attempt.start();
  return () => attempt.cancel();
}

class Attempt {
  readonly #route: Route;
  readonly #done: Opened;
  readonly #limit: NodeJS.Timeout;
  #socket: Socket | undefined;
  #step = "connecting";
  #isOver = false;

  constructor(route: Route, done: Opened, limitMs: number) {
    this.#route = route;
    this.#done = done;
    // After a blocked event loop, handle the data that arrived meanwhile first.
    this.#limit = setTimeout(() => setImmediate(() => this.#timedOut(limitMs)), limitMs);
  }

  start(): void {
    const { url, proxy } = this.#route;
    const host = proxy?.host ?? hostOf(url);
    const port = proxy?.port ?? portOf(url);
    const socket: Socket = connectSocket({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_AFTER_MS,
      // Under TLS, another socket emits the bytes.
      ...(url.protocol === "http:" && !proxy?.secure && { onread: readInto(() => socket) }),
    });
    this.#follow(socket);
    socket.once("connect", () => {
      if (proxy) this.#atProxy(socket, proxy);
      else if (url.protocol === "https:") this.#secure(socket);
      else this.#succeed(socket);
    });
  }

  cancel(): void {
    this.#isOver = true;
    clearTimeout(this.#limit);
    this.#socket?.destroy();
  }

  #atProxy(socket: Socket, proxy: ProxyServer): void {
    const onward = (to: Socket) => {
      if (this.#route.url.protocol === "https:") this.#tunnel(to, proxy);
      else this.#succeed(to);
    };
    if (!proxy.secure) {
      onward(socket);
      return;
    }
    this.#step = `the TLS handshake with the proxy ${proxy.shown}`;
    const context = this.#route.proxyContext();
    const trust = { context, by: context ? "ca" : "node", fingerprints: [], servername: undefined } as const;
    this.#secureWith(socket, proxy.host, trust, onward);
  }

  #tunnel(socket: Socket, proxy: ProxyServer): void {
    this.#step = `the proxy ${proxy.shown}`;
    const { url } = this.#route;
    const host = hostOf(url);
    const target = `${isIP(host) === 6 ? `[${host}]` : host}:${portOf(url)}`;
    const credential = proxy.authorization ? `proxy-authorization: ${proxy.authorization}\r\n` : "";
    const reader = new ResponseReader("CONNECT", {
      onHead: ({ status }) => {
        if (status >= 300) return this.#fail(refusedBy(proxy, status));
        socket.off("data", read);
        socket.off("end", ended);
      },
      onData: () => {},
      onEnd: (isAll) => {
        if (this.#isOver) return;
        // A TLS server waits for the client to start.
        if (!isAll && socket.listenerCount("data") > 0) return;
        this.#secure(socket);
      },
    });
    const read = (bytes: Buffer) => {
      try {
        reader.read(bytes);
      } catch (error) {
        this.#fail(inStep(this.#step, error as Error));
      }
    };
    const ended = () =>
      this.#fail(notConnected(`the proxy ${proxy.shown} closed the connection`, "ECONNRESET"));
    socket.on("data", read);
    socket.on("end", ended);
    socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${credential}\r\n`, "latin1");
  }

  #secure(socket: Socket): void {
    const { url, trust } = this.#route;
    this.#step = "the TLS handshake";
    this.#secureWith(socket, hostOf(url), trust, (secured) => this.#succeed(secured));
  }

  #secureWith(socket: Socket, host: string, trust: Trust, then: (secured: TLSSocket) => void): void {
    try {
      const secured = secure(socket, host, trust, (error) => {
        if (error) this.#fail(error);
        else if (!this.#isOver) then(secured);
      });
      this.#follow(secured);
    } catch (error) {
      this.#fail(inStep(this.#step, error as Error));
    }
  }

  /** Fails the attempt if this socket fails. */
  #follow(socket: Socket): void {
    this.#socket = socket;
    socket.on("error", (error) => this.#fail(inStep(this.#step, error)));
    socket.on("close", () =>
      this.#fail(notConnected(`${this.#step}: the connection was closed`, "ECONNRESET")),
    );
  }

  #timedOut(limitMs: number): void {
    this.#fail(notConnected(`${this.#step} took longer than ${limitMs / 1_000} s`, "ETIMEDOUT"));
  }

  #succeed(socket: Socket): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#limit);
    this.#done(undefined, socket);
  }

  #fail(error: Error): void {
    const socket = this.#socket;
    if (this.#isOver || !socket) return;
    this.cancel();
    this.#done(error, socket);
  }
}

/** The error of a proxy that rejects a request. The server has not seen the request. */
export function refusedBy(proxy: ProxyServer, status: number): Error {
  const why =
    status !== 407
      ? ""
      : proxy.authorization
        ? ": it rejected the credential"
        : ": it requires a credential; put it into the proxy's address";
  return notConnected(`the proxy ${proxy.shown} responded with status ${status}${why}`, "ERR_PROXY_REFUSED");
}
