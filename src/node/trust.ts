// Which server is trusted: by its issuer and its name, as Node does, or by the certificate itself.

import { X509Certificate } from "node:crypto";
import { isIP, type Socket } from "node:net";
import * as tls from "node:tls";
import { coded } from "./errors.js";

/** How a server proves who it is. */
export interface Trust {
  /** Its certificates and the client's own; made once, since that costs milliseconds. */
  readonly context: tls.SecureContext | undefined;
  /**
   * By Node's own authorities, which the environment may loosen; by the given ones, which it may not; by the
   * certificate itself; or not at all.
   */
  readonly by: "node" | "ca" | "fingerprint" | "nothing";
  /** SHA-256 in the form of Node. */
  readonly fingerprints: readonly string[];
  readonly servername: string | undefined;
}

const HEX_DIGITS_OF_SHA256 = 64;

/**
 * A fingerprint in the form of Node: upper case, with colons.
 *
 * @throws TypeError that says what was expected
 */
export function fingerprintOf(given: unknown): string {
  const expected = "fingerprint256: expected a SHA-256 fingerprint, 64 hex digits with or without colons";
  if (typeof given !== "string") throw new TypeError(`${expected}, not ${typeof given}`);
  const digits = given.trim().replaceAll(":", "");
  if (/[^0-9a-f]/i.test(digits)) throw new TypeError(`${expected}; it has other characters`);
  if (digits.length !== HEX_DIGITS_OF_SHA256) {
    const isSha1 = digits.length === 40 ? ", like a SHA-1 fingerprint" : "";
    throw new TypeError(`${expected}; it has ${digits.length} digits${isSha1}`);
  }
  return digits.toUpperCase().replace(/..(?!$)/g, "$&:");
}

/**
 * The certificates of a PEM text.
 *
 * @throws TypeError that names the option
 */
export function certificatesIn(option: string, given: unknown): string[] {
  if (!(typeof given === "string" || ArrayBuffer.isView(given)))
    throw new TypeError(`${option}: expected certificates in PEM form, as a string or bytes`);
  const text = typeof given === "string" ? given : new TextDecoder().decode(given);
  const found =
    text.match(/-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----[\s\S]*?-----END \1?CERTIFICATE-----/g) ?? [];
  if (found.length === 0) {
    const looksLike = /^[./~\w-]+\.(pem|crt|cer)$/i.test(text) ? "; this looks like a file's name" : "";
    throw new TypeError(
      `${option}: expected certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----${looksLike}`,
    );
  }
  for (const pem of found) {
    try {
      new X509Certificate(pem);
    } catch (cause) {
      throw new TypeError(`${option}: expected certificates in PEM form; one of them cannot be parsed`, {
        cause,
      });
    }
  }
  return found;
}

/** What a proxy of kind https is checked against: Node's own authorities, and those that were given. */
export function contextForProxy(ca: readonly string[]): tls.SecureContext | undefined {
  if (ca.length === 0) return undefined;
  // Node 20 cannot say what NODE_EXTRA_CA_CERTS adds.
  const { getCACertificates } = tls as { getCACertificates?: (kind: "default") => string[] };
  const own = getCACertificates?.("default") ?? tls.rootCertificates;
  return tls.createSecureContext({ ca: [...own, ...ca] });
}

/** Speaks TLS over a socket; `done` gets it once the server has proved who it is, and nothing was sent before. */
export function secure(
  socket: Socket,
  host: string,
  trust: Trust,
  done: (error: Error | undefined, secured: tls.TLSSocket) => void,
): tls.TLSSocket {
  const { context, by, fingerprints, servername } = trust;
  const options: tls.ConnectionOptions = { socket, host, ALPNProtocols: ["http/1.1"] };
  if (context) options.secureContext = context;
  // Where the certificate itself is compared, neither its issuer nor its name counts.
  if (by !== "node") options.rejectUnauthorized = by === "ca";
  const name = servername ?? (isIP(host) ? undefined : host);
  if (name !== undefined) options.servername = name;
  // No session is ever resumed: a resumed one shows no certificate that could be compared.
  const secured = tls.connect(options);
  secured.once("secureConnect", () => {
    const refusal = by === "fingerprint" ? refusalOf(secured, fingerprints) : undefined;
    done(refusal, secured);
  });
  return secured;
}

function refusalOf(secured: tls.TLSSocket, trusted: readonly string[]): Error | undefined {
  const shown = secured.getPeerX509Certificate()?.fingerprint256;
  if (shown !== undefined && !secured.isSessionReused() && trusted.includes(shown)) return undefined;
  return coded(
    `the server's certificate is not the trusted one: its SHA-256 fingerprint is ${shown ?? "not known"}, expected ${trusted.join(" or ")}`,
    "ERR_TLS_CERT_FINGERPRINT_MISMATCH",
  );
}
