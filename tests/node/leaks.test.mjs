// A hundred thousand waits in one process must not leak.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

// Every kind of wait: complete, aborted, timed out, by handle, by loop, shared, and after a network failure. The fetch is
// a mock, so that only the package's memory counts.
const SOURCE = `
  import { DeployClient } from "ontap-select-deploy";
  const { Instance } = WebAssembly;
  let memory;
  WebAssembly.Instance = function (...args) { const made = new Instance(...args); memory = Object.values(made.exports).find((it) => it instanceof WebAssembly.Memory); return made; };

  const json = (status, body) => new Response(JSON.stringify(body), { status });
  let listeners = 0;
  class Signal extends EventTarget {
    aborted = false;
    addEventListener(...args) { listeners++; super.addEventListener(...args); }
    removeEventListener(...args) { listeners--; super.removeEventListener(...args); }
    abort(reason) { this.aborted = true; this.reason = reason; this.dispatchEvent(new Event("abort")); }
  }
  let turn = 0;
  const client = new DeployClient({
    baseUrl: "https://deploy.example.com/api",
    retry: { initialDelay: 1, maxDelay: 1, maxAttempts: 2 },
    onEvent() {},
    async fetch(url, { method, signal }) {
      turn++;
      if (method === "POST") return json(202, { job: { id: "job-" + turn, state: "queued", last_modified: "s" } });
      if (url.includes("hang")) return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
      if (url.includes("broken")) throw new TypeError("fetch failed");
      return json(200, { record: { id: "j", state: turn % 3 ? "success" : "failure", message: "m".repeat(200), last_modified: "s" + turn } });
    },
  });
  const shared = new Signal();
  const ways = [
    () => client.post("/x", {}, { signal: shared, onProgress() {} }),
    async () => (await client.submit("POST", "/x")).result({ timeout: 60_000 }),
    async () => { for await (const job of client.job("job-" + turn)) if (job) break; },
    () => { const own = new Signal(); const wait = client.job("hang").result({ signal: own }); own.abort(new Error("enough")); return wait; },
    () => client.job("hang-" + (turn % 7)).result({ timeout: 1 }),
    () => client.job("broken").result({ signal: shared }),
    () => client.resume(client.job("job-" + turn).serialize()).poll(),
  ];
  async function waits(count) {
    for (let done = 0; done < count; done += 100) {
      await Promise.allSettled(Array.from({ length: 100 }, (_, at) => ways[at % ways.length]()));
    }
  }
  async function measure() {
    for (let round = 0; round < 5; round++) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { heapUsed } = process.memoryUsage();
    const handles = process.getActiveResourcesInfo().filter((it) => it !== "PipeWrap").length;
    return { heapUsed, wasm: memory.buffer.byteLength, handles, listeners, waits: client.stats.waits, openPolls: client.stats.openPolls };
  }
  await waits(10_000);
  const before = await measure();
  await waits(100_000);
  console.log(JSON.stringify({ before, after: await measure() }));
`;

test("100 000 waits leak no heap, wasm memory, handles or listeners", async () => {
  const args = ["--expose-gc", "--input-type=module", "-e", SOURCE];
  const { stdout } = await run(process.execPath, args, { timeout: 280_000 });
  const { before, after } = JSON.parse(stdout);
  const { heapUsed, wasm, ...counts } = after;
  assert.deepEqual(counts, { handles: before.handles, listeners: 0, waits: 0, openPolls: 0 });
  assert.ok(heapUsed < before.heapUsed + 2 ** 20, `${before.heapUsed} → ${heapUsed} bytes of heap`);
  // Wasm never returns pages, but the space of collected handles is reused.
  assert.ok(wasm <= before.wasm * 1.5, `${before.wasm} → ${wasm} bytes of wasm memory`);
});
