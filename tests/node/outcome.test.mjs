// The outcome, `sent` and the token of errors. Uses real sockets if the runtime's own errors matter.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { DeployClient, DeployError, JobFailedError, TransportError } from "ontap-select-deploy";
import { accepted, hang, record, rejection, scripted } from "./scripted.mjs";

const LOCAL = "http://127.0.0.1:9/api";
const soon = { initialDelay: 1, maxDelay: 1 };

/** A closed port. */
async function closedPort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** A `fetch` whose error has a cause with these members. */
const failing =
  (...members) =>
  async () => {
    const [cause] = members.reduceRight(
      (below, { message = "it failed", ...own }) => [
        Object.assign(new Error(message, below.length ? { cause: below[0] } : undefined), own),
      ],
      [],
    );
    throw new TypeError("fetch failed", { cause });
  };

const several = (...errors) => Object.assign(new AggregateError(errors), { code: errors[0].code });
const coded = (code, syscall) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

function assertUnsent(error, message) {
  assert.ok(error instanceof TransportError, String(error));
  assert.deepEqual([error.outcome, error.sent], ["refused", false], message);
  assert.match(error.message, /not sent/);
  assert.doesNotMatch(error.message, /may have been accepted/);
  assert.deepEqual([error.job, error.token], [undefined, undefined]);
}

describe("A16: an error says if the call was never sent", { concurrency: true }, () => {
  for (const [what, address] of [
    ["a closed port", async () => `http://127.0.0.1:${await closedPort()}/api`],
    ["a name with several addresses", async () => `http://localhost:${await closedPort()}/api`],
    ["a name without an address", async () => "http://nowhere.invalid/api"],
    ["a port that fetch blocks", async () => "http://127.0.0.1:47/api"],
  ]) {
    test(what, async () => {
      const client = new DeployClient({ baseUrl: await address(), allowInsecure: true, retry: soon });
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        assertUnsent(await rejection(client.request(method, "/hosts")), method);
      }
      assertUnsent(await rejection(client.submit("POST", "/hosts", { body: {} })));
      assertUnsent(await rejection(client.get("/hosts")));
    });
  }

  const refused = coded("ECONNREFUSED", "connect");
  for (const [what, ...members] of [
    ["undici's connect timeout", { code: "UND_ERR_CONNECT_TIMEOUT" }],
    ["a connect timeout of the system", { code: "ETIMEDOUT", syscall: "connect" }],
    ["no route to the host", { code: "EHOSTUNREACH", syscall: "connect" }],
    ["no network", { code: "ENETUNREACH" }],
    ["a resolver that is down", { code: "EAI_AGAIN", syscall: "getaddrinfo" }],
    ["a firewall on this machine", { code: "EACCES", syscall: "connect" }],
    ["a cause three levels down", { code: "ERR_PROXY" }, {}, { code: "ECONNREFUSED" }],
    [
      "several addresses that refuse",
      { code: "ECONNREFUSED", errors: [refused, coded("ETIMEDOUT", "connect")] },
    ],
    ["Deno", { message: "error sending request for url (…): client error (Connect): dns error" }],
  ]) {
    test(what, async () => {
      const client = new DeployClient({ baseUrl: LOCAL, fetch: failing(...members) });
      assertUnsent(await rejection(client.post("/hosts", {})));
    });
  }
  test("Bun, whose fetch error itself has the code", async () => {
    for (const code of ["ConnectionRefused", "FailedToOpenSocket"]) {
      const fetch = async () => {
        throw Object.assign(new Error("Unable to connect"), { code });
      };
      assertUnsent(await rejection(new DeployClient({ baseUrl: LOCAL, fetch }).post("/hosts", {})));
    }
  });
  test("an AggregateError", async () => {
    const fetch = async () => {
      throw several(refused, coded("ENETUNREACH", "connect"));
    };
    assertUnsent(await rejection(new DeployClient({ baseUrl: LOCAL, fetch }).post("/hosts", {})));
  });
});

describe("A16: an error says if the call may have been sent", { concurrency: true }, () => {
  function assertUnknown(error) {
    assert.ok(error instanceof TransportError, String(error));
    assert.deepEqual([error.outcome, error.sent], ["unknown", undefined]);
    assert.match(error.message, /may have been accepted/);
  }
  for (const [what, answer] of [
    ["a connection that is reset after the request", (request) => request.socket.resetAndDestroy()],
    ["a connection that is closed", (request) => request.socket.destroy()],
    [
      "a response that breaks off",
      (_, response) => {
        response.writeHead(201, { "content-length": "100" }).write("{");
        setImmediate(() => response.destroy());
      },
    ],
  ]) {
    test(what, async (t) => {
      const server = await scripted(t, answer);
      assertUnknown(await rejection(server.client().post("/hosts", {})));
      assert.equal(server.requests.length, 1);
    });
  }
  const refused = coded("ECONNREFUSED", "connect");
  for (const members of [
    { code: "ECONNRESET", syscall: "read" },
    { code: "EPIPE", syscall: "write" },
    { code: "ETIMEDOUT", syscall: "read" },
    { code: "EHOSTUNREACH", syscall: "read" },
    { code: "UND_ERR_SOCKET", message: "other side closed" },
    { code: "ConnectionClosed" },
    { code: "ECONNREFUSED", errors: [refused, coded("ECONNRESET", "read")] },
    { code: "ECONNREFUSED", errors: [coded("ECONNRESET", "read"), refused] },
    { code: "UND_ERR_SOCKET", cause: refused },
    {},
  ]) {
    test(`${members.code} in ${members.syscall ?? "an unknown step"}`, async () => {
      const client = new DeployClient({ baseUrl: LOCAL, fetch: failing(members) });
      assertUnknown(await rejection(client.post("/hosts", {})));
    });
  }
});

test("C5: the status of a mutating call decides between refused and unknown", async (t) => {
  for (const [status, outcome] of [
    ...[400, 401, 403, 404, 405, 409, 410, 421, 423, 425, 429].map((status) => [status, "refused"]),
    ...[408, 500, 501, 502, 503, 504, 505, 507, 511, 520, 524, 599].map((status) => [status, "unknown"]),
  ]) {
    const server = await scripted(t, { status, body: { error: { message: "no" } } });
    const error = await rejection(server.client().post("/hosts", {}));
    assert.deepEqual([error.status, error.outcome, error.sent], [status, outcome, undefined]);
    assert.equal(error.toJSON().outcome, outcome);
    // After a 421, fetch itself repeats a call, as the standard says.
    assert.equal(server.requests.length, status === 421 ? 2 : 1);
  }
});

test("the other errors of a mutating call", async (t) => {
  for (const [answer, outcome] of [
    [{ body: { error: { message: "no" } } }, "refused"],
    [{ body: "<html>log in</html>" }, "unknown"],
    [{ status: 302, headers: { location: "/login" } }, "unknown"],
    [{ status: 202, body: {} }, "unknown"],
    [{ body: "x".repeat(3_000) }, "unknown"],
  ]) {
    const server = await scripted(t, answer);
    const error = await rejection(server.client({ maxResponseBytes: 2_000 }).post("/hosts", {}));
    assert.equal(error.outcome, outcome, error.message);
  }
});

test("A11: every error after the acceptance has the job and a token", async (t) => {
  const retry = false;
  for (const answer of [401, 403, 405, 501, 503]) {
    const server = await scripted(
      t,
      { status: 202, body: { job: { id: "j", note: 7 } } },
      { status: answer },
    );
    const seen = [];
    const onProgress = (job) => seen.push(job.state);
    const error = await rejection(server.client({ retry }).post("/hosts", {}, { onProgress }));
    assert.equal(error.outcome, "unknown");
    assert.deepEqual(error.job, { id: "j", state: "accepted", raw: { id: "j", note: 7 } });
    assert.deepEqual(seen, ["accepted"]);
    assert.ok(!Object.keys(error).includes("token"), "no log shows it");
    const later = await scripted(t, record("success"));
    const other = new DeployClient({
      baseUrl: server.baseUrl,
      fetch: (url, init) => fetch(url.replace(server.baseUrl, later.baseUrl), init),
    });
    assert.equal((await other.resume(error.token).result()).state, "success");
  }
});

test("A11: a closed client does not lose the job", async (t) => {
  const server = await scripted(t, { status: 202, body: { job: { id: "j" } } }, hang);
  const client = server.client();
  const handle = await client.submit("POST", "/hosts", { body: {} });
  assert.equal(handle.latest.state, "accepted");
  const ended = [handle.result(), handle.poll()].map(rejection);
  await server.received(3);
  client.close();
  for (const error of [...(await Promise.all(ended)), await rejection(handle.result())]) {
    assert.deepEqual([error.code, error.outcome, error.job?.state], ["CLOSED", "unknown", "accepted"]);
    assert.equal(error.token, handle.serialize());
  }
  const error = await rejection(client.post("/hosts", {}));
  assert.deepEqual([error.code, error.outcome, error.sent], ["CLOSED", "refused", false]);
});

test("A11: the error of a failed job has a token and the code of its record", async (t) => {
  const failed = record("failure", "no license");
  failed.body.record.error = { code: 4, message: "no license" };
  const server = await scripted(t, accepted(), failed);
  const error = await rejection(server.client().post("/hosts", {}));
  assert.ok(error instanceof JobFailedError);
  assert.equal(error.serverCode, "4");
  assert.equal(error.outcome, "failed");
  const again = await rejection(server.client().resume(error.token).result());
  assert.ok(again instanceof JobFailedError);
});

describe("A17: the time of the user's functions does not count as the request's", {
  concurrency: true,
}, () => {
  const slowly = (value) => new Promise((resolve) => setTimeout(resolve, 1_500, value));
  for (const [what, value] of [
    ["auth", "Bearer t"],
    ["headers", { "x-key": "k" }],
  ]) {
    test(`${what}: slower than requestTimeout, called once, and the call succeeds`, async (t) => {
      let asked = 0;
      const server = await scripted(t, { body: { ok: 1 } });
      const given = () => {
        asked += 1;
        return slowly(value);
      };
      const client = server.client({ [what]: given, requestTimeout: 1_000 });
      assert.deepEqual((await client.post("/hosts", {})).body, { ok: 1 });
      assert.deepEqual((await client.get("/hosts")).body, { ok: 1 });
      assert.equal(asked, 2);
      assert.equal(server.requests.length, 2);
    });
  }
  test("requestTimeout starts with the request", async (t) => {
    const server = await scripted(t, hang);
    const client = server.client({ auth: () => slowly("Bearer t"), requestTimeout: 1_000 });
    const error = await rejection(client.post("/hosts", {}));
    assert.deepEqual([error.code, error.outcome, error.sent], ["TRANSPORT", "unknown", undefined]);
  });
  for (const name of ["auth", "headers"]) {
    test(`${name}: a wait that ends before it returns was not sent`, async (t) => {
      const server = await scripted(t, hang);
      let asked = 0;
      const client = server.client({
        [name]: () => {
          asked += 1;
          return new Promise(() => {});
        },
      });
      const error = await rejection(client.post("/hosts", {}, { timeout: 100 }));
      assert.deepEqual([error.code, error.outcome, error.sent], ["WAIT_TIMEOUT", "refused", false]);
      assert.equal(error.toJSON().sent, false);
      const closed = rejection(client.post("/hosts", {}));
      client.close();
      assert.deepEqual([(await closed).outcome, (await closed).sent], ["refused", false]);
      assert.equal(asked, 2);
      assert.equal(server.requests.length, 0);
    });
    test(`${name}: its rejection is the cause`, async (t) => {
      const server = await scripted(t, hang);
      const cause = new Error("vault is sealed");
      const client = server.client({ [name]: () => Promise.reject(cause), retry: soon });
      const error = await rejection(client.post("/hosts", {}));
      assertUnsent(error);
      assert.equal(error.cause, cause);
      assert.equal(server.requests.length, 0);
    });
  }
});

describe("A18: a timeout of the runtime is reported as a timeout", { concurrency: true }, () => {
  test("of the headers", async () => {
    const fetch = failing({ code: "UND_ERR_HEADERS_TIMEOUT", message: "Headers Timeout Error" });
    const client = new DeployClient({ baseUrl: LOCAL, fetch, retry: false });
    const error = await rejection(client.post("/hosts", {}));
    assert.deepEqual([error.code, error.outcome, error.sent], ["TRANSPORT", "unknown", undefined]);
    assert.match(error.message, /runtime's own timeout.*undici Agent.*headersTimeout.*bodyTimeout/);
    assert.doesNotMatch(error.message, /CORS/);
    assert.match((await rejection(client.get("/hosts"))).message, /headersTimeout/);
  });
  test("of the body", async () => {
    const cause = Object.assign(new Error("Body Timeout Error"), { code: "UND_ERR_BODY_TIMEOUT" });
    const fetch = async () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.error(new TypeError("terminated", { cause })),
        }),
      );
    const error = await rejection(new DeployClient({ baseUrl: LOCAL, fetch }).post("/hosts", {}));
    assert.match(error.message, /bodyTimeout/);
  });
});

test("A19: an auth function that never returns is called again after its last waiter left", async (t) => {
  const server = await scripted(t, (request, response) => {
    response.writeHead(request.headers.authorization === "Bearer new" ? 200 : 401).end();
  });
  const questions = [];
  const auth = ({ status }) =>
    status === 401 ? new Promise((resolve) => questions.push(resolve)) : "Bearer old";
  const client = server.client({ auth });
  const leaving = new AbortController();
  const first = rejection(client.post("/hosts", {}, { signal: leaving.signal }));
  while (questions.length === 0) await new Promise(setImmediate);
  leaving.abort();
  await first;
  const second = client.post("/hosts", {});
  while (questions.length === 1) await new Promise(setImmediate);
  // The result of the first call is no longer used.
  questions[0]("Bearer stale");
  await new Promise(setImmediate);
  questions[1]("Bearer new");
  assert.equal((await second).status, 200);
  assert.equal(questions.length, 2);
});

test("every error that JavaScript creates has an outcome", async (t) => {
  const server = await scripted(t, { body: {} });
  const client = server.client();
  const handle = await client.submit("POST", "/hosts", { body: {} });
  const error = await rejection(handle.poll());
  assert.ok(error instanceof DeployError);
  assert.equal(error.outcome, "unknown");
  assert.throws(() => client.resume("osd1:x"), { code: "BAD_TOKEN", outcome: "unknown" });
});
