// A test CA and certificates, signed by it or self-signed, from openssl.

import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
const NAMES = ["DNS:localhost", "IP:127.0.0.1"];

// Several are signed at once, so no serial file is used.
const serial = () => `0x${randomUUID().replaceAll("-", "").replace(/^./, "1")}`;

async function openssl(cwd, ...args) {
  await promisify(execFile)(process.env.OPENSSL ?? "openssl", args, { cwd });
}

async function folderFor(t) {
  const folder = await mkdtemp(join(tmpdir(), "authority-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Creates the certificates of a test file. Deletes the temporary files afterwards. */
export async function forThis(make) {
  const ending = [];
  try {
    return await make({ after: (end) => ending.push(end) });
  } finally {
    for (const end of ending) await end();
  }
}

const read = async (folder, name) => ({
  cert: await readFile(join(folder, `${name}.crt`), "utf8"),
  key: await readFile(join(folder, `${name}.key`), "utf8"),
});

/** A self-signed certificate for localhost, as on a Deploy VM. */
export async function selfSigned(t, { names = NAMES, subject = "/CN=deploy" } = {}) {
  const folder = await folderFor(t);
  const files = ["-keyout", "own.key", "-out", "own.crt", "-days", "2"];
  const about = ["-subj", subject, "-addext", `subjectAltName=${names.join(",")}`];
  await openssl(folder, "req", "-x509", ...NEW_KEY, "-nodes", ...files, ...about);
  return read(folder, "own");
}

/** A CA with its certificate and `issue()`, which signs one for localhost. Options: the days, and a passphrase for the key. */
export async function authority(t) {
  const folder = await folderFor(t);
  const own = ["-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=Our CA"];
  await openssl(folder, "req", "-x509", ...NEW_KEY, "-nodes", ...own);
  return {
    pem: await readFile(join(folder, "ca.crt"), "utf8"),
    async issue({ names = NAMES, passphrase, days = "2" } = {}) {
      const name = randomUUID();
      const cipher = passphrase === undefined ? ["-nodes"] : ["-passout", `pass:${passphrase}`];
      const asked = ["-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`];
      await openssl(folder, "req", ...NEW_KEY, ...cipher, ...asked);
      await writeFile(join(folder, `${name}.names`), `subjectAltName=${names.join(",")}`);
      const signing = ["-CA", "ca.crt", "-CAkey", "ca.key", "-set_serial", serial(), "-days", days];
      const files = ["-in", `${name}.csr`, "-out", `${name}.crt`, "-extfile", `${name}.names`];
      await openssl(folder, "x509", "-req", ...signing, ...files);
      return read(folder, name);
    },
  };
}
