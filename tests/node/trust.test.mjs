// Which servers nodeFetch trusts. It must send nothing to any other.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer as createRawServer } from "node:net";
import { describe, test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { inspect } from "node:util";
import { DeployClient, TransportError } from "ontap-select-deploy";
import { certificate, nodeFetch } from "ontap-select-deploy/node";
import { authority, forThis, selfSigned } from "../lib/authority.mjs";
import { host } from "../lib/described.mjs";
import { credential, deployFor } from "./deploy.mjs";
import { rejection } from "./scripted.mjs";
import { causeOf, fetchFor, serve } from "./sockets.mjs";

const fingerprint = ({ cert }) => new X509Certificate(cert).fingerprint256;

// Created once, because openssl is slow.
const made = await forThis(async (scope) => {
  const ours = await authority(scope);
  const [vm, other, elsewhere, expired, signed, middle, client, locked] = await Promise.all([
    selfSigned(scope, { names: ["DNS:localhost", "DNS:127.0.0.1", "IP:127.0.0.1"] }),
    selfSigned(scope),
    selfSigned(scope, { names: ["DNS:deploy.internal"] }),
    ours.issue({ days: "-1" }),
    ours.issue(),
    ours.issue(),
    ours.issue(),
    ours.issue({ passphrase: "s3cret-phrase" }),
  ]);
  return { ours, vm, other, elsewhere, expired, signed, middle, client, locked };
});

/** The simulated Deploy behind TLS; `show(pair)` changes the certificate, `cut()` breaks all connections. */
async function vmFor(t, pair, config) {
  const deploy = await deployFor(t, config);
  const { port } = new URL(deploy.baseUrl);
  const open = new Set();
  let received = 0;
  const server = createTlsServer(pair, (secure) => {
    const plain = connect(Number(port), "127.0.0.1");
    for (const socket of [secure, plain]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => open.delete(socket));
    }
    secure.on("data", (bytes) => {
      received += bytes.length;
    });
    secure.pipe(plain).pipe(secure);
    plain.on("close", () => secure.destroy());
    secure.on("close", () => plain.destroy());
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  t.after(() => {
    cut();
    server.close();
  });
  return {
    ...deploy,
    baseUrl: `https://127.0.0.1:${server.address().port}/api`,
    show: (other) => server.setSecureContext(other),
    cut,
    received: () => received,
  };
}

const deployWith = (baseUrl, fetch, options) =>
  new DeployClient({
    baseUrl,
    auth: credential,
    fetch,
    retry: { initialDelay: 10, maxDelay: 20 },
    ...options,
  });

describe("a fingerprint", { concurrency: true }, () => {
  test("trusts its certificate, whatever the name, issuer and dates, in each format", async (t) => {
    for (const pair of [made.vm, made.elsewhere, made.signed, made.expired]) {
      const { origin } = await serve(t, undefined, pair);
      const colons = fingerprint(pair);
      const plain = colons.replaceAll(":", "").toLowerCase();
      for (const fingerprint256 of [
        colons,
        plain,
        ` ${colons.toLowerCase()} `,
        [fingerprint(made.other), plain],
      ]) {
        assert.equal(await (await fetchFor(t, { fingerprint256 })(origin)).text(), "ok");
      }
    }
  });

  test("trusts no other: a man in the middle with a certificate of a trusted CA gets no byte", async (t) => {
    const { origin, received, requests } = await serve(t, undefined, made.middle);
    const expected = fingerprint(made.signed);
    const shown = fingerprint(made.middle);
    // With only the CA, the request succeeds.
    assert.equal(await (await fetchFor(t, { ca: made.ours.pem })(origin)).text(), "ok");
    const before = received();
    for (const options of [{}, { ca: made.ours.pem }]) {
      const fetch = fetchFor(t, { ...options, fingerprint256: expected });
      const cause = causeOf(await rejection(fetch(origin, { method: "POST", body: "s3cret" })));
      assert.equal(cause.code, "ERR_TLS_CERT_FINGERPRINT_MISMATCH");
      assert.ok(cause.message.includes(expected) && cause.message.includes(shown), cause.message);
      const error = await rejection(deployWith(`${origin}/api`, fetch).post("/hosts", host("esx-1")));
      assert.ok(error instanceof TransportError);
      assert.deepEqual([error.sent, error.outcome], [false, "refused"]);
    }
    assert.equal(received(), before);
    assert.equal(requests.length, 1);
  });

  test("a certificate that changes during a job is rejected with both fingerprints, and gets no byte", async (t) => {
    const { baseUrl, show, cut, simulator, received } = await vmFor(t, made.vm, { stepMs: 60_000 });
    const fetch = fetchFor(t, { fingerprint256: fingerprint(made.vm) });
    const deploy = deployWith(baseUrl, fetch, { retry: { maxAttempts: 2, initialDelay: 10, maxDelay: 20 } });
    const handle = await deploy.submit("POST", "/hosts", { body: host("esx-1") });
    const ended = rejection(handle.result());
    while (simulator.counters().openPolls === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    show(made.other);
    const before = received();
    cut();
    // A bad certificate does not end a running job at once; the retries do.
    const error = await ended;
    assert.ok(error instanceof TransportError, String(error));
    const text = inspect(error, { depth: 9 });
    assert.ok(text.includes(fingerprint(made.vm)) && text.includes(fingerprint(made.other)), text);
    const call = await rejection(deploy.post("/hosts", host("esx-2")));
    assert.deepEqual([call.sent, call.outcome], [false, "refused"]);
    assert.equal(received(), before);
    show(made.vm);
    assert.equal((await deploy.get("/hosts")).status, 200);
  });

  test("each new connection is checked, and no session is resumed", async (t) => {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"]) {
      const { origin, server, sockets, received, connections } = await serve(
        t,
        (_, response) => response.setHeader("connection", "close").end("ok"),
        { ...made.vm, maxVersion },
      );
      let resumed = 0;
      server.on("secureConnection", (socket) => {
        resumed += socket.isSessionReused() ? 1 : 0;
      });
      const fetch = fetchFor(t, { fingerprint256: fingerprint(made.vm) });
      for (let at = 0; at < 3; at++) await (await fetch(origin)).text();
      assert.deepEqual([connections(), resumed], [3, 0]);
      const before = received();
      // The same ticket keys, so that the server would accept a resumed session.
      server.setSecureContext({ ...made.other, maxVersion, ticketKeys: server.getTicketKeys() });
      const cause = causeOf(await rejection(fetch(origin)));
      assert.equal(cause.code, "ERR_TLS_CERT_FINGERPRINT_MISMATCH", maxVersion);
      assert.equal(received(), before);
      assert.ok(sockets.size <= 1);
    }
  });

  test("nothing is sent to http:, which uses no certificate", async (t) => {
    const { origin, received } = await serve(t);
    const fetch = fetchFor(t, { fingerprint256: fingerprint(made.vm) });
    const cause = causeOf(await rejection(fetch(origin, { method: "POST", body: "{}" })));
    assert.match(cause.message, /^fingerprint256: /);
    const error = await rejection(deployWith(`${origin}/api`, fetch).post("/hosts", {}));
    assert.deepEqual([error.sent, error.outcome], [false, "refused"]);
    assert.equal(received(), 0);
  });
});

describe("a CA", { concurrency: true }, () => {
  test("trusts its certificates and itself, as a string, bytes, a list, or several in one string", async (t) => {
    const signed = await serve(t, undefined, made.signed);
    const own = await serve(t, undefined, made.vm);
    for (const ca of [
      [made.vm.cert, made.ours.pem],
      `${made.vm.cert}\n# ours\n${made.ours.pem}`,
      new TextEncoder().encode(made.vm.cert + made.ours.pem),
      [Buffer.from(made.ours.pem), made.vm.cert],
    ]) {
      const fetch = fetchFor(t, { ca });
      for (const { origin } of [signed, own]) assert.equal(await (await fetch(origin)).text(), "ok");
    }
  });

  test("trusts no other CA and no other name, whatever the environment says", async (t) => {
    const was = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    t.after(() => {
      if (was === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = was;
    });
    for (const [pair, ca, code] of [
      [made.vm, made.ours.pem, "DEPTH_ZERO_SELF_SIGNED_CERT"],
      [made.signed, made.vm.cert, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"],
      [made.elsewhere, made.elsewhere.cert, "ERR_TLS_CERT_ALTNAME_INVALID"],
      [made.expired, made.ours.pem, "CERT_HAS_EXPIRED"],
    ]) {
      const { origin, received } = await serve(t, undefined, pair);
      const fetch = fetchFor(t, { ca });
      assert.equal(causeOf(await rejection(fetch(origin))).code, code);
      const error = await rejection(deployWith(`${origin}/api`, fetch).post("/hosts", {}));
      assert.deepEqual([error.sent, error.outcome], [false, "refused"]);
      assert.match(error.message, /TLS certificate was rejected/);
      assert.equal(received(), 0);
    }
  });

  test("servername is sent and checked", async (t) => {
    const { origin, server } = await serve(t, undefined, made.elsewhere);
    const names = [];
    server.on("secureConnection", (socket) => names.push(socket.servername));
    const options = { ca: made.elsewhere.cert, servername: "deploy.internal" };
    assert.equal(await (await fetchFor(t, options)(origin)).text(), "ok");
    const wrong = fetchFor(t, { ...options, servername: "other.internal" });
    assert.equal(causeOf(await rejection(wrong(origin))).code, "ERR_TLS_CERT_ALTNAME_INVALID");
    assert.equal(names[0], "deploy.internal");
  });

  test("without it, Node's authorities apply and reject the server", async (t) => {
    const { origin, received } = await serve(t, undefined, made.vm);
    if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === "0") return;
    const cause = causeOf(await rejection(fetchFor(t)(origin)));
    assert.equal(cause.code, "DEPTH_ZERO_SELF_SIGNED_CERT");
    assert.equal(received(), 0);
  });
});

test("a client certificate, with and without a passphrase", async (t) => {
  const names = [];
  const answer = ({ socket }, response) => {
    names.push(socket.getPeerX509Certificate()?.fingerprint256);
    response.end("ok");
  };
  const tls = { ...made.signed, ca: made.ours.pem, requestCert: true, rejectUnauthorized: true };
  const { origin, requests } = await serve(t, answer, tls);
  const trusted = { ca: made.ours.pem };
  await (await fetchFor(t, { ...trusted, ...made.client })(origin)).text();
  const { cert, key } = made.locked;
  await (await fetchFor(t, { ...trusted, cert, key, passphrase: "s3cret-phrase" })(origin)).text();
  assert.deepEqual(names, [fingerprint(made.client), fingerprint(made.locked)]);
  const error = await rejection(fetchFor(t, trusted)(origin).then((response) => response.text()));
  // The server may close the connection before the client reads its alert.
  if (causeOf(error).code !== "ECONNRESET") {
    assert.equal(causeOf(error).message, "the server requires a client certificate: set cert and key");
    assert.equal(causeOf(error).code, "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
  }
  assert.equal(requests.length, 2);
});

test("a certificate that is not self-signed is trusted, or rejected at once by an older Node", async (t) => {
  const { origin } = await serve(t, undefined, made.signed);
  const { versions } = process;
  t.after(() => Object.defineProperty(process, "versions", { value: versions }));
  const as = (node) => Object.defineProperty(process, "versions", { value: { ...versions, node } });
  const ca = made.signed.cert;
  for (const older of ["20.0.0", "20.17.9", "21.7.3", "22.8.0"]) {
    as(older);
    assert.throws(
      () => nodeFetch({ ca }),
      new RegExp(`^TypeError: ca: expected the whole chain.* Node ${older} `),
    );
    // A complete chain still works.
    for (const whole of [made.vm.cert, [ca, made.ours.pem]]) await nodeFetch({ ca: whole }).close();
  }
  for (const newer of ["20.18.0", "22.9.0", "24.0.0"]) {
    as(newer);
    await nodeFetch({ ca }).close();
  }
  as(versions.node);
  // Although it has another issuer.
  if (/^(20\.(0|1|17)\.|21\.|22\.[0-8]\.)/.test(versions.node)) return;
  assert.equal(await (await fetchFor(t, { ca })(origin)).text(), "ok");
});

test("a bad option throws an error that names it and shows no secret", () => {
  const { cert, key } = made.locked;
  const good = fingerprint(made.vm);
  for (const [name, options] of [
    ["nodeFetch", null],
    ["nodeFetch", { fingerprint: good }],
    ["nodeFetch", { rejectUnauthorized: false }],
    ["fingerprint256", { fingerprint256: "" }],
    ["fingerprint256", { fingerprint256: [] }],
    ["fingerprint256", { fingerprint256: good.slice(3) }],
    ["fingerprint256", { fingerprint256: `${good}:00` }],
    ["fingerprint256", { fingerprint256: good.replace(/^./, "g") }],
    ["fingerprint256", { fingerprint256: [good, 7] }],
    ["ca", { ca: "" }],
    ["ca", { ca: [] }],
    ["ca", { ca: 7 }],
    ["ca", { ca: "deploy.crt" }],
    ["ca", { ca: [made.vm.cert, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] }],
    ["servername", { servername: "a b" }],
    ["servername", { servername: "" }],
    ["key", { cert }],
    ["cert", { key: made.client.key }],
    ["cert", { cert: made.client.key, key: made.client.key }],
    ["key", { cert: made.client.cert, key: made.vm.key }],
    ["key", { cert: made.client.cert, key: "s3cret" }],
    ["key", { cert, key: key.replace(/\n[A-Za-z0-9+/]{20}/, "\ns3cret"), passphrase: "s3cret-phrase" }],
    ["passphrase", { cert, key }],
    ["passphrase", { cert, key, passphrase: "s3cret-wrong" }],
    ["passphrase", { passphrase: "s3cret" }],
    ["passphrase", { cert, key, passphrase: 7 }],
    ["proxy", { proxy: "http://user:s3cret@" }],
    ["proxy", { proxy: "socks5://user:s3cret@proxy:1080" }],
    ["proxy", { proxy: "http://user:s3cret%zz@proxy" }],
    ["proxy", { proxy: true }],
    ["onUpload", { onUpload: "yes" }],
  ]) {
    let error;
    try {
      nodeFetch(options);
    } catch (thrown) {
      error = thrown;
    }
    assert.ok(error instanceof TypeError, `${name}: ${inspect(options)}`);
    assert.ok(error.message.startsWith(`${name}: `), error.message);
    const shown = inspect(error, { depth: 9 });
    assert.ok(!shown.includes("s3cret") && !shown.includes(key.split("\n")[1]), shown);
  }
  const shown = inspect(nodeFetch({ cert, key, passphrase: "s3cret-phrase", proxy: "http://u:s3cret@p" }), {
    depth: 9,
    showHidden: true,
  });
  assert.ok(!shown.includes("s3cret"));
});

describe("certificate()", { concurrency: true }, () => {
  test("returns the server's certificate, trusts nothing and sends nothing", async (t) => {
    const { origin, port, server, received } = await serve(t, undefined, made.vm);
    const ended = [];
    server.on("connection", (socket) => socket.on("close", () => ended.push(socket)));
    const addresses = [
      origin,
      `${origin}/api/?x=1`,
      new URL(origin),
      `localhost:${port}`,
      `127.0.0.1:${port}`,
    ];
    for (const address of addresses) {
      const shown = await certificate(address);
      const expected = new X509Certificate(made.vm.cert);
      assert.equal(shown.fingerprint256, expected.fingerprint256);
      assert.equal(new X509Certificate(shown.pem).fingerprint256, expected.fingerprint256);
      assert.equal(shown.subject, "CN=deploy");
      assert.deepEqual(shown.names, ["localhost", "127.0.0.1"], "each once");
      assert.equal(shown.validFrom.getTime(), Date.parse(expected.validFrom));
      assert.equal(shown.validTo.getTime(), Date.parse(expected.validTo));
    }
    while (ended.length < addresses.length) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(received(), 0);
    // The options accept the result.
    const { pem, fingerprint256 } = await certificate(origin);
    for (const options of [{ ca: pem }, { fingerprint256 }]) {
      assert.equal(await (await fetchFor(t, options)(origin)).text(), "ok");
    }
  });

  test("says why there is no certificate", async (t) => {
    const plain = await serve(t);
    const silent = createRawServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    t.after(() => silent.close());
    for (const [address, code] of [
      ["https://127.0.0.1:1", "ECONNREFUSED"],
      ["nowhere.invalid", "ENOTFOUND"],
      [`127.0.0.1:${plain.port}`, /^ERR_SSL/],
      [`127.0.0.1:${silent.address().port}`, "ETIMEDOUT"],
    ]) {
      const error = await rejection(certificate(address));
      assert.match(error.message, /^could not get the certificate of /);
      assert.match(error.code, code instanceof RegExp ? code : new RegExp(`^${code}$`));
    }
    for (const address of ["", "http://localhost", "a b", undefined, 7, "https://"]) {
      const error = await rejection(certificate(address));
      assert.ok(error instanceof TypeError && error.message.startsWith("address: "), String(error));
    }
  });
});
