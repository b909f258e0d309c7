// A simulated Deploy behind TLS, like a VM.

import { createServer } from "node:https";
import { passOnTo } from "../lib/pass-on.mjs";
import { deployFor } from "./recipe.mjs";

/** Starts it. It ends with the test `t`. */
export async function overTls(t, { cert, key }, config) {
  const { baseUrl, simulator } = await deployFor(t, config);
  const server = createServer({ cert, key }, passOnTo(baseUrl));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `https://localhost:${server.address().port}`, simulator };
}
