// A reverse proxy.

import { request } from "node:http";

/** A request listener that forwards each request to `base` over http. */
export const passOnTo = (base) => (incoming, outgoing) => {
  const { method, headers, url } = incoming;
  const onward = request(new URL(url, base), { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  // If one side closes, close the other.
  outgoing.on("close", () => onward.destroy());
  onward.on("error", () => outgoing.destroy());
  incoming.pipe(onward);
};
