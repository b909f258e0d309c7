import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError, HttpError, JobFailedError, WaitTimeoutError } from "ontap-select-deploy";
import { describedCluster, host } from "../lib/described.mjs";
import { credential, deployFor } from "./deploy.mjs";
import { rejection } from "./scripted.mjs";

test("a call resolves when its job succeeds, and reports progress", async (t) => {
  const { client, simulator } = await deployFor(t, { stepMs: 200 });
  const seen = [];
  const { status, job } = await client().post("/hosts", host("esx-1"), { onProgress: (it) => seen.push(it) });
  assert.equal(status, 202);
  assert.equal(job.state, "success");
  assert.equal(seen[0].state, "queued");
  assert.equal(seen.at(-1), job);
  assert.ok(seen.length > 2);
  assert.equal(new Set(seen.map((it) => it.lastModified)).size, seen.length);
  const { received, maxOpenPolls, longPolls, standardPolls } = simulator.counters();
  assert.deepEqual([received["POST /hosts"], maxOpenPolls, standardPolls], [1, 1, 0]);
  assert.ok(longPolls <= seen.length);
});

test("a cluster is created and deployed", async (t) => {
  const { client } = await deployFor(t);
  const deploy = client();
  const { created, path } = await describedCluster(deploy, "c1");
  assert.equal(created.status, 201);
  assert.equal(created.job, undefined);
  assert.equal(new URL(created.location).pathname, `/api${path}`);
  const { job } = await deploy.post(`${path}/deploy`, { ontap_credential: { password: "x" } });
  assert.equal(job.state, "success");
  const { body } = await deploy.get("/clusters", { query: { name: "c1", fields: "*" } });
  assert.equal(body.num_records, 1);
});

test("a call rejects when its job fails, with the job's message", async (t) => {
  const { client } = await deployFor(t);
  const error = await rejection(client().post("/hosts", host("unreachable-1")));
  assert.ok(error instanceof JobFailedError);
  assert.equal(error.job.state, "failure");
  assert.equal(error.message, error.job.message);
  assert.match(error.message, /reach/);
});

for (const name of ["silent-1", "mute-1"]) {
  test(`a job that fails without a message rejects (${name})`, async (t) => {
    const { client } = await deployFor(t);
    const error = await rejection(client().post("/hosts", host(name)));
    assert.ok(error instanceof JobFailedError);
    assert.match(error.message, /gave no message/);
  });
}

test("twenty waiters on one job share one poll, whichever method created their handles", async (t) => {
  const { client, simulator } = await deployFor(t);
  const deploy = client();
  const handle = await deploy.submit("POST", "/hosts", { body: host("esx-1") });
  assert.equal(handle.response.status, 202);
  assert.equal(handle.latest.state, "queued");
  const waits = Array.from({ length: 20 }, (_, at) => (at % 2 ? handle : deploy.job(handle.id)).result());
  const ends = await Promise.all(waits);
  for (const end of ends) assert.equal(end, handle.latest);
  assert.equal(simulator.counters().jobs[handle.id].maxOpenPolls, 1);
  assert.equal(await handle.result(), handle.latest);
  assert.equal(await handle.poll(), handle.latest);
});

test("result() of a failed job rejects the same way every time", async (t) => {
  const { client, simulator } = await deployFor(t);
  const handle = await client().submit("POST", "/hosts", { body: host("unreachable-1") });
  const first = await rejection(handle.result());
  const { requests } = simulator.counters();
  const second = await rejection(handle.result());
  assert.ok(second instanceof JobFailedError);
  assert.equal(second.message, first.message);
  assert.equal(simulator.counters().requests, requests);
  assert.equal((await handle.poll()).state, "failure");
  assert.equal(simulator.counters().requests, requests + 1);
});

test("updates() yields every change and throws the error of result()", async (t) => {
  const { client } = await deployFor(t, { stepMs: 200 });
  const deploy = client();
  const good = await deploy.submit("POST", "/hosts", { body: host("esx-1") });
  const states = [];
  for await (const job of good.updates()) states.push(job.state);
  assert.equal(states.at(-1), "success");
  assert.ok(states.length > 2);
  const bad = await deploy.submit("POST", "/hosts", { body: host("unreachable-1") });
  const seen = [];
  const error = await rejection(
    (async () => {
      for await (const job of bad) seen.push(job.state);
    })(),
  );
  assert.ok(error instanceof JobFailedError);
  assert.equal(seen.at(-1), "failure");
});

test("a timeout ends the wait but not the job, which can be resumed", async (t) => {
  const { client, simulator } = await deployFor(t, { stepMs: 150 });
  const deploy = client();
  const handle = await deploy.submit("POST", "/hosts", { body: host("esx-1") });
  const error = await rejection(handle.result({ timeout: 100 }));
  assert.ok(error instanceof WaitTimeoutError);
  assert.equal(error.job, handle.latest);
  assert.equal(deploy.stats.waits, 0);
  assert.equal(simulator.counters().openPolls, 0);
  assert.equal((await handle.result()).state, "success");
});

test("the client's timeout is the default of every wait", async (t) => {
  const { client } = await deployFor(t, { stepMs: 5_000 });
  const error = await rejection(client({ timeout: 60 }).post("/hosts", host("esx-1")));
  assert.ok(error instanceof WaitTimeoutError);
});

test("poll() polls once, in addition to the shared poll", async (t) => {
  const { client, simulator } = await deployFor(t, { stepMs: 5_000 });
  const deploy = client();
  const handle = await deploy.submit("POST", "/hosts", { body: host("esx-1") });
  const wait = handle.result();
  wait.catch(() => {});
  const snapshot = await handle.poll();
  assert.equal(snapshot.state, "queued");
  const counters = simulator.counters();
  assert.deepEqual([counters.standardPolls, counters.longPolls], [1, 1]);
  deploy.close();
});

test("job() needs only the job's id", async (t) => {
  const { client, simulator } = await deployFor(t, { jobId: "awkward" });
  const { id } = await client().submit("POST", "/hosts", { body: host("esx-1") });
  assert.match(id, /[/ %]/);
  const handle = client().job(id);
  assert.equal(handle.latest, undefined);
  const end = await handle.result();
  assert.deepEqual([end.id, end.state, end.raw.state], [id, "success", "success"]);
  assert.ok(Object.isFrozen(end) && Object.isFrozen(end.raw));
  assert.ok(simulator.counters().standardPolls >= 1, "the first poll has no cursor");
  const missing = await rejection(client().job("no such job").result());
  assert.ok(missing instanceof HttpError);
  assert.equal(missing.status, 404);
});

test("a 200 with a running job is followed, and one with a finished job settles", async (t) => {
  const followed = await deployFor(t, { accept: { status: 200 } });
  assert.equal((await followed.client().post("/hosts", host("esx-1"))).job.state, "success");
  const done = await deployFor(t, { accept: { done: true } });
  assert.equal((await done.client().post("/hosts", host("esx-1"))).job.state, "success");
  assert.ok((await rejection(done.client().post("/hosts", host("unreachable-1")))) instanceof JobFailedError);
  assert.equal(done.simulator.counters().longPolls + done.simulator.counters().standardPolls, 0);
});

test("states in upper case and unknown states are read correctly", async (t) => {
  const { client } = await deployFor(t, { upperCase: true, extraState: "PAUSED" });
  const states = [];
  const { job } = await client().post("/hosts", host("esx-1"), { onProgress: (it) => states.push(it.state) });
  assert.equal(job.state, "success");
  assert.ok(states.includes("paused"));
});

test("an error of onProgress does not affect the wait", async (t) => {
  const { client } = await deployFor(t);
  for (const onProgress of [
    () => {
      throw new Error("mine");
    },
    () => Promise.reject(new Error("mine")),
  ]) {
    const name = `esx-${Math.random()}`;
    assert.equal((await client().post("/hosts", host(name), { onProgress })).job.state, "success");
  }
});

test("auth: a user name and a password, a bearer token, a function, or none", async (t) => {
  const { client } = await deployFor(t, { bearer: "token-1" });
  await client({ auth: credential }).get("/deploy");
  await client({ auth: { bearer: "token-1" } }).get("/deploy");
  await client({ auth: async () => "Bearer token-1" }).get("/deploy");
  for (const auth of [
    undefined,
    { ...credential, password: "wrong" },
    { bearer: "wrong" },
    () => undefined,
  ]) {
    const error = await rejection(client({ auth }).get("/deploy"));
    assert.ok(error instanceof AuthError && error instanceof HttpError);
    assert.equal(error.status, 401);
  }
});

test("auth: user names and passwords outside Latin-1 are sent as UTF-8", async (t) => {
  const beyond = { username: "jürgen", password: "пароль🔑:" };
  const { client } = await deployFor(t, beyond);
  await client({ auth: beyond }).get("/deploy");
});

test("auth: a credential that expires during jobs is renewed once for all of them", async (t) => {
  const { client, simulator } = await deployFor(t, { stepMs: 60, bearer: "old" });
  let current = "old";
  const asked = [];
  const auth = async (context) => {
    asked.push(context);
    if (context.status === 401) current = "new";
    return `Bearer ${current}`;
  };
  const deploy = client({ auth });
  const jobs = await Promise.all(
    [1, 2, 3].map((at) => deploy.submit("POST", "/hosts", { body: host(`esx-${at}`) })),
  );
  const waits = jobs.map((job) => job.result());
  simulator.setCredentials({ ...credential, bearer: "new" });
  for (const end of await Promise.all(waits)) assert.equal(end.state, "success");
  assert.equal(asked.filter((context) => context.status === 401).length, 1);
  assert.ok(
    asked.every((context) => context.method && context.path.startsWith("/") && !context.path.includes("?")),
  );
});

test("auth: a mutating call that got a 401 is sent once more, with a fresh credential", async (t) => {
  const { client, simulator } = await deployFor(t, { bearer: "new" });
  const auth = ({ status }) => (status === 401 ? "Bearer new" : "Bearer old");
  assert.equal((await client({ auth }).post("/hosts", host("esx-1"))).job.state, "success");
  assert.equal(simulator.log().filter((entry) => entry.method === "POST").length, 2);
  const refused = await rejection(client({ auth: () => "Bearer older" }).post("/hosts", host("esx-2")));
  assert.ok(refused instanceof AuthError);
  assert.equal(simulator.log().filter((entry) => entry.method === "POST").length, 4);
});

test("polls have the same form as in NetApp's sample", async (t) => {
  const { client, simulator } = await deployFor(t, { stamp: "offset" });
  await client({ pollTimeout: 45_999 }).post("/hosts", host("esx-1"));
  const polls = simulator.log().filter((entry) => entry.poll === "long");
  for (const { target } of polls) {
    assert.match(
      target,
      /^\/api\/jobs\/[^/?]+\?fields=state,message,last_modified&poll_timeout=45&last_modified=%3E=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*%2B00:00$/,
    );
  }
});
