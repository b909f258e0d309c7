// A certificate for the simulator's own https, made by openssl: it is there wherever git is, and spares the
// package a library of 200 KB. Where it is not, a key and a certificate are passed in.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const DAYS = 30;

/**
 * A key and a certificate for it, both as PEM. Nobody has signed it but itself, as on most Deploy VMs.
 *
 * @param {string} host the name or address that is listened on
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
      "listen: openssl could not make a certificate; install it, or pass tls: { key, cert }, both as PEM",
      { cause: error },
    );
  });
  const part = (/** @type {string} */ name) =>
    new RegExp(`-----BEGIN ${name}-----[\\s\\S]+?-----END ${name}-----\n`).exec(stdout)?.[0];
  const [key, cert] = [part("(?:RSA )?PRIVATE KEY"), part("CERTIFICATE")];
  if (!key || !cert) throw new Error("listen: openssl printed no key and certificate");
  return { key, cert };
}
