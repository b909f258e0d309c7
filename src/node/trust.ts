// Decides which server to trust: by its issuer and name, as Node does, or by its fingerprint.

import { X509Certificate } from "node:crypto";
import { isIP, type Socket } from "node:net";
import * as tls from "node:tls";
import { coded } from "./errors.js";

/** How to check a server's identity. */
export interface Trust {
  /** The trusted and the client certificates. Created once, because that takes milliseconds. */
  readonly context: tls.SecureContext | undefined;
  /**
   * By Node's authorities, which the environment can relax; by the given ones, which it cannot; by the fingerprint; or
   * not at all.
   */
  readonly by: "node" | "ca" | "fingerprint" | "nothing";
  /** SHA-256, in Node's format. */
  readonly fingerprints: readonly string[];
  readonly servername: string | undefined;
}

const HEX_DIGITS_OF_SHA256 = 64;

/**
 * Converts a fingerprint to Node's format: upper case, with colons.
 *
 * @throws TypeError that says what was expected.
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
 * The certificates in a PEM string.
 *
 * @throws TypeError that names the option.
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

/** The trusted certificates for an https proxy: Node's authorities and the given ones. */
export function contextForProxy(ca: readonly string[]): tls.SecureContext | undefined {
  if (ca.length === 0) return undefined;
  // Node 20 cannot list the certificates of NODE_EXTRA_CA_CERTS.
  const { getCACertificates } = tls as { getCACertificates?: (kind: "default") => string[] };
  const own = getCACertificates?.("default") ?? tls.rootCertificates;
  return tls.createSecureContext({ ca: [...own, ...ca] });
}

/** Starts TLS on a socket. Calls `done` after the server's identity is checked; nothing is sent before. */
export function secure(
  socket: Socket,
  host: string,
  trust: Trust,
  done: (error: Error | undefined, secured: tls.TLSSocket) => void,
): tls.TLSSocket {
  const { context, by, fingerprints, servername } = trust;
  const options: tls.ConnectionOptions = { socket, host, ALPNProtocols: ["http/1.1"] };
  if (context) options.secureContext = context;
  // With a fingerprint, neither the issuer nor the name counts.
  if (by !== "node") options.rejectUnauthorized = by === "ca";
  const name = servername ?? (isIP(host) ? undefined : host);
  if (name !== undefined) options.servername = name;
  // Never resumes a session: a resumed one has no certificate to compare.
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
