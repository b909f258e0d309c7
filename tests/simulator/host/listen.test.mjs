import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get as httpGet } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { connect as secureConnect } from "node:tls";
import { listen } from "./listen.mjs";
import { createSimulator } from "./machine.mjs";
import { selfSigned } from "./self-signed.mjs";
import { WireClient } from "./wire-client.mjs";

const headers = {
  authorization: `Basic ${btoa("admin:Netapp1!")}`,
  "content-type": "application/json",
};

/**
 * @param {import("node:test").TestContext} t
 * @param {import("./types.d.ts").Config} [config]
 * @param {import("./types.d.ts").ListenOptions} [options]
 */
async function setUp(t, config, options) {
  const deploy = createSimulator(config);
  const server = await listen(deploy, options);
  t.after(async () => {
    await server.close();
    deploy.close();
  });
  return { deploy, server, url: `${server.url}/api` };
}

/** @param {string} url */
async function startJob(url) {
  const answer = await fetch(`${url}/hosts`, {
    method: "POST",
    headers,
    body: '{"hosts":[{"name":"esx1","hypervisor_type":"ESX"}]}',
  });
  return (await answer.json()).job;
}

/**
 * Waits until something has happened on the other side of the socket.
 *
 * @param {() => boolean} happened
 */
async function until(happened) {
  while (!happened()) await new Promise((resolve) => setImmediate(resolve));
}

test("a job runs to success over real sockets", async (t) => {
  const { deploy, url, server } = await setUp(t, { stepMs: 3 });
  const body = '{"hosts":[{"name":"esx1","hypervisor_type":"ESX"}]}';
  const accepted = await fetch(`${url}/v3/hosts`, { method: "POST", headers, body });
  assert.equal(accepted.status, 202);
  const location = accepted.headers.get("location") ?? "";
  assert.ok(location.startsWith(`${server.url}/api/v3/hosts/`));
  assert.equal((await fetch(location, { headers })).status, 200);
  assert.ok(accepted.headers.get("request-id"));
  let { job } = await accepted.json();
  while (job.state !== "success") {
    const cursor = encodeURIComponent(`>=${job.last_modified}`);
    const answer = await fetch(`${url}/jobs/${job.id}?poll_timeout=30&last_modified=${cursor}`, { headers });
    job = (await answer.json()).record;
  }
  assert.equal(deploy.counters().openPolls, 0);
});

test("the log has the raw target", async (t) => {
  const { deploy, server } = await setUp(t, { jobId: "awkward" });
  await startJob(`${server.url}/api`);
  const path = "/api/jobs/a%2Fb%20c%251?fields=state&last_modified=>=x";
  const status = await new Promise((resolve, reject) => {
    httpGet({ host: "127.0.0.1", port: server.port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on("error", reject);
  });
  assert.equal(status, 400);
  assert.equal(deploy.log().at(-1)?.target, path);
  assert.equal(deploy.log().at(-1)?.job, "a/b c%1");
});

test("the log shows that a client left a long poll", async (t) => {
  const { deploy, url } = await setUp(t, { stepMs: 3_600_000 });
  const job = await startJob(url);
  const gone = new AbortController();
  const target = `${url}/jobs/${job.id}?poll_timeout=120&last_modified=%3E=${job.last_modified}`;
  const poll = fetch(target, { headers, signal: gone.signal });
  await until(() => deploy.counters().openPolls === 1);
  gone.abort();
  await assert.rejects(poll, { name: "AbortError" });
  await until(() => deploy.counters().openPolls === 0);
  assert.equal(deploy.log().at(-1)?.outcome, "gone");
});

test("a reset breaks the connection", async (t) => {
  const { deploy, url } = await setUp(t, { rules: [{ count: 1, action: { kind: "reset" } }] });
  await assert.rejects(fetch(`${url}/hosts`, { headers }), TypeError);
  assert.equal((await fetch(`${url}/hosts`, { headers })).status, 200);
  assert.deepEqual(
    deploy.log().map(({ outcome }) => outcome),
    ["reset", "answered"],
  );
});

test("a hung request gets no response until close breaks it", async (t) => {
  const { deploy, server, url } = await setUp(t, { rules: [{ action: { kind: "hang" } }] });
  const hung = fetch(`${url}/hosts`, { headers });
  const rejected = assert.rejects(hung, TypeError);
  await until(() => deploy.log().length === 1);
  await server.close();
  await rejected;
  await until(() => deploy.log()[0]?.outcome === "gone");
});

test("a truncated body ends before its announced length", async (t) => {
  const { url } = await setUp(t, { rules: [{ action: { kind: "truncate", after: 5 } }] });
  const answer = await fetch(`${url}/deploy`, { headers });
  assert.ok(Number(answer.headers.get("content-length")) > 5);
  await assert.rejects(answer.text(), TypeError);
});

test("a body truncated at byte 0 still has its headers", async (t) => {
  const { url } = await setUp(t, { rules: [{ action: { kind: "truncate", after: 0 } }] });
  const answer = await fetch(`${url}/deploy`, { headers });
  assert.equal(answer.status, 200);
  await assert.rejects(answer.text(), TypeError);
});

test("a stalled body sends only its first bytes", async (t) => {
  const { url } = await setUp(t, { rules: [{ action: { kind: "stall", after: 5 } }] });
  const gone = new AbortController();
  const answer = await fetch(`${url}/deploy`, { headers, signal: gone.signal });
  const reader = answer.body?.getReader();
  assert.equal((await reader?.read())?.value?.length, 5);
  const next = reader?.read();
  gone.abort();
  await assert.rejects(Promise.resolve(next), { name: "AbortError" });
});

test("a drip arrives in full", async (t) => {
  const { url } = await setUp(t, { rules: [{ action: { kind: "drip", bytes: 16, everyMs: 1 } }] });
  const answer = await fetch(`${url}/deploy`, { headers });
  assert.equal(answer.headers.get("content-length"), null);
  assert.equal((await answer.json()).record.hostname, "deploy");
});

test("a large body arrives in full", async (t) => {
  const { url } = await setUp(t, { rules: [{ action: { kind: "huge", bytes: 3_000_000 } }] });
  const answer = await fetch(`${url}/deploy`, { headers });
  assert.ok((await answer.arrayBuffer()).byteLength > 3_000_000);
});

test("a port in use gives an error with the port, or listen uses the next one", async (t) => {
  const { deploy, server } = await setUp(t);
  const { port } = server;
  await assert.rejects(listen(deploy, { port }), new RegExp(`port ${port} is in use`));
  const next = await listen(deploy, { port, attempts: 20 });
  t.after(() => next.close());
  assert.ok(next.port > port && next.port < port + 20);
  assert.equal((await fetch(`${next.url}/api/deploy`, { headers })).status, 200);
});

test("listen serves files next to the API, with the given headers", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "simulator-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Console</title>");
  await writeFile(join(folder, "app.js"), "export {};");
  const csp = "default-src 'self'";
  const app = { folders: { "/": folder, "/lib": folder }, headers: { "content-security-policy": csp } };
  const { url, server } = await setUp(t, {}, { app });
  const page = await fetch(`${server.url}/`);
  assert.match(await page.text(), /Console/);
  assert.equal(page.headers.get("content-security-policy"), csp);
  for (const path of ["/app.js", "/lib/app.js"]) {
    const script = await fetch(server.url + path);
    assert.equal(script.status, 200, path);
    assert.match(script.headers.get("content-type") ?? "", /javascript/);
  }
  assert.equal((await fetch(`${server.url}/none.js`)).status, 404);
  assert.equal((await fetch(`${server.url}/%2e%2e/%2e%2e/etc/passwd`)).status, 404);
  const api = await fetch(`${url}/deploy`, { headers });
  assert.equal(api.status, 200);
  assert.equal(api.headers.get("content-security-policy"), null);
});

test("the server allows no cross-origin call", async (t) => {
  const { url } = await setUp(t);
  const answer = await fetch(`${url}/deploy`, {
    headers: { ...headers, origin: "https://elsewhere.example" },
  });
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
});

test("https uses a self-signed certificate, and addresses have the request's scheme and host", async (t) => {
  const { server } = await setUp(t, { stepMs: 1 }, { tls: true });
  assert.ok(server.url.startsWith("https://127.0.0.1:"));
  await assert.rejects(fetch(`${server.url}/api/deploy`, { headers }), TypeError);
  const client = new WireClient(server);
  const { status, location } = await client.send("POST", "/api/clusters", { json: { name: "prod" } });
  assert.equal(status, 201);
  assert.ok(location?.startsWith(`${server.url}/api/clusters/`), location);
});

test("https accepts a given key and certificate", async (t) => {
  const identity = await selfSigned("localhost");
  const { server } = await setUp(t, {}, { tls: identity });
  assert.equal(server.cert, identity.cert);
  assert.equal((await new WireClient(server).send("GET", "/api/deploy")).status, 200);
});

test("a reset over https breaks the connection", async (t) => {
  const { server, deploy } = await setUp(
    t,
    { rules: [{ count: 1, action: { kind: "reset" } }] },
    { tls: true },
  );
  const client = new WireClient(server);
  await assert.rejects(client.send("GET", "/api/hosts"), { code: "ECONNRESET" });
  assert.equal((await client.send("GET", "/api/hosts")).status, 200);
  assert.equal(deploy.log()[0]?.outcome, "reset");
});

test("behind a TLS proxy, addresses have the proxy's scheme", async (t) => {
  const { server } = await setUp(t);
  const client = new WireClient(server);
  const proxied = { headers: { "x-forwarded-proto": "https" }, json: { name: "prod" } };
  const { location } = await client.send("POST", "/api/v3/clusters", proxied);
  assert.ok(location?.startsWith(`https://127.0.0.1:${server.port}/api/v3/clusters/`), location);
});

for (const tls of [false, true]) {
  test(`a query may contain a raw space over ${tls ? "https" : "http"}`, async (t) => {
    const { deploy, server } = await setUp(t, {}, { tls });
    /** @type {(target: string, more?: string, body?: string) => Promise<string>} */
    const ask = (target, more = "", body = "") =>
      new Promise((resolve, reject) => {
        const socket = tls
          ? secureConnect({ host: "127.0.0.1", port: server.port, ca: server.cert })
          : connect(server.port, "127.0.0.1");
        const head = `Host: deploy.test\r\nAuthorization: ${headers.authorization}\r\n${more}`;
        socket.write(`GET ${target} HTTP/1.1\r\n${head}\r\n`);
        if (body) socket.write(body);
        let text = "";
        socket.on("data", (piece) => {
          text += piece;
          // Otherwise keep-alive would leave the connection open.
          if (text.endsWith("}")) socket.end();
        });
        socket.on("error", reject);
        socket.on("close", () => resolve(text));
      });

    const empty = /^HTTP\/1\.1 200 OK\r\n[\s\S]+\r\n\r\n\{"num_records":0,"records":\[\]\}$/;
    assert.match(await ask("/api/v3/hosts?order_by=name asc"), empty);
    assert.match(await ask("/api/v3/events?time=> 2019-04-04T15:41:29.140265Z&max_records=10"), empty);
    assert.match(await ask("/api/v3/hosts?name=ä b"), empty);
    assert.match(await ask("//api/v3/security/credentials?order_by=type desc, id asc"), empty);
    const json = "Content-Type: application/json\r\nContent-Length: 4\r\n";
    assert.match(await ask("/api/hosts?order_by=name asc, id desc", json, "null"), empty);
    assert.equal(deploy.log()[0]?.target, "/api/v3/hosts?order_by=name%20asc");
    const before = deploy.log().length;
    assert.match(await ask("no path at all"), /^HTTP\/1\.1 400 /);
    assert.match(await ask("/api/hosts", "Broken header\r\n"), /^HTTP\/1\.1 400 /);
    assert.equal(deploy.log().length, before);
  });
}

test("a request head that is too large gets 431", async (t) => {
  const { server } = await setUp(t);
  const answer = await fetch(`${server.url}/api/jobs?id=${"x|".repeat(10_000)}`, { headers });
  assert.equal(answer.status, 431);
});

test("an extra slash before the base is ignored", async (t) => {
  const { server } = await setUp(t);
  assert.equal((await fetch(`${server.url}//api/v3/hosts`, { headers })).status, 200);
});
