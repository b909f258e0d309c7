// Unusual behavior of the user's `fetch`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { DeployClient, HttpError, ProtocolError, TransportError } from "ontap-select-deploy";
import { rejection } from "./scripted.mjs";

const client = (fetch, options) =>
  new DeployClient({ baseUrl: "https://deploy.example.com/api", fetch, ...options });
const json = (value, init) => new Response(JSON.stringify(value), init);
const shown = (error) => `${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`;

test("a body over the limit is cancelled, although the signal does not end it", async () => {
  let cancel;
  const cancelled = new Promise((resolve) => {
    cancel = resolve;
  });
  const body = new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(1024)), cancel });
  const error = await rejection(client(async () => new Response(body), { maxResponseBytes: 4096 }).get("/x"));
  assert.ok(error instanceof ProtocolError);
  await cancelled;
});

test("a body whose last waiter left is cancelled", async () => {
  const controller = new AbortController();
  let cancel;
  const cancelled = new Promise((resolve) => {
    cancel = resolve;
  });
  const pull = () => {
    controller.abort();
    return new Promise(() => {});
  };
  const body = new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
  await rejection(client(async () => new Response(body)).get("/x", { signal: controller.signal }));
  await cancelled;
});

test("a response without a stream is read as a whole, up to the limit", async () => {
  const stub = (text) => ({
    status: 200,
    headers: new Headers(),
    arrayBuffer: async () => new TextEncoder().encode(text).buffer,
  });
  assert.deepEqual((await client(async () => stub('{"a":1}')).get("/x")).body, { a: 1 });
  const small = client(async () => stub('"123456"'), { maxResponseBytes: 4 });
  assert.ok((await rejection(small.get("/x"))) instanceof ProtocolError);
});

test("a stream may reuse its memory and split a character", async () => {
  const bytes = new TextEncoder().encode('{"a":"Zürich"}');
  const memory = new Uint8Array(1);
  const body = (async function* () {
    for (const byte of bytes) {
      memory[0] = byte;
      yield memory;
    }
  })();
  const answered = await client(async () => ({ status: 200, headers: new Headers(), body })).get("/x");
  assert.deepEqual(answered.body, { a: "Zürich" });
});

test("a fetch that changes the headers of a request changes no other request", async () => {
  const seen = [];
  const answers = [
    json({ job: { id: "1" } }, { status: 202 }),
    json({ record: { id: "1", state: "running" } }),
    json({ record: { id: "1", state: "success" } }),
  ];
  const changing = async (_, { headers }) => {
    headers.append("x-count", String(seen.length));
    headers.delete("accept");
    seen.push(headers.get("x-count"));
    return answers[seen.length - 1];
  };
  const { job } = await client(changing).post("/x", {});
  assert.equal(job.state, "success");
  assert.deepEqual(seen, ["0", "1", "2"]);
});

test("a redirect that the fetch followed is detected", async () => {
  const followed = async () => Object.defineProperty(json({}), "redirected", { value: true });
  assert.ok((await rejection(client(followed).get("/x"))) instanceof ProtocolError);
});

test("the error hides what a server quotes from the request", async () => {
  const quoting = async (url, { headers }) =>
    json({ error: { message: `bad token ${headers.get("authorization")}` }, url }, { status: 400 });
  const error = await rejection(
    client(quoting, { auth: { bearer: "s3cret-t0ken" } }).get("/x", { query: { q: "qs3cret" } }),
  );
  assert.ok(error instanceof HttpError && error.text.includes("qs3cret"));
  assert.ok(!/s3cret/.test(shown(error)), shown(error));
});

test("a location can be read but is not logged", async () => {
  const location = "https://deploy.example.com/api/x?t=loc-s3cret";
  const error = await rejection(
    client(async () => json({}, { status: 202, headers: { location } })).post("/x", {}),
  );
  assert.equal(error.location, location);
  assert.ok(!/s3cret/.test(shown(error)), shown(error));
});

test("a cause shows no query value in any encoding", async () => {
  for (const [path, query, quoted] of [
    ["/x", { a: "qs3cret 99", b: "c" }, "bad value qs3cret 99"],
    ["/x", { a: "qs3cret 99", b: "c" }, "bad value qs3cret%2099"],
    ['/x?tok=a b"qs3cret', undefined, "at /api/x?tok=a%20b%22qs3cret"],
  ]) {
    const failing = async () => {
      throw new Error(quoted);
    };
    const error = await rejection(client(failing, { retry: false }).get(path, { query }));
    assert.ok(error instanceof TransportError && error.cause instanceof Error);
    assert.ok(!/s3cret/.test(shown(error)), shown(error));
  }
});

test("an error with its own toJSON or inspect is shown without it", async () => {
  class Chatty extends Error {
    toJSON() {
      return "all headers: s3cret";
    }
    [inspect.custom]() {
      return "all headers: s3cret";
    }
  }
  const failing = async () => {
    throw new Chatty("no route");
  };
  const error = await rejection(client(failing, { retry: false }).get("/x"));
  assert.equal(error.cause.message, "no route");
  assert.ok(!/s3cret/.test(shown(error)), shown(error));
});

test("a request timeout names possible reasons and has a cause", async () => {
  for (const call of [(it) => it.get("/x"), (it) => it.post("/x", {})]) {
    const error = await rejection(
      call(client(() => new Promise(() => {}), { requestTimeout: 20, retry: false })),
    );
    assert.ok(error instanceof TransportError);
    assert.match(error.message, /network, CORS or\s+TLS/);
    assert.equal(error.cause.name, "TimeoutError");
  }
});

test("an invalid result of an auth or headers function rejects at once", async () => {
  let asked = 0;
  const giving = (value) => () => {
    asked += 1;
    return value;
  };
  for (const options of [
    { auth: giving(7) },
    { auth: giving("a\nb") },
    { headers: giving({ "a b": "c" }) },
  ]) {
    const error = await rejection(client(async () => json({}), options).get("/x"));
    assert.ok(error instanceof TransportError && error.cause instanceof TypeError);
    assert.match(error.cause.message, /^(auth|headers):/);
  }
  assert.equal(asked, 3);
});

/** The pause before the first retry of a GET after a 503 with this `Retry-After`. */
async function pauseAfter(retryAfter) {
  const fetch = async () => new Response("", { status: 503, headers: { "retry-after": retryAfter } });
  return new Promise((resolve) => {
    const retry = { initialDelay: 1, maxDelay: 1, maxRetryAfter: Number.POSITIVE_INFINITY };
    const onEvent = ({ type, delay }) => type === "retry" && resolve(delay);
    const retried = client(fetch, { retry, onEvent });
    rejection(retried.get("/x", { timeout: 50 })).finally(() => retried.close());
  });
}

test("Retry-After as a date counts from now, and a past date means no pause", async () => {
  const soon = new Date(Date.now() + 600_000).toUTCString();
  const pause = await pauseAfter(soon);
  assert.ok(pause > 590_000 && pause <= 600_000, `${soon}: ${pause}`);
  const far = Date.UTC(2099, 11, 31, 23, 59, 59) - Date.now();
  const farPause = await pauseAfter("Thu, 31 Dec 2099 23:59:59 GMT");
  assert.ok(Math.abs(farPause - far) < 10_000, `${farPause} for ${far}`);
  for (const passed of [
    "Sun, 06 Nov 1994 08:50:07 GMT",
    "Tue, 29 Feb 2000 00:00:00 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
  ]) {
    assert.ok((await pauseAfter(passed)) <= 1, passed);
  }
});

test("an invalid Retry-After is ignored", async () => {
  for (const value of [
    "soon",
    "soon 2040",
    "2099-01-01",
    "",
    "Sun, 06 Foo 2094 08:49:37 GMT",
    "Sun, 06 Nov 2094 25:49:37 GMT",
  ]) {
    assert.ok((await pauseAfter(value)) <= 1, value);
  }
});

test("a body that breaks off is never a rejected certificate, whatever its error says", async () => {
  let calls = 0;
  const fetch = async () => {
    calls += 1;
    const failure = Object.assign(new Error("broken"), { code: "CERT_HAS_EXPIRED" });
    return new Response(new ReadableStream({ pull: (stream) => stream.error(failure) }), { status: 202 });
  };
  const own = client(fetch, { retry: { maxAttempts: 3, initialDelay: 1 } });
  const error = await rejection(own.post("/x", {}));
  assert.match(error.message, /may have been accepted/);
  assert.equal(calls, 1);
  await rejection(own.get("/x"));
  assert.equal(calls, 4);
});

test("a request that failed is not aborted", async () => {
  const signals = [];
  for (const outcome of [() => Promise.reject(new Error("no network")), () => undefined]) {
    const fetch = (_, { signal }) => {
      signals.push(signal);
      return outcome();
    };
    await rejection(client(fetch, { retry: false }).post("/x", {}));
  }
  assert.deepEqual(
    signals.map((signal) => signal.aborted),
    [false, false],
  );
});

test("a value that only looks like a response is rejected", async () => {
  const headers = new Headers();
  const like = (more) => ({ status: 200, headers, arrayBuffer: async () => new ArrayBuffer(0), ...more });
  const outcome = (response) => client(async () => response, { retry: false }).post("/x", {});
  const error = await rejection(outcome(like({ status: "200" })));
  assert.match(error.cause.message, /expected it to return a Response/);
  assert.ok((await rejection(outcome(like({ type: "opaqueredirect" })))) instanceof ProtocolError);
  const mine = new Error("mine");
  const get = () => {
    throw mine;
  };
  const throwing = Object.defineProperty(like(), "redirected", { get });
  assert.equal((await rejection(outcome(throwing))).cause, mine);
  assert.equal((await outcome(like({ headers: { get } }))).status, 200);
});

test("a call and a poll have the headers of the protocol", async () => {
  const auth = { username: "admin", password: "secret" };
  for (const [options, credentials] of [
    [{ auth }, "omit"],
    [{}, "same-origin"],
    [{ auth, credentials: "include" }, "include"],
  ]) {
    const seen = [];
    const fetch = async (_, { method, body, cache, redirect, credentials }) => {
      seen.push({ method, body, cache, redirect, credentials });
      return method === "POST"
        ? json({ job: { id: "j", state: "queued", last_modified: "s0" } }, { status: 202 })
        : json({ record: { id: "j", state: "success", last_modified: "s1" } });
    };
    await client(fetch, options).post("/x", { a: 1 });
    const always = { cache: "no-store", redirect: "manual", credentials };
    assert.deepEqual(seen, [
      { method: "POST", body: '{"a":1}', ...always },
      { method: "GET", body: undefined, ...always },
    ]);
  }
});
