// Servers on real sockets for the tests of nodeFetch. They record what they receive.

import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createServer as createRawServer } from "node:net";
import { nodeFetch } from "ontap-select-deploy/node";

/** A nodeFetch that ends with the test and ignores the proxy of the environment. */
export function fetchFor(t, options) {
  const fetch = nodeFetch({ proxy: false, ...options });
  t.after(() => fetch.close());
  return fetch;
}

/**
 * A server that records each connection and request, over TLS if it has a certificate. `answer` gets the request, with
 * its whole body, and the response. `received()` is the number of decrypted HTTP bytes.
 */
export async function serve(t, answer = (_, response) => response.end("ok"), tls = undefined) {
  const requests = [];
  const sockets = new Set();
  let connections = 0;
  let received = 0;
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
      received += bytes.length;
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
    received: () => received,
    /** Resolves when all connections are closed. */
    async free() {
      while (sockets.size > 0) await once(server, "gone");
    },
  };
}

/** A server that writes raw bytes. It calls `talk(socket, request)` with the first bytes of each connection. */
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

/** The innermost cause with a code in an error of `fetch`. */
export function causeOf(error) {
  if (!(error instanceof TypeError) || error.message !== "fetch failed") throw error;
  return error.cause;
}
