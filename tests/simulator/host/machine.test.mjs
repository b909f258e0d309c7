import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createSimulator } from "./machine.mjs";
import { createVirtualClock } from "./virtual-clock.mjs";

const headers = {
  authorization: `Basic ${btoa("admin:Netapp1!")}`,
  "content-type": "application/json",
};

/** @param {import("node:test").TestContext} t @param {import("./types.d.ts").Config} [config] */
function setUp(t, config) {
  const clock = createVirtualClock();
  const deploy = createSimulator(config, { clock });
  t.after(() => deploy.close());
  return { clock, deploy };
}

/** @param {import("./types.d.ts").Simulator} deploy */
async function startJob(deploy, name = "esx1") {
  const answer = await deploy.fetch("/api/hosts", {
    method: "POST",
    headers,
    body: JSON.stringify({ hosts: [{ name, hypervisor_type: "ESX" }] }),
  });
  assert.equal(answer.status, 202);
  return (await answer.json()).job;
}

/** @param {{ id: string, last_modified: string }} job */
function longPoll(job) {
  return `/api/jobs/${job.id}?poll_timeout=30&last_modified=%3E=${job.last_modified}`;
}

test("a long poll waits until the virtual clock reaches the next step", async (t) => {
  const { clock, deploy } = setUp(t, { stepMs: 1000 });
  const job = await startJob(deploy);
  let record;
  deploy.fetch(longPoll(job), { headers }).then(async (answer) => {
    record = (await answer.json()).record;
  });
  await clock.advance(999);
  assert.equal(record, undefined);
  await clock.advance(1);
  assert.deepEqual(Object.keys(record ?? {}).sort(), ["id", "last_modified", "message", "state"]);
});

test("no timer is set while no request is open", async (t) => {
  const { clock, deploy } = setUp(t);
  const job = await startJob(deploy);
  assert.equal(clock.pending(), 0);
  const gone = new AbortController();
  const poll = deploy.fetch(longPoll(job), { headers, signal: gone.signal });
  await clock.advance(0);
  assert.equal(clock.pending(), 1);
  gone.abort();
  await assert.rejects(poll, { name: "AbortError" });
  assert.equal(clock.pending(), 0);
});

test("an abort rejects with its reason, and the log shows that the client left", async (t) => {
  const { clock, deploy } = setUp(t);
  const job = await startJob(deploy);
  const gone = new AbortController();
  const poll = deploy.fetch(longPoll(job), { headers, signal: gone.signal });
  await clock.advance(0);
  assert.equal(deploy.counters().openPolls, 1);
  const reason = new Error("no longer wanted");
  gone.abort(reason);
  await assert.rejects(poll, reason);
  assert.equal(deploy.counters().openPolls, 0);
  assert.equal(deploy.log().at(-1)?.outcome, "gone");
  await assert.rejects(deploy.fetch("/api/hosts", { headers, signal: gone.signal }), reason);
  assert.equal(deploy.log().length, 2, "a request with an aborted signal is not sent");
});

test("the machine and the log get the raw query", async (t) => {
  const { deploy } = setUp(t, { stamp: "offset" });
  const job = await startJob(deploy);
  const raw = `/api/jobs/${job.id}?poll_timeout=30&last_modified=%3E=${job.last_modified}`;
  assert.equal((await deploy.fetch(raw, { headers })).status, 400, "a raw plus became a space");
  assert.equal(deploy.log().at(-1)?.target, raw);
  assert.equal(deploy.log().at(-1)?.query[1]?.[1], ">=2019-04-04T15:41:29.140265 00:00");
});

test("a broken connection rejects like fetch", async (t) => {
  const { deploy } = setUp(t);
  deploy.addRule({ count: 1, action: { kind: "reset" } });
  await assert.rejects(deploy.fetch("/api/hosts", { headers }), (error) => {
    assert.ok(error instanceof TypeError);
    assert.equal(/** @type {{ code: string }} */ (error.cause).code, "ECONNRESET");
    return true;
  });
  assert.equal((await deploy.fetch("/api/hosts", { headers })).status, 200);
});

test("a body can end early, stall, or arrive in chunks", async (t) => {
  const { clock, deploy } = setUp(t);
  const whole = await (await deploy.fetch("/api/deploy", { headers })).text();

  deploy.addRule({ count: 1, action: { kind: "truncate", after: 5 } });
  const short = await deploy.fetch("/api/deploy", { headers });
  assert.equal(short.status, 200);
  await assert.rejects(short.text(), TypeError);

  deploy.addRule({ count: 1, action: { kind: "stall", after: 5 } });
  const gone = new AbortController();
  const stalled = await deploy.fetch("/api/deploy", { headers, signal: gone.signal });
  const text = stalled.text();
  gone.abort();
  await assert.rejects(text, { name: "AbortError" });

  deploy.addRule({ count: 1, action: { kind: "drip", bytes: 10, everyMs: 100 } });
  const slow = (await deploy.fetch("/api/deploy", { headers })).text();
  await clock.advance(100 * Math.ceil(whole.length / 10));
  assert.equal(await slow, whole);
  assert.equal(clock.pending(), 0);

  deploy.addRule({ count: 1, action: { kind: "drip", bytes: 1, everyMs: 100 } });
  await (await deploy.fetch("/api/deploy", { headers })).body?.cancel();
  await clock.advance(0);
  assert.equal(clock.pending(), 0, "a cancelled reader stops the timer");
});

test("responses without a body work", async (t) => {
  for (const [timedOut, status] of /** @type {const} */ ([
    ["noContent", 204],
    ["notModified", 304],
    ["emptyBody", 200],
  ])) {
    const { clock, deploy } = setUp(t, { timedOut, stepMs: 3_600_000 });
    const job = await startJob(deploy);
    const poll = deploy.fetch(longPoll(job), { headers });
    await clock.advance(30_000);
    const answer = await poll;
    assert.equal(answer.status, status);
    assert.equal(await answer.text(), "");
  }
});

test("a redirect rejects unless the caller handles it manually", async (t) => {
  const { deploy } = setUp(t, {
    rules: [{ action: { kind: "redirect", location: "https://elsewhere.example/" } }],
  });
  const answer = await deploy.fetch("/api/hosts", { headers, redirect: "manual" });
  assert.equal(answer.headers.get("location"), "https://elsewhere.example/");
  await assert.rejects(deploy.fetch("/api/hosts", { headers }), TypeError);
});

test("close ends open requests and rejects new ones", async (t) => {
  const { clock, deploy } = setUp(t);
  const job = await startJob(deploy);
  deploy.addRule({ match: { path: "/deploy" }, action: { kind: "stall", after: 1 } });
  const body = (await deploy.fetch("/api/deploy", { headers })).text();
  const poll = deploy.fetch(longPoll(job), { headers });
  await clock.advance(0);
  deploy.close();
  await assert.rejects(poll, TypeError);
  await assert.rejects(body, TypeError);
  await assert.rejects(deploy.fetch("/api/hosts", { headers }), TypeError);
  assert.equal(clock.pending(), 0);
  assert.equal(deploy.log().length, 3, "the log stays readable");
});

test("credentials can be replaced", async (t) => {
  const { deploy } = setUp(t);
  deploy.setCredentials({ username: "admin", password: "new", bearer: "t0ken" });
  assert.equal((await deploy.fetch("/api/hosts", { headers })).status, 401);
  const bearer = { authorization: "Bearer t0ken" };
  assert.equal((await deploy.fetch("/api/hosts", { headers: bearer })).status, 200);
});

test("an invalid setting or rule gives an error that names it", (t) => {
  const { deploy } = setUp(t, { purgeMs: undefined });
  // @ts-expect-error: an unknown name
  assert.throws(() => createSimulator({ stepMS: 5 }), /stepMS/);
  assert.throws(() => createSimulator({ stepMs: -1 }), /config\.stepMs/);
  assert.throws(() => createSimulator({ maxPollTimeout: 0 }), /maxPollTimeout: expected at least 1/);
  // @ts-expect-error: an unknown kind
  assert.throws(() => deploy.addRule({ action: { kind: "explode" } }), /explode/);
  assert.throws(() => deploy.addRule({ probability: 2, action: { kind: "hang" } }), /probability: expected/);
});

test("a running job does not keep the process alive", async () => {
  const script = `
    import { createSimulator } from ${JSON.stringify(new URL("machine.mjs", import.meta.url).href)};
    const deploy = createSimulator({ stepMs: 3_600_000 });
    const headers = ${JSON.stringify(headers)};
    const answer = await deploy.fetch("/api/hosts", { method: "POST", headers, body: '{"hosts":[{"name":"esx1","hypervisor_type":"ESX"}]}' });
    console.log(answer.status);
  `;
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    cwd,
  });
  assert.equal(stdout.trim(), "202");
});
