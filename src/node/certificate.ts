// What a server shows of itself, for a person to compare.

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { open } from "./connect.js";
import { proxyRule } from "./proxy.js";
import type { ServerCertificate } from "./types.js";

/**
 * Asks a server for its certificate, through the proxy of the environment if there is one. It trusts nothing and sends
 * no request: the connection ends after the handshake. Compare the fingerprint with one that came another way.
 *
 * @param address such as `https://deploy.example.com/api` or `deploy.example.com:8443`; the port is 443 unless told
 * @throws TypeError for an address that cannot be
 * @throws Error where no certificate was shown within 10 seconds; its `code` and `cause` say why
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
  // The handshake's last message goes out first, so that the server sees a connection that ends in order.
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
    // An IPv6 address may stand alone, and `host:443` is no address of a kind "host".
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
    // It is asked for what anybody may see, so nothing of it has to be checked.
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

/** `DNS:a, IP Address:1.2.3.4` as a list, each once. A name with a comma in it is quoted as in JSON. */
function namesIn(list: string): string[] {
  const names = [...list.matchAll(/(?:^|, )[\w ]+:("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, name = ""]) =>
    name.startsWith('"') ? JSON.parse(name) : name,
  );
  return [...new Set(names)];
}
