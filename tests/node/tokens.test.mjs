import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { BadTokenError, DeployClient, NotTrackableError, WaitTimeoutError } from "ontap-select-deploy";
import { host } from "../lib/described.mjs";
import { deployFor } from "./deploy.mjs";
import { accepted, hang, record, rejection, scripted } from "./scripted.mjs";

test("another client continues with the cursor of the first one", async (t) => {
  const deploy = await deployFor(t);
  const first = deploy.client();
  const handle = await first.submit("POST", "/hosts", { body: host("esx-1") });
  const token = handle.serialize();
  first.close();
  const resumed = deploy.client().resume(token);
  assert.equal(resumed.id, handle.id);
  assert.equal(resumed.latest, undefined);
  assert.equal((await resumed.result()).state, "success");
  const [, poll] = deploy.simulator.log();
  assert.equal(poll.poll, "long");
  assert.ok(poll.target.endsWith(`%3E=${handle.latest.lastModified}`));
  assert.deepEqual(deploy.simulator.counters().received, { "POST /hosts": 1 });
});

test("serialize() works in every state, also on a closed client, and resume() sends nothing", async (t) => {
  const server = await scripted(t, { body: { record: { id: "a/b:c%", state: "success" } } });
  const client = server.client();
  const handle = client.job("a/b:c%");
  assert.equal(client.resume(handle.serialize()).id, "a/b:c%");
  const token = handle.serialize();
  client.close();
  assert.equal(handle.serialize(), token);
  assert.equal(server.requests.length, 0);
  assert.equal((await server.client().resume(token).result()).state, "success");
});

test("a resumed finished job is polled once", async (t) => {
  const server = await scripted(t, accepted(), record("success"));
  const handle = await server.client().submit("POST", "/x");
  await handle.result();
  const resumed = server.client().resume(handle.serialize());
  assert.equal((await resumed.result()).state, "success");
  assert.equal(server.requests.length, 3);
  assert.ok(!server.requests[2].url.includes("poll_timeout"));
});

test("a WaitTimeoutError has a token, which logs do not show", async (t) => {
  const server = await scripted(t, accepted(), hang);
  const client = server.client();
  // Long enough for the 202 on a busy machine.
  const error = await rejection(client.post("/x", {}, { timeout: 2_000 }));
  assert.ok(error instanceof WaitTimeoutError);
  assert.equal(client.resume(error.token).id, "j");
  for (const shown of [JSON.stringify(error), inspect(error), JSON.stringify(Object.entries(error))]) {
    assert.ok(!shown.includes("osd1"), shown);
  }
  const unanswered = await rejection((await scripted(t, hang)).client().post("/x", {}, { timeout: 50 }));
  assert.ok(unanswered instanceof WaitTimeoutError);
  assert.equal(unanswered.token, undefined);
});

test("a corrupted token or one of another server throws, and no job is created", () => {
  const baseUrl = "https://deploy.example.com/api";
  const client = new DeployClient({ baseUrl });
  const token = client.job("j").serialize();
  for (const bad of ["", "x", token.slice(0, -1), `${token}0`, token.replace(":j:", ":k:"), "osd1:::::"]) {
    assert.throws(() => client.resume(bad), {
      name: "BadTokenError",
      code: "BAD_TOKEN",
      message: /^token: /,
    });
  }
  for (const other of ["https://deploy.example.com/api/v3", "https://other.example.com/api"]) {
    const foreign = new DeployClient({ baseUrl: other });
    assert.throws(() => foreign.resume(token), BadTokenError);
  }
  // A trailing slash does not make another server.
  assert.equal(new DeployClient({ baseUrl: `${baseUrl}/` }).resume(token).id, "j");
  for (const none of [undefined, null, 1, {}]) {
    assert.throws(() => client.resume(none), {
      name: "TypeError",
      message: "token: expected a token, as a string",
    });
  }
});

test("a handle for a synchronous response has no token", async (t) => {
  const server = await scripted(t, { status: 201, body: {} });
  const handle = await server.client().submit("POST", "/x");
  assert.throws(
    () => handle.serialize(),
    (error) => error instanceof NotTrackableError && error.status === 201,
  );
  await assert.rejects(handle.poll(), NotTrackableError);
});
