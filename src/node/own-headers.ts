/**
 * Headers that only the transport sets, as in browsers, in lower case. With two lengths, a server could read one
 * request as two.
 */
export const OWN_HEADERS: ReadonlySet<string> = new Set([
  ...["connection", "content-length", "expect", "keep-alive", "proxy-connection", "te", "trailer"],
  ...["transfer-encoding", "upgrade"],
]);
