// Accepts a raw space in a query, such as `GET /hosts?order_by=name asc`. Some clients of Deploy send it, and Node's
// parser rejects it before the server sees the request.

import { IncomingMessage, ServerResponse, STATUS_CODES } from "node:http";

/**
 * @import { Server } from "node:http"
 * @import { Duplex } from "node:stream"
 */

/** The start line ends with the version, so everything before it is the target. */
const HEAD = /^(GET) (\/.*) HTTP\/1\.[01]\r\n([\s\S]*?\r\n)\r\n/;
const NOT_IN_A_TARGET = /[^\x21-\x7e]/g;

/** Node's own statuses for parser errors; 400 for all others. */
const STATUSES = new Map([
  ["HPE_HEADER_OVERFLOW", 431],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
]);

/**
 * Passes a GET with a space in its target to the server, as if the space were `%20`. Every other parser error gets Node's
 * own response.
 *
 * @param {Server} server
 */
export function acceptRawSpaces(server) {
  /** The parser reports another error for data that follows the request. */
  const answered = new WeakSet();
  server.on("clientError", (error, socket) => {
    if (answered.has(socket)) return;
    answered.add(socket);
    const { code = "", rawPacket } = /** @type {NodeJS.ErrnoException & { rawPacket?: Buffer }} */ (error);
    const request = socket.writable && rawPacket ? repaired(rawPacket, socket) : undefined;
    if (request) {
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(request.socket);
      response.once("finish", () => socket.end());
      server.emit("request", request, response);
    } else if (socket.writable) {
      const status = STATUSES.get(code) ?? 400;
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
    } else {
      socket.destroy();
    }
  });
}

/**
 * @param {Buffer} packet the rejected bytes, from the start of the request
 * @param {Duplex} socket
 * @returns {IncomingMessage | undefined} undefined if something else is wrong or the head is incomplete
 */
function repaired(packet, socket) {
  // As bytes, because characters outside ASCII are percent-encoded byte by byte.
  const [, method, target, lines] = HEAD.exec(packet.toString("latin1")) ?? [];
  if (!target?.includes(" ")) return undefined;
  const request = new IncomingMessage(/** @type {import("node:net").Socket} */ (socket));
  request.method = method;
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  request.url = target.replaceAll(
    NOT_IN_A_TARGET,
    (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  for (const line of lines?.split("\r\n") ?? []) {
    const [, name, value] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    request.headers[name.toLowerCase()] = value;
    request.rawHeaders.push(name, value);
  }
  request.push(null);
  return request;
}
