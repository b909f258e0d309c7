// A server in front of another one.

import { request } from "node:http";

/** A listener for requests: passes each on to `base` over http, and its response back. */
export const passOnTo = (base) => (incoming, outgoing) => {
  const { method, headers, url } = incoming;
  const onward = request(new URL(url, base), { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  // When one side leaves, so does the other.
  outgoing.on("close", () => onward.destroy());
  onward.on("error", () => outgoing.destroy());
  incoming.pipe(onward);
};
