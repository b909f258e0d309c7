import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { HttpError, NotTrackableError, ProtocolError, TransportError } from "ontap-select-deploy";
import { accepted, hang, record, rejection, scripted } from "./scripted.mjs";

test("each kind of body is sent with its content type", async (t) => {
  const server = await scripted(t, { status: 204 });
  const client = server.client();
  const form = new FormData();
  form.append("license_file", new Blob(["lic"]), "a.lic");
  for (const [body, type, text] of [
    [{ a: [1, null] }, "application/json", '{"a":[1,null]}'],
    [[1], "application/json", "[1]"],
    [0, "application/json", "0"],
    [null, "application/json", "null"],
    ["plain", "text/plain;charset=UTF-8", "plain"],
    [new URLSearchParams({ a: "b c" }), "application/x-www-form-urlencoded;charset=UTF-8", "a=b+c"],
    [new Uint8Array([104, 105]), undefined, "hi"],
    [new Blob(["blob"], { type: "x/y" }), "x/y", "blob"],
    [undefined, undefined, ""],
  ]) {
    await client.post("/x", body);
    const request = server.requests.at(-1);
    assert.equal(request.headers["content-type"], type);
    assert.equal(request.body.toString(), text);
  }
  await client.post("/x", form);
  assert.match(server.requests.at(-1).headers["content-type"], /^multipart\/form-data; boundary=/);
  await client.put("/x", { a: 1 }, { headers: { "Content-Type": "application/json-patch+json" } });
  assert.equal(server.requests.at(-1).headers["content-type"], "application/json-patch+json");
});

test("the base keeps its prefix, and the path's query is merged with the option", async (t) => {
  const server = await scripted(t, { status: 204 });
  const { client } = server;
  await client().get("clusters?fields=*", {
    query: { name: ">=a b", max_records: 5, x: undefined, y: true },
  });
  assert.equal(server.requests[0].url, "/api/clusters?fields=*&name=%3E=a%20b&max_records=5&y=true");
  await client({ baseUrl: `${server.baseUrl}/v3/` }).get("/clusters");
  assert.equal(server.requests[1].url, "/api/v3/clusters");
});

test("headers: the client's on every request; those of a call on that call, and they win", async (t) => {
  const server = await scripted(t, accepted(), record("success"));
  let asked = 0;
  const client = server.client({
    auth: { username: "admin", password: "pä" },
    headers: async () => ({
      "x-client": String(++asked),
      "x-both": "client",
      accept: "application/json;v=1",
    }),
  });
  await client.post("/x", {}, { headers: [["x-both", "call"]] });
  const [call, poll] = server.requests.map((request) => request.headers);
  assert.equal(call.authorization, `Basic ${Buffer.from("admin:pä").toString("base64")}`);
  assert.equal(poll.authorization, call.authorization);
  assert.deepEqual([call["x-client"], call["x-both"], call.accept], ["1", "call", "application/json;v=1"]);
  assert.deepEqual([poll["x-client"], poll["x-both"]], ["2", "client"]);
  assert.equal(call["cache-control"], "no-cache");
});

test("a synchronous response settles at once with its body", async (t) => {
  const server = await scripted(t, {
    status: 201,
    headers: { location: "https://vm/api/clusters/1", "request-id": "r1" },
    body: { id: 1, __proto__: null },
  });
  const result = await server.client().post("/clusters", {});
  assert.deepEqual(
    { ...result },
    {
      status: 201,
      body: { id: 1 },
      location: "https://vm/api/clusters/1",
      path: "/clusters/1",
      id: "1",
      requestId: "r1",
    },
  );
  assert.ok(Object.isFrozen(result));
});

test("a handle for a synchronous response is finished", async (t) => {
  const server = await scripted(t, { status: 200, body: { num_records: 0 } });
  const handle = await server.client().submit("GET", "/clusters");
  assert.equal(handle.id, undefined);
  assert.equal(handle.latest, await handle.result());
  assert.deepEqual(handle.response.body, { num_records: 0 });
  assert.deepEqual(await handle.result(), { id: "", state: "success", raw: {} });
  assert.ok((await rejection(handle.poll())) instanceof NotTrackableError);
  const seen = [];
  for await (const job of handle) seen.push(job.state);
  assert.deepEqual(seen, ["success"]);
});

test("a 202 without a job rejects with the status, location and body", async (t) => {
  const server = await scripted(t, {
    status: 202,
    headers: { location: "l", "request-id": "r" },
    body: { task: 1 },
  });
  const error = await rejection(server.client().post("/x", {}));
  assert.ok(error instanceof NotTrackableError);
  const { status, location, requestId, text, code } = error;
  assert.deepEqual([status, location, requestId, text, code], [202, "l", "r", '{"task":1}', "NOT_TRACKABLE"]);
});

test("an HttpError has the status, code, text and request id, and shows no secret", async (t) => {
  const server = await scripted(t, {
    status: 409,
    headers: { "request-id": "r7" },
    body: { error: { code: 17, message: "the cluster is online" } },
  });
  const client = server.client({
    auth: { username: "admin", password: "s3cret" },
    headers: { "x-key": "s3cret" },
  });
  const error = await rejection(
    client.patch("/clusters/1?token=s3cret", { password: "s3cret" }, { query: { q: "s3cret" } }),
  );
  assert.ok(error instanceof HttpError);
  assert.deepEqual([error.status, error.serverCode, error.requestId], [409, "17", "r7"]);
  assert.equal(error.message, "PATCH /clusters/1 failed with status 409: the cluster is online");
  assert.equal(error.name, "HttpError");
  assert.match(error.stack, /^HttpError: /);
  for (const shown of [inspect(error, { depth: 9 }), JSON.stringify(error), String(error.stack)]) {
    assert.ok(!shown.includes("s3cret") && !shown.includes("czNjcmV0"), shown);
  }
});

test("a redirect is not followed", async (t) => {
  const elsewhere = await scripted(t, { status: 204 });
  const server = await scripted(t, { status: 307, headers: { location: elsewhere.baseUrl } });
  const client = server.client({ auth: { bearer: "abc" } });
  assert.ok((await rejection(client.post("/x", {}))) instanceof ProtocolError);
  assert.ok((await rejection(client.get("/x"))) instanceof ProtocolError);
  assert.ok((await rejection(client.job("j").result())) instanceof ProtocolError);
  assert.equal(elsewhere.requests.length, 0);
  assert.equal(server.requests.length, 3);
});

test("a mutating call is sent once, whatever happens", async (t) => {
  for (const answer of [{ status: 503 }, (request) => request.socket.destroy(), { body: "<html>" }]) {
    const server = await scripted(t, answer);
    const error = await rejection(server.client({ retry: { initialDelay: 1, maxDelay: 1 } }).post("/x", {}));
    assert.ok(["HTTP", "TRANSPORT", "PROTOCOL"].includes(error.code));
    assert.equal(server.requests.length, 1);
  }
  const server = await scripted(t, hang);
  const error = await rejection(server.client({ requestTimeout: 50 }).delete("/x"));
  assert.ok(error instanceof TransportError);
  assert.match(error.message, /may have been accepted/);
  assert.equal(server.requests.length, 1);
});

test("a GET is retried until it gets a response", async (t) => {
  const server = await scripted(t, { status: 503 }, (request) => request.socket.destroy(), {
    body: { ok: 1 },
  });
  const client = server.client({ retry: { initialDelay: 1, maxDelay: 1 } });
  assert.deepEqual((await client.get("/x")).body, { ok: 1 });
  assert.equal(client.stats.retries, 2);
});

test("no server: TransportError with the runtime's error as its cause", async (t) => {
  const server = await scripted(t, hang);
  await server.close();
  const error = await rejection(server.client({ retry: false }).get("/x"));
  assert.ok(error instanceof TransportError);
  assert.match(error.message, /not sent: no connection; the cause may be the network or TLS/);
  assert.equal(error.cause.cause.code, "ECONNREFUSED");
});

test("a body over the limit is cancelled while it streams", async (t) => {
  let sent = 0;
  const server = await scripted(t, (_, response) => {
    response.on("close", () => clearInterval(timer));
    const timer = setInterval(() => {
      sent += 1 << 16;
      response.write(Buffer.alloc(1 << 16, 32));
    }, 1);
  });
  const error = await rejection(server.client({ maxResponseBytes: 1 << 18 }).get("/x"));
  assert.ok(error instanceof ProtocolError);
  await server.requests[0].closed;
  assert.ok(sent < 1 << 26);
});

test("an error of the auth or headers function says that nothing was sent", async (t) => {
  const server = await scripted(t, { status: 204 });
  const mine = new Error("no token");
  for (const options of [
    { auth: () => Promise.reject(mine) },
    {
      headers: () => {
        throw mine;
      },
    },
  ]) {
    const error = await rejection(server.client({ ...options, retry: false }).post("/x", {}));
    assert.ok(error instanceof TransportError);
    assert.match(error.message, /not sent/);
    assert.equal(error.cause, mine);
  }
  const error = await rejection(server.client({ auth: () => "Basic s3cret\n", retry: false }).get("/x"));
  assert.ok(!inspect(error).includes("s3cret"));
  assert.equal(server.requests.length, 0);
});

test("the name of an error can be set", async (t) => {
  const server = await scripted(t, { status: 404 });
  const error = await rejection(server.client().get("/clusters"));
  error.name = "Renamed";
  assert.deepEqual([error.name, Object.keys(error).includes("name")], ["Renamed", false]);
});
