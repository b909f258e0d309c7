import { createServer } from "node:net";

/**
 * A free port. If another program takes it first, the server fails with an error.
 * @returns {Promise<number>}
 */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      // On a pipe, the address is a string; without listening, it is null.
      if (address === null || typeof address === "string") {
        return reject(new Error("the server listens on no port"));
      }
      server.close(() => resolve(address.port));
    });
  });
}
