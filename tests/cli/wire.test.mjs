// The bytes that the command sends, over plain connections and TLS.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { certificate } from "./certificate.mjs";
import { file, start } from "./command.mjs";

let folder;
let own;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "wire-"));
  own = await certificate(folder, "own");
});
after(() => rm(folder, { recursive: true, force: true }));

/** A server that records each request and each malformed one. `osd(args, options)` calls it. */
async function noting(t, { secure = false, answer = "{}" } = {}) {
  const requests = [];
  const faults = [];
  const note = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    response.end(answer);
  };
  const identity = async () => ({ cert: await readFile(own.cert), key: await readFile(own.key) });
  const server = secure ? createSecureServer(await identity(), note) : createServer(note);
  server.on("clientError", (error, socket) => {
    faults.push(error.code);
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const env = {
    DEPLOY_URL: `${secure ? "https" : "http"}://127.0.0.1:${server.address().port}/api`,
    DEPLOY_PASSWORD: "p",
  };
  const trust = secure ? ["--ca", own.cert] : [];
  const osd = (args, options) => start(t, [...args, ...trust], { ...options, env }).ended;
  return { osd, requests, faults };
}

for (const secure of [false, true]) {
  describe(secure ? "with --ca" : "without --ca", { concurrency: true }, () => {
    for (const method of ["get", "post", "put", "patch", "delete"]) {
      for (const data of method === "get" ? [undefined] : [undefined, '{"name":"Zürich"}', "[]"]) {
        test(`C4: a ${method} with ${data ?? "no body"} is one request with its length`, async (t) => {
          const { osd, requests, faults } = await noting(t, { secure });
          const { code, err } = await osd([
            method,
            "/x?y=1",
            ...(data === undefined ? [] : ["--data", data]),
          ]);
          assert.equal(code, 0, err);
          assert.deepEqual(faults, []);
          assert.equal(requests.length, 1);
          const [request] = requests;
          assert.deepEqual([request.method, request.url], [method.toUpperCase(), "/api/x?y=1"]);
          assert.equal(request.body, data ?? "");
          assert.equal(request.headers["transfer-encoding"], undefined);
          if (data !== undefined) {
            assert.equal(request.headers["content-length"], String(Buffer.byteLength(data)));
            assert.equal(request.headers["content-type"], "application/json");
          } else if (["get", "delete"].includes(method)) {
            assert.ok(["0", undefined].includes(request.headers["content-length"]));
          } else {
            assert.equal(request.headers["content-length"], "0");
          }
        });
      }
    }
  });
}

test("C4: 2: a header that delimits the body is refused", async (t) => {
  const { osd, requests } = await noting(t);
  for (const header of [
    "Content-Length: 1",
    "Transfer-Encoding: chunked",
    "connection: close",
    "Expect: x",
    "Proxy-Connection: keep-alive",
  ]) {
    const given = await osd(["delete", "/x", "--header", header]);
    assert.equal(given.code, 2);
    assert.match(given.err, /--header: the command sets .* itself/);
    const [name, value] = header.split(": ");
    const path = await file(t, "c.json", { bearer: "b", headers: { [name]: value } });
    const kept = await osd(["delete", "/x", "--credentials", path]);
    assert.equal(kept.code, 2);
    assert.match(kept.err, /"headers" in .*: the command sets .* itself/);
  }
  assert.equal(requests.length, 0);
});

const written = [
  '{"serial": 12345678901234567890, "ratio": 1.10, "far": 1e400, "less": -0.0}',
  '{"a": 1, "a": 2, "__proto__": {"b": 1}}',
  " [1,\t2,\r\n 3 ]\n",
  '{"text": "\\u0041\\/\\ud800 \u2028"}',
];

test("C8: a body is checked and sent unchanged", async (t) => {
  const { osd, requests } = await noting(t);
  for (const data of written) {
    assert.equal((await osd(["post", "/x", "--data", data])).code, 0);
    assert.equal((await osd(["post", "/x", "--data", `@${await file(t, "b.json", data)}`])).code, 0);
    assert.equal((await osd(["post", "/x", "--data", "@-"], { input: data })).code, 0);
    for (const { body, headers } of requests.splice(0)) {
      assert.equal(body, data);
      assert.equal(headers["content-type"], "application/json");
    }
  }
  for (const data of ["{'a': 1}", '{"a": 01}', '{"a": NaN}', "1e400", '{"a": 1}}']) {
    const { code, err } = await osd(["post", "/x", "--data", data]);
    assert.equal(code, 2);
    assert.match(err, /--data: expected a JSON object/);
  }
  assert.equal(requests.length, 0);
});

test("C8: the user's own content type is kept", async (t) => {
  const { osd, requests } = await noting(t);
  const type = "application/merge-patch+json";
  await osd(["patch", "/x", "--data", "{}", "--header", `Content-Type: ${type}`]);
  assert.equal(requests[0].headers["content-type"], type);
});

test("C10: files can start with a byte order mark", async (t) => {
  const { osd, requests } = await noting(t, { secure: true });
  const mark = "\ufeff";
  const data = '{"name": "Zürich"}';
  const utf16 = (text) => Buffer.from(mark + text, "utf16le");
  for (const encode of [(text) => Buffer.from(mark + text), utf16, (text) => utf16(text).swap16()]) {
    const credentials = await file(t, "c.json", encode('{"bearer": "t0ken"}'));
    const args = ["--credentials", credentials];
    const body = await file(t, "b.json", encode(data));
    const read = await osd(["post", "/x", "--data", `@${body}`, ...args]);
    assert.equal(read.code, 0, read.err);
    const piped = await osd(["post", "/x", "--data", "@-", ...args], { input: encode(data) });
    assert.equal(piped.code, 0, piped.err);
    const pem = await file(t, "ca.pem", encode(await readFile(own.cert, "utf8")));
    const trusting = await osd(["get", "/x", ...args, "--ca", pem]);
    assert.equal(trusting.code, 0, trusting.err);
  }
  for (const { method, body, headers } of requests) {
    assert.equal(headers.authorization, "Bearer t0ken");
    assert.equal(body, method === "POST" ? data : "");
  }
  assert.equal(requests.length, 9);
});

test("C8: 2: a body that is not valid UTF-8 is refused", async (t) => {
  const { osd, requests } = await noting(t);
  const bytes = await file(t, "b.json", Buffer.from('{"name": "Z\xfcrich"}', "latin1"));
  const { code, err } = await osd(["post", "/x", "--data", `@${bytes}`]);
  assert.equal(code, 2);
  assert.match(err, /--data: .*b\.json is not valid UTF-8/);
  assert.equal(requests.length, 0);
});

test("C10: a response larger than --max-response-bytes is refused", async (t) => {
  const { osd } = await noting(t, { answer: JSON.stringify("x".repeat(1_500_000)) });
  const usual = await osd(["get", "/x"]);
  assert.equal(usual.code, 4);
  assert.match(usual.err, /larger than --max-response-bytes/);
  assert.equal((await osd(["get", "/x", "--max-response-bytes", "2000000"])).code, 0);
  assert.equal((await osd(["get", "/x", "--max-response-bytes", "1000"])).code, 4);
});
