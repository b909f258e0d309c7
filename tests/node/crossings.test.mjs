// Counts the engine's calls into JavaScript. Unlike times, these counts do not depend on the machine, so only a change of
// the code can raise them.

import assert from "node:assert/strict";
import { test } from "node:test";

/** The highest number of imports that the engine calls per request. Raise one only with a reason in docs/size.md's commit. */
const LIMITS = { poll: 23, pollWithProgress: 25, call: 44 };

let calls = 0;

// Before the package loads its module, so that the instance gets counting imports.
const { Instance } = WebAssembly;
WebAssembly.Instance = function counted(module, imports) {
  const wrapped = Object.entries(imports).map(([name, functions]) => [
    name,
    Object.fromEntries(Object.entries(functions).map(([key, value]) => [key, counting(value)])),
  ]);
  return new Instance(module, Object.fromEntries(wrapped));
};

function counting(value) {
  if (typeof value !== "function") return value;
  return (...args) => {
    calls += 1;
    return value(...args);
  };
}

const { DeployClient } = await import("ontap-select-deploy");

/** The number of imports called for a job that ends after this many polls. */
async function callsOf(polls, options) {
  let polled = 0;
  const fetch = async (_, { method = "GET" }) => {
    if (method === "POST") return Response.json({ job: { id: "j", state: "running" } }, { status: 202 });
    polled += 1;
    const record = {
      id: "j",
      state: polled < polls ? "running" : "success",
      message: `step ${polled}`,
      last_modified: `2026-01-01T00:00:${10 + polled}.000Z`,
    };
    return Response.json({ record });
  };
  const deploy = new DeployClient({ baseUrl: "http://127.0.0.1/api", auth: { bearer: "t" }, fetch });
  const before = calls;
  await deploy.post("/hosts", { hosts: [] }, options);
  const count = calls - before;
  deploy.close();
  assert.equal(polled, polls);
  return count;
}

for (const [name, limit, options] of [
  ["a poll", LIMITS.poll, {}],
  ["a poll with onProgress", LIMITS.pollWithProgress, { onProgress() {} }],
]) {
  test(`${name} calls at most ${limit} imports of the engine`, async () => {
    await callsOf(20, options);
    const each = ((await callsOf(40, options)) - (await callsOf(20, options))) / 20;
    console.log(`${name}: ${each}`);
    assert.ok(each > 0 && each <= limit, `${each} imports, at most ${limit} are allowed`);
  });
}

test(`a call calls at most ${LIMITS.call} imports of the engine`, async () => {
  const [one, many] = [await callsOf(1, {}), await callsOf(21, {})];
  const call = one - (many - one) / 20;
  console.log(`a call: ${call}`);
  assert.ok(call > 0 && call <= LIMITS.call, `${call} imports, at most ${LIMITS.call} are allowed`);
});
