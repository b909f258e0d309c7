// Servers of real sockets for the tests of nodeFetch, which note what reaches them.

import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createServer as createRawServer } from "node:net";
import { nodeFetch } from "ontap-select-deploy/node";

/** A nodeFetch that ends with the test, and takes no proxy from the tester's own environment. */
export function fetchFor(t, options) {
  const fetch = nodeFetch({ proxy: false, ...options });
  t.after(() => fetch.close());
  return fetch;
}

/**
 * A server that notes each connection and request; over TLS with a certificate. `answer` gets the request, with its
 * whole body, and the response. `heard()` is how many bytes of HTTP have come, TLS taken off.
 */
export async function serve(t, answer = (_, response) => response.end("ok"), tls = undefined) {
  const requests = [];
  const sockets = new Set();
  let connections = 0;
  let heard = 0;
  const listener = async (request, response) => {
    const chunks = [];
    request.on("error", () => {});
    for await (const chunk of request.on("error", () => {})) chunks.push(chunk);
    const { method, url, headers, rawHeaders } = request;
    requests.push({
      method,
      url,
      headers,
      rawHeaders,
      body: Buffer.concat(chunks),
      port: request.socket.remotePort,
    });
    await answer(request, response, requests.at(-1));
  };
  const caught = (request, response) => listener(request, response).catch(() => response.destroy());
  const server = tls ? createSecureServer(tls, caught) : createServer(caught);
  server.on(tls ? "secureConnection" : "connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("data", (bytes) => {
      heard += bytes.length;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      server.emit("gone");
    });
  });
  server.on("tlsClientError", () => {});
  await listening(t, server);
  const { port } = server.address();
  return {
    server,
    port,
    origin: `${tls ? "https" : "http"}://localhost:${port}`,
    requests,
    sockets,
    connections: () => connections,
    heard: () => heard,
    /** Resolves when no connection is open any more. */
    async free() {
      while (sockets.size > 0) await once(server, "gone");
    },
  };
}

/** A server that writes bytes by hand: `talk(socket, request)` is called with the first bytes of each connection. */
export async function raw(t, talk) {
  const heads = [];
  const server = createRawServer((socket) => {
    socket.on("error", () => {});
    socket.on("close", () => server.emit("gone"));
    let all = "";
    socket.on("data", (bytes) => {
      all += bytes.toString("latin1");
      if (!all.includes("\r\n\r\n")) return;
      heads.push(all);
      talk(socket, all, heads.length);
      all = "";
    });
  });
  await listening(t, server);
  const { port } = server.address();
  return { server, port, heads, origin: `http://127.0.0.1:${port}` };
}

async function listening(t, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const open = new Set();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
}

/** What `fetch` says of a failure: the innermost cause with a code. */
export function causeOf(error) {
  if (!(error instanceof TypeError) || error.message !== "fetch failed") throw error;
  return error.cause;
}
