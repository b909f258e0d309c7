// The other calls in a page: list, find, read, ensure, until, and large downloads.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { passOnTo } from "../lib/pass-on.mjs";
import { useChromium } from "./chromium.mjs";
import { site } from "./site.mjs";

useChromium();

const MIB = 2 ** 20;
// Chromium's limit per origin over HTTP/1.1.
const CONNECTIONS = 6;

const files = {
  "index.html": `<!doctype html><script type="module" src="page.js"></script>`,
  "page.js": `
import * as api from "./package/index.js";
const auth = { username: "admin", password: "Netapp1!" };
globalThis.api = api;
globalThis.deploy = new api.DeployClient({ baseUrl: "/api", auth, retry: { initialDelay: 1 } });
document.title = "ready";`,
};

/** A page with a client, and a simulated Deploy that also serves files at `/files/<bytes>`. */
async function lab(t) {
  const { page, simulator, site: behind, faults } = await site(t, files);
  const downloads = { open: 0, all: 0 };
  const passOn = passOnTo(behind.url);
  const server = createServer((incoming, outgoing) => {
    const [, size] = /^\/files\/(\d+)$/.exec(incoming.url) ?? [];
    return size ? sendFile(Number(size), outgoing, downloads) : passOn(incoming, outgoing);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await page.goto(`http://127.0.0.1:${server.address().port}`);
  await page.waitForFunction(() => document.title === "ready");
  return { page, simulator, faults, downloads };
}

/** Sends a file as fast as the page reads it. */
async function sendFile(size, outgoing, downloads) {
  downloads.open += 1;
  downloads.all += 1;
  outgoing.writeHead(200, {
    "content-length": size,
    "content-disposition": `attachment; filename="big.bin"`,
  });
  const chunk = Buffer.alloc(MIB, "x");
  const chunks = (function* () {
    for (let left = size; left > 0; left -= MIB) yield left < MIB ? chunk.subarray(0, left) : chunk;
  })();
  // The page may close the connection.
  await pipeline(Readable.from(chunks), outgoing).catch(() => {});
  downloads.open -= 1;
}

async function until(happened) {
  const end = performance.now() + 20_000;
  while (!happened()) {
    assert.ok(performance.now() < end, String(happened));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("objects are created once, found, listed, read, and waited for", async (t) => {
  const { page, simulator, faults } = await lab(t);
  const match = { method: "GET", path: "/clusters/*" };
  simulator.addRule({ match, count: 2, skip: 1, action: { kind: "status", status: 503 } });
  const set = { "/record/state": "powered_on" };
  simulator.addRule({ match, skip: 1, action: { kind: "edit", set } });
  const said = await page.evaluate(async () => {
    const { deploy } = globalThis;
    const ensureHost = () => {
      const name = "esx-1";
      return deploy.ensure("/hosts", { name }, { hosts: [{ name, hypervisor_type: "ESX" }] });
    };
    const hosts = [await ensureHost(), await ensureHost()];
    const { path, id } = await deploy.post("/clusters", { name: "c-1" }, { query: { node_count: 1 } });
    const states = [];
    const isOn = ({ state }) => {
      states.push(state);
      return state === "powered_on";
    };
    const query = { fields: "name,state" };
    const on = await deploy.until("/clusters/{id}", isOn, { params: { id }, query });
    return {
      created: hosts.map(({ created }) => created),
      jobs: hosts.map(({ result }) => result?.job.state),
      isSame: hosts[0].record.id === hosts[1].record.id,
      listed: (await deploy.list("/hosts", { query: { fields: "name" } })).map(({ name }) => name),
      found: (await deploy.find("/clusters", { name: "c-1" })).id === id,
      none: await deploy.find("/clusters", { name: "c-2" }),
      read: (await deploy.read(path)).name,
      on,
      states,
      waits: deploy.stats.waits,
    };
  });
  assert.deepEqual(said.created, [true, false]);
  assert.deepEqual(said.jobs, ["success", undefined]);
  assert.ok(said.isSame);
  assert.deepEqual(said.listed, ["esx-1"]);
  assert.ok(said.found);
  assert.equal(said.none, undefined);
  assert.equal(said.read, "c-1");
  assert.equal(said.on.state, "powered_on");
  assert.equal(said.states.length, 2);
  assert.equal(said.waits, 0);
  assert.equal(simulator.counters().received["POST /hosts"], 1);
  assert.deepEqual(faults, []);
});

test("a backup is created, and its file is downloaded from Deploy's address", async (t) => {
  const { page, faults } = await lab(t);
  const said = await page.evaluate(async () => {
    const { deploy } = globalThis;
    const { path } = await deploy.post("/backups", { password: "b-secret" });
    const { download_url } = await deploy.read(path, { query: { fields: "download_url" } });
    const { status, body, name, type, size } = await deploy.download(download_url);
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    return { status, name, type, size, length: bytes.length, begin: [...bytes.subarray(0, 2)] };
  });
  assert.equal(said.status, 200);
  assert.match(said.name, /^deploy_backup_.*\.tar\.gz$/);
  assert.ok(said.type);
  assert.equal(said.length, said.size);
  assert.deepEqual(said.begin, [0x1f, 0x8b], "gzip");
  assert.deepEqual(faults, []);
});

test("a file of 64 MiB arrives in small chunks", async (t) => {
  const { page, downloads, faults } = await lab(t);
  const size = 64 * MIB;
  const said = await page.evaluate(async (bytes) => {
    const { body, name, size } = await globalThis.deploy.download(`${location.origin}/files/${bytes}`);
    let received = 0;
    let largest = 0;
    for await (const chunk of body) {
      received += chunk.length;
      largest = Math.max(largest, chunk.length);
    }
    return { received, largest, name, size };
  }, size);
  assert.equal(said.received, size);
  assert.equal(said.size, size);
  assert.equal(said.name, "big.bin");
  assert.ok(said.largest < size / 4, `a chunk of ${said.largest} bytes`);
  await until(() => downloads.open === 0);
  assert.deepEqual(faults, []);
});

test("an unfinished download frees its connection: after cancel, break, an abort and close", async (t) => {
  const { page, downloads, faults } = await lab(t);
  const endless = 1024 * MIB;
  const ways = ["cancel", "break", "signal", "close"];
  const codes = await page.evaluate(
    async ([bytes, rounds, ways]) => {
      const { deploy, api } = globalThis;
      const auth = { username: "admin", password: "Netapp1!" };
      const codes = [];
      // More downloads than connections, so that a leaked connection blocks the last call.
      for (const way of Array.from({ length: rounds }, () => ways).flat()) {
        const own = new api.DeployClient({ baseUrl: "/api", auth });
        const leaving = new AbortController();
        const options = { signal: leaving.signal };
        const { body } = await own.download(`${location.origin}/files/${bytes}`, options);
        if (way === "cancel") await body.cancel();
        if (way === "break") for await (const _ of body) break;
        if (way === "signal") leaving.abort(new RangeError("left"));
        if (way === "close") own.close();
        if (way === "signal" || way === "close") {
          const error = await body
            .getReader()
            .read()
            .catch((error) => error);
          codes.push(error.code ?? error.name);
        }
      }
      const { body } = await deploy.get("/clusters");
      codes.push(body.num_records);
      return codes;
    },
    [endless, CONNECTIONS, ways],
  );
  const expected = Array.from({ length: CONNECTIONS }, () => ["RangeError", "CLOSED"]).flat();
  assert.deepEqual(codes, [...expected, 0]);
  assert.equal(downloads.all, CONNECTIONS * ways.length);
  await until(() => downloads.open === 0);
  assert.deepEqual(faults, []);
});

test("a download from another origin is not sent", async (t) => {
  const { page, faults } = await lab(t);
  const said = await page.evaluate(() =>
    globalThis.deploy.download("https://elsewhere.example.com/file").catch((error) => error.message),
  );
  assert.match(said, /^path: expected a path below the base URL/);
  assert.deepEqual(faults, []);
});
