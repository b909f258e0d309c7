// A fetch that trusts the certificates of a file, and no others.
//
// Node's own fetch takes an agent from the package undici only, NODE_EXTRA_CA_CERTS counts only when it is
// set before the start, and tls.setDefaultCACertificates is not in Node 20. node:https takes a CA as it is,
// in this process, so that signals, the terminal and exit codes need no second one.

import { Agent, type RequestOptions, request } from "node:https";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";

const WITHOUT_BODY = [204, 205, 304];
// A server expects no length of these where they have no body.
const WITHOUT_LENGTH = ["GET", "HEAD", "DELETE"];

/** As much of a fetch as the client asks for: it follows no redirect, and the body is text. */
export function fetchTrusting(ca: string): typeof fetch {
  const agent = new Agent({ ca, keepAlive: true });
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      const headers = Object.fromEntries(new Headers(init.headers));
      const method = init.method ?? "GET";
      const body = typeof init.body === "string" ? Buffer.from(init.body) : undefined;
      // Node tells no length for a DELETE, so that a server takes its body for the next request.
      if (body || !WITHOUT_LENGTH.includes(method)) headers["content-length"] = String(body?.length ?? 0);
      const options: RequestOptions = { agent, method, headers };
      if (init.signal) options.signal = init.signal;
      const sent = request(String(input), options, (answer) => {
        const status = answer.statusCode ?? 0;
        const pairs = answer.rawHeaders.flatMap((name, at, all) =>
          at % 2 === 0 ? [[name, all[at + 1] ?? ""] as [string, string]] : [],
        );
        const body = WITHOUT_BODY.includes(status)
          ? null
          : (Readable.toWeb(answer) as ReadableStream<Uint8Array> as BodyInit);
        if (body === null) answer.resume();
        resolve(new Response(body, { status, headers: pairs }));
      });
      sent.on("error", (cause) => reject(new TypeError("fetch failed", { cause })));
      sent.end(body);
    });
}
