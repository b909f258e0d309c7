// The W3C protocol WebDriver BiDi: JSON commands and results over a WebSocket. The tests need so little of it that `ws`
// is enough. `ws` can go when every supported Node has its own WebSocket.

import { once } from "node:events";
import { WebSocket } from "ws";

/**
 * @param {string} url
 * @returns {Promise<(method: string, params: object) => Promise<any>>} sends a command and returns its result
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
  // An error is followed by a close event.
  socket.on("error", () => {});
  socket.on("close", () => {
    for (const { reject } of open.values()) reject(new Error("the browser has closed the connection"));
  });
  return (method, params) =>
    new Promise((resolve, reject) => {
      sent += 1;
      open.set(sent, { resolve, reject });
      socket.send(JSON.stringify({ id: sent, method, params }));
    });
}
