// Polls over HTTP/2, which uses one connection for all requests of a page, and back over HTTP/1.1.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createSecureServer } from "node:http2";
import { createServer } from "node:https";
import { test } from "node:test";
import { createSimulator } from "../simulator/host/machine.mjs";
import { selfSigned } from "../simulator/host/self-signed.mjs";
import { built, useChromium, visit } from "./chromium.mjs";

useChromium();

const JOBS = 20;
const page = (options, jobs) => `<!doctype html><script type="module">
import { DeployClient } from "/package/index.js";
const deploy = new DeployClient({ baseUrl: "/api", auth: { username: "admin", password: "Netapp1!" }, ...${JSON.stringify(options)} });
globalThis.deploy = deploy;
globalThis.ends = Promise.all(Array.from({ length: ${jobs} }, (_, at) =>
  deploy.post("/hosts", { hosts: [{ name: "esx-" + at, hypervisor_type: "ESX" }] }).then(() => "success", (error) => error.code)));
</script>`;

/** A Chromium page, the package and a simulated Deploy over HTTP/2 or HTTP/1.1. */
async function serve(t, { http2, options = {}, jobs = JOBS }) {
  const simulator = createSimulator({ stepMs: 60_000 });
  const secure = await selfSigned("127.0.0.1");
  let port = 0;
  const listen = async (overHttp2) => {
    const answer = (request, response) => respond(simulator, page(options, jobs), request, response);
    const server = overHttp2 ? createSecureServer(secure, answer) : createServer(secure, answer);
    const open = new Set();
    server.on(overHttp2 ? "session" : "secureConnection", (it) => open.add(it));
    await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
    port = server.address().port;
    return async () => {
      for (const it of open) it.destroy();
      await new Promise((resolve) => server.close(resolve));
    };
  };
  let close = await listen(http2);
  t.after(async () => {
    await close();
    simulator.close();
  });
  const restart = async (overHttp2) => {
    await close();
    close = await listen(overHttp2);
  };
  return {
    simulator,
    restart,
    ...(await visit(t, `https://127.0.0.1:${port}/`, { ignoreHTTPSErrors: true })),
  };
}

async function respond(simulator, html, request, response) {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === "/favicon.ico") {
      response.writeHead(204).end();
      return;
    }
    if (!request.url.startsWith("/api/")) {
      const isPage = request.url === "/";
      response.writeHead(200, { "content-type": isPage ? "text/html" : "text/javascript" });
      response.end(isPage ? html : await readFile(built.package + request.url.slice("/package".length)));
      return;
    }
    const { method, url, headers } = request;
    const answer = await simulator.fetch(`https://deploy.example.com${url}`, {
      method,
      headers: Object.entries(headers).filter(([name]) => !name.startsWith(":")),
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      signal: gone.signal,
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  } catch {
    // The page left, or the server is closed.
    response.destroy();
  }
}

const openPolls = (page) => page.evaluate(() => globalThis.deploy.stats.openPolls);
const reaches = (page, count) =>
  page.waitForFunction((many) => globalThis.deploy.stats.openPolls === many, count, { timeout: 30_000 });
const polls = (page, count) =>
  page.waitForFunction((many) => globalThis.deploy.stats.polls > many, count, { timeout: 30_000 });

test("over HTTP/2 a page has up to 32 open polls", async (t) => {
  const { page, simulator, faults } = await serve(t, { http2: true, jobs: 40 });
  await reaches(page, 32);
  assert.ok(simulator.counters().maxOpenPolls <= 32);
  assert.deepEqual(faults, []);
});

test("back on HTTP/1.1, the page has at most four open polls again", async (t) => {
  const { page, restart } = await serve(t, { http2: true, options: { pollTimeout: 2_000 } });
  await reaches(page, JOBS);
  await restart(false);
  const before = await page.evaluate(() => globalThis.deploy.stats.polls);
  await polls(page, before + 3 * JOBS);
  assert.ok((await openPolls(page)) <= 4);
});

test("over HTTP/1.1 a page never has more than four open polls", async (t) => {
  const { page, simulator } = await serve(t, { http2: false });
  await polls(page, 12);
  assert.ok((await openPolls(page)) <= 4);
  assert.ok(simulator.counters().maxOpenPolls <= 4);
});

test("HTTP/2 does not change an explicit maxOpenPolls", async (t) => {
  const { page, simulator } = await serve(t, { http2: true, options: { maxOpenPolls: 6 } });
  await polls(page, 12);
  assert.equal(simulator.counters().maxOpenPolls, 6);
});
