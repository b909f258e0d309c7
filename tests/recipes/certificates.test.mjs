// A CA of one's own and a self-signed VM, in Node.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { ca, selfSigned } from "./certificates.mjs";
import { deployFor, folder, hosts, node, run } from "./recipe.mjs";
import { overTls } from "./tls.mjs";

const urlOf = async (t, vm) => `${(await overTls(t, vm)).origin}/api`;

test("a CA of one's own, and a certificate that it signed", async (t) => {
  const { cert, key, issuer } = await ca(t, "localhost");
  const { code, stdout, stderr } = await node(["own-ca.mjs", "esx-1"], {
    DEPLOY_URL: await urlOf(t, { cert, key }),
    DEPLOY_CA: issuer,
  });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "success\n");
});

test("a self-signed certificate is trusted by itself, under its own name, and no other is", async (t) => {
  const vm = await selfSigned(t, "deploy.internal");
  const DEPLOY_URL = await urlOf(t, vm);
  const ask = (env) => node(["own-ca.mjs", "esx-1"], { DEPLOY_URL, DEPLOY_CA: vm.file, ...env });

  const trusted = await ask({ DEPLOY_CERT_NAME: "deploy.internal" });
  assert.equal(trusted.code, 0, trusted.stderr);

  const misnamed = await ask({});
  assert.equal(misnamed.code, 1);
  assert.match(misnamed.stderr, /TLS.*ERR_TLS_CERT_ALTNAME_INVALID/);

  const other = await selfSigned(t, "deploy.internal");
  const stranger = await ask({ DEPLOY_CERT_NAME: "deploy.internal", DEPLOY_CA: other.file });
  assert.equal(stranger.code, 1);
  assert.match(stranger.stderr, /TLS.*(SELF_SIGNED|UNABLE_TO|CERT_SIGNATURE|DEPTH_ZERO)/);
});

test("a certificate is fetched, compared by its fingerprint, and then trusted", async (t) => {
  const vm = await selfSigned(t, "localhost");
  const { origin } = await overTls(t, vm);
  const fetched = `${vm.file}.fetched`;
  const { code, stdout } = await run(["sh", "certificate.sh", new URL(origin).host, fetched]);
  assert.equal(code, 0);
  assert.ok(stdout.includes(`Fingerprint=${new X509Certificate(vm.cert).fingerprint256}`), stdout);
  assert.match(stdout, /DNS:localhost/);
  const env = { DEPLOY_URL: `${origin}/api`, DEPLOY_CA: fetched };
  assert.equal((await node(["own-ca.mjs", "esx-1"], env)).code, 0);
});

test("NODE_EXTRA_CA_CERTS needs no code at all", async (t) => {
  const { cert, key, issuer } = await ca(t, "localhost");
  const DEPLOY_URL = await urlOf(t, { cert, key });
  const trusted = await node(["add-host.mjs", "esx-1"], { DEPLOY_URL, NODE_EXTRA_CA_CERTS: issuer });
  assert.equal(trusted.code, 0, trusted.stderr);
  const distrusted = await node(["add-host.mjs", "esx-1"], { DEPLOY_URL });
  assert.equal(distrusted.code, 1, "nothing was sent");
  assert.match(distrusted.stderr, /TLS/);
});

test("a certificate that is not trusted is told at once, and nothing was sent", async (t) => {
  const { simulator, client } = await deployFor(t);
  const vm = await selfSigned(t, "localhost");
  const deploy = client({ baseUrl: await urlOf(t, vm) });
  const asks = [
    () => deploy.get("/clusters"),
    () => deploy.post("/hosts", hosts("esx-1")),
    () => deploy.job("j").result(),
  ];
  for (const ask of asks) {
    await assert.rejects(ask, (error) => {
      assert.equal(error.code, "TRANSPORT");
      assert.match(error.message, /nothing was sent, since TLS refused the server's certificate/);
      assert.equal(error.cause.cause.code, "DEPTH_ZERO_SELF_SIGNED_CERT");
      return true;
    });
  }
  assert.equal(deploy.stats.retries, 0);
  assert.deepEqual(simulator.counters().received, {});
});

test("an upload through undici takes undici's FormData: Node's own goes as text, as the recipe says", async (t) => {
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
    form.set("license_file", new Blob(["licence"]), "licence.txt");
    await deploy.post("/licensing/licenses", form);
  }
  assert.match(types[0], /^multipart\/form-data/);
  assert.match(types[1], /^text\/plain/);
});
