// Reads a server's certificate, so that a person can compare it.

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { open } from "./connect.js";
import { proxyRule } from "./proxy.js";
import type { ServerCertificate } from "./types.js";

/**
 * Returns the certificate of a server. It uses the proxy in the environment, checks nothing and closes the connection
 * after the TLS handshake without sending a request. Compare the fingerprint with one from a trusted source.
 *
 * @param address Such as `https://deploy.example.com/api` or `deploy.example.com:8443`. The default port is 443.
 * @throws TypeError if the address is invalid.
 * @throws Error if the server sends no certificate within 10 seconds. Its `code` and `cause` say why.
 *
 * @example
 * ```ts
 * const { fingerprint256, names, validTo } = await certificate("deploy.example.com");
 * ```
 */
export async function certificate(address: string | URL): Promise<ServerCertificate> {
  const url = urlOf(address);
  const socket = await handshake(url);
  const shown = (socket as TLSSocket).getPeerX509Certificate();
  // Sends the last message of the handshake first, so that the server sees an orderly end.
  socket.destroySoon();
  if (!shown) throw new Error(`${url.host} sent no certificate`);
  return {
    pem: shown.toString(),
    fingerprint256: shown.fingerprint256,
    subject: shown.subject ?? "",
    names: namesIn(shown.subjectAltName ?? ""),
    validFrom: new Date(shown.validFrom),
    validTo: new Date(shown.validTo),
  };
}

function urlOf(address: string | URL): URL {
  const expected =
    "address: expected an address such as https://deploy.example.com or deploy.example.com:443";
  if (!(typeof address === "string" || address instanceof URL)) throw new TypeError(expected);
  const written = String(address).trim();
  let url: URL;
  try {
    // A bare IPv6 address has no brackets, and in `host:443` "host" is not a scheme.
    const isBare = !written.includes("://");
    const isIpv6 = isBare && /^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*$/i.test(written);
    url = new URL(isBare ? `https://${isIpv6 ? `[${written}]` : written}` : written);
  } catch {
    throw new TypeError(expected);
  }
  if (url.protocol !== "https:") throw new TypeError(`${expected}; ${url.protocol} uses no certificate`);
  return new URL(url.origin);
}

function handshake(url: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // The certificate is public, so nothing has to be trusted here.
    const trust = { context: undefined, by: "nothing", fingerprints: [], servername: undefined } as const;
    const route = {
      url,
      proxy: proxyRule(undefined, process.env)(url),
      trust,
      proxyContext: () => undefined,
    };
    open(route, (error, socket) => {
      if (!error) return resolve(socket);
      const { code } = error as NodeJS.ErrnoException;
      const message = `could not get the certificate of ${url.host}: ${error.message}`;
      reject(Object.assign(new Error(message, { cause: error }), code === undefined ? {} : { code }));
    });
  });
}

/** `DNS:a, IP Address:1.2.3.4` as a list without duplicates. Node quotes a name with a comma as in JSON. */
function namesIn(list: string): string[] {
  const names = [...list.matchAll(/(?:^|, )[\w ]+:("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, name = ""]) =>
    name.startsWith('"') ? JSON.parse(name) : name,
  );
  return [...new Set(names)];
}
