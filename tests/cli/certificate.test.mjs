// certificate: prints the data to compare, and writes the file for --ca.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { listen } from "../simulator/host/listen.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";
import { start } from "./command.mjs";

/** A simulated Deploy over TLS. `osd(args, options)` runs the command without its URL and credential. */
async function secured(t) {
  const simulator = createSimulator();
  const server = await listen(simulator, { tls: true });
  const folder = await mkdtemp(join(tmpdir(), "certificate-"));
  t.after(async () => {
    await server.close();
    simulator.close();
    await rm(folder, { recursive: true, force: true });
  });
  const osd = (args, options) => start(t, args, options ?? {}).ended;
  return { osd, simulator, folder, url: server.url, shown: new X509Certificate(server.cert) };
}

test("prints the fingerprint, subject, names and dates as JSON, without a request", async (t) => {
  const { osd, simulator, url, shown } = await secured(t);
  for (const address of [url, `${url}/api`, new URL(url).host]) {
    const { code, out, err } = await osd(["certificate", address]);
    assert.equal(code, 0, err);
    const { fingerprint256, subject, names, validFrom, validTo, ...rest } = JSON.parse(out);
    assert.deepEqual(rest, {});
    assert.deepEqual([fingerprint256, subject], [shown.fingerprint256, shown.subject]);
    assert.ok(names.includes("127.0.0.1"), names);
    assert.deepEqual([new Date(validFrom), new Date(validTo)].map(Number), [
      Date.parse(shown.validFrom),
      Date.parse(shown.validTo),
    ]);
    assert.match(err, /^This certificate is not verified\. Compare its fingerprint/);
  }
  const quiet = await osd(["certificate", "--quiet"], { env: { DEPLOY_URL: `${url}/api` } });
  assert.deepEqual([quiet.code, quiet.err], [0, ""]);
  assert.equal(simulator.log().length, 0);
});

test("--pem prints only the certificate; the data to compare goes to standard error", async (t) => {
  const { osd, url, shown } = await secured(t);
  const { code, out, err } = await osd(["certificate", url, "--pem"]);
  assert.equal(code, 0, err);
  assert.equal(new X509Certificate(out).fingerprint256, shown.fingerprint256);
  assert.match(err, new RegExp(`^fingerprint256: ${shown.fingerprint256}$`, "m"));
  assert.match(err, /^validTo: \d{4}-\d\d-\d\dT/m);
});

test("--output writes a file for --ca", async (t) => {
  const { osd, folder, url, shown } = await secured(t);
  const file = join(folder, "deploy.pem");
  const { code, out, err } = await osd(["certificate", url, "--output", file]);
  assert.equal(code, 0, err);
  assert.equal(JSON.parse(out).fingerprint256, shown.fingerprint256);
  assert.ok(err.startsWith(`Saved the certificate in ${file}.\n`), err);
  assert.doesNotMatch(err, /--output/);
  const help = await osd(["help", "certificate"]);
  assert.match(help.out, /--output FILE +save the certificate in FILE, in PEM form/);
  assert.equal(new X509Certificate(await readFile(file)).fingerprint256, shown.fingerprint256);
  const env = { DEPLOY_URL: `${url}/api`, DEPLOY_PASSWORD: "Netapp1!" };
  assert.equal((await osd(["get", "/hosts", "--ca", file], { env })).code, 0);
});

test("4: no server, or no TLS: no file is left", async (t) => {
  const { osd, folder } = await secured(t);
  const plain = await listen(createSimulator());
  t.after(() => plain.close());
  const file = join(folder, "deploy.pem");
  const { host, port } = new URL(plain.url);
  const isPlain = await osd(["certificate", host, "--output", file]);
  assert.deepEqual([isPlain.code, isPlain.out], [4, ""]);
  assert.match(isPlain.err, new RegExp(`could not get the certificate of 127.0.0.1:${port}`));
  assert.equal((await osd(["certificate", "127.0.0.1:1"])).code, 4);
  await assert.rejects(readFile(file), { code: "ENOENT" });
});

test("2: no address, or an invalid one", async (t) => {
  const { osd } = await secured(t);
  for (const [args, said] of [
    [[], /certificate: expected an address/],
    [["a", "b"], /certificate: expected one address/],
    [["http://127.0.0.1"], /certificate: .*http: uses no certificate/],
    [["https://"], /certificate: expected an address such as/],
    [["127.0.0.1", "--ca", "x"], /--ca: not an option of certificate/],
  ]) {
    const { code, err } = await osd(["certificate", ...args]);
    assert.equal(code, 2, err);
    assert.match(err, said);
  }
});
