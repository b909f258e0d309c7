import assert from "node:assert/strict";
import { test } from "node:test";
import { DeployClient, HttpError, JobHandle } from "ontap-select-deploy";
import { hang, rejection, scripted } from "./scripted.mjs";

const baseUrl = "https://deploy.example.com/api";
const secret = "s3cret";

/** The error that a function throws. */
function thrown(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("expected it to throw");
}

const badOptions = [
  [undefined, TypeError, "options"],
  [null, TypeError, "options"],
  [7, TypeError, "options"],
  [{}, TypeError, "baseUrl"],
  [{ baseUrl: 7 }, TypeError, "baseUrl"],
  [{ baseUrl: "" }, TypeError, "baseUrl"],
  [{ baseUrl: "/api" }, TypeError, "baseUrl"],
  [{ baseUrl: "ftp://deploy.example.com" }, TypeError, "baseUrl"],
  [{ baseUrl: `https://admin:${secret}@deploy.example.com` }, TypeError, "baseUrl"],
  [{ baseUrl: "https://deploy.example.com/?x" }, TypeError, "baseUrl"],
  [{ baseUrl: "https://deploy.example.com/#x" }, TypeError, "baseUrl"],
  [{ baseUrl: "http://deploy.example.com" }, TypeError, "allowInsecure"],
  [{ baseUrl, allowInsecure: "yes" }, TypeError, "allowInsecure"],
  [{ baseUrl, auth: secret }, TypeError, "auth"],
  [{ baseUrl, auth: null }, TypeError, "auth"],
  [{ baseUrl, auth: { username: "admin" } }, TypeError, "auth"],
  [{ baseUrl, auth: { username: "a:b", password: secret } }, TypeError, "auth.username"],
  [{ baseUrl, auth: { username: "admin", password: `${secret}\n` } }, TypeError, "auth.password"],
  [{ baseUrl, auth: { bearer: `${secret}\n` } }, TypeError, "auth.bearer"],
  [{ baseUrl, auth: { bearer: 7 } }, TypeError, "auth.bearer: expected a string, not a number"],
  [
    { baseUrl, auth: { username: undefined, password: secret } },
    TypeError,
    "auth.username: expected a string",
  ],
  [
    { baseUrl, auth: { username: "admin", password: undefined } },
    TypeError,
    "auth.password: expected a string, not undefined",
  ],
  [{ baseUrl, headers: 7 }, TypeError, "headers"],
  [{ baseUrl, headers: { "x-key": `${secret}\n\n1` } }, TypeError, "headers"],
  [{ baseUrl, fetch: {} }, TypeError, "fetch"],
  [{ baseUrl, credentials: "all" }, TypeError, "credentials"],
  [{ baseUrl, retry: true }, TypeError, "retry"],
  [{ baseUrl, retry: { maxAttempts: 0 } }, RangeError, "retry.maxAttempts"],
  [{ baseUrl, retry: { maxAttempts: 1.5 } }, RangeError, "retry.maxAttempts"],
  [{ baseUrl, retry: { initialDelay: -1 } }, RangeError, "retry.initialDelay"],
  [{ baseUrl, retry: { maxDelay: "1" } }, TypeError, "retry.maxDelay"],
  [{ baseUrl, share: "tab" }, TypeError, "share"],
  [{ baseUrl, share: true }, TypeError, "share"],
  [{ baseUrl, maxOpenPolls: 0 }, RangeError, "maxOpenPolls"],
  [{ baseUrl, maxOpenPolls: 1.5 }, RangeError, "maxOpenPolls"],
  [{ baseUrl, maxOpenPolls: "4" }, TypeError, "maxOpenPolls"],
  [{ baseUrl, onEvent: {} }, TypeError, "onEvent"],
  [{ baseUrl, retry: { maxRetryAfter: Number.NaN } }, RangeError, "retry.maxRetryAfter"],
];
for (const name of ["timeout", "requestTimeout", "pollTimeout", "maxResponseBytes"]) {
  for (const value of [0, -1, Number.NaN]) badOptions.push([{ baseUrl, [name]: value }, RangeError, name]);
  for (const value of ["1", null, {}]) badOptions.push([{ baseUrl, [name]: value }, TypeError, name]);
}
for (const value of [999, 120_001, Number.POSITIVE_INFINITY]) {
  badOptions.push([{ baseUrl, pollTimeout: value }, RangeError, "pollTimeout"]);
}

test("each bad option throws an error that names it and shows no secret", () => {
  for (const [options, kind, name] of badOptions) {
    const error = thrown(() => new DeployClient(options));
    assert.ok(error instanceof kind, `${error} for ${name}`);
    assert.ok(error.message.includes(name), `${error.message} names ${name}`);
    assert.ok(!error.message.includes(secret) && !String(error.stack).includes(secret));
  }
});

test("valid options are accepted", () => {
  for (const options of [
    { baseUrl },
    { baseUrl: new URL(baseUrl) },
    { baseUrl: "http://127.0.0.1:1/api" },
    { baseUrl: "http://deploy.example.com", allowInsecure: true },
    { baseUrl, timeout: Number.POSITIVE_INFINITY, requestTimeout: 5e9, pollTimeout: 120_000 },
    { baseUrl, retry: false },
    { baseUrl, retry: {} },
    { baseUrl, auth: { bearer: "abc" } },
    { baseUrl, auth: { username: "ädmin", password: "" } },
    { baseUrl, auth: () => undefined, headers: () => ({}), fetch, credentials: "include" },
  ]) {
    new DeployClient(options).close();
  }
});

test("a getter that throws rejects with the user's error", async (t) => {
  const mine = new Error("mine");
  const throwing = (name) =>
    Object.defineProperty({}, name, {
      get() {
        throw mine;
      },
    });
  assert.equal(
    thrown(() => new DeployClient(throwing("baseUrl"))),
    mine,
  );
  const client = (await scripted(t, hang)).client();
  for (const name of ["params", "query", "headers", "body", "signal", "timeout", "onProgress"]) {
    assert.equal(await rejection(client.get("/x", throwing(name))), mine, name);
  }
  assert.equal(
    thrown(() => client.job("j").updates(throwing("signal"))),
    mine,
  );
});

test("each option is read once and may be inherited or a getter", async (t) => {
  const server = await scripted(t, { body: {} });
  const reads = {};
  const counting = (members) => {
    const inherited = {};
    for (const [name, value] of Object.entries(members)) {
      Object.defineProperty(inherited, name, {
        get() {
          reads[name] = (reads[name] ?? 0) + 1;
          return value;
        },
      });
    }
    return Object.create(inherited);
  };
  const { signal } = new AbortController();
  const all = { baseUrl: server.baseUrl, retry: {}, fetch, share: "client", auth: { bearer: "abc" } };
  const client = new DeployClient(counting({ ...all, onEvent() {}, headers: { "x-a": "1" } }));
  const params = Object.create({
    get id() {
      reads.id = (reads.id ?? 0) + 1;
      return "7";
    },
  });
  const call = { params, query: { a: 1 }, headers: { "x-b": "2" }, timeout: 5_000, onProgress() {}, signal };
  await client.post("/x/{id}", { a: 1 }, counting(call));
  assert.equal(server.requests[0].url, "/api/x/7?a=1");
  assert.deepEqual(
    ["x-a", "x-b", "authorization"].map((name) => server.requests[0].headers[name]),
    ["1", "2", "Bearer abc"],
  );
  for (const name of Object.keys({
    ...all,
    onEvent: 0,
    params: 0,
    id: 0,
    query: 0,
    timeout: 0,
    onProgress: 0,
    signal: 0,
  }))
    assert.equal(reads[name], 1, name);
  assert.equal(reads.headers, 2, "of the client and of the call");
});

test("bad arguments of a call reject with their names and send nothing", async (t) => {
  const server = await scripted(t, hang);
  const client = server.client();
  const cyclic = {};
  cyclic.self = cyclic;
  for (const [call, name] of [
    [() => client.request("", "/x"), "method"],
    [() => client.request("GET /", "/x"), "method"],
    [() => client.request("TRACE", "/x"), "method"],
    [() => client.request(undefined, "/x"), "method"],
    [() => client.get(undefined), "path"],
    [() => client.get(""), "path"],
    [() => client.get("https://evil.example/"), "path"],
    [() => client.get("//evil.example/"), "path"],
    [() => client.get("/\\evil.example/"), "path"],
    [() => client.get("/a/%2e%2e/%2e%2e/b"), "path"],
    [() => client.get("/a#b"), "path"],
    [() => client.get("/x", 7), "options"],
    [() => client.get("/x", { params: 7 }), "params"],
    [() => client.get("/x", { params: null }), "params"],
    [() => client.get("/{0}", { params: ["1"] }), "params"],
    [() => client.get("/{a}", { params: new Map([["a", "b"]]) }), "params"],
    [() => client.get("/{id}"), "params.id"],
    [() => client.get("/{id}", {}), "params.id"],
    [() => client.get("/{id}/{b}", { params: { id: 1 } }), "params.b"],
    [() => client.get("/{Id}", { params: { id: 1 } }), "params.Id"],
    [() => client.get("/{toString}", { params: {} }), "params.toString"],
    [() => client.get("/{__proto__}", { params: {} }), "params.__proto__"],
    [() => client.get("/x", { params: { id: 1 } }), "params.id"],
    [() => client.get("/x?y={id}", { params: { id: 1 } }), "params.id"],
    [() => client.get("/x", { params: { id: undefined } }), "params.id"],
    ...[
      "",
      ".",
      "..",
      "../y",
      "%2e%2e",
      "a\\b",
      undefined,
      null,
      Number.NaN,
      1 / 0,
      true,
      {},
      1n,
      Symbol("s"),
    ].map((id) => [() => client.get("/{id}", { params: { id } }), "params.id"]),
    ...["post", "put", "patch"].map((verb) => [() => client[verb]("/{id}", {}), "params.id"]),
    [() => client.delete("/{id}"), "params.id"],
    [() => client.request("GET", "/{id}"), "params.id"],
    [() => client.submit("POST", "/{id}"), "params.id"],
    [() => client.get("/x", { query: 7 }), "query"],
    [() => client.get("/x", { query: { a: null } }), "query.a"],
    [() => client.get("/x", { query: { a: Number.NaN } }), "query.a"],
    [() => client.get("/x", { headers: 7 }), "headers"],
    [() => client.get("/x", { body: {} }), "body"],
    [() => client.get("/x", { signal: {} }), "signal"],
    [() => client.get("/x", { timeout: 0 }), "timeout"],
    [() => client.get("/x", { timeout: "1" }), "timeout"],
    [() => client.get("/x", { onProgress: 1 }), "onProgress"],
    [() => client.post("/x", cyclic), "body"],
    [() => client.post("/x", 1n), "body"],
    [() => client.post("/x", () => {}), "body"],
    [() => client.post("/x", Symbol("s")), "body"],
    [() => client.post("/x", new ReadableStream()), "body"],
    [() => client.submit("POST", "/../x"), "path"],
    [() => client.job("j").result({ timeout: -1 }), "timeout"],
    [() => client.job("j").result({ onProgress: {} }), "onProgress"],
    [() => client.job("j").poll({ signal: 1 }), "signal"],
  ]) {
    const promise = call();
    assert.ok(promise instanceof Promise);
    const error = await rejection(promise);
    assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
    assert.ok(error.message.includes(name), `${error.message} names ${name}`);
  }
  assert.equal(server.requests.length, 0);
});

test("params fill the path of every kind of call, each as one segment", async (t) => {
  const server = await scripted(t, { body: {} });
  const events = [];
  const client = server.client({ onEvent: (event) => events.push(event) });
  const params = { id: "a/b c?#%é", node_id: 7 };
  const path = "/clusters/{id}/nodes/{node_id}";
  const sent = "/clusters/a%2Fb%20c%3F%23%25%C3%A9/nodes/7";
  await client.request("OPTIONS", path, { params });
  await client.get(path, { params, query: { fields: "*" } });
  for (const verb of ["post", "put", "patch"]) await client[verb](path, { a: 1 }, { params });
  await client.delete(path.slice(1), { params });
  await client.submit("POST", `${path}?force={id}`, { params });
  assert.deepEqual(
    server.requests.map(({ url }) => url.replace("/api", "")),
    [sent, `${sent}?fields=*`, sent, sent, sent, sent, `${sent}?force={id}`],
  );
  assert.deepEqual([...new Set(events.flatMap(({ path }) => path ?? []))], [sent], "without the query");
});

test("braces without a name stay literal", async (t) => {
  const server = await scripted(t, { body: {} });
  await server.client().get("/a{b/{}/c}?d={e}", { params: {} });
  assert.equal(decodeURIComponent(server.requests[0].url), "/api/a{b/{}/c}?d={e}");
});

test("an enumerable member of Object.prototype is not a parameter", async (t) => {
  const server = await scripted(t, { body: {} });
  Object.prototype.added = () => {}; // enumerable, as in old libraries
  t.after(() => {
    delete Object.prototype.added;
  });
  await server.client().get("/x/{id}", { params: { id: 1 } });
  assert.equal(server.requests[0].url, "/api/x/1");
});

test("a bad job id throws", () => {
  const client = new DeployClient({ baseUrl });
  for (const id of ["", ".", "..", "x".repeat(513), 7, undefined, null]) {
    assert.match(thrown(() => client.job(id)).message, /^id: /);
  }
  assert.equal(client.job("x".repeat(512)).id.length, 512);
});

test("every verb rejects options that are not an object and queries that are not plain", async (t) => {
  const server = await scripted(t, { body: {} });
  const client = server.client();
  for (const options of [null, 7, "abc"]) {
    for (const verb of ["post", "put", "patch"]) {
      const error = await rejection(client[verb]("/x", {}, options));
      assert.ok(error instanceof TypeError && /options/.test(error.message), verb);
    }
  }
  for (const query of [new URLSearchParams("a=b"), new Map([["a", "b"]]), ["a"], () => {}, "a=b", null]) {
    const error = await rejection(client.delete("/x", { query }));
    assert.ok(error instanceof TypeError && /query/.test(error.message), String(query));
  }
  assert.equal(server.requests.length, 0);
});

test("the classes keep their names in the minified bundle", () => {
  const handle = new DeployClient({ baseUrl: "https://deploy.example.com/api" }).job("j");
  assert.ok(handle instanceof JobHandle);
  assert.deepEqual(
    [DeployClient.name, JobHandle.name, HttpError.name],
    ["DeployClient", "JobHandle", "HttpError"],
  );
});
