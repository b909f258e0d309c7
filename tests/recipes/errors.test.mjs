// Checks what docs/errors.md says about each error.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { credential } from "../node/deploy.mjs";
import { deployFor, folder, hosts } from "./recipe.mjs";

// The example's package, so that the error classes are the same.
const { DeployClient } = await import(join(folder, "node_modules/ontap-select-deploy/dist/esm/node.js"));
const { outcomeOf } = await import(join(folder, "outcome.mjs"));

const post = { method: "POST" };
const polls = { path: "/jobs/*" };
const status = (code) => ({ kind: "status", status: code });
const none = { error: { code: 4, message: "none" } };
const gone = { match: polls, skip: 1, action: { ...status(404), body: none } };

const cases = [
  ["a job that fails", {}, "JOB_FAILED", "failed", { name: "unreachable-1" }],
  ["a timeout with a job", {}, "WAIT_TIMEOUT", "unknown", { stepMs: 60_000, wait: { timeout: 500 } }],
  // A long step, so that the first poll sees the job running even on a busy machine.
  ["a job that is no longer known", gone, "JOB_GONE", "unknown", { stepMs: 500 }],
  ["a 202 without a job", {}, "NOT_TRACKABLE", "unknown", { accept: { job: "empty" } }],
  ["a wrong password", { match: post, action: status(401) }, "AUTH", "refused"],
  ["a conflict", { match: post, action: status(409) }, "HTTP", "refused"],
  ["a VM that limits requests", { match: post, action: status(429) }, "HTTP", "refused"],
  ["a VM without space", { match: post, action: status(507) }, "HTTP", "unknown"],
  ["a gateway timeout", { match: post, action: status(504) }, "HTTP", "unknown"],
  ["a password that is rejected during the job", { match: polls, action: status(401) }, "AUTH", "unknown"],
  ["a server that stays busy", { match: polls, action: status(503) }, "HTTP", "unknown"],
  ["a login page in front", { match: post, action: { kind: "html" } }, "PROTOCOL", "unknown"],
  ["a call whose response is lost", { match: post, action: { kind: "reset" } }, "TRANSPORT", "unknown"],
];

for (const [what, rule, code, outcome, { name = "esx-1", wait, ...config } = {}] of cases) {
  test(`${what}: ${code}, ${outcome}`, async (t) => {
    const rules = rule.action ? [rule] : [];
    const { baseUrl } = await deployFor(t, { rules, ...config });
    const retry = { maxAttempts: 2, initialDelay: 1 };
    const deploy = new DeployClient({ baseUrl, auth: credential, retry });
    t.after(() => deploy.close());
    const error = await deploy.post("/hosts", hosts(name), wait).catch((error) => error);
    assert.equal(error.code, code, error.message);
    assert.equal(outcomeOf(error), outcome);
    assert.equal(error.outcome, outcome);
  });
}

test("a host that was not added stays registered until it is deleted", async (t) => {
  const { client } = await deployFor(t);
  const deploy = client();
  const add = () => deploy.post("/hosts", hosts("unreachable-1")).catch((error) => error);
  assert.equal((await add()).code, "JOB_FAILED");
  const { id, status } = await deploy.find("/hosts", { name: "unreachable-1", fields: "status" });
  assert.match(status, /fail|error/);
  assert.equal((await add()).status, 400);
  await deploy.delete("/hosts/{id}", { params: { id } });
  assert.equal((await add()).code, "JOB_FAILED");
});

test("an unknown outcome after a timeout or the last retry can be found out later", async (t) => {
  // Long enough for the response on a busy machine, and too short for the job.
  const { baseUrl, simulator } = await deployFor(t, { stepMs: 1_000 });
  const deploy = new DeployClient({ baseUrl, auth: credential, retry: false });
  t.after(() => deploy.close());
  const late = await deploy.post("/hosts", hosts("esx-1"), { timeout: 1_000 }).catch((error) => error);
  assert.equal(late.code, "WAIT_TIMEOUT");
  assert.equal((await deploy.resume(late.token).result()).state, "success");

  simulator.addRule({ match: polls, action: status(503) });
  const busy = await deploy.post("/hosts", hosts("esx-2")).catch((error) => error);
  assert.equal(busy.code, "HTTP");
  simulator.clearRules();
  assert.equal((await deploy.job(busy.job.id).result()).state, "success");

  simulator.addRule({ match: post, action: { kind: "hang" } });
  const unanswered = await deploy.post("/hosts", hosts("esx-3"), { timeout: 100 }).catch((error) => error);
  assert.equal(unanswered.code, "WAIT_TIMEOUT");
  assert.equal(unanswered.token, undefined, "no response, so no token");
});

test("a wrong path is a TypeError, a wrong timeout a RangeError, and nothing is sent", async (t) => {
  const { baseUrl, simulator } = await deployFor(t);
  const deploy = new DeployClient({ baseUrl, auth: credential });
  await assert.rejects(deploy.get("../elsewhere"), TypeError);
  await assert.rejects(deploy.get("/hosts", { timeout: -1 }), RangeError);
  assert.equal(simulator.log().length, 0);
});

test("a closed client rejects with CLOSED, a token from another server throws BAD_TOKEN", async (t) => {
  const { baseUrl } = await deployFor(t, { stepMs: 60_000 });
  const deploy = new DeployClient({ baseUrl, auth: credential });
  const handle = await deploy.submit("POST", "/hosts", { body: hosts("esx-1") });
  const token = handle.serialize();
  const waiting = assert.rejects(handle.result(), { code: "CLOSED" });
  deploy.close();
  await waiting;
  const other = new DeployClient({ baseUrl: "https://other.example.com/api" });
  assert.throws(() => other.resume(token), { code: "BAD_TOKEN" });
});
