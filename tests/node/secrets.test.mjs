// Every way to fail, with a secret in every place that can hold one: none may show anywhere.

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

/** As HTTP libraries do: the whole request hangs on the error. */
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

test("what a fetch of the user's own throws is told without what was secret in the request", async () => {
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

/** Errors that refer to each other, many times over. */
function circle() {
  const errors = Array.from({ length: 12 }, () => new AggregateError([], "x"));
  for (const error of errors) error.errors = errors;
  return errors[0];
}

test("several errors in one, a loop of causes, and what is no error at all", async () => {
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

test("a cause that shows nothing of the request is the very one that was thrown", async () => {
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

test("an auth or headers function that throws its secret is told without it", async () => {
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
