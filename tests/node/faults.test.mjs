// Every network fault of the simulator. Each test checks the outcome and the server's requests. U8 is a row of
// docs/protocol.md.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { host } from "../lib/described.mjs";
import { addHost, assertSuccess, longPolls, once, polls, soon } from "./add-host.mjs";
import { credential, deployFor } from "./deploy.mjs";
import { rejection, scripted } from "./scripted.mjs";

describe("U8: polls are retried", { concurrency: true }, () => {
  for (const status of [408, 409, 423, 425, 429, 500, 502, 503, 504, 507, 511, 520, 522, 530, 599]) {
    test(`after ${status}`, async (t) => {
      const rules = [{ match: polls, count: 3, action: { kind: "status", status } }];
      const run = await addHost(t, { rules });
      assertSuccess(run);
      assert.equal(run.events.filter((it) => it.type === "retry").length, 3);
    });
  }
  for (const action of [
    { kind: "reset" },
    { kind: "truncate", after: 10 },
    { kind: "html" },
    { kind: "edit", remove: ["/record/state"] },
    { kind: "status", status: 200, body: { error: { code: 1, message: "busy" } } },
  ]) {
    test(`after ${JSON.stringify(action)}`, async (t) => {
      const run = await addHost(t, { rules: [{ match: polls, count: 2, action }] });
      assertSuccess(run);
      assert.equal(run.client.stats.retries, 2);
    });
  }
  test("after a restart of the VM during a job", async (t) => {
    const rules = [{ ...once({ kind: "restart", downMs: 300 }), skip: 1 }];
    const retry = { initialDelay: 200, maxDelay: 200, maxAttempts: 50 };
    const run = await addHost(t, { rules, stepMs: 2_000, client: { retry } });
    assertSuccess(run);
    assert.ok(run.log.filter((it) => it.outcome === "reset").length > 0);
  });
  for (const [status, code, name] of [
    [503, "HTTP", "HttpError"],
    [429, "HTTP", "HttpError"],
  ]) {
    test(`until the retries are used up: then HttpError ${status}`, async (t) => {
      const rules = [{ match: polls, action: { kind: "status", status, body: { error: "down" } } }];
      const { outcome, polls: seen } = await addHost(t, {
        rules,
        client: { retry: { ...soon, maxAttempts: 4 } },
      });
      assert.deepEqual([outcome.code, outcome.name, outcome.status], [code, name, status]);
      assert.equal(outcome.job.state, "queued");
      assert.match(outcome.message, /down/);
      assert.equal(seen.length, 4);
    });
  }
  test("until the retries are used up: then a TransportError with its cause, after resets", async (t) => {
    const { outcome, polls: seen } = await addHost(t, {
      rules: [{ match: polls, action: { kind: "reset" } }],
      client: { retry: { ...soon, maxAttempts: 3 } },
    });
    assert.equal(outcome.name, "TransportError");
    assert.ok(outcome.cause instanceof Error);
    assert.match(outcome.message, /network, CORS or TLS/);
    assert.equal(outcome.job.state, "queued");
    assert.equal(seen.length, 3);
  });
  for (const kind of ["html", "edit"]) {
    test(`until the retries are used up: then a ProtocolError, after ${kind}`, async (t) => {
      const action = kind === "edit" ? { kind, remove: ["/record/state"] } : { kind };
      const rules = [{ match: polls, action }];
      const { outcome, polls: seen } = await addHost(t, {
        rules,
        client: { retry: { ...soon, maxAttempts: 3 } },
      });
      assert.equal(outcome.name, "ProtocolError");
      assert.equal(seen.length, 3);
    });
  }
  test("retry: false rejects with the first failure", async (t) => {
    const rules = [once({ kind: "status", status: 503 })];
    const { outcome, polls: seen } = await addHost(t, { rules, client: { retry: false } });
    assert.equal(outcome.status, 503);
    assert.equal(seen.length, 1);
  });
  for (const [what, value] of [
    ["seconds", () => "1"],
    ["a date", () => new Date(Date.now() + 60_000).toUTCString()],
  ]) {
    test(`Retry-After as ${what} is respected`, async (t) => {
      const action = { kind: "status", status: 503, headers: { "retry-after": value() } };
      const client = { retry: { ...soon, maxRetryAfter: 3_000 } };
      const run = await addHost(t, { rules: [once(action)], client });
      assertSuccess(run);
      const { delay } = run.events.find((it) => it.type === "retry");
      assert.ok(delay >= 1_000, `${delay}`);
      const [first, second] = run.polls;
      assert.ok(second.at - first.at >= delay - 20, "and no poll is sent earlier");
    });
  }
  test("Retry-After is cut to maxRetryAfter", async (t) => {
    const action = { kind: "status", status: 503, headers: { "retry-after": "86400" } };
    const client = { retry: { ...soon, maxRetryAfter: 50 } };
    const run = await addHost(t, { rules: [once(action)], client });
    assertSuccess(run);
    assert.equal(run.events.find((it) => it.type === "retry").delay, 50);
  });
  for (const [status, code] of [
    [405, "HTTP"],
    [418, "HTTP"],
    [501, "HTTP"],
  ]) {
    test(`not after ${status}`, async (t) => {
      const { outcome, polls: seen } = await addHost(t, { rules: [once({ kind: "status", status })] });
      assert.deepEqual([outcome.code, outcome.status], [code, status]);
      assert.equal(seen.length, 1);
    });
  }
  test("after a 401, the auth function is called again and the poll continues", async (t) => {
    const asked = [];
    const header = `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString("base64")}`;
    const auth = (context) => {
      asked.push(context.status);
      return header;
    };
    const run = await addHost(t, { rules: [once({ kind: "status", status: 401 })], client: { auth } });
    assertSuccess(run);
    assert.equal(asked.filter((status) => status === 401).length, 1);
  });
});

describe("A1, A8, A12: gateways, and records of other jobs", { concurrency: true }, () => {
  for (const status of [401, 403]) {
    test(`after one ${status} for a job from a 202, but not after two`, async (t) => {
      const refusal = { match: polls, action: { kind: "status", status } };
      assertSuccess(await addHost(t, { rules: [{ ...refusal, count: 1 }] }));
      const { outcome, polls: seen } = await addHost(t, { rules: [refusal] });
      assert.deepEqual([outcome.code, outcome.status], ["AUTH", status]);
      assert.equal(seen.length, 2);
    });
  }
  test("after the record of another job, until the retries are used up", async (t) => {
    const set = { "/record/id": "another", "/record/state": "failure", "/record/message": "not mine" };
    const rule = { match: polls, action: { kind: "edit", set } };
    assertSuccess(await addHost(t, { rules: [{ ...rule, count: 3 }] }));
    const { outcome } = await addHost(t, { rules: [rule] });
    assert.equal(outcome.name, "ProtocolError");
    assert.match(outcome.message, /another job/);
  });
  for (const status of [502, 524, undefined]) {
    test(`through a gateway that ends each long poll with ${status ?? "a reset"}`, async (t) => {
      const rules = [{ match: longPolls, action: { kind: "cut", afterMs: 300, status } }];
      const run = await addHost(t, { rules, stepMs: 4_000, client: { pollTimeout: 5_000 } });
      assertSuccess(run);
      assert.ok(run.polls.length < 40, `${run.polls.length} polls`);
    });
  }
});

describe("A5, A7, A9: firewalls, caches and slow calls", { concurrency: true }, () => {
  for (const [queries, form] of [
    [["*%3E=*"], "%3E%3D"],
    [["*%3E=*", "*%3E%3D*"], "%3E"],
    [["*%3E*"], undefined],
  ]) {
    test(`a firewall that rejects ${queries.join(" and ")}`, async (t) => {
      const action = { kind: "status", status: 403, body: "<html>" };
      const rules = queries.map((query) => ({ match: { ...polls, query }, action }));
      const run = await addHost(t, { rules, stepMs: 4_000 });
      assertSuccess(run);
      const [refused, passed] = [403, 200].map((status) => run.polls.filter((it) => it.status === status));
      assert.ok(refused.length <= 3, `${refused.length} were refused`);
      const operator = passed
        .map((it) => it.target.match(/last_modified=((%3E|%3D|=)+)/)?.[1])
        .findLast(Boolean);
      assert.equal(operator, form);
    });
  }
  test("a cache that ignores everything except the address", async (t) => {
    const kept = new Map();
    const cached = async (url, init) => {
      if (init.method !== "GET") return fetch(url, init);
      const known = kept.get(String(url)) ?? (await fetch(url, init));
      kept.set(String(url), known.clone());
      return known;
    };
    for (const accept of [{}, { lastModified: false }]) {
      const run = await addHost(t, { stepMs: 1_500, accept, client: { fetch: cached, timeout: 60_000 } });
      assertSuccess(run);
    }
  });
  test("a GET that takes longer than requestTimeout is sent twice", async (t) => {
    const server = await scripted(t, () => {});
    const client = server.client({ requestTimeout: 200, retry: soon });
    const error = await rejection(client.get("/hosts", { query: { invalidate_cache: true } }));
    assert.equal(error.code, "TRANSPORT");
    assert.equal(server.requests.length, 2);
    // The second request has twice the time.
    const slow = await scripted(t, (_, response) => setTimeout(() => response.end("{}"), 1_500));
    await slow.client({ requestTimeout: 1_000, retry: soon }).get("/hosts");
    assert.equal(slow.requests.length, 2);
  });
});

describe("U8: a mutating call is sent once", { concurrency: true }, () => {
  for (const [action, code] of [
    [{ kind: "status", status: 503 }, "HTTP"],
    [{ kind: "reset" }, "TRANSPORT"],
    [{ kind: "truncate", after: 4 }, "TRANSPORT"],
    [{ kind: "html" }, "PROTOCOL"],
    [{ kind: "restart", downMs: 50 }, "TRANSPORT"],
    [{ kind: "hang" }, "TRANSPORT"],
    [{ kind: "stall", after: 4 }, "TRANSPORT"],
    [{ kind: "drip", bytes: 1, everyMs: 100 }, "TRANSPORT"],
    [{ kind: "huge", bytes: 2 ** 21 }, "PROTOCOL"],
    [{ kind: "redirect", location: "https://elsewhere.example.com/" }, "PROTOCOL"],
  ]) {
    test(`after ${JSON.stringify(action)}`, async (t) => {
      const deploy = await deployFor(t, { rules: [{ match: { method: "POST" }, action }] });
      const error = await rejection(deploy.client({ requestTimeout: 500 }).post("/hosts", host("esx")));
      assert.equal(error.code, code, error.message);
      if (code === "TRANSPORT") assert.match(error.message, /may have been accepted/);
      assert.equal(deploy.simulator.log().length, 1);
    });
  }
});

describe("a silent poll is detected", { concurrency: true }, () => {
  for (const action of [
    { kind: "hang" },
    { kind: "stall", after: 0 },
    { kind: "stall", after: 20 },
    { kind: "drip", bytes: 1, everyMs: 200 },
  ]) {
    test(`by the watchdog: ${JSON.stringify(action)}`, async (t) => {
      const run = await addHost(t, { rules: [once(action, longPolls)], stepMs: 300 });
      assertSuccess(run);
      assert.equal(run.events.filter((it) => it.type === "no-response").length, 1);
    });
  }
  test("a proxy that cuts long polls early is tolerated", async (t) => {
    for (const status of [504, undefined]) {
      const rules = [{ match: longPolls, count: 2, action: { kind: "cut", afterMs: 100, status } }];
      assertSuccess(await addHost(t, { rules, stepMs: 400 }));
    }
  });
  test("a late poll is waited for", async (t) => {
    const run = await addHost(t, { rules: [once({ kind: "delay", ms: 1_500 })] });
    assertSuccess(run);
    assert.equal(run.client.stats.retries, 0);
  });
});

describe("errors that end a wait at once", { concurrency: true }, () => {
  test("a redirect", async (t) => {
    const elsewhere = await deployFor(t);
    const location = `${elsewhere.baseUrl}/hosts`;
    const { outcome } = await addHost(t, { rules: [once({ kind: "redirect", location })] });
    assert.equal(outcome.name, "ProtocolError");
    assert.match(outcome.message, /redirect/);
    assert.equal(elsewhere.simulator.counters().requests, 0);
  });
  test("a body over maxResponseBytes", async (t) => {
    const { outcome, polls: seen } = await addHost(t, { rules: [once({ kind: "huge", bytes: 2 ** 22 })] });
    assert.equal(outcome.name, "ProtocolError");
    assert.match(outcome.message, /maxResponseBytes/);
    assert.equal(seen.length, 1);
  });
  test("JSON that is nested too deeply", async (t) => {
    const body = `{"record":{"state":"success","x":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`;
    const rules = [{ match: polls, action: { kind: "status", status: 200, body } }];
    const { outcome } = await addHost(t, { rules, client: { retry: { ...soon, maxAttempts: 2 } } });
    assert.equal(outcome.name, "ProtocolError");
  });
});
