// A simulated Deploy behind TLS, as the VM is.

import { request } from "node:http";
import { createServer } from "node:https";
import { deployFor } from "./recipe.mjs";

/** Ends with the test `t`. */
export async function overTls(t, { cert, key }, config) {
  const { baseUrl, simulator } = await deployFor(t, config);
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const onward = request(new URL(url, baseUrl), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    // Whoever leaves takes the other side along.
    outgoing.on("close", () => onward.destroy());
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `https://localhost:${server.address().port}`, simulator };
}
