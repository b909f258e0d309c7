// Downloads: the stream of any size, and its connection.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { AuthError, ClosedError, HttpError, ProtocolError, TransportError } from "ontap-select-deploy";
import { clientOf, deployFor } from "./deploy.mjs";
import { scripted } from "./scripted.mjs";

const MIB = 1024 * 1024;
const file = (body, headers = {}) => ({ headers: { "content-type": "application/gzip", ...headers }, body });

async function bytesOf({ body }) {
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A file of this size, written as fast as the client reads it. */
const large = (size) => (_, response) => {
  response.writeHead(200, { "content-length": size });
  const chunk = Buffer.alloc(MIB, "x");
  const chunks = Readable.from(
    (function* () {
      for (let left = size; left > 0; left -= MIB) yield left < MIB ? chunk.subarray(0, left) : chunk;
    })(),
  );
  // The client may disconnect.
  pipeline(chunks, response).catch(() => {});
};

describe("a download", () => {
  test("of a backup, from the address that Deploy returns", async (t) => {
    const { client } = await deployFor(t);
    const deploy = client();
    const { path } = await deploy.post("/backups", { password: "Netapp1!" });
    const { download_url } = await deploy.read(path, { query: { fields: "download_url" } });
    const download = await deploy.download(download_url);
    assert.equal(download.status, 200);
    assert.match(download.name, /^deploy_backup_.*\.tar\.gz$/);
    assert.ok(Object.isFrozen(download));
    const bytes = await bytesOf(download);
    assert.equal(bytes.length, download.size);
    assert.ok(bytes.length > 0);
    assert.equal(deploy.stats.waits, 0);
  });

  test("accepts any address of the base's origin, with the credential, and no other origin", async (t) => {
    const { baseUrl, requests } = await scripted(t, file("x"));
    const deploy = clientOf(baseUrl);
    const { origin } = new URL(baseUrl);
    for (const address of [`${origin}/files/a.tgz?b=c`, `${baseUrl}/a`, "/a", "a"])
      assert.equal((await bytesOf(await deploy.download(address))).toString(), "x");
    assert.deepEqual(
      requests.map(({ url }) => url),
      ["/files/a.tgz?b=c", "/api/a", "/api/a", "/api/a"],
    );
    for (const { headers } of requests) {
      assert.match(headers.authorization, /^Basic /);
      assert.equal(headers.accept, "*/*");
    }
    for (const address of [
      "https://evil.example.com/api/a",
      `${origin.replace(/\d+$/, "1")}/api/a`,
      `${origin}/files/../a`,
      "//127.0.0.1/a",
      "",
    ])
      await assert.rejects(deploy.download(address), TypeError, address);
    assert.equal(requests.length, 4);
  });

  for (const [disposition, name] of [
    ["attachment; filename=a.tgz", "a.tgz"],
    ['attachment; filename="a \\"b\\".tgz"', 'a "b".tgz'],
    ["attachment; filename=a.tgz; filename*=UTF-8''%C3%A4.tgz", "ä.tgz"],
    ["attachment; filename*=utf-8'en'%E2%82%AC.tgz; filename=b", "€.tgz"],
    ["attachment; filename*=UTF-8''%ff; filename=b.tgz", "b.tgz"],
    ['attachment; filename="../../etc/passwd"', "passwd"],
    ['attachment; filename="C:\\\\temp\\\\a.tgz"', "a.tgz"],
    ["attachment; filename*=UTF-8''..%2F..%2Fa", "a"],
    ["attachment; filename*=UTF-8''a%0Ab%E2%80%AEc", "abc"],
    ["attachment; filename=..", undefined],
    ['attachment; filename=""', undefined],
    ["attachment", undefined],
    [undefined, undefined],
  ])
    test(`names the file by ${disposition}`, async (t) => {
      const headers = disposition === undefined ? {} : { "content-disposition": disposition };
      const { client } = await scripted(t, file("x", headers));
      const download = await client().download("/a");
      assert.equal(download.name, name);
      assert.equal(download.type, "application/gzip");
      await bytesOf(download);
    });

  test("may exceed every limit, and memory stays flat", async (t) => {
    const size = 256 * MIB;
    const { client } = await scripted(t, large(size));
    const { body, size: told } = await client({ maxResponseBytes: 10 }).download("/a");
    assert.equal(told, size);
    let received = 0;
    let most = 0;
    const before = process.memoryUsage.rss();
    for await (const chunk of body) {
      received += chunk.length;
      most = Math.max(most, process.memoryUsage.rss() - before);
    }
    assert.equal(received, size);
    assert.ok(most < size / 2, `${most} bytes more at the most`);
  });

  test("does not change the bytes", async (t) => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7) % 256));
    const { client } = await scripted(t, (_, response) => response.end(bytes));
    const hash = (it) => createHash("sha256").update(it).digest("hex");
    assert.equal(hash(await bytesOf(await client().download("/a"))), hash(bytes));
  });

  test("releases its connection after cancel, break, an abort or close", async (t) => {
    for (const leave of [
      ({ body }) => body.cancel(),
      async ({ body }) => {
        for await (const _ of body) break;
      },
      async ({ body }, { leaving }) => {
        const reader = body.getReader();
        await reader.read();
        const rest = assert.rejects(async () => {
          for (;;) await reader.read();
        }, RangeError);
        leaving.abort(new RangeError("left"));
        await rest;
      },
      async ({ body }, { deploy }) => {
        deploy.close();
        await assert.rejects(body.getReader().read(), ClosedError);
      },
    ]) {
      const { client, requests } = await scripted(t, large(1024 * MIB));
      const leaving = new AbortController();
      const deploy = client();
      const download = await deploy.download("/a", { signal: leaving.signal });
      await leave(download, { leaving, deploy });
      await requests[0].closed;
    }
  });

  test("reads only on demand", async (t) => {
    let written = 0;
    const { client, requests } = await scripted(t, (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(MIB))) written += 1;
        written += 1;
      };
      response.on("drain", more);
      more();
    });
    const { body } = await client().download("/a");
    for (let at = 0; at < 200; at++) await turn();
    assert.ok(written < 64, `${written} MiB were written`);
    await body.cancel();
    await requests[0].closed;
  });

  test("retries failures before the first byte, like any GET", async (t) => {
    const retry = { initialDelay: 1, maxDelay: 2 };
    const { client, requests } = await scripted(
      t,
      { status: 503 },
      (request) => request.socket.destroy(),
      file("x"),
    );
    assert.equal((await bytesOf(await client({ retry }).download("/a"))).toString(), "x");
    assert.equal(requests.length, 3);
    const refused = await scripted(t, { status: 404, body: { error: { message: "no such file" } } });
    await assert.rejects(refused.client().download("/a"), (error) => {
      assert.ok(error instanceof HttpError);
      assert.match(error.message, /no such file/);
      return true;
    });
    const locked = await scripted(t, { status: 401 });
    await assert.rejects(locked.client().download("/a"), AuthError);
    const moved = await scripted(t, { status: 302, headers: { location: "https://evil.example.com/" } });
    await assert.rejects(moved.client().download("/a"), ProtocolError);
    const empty = await scripted(t, { status: 204 });
    await assert.rejects(empty.client().download("/a"), ProtocolError);
  });

  test("a broken connection is a TransportError, without a second request", async (t) => {
    const { client, requests } = await scripted(t, (request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("x".repeat(10));
      setTimeout(() => request.socket.destroy(), 20);
    });
    const { body } = await client({ auth: { bearer: "s3cr3t-token" } }).download("/a?token=hidden-value");
    await assert.rejects(bytesOf({ body }), (error) => {
      assert.ok(error instanceof TransportError);
      assert.match(error.message, /after 10 of 100 bytes/);
      assert.equal(error.outcome, "refused");
      assert.ok(error.cause);
      assert.doesNotMatch(JSON.stringify(error) + error.stack + error.cause.stack, /s3cr3t|hidden-value/);
      return true;
    });
    assert.equal(requests.length, 1);
  });

  test("a body shorter than its length is an error, also with a fetch that does not check", async () => {
    const fetch = async () => new Response("x".repeat(10), { headers: { "content-length": "100" } });
    const { body } = await clientOf("https://d.example.com/api", { fetch }).download("/a");
    await assert.rejects(bytesOf({ body }), /after 10 of 100 bytes/);
  });

  test("an early abort, and a timeout before the first byte", async (t) => {
    const { client, requests, received } = await scripted(t, () => {});
    const signal = AbortSignal.abort(new RangeError("left"));
    await assert.rejects(client().download("/a", { signal }), RangeError);
    await assert.rejects(client().download("/a", { timeout: 500 }), { code: "WAIT_TIMEOUT" });
    await requests[0].closed;
    const later = new AbortController();
    const waiting = client().download("/a", { signal: later.signal });
    await received(2);
    later.abort(new RangeError("left"));
    await assert.rejects(waiting, RangeError);
    await requests[1].closed;
  });

  test("no timeout applies after the first byte", async (t) => {
    const { client } = await scripted(t, (_, response) => {
      response.write("a");
      setTimeout(() => response.end("b"), 150);
    });
    const download = await client({ requestTimeout: 100 }).download("/a", { timeout: 100 });
    assert.equal((await bytesOf(download)).toString(), "ab");
  });

  test("a response that starts a job is not a file, and the job's polls stay the client's", async (t) => {
    const job = { status: 202, body: { job: { id: "7", state: "running" } } };
    const { client, requests } = await scripted(t, job, {
      body: { record: { id: "7", state: "success", last_modified: "s1" } },
    });
    await assert.rejects(client().download("/a"), /sent no file/);
    assert.equal(requests.length, 2);
  });

  test("a close at the first byte ends it", async (t) => {
    const { client, requests } = await scripted(t, large(1024 * MIB));
    const deploy = client({ onEvent: ({ type }) => type === "response" && deploy.close() });
    const begun = deploy.download("/a").then(bytesOf);
    await assert.rejects(begun, ClosedError);
    await requests[0].closed;
  });

  test("a 206 is a file, and the client's accept header is kept", async (t) => {
    const { client, requests } = await scripted(t, { status: 206, body: "x" });
    const deploy = client({ headers: { accept: "application/gzip" } });
    const { body } = await deploy.download("/a", { headers: { range: "bytes=0-0" } });
    assert.equal((await bytesOf({ body })).toString(), "x");
    assert.equal(requests[0].headers.accept, "application/gzip");
  });

  test("a rejected credential is renewed before the first byte", async (t) => {
    const { client } = await scripted(t, { status: 401 }, file("x"));
    let asked = 0;
    const deploy = client({ auth: () => `Bearer token-${asked++}` });
    assert.equal((await bytesOf(await deploy.download("/a"))).toString(), "x");
    assert.equal(asked, 2);
  });
});
