// Each unknown of the protocol (docs/protocol.md, U1 to U13) with every possible kind of server. Each test checks the
// outcome and the server's requests.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DeployClient } from "ontap-select-deploy";
import { host } from "../lib/described.mjs";
import { addHost, assertSuccess, longPolls, polls } from "./add-host.mjs";
import { deployFor } from "./deploy.mjs";
import { rejection } from "./scripted.mjs";

describe("U1: a server that responds at once is polled with pauses", { concurrency: true }, () => {
  for (const [what, config] of [
    ["since >= includes the stamp", { inclusive: true }],
    [
      "without a record",
      { rules: [{ match: longPolls, count: 20, action: { kind: "status", status: 200, body: {} } }] },
    ],
    ["with 204", { rules: [{ match: longPolls, count: 20, action: { kind: "status", status: 204 } }] }],
  ]) {
    test(what, async (t) => {
      const run = await addHost(t, { stepMs: 700, ...config });
      assertSuccess(run);
      const seconds = Math.ceil(run.polls.at(-1).at / 1_000);
      const changes = run.events.filter((it) => it.type === "state").length;
      assert.ok(
        run.polls.length <= 4 + 2 * changes + 2 * seconds,
        `${run.polls.length} polls in ${seconds} s`,
      );
      assert.ok(run.events.some((it) => it.type === "hot-loop"));
    });
  }
});

describe("U2: a long poll that timed out means no change", { concurrency: true }, () => {
  for (const timedOut of ["record", "noRecord", "nullRecord", "emptyBody", "noContent", "notModified"]) {
    test(`as ${timedOut}`, async (t) => {
      const run = await addHost(t, { timedOut, stepMs: 1_300, name: "esx" });
      assertSuccess(run);
      assert.ok(run.polls.every((it) => !/None|undefined|null/.test(it.target)));
      assert.equal(run.client.stats.retries, 0);
    });
  }
  for (const body of ["null", { record: {} }, { record: [] }, []]) {
    test(`with the body ${JSON.stringify(body)}`, async (t) => {
      const rules = [{ match: longPolls, count: 3, action: { kind: "status", status: 200, body } }];
      const run = await addHost(t, { rules, stepMs: 300 });
      assertSuccess(run);
      assert.equal(run.client.stats.retries, 0);
    });
  }
});

describe("U3, U4: cursors and fields", { concurrency: true }, () => {
  for (const stamp of ["micros", "offset", "seconds", "constant"]) {
    test(`a cursor such as ${stamp} is sent back unchanged`, async (t) => {
      const run = await addHost(t, { stamp, stepMs: stamp === "constant" ? 400 : 20 });
      assertSuccess(run);
      const first = run.polls.find((it) => it.poll === "long");
      const sent = first.query.find(([name]) => name === "last_modified")[1];
      assert.match(sent, /^>=2019-04-04T15:41:29/);
      if (stamp === "offset") assert.match(first.target, /%2B00:00$/);
    });
  }
  test("a clock that steps back, and one that steps ahead", async (t) => {
    for (const byMs of [-3_600_000, 3_600_000]) {
      assertSuccess(await addHost(t, { stepMs: 300, clockSteps: [{ atMs: 400, byMs }] }));
    }
  });
  test("no cursor in the 202: the client starts with a standard poll", async (t) => {
    const run = await addHost(t, { stepMs: 300, accept: { lastModified: false } });
    assertSuccess(run);
    assert.equal(run.polls[0].poll, "standard");
    assert.equal(run.polls[1].poll, "long");
  });
  test("no cursor at all: the client polls at an interval, without either parameter", async (t) => {
    const rules = [{ match: polls, action: { kind: "edit", remove: ["/record/last_modified"] } }];
    const run = await addHost(t, { accept: { lastModified: false }, rules });
    assertSuccess(run);
    assert.ok(run.polls.every((it) => it.poll === "standard"));
  });
  test("a lower limit for poll_timeout is detected and remembered", async (t) => {
    const run = await addHost(t, { maxPollTimeout: 8, client: { pollTimeout: 30_000 }, stepMs: 1_000 });
    assertSuccess(run);
    const asked = (log) => log.flatMap((it) => it.query).filter(([name]) => name === "poll_timeout");
    assert.deepEqual(
      asked(run.polls)
        .map(([, value]) => value)
        .slice(0, 3),
      ["30", "15", "7"],
    );
    await run.client.post("/hosts", host("esx-2"));
    assert.ok(asked(run.simulator.log().slice(run.log.length)).every(([, value]) => Number(value) <= 8));
  });
  test("a server without long polls is polled at an interval", async (t) => {
    const rules = [{ match: longPolls, action: { kind: "status", status: 400 } }];
    assertSuccess(await addHost(t, { rules }));
  });
  test("fields that a server rejects are omitted, and the working form is remembered", async (t) => {
    for (const query of ["*fields=*,last_modified*", "*fields=*"]) {
      const rules = [{ match: { ...polls, query }, action: { kind: "status", status: 400 } }];
      const run = await addHost(t, { rules });
      assertSuccess(run);
      const before = run.simulator.log().length;
      await run.client.post("/hosts", host("esx-2"));
      const later = run.simulator.log().slice(before);
      assert.ok(later.every((it) => it.rule === null));
    }
  });
  test("a 400 that persists rejects", async (t) => {
    const rules = [
      { match: polls, action: { kind: "status", status: 400, body: { error: { message: "no" } } } },
    ];
    const { outcome, polls: seen } = await addHost(t, { rules });
    assert.deepEqual([outcome.name, outcome.status], ["HttpError", 400]);
    assert.equal(seen.length, 4);
  });
});

describe("U6: states", { concurrency: true }, () => {
  test("upper case, and an unknown state", async (t) => {
    const run = await addHost(t, { stepMs: 300, upperCase: true, extraState: "paused" });
    assertSuccess(run);
    assert.ok(run.events.some((it) => it.state === "paused"));
  });
  for (const state of ["cancelled", "canceled", "EXPIRED", "error", "Failure", "FAILED", "aborted"]) {
    test(`${state} is a failure`, async (t) => {
      const scripts = [{ steps: [{ state: "queued" }, { state, afterMs: 20 }] }];
      const { outcome } = await addHost(t, { scripts });
      assert.equal(outcome.name, "JobFailedError");
      assert.equal(outcome.job.state, state.toLowerCase());
    });
  }
});

describe("U7: unknown jobs", { concurrency: true }, () => {
  test("a job that appears late is waited for", async (t) => {
    const run = await addHost(t, { visibleAfterMs: 400 });
    assertSuccess(run);
    assert.equal(run.polls[0].status, 404);
  });
  test("a job from a 202 that never appears is gone", async (t) => {
    const { outcome, polls: seen } = await addHost(t, { visibleAfterMs: 60_000 });
    assert.equal(outcome.name, "JobGoneError");
    assert.equal(seen.length, 4);
  });
  test("a purged job is gone, with its last state, not failed", async (t) => {
    for (const status of [404, 410]) {
      const body = { error: { code: "4", message: "entry doesn't exist" } };
      const rules = [{ match: polls, skip: 1, action: { kind: "status", status, body } }];
      const { outcome, polls: seen } = await addHost(t, { rules, stepMs: 200 });
      assert.equal(outcome.name, "JobGoneError");
      assert.equal(outcome.job.state, "running");
      assert.match(outcome.message, /unknown/);
      assert.equal(seen.length, 4, "it is polled twice more");
    }
  });
  for (const body of [undefined, "404 page not found", { message: "no Route matched" }]) {
    test(`a proxy's 404 is retried, then rejects with the job: ${JSON.stringify(body)}`, async (t) => {
      const action = { kind: "status", status: 404, body };
      assertSuccess(await addHost(t, { rules: [{ match: polls, skip: 1, count: 4, action }], stepMs: 200 }));
      const { outcome } = await addHost(t, { rules: [{ match: polls, skip: 1, action }], stepMs: 200 });
      assert.deepEqual([outcome.name, outcome.status], ["HttpError", 404]);
      assert.equal(outcome.job.state, "running");
    });
  }
  test("a later success replaces gone", async (t) => {
    const deploy = await deployFor(t, { stepMs: 60_000 });
    const client = deploy.client({ pollTimeout: 1_000 });
    const handle = await client.submit("POST", "/hosts", { body: host("esx-1") });
    await handle.poll();
    const body = { error: { code: "4", message: "entry doesn't exist" } };
    const lost = () =>
      deploy.simulator.addRule({ match: polls, action: { kind: "status", status: 404, body } });
    lost();
    assert.equal((await rejection(handle.result())).name, "JobGoneError");
    const asked = deploy.simulator.log().length;
    assert.equal((await rejection(client.job(handle.id).result())).name, "JobGoneError");
    assert.equal(deploy.simulator.log().length, asked + 1, "a new wait polls once");
    deploy.simulator.clearRules();
    const late = await rejection(handle.result({ timeout: 1_500 }));
    assert.equal(late.name, "WaitTimeoutError");
  });
  test("a finished job settles although the server forgot it", async (t) => {
    const deploy = await deployFor(t, { purgeMs: 1 });
    const handle = await deploy.client().submit("POST", "/hosts", { body: host("esx") });
    assert.ok(
      ["success", "JOB_GONE"].includes(
        await handle.result().then(
          (it) => it.state,
          (it) => it.code,
        ),
      ),
    );
  });
  test("a job that was never seen is an HttpError 404", async (t) => {
    const deploy = await deployFor(t);
    const error = await rejection(deploy.client().job("nowhere").result());
    assert.deepEqual([error.name, error.status], ["HttpError", 404]);
    assert.equal(deploy.simulator.counters().requests, 4);
  });
});

describe("U9: error bodies of every form", { concurrency: true }, () => {
  for (const [body, serverCode, said] of [
    [{ error: { code: 4711, message: "no room" } }, "4711", "no room"],
    [{ error: { code: "E7" } }, "E7", undefined],
    [{ error: "plain" }, undefined, "plain"],
    ["<html>Bad gateway</html>", undefined, undefined],
    [undefined, undefined, undefined],
  ]) {
    test(JSON.stringify(body) ?? "none", async (t) => {
      const rules = [{ action: { kind: "status", status: 409, body, headers: { "request-id": "r-9" } } }];
      const deploy = await deployFor(t, { rules });
      const error = await rejection(deploy.client().post("/hosts", {}));
      assert.deepEqual([error.name, error.status, error.serverCode], ["HttpError", 409, serverCode]);
      assert.equal(error.requestId, "r-9");
      if (said) assert.match(error.message, new RegExp(said));
      assert.equal(
        error.text,
        body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      );
    });
  }
});

describe("U10, U11: unusual accepting responses", { concurrency: true }, () => {
  for (const job of ["noId", "nullJob", "noJob", "null", "empty", "text"]) {
    test(`a 202 with ${job} is accepted but not trackable`, async (t) => {
      const { outcome, log } = await addHost(t, { accept: { job } });
      assert.deepEqual([outcome.name, outcome.status], ["NotTrackableError", 202]);
      assert.ok(outcome.requestId);
      assert.equal(log.length, 1);
    });
  }
  for (const status of [200, 201, 202]) {
    test(`a ${status} with a job is followed, and a finished job settles without a poll`, async (t) => {
      const open = await addHost(t, { accept: { status } });
      assertSuccess(open);
      assert.equal(open.outcome.status, status);
      assert.ok(open.polls.length > 0);
      const over = await addHost(t, { accept: { status, done: true } });
      assertSuccess(over);
      assert.equal(over.polls.length, 0);
      const failed = await addHost(t, { accept: { status, done: true }, name: "unreachable" });
      assert.equal(failed.outcome.name, "JobFailedError");
      assert.equal(failed.polls.length, 0);
    });
  }
  test("a job without a state in the 202", async (t) => {
    assertSuccess(await addHost(t, { accept: { state: false } }));
  });
  for (const jobId of ["awkward", "numeric"]) {
    test(`an id that is ${jobId}`, async (t) => {
      const run = await addHost(t, { jobId });
      assertSuccess(run);
      assert.equal(typeof run.outcome.job.id, "string");
      if (jobId === "awkward") assert.match(run.polls[0].target, /^\/api\/jobs\/a%2Fb%20c%25\d+\?/);
    });
  }
});

test("U5: an invalid poll_timeout is rejected by the client", () => {
  for (const pollTimeout of [0, 999, 120_001, Number.NaN]) {
    assert.throws(
      () => new DeployClient({ baseUrl: "https://deploy.example.com/api", pollTimeout }),
      RangeError,
    );
  }
});

test("U13: all waiters on a job share one poll", async (t) => {
  const deploy = await deployFor(t);
  const client = deploy.client();
  const handle = await client.submit("POST", "/hosts", { body: host("esx") });
  await Promise.all(Array.from({ length: 50 }, () => client.job(handle.id).result()));
  assert.equal(deploy.simulator.counters().jobs[handle.id].maxOpenPolls, 1);
});
