// A blank in a query as it is, `GET /hosts?order_by=name asc`: some clients of Deploy send that, and Node's
// parser refuses it before anybody hears of the request. Such a request is read here, and answered once.

import { IncomingMessage, ServerResponse, STATUS_CODES } from "node:http";

/**
 * @import { Server } from "node:http"
 * @import { Duplex } from "node:stream"
 */

/** The start line ends with the version, so all before it is the target. */
const HEAD = /^(GET) (\/.*) HTTP\/1\.[01]\r\n([\s\S]*?\r\n)\r\n/;
const NOT_IN_A_TARGET = /[^\x21-\x7e]/g;

/** What Node answers itself where nobody listens to its errors; 400 to all others. */
const STATUSES = new Map([
  ["HPE_HEADER_OVERFLOW", 431],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
]);

/**
 * Hands on what the parser refuses: reads with a blank in their target, as if that were `%20`. All else gets the
 * answer that it has from Node.
 *
 * @param {Server} server
 */
export function acceptRawBlanks(server) {
  /** The parser refuses again what comes after a request that is answered. */
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
 * @param {Buffer} packet what the parser stumbled over, from the request's beginning
 * @param {Duplex} socket
 * @returns {IncomingMessage | undefined} none where something else is wrong, or not all of the head is there
 */
function repaired(packet, socket) {
  // As bytes: what is not ASCII is escaped byte by byte.
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
