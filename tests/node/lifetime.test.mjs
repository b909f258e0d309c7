import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { accepted, hang, record, scripted } from "./scripted.mjs";

const run = promisify(execFile);

/** Runs a script in its own process, which must exit. */
function script(source, baseUrl) {
  const head = `import * as package_ from "ontap-select-deploy"; const { DeployClient } = package_; const baseUrl = ${JSON.stringify(baseUrl)};
    process.on("unhandledRejection", (error) => { console.log("unhandled", error); process.exit(9); });`;
  return run(process.execPath, ["--expose-gc", "--input-type=module", "-e", `${head}\n${source}`], {
    timeout: 20_000,
  });
}

test("a process exits after the last wait", async (t) => {
  const server = await scripted(t, accepted(), record("success"));
  const { stdout } = await script(
    `const { job } = await new DeployClient({ baseUrl }).post("/x", {}, { timeout: 3_600_000 }); console.log(job.state);`,
    server.baseUrl,
  );
  assert.equal(stdout, "success\n");
});

test("a process with only an idle client and a handle exits", async (t) => {
  const server = await scripted(t, hang);
  await script(`new DeployClient({ baseUrl }).job("j");`, server.baseUrl);
  assert.equal(server.requests.length, 0);
});

test("an unused handle sends no poll and causes no unhandled rejection", async (t) => {
  const server = await scripted(t, accepted(), record("failure"));
  const { stdout } = await script(
    `const handle = await new DeployClient({ baseUrl }).submit("POST", "/x"); console.log(handle.id);`,
    server.baseUrl,
  );
  assert.equal(stdout, "j\n");
  assert.equal(server.requests.length, 1);
});

test("leaving a loop over updates early stops everything and rejects nothing", async (t) => {
  const server = await scripted(t, record("running"), hang);
  const { stdout } = await script(
    `const client = new DeployClient({ baseUrl });
     for await (const job of client.job("j")) { console.log(job.state); break; }
     await new Promise(setImmediate);
     console.log(client.stats.waits, client.stats.openPolls);`,
    server.baseUrl,
  );
  assert.equal(stdout, "running\n0 0\n");
});

test("a dead wasm instance rejects pending calls, and the same client works again", async (t) => {
  const server = await scripted(t, accepted(), record("running"), hang);
  const { stdout } = await script(
    // Overwrite the module's memory, so that the next call into it traps.
    `const { Instance } = WebAssembly;
     const instances = [];
     WebAssembly.Instance = function (...args) { const made = new Instance(...args); instances.push(made); return made; };
     const client = new DeployClient({ baseUrl });
     const handle = client.job("j");
     const wait = client.post("/x", {}).catch((error) => error);
     while (client.stats.polls < 2) await new Promise(setImmediate);
     const memory = Object.values(instances[0].exports).find((it) => it instanceof WebAssembly.Memory);
     new Uint8Array(memory.buffer).fill(0xff);
     const other = handle.result().catch((error) => error);
     for (const error of [await wait, await other]) {
       console.log(error.name, error.code, error instanceof package_.DeployError, error.cause instanceof Error);
     }
     const again = handle.poll({ timeout: 100 }).catch((error) => error);
     console.log((await again).code, instances.length);
     client.close();
     console.log((await client.get("/x").catch((error) => error)).code);
     process.exit();`,
    server.baseUrl,
  );
  assert.equal(
    stdout,
    "DeployError INTERNAL true true\nDeployError INTERNAL true true\nWAIT_TIMEOUT 2\nCLOSED\n",
  );
});

test("the cause of an internal error names the panic and its location", async (t) => {
  const server = await scripted(t, hang);
  const { stdout } = await script(
    // No known input makes it panic. Overwrite one word of the client after another with the mark of a borrowed cell, until
    // it is the cell that holds the engine.
    `const { Instance } = WebAssembly;
     let words, client, given;
     WebAssembly.Instance = function (...args) {
       const { exports } = new Instance(...args);
       const memory = Object.values(exports).find((it) => it instanceof WebAssembly.Memory);
       words = () => new Int32Array(memory.buffer);
       const watched = (entry) => (...args) => { given = args[0]; return entry(...args); };
       return { exports: Object.fromEntries(Object.entries(exports).map(
         ([name, it]) => [name, typeof it === "function" ? watched(it) : it],
       )) };
     };
     const stats = () => { try { return void client.stats; } catch (error) { return error; } };
     // Where the client has its pointers, and the offset of the cell behind one of them.
     const search = () => {
       for (let at = 0; at < 8; at++) {
         for (let behind = 0; behind < 400; behind++) {
           client = new DeployClient({ baseUrl });
           stats();
           const target = words()[given / 4 + at];
           if (target % 4 || target <= 0 || target / 4 + behind >= words().length) break;
           if (words()[target / 4 + behind] !== 0) continue;
           words()[target / 4 + behind] = -1;
           const error = stats();
           if (/borrowed/.test(error?.cause)) return error;
           if (!error) words()[target / 4 + behind] = 0;
         }
       }
     };
     const error = search();
     console.log(error?.code, error?.cause.message ?? error?.cause);
     process.exit();`,
    server.baseUrl,
  );
  assert.match(stdout, /^INTERNAL panicked at src\/runtime\/driver\.rs:\d+:\d+:\n.*already.* borrowed/);
});

test("the engine forgets dropped handles", async (t) => {
  const server = await scripted(t, record("success"));
  const { stdout } = await script(
    `const { Instance } = WebAssembly;
     let memory;
     WebAssembly.Instance = function (...args) { const made = new Instance(...args); memory = Object.values(made.exports).find((it) => it instanceof WebAssembly.Memory); return made; };
     const client = new DeployClient({ baseUrl });
     const use = async (count) => {
       for (let at = 0; at < count; at++) {
         client.job("j".repeat(500) + at);
         if (at % 1000 === 0) { gc(); await new Promise((resolve) => setTimeout(resolve, 1)); }
       }
     };
     await use(5_000);
     const before = memory.buffer.byteLength;
     await use(20_000);
     console.log(memory.buffer.byteLength <= before * 1.5);`,
    server.baseUrl,
  );
  assert.equal(stdout, "true\n");
});

test("a client without references stays alive while a wait is pending", async (t) => {
  // In the pause between two polls, no request holds the client.
  const pause = { status: 503, headers: { "retry-after": "1" } };
  const server = await scripted(t, accepted(), pause, record("success"));
  const { stdout } = await script(
    `const call = new DeployClient({ baseUrl }).post("/x");
     const collecting = setInterval(gc, 20);
     const { job } = await call;
     clearInterval(collecting);
     console.log(job.state);`,
    server.baseUrl,
  );
  assert.equal(stdout, "success\n");
});

test("a process that was stopped past its deadline polls once more before the timeout", async (t) => {
  for (const [state, told] of [
    ["success", "success"],
    ["running", "WAIT_TIMEOUT"],
  ]) {
    const server = await scripted(t, record("running"), hang, record(state, "later"));
    const source = `import { DeployClient } from "ontap-select-deploy";
      const client = new DeployClient({ baseUrl: ${JSON.stringify(server.baseUrl)} });
      const end = await client.job("j").result({ timeout: 3_000 }).then((job) => job.state, (error) => error.code);
      console.log(end);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", source]);
    t.after(() => child.kill("SIGKILL"));
    await server.received(2);
    child.kill("SIGSTOP");
    // The client detects a sleep five seconds after the next timer, which is the deadline.
    await pause(9_000);
    child.kill("SIGCONT");
    const [said] = await once(child.stdout, "data");
    assert.equal(String(said), `${told}\n`);
    assert.ok(server.requests.length > 2, "it has polled");
  }
});

test("A20: data that arrived during a blocked event loop takes precedence over each deadline", async (t) => {
  const late = (answer) => (_, response) =>
    setTimeout(() => {
      response.writeHead(answer.status ?? 200);
      response.end(JSON.stringify(answer.body));
    }, 1_500);
  const head = `const stand = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
    const client = new DeployClient({ baseUrl, requestTimeout: 1_000 });`;
  for (const [answers, source, told] of [
    // The response to the long poll arrives half a second after the loop stopped.
    [
      [record("running"), late(record("success"))],
      `const end = client.job("j").result({ timeout: 3_000 });
       while (client.stats.polls < 2) await new Promise((resolve) => setTimeout(resolve, 10));
       setTimeout(stand, 1_000, 4_500);
       console.log((await end.catch((error) => error)).state);`,
      "success",
    ],
    [
      [late({ body: {} })],
      `const end = client.post("/x", {});
       setTimeout(stand, 600, 3_000);
       console.log((await end.catch((error) => error)).status);`,
      "200",
    ],
  ]) {
    const server = await scripted(t, ...answers);
    const { stdout } = await script(`${head}\n${source}`, server.baseUrl);
    assert.equal(stdout, `${told}\n`);
  }
});
