// The WebDriver BiDi protocol of the W3C: commands and their answers, as JSON over a WebSocket. What the
// tests need of it is less than any library for it; of such, `ws` alone is needed, until every Node that
// is supported has a WebSocket of its own.

import { once } from "node:events";
import { WebSocket } from "ws";

/**
 * @param {string} url
 * @returns {Promise<(method: string, params: object) => Promise<any>>} sends a command and gives its result
 */
export async function bidi(url) {
  const socket = new WebSocket(url);
  await once(socket, "open");
  /** @type {Map<number, { resolve(result: unknown): void, reject(error: Error): void }>} */
  const open = new Map();
  let sent = 0;
  socket.on("message", (text) => {
    const { id, result, error, message } = JSON.parse(String(text));
    const waiting = open.get(id);
    open.delete(id);
    if (error) waiting?.reject(new Error(`${error}: ${message}`));
    else waiting?.resolve(result);
  });
  // After an error it closes.
  socket.on("error", () => {});
  socket.on("close", () => {
    for (const { reject } of open.values()) reject(new Error("the browser is gone"));
  });
  return (method, params) =>
    new Promise((resolve, reject) => {
      sent += 1;
      open.set(sent, { resolve, reject });
      socket.send(JSON.stringify({ id: sent, method, params }));
    });
}
