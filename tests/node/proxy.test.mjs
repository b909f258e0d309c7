// nodeFetch and certificate() behind the proxies of this test.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { request as ask, createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { DeployClient } from "ontap-select-deploy";
import { certificate, nodeFetch } from "ontap-select-deploy/node";
import { forThis, selfSigned } from "../lib/authority.mjs";
import { host } from "../lib/described.mjs";
import { credential, deployFor } from "./deploy.mjs";
import { rejection } from "./scripted.mjs";
import { causeOf, fetchFor, serve } from "./sockets.mjs";

const [vm, ofProxy] = await forThis((scope) => Promise.all([selfSigned(scope), selfSigned(scope)]));

/**
 * A forward proxy that records its requests. `CONNECT` opens a tunnel; other requests are forwarded. With `refuse`, it
 * responds to everything with that status.
 */
async function proxyFor(t, { refuse, tls } = {}) {
  const asked = [];
  const open = new Set();
  const note = ({ method, url, headers }) => asked.push({ method, url, headers });
  const passOn = (incoming, outgoing) => {
    note(incoming);
    if (refuse) return outgoing.writeHead(refuse, { "proxy-authenticate": "Basic" }).end("refused");
    const { method, url, headers } = incoming;
    const onward = ask(new URL(url), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  };
  const server = tls ? createSecureServer(tls, passOn) : createServer(passOn);
  server.on("connect", (incoming, socket) => {
    note(incoming);
    socket.on("error", () => {});
    if (refuse) return socket.end(`HTTP/1.1 ${refuse} No\r\ncontent-length: 7\r\n\r\nrefused`);
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const onward = connect(Number(port), hostname.replace(/[[\]]/g, ""), () => {
      // A length has no meaning here.
      socket.write("HTTP/1.1 200 Connection established\r\nx: y\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    onward.on("close", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  });
  server.on(tls ? "secureConnection" : "connection", (socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      open.delete(socket);
      server.emit("gone");
    });
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    for (const socket of open) socket.destroy();
    server.close();
  });
  const { port } = server.address();
  return {
    asked,
    open,
    server,
    host: `localhost:${port}`,
    url: `${tls ? "https" : "http"}://localhost:${port}`,
  };
}

const basic = (pair) => `Basic ${Buffer.from(pair).toString("base64")}`;

describe("through a proxy", { concurrency: true }, () => {
  test("http: requests have the absolute address and the proxy's credential, over one connection", async (t) => {
    const { origin, requests } = await serve(t);
    const proxy = await proxyFor(t);
    const fetch = fetchFor(t, { proxy: `http://us%C3%A9r:p%40ss@${proxy.host}` });
    const init = { method: "POST", body: "{}", headers: { authorization: "Basic own" } };
    for (let at = 0; at < 3; at++) assert.equal(await (await fetch(`${origin}/api?x=1`, init)).text(), "ok");
    assert.equal(proxy.open.size, 1);
    for (const { method, url, headers } of proxy.asked) {
      assert.deepEqual([method, url], ["POST", `${origin}/api?x=1`]);
      assert.equal(headers["proxy-authorization"], basic("usér:p@ss"));
      assert.equal(headers.host, new URL(origin).host);
    }
    assert.equal(requests[0].headers.authorization, "Basic own");
    assert.equal(requests[0].body.toString(), "{}");
  });

  for (const kind of ["http", "https"]) {
    test(`https through ${kind}: a tunnel with a check of the server, for a whole job`, async (t) => {
      const tls = kind === "https" ? ofProxy : undefined;
      const proxy = await proxyFor(t, { tls });
      const { baseUrl } = await deployFor(t);
      const { origin, requests } = await serve(
        t,
        async (request, response, { body }) => {
          const { method, url, headers } = request;
          const onward = ask(new URL(url, baseUrl), { method, headers }, (answer) => {
            response.writeHead(answer.statusCode, answer.headers);
            answer.pipe(response);
          });
          response.on("close", () => onward.destroy());
          onward.on("error", () => response.destroy());
          onward.end(body);
        },
        vm,
      );
      const through = { proxy: `${kind}://user:pass@${proxy.host}` };
      const ca = [vm.cert, ofProxy.cert];
      const fetch = fetchFor(t, { ...through, ca });
      const deploy = new DeployClient({ baseUrl: `${origin}/api`, auth: credential, fetch });
      assert.equal((await deploy.post("/hosts", host("esx-1"))).job.state, "success");
      const [{ method, url, headers }] = proxy.asked;
      assert.deepEqual([method, url], ["CONNECT", new URL(origin).host]);
      assert.equal(headers["proxy-authorization"], basic("user:pass"));
      assert.ok(requests.every((it) => it.headers["proxy-authorization"] === undefined));
      assert.ok(proxy.asked.length < requests.length, "the tunnel is reused");

      // The certificate is the server's, not the proxy's.
      const { fingerprint256 } = new X509Certificate(vm.cert);
      const pinned = fetchFor(t, { ...through, ca: ofProxy.cert, fingerprint256 });
      assert.equal((await pinned(`${origin}/api/hosts`)).status, 401);
      const wrong = fetchFor(t, {
        ...through,
        ca: ofProxy.cert,
        fingerprint256: new X509Certificate(ofProxy.cert).fingerprint256,
      });
      assert.equal(causeOf(await rejection(wrong(origin))).code, "ERR_TLS_CERT_FINGERPRINT_MISMATCH");
    });
  }

  test("an https proxy with an unknown certificate gets no credential", async (t) => {
    const proxy = await proxyFor(t, { tls: ofProxy });
    const fetch = fetchFor(t, { proxy: `https://user:pass@${proxy.host}`, ca: vm.cert });
    const cause = causeOf(await rejection(fetch("https://localhost:1")));
    assert.equal(cause.code, "DEPTH_ZERO_SELF_SIGNED_CERT");
    assert.equal(proxy.asked.length, 0);
  });

  test("a proxy that rejects, is down or hangs up: nothing was sent, and no password is shown", async (t) => {
    const { origin, received } = await serve(t, undefined, vm);
    const plain = await serve(t);
    const hangingUp = createServer()
      .on("connect", (_, socket) => socket.destroy())
      .listen(0, "127.0.0.1");
    await once(hangingUp, "listening");
    t.after(() => hangingUp.close());
    const [wants, down] = await Promise.all([proxyFor(t, { refuse: 407 }), proxyFor(t, { refuse: 502 })]);
    for (const [address, target, code, said] of [
      [wants.host, origin, "ERR_PROXY_REFUSED", /responded with status 407: it rejected the credential/],
      [wants.host, plain.origin, "ERR_PROXY_REFUSED", /responded with status 407/],
      [down.host, origin, "ERR_PROXY_REFUSED", /responded with status 502/],
      [`127.0.0.1:${hangingUp.address().port}`, origin, "ECONNRESET", /closed the connection/],
      ["127.0.0.1:1", origin, "ECONNREFUSED", /ECONNREFUSED/],
    ]) {
      const fetch = fetchFor(t, { proxy: `http://user:s3cret@${address}`, ca: vm.cert });
      const cause = causeOf(await rejection(fetch(target)));
      assert.equal(cause.code, code);
      assert.match(cause.message, said);
      const options = { baseUrl: `${target}/api`, fetch, retry: false };
      const error = await rejection(new DeployClient(options).post("/hosts", {}));
      assert.deepEqual([error.sent, error.outcome], [false, "refused"]);
      assert.ok(!inspect(error, { depth: 9 }).includes("s3cret"));
    }
    assert.equal(received() + plain.received(), 0);
    const without = fetchFor(t, { proxy: `http://${wants.host}` });
    assert.match(causeOf(await rejection(without(origin))).message, /it requires a credential/);
  });

  test("an abort while the tunnel opens releases the socket", async (t) => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    t.after(() => silent.close());
    const asked = new Promise((resolve) => silent.on("connect", (_, socket) => resolve(socket)));
    const controller = new AbortController();
    const proxy = `127.0.0.1:${silent.address().port}`;
    const failed = rejection(fetchFor(t, { proxy })("https://localhost:1", { signal: controller.signal }));
    const socket = await asked;
    socket.on("error", () => {});
    const gone = once(socket.resume(), "end");
    const reason = new Error("enough");
    controller.abort(reason);
    assert.equal(await failed, reason);
    await gone;
  });
});

for (const kind of ["none", "http", "https"]) {
  test(`over TLS, proxy: ${kind}: an abort releases all sockets, and an idle one keeps no process alive`, async (t) => {
    const proxy =
      kind === "none" ? undefined : await proxyFor(t, { tls: kind === "https" ? ofProxy : undefined });
    const answer = ({ url }, response) => (url === "/hang" ? server.emit("asked") : response.end("ok"));
    const { origin, server, free } = await serve(t, answer, vm);
    const options = { ca: [vm.cert, ofProxy.cert], proxy: proxy ? proxy.url : false };
    const controller = new AbortController();
    const failed = rejection(fetchFor(t, options)(`${origin}/hang`, { signal: controller.signal }));
    await once(server, "asked");
    const reason = new Error("enough");
    controller.abort(reason);
    assert.equal(await failed, reason);
    await free();
    while (proxy?.open.size > 0) await once(proxy.server, "gone");

    const code = `
      import { nodeFetch } from "ontap-select-deploy/node";
      const fetch = nodeFetch(${JSON.stringify(options)});
      console.log(await (await fetch(${JSON.stringify(origin)})).text());`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
}

// In sequence, because they change the environment.
describe("the environment", () => {
  const NAMES = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "REQUEST_METHOD",
  ];
  function setting(t, variables) {
    const was = NAMES.map((name) => [name, process.env[name]]);
    for (const name of NAMES) delete process.env[name];
    Object.assign(process.env, variables);
    t.after(() => {
      for (const [name, value] of was) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });
  }
  const open = (t, options) => {
    const fetch = nodeFetch(options);
    t.after(() => fetch.close());
    return fetch;
  };

  for (const upper of [true, false]) {
    test(`names a proxy for each protocol, in ${upper ? "upper" : "lower"} case`, async (t) => {
      const [http, https] = [await proxyFor(t), await proxyFor(t)];
      const [plain, secure] = [await serve(t), await serve(t, undefined, vm)];
      const named = { HTTP_PROXY: http.url, HTTPS_PROXY: https.host };
      setting(
        t,
        upper
          ? named
          : Object.fromEntries(Object.entries(named).map(([name, value]) => [name.toLowerCase(), value])),
      );
      const fetch = open(t, { ca: vm.cert });
      await (await fetch(plain.origin)).text();
      await (await fetch(secure.origin)).text();
      assert.deepEqual([http.asked.length, https.asked.length], [1, 1]);
      await certificate(secure.origin);
      assert.equal(https.asked.length, 2);
      const without = open(t, { ca: vm.cert, proxy: false });
      await (await without(plain.origin)).text();
      await (await without(secure.origin)).text();
      assert.deepEqual([http.asked.length, https.asked.length], [1, 2]);
    });
  }

  test("the option wins and ignores NO_PROXY", async (t) => {
    const [own, other] = [await proxyFor(t), await proxyFor(t)];
    const { origin } = await serve(t);
    setting(t, { HTTP_PROXY: other.url, NO_PROXY: "*" });
    await (await open(t, { proxy: own.url })(origin)).text();
    await (await open(t)(origin)).text();
    assert.deepEqual([own.asked.length, other.asked.length], [1, 0]);
  });

  test("HTTP_PROXY is ignored in a CGI program, where a request header sets it", async (t) => {
    const proxy = await proxyFor(t);
    const { origin } = await serve(t);
    setting(t, { HTTP_PROXY: proxy.url, REQUEST_METHOD: "GET" });
    await (await open(t)(origin)).text();
    assert.equal(proxy.asked.length, 0);
  });

  test("an invalid proxy rejects with the variable's name, without its value", async (t) => {
    setting(t, { HTTPS_PROXY: "socks5://user:s3cret@proxy" });
    assert.throws(
      () => nodeFetch(),
      (error) => {
        assert.match(error.message, /^HTTPS_PROXY: expected/);
        return error instanceof TypeError && !inspect(error).includes("s3cret");
      },
    );
  });

  test("NO_PROXY: names and subdomains, ports, addresses, networks, everything", async (t) => {
    const { origin, port } = await serve(t);
    const proxy = await proxyFor(t);
    const numeric = `http://127.0.0.1:${port}`;
    for (const [list, address, isDirect] of [
      ["", origin, false],
      ["*", origin, true],
      ["localhost", origin, true],
      ["LOCALHOST", origin, true],
      [".localhost", origin, true],
      ["*.localhost", origin, true],
      ["host", origin, false],
      ["other, localhost", origin, true],
      ["other localhost", origin, true],
      [`localhost:${port}`, origin, true],
      ["localhost:1", origin, false],
      ["localhost.", origin, true],
      ["127.0.0.1", numeric, true],
      [`127.0.0.1:${port}`, numeric, true],
      ["127.0.0.1:1", numeric, false],
      ["127.0.0.0/8", numeric, true],
      ["10.0.0.0/8", numeric, false],
      ["0.0.1", numeric, false],
      ["::1", numeric, false],
      ["127.0.0.1/99", numeric, false],
    ]) {
      setting(t, { HTTP_PROXY: proxy.url, NO_PROXY: list });
      await (await open(t)(address)).text();
      assert.equal(proxy.asked.splice(0).length, isDirect ? 0 : 1, `${list} for ${address}`);
    }
    // These need no server: the error shows the route.
    for (const [list, address, isDirect] of [
      ["example.invalid", "http://a.example.invalid", true],
      ["example.invalid", "http://anexample.invalid", false],
      [".example.invalid", "http://example.invalid", true],
      ["[::1]:1", "http://[::1]:1", true],
      ["::1", "http://[::1]:1", true],
      ["[::1]:2", "http://[::1]:1", false],
    ]) {
      setting(t, { HTTP_PROXY: proxy.url, NO_PROXY: list });
      await open(t)(address).catch(() => {});
      assert.equal(proxy.asked.splice(0).length, isDirect ? 0 : 1, `${list} for ${address}`);
    }
  });
});
