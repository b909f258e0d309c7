// Creates a certificate with openssl, which saves the package a library of 200 KB. Without openssl, pass a key and a
// certificate.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const DAYS = 30;

/**
 * Creates a key and a self-signed certificate, as most Deploy VMs have, both as PEM.
 *
 * @param {string} host the name or address of the server
 * @returns {Promise<{ key: string, cert: string }>}
 */
export async function selfSigned(host) {
  const isAddress = /^[\d.]+$|:/.test(host);
  const names = ["DNS:localhost", "IP:127.0.0.1", "IP:::1", `${isAddress ? "IP" : "DNS"}:${host}`];
  const args = [
    ...["req", "-x509", "-nodes", "-newkey", "rsa:2048", "-sha256", "-days", String(DAYS)],
    ...["-subj", "/CN=Simulated ONTAP Select Deploy", "-addext", `subjectAltName=${names.join(",")}`],
    ...["-keyout", "-", "-out", "-"],
  ];
  const { stdout } = await promisify(execFile)("openssl", args).catch((error) => {
    throw new Error(
      "listen: openssl could not create a certificate; install openssl, or pass tls: { key, cert } as PEM",
      { cause: error },
    );
  });
  const part = (/** @type {string} */ name) =>
    new RegExp(`-----BEGIN ${name}-----[\\s\\S]+?-----END ${name}-----\n`).exec(stdout)?.[0];
  const [key, cert] = [part("(?:RSA )?PRIVATE KEY"), part("CERTIFICATE")];
  if (!key || !cert) throw new Error("listen: openssl returned no key or no certificate");
  return { key, cert };
}
