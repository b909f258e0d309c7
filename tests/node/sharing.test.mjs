// Environments that deny locks or channels, and which clients share a poller.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a script in its own process, with mocks of a page's globals. */
async function script(source) {
  const head = `
    globalThis.names = [];
    const Channel = globalThis.BroadcastChannel = class { constructor(name) { names.push(name); } postMessage() {} close() {} };
    const locks = { request: (name, options, lead) => new Promise(() => {}) };
    Object.defineProperty(globalThis, "navigator", { value: { locks, onLine: true }, configurable: true });
    const { DeployClient } = await import("ontap-select-deploy");
    const baseUrl = "https://deploy.example.com/api";
    const states = [];
    const fetch = async (_, { method }) => method === "POST"
      ? Response.json({ job: { id: "j", state: "queued" } }, { status: 202 })
      : Response.json({ record: { id: "j", state: states.shift() ?? "success", last_modified: "1" } });
    const auth = { username: "admin", password: "x" };
    const refuse = () => { throw new DOMException("The operation is insecure.", "SecurityError"); };`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", `${head}\n${source}`], {
    timeout: 20_000,
  });
  return stdout.trim();
}

for (const [what, lines] of Object.entries({
  "the channel is denied": "globalThis.BroadcastChannel = class { constructor() { refuse(); } };",
  "the lock is denied at once": "locks.request = refuse;",
  "the lock is denied later": "locks.request = async () => refuse();",
  "the lock is stolen": "locks.request = async (name, options, lead) => { lead(); await null; refuse(); };",
  "no message can be sent": "Channel.prototype.postMessage = refuse;",
  "close() throws":
    "locks.request = async () => refuse(); Channel.prototype.close = refuse; AbortController.prototype.abort = ((abort) => function () { abort.call(this); refuse(); })(AbortController.prototype.abort);",
})) {
  test(`b2: if ${what}, the client polls alone, reports that once, and affects no other client`, async () => {
    const said = await script(`${lines}
      const events = [];
      const client = new DeployClient({ baseUrl, auth, fetch, share: "origin", onEvent: ({ type }) => events.push(type) });
      const other = new DeployClient({ baseUrl, fetch });
      const elsewhere = other.job("j").result();
      const start = performance.now();
      const ends = [];
      for (let at = 0; at < 3; at++) ends.push((await client.post("/x", {})).job.state);
      ends.push((await elsewhere).state);
      const took = performance.now() - start;
      console.log(ends.join(), events.filter((type) => type === "not-shared").length, took < 1_900);
      process.exit();`);
    assert.equal(said, "success,success,success,success 1 true");
  });
}

test("b4: clients share a poller only if everything that identifies the owner is equal", async () => {
  const said = await script(`
    const events = [];
    const open = async (options) => {
      names.length = 0;
      const client = new DeployClient({ baseUrl, auth, fetch, share: "origin", onEvent: ({ type }) => events.push(type), ...options });
      const wait = client.job("j").result().catch(() => {});
      client.close();
      await wait;
      return names[0];
    };
    const plain = await open({});
    const same = [
      await open({}),
      await open({ headers: undefined }),
      await open({ headers: { Accept: "application/json" } }),
      await open({ auth: { ...auth, password: "y" } }),
    ];
    const others = [
      await open({ headers: { "x-user": "a" } }),
      await open({ headers: { "x-user": "b" } }),
      await open({ headers: [["x-user", "a"], ["x-b", "c"]] }),
      await open({ credentials: "include" }),
      await open({ auth: undefined }),
      await open({ auth: { ...auth, username: "b" } }),
      await open({ auth: { bearer: "admin" } }),
    ];
    const ordered = [await open({ headers: { a: "1", b: "2" } }), await open({ headers: { B: "2", A: "1" } })];
    const alone = [await open({ headers: () => ({}) }), await open({ auth: () => "Bearer x" })];
    console.log(
      plain !== undefined && same.every((name) => name === plain),
      new Set([plain, ...others]).size,
      ordered[0] === ordered[1],
      alone.every((name) => name === undefined),
      events.filter((type) => type === "not-shared").length,
    );
    process.exit();`);
  assert.equal(said, "true 8 true true 2");
});
