import { createServer } from "node:net";

/**
 * Any free port. Another program may take it first; then its server says so and fails.
 * @returns {Promise<number>}
 */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      // A server on a pipe has a string, and one that does not listen has nothing.
      if (address === null || typeof address === "string") {
        return reject(new Error("the server listens on no port"));
      }
      server.close(() => resolve(address.port));
    });
  });
}
