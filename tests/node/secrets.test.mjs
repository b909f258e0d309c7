// Every kind of failure, with a secret in every place that can hold one. No secret may be shown.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { DeployClient } from "ontap-select-deploy";
import { accepted, hang, record, rejection, scripted } from "./scripted.mjs";

const SECRET = "hunter2pw";
const BASIC = Buffer.from(`admin:${SECRET}`).toString("base64");
const secretOptions = { auth: { username: "admin", password: SECRET }, headers: { "x-key": SECRET } };
const secretCall = { query: { token: SECRET }, headers: { "x-call": SECRET }, body: { password: SECRET } };

function assertNoSecret(value, where) {
  const shown = [inspect(value, { depth: 20, showHidden: true }), JSON.stringify(value), String(value)];
  for (let error = value; error instanceof Error; error = error.cause) {
    shown.push(error.message, error.stack, inspect(Object.getOwnPropertyDescriptors(error), { depth: 20 }));
  }
  for (const text of shown) {
    for (const secret of [SECRET, BASIC]) assert.ok(!text?.includes(secret), `${where}: ${text}`);
  }
}

const failures = {
  refused: [{ status: 409, body: { error: { code: 1, message: "no" } } }],
  "bad password": [{ status: 401 }],
  "a login page": [{ body: "<html>" }],
  redirect: [{ status: 302, headers: { location: "https://elsewhere.example.com/" } }],
  untrackable: [{ status: 202, body: {} }],
  "a failed job": [accepted(), record("failure")],
  "a job that is gone": [
    accepted(),
    record("running"),
    { status: 404, body: { error: { code: 4, message: "none" } } },
  ],
  "a reset": [(request) => request.socket.destroy()],
  "a reset of a poll": [accepted(), (request) => request.socket.destroy()],
  "a dead line": [hang],
  "a dead poll": [accepted(), hang],
};
for (const [what, answers] of Object.entries(failures)) {
  test(`no secret shows after ${what}`, async (t) => {
    const server = await scripted(t, ...answers);
    const events = [];
    const client = server.client({ ...secretOptions, retry: false, onEvent: (event) => events.push(event) });
    const error = await rejection(client.request("POST", `/x?in=${SECRET}`, { ...secretCall, timeout: 100 }));
    assertNoSecret(error, "the error");
    await new Promise((resolve) => setTimeout(resolve));
    assert.ok(events.length > 1);
    assertNoSecret(events, "the events");
    assertNoSecret(client, "the client");
    assertNoSecret(client.job("j"), "a handle");
    assert.ok(!client.job("j").serialize().includes(SECRET));
  });
}

/** An error that holds the whole request, as in HTTP libraries. */
function libraryError(url, init) {
  const inner = new Error(`socket hang up after ${url}`);
  inner.request = { url, headers: [...new Headers(init.headers)] };
  const error = new TypeError(`request to ${url} failed`, { cause: inner });
  return Object.assign(error, {
    config: { url, init },
    code: "ECONNRESET",
    note: init.headers.get("authorization"),
  });
}

test("an error of the user's fetch is shown without the secrets of the request", async () => {
  const client = new DeployClient({
    baseUrl: "https://deploy.example.com/api",
    ...secretOptions,
    retry: false,
    fetch: async (url, init) => {
      throw libraryError(url, init);
    },
  });
  const error = await rejection(client.request("POST", "/x", secretCall));
  assert.equal(error.code, "TRANSPORT");
  assertNoSecret(error, "the error");
  assert.equal(error.cause.name, "TypeError");
  assert.equal(error.cause.code, "ECONNRESET");
  assert.equal(error.cause.message, "request to https://deploy.example.com/api/x?… failed");
  assert.match(error.cause.cause.message, /^socket hang up after https:\/\/deploy\.example\.com\/api\/x\?…$/);
});

/** Errors with many references to each other. */
function circle() {
  const errors = Array.from({ length: 12 }, () => new AggregateError([], "x"));
  for (const error of errors) error.errors = errors;
  return errors[0];
}

test("an AggregateError, a cycle of causes, and a value that is not an error", async () => {
  const loop = new Error(SECRET);
  loop.cause = loop;
  const getter = Object.defineProperty(new Error("x"), "config", { get: () => SECRET, enumerable: true });
  for (const thrown of [
    new AggregateError([new Error(`Bearer ${SECRET}`), new Error("fine")], "both"),
    loop,
    getter,
    SECRET,
    { message: Object.create(null) },
    Object.defineProperty(new Error("x"), "message", {
      get: () => {
        throw new Error(SECRET);
      },
    }),
    circle(),
    { message: SECRET, headers: { authorization: SECRET } },
    () => SECRET,
    Symbol("x"),
  ]) {
    const client = new DeployClient({
      baseUrl: "https://deploy.example.com/api",
      ...secretOptions,
      retry: false,
      fetch: () => Promise.reject(thrown),
    });
    const error = await rejection(client.get("/x"));
    assert.equal(error.code, "TRANSPORT");
    assertNoSecret(error, error.message);
  }
});

/** The cause of the error of a call whose fetch rejects with this value. */
async function causeOf(thrown) {
  const client = new DeployClient({
    baseUrl: "https://deploy.example.com/api",
    ...secretOptions,
    retry: false,
    fetch: () => Promise.reject(thrown),
  });
  return (await rejection(client.get("/x"))).cause;
}

test("a cause with a secret keeps its plain members, up to eight levels deep", async () => {
  const plain = {
    code: "ECONNREFUSED",
    errno: -111,
    syscall: "connect",
    address: "192.0.2.1",
    port: 443,
    hostname: "deploy.example.com",
  };
  const thrown = Object.assign(new RangeError(`with ${SECRET}`), plain, { request: {}, also: 1 });
  const cause = await causeOf(thrown);
  assert.deepEqual({ ...cause }, plain);
  assert.deepEqual([cause.name, cause.message], ["RangeError", "with …"]);
  assert.match(cause.stack, /^RangeError: with …\n/);
  assert.equal((await causeOf({ request: {} })).name, "Error");

  let [error, several] = [new Error("the first"), new AggregateError([], SECRET)];
  for (let level = 0; level < 12; level++) {
    error = new Error(SECRET, { cause: error });
    several = new AggregateError([several], SECRET);
  }
  let levels = 0;
  for (let at = await causeOf(error); at; at = at.cause) levels++;
  for (let at = await causeOf(several); at; at = at.errors[0]) levels++;
  assert.equal(levels, 16);
});

test("a secret in one member of a cause, or in a nested cause, is removed", async () => {
  for (const member of ["name", "message", "stack"]) {
    const thrown = new Error("plain");
    assert.ok(thrown.stack, "created at the first read, from name and message");
    Object.defineProperty(thrown, member, { value: `in ${SECRET}` });
    const cause = await causeOf(thrown);
    assertNoSecret(cause, member);
    assert.equal(cause[member], "in …");
  }
  const below = await causeOf(new Error("plain", { cause: new Error(SECRET) }));
  assert.deepEqual([below.message, below.cause.message], ["plain", "…"]);
});

test("other members of a cause are removed", async () => {
  const cause = await causeOf(Object.assign(new Error("no route"), { request: { body: "x" } }));
  assert.deepEqual([cause.message, Object.keys(cause)], ["no route", []]);
  const both = new AggregateError([new Error(`with ${SECRET}`), new Error("fine")], "both");
  const { message, errors } = await causeOf(both);
  assert.deepEqual([message, errors.map((error) => error.message)], ["both", ["with …", "fine"]]);
  assert.ok((await causeOf({ message: "no error" })) instanceof Error);
});

test("an error without secrets is passed on unchanged, also with its own name or as an AggregateError", async () => {
  for (const thrown of [
    Object.assign(new Error("x"), { name: "SocketError", code: "UND_ERR_SOCKET" }),
    new AggregateError([new Error("fine"), new Error("and this")], "both"),
  ]) {
    assert.equal(await causeOf(thrown), thrown);
  }
});

test("a header is secret if its name only contains a harmless name", async () => {
  const client = new DeployClient({
    baseUrl: "https://deploy.example.com/api",
    headers: { "x-accept-code": "abc-123-def" },
    retry: false,
    fetch: () => Promise.reject(new Error("refused abc-123-def")),
  });
  assert.equal((await rejection(client.get("/x"))).cause.message, "refused …");
});

test("a cause that is not an error is kept without secrets, and a function is removed", async () => {
  assert.equal(await causeOf(`no ${SECRET}`), "no …");
  assert.equal(await causeOf(7), 7);
  assert.equal(await causeOf(null), null);
  // A function as the cause is replaced by the message of the call.
  assert.notEqual(typeof (await causeOf(() => SECRET)), "function");
  const throws = {
    get message() {
      throw new Error(SECRET);
    },
  };
  assert.equal((await causeOf(throws)).message, "an error that cannot be shown");
});

test("a cause that shows nothing of the request is passed on unchanged", async () => {
  const thrown = new TypeError("fetch failed", {
    cause: Object.assign(new Error("no route"), { code: "EHOSTUNREACH" }),
  });
  const fetch = () => Promise.reject(thrown);
  const client = new DeployClient({
    baseUrl: "https://deploy.example.com/api",
    ...secretOptions,
    retry: false,
    fetch,
  });
  assert.equal((await rejection(client.get("/x"))).cause, thrown);
});

test("an error of an auth or headers function is shown without its secret", async () => {
  for (const option of ["auth", "headers"]) {
    const client = new DeployClient({
      baseUrl: "https://deploy.example.com/api",
      retry: false,
      [option]: () => {
        throw new Error(`no luck with Basic ${BASIC}`);
      },
    });
    const error = await rejection(client.get("/x"));
    assert.equal(error.code, "TRANSPORT");
    assert.equal(error.cause.message, "no luck with Basic …");
    assertNoSecret(error, option);
  }
});

// A secret with every character that JSON, an address or a form escapes.
const ODD = 'p@"ss\\w/ö rd&1+%€😀\n\t';

/** Every encoding in which a server may quote it. */
const formsOf = (secret) => {
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return {
    itself: secret,
    JSON: json,
    "JSON in ASCII": ascii,
    "JSON with every slash escaped": ascii.replaceAll("/", "\\/"),
    "JSON within JSON": JSON.stringify(json).slice(1, -1),
    "an address": encodeURIComponent(secret),
    "an address in lower case": encodeURIComponent(secret).replace(/%../g, (it) => it.toLowerCase()),
    "a form": new URLSearchParams([["", secret]]).toString().slice(1),
  };
};

/** Everything that an error shows. */
function toldBy(error) {
  const { message, text, serverCode, location, requestId, stack } = error;
  const shown = [message, text, serverCode, location, requestId, stack, JSON.stringify(error)];
  return [...shown, inspect(error, { depth: 20, showHidden: true })].join("\n");
}

/** The error of a call whose server quotes `said`. */
async function quoted(t, said, { client = {}, call = {}, method = "POST", path = "/x", status = 409 } = {}) {
  const body = { error: { code: said, message: `quote: ${said}.` }, also: said };
  const server = await scripted(t, { status, headers: { "x-note": "1" }, body });
  const error = await rejection(server.client({ retry: false, ...client }).request(method, path, call));
  assert.match(error.message, /quote: /);
  return error;
}

const bearer = "t0ken/with+all~of-it_==";
const places = {
  "the password of auth": [{ client: { auth: { username: "admin", password: ODD.trim() } } }, ODD.trim()],
  "a short password of auth": [{ client: { auth: { username: "admin", password: "pw-1" } } }, "pw-1"],
  "a bearer token": [{ client: { auth: { bearer } } }, bearer],
  "the result of an auth function": [{ client: { auth: async () => `Custom ${bearer}` } }, bearer],
  "a header of the client": [{ client: { headers: { "x-tenant": "gold-customer" } } }, "gold-customer"],
  "a header of a function": [
    { client: { headers: () => ({ "x-tenant": "gold-customer" }) } },
    "gold-customer",
  ],
  "a header of the call": [{ call: { headers: { "x-tenant": "gold-customer" } } }, "gold-customer"],
  "a short key in a header": [{ call: { headers: { "x-api-key": "k-12" } } }, "k-12"],
  "a cookie": [{ call: { headers: { cookie: "theme=dark; sid=s3ss10n; last=1" } } }, "s3ss10n"],
  "the query": [{ call: { query: { Api_Token: ODD } } }, ODD],
  "the path's own query": [{ path: `/x?Access-Key=${encodeURIComponent(ODD)}` }, ODD],
  "a member of the body": [{ call: { body: { password: ODD } } }, ODD],
  "a member deep in the body": [{ call: { body: { a: [{ b: { admin_Password: ODD, c: 1 } }] } } }, ODD],
  "several secrets in one member": [{ call: { body: { sshKeys: ["one-key", ODD] } } }, ODD],
  "a number": [{ call: { body: { passphrase: 20261127 } } }, "20261127"],
  "JSON as a string": [{ call: { body: JSON.stringify({ clientSecret: ODD }) } }, ODD],
  "JSON as bytes": [{ call: { body: new TextEncoder().encode(JSON.stringify({ credential: ODD })) } }, ODD],
  "a field of a form": [{ call: { body: new URLSearchParams({ name: "x", password: ODD }) } }, ODD],
  "a field of a form with files": [
    { call: { body: formOf({ name: "x", keyPassphrase: "0ther-pass" }) } },
    "0ther-pass",
  ],
};

function formOf(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new Blob(["x"]), "secret.txt");
  return form;
}

for (const [place, [given, secret]] of Object.entries(places)) {
  test(`c1: ${place} is hidden if a server quotes it`, async (t) => {
    for (const [form, said] of Object.entries(formsOf(secret))) {
      const told = toldBy(await quoted(t, said, given));
      for (const [other, part] of Object.entries(formsOf(secret)))
        assert.ok(!told.includes(part), `${form} shows as ${other}: ${told}`);
    }
  });
}

test("c1: the credential is hidden in each of its forms", async (t) => {
  const password = "pä:ss word";
  const encoded = Buffer.from(`admin:${password}`).toString("base64");
  for (const said of [
    `Basic ${encoded}`,
    encoded,
    encoded.replace(/=+$/, ""),
    `admin:${password}`,
    password,
  ]) {
    for (const auth of [{ username: "admin", password }, () => `Basic ${encoded}`]) {
      for (const status of [400, 401, 403, 500]) {
        const told = toldBy(await quoted(t, `<${said}>`, { client: { auth }, status }));
        for (const part of [encoded.replace(/=+$/, ""), password]) assert.ok(!told.includes(part), told);
      }
    }
  }
});

test("c1: a quote without secrets stays readable", async (t) => {
  const error = await quoted(
    t,
    "host esx-1 exists: application/json, name admin, fields=name, size 2048, true",
    {
      client: {
        auth: { username: "admin", password: "hunter2pw" },
        headers: { "x-a": "exists", accept: "application/json" },
      },
      call: {
        query: { fields: "name", pin: "esx-1" },
        body: {
          name: "esx-1",
          size: 2048,
          ontap_credential: { username: "admin", password: "abc" },
          has_key: true,
        },
      },
    },
  );
  assert.equal(
    error.message,
    "POST /x failed with status 409: quote: host esx-1 exists: application/json, name admin, fields=name, size 2048, true.",
  );
});

test("c1: concurrent calls hide each their own secrets", async (t) => {
  const server = await scripted(t, (request, response) => {
    response.writeHead(409);
    response.end(JSON.stringify({ error: { message: `bad ${request.headers["x-quote"]}` } }));
  });
  const client = server.client({ retry: false });
  const calls = Array.from({ length: 20 }, (_, at) => {
    const password = `secret-of-${at}-`;
    return rejection(client.post("/x", { password }, { headers: { "x-quote": password.slice(0) } }));
  });
  for (const error of await Promise.all(calls))
    assert.equal(error.message, "POST /x failed with status 409: bad …");
});

test("c1: the response to a poll hides the credential from every source", async (t) => {
  for (const auth of [{ bearer }, () => `Bearer ${bearer}`]) {
    const refusal = { status: 403, body: { error: { code: bearer, message: `no ${bearer}` } } };
    const server = await scripted(t, accepted(), refusal);
    const error = await rejection(server.client({ auth, retry: false }).post("/x", {}));
    assert.equal(error.code, "AUTH");
    assert.ok(!toldBy(error).includes(bearer), toldBy(error));
  }
});

test("c1: a job's record hides the credential, and its outcome stays", async (t) => {
  for (const auth of [
    { username: "admin", password: "success" },
    { username: "admin", password: ODD.trim() },
  ]) {
    const { password } = auth;
    const server = await scripted(
      t,
      accepted(),
      record("running", `as ${password}`),
      record("failure", `not ${password}`),
    );
    const seen = [];
    const client = server.client({ auth, retry: false });
    const error = await rejection(client.post("/x", {}, { onProgress: (job) => seen.push(job) }));
    assert.equal(error.code, "JOB_FAILED");
    assert.equal(error.message, "not …");
    assert.deepEqual(error.job.raw.message, "not …");
    assert.equal(JSON.stringify(error).includes(JSON.stringify(password).slice(1, -1)), false);
    assert.equal(seen.find(({ state }) => state === "running").message, "as …");
  }
  const quoting = { state: "failure", message: "not hunter2pw", error: { message: "hunter2pw" } };
  const server = await scripted(t, { status: 200, body: { job: quoting } });
  const error = await rejection(server.client().post("/x", { password: "hunter2pw" }));
  assert.equal(error.message, "not …");
  assertNoSecret(error, "a job that has ended at once");
});

test("c1: the body of a successful response is not changed", async (t) => {
  const body = { token: "t0ken-made", said: "hunter2pw" };
  const server = await scripted(t, { status: 200, body });
  const result = await server.client().post("/x", { password: "hunter2pw" });
  assert.deepEqual(result.body, body);
});

test("c1: a secret at the end of an excerpt is not shown in part", async (t) => {
  for (let length = 2_030; length < 2_048; length++) {
    const message = "x".repeat(length) + SECRET + "y".repeat(3_000);
    const server = await scripted(
      t,
      { status: 409, body: message },
      { status: 409, body: { error: { message } } },
    );
    const client = server.client({ retry: false });
    for (const _ of [1, 2]) {
      const { text, message: told } = await rejection(client.post("/x", { password: SECRET }));
      for (const shown of [text, told]) assert.ok(!/[hunter2pw]$/.test(shown), shown.slice(-20));
    }
  }
});

test("c2: the excerpt of a response is limited, and takes linear time", async (t) => {
  const unit = (text) => async (times) => {
    const said = text.repeat(Math.ceil(times / text.length));
    const body = { error: { code: said, message: said } };
    const server = await scripted(t, { status: 409, body });
    const client = server.client({ retry: false, auth: { bearer }, maxResponseBytes: 8 << 20 });
    const error = await rejection(client.post("/x", { password: "////" }));
    assert.ok(
      error.message.length <= 2_048 && error.serverCode.length <= 2_048 && error.text.length <= 2_048,
    );
  };
  for (const text of ["/", "//", "Basic ", "Basic\t", "\\u002f", "%2f", "?//", "\\", "&#x2f;"])
    await unit(text)(1 << 20);
});

test("c2: a cause of one MiB takes linear time", async () => {
  const spans = [];
  for (const length of [1 << 17, 1 << 20]) {
    const fetch = async () => {
      throw new Error("/".repeat(length));
    };
    const client = new DeployClient({ baseUrl: "https://deploy.example.com/api", retry: false, fetch });
    const began = performance.now();
    await rejection(client.get("/x"));
    spans.push(performance.now() - began);
  }
  // Eight times the size takes about eight times as long, not 64 times.
  assert.ok(spans[1] < 32 * spans[0] + 1_000, spans.join());
});

test("c1: a user's fetch that changes its arguments, and a library's form", async () => {
  class FormData {
    get [Symbol.toStringTag]() {
      return "FormData";
    }
    append() {}
    *[Symbol.iterator]() {}
    forEach() {
      throw new Error("no");
    }
  }
  const fetch = async (_, init) => {
    const authorization = init.headers.get("authorization");
    for (const name of Object.keys(init)) init[name] = null;
    return new Response(JSON.stringify({ error: { message: `bad ${authorization}` } }), { status: 409 });
  };
  const baseUrl = "https://deploy.example.com/api";
  const client = new DeployClient({ baseUrl, auth: { bearer }, retry: false, fetch });
  for (const body of [new FormData(), { a: 1 }]) {
    const error = await rejection(client.post("/x", body));
    assert.equal(error.message, "POST /x failed with status 409: bad …");
  }
});
