// The advice in a workflow's error: what changed, what to correct, and what the next run does.

import assert from "node:assert/strict";
import test from "node:test";
import { addLicense, backup, createCluster, deleteCluster, resizeNodes } from "ontap-select-deploy/workflows";
import { planOf } from "./plans.mjs";
import { stageFor } from "./stage.mjs";

const SECRET = "pw-ontap-secret";
const single = () => planOf({ count: 1, site: "vcenter" });

/** The advice of a run, after a rule for the simulator. */
async function adviceOf(t, start, { rule, options } = {}) {
  const { client, simulator, failure } = stageFor(t);
  if (rule) simulator.addRule({ name: "a fault", ...rule });
  const error = await failure(start(client(options)));
  return error.workflow.advice;
}

const refusal = (match, status) => {
  const body = { error: { code: 1, message: "No." } };
  return { match, action: { kind: "status", status, body } };
};

test("refused before any change: nothing was changed, and what to correct", async (t) => {
  const auth = { username: "admin", password: "wrong" };
  const create = (client) => createCluster(client, single());
  assert.equal(
    await adviceOf(t, create, { options: { auth } }),
    "Nothing was changed. Correct the credential, then run it again.",
  );
  assert.equal(
    await adviceOf(t, create, { rule: refusal({ method: "POST" }, 400) }),
    "Nothing was changed. Correct the plan, then run it again.",
  );
  assert.equal(
    await adviceOf(t, (client) => resizeNodes(client, "nope", "medium", SECRET)),
    "Nothing was changed. Correct what the message names, then run it again.",
  );
  assert.equal(
    await adviceOf(t, (client) => backup(client, SECRET), { rule: refusal({ method: "POST" }, 403) }),
    "Nothing was changed. Use a login with the required rights, then run it again.",
  );
  const file = new Blob([JSON.stringify({ statusResp: { serialNumber: "320000009" } })]);
  assert.match(
    await adviceOf(t, (client) => addLicense(client, file), { rule: refusal({ method: "POST" }, 400) }),
    /^Nothing was changed\. Correct the license file/,
  );
});

test("a wrong fingerprint: compare it before the next run", async (t) => {
  const reason = Object.assign(new Error("the fingerprint differs"), {
    code: "ERR_TLS_CERT_FINGERPRINT_MISMATCH",
  });
  const fetch = async () => {
    throw new TypeError("fetch failed", { cause: reason });
  };
  const advice = await adviceOf(t, (client) => createCluster(client, single()), { options: { fetch } });
  assert.match(advice, /^Nothing was changed\. Compare the certificate's fingerprint/);
});

test("refused after a change: the steps before it stay", async (t) => {
  const rule = refusal({ method: "POST", path: "/clusters/*/deploy" }, 403);
  const advice = await adviceOf(t, (client) => createCluster(client, single()), { rule });
  assert.match(advice, /^The steps before it stay\. Use a login .*, then run it again\.$/);
});

test("an interrupted deletion: the next run waits for the job", async (t) => {
  const { client, run, failure } = stageFor(t, { config: { stepMs: 60_000 } });
  await run(createCluster(client(), single()));
  const error = await failure(deleteCluster(client(), "prod", { timeout: 10_000 }));
  assert.equal(error.code, "WAIT_TIMEOUT");
  assert.equal(
    error.workflow.advice,
    "A running job continues on Deploy. Run it again: it waits for a running job and deletes what is left.",
  );
});

test("a dry run says that it changed nothing, and what to correct", async (t) => {
  const options = { auth: { username: "admin", password: "wrong" } };
  const dry = (client) => createCluster(client, single(), { dryRun: true });
  assert.equal(
    await adviceOf(t, dry, { options }),
    "This was a dry run. Nothing was changed. Correct the credential, then run it again.",
  );
});

test("a refused deploy: where to see what is running", async (t) => {
  const rule = refusal({ method: "POST", path: "/clusters/*/deploy" }, 409);
  assert.equal(
    await adviceOf(t, (client) => createCluster(client, single()), { rule }),
    "The steps before it stay. Correct the cause, then run it again. GET /events lists what is running.",
  );
});
