// Environments that replace, break or lack parts of the runtime.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { test } from "node:test";
import { promisify } from "node:util";
import { DeployClient, ProtocolError, TransportError } from "ontap-select-deploy";
import { accepted, record, rejection, scripted } from "./scripted.mjs";

const run = promisify(execFile);
const baseUrl = "https://deploy.example.com/api";

/** Runs a script in its own process, with `lines` before the import of the package. */
async function script(lines, source, flags = []) {
  const text = `${lines}\nconst { DeployClient, DeployError } = await import("ontap-select-deploy");\n${source}`;
  const { stdout } = await run(process.execPath, [...flags, "--input-type=module", "-e", text], {
    timeout: 20_000,
  });
  return stdout.trim();
}

const answered = `
  let calls = 0;
  const states = ["queued", "running", "success"];
  const fetch = async (url, { method }) => {
    calls += 1;
    if (method === "POST") return Response.json({ job: { id: "j", state: "queued" } }, { status: 202 });
    if (url.endsWith("/flaky") && calls < 3) return new Response("", { status: 503 });
    const state = states.shift() ?? "success";
    return Response.json({ record: { id: "j", state, last_modified: state } });
  };
  const client = new DeployClient({ baseUrl: "${baseUrl}", fetch, retry: { initialDelay: 40, maxDelay: 40 } });
  const { job } = await client.post("/x", {}, { timeout: 10_000 });
  const { status } = await client.get("/flaky", { timeout: 10_000 });
  console.log(job.state, status, client.stats.waits);
  process.exit();`;

for (const [what, lines] of Object.entries({
  "setTimeout calls back at once": "globalThis.setTimeout = (callback) => (callback(), 1);",
  "setTimeout calls back in a microtask":
    "globalThis.setTimeout = (callback) => (Promise.resolve().then(callback), 1);",
  "setTimeout and setInterval call back at once":
    "globalThis.setTimeout = globalThis.setInterval = (callback) => (callback(), 1);",
  "setTimeout throws": "globalThis.setTimeout = () => { throw new Error('no'); };",
  "clearTimeout throws": "globalThis.clearTimeout = () => { throw new Error('no'); };",
  "queueMicrotask calls back at once": "globalThis.queueMicrotask = (callback) => callback();",
  "queueMicrotask and setTimeout call back at once":
    "globalThis.queueMicrotask = (callback) => callback(); globalThis.setTimeout = (callback) => (callback(), 1);",
  "there is no performance": "new Headers(), new Response(); delete globalThis.performance;",
  "the clock goes back": "let at = 1e9; performance.now = () => (at -= 10);",
  "there is no crypto": "delete globalThis.crypto;",
  "there are no page events": "globalThis.addEventListener = undefined;",
  "addEventListener throws":
    "globalThis.document = { addEventListener() { throw new Error('no'); } }; globalThis.addEventListener = () => { throw new Error('no'); };",
  "navigator throws":
    "Object.defineProperty(globalThis, 'navigator', { value: { get onLine() { throw new Error('no'); } } });",
})) {
  test(`b8: a call and its job settle although ${what}`, async () => {
    const waits = what === "the clock goes back" ? answered.replace("/flaky", "/steady") : answered;
    assert.equal(await script(lines, waits), "success 200 0");
  });
}

test("b8: a clock may call back into the client", async () => {
  const lines = `const { now } = performance;
    let turns = 0;
    performance.now = () => { if (globalThis.client && turns++ < 50) globalThis.client.job("other" + turns); return now.call(performance); };`;
  const source = answered.replace("const client =", "const client = globalThis.client =");
  assert.equal(await script(lines, source), "success 200 0");
});

test("b8: a fetch, its signal and a waiter's signal may call back synchronously", async () => {
  const inner = [];
  const leaves = new AbortController();
  const fetch = (url, { signal }) => {
    if (url.endsWith("/inner")) return Promise.resolve(Response.json({}));
    signal.addEventListener("abort", () => inner.push(client.get("/inner")));
    inner.push(client.get("/inner"));
    leaves.abort(new Error("left"));
    return new Promise(() => {});
  };
  const client = new DeployClient({ baseUrl, fetch });
  assert.match((await rejection(client.get("/x", { signal: leaves.signal }))).message, /left/);
  assert.equal((await Promise.all(inner)).length, 2);
});

test("b8: a signal that calls its listener at once ends the wait", async () => {
  const signal = { aborted: false, addEventListener: (_, callback) => callback(), removeEventListener() {} };
  const client = new DeployClient({ baseUrl, fetch: () => new Promise(() => {}) });
  for (const wait of [client.get("/x", { signal }), client.job("j").result({ signal })]) {
    const error = await rejection(wait);
    // An older kind of signal has no reason.
    assert.equal(error.name, "AbortError");
  }
});

test("b8: a panic in the first step rejects the promise", async () => {
  const lines = `const { Instance } = WebAssembly;
    WebAssembly.Instance = function (...args) {
      const made = new Instance(...args);
      globalThis.memory = Object.values(made.exports).find((it) => it instanceof WebAssembly.Memory);
      return made;
    };
    const { setTimeout: later } = globalThis;
    let broken = false;
    globalThis.setTimeout = (...args) => {
      if (globalThis.client && !broken) { broken = true; new Uint8Array(memory.buffer).fill(0xff); globalThis.client.job("x"); }
      return later(...args);
    };`;
  const source = `globalThis.client = new DeployClient({ baseUrl: "${baseUrl}", fetch: () => new Promise(() => {}) });
    const error = await globalThis.client.job("j").result().catch((error) => error);
    console.log(error instanceof DeployError, error.code);
    process.exit();`;
  assert.equal(await script(lines, source.replace('client.job("x")', 'client.job("x")')), "true INTERNAL");
});

test("b6: a response with a Node stream or without a stream is read, up to the limit", async () => {
  const text = JSON.stringify({ a: "ä".repeat(100) });
  const bytes = Buffer.from(text);
  const chunks = () => Readable.from([bytes.subarray(0, 15), bytes.subarray(15)], { objectMode: false });
  const shapes = {
    "a Node stream": () => ({
      body: chunks(),
      arrayBuffer: async () => assert.fail("one of the two is enough"),
    }),
    "a stream of strings": () => ({ body: chunks().setEncoding("utf8") }),
    "arrayBuffer alone": () => ({ arrayBuffer: async () => new Uint8Array(bytes).buffer }),
    "a body of bytes": () => ({ body: bytes, arrayBuffer: async () => new Uint8Array(bytes).buffer }),
    "text alone": () => ({ text: async () => text }),
    "no body, only text()": () => ({ body: null, text: async () => text }),
  };
  for (const [shape, make] of Object.entries(shapes)) {
    let calls = 0;
    const fetch = async () => {
      calls += 1;
      return { status: 200, headers: new Headers(), ...make() };
    };
    const { body } = await new DeployClient({ baseUrl, fetch }).post("/x", {});
    assert.deepEqual(body, { a: "ä".repeat(100) }, shape);
    const small = new DeployClient({ baseUrl, fetch, maxResponseBytes: 50 });
    assert.ok((await rejection(small.post("/x", {}))) instanceof ProtocolError, shape);
    assert.equal(calls, 2, shape);
  }
});

test("b6: a Node stream is destroyed when its last waiter leaves", async () => {
  const endless = new Readable({ read() {} });
  const leaves = new AbortController();
  const fetch = async () => ({ status: 200, headers: new Headers(), body: endless });
  const call = new DeployClient({ baseUrl, fetch }).get("/x", { signal: leaves.signal });
  setTimeout(() => leaves.abort(), 10);
  await rejection(call);
  assert.ok(endless.destroyed);
});

test("b7: without a fetch, the constructor throws and names the option", async () => {
  for (const value of ["undefined", "{}"]) {
    const source = `try { new DeployClient({ baseUrl: "${baseUrl}" }); } catch (error) { console.log(error.name, error.message); }`;
    assert.match(
      await script(`globalThis.fetch = ${value};`, source),
      /^TypeError fetch: expected a function/,
    );
  }
  const source = `const client = new DeployClient({ baseUrl: "${baseUrl}" });
    delete globalThis.fetch;
    for (const call of [client.get("/x"), client.post("/x", {}), client.job("j").result()])
      await call.catch((error) => console.log(error.code, error.cause.message));`;
  const said = (await script("", source)).split("\n");
  assert.equal(said.length, 3);
  for (const line of said) assert.match(line, /^TRANSPORT fetch: expected a function/);
});

test("b7: a fetch that returns no Response rejects at once, with the name and kind of the value", async () => {
  const used = new Response("{}");
  await used.text();
  for (const [given, what] of [
    [undefined, "undefined"],
    [null, "null"],
    [7, "a number"],
    ["{}", "a string"],
    [{}, "an Object"],
    [{ ok: true, json: async () => ({}) }, "an Object"],
    [new Map(), "a Map"],
    [() => {}, "a function"],
    [used, "already read"],
  ]) {
    for (const wrap of [(it) => it, (it) => Promise.resolve(it)]) {
      let calls = 0;
      const fetch = () => {
        calls += 1;
        return wrap(given);
      };
      const client = new DeployClient({ baseUrl, fetch });
      for (const [at, call] of [
        () => client.get("/x"),
        () => client.post("/x", {}),
        () => client.job("j").result(),
        () => client.job("j").poll(),
      ].entries()) {
        const error = await rejection(call());
        assert.ok(error instanceof TransportError, String(error));
        assert.match(error.message, /the fetch option/);
        assert.ok(error.cause instanceof TypeError);
        assert.match(error.cause.message, new RegExp(`^fetch: expected it to return a Response, .*${what}`));
        assert.equal(calls, at + 1, "asked once");
      }
    }
  }
});

class Host {
  name = "esx-1";
  #secret = 1;
  get secret() {
    return this.#secret;
  }
}

test("b9: a body that cannot be sent rejects and says what to pass instead", async (t) => {
  const server = await scripted(t, { body: {} });
  const client = server.client();
  class OtherFormData {
    get [Symbol.toStringTag]() {
      return "FormData";
    }
    append() {}
  }
  class FormDataOfNode extends Readable {
    get [Symbol.toStringTag]() {
      return "FormData";
    }
  }
  class OtherBlob {
    get [Symbol.toStringTag]() {
      return "Blob";
    }
  }
  class OtherStream {
    getReader() {}
  }
  async function* lines() {
    yield "a";
  }
  function* values() {
    yield 1;
  }
  const bodies = {
    "a Node stream": [Readable.from(["a"]), /read it first/],
    "a web stream": [new ReadableStream(), /read it first/],
    "a stream of another realm": [new OtherStream(), /read it first/],
    "an async generator": [lines(), /read it first/],
    "a promise": [Promise.resolve({ a: 1 }), /await it/],
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is meant.
    "a thenable": [{ then() {} }, /await it/],
    "a map": [new Map([["a", 1]]), /Object\.fromEntries/],
    "a set": [new Set([1]), /array/],
    "a generator": [values(), /array/],
    "an iterator": [[1].values(), /array/],
    headers: [new Headers({ a: "b" }), /array/],
    "a weak map": [new WeakMap(), /as JSON it is empty/],
    "an error": [new Error("x"), /as JSON it is empty/],
    "a regular expression": [/x/, /as JSON it is empty/],
    "a library's form": [new OtherFormData(), /the runtime's own/],
    "a library's form that is a stream": [new FormDataOfNode(), /read it first/],
    "a library's blob": [new OtherBlob(), /the runtime's own/],
    "a response": [new Response("x"), /text\(\)/],
    "a request": [new Request("https://deploy.example.com/"), /text\(\)/],
    "a large number": [1n, /number or a string/],
    "a function": [() => {}, /JSON can express/],
    "a symbol": [Symbol("s"), /JSON can express/],
  };
  for (const [what, [body, advice]] of Object.entries(bodies)) {
    for (const call of [
      () => client.post("/x", body),
      () => client.request("DELETE", "/x", { body }),
      () => client.submit("POST", "/x", { body }),
    ]) {
      const error = await rejection(call());
      assert.ok(error instanceof TypeError, `${what}: ${error}`);
      assert.match(error.message, /^body: /, what);
      assert.match(error.message, advice, what);
    }
    if (typeof body === "function" || typeof body === "symbol") continue;
    const error = await rejection(client.post("/x", { hosts: [{ inner: body }] }));
    assert.ok(error instanceof TypeError, `${what} within: ${error}`);
    assert.match(error.message, /^body: .*"inner"/, what);
  }
  for (const body of [new Uint8Array(2), new URLSearchParams("a=b"), new Blob(["x"]), new FormData()]) {
    assert.match(
      (await rejection(client.post("/x", { inner: body }))).message,
      /^body: .*"inner": .*whole body/,
    );
  }
  assert.equal(server.requests.length, 0);
});

test("b9: every kind of JSON data is sent as JSON", async (t) => {
  const server = await scripted(t, { body: {} });
  const client = server.client();
  const date = new Date(0);
  const list = Object.assign(new Set([1]), { toJSON: () => [1] });
  const bodies = [
    { a: [1, "b", null, { c: true }] },
    [],
    null,
    7,
    new Host(),
    new (class Nothing {})(),
    Object.create(null),
    { at: date, list, host: new Host(), none: undefined, skip() {} },
    Object.assign(Object.create({ inherited: 1 }), { own: 1 }),
  ];
  for (const body of bodies) await client.post("/x", body);
  assert.deepEqual(
    server.requests.map(({ body }) => body.toString()),
    bodies.map((body) => JSON.stringify(body)),
  );
  assert.equal(server.requests[0].headers["content-type"], "application/json");
});

test("b9: with the user's fetch, a body may be of that library's classes", async () => {
  class OtherFormData {
    entries = [];
    append(...entry) {
      this.entries.push(entry);
    }
    *[Symbol.iterator]() {
      yield* this.entries;
    }
    get [Symbol.toStringTag]() {
      return "FormData";
    }
  }
  const form = new OtherFormData();
  form.append("a", "b");
  let sent;
  const fetch = async (_, { body }) => {
    sent = body;
    return Response.json({});
  };
  const call = new DeployClient({ baseUrl, fetch }).post("/x", form);
  form.append("c", "d");
  await call;
  assert.ok(sent instanceof OtherFormData);
  assert.deepEqual(sent.entries, [["a", "b"]]);
});

test("b10: a body is sent as it was at the call, despite later changes", async (t) => {
  const server = await scripted(t, { body: {} });
  const client = server.client();
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const params = new URLSearchParams({ a: "1", "b c": "ü" });
  const form = new FormData();
  form.set("field", "kept");
  form.set("file", new File(["text"], "license.txt", { type: "text/plain" }));
  const data = { list: [1] };
  const buffer = new Uint8Array([5, 6]).buffer;
  const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7);
  const pause = new Promise((resolve) => setTimeout(resolve, 20));
  // The credential comes late, so that the test changes the bodies before they are sent.
  const late = server.client({ auth: () => pause.then(() => undefined) });
  const calls = [
    late.post("/bytes", bytes),
    late.post("/view", new DataView(bytes.buffer, 1, 2)),
    late.post("/node", Buffer.from(bytes.buffer, 2)),
    late.post("/buffer", buffer),
    late.post("/shared", shared),
    late.post("/params", params),
    late.put("/form", form),
    late.patch("/json", data),
    late.submit("POST", "/option", { body: bytes }),
    client.post("/now", bytes),
  ];
  bytes.fill(0);
  shared.fill(0);
  structuredClone(buffer, { transfer: [buffer] });
  params.set("a", "2");
  form.delete("field");
  form.set("file", "gone");
  data.list.push(2);
  await Promise.all(calls);
  const sent = Object.fromEntries(server.requests.map((it) => [it.url.slice("/api/".length), it]));
  assert.deepEqual([...sent.bytes.body], [1, 2, 3, 4]);
  assert.deepEqual([...sent.view.body], [2, 3]);
  assert.deepEqual([...sent.node.body], [3, 4]);
  assert.deepEqual([...sent.buffer.body], [5, 6]);
  assert.deepEqual([...sent.shared.body], [7, 7]);
  assert.deepEqual([...sent.option.body], [1, 2, 3, 4]);
  assert.deepEqual([...sent.now.body], [1, 2, 3, 4]);
  assert.equal(String(sent.params.body), "a=1&b+c=%C3%BC");
  assert.equal(sent.params.headers["content-type"], "application/x-www-form-urlencoded;charset=UTF-8");
  assert.match(sent.form.headers["content-type"], /^multipart\/form-data; boundary=/);
  assert.match(String(sent.form.body), /name="field"\r\n\r\nkept\r\n/);
  assert.match(
    String(sent.form.body),
    /filename="license\.txt"\r\nContent-Type: text\/plain\r\n\r\ntext\r\n/,
  );
  assert.equal(String(sent.json.body), '{"list":[1]}');
});

test("b11: every verb reads inherited members and getters of the options", async (t) => {
  const server = await scripted(t, ({ method }, response) => {
    const job = method === "POST" ? accepted().body : record("success").body;
    response.writeHead(method === "POST" ? 202 : 200);
    response.end(JSON.stringify(job));
  });
  const client = server.client();
  class Options {
    get query() {
      return { from: "getter" };
    }
    get headers() {
      return { "x-own": "1" };
    }
    get timeout() {
      return 5_000;
    }
    get onProgress() {
      return ({ state }) => seen.push(state);
    }
    get signal() {
      return undefined;
    }
  }
  const seen = [];
  const inherited = Object.create(new Options());
  for (const verb of ["get", "delete"]) await client[verb]("/x", inherited);
  for (const verb of ["post", "put", "patch"]) await client[verb]("/x", {}, inherited);
  await client.request("POST", "/x", inherited);
  await (await client.submit("POST", "/x", inherited)).result(inherited);
  for (const { url, headers } of server.requests.filter(({ url }) => url.startsWith("/api/x"))) {
    assert.equal(url, "/api/x?from=getter");
    assert.equal(headers["x-own"], "1");
  }
  await new Promise(setImmediate);
  assert.ok(seen.includes("success"));

  const hung = server.client({ fetch: () => new Promise(() => {}) });
  class Brief {
    get timeout() {
      return 20;
    }
  }
  const brief = Object.create(new Brief());
  for (const wait of [
    () => hung.get("/x", brief),
    () => hung.post("/x", {}, brief),
    () => hung.put("/x", {}, brief),
    () => hung.patch("/x", {}, brief),
    () => hung.delete("/x", brief),
    () => hung.submit("POST", "/x", brief),
    () => hung.job("j").result(brief),
    () => hung.job("j").poll(brief),
    () => hung.job("j").updates(brief).next(),
  ]) {
    assert.equal((await rejection(wait())).code, "WAIT_TIMEOUT");
  }
});

test("b12: a signal of null means none, as in fetch", async (t) => {
  const server = await scripted(t, record("success"));
  const client = server.client();
  const options = { signal: null };
  await client.get("/x", options);
  await client.post("/x", {}, options);
  await client.submit("GET", "/x", options);
  assert.equal((await client.job("j").result(options)).state, "success");
  assert.equal((await client.job("j").poll(options)).state, "success");
  for await (const job of client.job("j").updates(options)) assert.equal(job.state, "success");
});

test("b19: the constructor's error says that the runtime has no WebAssembly", async () => {
  const source = `try { new DeployClient({ baseUrl: "${baseUrl}" }); } catch (error) {
      console.log(error instanceof DeployError, error.code, error.message);
    }`;
  const said = /^true UNSUPPORTED .*no WebAssembly.*Lockdown Mode.*--jitless/;
  assert.match(await script("", source, ["--jitless"]), said);
  assert.match(await script("delete globalThis.WebAssembly;", source), said);
});

test("b17: the constructor's error names an old browser or a policy as the reason", async () => {
  const source = `try { new DeployClient({ baseUrl: "${baseUrl}" }); } catch (error) {
      console.log(error instanceof DeployError, error.code, error.message, error.cause.message);
    }`;
  for (const [kind, reason] of [
    [
      "RangeError",
      "WebAssembly.Compile is disallowed on the main thread, if the buffer size is larger than 4KB",
    ],
    ["WebAssembly.CompileError", "Refused to compile or instantiate WebAssembly module"],
  ]) {
    const lines = `WebAssembly.Module = function () { throw new ${kind}(${JSON.stringify(reason)}); };`;
    const said = await script(lines, source);
    assert.match(said, /^true UNSUPPORTED .*wasm-unsafe-eval.*Chromium 114/);
    assert.ok(said.endsWith(reason));
  }
});

test("b6: node-fetch works as the fetch option", async (t) => {
  const { default: nodeFetch } = await import("node-fetch");
  const server = createServer((_, response) => response.end(JSON.stringify({ large: "x".repeat(100_000) })));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}/api`;
  const client = new DeployClient({ baseUrl: url, fetch: nodeFetch });
  assert.equal((await client.post("/x", {})).body.large.length, 100_000);
  assert.equal((await client.get("/x")).body.large.length, 100_000);
  const small = new DeployClient({ baseUrl: url, fetch: nodeFetch, maxResponseBytes: 1_000 });
  assert.ok((await rejection(small.get("/x"))) instanceof ProtocolError);
});

// As in jsdom, on a Node whose fetch accepts only its own signals. Older ones accept any.
const strangeSignals = `
  const { AbortSignal: Own, Request: OwnRequest, Response } = globalThis;
  const must = ({ signal }) => {
    if (!(signal instanceof Own)) throw new TypeError("Expected signal to be an instance of AbortSignal.");
  };
  globalThis.Request = class extends OwnRequest { constructor(url, init) { must(init); super(url, init); } };
  globalThis.AbortSignal = class extends EventTarget { aborted = false; throwIfAborted() {} };
  globalThis.AbortController = class {
    signal = new AbortSignal();
    abort(reason) {
      this.signal.aborted = true;
      this.signal.reason = reason;
      this.signal.dispatchEvent(new Event("abort"));
    }
  };`;

test("b16: the platform's fetch gets a signal that it accepts, although AbortController is replaced", async () => {
  const said = await script(
    strangeSignals,
    `
    let aborted = 0;
    globalThis.fetch = async (url, init) => {
      must(init);
      if (init.method === "POST") return Response.json({ job: { id: "j", state: "queued" } }, { status: 202 });
      return new Promise((_, reject) => init.signal.addEventListener("abort", () => { aborted += 1; reject(); }));
    };
    const client = new DeployClient({ baseUrl: "${baseUrl}" });
    const leaving = new AbortController();
    setTimeout(() => leaving.abort("gone"), 50);
    const reason = await client.post("/x", {}, { signal: leaving.signal }).catch((error) => error);
    console.log(reason, aborted);`,
  );
  assert.equal(said, "gone 1");
});

test("b16: the user's fetch gets a signal of the current AbortController", async () => {
  const said = await script(
    strangeSignals,
    `
    const fetch = async (url, { signal }) => Response.json({ own: signal instanceof AbortSignal });
    const { body } = await new DeployClient({ baseUrl: "${baseUrl}", fetch }).get("/x");
    console.log(body.own);`,
  );
  assert.equal(said, "true");
});
