// nodeFetch over real sockets: requests, responses and unused connections.

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import * as pause from "node:timers/promises";
import { inspect } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { DeployClient, TransportError } from "ontap-select-deploy";
import { nodeFetch } from "ontap-select-deploy/node";
import { host } from "../lib/described.mjs";
import { deployFor } from "./deploy.mjs";
import { rejection } from "./scripted.mjs";
import { causeOf, fetchFor, raw, serve } from "./sockets.mjs";

const echo = (_, response, { method, headers, body }) =>
  response.end(JSON.stringify({ method, headers, body: body.toString("latin1") }));

describe("requests", { concurrency: true }, () => {
  const form = () => {
    const form = new FormData();
    form.set("name", "Zürich\n2");
    form.set("file", new File(["license"], 'a"b.txt', { type: "text/plain" }));
    return form;
  };
  const pieces = (...all) => Readable.toWeb(Readable.from(all.map((it) => Buffer.from(it))));
  for (const [what, body, sent, type] of [
    ["text", "Zürich", "Zürich", "text/plain;charset=UTF-8"],
    ["an ASCII string", "{}", "{}", "text/plain;charset=UTF-8"],
    ["an empty string", "", "", "text/plain;charset=UTF-8"],
    ["bytes", new Uint8Array([1, 255]), "\x01\xff", undefined],
    ["a part of a buffer", new Uint8Array([1, 2, 3]).subarray(1, 2), "\x02", undefined],
    ["an ArrayBuffer", new Uint8Array([7]).buffer, "\x07", undefined],
    [
      "URLSearchParams",
      new URLSearchParams({ a: "b c" }),
      "a=b+c",
      "application/x-www-form-urlencoded;charset=UTF-8",
    ],
    ["a Blob", new Blob(["one", "two"], { type: "text/x" }), "onetwo", "text/x"],
    ["a Blob without a type", new Blob(["one"]), "one", undefined],
  ]) {
    test(`${what}, with its length and the content type of fetch`, async (t) => {
      const { origin, requests } = await serve(t);
      const fetch = fetchFor(t);
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        await (await fetch(origin, { method, body })).text();
        const { headers, body: received } = requests.pop();
        assert.equal(received.toString(what === "text" ? "utf8" : "latin1"), sent);
        assert.equal(headers["content-length"], String(received.length));
        assert.equal(headers["transfer-encoding"], undefined);
        assert.equal(headers["content-type"], type);
      }
    });
  }

  test("a form with a file, with its length, readable by the platform's parser", async (t) => {
    const { origin, requests } = await serve(t);
    await (await fetchFor(t)(origin, { method: "POST", body: form() })).text();
    const [{ headers, body }] = requests;
    assert.equal(headers["content-length"], String(body.length));
    const read = await new Response(body, {
      headers: { "content-type": headers["content-type"] },
    }).formData();
    assert.equal(read.get("name"), "Zürich\r\n2");
    const file = read.get("file");
    // Not every version of the parser decodes the escapes.
    assert.equal(decodeURIComponent(file.name), 'a"b.txt');
    assert.deepEqual([file.type, await file.text()], ["text/plain", "license"]);
  });

  test("a stream with duplex half is sent in chunks, and an empty chunk does not end it", async (t) => {
    const { origin, requests } = await serve(t);
    const fetch = fetchFor(t);
    await (await fetch(origin, { method: "POST", body: pieces("one", "", "two"), duplex: "half" })).text();
    const [{ headers, body }] = requests;
    assert.deepEqual([headers["transfer-encoding"], headers["content-length"]], ["chunked", undefined]);
    assert.equal(body.toString(), "onetwo");
    assert.match((await rejection(fetch(origin, { method: "POST", body: pieces("x") }))).message, /^duplex:/);
    const used = pieces("x");
    await used.cancel();
    const again = await rejection(fetch(origin, { method: "POST", body: used, duplex: "half" }));
    assert.match(again.message, /^body: expected a stream that has not been read/);
    assert.equal(requests.length, 1);
  });

  test("no body: no length for GET, HEAD and DELETE, and a length of 0 for other methods", async (t) => {
    const { origin, requests } = await serve(t);
    const fetch = fetchFor(t);
    for (const method of ["GET", "HEAD", "DELETE", "POST", "PUT", "PATCH"]) {
      await (await fetch(origin, { method, body: null })).text();
      const { headers, method: received } = requests.pop();
      assert.equal(received, method);
      assert.equal(headers["transfer-encoding"], undefined);
      const expected = ["POST", "PUT", "PATCH"].includes(method) ? "0" : undefined;
      assert.equal(headers["content-length"], expected, method);
    }
  });

  test("only the transport sets framing headers, so that one request is never read as two", async (t) => {
    const { origin, requests, connections } = await serve(t);
    const fetch = fetchFor(t);
    const headers = {
      ...{ "content-length": "1", "transfer-encoding": "chunked", connection: "close", upgrade: "h2c" },
      ...{ expect: "100-continue", te: "trailers", trailer: "x", "keep-alive": "timeout=1", "X-Own": "1" },
    };
    for (const init of [{ method: "POST", body: "GET / HTTP/1.1\r\n\r\n" }, { method: "DELETE" }, {}]) {
      await (await fetch(origin, { ...init, headers })).text();
    }
    assert.deepEqual(
      requests.map(({ method }) => method),
      ["POST", "DELETE", "GET"],
    );
    assert.equal(connections(), 1);
    for (const { headers: received } of requests) {
      assert.equal(received["x-own"], "1");
      assert.equal(received.connection, "keep-alive");
      for (const name of ["transfer-encoding", "upgrade", "expect", "te", "trailer", "keep-alive"])
        assert.equal(received[name], undefined, name);
    }
  });

  test("rejected as in fetch: a line break in a header, a GET with a body, an address without a host", async (t) => {
    const { origin, received } = await serve(t);
    const fetch = fetchFor(t);
    for (const [address, init] of [
      [origin, { headers: { a: "b\r\nx: y" } }],
      [origin, { headers: { "a b": "c" } }],
      [origin, { method: "GET", body: "x" }],
      [origin, { method: "HEAD", body: "x" }],
      [origin, { method: "CONNECT" }],
      [origin, { method: "G ET" }],
      ["/api?token=s3cret", {}],
      ["ftp://localhost/s3cret", {}],
      [`http://user:s3cret@${new URL(origin).host}`, {}],
    ]) {
      const error = await rejection(fetch(address, init));
      assert.ok(error instanceof TypeError, String(error));
      assert.ok(!inspect(error, { depth: 9 }).split("\n    at ")[0].includes("s3cret"));
    }
    assert.equal(received(), 0);
  });

  test("an address is normalized as a URL, also for a known server", async (t) => {
    const { origin, requests } = await serve(t);
    const fetch = fetchFor(t);
    const targets = [
      ...["", "/", "/x", "/api/jobs/1?fields=state&last_modified=%3E=2026-11-27T19:00:00Z", "?only=query"],
      ...["/x?", "/x#part", "/x?y#part", "//x", "/x//y/", "/x?y=/../z?", "/x%2fy", "/x:y@z;a=b,c!$&()*+~"],
      ...[
        "/a/./b",
        "/a/../b",
        "/..",
        "/a/.",
        "/a/%2e%2E/b",
        "/a/.%2e/b",
        "/.well-known/x",
        "/a/..b",
        "/a..b",
      ],
      ...["/a\\b", "/a b", "/a\tb", "/\n", "/ü", "/x?y=ü", "/x?y='z'", '/x?y="z"', "/<x>", "/{x}|^`", "/%zz"],
    ];
    for (const target of targets) {
      const { url } = await fetch(origin + target);
      const { pathname, search } = new URL(origin + target);
      assert.equal(requests.at(-1).url, pathname + search, target);
      assert.equal(url, origin + pathname + search, target);
    }
    const before = requests.length;
    // Another host or a credential with the origin as its prefix.
    for (const more of ["@example.com/", ":1/", "0/x", ".example.invalid/"]) {
      assert.ok((await rejection(fetch(origin + more))) instanceof TypeError, more);
    }
    assert.equal(requests.length, before);
  });

  test("headers are read each time, but frozen ones only once", async (t) => {
    const [one, other] = [await serve(t), await serve(t)];
    const fetch = fetchFor(t);
    const frozen = Object.freeze([Object.freeze(["x-a", "1"])]);
    const pair = ["x-a", "1"];
    const half = Object.freeze([pair]);
    for (const [{ origin, requests }, headers, expected] of [
      [one, frozen, "1"],
      [one, frozen, "1"],
      [other, frozen, "1"],
      [one, half, "1"],
    ]) {
      await fetch(origin, { headers });
      const { host, "x-a": a } = requests.at(-1).headers;
      assert.deepEqual([host, a], [new URL(origin).host, expected]);
    }
    pair[1] = "2";
    await fetch(one.origin, { headers: half });
    assert.equal(one.requests.at(-1).headers["x-a"], "2");
    await fetch(one.origin, { headers: frozen, method: "POST", body: "text" });
    assert.deepEqual(
      [one.requests.at(-1).headers["x-a"], one.requests.at(-1).headers["content-type"]],
      ["1", "text/plain;charset=UTF-8"],
    );
    const refused = Object.freeze([Object.freeze(["x-a", "b\r\nx: y"])]);
    for (let again = 0; again < 2; again++)
      assert.ok((await rejection(fetch(one.origin, { headers: refused }))) instanceof TypeError);
  });

  test("a Request as input, with and without init", async (t) => {
    const { origin, requests } = await serve(t);
    const fetch = fetchFor(t);
    const request = new Request(`${origin}/x?y=1#z`, { method: "PUT", body: "text", headers: { a: "1" } });
    const response = await fetch(request);
    assert.equal(response.url, `${origin}/x?y=1`);
    assert.deepEqual([requests[0].method, requests[0].url, requests[0].headers.a], ["PUT", "/x?y=1", "1"]);
    assert.equal(requests[0].body.toString(), "text");
    assert.ok(request.bodyUsed);
    await fetch(new Request(origin), { method: "DELETE", headers: { a: "2" } });
    assert.deepEqual([requests[1].method, requests[1].headers.a], ["DELETE", "2"]);
    await fetch(new URL(origin), { credentials: "include", cache: "no-store", mode: "cors" });
    assert.equal(requests[2].method, "GET");
  });

  test("a file of 64 MiB is streamed from disk: memory stays flat, and progress is reported", async (t) => {
    const MIB = 1024 * 1024;
    const folder = await mkdtemp(join(tmpdir(), "upload-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "image.ova");
    const file = await open(path, "w");
    await file.truncate(64 * MIB);
    await file.close();
    let received = 0;
    const counting = createServer(async (request, response) => {
      for await (const chunk of request) received += chunk.length;
      response.end(JSON.stringify({ received }));
    }).listen(0, "127.0.0.1");
    await once(counting, "listening");
    t.after(() => counting.close());

    // In its own process, for its memory.
    const address = `http://127.0.0.1:${counting.address().port}/images?token=s3cret`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", UPLOADING, address, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    const { told, last, grows, more } = JSON.parse(await text(child.stdout));
    assert.ok(received > 64 * MIB && received < 64 * MIB + 1_000);
    assert.deepEqual(last, { method: "POST", path: "/images", sent: received, total: received });
    assert.ok(told > 500 && grows);
    assert.ok(more < 40 * MIB, `${Math.round(more / MIB)} MiB more`);
  });

  test("progress of a body in memory and of a stream, and a callback that throws", async (t) => {
    const { origin } = await serve(t);
    const told = [];
    const fetch = fetchFor(t, { onUpload: ({ sent, total }) => told.push([sent, total]) });
    await fetch(origin, { method: "POST", body: "four" });
    await fetch(origin, { method: "POST", body: pieces("one", "two"), duplex: "half" });
    await fetch(origin);
    const contexts = new AsyncLocalStorage();
    const seen = [];
    const telling = fetchFor(t, { onUpload: () => seen.push(contexts.getStore()) });
    const send = () => telling(origin, { method: "POST", body: new Blob(["x"]) });
    for (const name of ["first", "second"]) await contexts.run(name, send);
    assert.deepEqual(seen, ["first", "second"], "each has the context of its call");
    assert.deepEqual(told, [
      [4, 4],
      [3, undefined],
      [6, undefined],
    ]);
    const mine = new Error("mine");
    const throwing = fetchFor(t, {
      onUpload: () => {
        throw mine;
      },
    });
    assert.equal(await rejection(throwing(origin, { method: "POST", body: new Blob(["x"]) })), mine);
  });

  test("a body that breaks off or changes its length ends the connection, not the body", async (t) => {
    const { origin, server, free } = await serve(t);
    let aborted = 0;
    server.on("request", (request) =>
      request.on("error", () => {
        aborted += 1;
      }),
    );
    const fetch = fetchFor(t);
    const broken = new Error("disk");
    const failing = new ReadableStream({
      start: (it) => it.enqueue(Buffer.from("begun")),
      pull: (it) => it.error(broken),
    });
    const error = await rejection(fetch(origin, { method: "POST", body: failing, duplex: "half" }));
    assert.equal(causeOf(error), broken);
    await free();
    const longer = Object.assign(new Blob(["12"]), { stream: () => new Blob(["123"]).stream() });
    assert.equal(
      causeOf(await rejection(fetch(origin, { method: "POST", body: longer }))).code,
      "ERR_FETCH_BODY_LENGTH",
    );
    const shorter = Object.assign(new Blob(["12"]), { stream: () => new Blob(["1"]).stream() });
    assert.equal(
      causeOf(await rejection(fetch(origin, { method: "POST", body: shorter }))).code,
      "ERR_FETCH_BODY_LENGTH",
    );
    await free();
    assert.ok(aborted >= 2, String(aborted));
  });
});

const UPLOADING = `
import { openAsBlob } from "node:fs";
import { nodeFetch } from "ontap-select-deploy/node";
const [, address, path] = process.argv;
let [told, most, grows, last] = [0, 0, true, { sent: 0 }];
const fetch = nodeFetch({
  proxy: false,
  onUpload: (progress) => {
    told += 1;
    grows &&= progress.sent > last.sent;
    last = progress;
    most = Math.max(most, process.memoryUsage().rss);
  },
});
const send = async (blob) => {
  const body = new FormData();
  body.set("file", blob, "image.ova");
  await (await fetch(address, { method: "POST", body })).json();
};
const before = process.memoryUsage().rss;
await send(await openAsBlob(path));
console.log(JSON.stringify({ told, last, grows, more: most - before }));
`;

describe("responses", { concurrency: true }, () => {
  test("is a Response of the platform with all its members", async (t) => {
    const { origin } = await serve(t, (_, response) => {
      response.writeHead(201, "Made", [
        ...[
          "Content-Type",
          "application/json",
          "Set-Cookie",
          "a=1",
          "Set-Cookie",
          "b=2",
          "X-Two",
          "1",
          "X-Two",
          "2",
        ],
      ]);
      response.end('{"a":"ü"}');
    });
    const fetch = fetchFor(t);
    const response = await fetch(`${origin}/x`);
    assert.ok(response instanceof Response);
    assert.ok(response.headers instanceof Headers);
    assert.ok(response.clone() instanceof Response);
    assert.ok(response.body instanceof ReadableStream);
    const { status, statusText, ok, redirected, type, url, bodyUsed } = response;
    assert.deepEqual(
      { status, statusText, ok, redirected, type, url, bodyUsed },
      {
        status: 201,
        statusText: "Made",
        ok: true,
        redirected: false,
        type: "basic",
        url: `${origin}/x`,
        bodyUsed: false,
      },
    );
    const { headers } = response;
    assert.equal(headers.get("X-TWO"), "1, 2");
    assert.equal(headers.get("x-none"), null);
    assert.ok(headers.has("content-type") && !headers.has("x-none"));
    assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(new Headers(headers).get("content-type"), "application/json");
    assert.equal(Object.fromEntries(headers)["x-two"], "1, 2");
    assert.equal([...headers.keys()].filter((name) => name === "x-two").length, 1);
    assert.throws(() => headers.get(""), TypeError);
    assert.match(inspect(response), /Response/);

    const copy = response.clone();
    assert.deepEqual(await response.json(), { a: "ü" });
    assert.ok(response.bodyUsed && !copy.bodyUsed);
    assert.equal(await copy.text(), '{"a":"ü"}');
    for (const again of ["text", "json", "arrayBuffer", "blob"]) {
      assert.ok((await rejection(response[again]())) instanceof TypeError, again);
    }
    assert.throws(() => response.clone(), TypeError);
    assert.equal((await (await fetch(origin)).arrayBuffer()).byteLength, 10);
    assert.equal((await (await fetch(origin)).blob()).type, "application/json");
    const once = await fetch(origin);
    assert.equal(await once.text(), '{"a":"ü"}');
    assert.ok((await rejection(once.text())) instanceof TypeError);
    assert.ok(once.body.locked || once.bodyUsed);
    const streamed = await fetch(origin);
    let text = "";
    for await (const chunk of streamed.body) text += Buffer.from(chunk).toString();
    assert.equal(text, '{"a":"ü"}');
    assert.ok(streamed.bodyUsed);
  });

  for (const [encoding, encode] of [
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["br", brotliCompressSync],
    ["GZIP, br", (it) => brotliCompressSync(gzipSync(it))],
    ["identity", (it) => it],
    ["zz", (it) => it],
  ]) {
    test(`${encoding} is decoded, as a whole and as a stream, however it is split`, async (t) => {
      const text = '{"a":1}'.repeat(50_000);
      const { origin, requests } = await serve(t, async ({ url }, response) => {
        response.setHeader("content-encoding", encoding);
        const bytes = Buffer.from(encode(url === "/long" ? text : "short"));
        if (url !== "/pieces") return response.end(bytes);
        for (const byte of bytes) {
          response.write(Buffer.from([byte]));
          await new Promise(setImmediate);
        }
        response.end();
      });
      const fetch = fetchFor(t);
      assert.equal(await (await fetch(`${origin}/short`)).text(), "short");
      assert.equal(await (await fetch(`${origin}/pieces`)).text(), "short");
      assert.equal(await (await fetch(`${origin}/long`)).text(), text);
      let read = 0;
      for await (const chunk of (await fetch(`${origin}/long`)).body) read += chunk.length;
      assert.equal(read, text.length);
      assert.equal(requests[0].headers["accept-encoding"], "gzip, deflate, br");
    });
  }

  test("a compressed body that is truncated or invalid is an error, and an empty one is empty", async (t) => {
    const zipped = gzipSync("x".repeat(1_000));
    const { origin } = await serve(t, ({ url }, response) => {
      response.setHeader("content-encoding", "gzip");
      response.end(url === "/cut" ? zipped.subarray(0, 15) : url === "/none" ? "no gzip" : "");
    });
    const fetch = fetchFor(t);
    for (const path of ["/cut", "/none"]) {
      assert.ok((await rejection((await fetch(origin + path)).text())) instanceof TypeError, path);
      const { body } = await fetch(origin + path);
      assert.ok((await rejection(new Response(body).text())) instanceof TypeError, path);
    }
    assert.equal(await (await fetch(`${origin}/empty`)).text(), "");
  });

  test("no body: HEAD with a length, 204, 205 and 304", async (t) => {
    const { origin, connections } = await serve(t, ({ method, url }, response) => {
      if (method === "HEAD") response.setHeader("content-length", "1000");
      response.writeHead(Number(url.slice(1)), { "content-encoding": "gzip" });
      response.end();
    });
    const fetch = fetchFor(t);
    for (const [method, status] of [
      ["HEAD", 200],
      ["GET", 204],
      ["GET", 304],
      ["HEAD", 404],
    ]) {
      const response = await fetch(`${origin}/${status}`, { method });
      assert.deepEqual([response.status, response.body, await response.text()], [status, null, ""]);
    }
    assert.equal(connections(), 1);
  });

  test("informational responses are skipped, one or many, however they are split", async (t) => {
    const { origin } = await raw(t, async (socket) => {
      const all =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
      for (const character of all) {
        socket.write(character);
        await new Promise(setImmediate);
      }
    });
    const response = await fetchFor(t)(origin);
    assert.deepEqual([response.status, await response.text()], [200, "ok"]);
    assert.equal(response.headers.get("link"), null);
  });

  test("a redirect is returned with manual and is an error otherwise", async (t) => {
    const { origin, requests } = await serve(t, (_, response) => {
      response.writeHead(307, { location: "/elsewhere" }).end("moved");
    });
    const fetch = fetchFor(t);
    const manual = await fetch(origin, { redirect: "manual" });
    assert.deepEqual(
      [manual.status, manual.headers.get("location"), await manual.text()],
      [307, "/elsewhere", "moved"],
    );
    assert.equal(causeOf(await rejection(fetch(origin, { redirect: "error" }))).code, "ERR_FETCH_REDIRECT");
    assert.match(causeOf(await rejection(fetch(origin))).message, /redirect: "manual"/);
    assert.deepEqual(
      requests.map(({ url }) => url),
      ["/", "/", "/"],
    );
  });

  for (const [what, answer, body] of [
    [
      "chunks with extensions and trailers",
      "transfer-encoding: Chunked\r\n\r\n3;a=b\r\none\r\n00002 ;x\r\nab\r\n0\r\nx: y\r\n\r\n",
      "oneab",
    ],
    ["no length: the body ends with the connection", "connection: close\r\n\r\nall of it", "all of it"],
    ["a folded header", "x: a\r\n  b\r\ncontent-length: 1\r\n\r\nz", "z"],
  ]) {
    test(`${what}, however it is split`, async (t) => {
      const { origin } = await raw(t, async (socket, head) => {
        const all = `HTTP/1.1 200 OK\r\n${answer}`;
        if (head.startsWith("GET /whole")) {
          socket.write(all);
        } else {
          for (const character of all) {
            socket.write(character);
            await new Promise(setImmediate);
          }
        }
        if (answer.startsWith("connection")) socket.end();
      });
      const fetch = fetchFor(t);
      for (const path of ["/whole", "/pieces"]) assert.equal(await (await fetch(origin + path)).text(), body);
    });
  }

  for (const [what, answer] of [
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx"],
    [
      "a length and chunked encoding",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["an invalid length", "HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\nx"],
    ["a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"],
    ["an unknown transfer-encoding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"],
    ["a header without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n"],
    ["a space before the colon", "HTTP/1.1 200 OK\r\ncontent-length : 1\r\n\r\nx"],
    ["a control character in a header", "HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n"],
    ["lines without CR", "HTTP/1.1 200 OK\nx: y\r\ncontent-length: 0\r\n\r\n"],
    ["no HTTP", "SSH-2.0-OpenSSH\r\n"],
    ["another protocol", "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n"],
    ["endless headers", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(20_000)}`],
  ]) {
    test(`${what}: an error, and the connection ends`, async (t) => {
      const { origin, server } = await raw(t, (socket) => socket.write(answer));
      const gone = once(server, "gone");
      const cause = causeOf(await rejection(fetchFor(t)(origin)));
      assert.equal(cause.code, "ERR_HTTP_INVALID_RESPONSE");
      assert.equal(cause.syscall, undefined, "it was sent");
      await gone;
    });
  }

  test("a wrong or invalid chunk size fails the body", async (t) => {
    for (const rest of ["3\r\nfour\r\n0\r\n\r\n", "x\r\n", "fffffffffffffffff\r\n", "-1\r\n"]) {
      const { origin } = await raw(t, (socket) =>
        socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${rest}`),
      );
      const error = await rejection(fetchFor(t)(origin).then((response) => response.text()));
      assert.equal(causeOf(error).code, "ERR_HTTP_INVALID_RESPONSE");
    }
  });

  test("a long body streams with backpressure", async (t) => {
    let written = 0;
    const { origin } = await serve(t, async (request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const gone = once(request.socket, "close");
      while (!response.destroyed && written < 256 * 1024 * 1024) {
        written += chunk.length;
        if (!response.write(chunk)) await Promise.race([once(response, "drain"), gone]);
      }
      response.end();
    });
    const response = await fetchFor(t)(origin);
    const reader = response.body.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(written < 32 * 1024 * 1024, `${written} bytes`);
    await reader.cancel();
  });

  test("a body over a client's limit is not read further", async (t) => {
    const { origin, free } = await serve(t, (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more);
      more();
    });
    const client = new DeployClient({
      baseUrl: origin,
      fetch: fetchFor(t),
      maxResponseBytes: 4_096,
      retry: false,
    });
    assert.equal((await rejection(client.get("/x"))).code, "PROTOCOL");
    await free();
  });
});

describe("connections", { concurrency: true }, () => {
  test("a connection is reused", async (t) => {
    const { origin, connections, requests } = await serve(t, echo);
    const fetch = fetchFor(t);
    for (let at = 0; at < 20; at++) await (await fetch(`${origin}/${at}`)).json();
    assert.deepEqual([connections(), requests.length], [1, 20]);
  });

  test("at most 256 to one server; further requests wait", async (t) => {
    const waiting = [];
    const { origin, sockets, server } = await serve(t, (_, response) => {
      waiting.push(response);
      server.emit("asked");
    });
    const fetch = fetchFor(t);
    const all = Array.from({ length: 300 }, () => fetch(origin).then((response) => response.text()));
    while (waiting.length < 256) await once(server, "asked");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual([waiting.length, sockets.size], [256, 256]);
    const answerAll = () => {
      for (const response of waiting.splice(0)) response.end("ok");
    };
    server.on("asked", answerAll);
    answerAll();
    assert.deepEqual(new Set(await Promise.all(all)), new Set(["ok"]));
    assert.equal(sockets.size, 256);
  });

  test("a connection is not reused if the server closes it, announces that, or keeps it too briefly", async (t) => {
    const { origin, connections, free } = await serve(t, ({ url, socket }, response) => {
      if (url === "/close") response.setHeader("connection", "close");
      if (url === "/short") response.setHeader("keep-alive", "timeout=1");
      response.end("ok");
      if (url === "/closes") setImmediate(() => socket.end());
    });
    const fetch = fetchFor(t);
    for (const path of ["/close", "/short", "/closes", "/", "/"]) {
      await (await fetch(origin + path)).text();
      if (path !== "/") await free();
    }
    assert.equal(connections(), 4);
  });

  test("unexpected bytes end an idle connection", async (t) => {
    const { origin, server, heads } = await raw(t, (socket, _, number) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      if (number === 1) setImmediate(() => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong"));
    });
    const fetch = fetchFor(t);
    const gone = once(server, "gone");
    assert.equal(await (await fetch(origin)).text(), "ok");
    await gone;
    assert.equal(await (await fetch(origin)).text(), "ok");
    // Extra bytes in the packet of the response.
    assert.equal(heads.length, 2);
  });

  test("an idle connection keeps no process alive, also without close()", async (t) => {
    const { origin } = await serve(t);
    const code = `
      import { nodeFetch } from "ontap-select-deploy/node";
      const fetch = nodeFetch();
      console.log(await (await fetch(${JSON.stringify(origin)})).text());`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    const started = performance.now();
    await once(child.stdout, "data");
    const [status] = await once(child, "exit");
    assert.equal(status, 0);
    assert.ok(performance.now() - started < 60_000);
  });

  test("close() ends idle and busy connections, and later requests fail", async (t) => {
    const { origin, sockets, requests, server } = await serve(t, ({ url }, response) => {
      if (url !== "/hang") response.end("ok");
      server.emit("asked");
    });
    const fetch = nodeFetch({ proxy: false });
    await Promise.all([fetch(origin), fetch(origin)].map(async (it) => (await it).text()));
    const hanging = fetch(`${origin}/hang`);
    const failed = rejection(hanging);
    while (!requests.some(({ url }) => url === "/hang")) await once(server, "asked");
    await Promise.all([fetch.close(), fetch.close()]);
    assert.equal(causeOf(await failed).code, "ERR_FETCH_CLOSED");
    const later = causeOf(await rejection(fetch(origin)));
    assert.deepEqual([later.code, later.syscall], ["ERR_FETCH_CLOSED", "connect"]);
    while (sockets.size > 0) await once(server, "gone");
    assert.equal(requests.length, 3);
  });
});

describe("an abort releases the socket and rejects with the signal's reason", { concurrency: true }, () => {
  const reason = new Error("enough");
  const silent = () => {};

  test("before the request", async (t) => {
    const { origin, connections } = await serve(t);
    assert.equal(await rejection(fetchFor(t)(origin, { signal: AbortSignal.abort(reason) })), reason);
    assert.equal(connections(), 0);
  });

  test("while connecting", async (t) => {
    // A handshake without a response.
    const { server, port } = await raw(t, silent);
    const controller = new AbortController();
    const asked = fetchFor(t)(`https://127.0.0.1:${port}`, { signal: controller.signal });
    const [socket] = await once(server, "connection");
    controller.abort(reason);
    assert.equal(await rejection(asked), reason);
    if (!socket.closed) await once(socket, "close");
  });

  test("while waiting for the headers, within them, and within the body", async (t) => {
    for (const begun of [
      "",
      "HTTP/1.1 200 OK\r\ncontent-le",
      "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
    ]) {
      const { origin, server } = await raw(t, (socket) => {
        socket.write(begun);
        server.emit("begun");
      });
      const controller = new AbortController();
      const asked = fetchFor(t)(origin, { signal: controller.signal }).then((response) => response.text());
      const failed = rejection(asked);
      const gone = once(server, "gone");
      await once(server, "begun");
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.abort(reason);
      assert.equal(await failed, reason);
      await gone;
    }
  });

  test("while a stream is read or sent", async (t) => {
    const { origin, server } = await raw(t, (socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
    );
    const controller = new AbortController();
    const gone = once(server, "gone");
    const reader = (await fetchFor(t)(origin, { signal: controller.signal })).body.getReader();
    await reader.read();
    const next = rejection(reader.read());
    controller.abort(reason);
    assert.equal(await next, reason);
    await gone;

    let cancelled;
    const body = new ReadableStream({
      pull: (it) => (cancelled === undefined ? it.enqueue(Buffer.alloc(1_000)) : undefined),
      cancel: (why) => {
        cancelled = why;
      },
    });
    const sending = new AbortController();
    const silence = await raw(t, silent);
    const sent = fetchFor(t)(silence.origin, {
      method: "POST",
      body,
      duplex: "half",
      signal: sending.signal,
    });
    const failed = rejection(sent);
    await once(silence.server, "connection");
    const over = once(silence.server, "gone");
    sending.abort(reason);
    assert.equal(await failed, reason);
    await over;
    assert.equal(cancelled, reason);
  });

  test("after the end it has no effect, and the signal has no listener", async (t) => {
    const { origin, connections } = await serve(t);
    const fetch = fetchFor(t);
    const signal = new EventTarget();
    let listeners = 0;
    for (const [name, step] of [
      ["addEventListener", 1],
      ["removeEventListener", -1],
    ]) {
      const own = signal[name].bind(signal);
      signal[name] = (...args) => {
        listeners += step;
        own(...args);
      };
    }
    const response = await fetch(origin, { signal });
    assert.equal(await response.text(), "ok");
    assert.equal(listeners, 0);
    signal.dispatchEvent(new Event("abort"));
    assert.equal(await (await fetch(origin)).text(), "ok");
    assert.equal(connections(), 1);
  });

  test("while waiting for a connection: nothing is sent", async (t) => {
    const held = [];
    const { origin, requests, server } = await serve(t, (_, response) => {
      held.push(response);
      server.emit("asked");
    });
    const fetch = fetchFor(t);
    const all = Array.from({ length: 256 }, () => fetch(origin));
    while (held.length < 256) await once(server, "asked");
    const controller = new AbortController();
    const waiting = rejection(fetch(`${origin}/never`, { signal: controller.signal }));
    controller.abort(reason);
    assert.equal(await waiting, reason);
    for (const response of held.splice(0)) response.end("ok");
    await Promise.all(all.map(async (it) => (await it).text()));
    assert.ok(requests.every(({ url }) => url !== "/never"));
  });
});

describe("a failure says whether anything was sent", { concurrency: true }, () => {
  const client = (baseUrl, fetch) => new DeployClient({ baseUrl, fetch, retry: false });
  async function closedPort() {
    const { createServer } = await import("node:net");
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    server.close();
    return port;
  }

  test("no connection: a closed port, also behind a name with several addresses, and an unknown name", async (t) => {
    const port = await closedPort();
    for (const [address, code] of [
      [`http://127.0.0.1:${port}`, "ECONNREFUSED"],
      [`https://127.0.0.1:${port}`, "ECONNREFUSED"],
      [`http://localhost:${port}`, "ECONNREFUSED"],
      ["http://nowhere.invalid", "ENOTFOUND"],
    ]) {
      const fetch = fetchFor(t);
      assert.equal(causeOf(await rejection(fetch(address))).code, code);
      const options = { baseUrl: address, fetch, retry: false, allowInsecure: true };
      const error = await rejection(new DeployClient(options).post("/hosts", {}));
      assert.ok(error instanceof TransportError);
      assert.deepEqual([error.sent, error.outcome], [false, "refused"]);
    }
  });

  test("a handshake that breaks off, and a server without TLS", async (t) => {
    const { createServer } = await import("node:net");
    for (const answer of [
      (it) => it.destroy(),
      (it) => it.resetAndDestroy(),
      (it) => it.write("HTTP/1.1 400 Bad\r\n\r\n"),
    ]) {
      const server = createServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", () => answer(socket));
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      t.after(() => server.close());
      const fetch = fetchFor(t);
      const cause = causeOf(await rejection(fetch(`https://127.0.0.1:${server.address().port}`)));
      assert.ok(cause.code && cause.syscall === "connect", inspect(cause));
      const error = await rejection(
        client(`https://127.0.0.1:${server.address().port}`, fetch).post("/hosts", {}),
      );
      assert.deepEqual([error.sent, error.outcome], [false, "refused"]);
    }
  });

  for (const [what, talk] of [
    ["a reset", (socket) => socket.resetAndDestroy()],
    ["a close", (socket) => socket.destroy()],
    ["a half close", (socket) => socket.end()],
    [
      "a half close within the response",
      (socket) => socket.end("HTTP/1.1 202 Accepted\r\ncontent-length: 9\r\n\r\n{"),
    ],
    ["a reset within the headers", (socket) => socket.write("HTTP/1.1 2", () => socket.resetAndDestroy())],
    [
      "an end within chunks",
      (socket) => socket.end("HTTP/1.1 202 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n"),
    ],
  ]) {
    test(`${what} after the request went out: it may have been accepted`, async (t) => {
      const { origin, heads } = await raw(t, talk);
      const fetch = fetchFor(t);
      const failed = await rejection(fetch(origin, { method: "POST", body: "{}" }).then((it) => it.text()));
      assert.match(causeOf(failed).code, /^(ECONNRESET|EPIPE)$/);
      const error = await rejection(client(origin, fetch).post("/hosts", {}));
      assert.ok(error instanceof TransportError);
      assert.deepEqual([error.sent, error.outcome], [undefined, "unknown"]);
      assert.equal(heads.length, 2, "it is not sent again");
    });
  }

  test("a kept connection that is reset: a mutating call is not sent again", async (t) => {
    const { origin, heads } = await raw(t, (socket, _, number) => {
      if (number === 1) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
      else socket.resetAndDestroy();
    });
    const own = client(origin, fetchFor(t));
    await own.get("/x");
    const error = await rejection(own.post("/hosts", {}));
    assert.deepEqual([error.sent, error.outcome], [undefined, "unknown"]);
    assert.equal(heads.length, 2);
  });

  test("a response before the end of the request ends the upload", async (t) => {
    const { origin, server } = await raw(t, (socket, head) => {
      if (head.startsWith("POST")) socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
    });
    let cancelled = false;
    const body = new ReadableStream({
      start: (it) => it.enqueue(Buffer.from("x")),
      cancel: () => {
        cancelled = true;
      },
    });
    const gone = once(server, "gone");
    const response = await fetchFor(t)(origin, { method: "POST", body, duplex: "half" });
    assert.deepEqual([response.status, await response.text()], [413, "no"]);
    await gone;
    assert.ok(cancelled);
  });
});

describe("unused responses", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");

  /** Collects garbage until the server's connections are closed. */
  async function freed({ sockets }) {
    for (let round = 0; sockets.size > 0; round++) {
      assert.ok(round < 200, "the connection is still open");
      collect();
      await pause.setTimeout(20);
    }
  }

  // More than the read-ahead buffer, so that the connection pauses.
  const large = Buffer.alloc(4 << 20, "x");
  const answers = {
    "of a known length": (_, response) =>
      response.writeHead(200, { "content-length": large.length }).end(large),
    "in chunks": (_, response) => response.end(large),
    "that is compressed": (_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(large)),
  };
  for (const [what, answer] of Object.entries(answers)) {
    test(`an unread response, ${what}, releases its connection`, async (t) => {
      const server = await serve(t, answer);
      const fetch = fetchFor(t);
      assert.equal((await fetch(server.origin)).status, 200);
      assert.equal(server.sockets.size, 1);
      await freed(server);
      // Also after a read of its stream.
      assert.equal((await fetch(server.origin)).body.locked, false);
      await freed(server);
    });
  }

  test("a stream can be read after its response is collected", async (t) => {
    const { origin } = await serve(t, answers["in chunks"]);
    const { body } = await fetchFor(t)(origin);
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes % 7 === 0) collect();
      await pause.setImmediate();
    }
    assert.equal(bytes, large.length);
  });

  test("a whole body can be read after its response is collected", async (t) => {
    const { origin } = await serve(t, async (_, response) => {
      response.write(large);
      await pause.setTimeout(50);
      response.end();
    });
    const reading = (await fetchFor(t)(origin)).text();
    collect();
    await pause.setTimeout(20);
    collect();
    assert.equal((await reading).length, large.length);
  });
});

test("inspect shows the status and headers of a response", async (t) => {
  const { origin } = await serve(t, (_, response) => response.writeHead(201, { "x-Own": "a, b" }).end("ok"));
  const response = await fetchFor(t)(origin);
  assert.match(inspect(response.headers), /^Headers \{.*'x-own': 'a, b'/s);
  const shown = inspect(response);
  assert.match(shown, /^Response \{/);
  assert.match(shown, /status: 201/);
  assert.match(shown, /'x-own': 'a, b'/);
  assert.equal(await response.text(), "ok");
});

test("a client follows a job over it, and a hundred at once", async (t) => {
  const { baseUrl } = await deployFor(t);
  const deploy = new DeployClient({
    baseUrl,
    auth: { username: "admin", password: "Netapp1!" },
    fetch: fetchFor(t),
  });
  const { job } = await deploy.post("/hosts", host("esx-1"));
  assert.equal(job.state, "success");
  const all = await Promise.all(
    Array.from({ length: 100 }, (_, at) => deploy.post("/hosts", host(`esx-${at + 2}`))),
  );
  assert.ok(all.every((it) => it.job.state === "success"));
});

test("a wrapper with copied members is treated like any fetch", async (t) => {
  const { baseUrl } = await deployFor(t);
  const fetch = fetchFor(t);
  const store = new AsyncLocalStorage();
  const seen = [];
  const wrap = (url, init) => {
    seen.push([init.headers instanceof Headers, store.getStore()]);
    return fetch(url, init);
  };
  Object.defineProperties(wrap, Object.getOwnPropertyDescriptors(fetch));
  const auth = { username: "admin", password: "Netapp1!" };
  const deploy = new DeployClient({ baseUrl, auth, fetch: wrap });
  const { job } = await store.run("mine", () => deploy.post("/hosts", host("esx-1")));
  assert.equal(job.state, "success");
  assert.ok(seen.length > 1);
  for (const each of seen) assert.deepEqual(each, [true, "mine"]);
});
