// Runs the certificate and proxy recipes in Node.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { ca, selfSigned } from "./certificates.mjs";
import { deployFor, folder, hosts, node } from "./recipe.mjs";
import { overTls } from "./tls.mjs";

const urlOf = async (t, vm) => `${(await overTls(t, vm)).origin}/api`;

const script = "own-certificate.mjs";

test("a certificate signed by a private CA is trusted", async (t) => {
  const { cert, key, issuer } = await ca(t, "localhost");
  const { code, stdout, stderr } = await node([script, "esx-1"], {
    DEPLOY_URL: await urlOf(t, { cert, key }),
    DEPLOY_CA: issuer,
  });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "success\n");
});

test("only the given self-signed certificate is trusted, and only under its own name", async (t) => {
  const vm = await selfSigned(t, "deploy.internal");
  const DEPLOY_URL = await urlOf(t, vm);
  const ask = (env) => node([script, "esx-1"], { DEPLOY_URL, DEPLOY_CA: vm.file, ...env });

  const trusted = await ask({ DEPLOY_CERT_NAME: "deploy.internal" });
  assert.equal(trusted.code, 0, trusted.stderr);

  const misnamed = await ask({});
  assert.equal(misnamed.code, 1);
  assert.match(
    misnamed.stderr,
    /TLS certificate was rejected: \S.*Host: localhost\. is not in the cert's altnames/,
  );

  const other = await selfSigned(t, "deploy.internal");
  const stranger = await ask({ DEPLOY_CERT_NAME: "deploy.internal", DEPLOY_CA: other.file });
  assert.equal(stranger.code, 1);
  assert.match(stranger.stderr, /TLS.*(self-signed|unable to|signature failure)/);
});

test("own-certificate.mjs prints its usage if something is missing", async () => {
  for (const [args, env] of [
    [[], { DEPLOY_URL: "https://deploy.example.com/api", DEPLOY_CA: "deploy.crt" }],
    [["esx-1"], { DEPLOY_URL: "https://deploy.example.com/api" }],
    [["esx-1"], { DEPLOY_CA: "deploy.crt" }],
  ]) {
    const { code, stderr } = await node([script, ...args], env);
    assert.equal(code, 2);
    assert.match(stderr, /^usage: DEPLOY_URL=… .* node own-certificate\.mjs <name>$/m);
  }
});

test("a fetched certificate can be trusted as a file or by its fingerprint", async (t) => {
  const vm = await selfSigned(t, "localhost");
  const { origin } = await overTls(t, vm);
  const fetched = `${vm.file}.fetched`;
  const { code, stdout } = await node(["certificate.mjs", origin, fetched]);
  assert.equal(code, 0);
  const [shown, subject, names] = stdout.split("\n");
  assert.equal(shown, new X509Certificate(vm.cert).fingerprint256);
  assert.deepEqual([subject, names], ["CN=localhost", "localhost"]);
  const DEPLOY_URL = `${origin}/api`;
  for (const [at, trusted] of [{ DEPLOY_CA: fetched }, { DEPLOY_FINGERPRINT: shown }].entries()) {
    const { code, stderr } = await node([script, `esx-${at}`], { DEPLOY_URL, ...trusted });
    assert.equal(code, 0, stderr);
  }
  const other = new X509Certificate((await selfSigned(t, "localhost")).cert).fingerprint256;
  const refused = await node([script, "esx-2"], { DEPLOY_URL, DEPLOY_FINGERPRINT: other });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /not sent: the server's TLS certificate was rejected/);
  assert.ok(refused.stderr.includes(shown) && refused.stderr.includes(other), refused.stderr);
  const away = await node(["certificate.mjs", "127.0.0.1:1"]);
  assert.deepEqual([away.code, away.stdout], [1, ""]);
  assert.match(away.stderr, /^could not get the certificate of 127\.0\.0\.1:1: /);
});

test("a script with another fingerprint prints the reason and does not advise to trust the certificate", async (t) => {
  const vm = await selfSigned(t, "localhost");
  const { origin } = await overTls(t, vm);
  const other = new X509Certificate((await selfSigned(t, "localhost")).cert).fingerprint256;
  const env = { DEPLOY_URL: `${origin}/api` };
  const refused = await node(["delete-cluster.mjs", "prod"], { ...env, DEPLOY_FINGERPRINT: other });
  assert.equal(refused.code, 1, refused.stderr);
  assert.match(refused.stderr, /certificate was rejected: \S/);
  assert.ok(refused.stderr.includes(other), refused.stderr);
  assert.match(refused.stderr, /new certificate, or somebody intercepts the connection/);
  assert.doesNotMatch(refused.stderr, /To trust this certificate/);
  const unknown = await node(["delete-cluster.mjs", "prod"], env);
  assert.match(unknown.stderr, /certificate was rejected: self-signed certificate\n/);
  assert.match(unknown.stderr, /To trust this certificate, compare/);
});

test("the certificate is checked in the tunnel of the environment's proxy", async (t) => {
  const vm = await selfSigned(t, "localhost");
  const DEPLOY_URL = await urlOf(t, vm);
  const asked = [];
  const proxy = createServer().on("connect", ({ url, headers }, socket) => {
    asked.push([url, headers["proxy-authorization"]]);
    const onward = connect(new URL(`http://${url}`).port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    for (const side of [socket, onward]) side.on("error", () => {});
    onward.on("close", () => socket.destroy());
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  t.after(() => proxy.close());
  const env = {
    DEPLOY_URL,
    DEPLOY_FINGERPRINT: new X509Certificate(vm.cert).fingerprint256,
    HTTPS_PROXY: `http://user:password@127.0.0.1:${proxy.address().port}`,
  };
  const through = await node([script, "esx-1"], env);
  assert.equal(through.code, 0, through.stderr);
  assert.deepEqual(asked[0], [new URL(DEPLOY_URL).host, `Basic ${btoa("user:password")}`]);
  const count = asked.splice(0).length;
  assert.ok(count >= 1);
  assert.equal((await node([script, "esx-2"], { ...env, NO_PROXY: "localhost" })).code, 0);
  assert.deepEqual(asked, []);
});

test("NODE_EXTRA_CA_CERTS works without code", async (t) => {
  const { cert, key, issuer } = await ca(t, "localhost");
  const DEPLOY_URL = await urlOf(t, { cert, key });
  const trusted = await node(["add-host.mjs", "esx-1"], { DEPLOY_URL, NODE_EXTRA_CA_CERTS: issuer });
  assert.equal(trusted.code, 0, trusted.stderr);
  const distrusted = await node(["add-host.mjs", "esx-1"], { DEPLOY_URL });
  assert.equal(distrusted.code, 1, "nothing was sent");
  assert.match(distrusted.stderr, /TLS/);
});

test("an untrusted certificate fails at once, without retries, and nothing is sent", async (t) => {
  const { simulator, client } = await deployFor(t);
  const vm = await selfSigned(t, "localhost");
  const deploy = client({ baseUrl: await urlOf(t, vm) });
  const why = "the server's TLS certificate was rejected";
  const asks = [
    [() => deploy.get("/clusters"), `GET /clusters: not sent: ${why}`],
    [() => deploy.post("/hosts", hosts("esx-1")), `POST /hosts: not sent: ${why}`],
    [() => deploy.job("j").result(), `GET /jobs/j: ${why}. The job may still be running`],
  ];
  for (const [ask, message] of asks) {
    await assert.rejects(ask, (error) => {
      assert.equal(error.code, "TRANSPORT");
      assert.equal(error.message, message);
      assert.equal(error.cause.cause.code, "DEPTH_ZERO_SELF_SIGNED_CERT");
      return true;
    });
  }
  assert.equal(deploy.stats.retries, 0);
  assert.deepEqual(simulator.counters().received, {});
});

test("undici's fetch sends undici's FormData as a form, and Node's FormData as a string", async (t) => {
  const undici = createRequire(join(folder, "index.js"))("undici");
  const types = [];
  const server = createServer((request, response) => {
    types.push(request.headers["content-type"]);
    request.resume().on("end", () => response.end("{}"));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const baseUrl = `http://127.0.0.1:${server.address().port}/api`;
  const deploy = (await deployFor(t)).client({ baseUrl, fetch: undici.fetch });
  for (const Form of [undici.FormData, FormData]) {
    const form = new Form();
    form.set("license_file", new Blob(["license"]), "license.txt");
    await deploy.post("/licensing/licenses", form);
  }
  assert.match(types[0], /^multipart\/form-data/);
  assert.match(types[1], /^text\/plain/);
});
