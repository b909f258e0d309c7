import { createServer as createSecureServer } from "node:https";
import { TLSSocket } from "node:tls";
import { createAdaptorServer } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { acceptRawSpaces } from "./raw-spaces.mjs";
import { selfSigned } from "./self-signed.mjs";

/**
 * @import { HttpBindings } from "@hono/node-server"
 * @import { AddressInfo } from "node:net"
 * @import { Server, ServerResponse } from "node:http"
 * @import { Answer, ListenOptions, Listening, ServedFiles, Simulator } from "./types.d.ts"
 */

/**
 * Extras for this repository's page; see listen-with-faults.mjs.
 *
 * @typedef {object} Extras
 * @property {() => Promise<void>} line settles when the connection works
 * @property {(site: Hono<{ Bindings: HttpBindings }>) => void} mount adds routes outside the API
 */

/**
 * Serves a simulator over HTTP/1.1, optionally with TLS, without CORS.
 *
 * @param {Simulator} simulator stays open when the server closes
 * @param {ListenOptions} [options]
 * @param {Extras} [extras]
 * @returns {Promise<Listening>}
 */
export async function listen(
  simulator,
  { host = "127.0.0.1", port = 0, attempts = 1, app, tls = false } = {},
  extras = undefined,
) {
  /** @type {Hono<{ Bindings: HttpBindings }>} */
  const site = new Hono();
  // `//api`: a base address with a final slash, followed by a path with a first slash.
  site.on("ALL", ["/api/*", "//api/*"], async (context) => {
    const { incoming, outgoing } = context.env;
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const request = context.req.raw;
    try {
      await through(extras, gone.signal);
      const answer = await simulator.handle(request, { signal: gone.signal, target: incoming.url });
      // A dead connection holds back every response, but not a broken connection.
      if (answer.transport.kind !== "reset") await through(extras, gone.signal);
      send(answer, outgoing);
    } catch (error) {
      // The client left, or the simulator was closed. Anything else is a bug and must surface.
      if (!gone.signal.aborted && !(error instanceof TypeError)) throw error;
      outgoing.destroy();
    }
    return RESPONSE_ALREADY_SENT;
  });
  extras?.mount(site);
  if (app) serveFiles(site, app);

  // Keep the runtime's Request and Response, because tests in this process use them.
  const secure = tls === true ? await selfSigned(host) : tls || undefined;
  const server = /** @type {Server} */ (
    createAdaptorServer({
      fetch: site.fetch,
      overrideGlobalObjects: false,
      ...(secure && { createServer: createSecureServer, serverOptions: secure }),
    })
  );
  acceptRawSpaces(server);
  const bound = await bind(server, host, port, attempts);
  return {
    url: `${secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    ...(secure && { cert: secure.cert }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Waits on a dead connection.
 *
 * @param {Extras | undefined} extras
 * @param {AbortSignal} signal
 * @throws the signal's reason when the client leaves before
 */
async function through(extras, signal) {
  if (!extras) return;
  const left = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  await Promise.race([extras.line(), left]);
  signal.throwIfAborted();
}

/**
 * @param {Hono<{ Bindings: HttpBindings }>} site
 * @param {ServedFiles} app
 */
function serveFiles(site, { folders, headers = {} }) {
  site.use("*", async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
  });
  const mounts = Object.entries(folders).sort(([left], [right]) => right.length - left.length);
  for (const [path, root] of mounts) {
    const base = path.replace(/\/$/, "");
    site.get(
      `${base}/*`,
      serveStatic({ root, rewriteRequestPath: (asked) => asked.slice(base.length) || "/" }),
    );
  }
}

/**
 * @param {Server} server
 * @param {string} host
 * @param {number} port
 * @param {number} attempts
 */
async function bind(server, host, port, attempts) {
  for (let tried = 0; tried < attempts; tried += 1) {
    const wanted = port === 0 ? 0 : port + tried;
    if (await tryPort(server, host, wanted)) {
      return /** @type {AddressInfo} */ (server.address()).port;
    }
  }
  const last = port + attempts - 1;
  const range = attempts > 1 ? `ports ${port} to ${last} are` : `port ${port} is`;
  throw new Error(`${range} in use on ${host}; pass another port, or 0 for any free port`);
}

/**
 * @param {Server} server
 * @param {string} host
 * @param {number} port
 * @returns {Promise<boolean>} false when another program has the port
 */
function tryPort(server, host, port) {
  return new Promise((resolve, reject) => {
    const failed = (/** @type {NodeJS.ErrnoException} */ error) => {
      server.off("listening", listening);
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    };
    const listening = () => {
      server.off("error", failed);
      resolve(true);
    };
    server.once("error", failed);
    server.once("listening", listening);
    server.listen(port, host);
  });
}

/**
 * Writes a response to the socket, as its `transport` says.
 *
 * @param {Answer} answer
 * @param {ServerResponse} outgoing
 */
function send({ status, headers, body, transport }, outgoing) {
  if (transport.kind === "reset") {
    const { socket } = outgoing;
    // A TLS socket cannot send a reset, so it just closes.
    if (socket instanceof TLSSocket) socket.destroy();
    else socket?.resetAndDestroy();
    return;
  }
  const bodiless = status === 204 || status === 304;
  const length = bodiless || transport.kind === "drip" ? {} : { "content-length": String(body.length) };
  outgoing.writeHead(status, { ...Object.fromEntries(headers), ...length });
  switch (transport.kind) {
    case "truncate":
      outgoing.write(body.subarray(0, transport.after), () => outgoing.destroy());
      outgoing.flushHeaders();
      break;
    case "stall":
      outgoing.flushHeaders();
      if (transport.after > 0) outgoing.write(body.subarray(0, transport.after));
      break;
    case "drip":
      drip(body, transport, outgoing);
      break;
    default:
      outgoing.end(bodiless ? undefined : body);
  }
}

/**
 * @param {Uint8Array} body
 * @param {{ bytes: number, everyMs: number }} pace
 * @param {ServerResponse} outgoing
 */
function drip(body, { bytes, everyMs }, outgoing) {
  let at = 0;
  const timer = setInterval(next, everyMs);
  outgoing.once("close", () => clearInterval(timer));
  next();

  function next() {
    outgoing.write(body.subarray(at, at + bytes));
    at += bytes;
    if (at < body.length) return;
    clearInterval(timer);
    outgoing.end();
  }
}
