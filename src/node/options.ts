// Checks the options of nodeFetch. No message shows a secret.

import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { type ProxyFor, proxyRule } from "./proxy.js";
import { certificatesIn, contextForProxy, fingerprintOf, type Trust } from "./trust.js";
import type { NodeFetchOptions, UploadProgress } from "./types.js";

/** The checked options. */
export interface Settings {
  readonly trust: Trust;
  readonly proxyFor: ProxyFor;
  readonly proxyContext: () => SecureContext | undefined;
  readonly onUpload: ((progress: UploadProgress) => void) | undefined;
}

const NAMES = new Set([
  ...["ca", "fingerprint256", "servername", "cert", "key", "passphrase", "proxy", "onUpload"],
]);

/**
 * Checks the options.
 *
 * @throws TypeError that names the bad option.
 */
export function settingsOf(options: NodeFetchOptions, env: NodeJS.ProcessEnv): Settings {
  if (typeof options !== "object" || options === null)
    throw new TypeError("nodeFetch: expected an object of options");
  // A misspelt option could silently disable a check.
  const unknown = Object.keys(options).find((name) => !NAMES.has(name));
  if (unknown !== undefined) {
    const known = [...NAMES].join(", ");
    throw new TypeError(`nodeFetch: unknown option ${JSON.stringify(unknown)}; expected ${known}`);
  }
  const { servername, onUpload } = options;
  if (servername !== undefined && !(typeof servername === "string" && /^[\w.-]+$/.test(servername)))
    throw new TypeError("servername: expected a host name");
  if (onUpload !== undefined && typeof onUpload !== "function")
    throw new TypeError("onUpload: expected a function");
  const ca = list("ca", options.ca).flatMap((each) => certificatesIn("ca", each));
  const fingerprints = list("fingerprint256", options.fingerprint256).map(fingerprintOf);
  const by = fingerprints.length > 0 ? "fingerprint" : ca.length > 0 ? "ca" : "node";
  let proxyContext: { readonly context: SecureContext | undefined } | undefined;
  return {
    trust: { context: contextOf(options, ca), by, fingerprints, servername },
    proxyFor: proxyRule(options.proxy, env),
    proxyContext: () => {
      proxyContext ??= { context: contextForProxy(ca) };
      return proxyContext.context;
    },
    onUpload,
  };
}

function list(name: string, given: unknown): unknown[] {
  if (given === undefined) return [];
  const all = Array.isArray(given) ? given : [given];
  // An empty list must not mean that everything Node trusts is trusted.
  if (all.length === 0) throw new TypeError(`${name}: expected at least one`);
  return all;
}

/** The TLS context, created once. Undefined if Node's default is enough. */
function contextOf(options: NodeFetchOptions, ca: string[]): SecureContext | undefined {
  const { passphrase } = options;
  const [cert, key] = [pem("cert", options.cert), pem("key", options.key)];
  if ((cert === undefined) !== (key === undefined))
    throw new TypeError(
      `${cert === undefined ? "cert" : "key"}: expected together with ${cert === undefined ? "key" : "cert"}`,
    );
  if (passphrase !== undefined && typeof passphrase !== "string")
    throw new TypeError("passphrase: expected a string");
  if (passphrase !== undefined && key === undefined)
    throw new TypeError("passphrase: expected together with key and cert");
  if (cert !== undefined) certificatesIn("cert", cert);
  if (ca.length === 0 && cert === undefined) return undefined;
  if (ca.length > 0) checkChain(ca);
  // Trust a given certificate itself, even if it is not self-signed.
  const trusted = ca.length > 0 ? { ca, allowPartialTrustChain: true } : {};
  if (cert === undefined || key === undefined) return createSecureContext(trusted);
  const own: SecureContextOptions = { cert, key, ...(passphrase !== undefined && { passphrase }) };
  try {
    return createSecureContext({ ...trusted, ...own });
  } catch (error) {
    throw new TypeError(mistakeIn(error as NodeJS.ErrnoException, passphrase !== undefined));
  }
}

/** An older Node trusts only chains that end in a self-signed certificate. */
function checkChain(ca: string[]): void {
  if (trustsPartOfChain()) return;
  const given = ca.map((pem) => new X509Certificate(pem));
  if (given.some((certificate) => certificate.checkIssued(certificate))) return;
  throw new TypeError(
    `ca: expected the whole chain, up to a self-signed certificate: Node ${process.versions.node} cannot trust ` +
      "a part of a chain (20.18 and 22.9 can). Add the issuer's certificate or use fingerprint256",
  );
}

function trustsPartOfChain(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 9) || (major === 20 && minor >= 18);
}

function pem(name: "cert" | "key", given: unknown): string | undefined {
  if (given === undefined) return undefined;
  const text = ArrayBuffer.isView(given) ? new TextDecoder().decode(given) : given;
  const kind = name === "cert" ? "certificate" : "private key";
  if (typeof text !== "string" || !/-----BEGIN [A-Z0-9 ]+-----/.test(text))
    throw new TypeError(`${name}: expected a ${kind} in PEM form`);
  return text;
}

// Does not pass on OpenSSL's message, whose quotes may change.
function mistakeIn({ code = "", message }: NodeJS.ErrnoException, hasPassphrase: boolean): string {
  if (/KEY_VALUES_MISMATCH/.test(code)) return "key: expected the private key of cert";
  if (/PASSWORD|PASSPHRASE/.test(code) || /bad decrypt|interrupted or cancelled|password/i.test(message))
    return hasPassphrase
      ? "passphrase: expected the passphrase of key"
      : "passphrase: expected one, because key is encrypted";
  return "key: expected a readable private key, with its certificate in cert";
}
