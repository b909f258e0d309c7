// A server with a self-signed certificate, like that of a Deploy VM.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createProxy } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createServer } from "node:tls";
import { promisify } from "node:util";
import { certificate } from "./certificate.mjs";
import { addHost, commandFor, tokenIn } from "./command.mjs";

const host = addHost("esx-1");
let folder;

let own;
let another;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "certificates-"));
  [own, another] = await Promise.all([certificate(folder, "own"), certificate(folder, "another")]);
});
after(() => rm(folder, { recursive: true, force: true }));

/** The simulated Deploy behind TLS, and its URL. */
async function behindTls(t, config) {
  const deploy = await commandFor(t, config);
  const { port } = new URL(deploy.baseUrl);
  const [cert, key] = await Promise.all([readFile(own.cert), readFile(own.key)]);
  const sockets = new Set();
  const server = createServer({ cert, key }, (secure) => {
    const plain = connect(Number(port), "127.0.0.1");
    for (const socket of [secure, plain]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    secure.pipe(plain).pipe(secure);
    plain.on("close", () => secure.destroy());
    secure.on("close", () => plain.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { ...deploy, base: `https://127.0.0.1:${server.address().port}/api` };
}

test("--ca trusts the certificate, and a job is followed over TLS", async (t) => {
  const { osd, base } = await behindTls(t);
  const { code, out, err } = await osd([...host, "--base", base, "--ca", own.cert]);
  assert.equal(code, 0, err);
  assert.equal(JSON.parse(out).job.state, "success");
});

test("--ca reads every PEM form that OpenSSL writes", async (t) => {
  const { osd, base } = await behindTls(t);
  const trusted = join(folder, "trusted.pem");
  await promisify(execFile)("openssl", ["x509", "-in", own.cert, "-trustout", "-out", trusted]);
  const older = join(folder, "older.pem");
  const pem = await readFile(own.cert, "utf8");
  await writeFile(older, pem.replaceAll(" CERTIFICATE", " X509 CERTIFICATE"));
  for (const ca of [trusted, older]) {
    const { code, err } = await osd(["get", "/hosts", "--base", base, "--ca", ca]);
    assert.equal(code, 0, err);
  }
  const broken = join(folder, "broken.pem");
  await writeFile(broken, `${pem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`);
  const { code, err } = await osd(["get", "/hosts", "--base", base, "--ca", broken]);
  assert.equal(code, 2);
  assert.ok(err.includes(`--ca: ${broken}: expected certificates in PEM form; one of them`), err);
});

test("without --ca the call is not sent, and the message says how to trust the certificate", async (t) => {
  const { osd, base, simulator } = await behindTls(t);
  const { code, err } = await osd([...host, "--base", base]);
  assert.equal(code, 4);
  assert.match(
    err,
    /certificate was rejected: self-signed certificate\. To trust it, run 'ontap-select-deploy certificate'/,
  );
  assert.equal(simulator.log().length, 0);
});

test("--ca with another certificate: the call is not sent", async (t) => {
  const { osd, base, simulator } = await behindTls(t);
  const { code, err } = await osd([...host, "--base", base, "--ca", another.cert]);
  assert.equal(code, 4, err);
  assert.equal(simulator.log().length, 0);
});

/** The fingerprint in the format of `openssl`. */
const fingerprintOf = async ({ cert }) => new X509Certificate(await readFile(cert)).fingerprint256;

test("--fingerprint trusts the certificate, in every notation, also as one of several", async (t) => {
  const { osd, base } = await behindTls(t);
  const [mine, other] = await Promise.all([own, another].map(fingerprintOf));
  for (const trust of [[mine], [mine.replaceAll(":", "").toLowerCase()], [other, mine]]) {
    const options = trust.flatMap((fingerprint) => ["--fingerprint", fingerprint]);
    const { code, err } = await osd(["get", "/hosts", "--base", base, ...options]);
    assert.equal(code, 0, err);
  }
  const { code, out, err } = await osd([...host, "--base", base, "--fingerprint", mine]);
  assert.equal(code, 0, err);
  assert.equal(JSON.parse(out).job.state, "success");
});

test("--fingerprint: another certificate receives nothing, even if --ca trusts it; the message has both fingerprints", async (t) => {
  const { osd, base, simulator } = await behindTls(t);
  const [mine, other] = await Promise.all([own, another].map(fingerprintOf));
  const { code, err } = await osd([...host, "--base", base, "--fingerprint", other, "--ca", own.cert]);
  assert.equal(code, 4, err);
  assert.ok(err.includes(mine) && err.includes(other), err);
  // The message must not suggest to trust the new certificate at once.
  assert.match(err, /The VM has a new certificate, or somebody intercepts the connection: .*\.$/m);
  assert.doesNotMatch(err, /--ca FILE/);
  assert.equal(simulator.log().length, 0);
});

test("DEPLOY_FINGERPRINT and DEPLOY_CA trust the certificate; an option replaces both", async (t) => {
  const { osd, base, simulator } = await behindTls(t);
  const [mine, other] = await Promise.all([own, another].map(fingerprintOf));
  const get = (args, env) => osd(["get", "/hosts", ...args], { env: { DEPLOY_URL: base, ...env } });
  for (const [args, env] of [
    [[], { DEPLOY_FINGERPRINT: mine }],
    [[], { DEPLOY_CA: own.cert }],
    [[], { DEPLOY_FINGERPRINT: mine, DEPLOY_CA: another.cert }],
    [["--fingerprint", mine], { DEPLOY_FINGERPRINT: other }],
    [["--fingerprint", mine], { DEPLOY_CA: "/nowhere" }],
    [["--ca", own.cert], { DEPLOY_FINGERPRINT: other }],
    [["--ca", own.cert], { DEPLOY_FINGERPRINT: "", DEPLOY_CA: "" }],
  ]) {
    const { code, err } = await get(args, env);
    assert.equal(code, 0, err);
  }
  const before = simulator.log().length;
  for (const [args, env, expected, said] of [
    [[], { DEPLOY_FINGERPRINT: other }, 4, /new certificate, or somebody intercepts/],
    [[], { DEPLOY_FINGERPRINT: other, DEPLOY_CA: own.cert }, 4, /new certificate/],
    [["--fingerprint", other], { DEPLOY_FINGERPRINT: mine }, 4, /new certificate/],
    [["--ca", another.cert], { DEPLOY_FINGERPRINT: mine }, 4, /certificate was rejected/],
    [[], { DEPLOY_FINGERPRINT: "abc" }, 2, /: DEPLOY_FINGERPRINT: expected a SHA-256 fingerprint/],
    [[], { DEPLOY_CA: "/nowhere" }, 2, /: DEPLOY_CA: \/nowhere: no such file/],
    [[], { DEPLOY_URL: "http://127.0.0.1/api", DEPLOY_CA: own.cert }, 2, /: DEPLOY_CA: needs https/],
  ]) {
    const { code, err } = await get(args, env);
    assert.equal(code, expected, err);
    assert.match(err, said);
  }
  assert.equal(simulator.log().length, before);
});

test("the line that says how to keep waiting names the options that reach the server", async (t) => {
  const { osd, base } = await behindTls(t, { stepMs: 1_500 });
  const mine = await fingerprintOf(own);
  const options = ["--base", base, "--fingerprint", mine];
  const first = await osd([...host, "--timeout", "1s", ...options], { env: { DEPLOY_URL: "" } });
  assert.equal(first.code, 3, first.err);
  const [, line] = /^To keep waiting: npx ontap-select-deploy (.*)$/m.exec(first.err);
  assert.deepEqual(line.split(" ").slice(2), options);
  const waited = await osd(line.split(" "), { env: { DEPLOY_URL: "" } });
  assert.equal(waited.code, 0, waited.err);
  const env = { DEPLOY_URL: base, DEPLOY_FINGERPRINT: mine };
  const second = await osd([...addHost("esx-2"), "--timeout", "1s"], { env });
  assert.match(second.err, /^To keep waiting: npx ontap-select-deploy wait \S+$/m);
  assert.equal((await osd(["wait", tokenIn(second.err)], { env })).code, 0);
});

test("a download over TLS", async (t) => {
  const { osd, base } = await behindTls(t);
  const file = join(folder, "hosts.json");
  const { code, err } = await osd(["get", "/hosts", "--base", base, "--ca", own.cert, "--output", file]);
  assert.equal(code, 0, err);
  assert.equal(JSON.parse(await readFile(file, "utf8")).num_records, 0);
});

/** A proxy that requires `user` and `password`; its URL and the targets of its requests. */
async function proxied(t, password) {
  const asked = [];
  const expected = `Basic ${Buffer.from(`user:${password}`).toString("base64")}`;
  const server = createProxy((request, response) => response.writeHead(405).end(request.url));
  server.on("connect", ({ url, headers }, socket) => {
    asked.push(url);
    socket.on("error", () => {});
    if (headers["proxy-authorization"] !== expected)
      return socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    const [host, port] = url.split(":");
    const there = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(there).pipe(socket);
    });
    there.on("error", () => socket.destroy());
    socket.on("close", () => there.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, address: (secret) => `http://user:${secret}@127.0.0.1:${server.address().port}` };
}

test("HTTPS_PROXY and NO_PROXY work, and no output shows the proxy's password", async (t) => {
  const { osd, base } = await behindTls(t);
  const { asked, address } = await proxied(t, "hunter2pw");
  const trust = ["--base", base, "--ca", own.cert];
  const through = await osd([...host, ...trust], { env: { HTTPS_PROXY: address("hunter2pw") } });
  assert.equal(through.code, 0, through.err);
  assert.ok(asked.length > 0);
  const count = asked.length;
  const shown = await osd(["certificate", base], { env: { HTTPS_PROXY: address("hunter2pw") } });
  assert.equal(shown.code, 0, shown.err);
  assert.equal(asked.length, count + 1);
  const past = { HTTPS_PROXY: address("hunter2pw"), NO_PROXY: "127.0.0.1" };
  assert.equal((await osd(["get", "/hosts", ...trust], { env: past })).code, 0);
  assert.equal(asked.length, count + 1);
  for (const proxy of [address("wr0ngpw"), "http://user:wr0ngpw@127.0.0.1:1", "ftp://user:wr0ngpw@x"]) {
    const refused = await osd([...addHost("esx-2"), ...trust], { env: { HTTPS_PROXY: proxy } });
    assert.ok([2, 4].includes(refused.code), `${refused.code}: ${refused.err}`);
    for (const secret of ["wr0ngpw", Buffer.from("user:wr0ngpw").toString("base64")])
      assert.ok(!refused.err.includes(secret), refused.err);
  }
});

test("a timeout, an empty response, a refusal, a redirect and a broken connection work the same over TLS", async (t) => {
  const { osd, base, simulator } = await behindTls(t, { stepMs: 1_500, timedOut: "noContent" });
  const secure = ["--base", base, "--ca", own.cert];
  const { code, err } = await osd([...host, "--timeout", "1s", ...secure]);
  assert.equal(code, 3);
  const waited = await osd(["wait", tokenIn(err), ...secure]);
  assert.equal(waited.code, 0, waited.err);
  assert.equal((await osd(["get", "/nothing", ...secure])).code, 4);

  simulator.addRule({ count: 1, action: { kind: "redirect", location: "https://elsewhere.example/" } });
  const redirected = await osd(["get", "/hosts", ...secure]);
  assert.equal(redirected.code, 4);
  assert.match(redirected.err, /redirect/);

  simulator.addRule({ match: { poll: "long" }, count: 1, action: { kind: "truncate", after: 5 } });
  const retried = await osd([...addHost("esx-2"), ...secure]);
  assert.equal(retried.code, 0, retried.err);
});
