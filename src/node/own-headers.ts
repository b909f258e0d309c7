/**
 * Headers that say how a request is sent, in lower case. They are the transport's to say, as in browsers: two lengths
 * would let one request pass for two.
 */
export const OWN_HEADERS: ReadonlySet<string> = new Set([
  ...["connection", "content-length", "expect", "keep-alive", "proxy-connection", "te", "trailer"],
  ...["transfer-encoding", "upgrade"],
]);
