// Creates certificates that last a day, with openssl.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

async function openssl(folder, ...args) {
  await promisify(execFile)(process.env.OPENSSL ?? "/usr/bin/openssl", args, { cwd: folder });
}

async function folderFor(t) {
  const folder = await mkdtemp(join(tmpdir(), "certificates-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const alternative = (name) => `subjectAltName=DNS:${name}`;

async function pair(folder, name) {
  const [file, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  return { file, keyFile, cert: await readFile(file), key: await readFile(keyFile) };
}

/** Creates a self-signed certificate. */
export async function selfSigned(t, name) {
  const folder = await folderFor(t);
  const out = ["-keyout", `${name}.key`, "-out", `${name}.crt`, "-days", "1"];
  await openssl(
    folder,
    ...["req", "-x509", ...NEW_KEY, ...out, "-subj", `/CN=${name}`, "-addext", alternative(name)],
  );
  return pair(folder, name);
}

/** Creates a CA and a certificate that it signed. `issuer` is the file with the CA's certificate. */
export async function ca(t, name) {
  const folder = await folderFor(t);
  const own = ["-keyout", "ca.key", "-out", "ca.crt", "-days", "1", "-subj", "/CN=Our CA"];
  await openssl(folder, "req", "-x509", ...NEW_KEY, ...own);
  await openssl(
    folder,
    ...["req", ...NEW_KEY, "-keyout", `${name}.key`, "-out", "asked.csr", "-subj", `/CN=${name}`],
  );
  await writeFile(join(folder, "names"), alternative(name));
  const signing = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
  await openssl(
    folder,
    ...["x509", "-req", "-in", "asked.csr", ...signing, "-out", `${name}.crt`, "-days", "1"],
  );
  return { ...(await pair(folder, name)), issuer: join(folder, "ca.crt") };
}

/** Adds a user's certificate, signed by the CA of {@link ca}, and that CA to a Firefox profile. */
export async function usersCertificate({ issuer }, profile) {
  const folder = dirname(issuer);
  await openssl(folder, "req", ...NEW_KEY, "-keyout", "user.key", "-out", "user.csr", "-subj", "/CN=user");
  const signing = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1"];
  await openssl(folder, "x509", "-req", "-in", "user.csr", ...signing, "-out", "user.crt");
  const pair = ["-in", "user.crt", "-inkey", "user.key", "-out", "user.p12", "-passout", "pass:p12"];
  await openssl(folder, "pkcs12", "-export", ...pair);
  const nss = (program, ...args) => promisify(execFile)(program, ["-d", `sql:${profile}`, ...args]);
  await nss("certutil", "-N", "--empty-password");
  await nss("pk12util", "-i", join(folder, "user.p12"), "-W", "p12");
  await nss("certutil", "-A", "-n", "Our CA", "-t", "C,,", "-i", issuer);
}
