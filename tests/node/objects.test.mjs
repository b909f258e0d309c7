// The address of a created object, and list, find, read, ensure and until.

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, test } from "node:test";
import {
  AuthError,
  HttpError,
  JobFailedError,
  ProtocolError,
  TransportError,
  WaitTimeoutError,
} from "ontap-select-deploy";
import { deployFor } from "./deploy.mjs";
import { scripted } from "./scripted.mjs";

const FAST = { retry: { maxAttempts: 3, initialDelay: 1, maxDelay: 2 } };
const NOT_FOUND = { status: 404, body: { error: { code: "4", message: "entry doesn't exist" } } };
const json = (body, status = 200, headers = {}) => ({
  status,
  body,
  headers: { "content-type": "application/json", ...headers },
});

describe("a created object", () => {
  test("has a path below the base and an id, whatever its prefix", async (t) => {
    const { client } = await deployFor(t);
    const deploy = client();
    const made = await deploy.post("/clusters", { name: "prod" }, { query: { node_count: 1 } });
    assert.equal(made.path, `/clusters/${made.id}`);
    assert.ok(made.location?.endsWith(made.path));
    assert.equal((await deploy.read(made.path)).id, made.id);
    // The address itself is also below the base.
    assert.equal((await deploy.read(made.location)).id, made.id);
    const handle = await deploy.submit("POST", "/backups", { body: { password: "Netapp1!" } });
    assert.equal(handle.response.path, `/backups/${handle.response.id}`);
  });

  for (const [location, path, id] of [
    ["https://10.0.0.5/api/v3/clusters/4%202", "/clusters/4%202", "4 2"],
    ["http://proxy.example.com/x/api/clusters/42/", "/clusters/42", "42"],
    ["https://elsewhere.example.com/x/../y", undefined, undefined],
    ["https://10.0.0.5/api/v3/clusters/", undefined, undefined],
    ["/api/clusters/%2e%2e", undefined, undefined],
  ])
    test(`at ${location}`, async (t) => {
      const { client } = await scripted(t, json({}, 201, { location }));
      const result = await client().post("/clusters", {});
      assert.equal(result.location, location);
      assert.equal(result.path, path);
      assert.equal(result.id, id);
    });
});

describe("an absolute address", () => {
  test("below the base is accepted", async (t) => {
    const { client, baseUrl, requests } = await scripted(t, json({}));
    await client().get(`${baseUrl}/hosts?fields=name`);
    await client().get(`${baseUrl.replace("http", "HTTP")}/hosts/{id}`, { params: { id: "a/b" } });
    assert.deepEqual(
      requests.map(({ url }) => url),
      ["/api/hosts?fields=name", "/api/hosts/a%2Fb"],
    );
  });

  test("elsewhere is rejected before anything is sent", async (t) => {
    const { client, baseUrl, requests } = await scripted(t, json({}));
    const { origin } = new URL(baseUrl);
    for (const path of [
      `${origin}/other/hosts`,
      `${origin}/apiary/hosts`,
      `${origin}/api/../hosts`,
      `${origin}/api/%2e%2e/hosts`,
      `${origin.replace("127.0.0.1", "127.0.0.2")}/api/hosts`,
      `${origin.replace("//", "//u:p@")}/api/hosts`,
      "https://evil.example.com/api/hosts",
      "//127.0.0.1/api/hosts",
    ])
      await assert.rejects(client().get(path), TypeError, path);
    assert.equal(requests.length, 0);
  });
});

describe("onProgress of the client", () => {
  test("gets the changes of every wait, unless the wait has its own", async (t) => {
    const { client } = await deployFor(t);
    const ours = [];
    const own = [];
    const deploy = client({ onProgress: ({ id }) => ours.push(id) });
    const first = await deploy.post("/backups", { password: "Netapp1!" });
    const second = await deploy.post(
      "/backups",
      { password: "Netapp1!" },
      { onProgress: ({ id }) => own.push(id) },
    );
    const third = await deploy.submit("POST", "/backups", { body: { password: "Netapp1!" } });
    const seen = [];
    for await (const { id } of third) seen.push(id);
    assert.deepEqual(new Set(ours), new Set([first.job.id, third.id]));
    assert.deepEqual(new Set(own), new Set([second.job.id]));
    assert.ok(seen.length > 0);
    await deploy.job(first.job.id).result();
  });

  test("is rejected if it is not a function", async () => {
    const { DeployClient } = await import("ontap-select-deploy");
    assert.throws(() => new DeployClient({ baseUrl: "https://d.example.com", onProgress: 1 }), /onProgress/);
  });
});

describe("list, find and read", () => {
  test("return records", async (t) => {
    const { client } = await deployFor(t);
    const deploy = client();
    for (const name of ["a", "b"]) await deploy.post("/clusters", { name }, { query: { node_count: 1 } });
    const list = await deploy.list("/clusters", { query: { fields: "name" } });
    assert.deepEqual(list.map(({ name }) => name).sort(), ["a", "b"]);
    const found = await deploy.find(
      "/clusters",
      { name: "b" },
      { query: { fields: "state,name", name: "a" } },
    );
    assert.equal(found.name, "b");
    assert.ok(found.state);
    assert.equal(await deploy.find("/clusters", { name: "c" }), undefined);
    assert.equal((await deploy.read("/clusters/{id}", { params: { id: found.id } })).name, "b");
  });

  test("accept a record next to a job, and reject a job without a record", async (t) => {
    const job = { id: "j", state: "success" };
    const { client } = await scripted(t, json({ record: { id: 1 }, job }), json({ job }, 202));
    assert.deepEqual(await client(FAST).read("/hosts/1"), { id: 1 });
    for (const name of ["read", "list"]) await assert.rejects(client(FAST)[name]("/hosts"), ProtocolError);
    await assert.rejects(client(FAST).find("/hosts", { name: "a" }), ProtocolError);
  });

  test("find returns undefined for Deploy's 404 and rejects for a proxy's 404", async (t) => {
    const { client } = await scripted(t, NOT_FOUND, { status: 404, body: "<html>" });
    assert.equal(await client().find("/clusters/x/nodes", { name: "n" }), undefined);
    await assert.rejects(client().find("/clusters", { name: "n" }), HttpError);
  });

  test("a response without the record is retried, then a ProtocolError", async (t) => {
    const { client, requests } = await scripted(
      t,
      json({}),
      json({}),
      json({ records: [{ id: 1 }] }),
      json({}),
    );
    assert.deepEqual(await client(FAST).list("/hosts"), [{ id: 1 }]);
    await assert.rejects(client(FAST).read("/hosts/1"), ProtocolError);
    assert.equal(requests.length, 3 + 3);
  });

  test("bad arguments reject with their names", async (t) => {
    const { client, requests } = await scripted(t, json({}));
    const deploy = client();
    await assert.rejects(deploy.find("/hosts", "name=a"), /^TypeError: query: /);
    await assert.rejects(deploy.find("/hosts", { name: {} }), /^TypeError: query\.name: /);
    await assert.rejects(deploy.list(1), /^TypeError: path: /);
    await assert.rejects(deploy.read("/hosts", { body: {} }), /^TypeError: body: /);
    await assert.rejects(deploy.until("/hosts"), /^TypeError: when: /);
    await assert.rejects(deploy.ensure("/hosts", {}, 1n), /^TypeError: body: /);
    await assert.rejects(deploy.ensure("/hosts", {}, {}, { postQuery: 1 }), /^TypeError: query: /);
    assert.equal(requests.length, 0);
  });
});

describe("ensure", () => {
  test("finds an existing object, or creates it and waits for its job", async (t) => {
    const { client } = await deployFor(t);
    const deploy = client();
    const cluster = (options) =>
      deploy.ensure(
        "/clusters",
        { name: "prod" },
        { name: "prod" },
        { postQuery: { node_count: 2 }, ...options },
      );
    const first = await cluster({ query: { fields: "name,state" } });
    assert.equal(first.created, true);
    assert.equal(first.result.status, 201);
    assert.ok(first.record.state);
    const second = await cluster();
    assert.deepEqual([second.created, second.result], [false, undefined]);
    assert.equal(second.record.id, first.record.id);
    const hosts = [
      { name: "kvm-1", hypervisor_type: "KVM", credential: { username: "root", password: "x" } },
    ];
    const host = await deploy.ensure("/hosts", { name: "kvm-1" }, { hosts });
    assert.equal(host.created, true);
    assert.equal(host.result.job.state, "success");
    assert.ok(host.record.id);
  });

  for (const [name, refusal] of [
    ["409", json({ error: { message: "conflict" } }, 409)],
    ["a 400 that says so", json({ error: { message: "Host esx-1 already exists." } }, 400)],
    [
      "a failed job that says so",
      json({ job: { id: "j", state: "failure", message: "it exists already" } }, 202),
    ],
  ])
    test(`finds an object that another client created in between: ${name}`, async (t) => {
      const { client, requests } = await scripted(
        t,
        json({ records: [] }),
        refusal,
        json({ records: [{ id: "theirs" }] }),
      );
      const { record, created, result } = await client().ensure("/hosts", { name: "esx-1" }, { hosts: [] });
      assert.deepEqual([record, created, result], [{ id: "theirs" }, false, undefined]);
      assert.deepEqual(
        requests.map(({ method }) => method),
        ["GET", "POST", "GET"],
      );
    });

  test("any other rejection is the error, without another search", async (t) => {
    const { client, requests } = await scripted(
      t,
      json({ records: [] }),
      json({ error: { message: "node_count: 3 is none" } }, 400),
    );
    await assert.rejects(client().ensure("/clusters", { name: "a" }, {}), {
      status: 400,
      outcome: "refused",
    });
    assert.equal(requests.length, 2);
  });

  test("a conflict without such an object is the error", async (t) => {
    const { client } = await scripted(
      t,
      json({ records: [] }),
      json({ error: {} }, 409),
      json({ records: [] }),
    );
    await assert.rejects(client().ensure("/clusters", { name: "a" }, {}), { status: 409 });
  });

  test("a failed job is the error", async (t) => {
    const failed = json({ job: { id: "j", state: "failure", message: "no route" } }, 202);
    const { client, requests } = await scripted(t, json({ records: [] }), failed);
    await assert.rejects(client().ensure("/hosts", { name: "a" }, {}), JobFailedError);
    assert.equal(requests.length, 2);
  });

  test("reads the object if the query does not find it yet", async (t) => {
    const { client, requests } = await scripted(
      t,
      json({ records: [] }),
      json({}, 201, { location: "/api/v3/clusters/42" }),
      json({ records: [] }),
      json({ record: { id: "42" } }),
    );
    const { record } = await client().ensure("/clusters", { name: "a" }, {}, { query: { fields: "id" } });
    assert.deepEqual(record, { id: "42" });
    assert.equal(requests[3].url, "/api/clusters/42?fields=id");
  });

  test("without a location, only the query finds the object", async (t) => {
    const { client, requests } = await scripted(
      t,
      json({ records: [] }),
      json({}, 201),
      json({ records: [] }),
    );
    const path = "/hosts/{id}/networks";
    const options = { params: { id: "h 1" } };
    await assert.rejects(client().ensure(path, { name: "a" }, {}, options), {
      code: "PROTOCOL",
      outcome: "unknown",
    });
    assert.equal(requests.length, 3);
  });

  test("the rejection stays the error if the search after it fails", async (t) => {
    const failed = json({ job: { id: "j", state: "failure", message: "it already exists" } }, 202);
    const { client } = await scripted(t, json({ records: [] }), failed, { status: 400 });
    await assert.rejects(client().ensure("/hosts", { name: "a" }, {}), JobFailedError);
  });

  test("a lost server after the POST leaves `sent` undefined", async (t) => {
    const { client, close } = await scripted(t, json({ records: [] }), async (_, response) => {
      response.writeHead(201, { connection: "close" }).end("{}");
      await close();
    });
    await assert.rejects(client(FAST).ensure("/hosts", { name: "a" }, {}), (error) => {
      assert.ok(error instanceof TransportError);
      assert.deepEqual([error.outcome, "sent" in error], ["unknown", false]);
      return true;
    });
  });

  test("an empty query is rejected before anything is sent", async (t) => {
    const { client, requests } = await scripted(t, json({ records: [{ id: "theirs" }] }));
    const deploy = client();
    for (const query of [{ name: undefined }, {}, undefined])
      await assert.rejects(deploy.ensure("/hosts", query, {}), /^TypeError: query: /);
    await assert.rejects(deploy.find("/hosts", { name: undefined }), /^TypeError: query: /);
    assert.equal(requests.length, 0);
    assert.deepEqual(await deploy.find("/hosts", undefined), { id: "theirs" });
  });

  test("an error after the POST has the outcome unknown", async (t) => {
    const { client } = await scripted(t, json({ records: [] }), json({}, 201), { status: 401 });
    await assert.rejects(client().ensure("/clusters", { name: "a" }, {}), (error) => {
      assert.ok(error instanceof AuthError);
      assert.equal(error.outcome, "unknown");
      return true;
    });
  });

  test("sends the body as it was at the call, and its timeout limits the whole", async (t) => {
    const late = (_, response) => setTimeout(() => response.end(JSON.stringify({ records: [] })), 30);
    const { client, requests } = await scripted(t, late, () => {});
    const body = { name: "a" };
    const ensured = client().ensure("/clusters", { name: "a" }, body, { timeout: 2_000 });
    body.name = "b";
    await assert.rejects(ensured, WaitTimeoutError);
    assert.equal(requests[1].body.toString(), '{"name":"a"}');
  });
});

describe("until", () => {
  test("reads until the condition is true", async (t) => {
    const { client, requests } = await scripted(
      t,
      json({ record: { state: "off" } }),
      json({ record: { state: "on", name: "n" } }),
    );
    const seen = [];
    const record = await client().until(
      "/clusters/{id}/nodes/n",
      ({ state }) => {
        seen.push(state);
        return state === "on";
      },
      { params: { id: "c" }, query: { fields: "state" } },
    );
    assert.deepEqual(record, { state: "on", name: "n" });
    assert.deepEqual(seen, ["off", "on"]);
    assert.equal(requests[1].url, "/api/clusters/c/nodes/n?fields=state");
  });

  test("calls the condition in the call's context, and awaits an async one", async (t) => {
    const store = new AsyncLocalStorage();
    const { client } = await scripted(
      t,
      json({ record: { state: "off" } }),
      json({ record: { state: "on" } }),
    );
    const stores = [];
    await store.run("mine", () =>
      client().until("/x", async ({ state }) => {
        stores.push(store.getStore());
        return state === "on";
      }),
    );
    assert.deepEqual(stores, ["mine", "mine"]);
  });

  test("survives an outage of the server", async (t) => {
    const reset = (request) => request.socket.destroy();
    const { client } = await scripted(
      t,
      json({ record: { state: "off" } }),
      reset,
      { status: 503 },
      { status: 404, body: "<html>" },
      json({ record: { state: "on" } }),
    );
    const record = await client({ retry: { initialDelay: 1, maxDelay: 2 } }).until(
      "/x",
      ({ state }) => state === "on",
    );
    assert.equal(record.state, "on");
  });

  for (const [name, when, expected] of [
    [
      "throws",
      () => {
        throw new RangeError("mine");
      },
      RangeError,
    ],
    [
      "rejects",
      async () => {
        throw new RangeError("mine");
      },
      RangeError,
    ],
    [
      "returns no boolean",
      () => "on",
      /^TypeError: when: expected a function that returns true or false, not a string/,
    ],
  ])
    test(`rejects if the condition ${name}, and stops everything`, async (t) => {
      const { client, requests } = await scripted(t, json({ record: { state: "off" } }));
      const deploy = client();
      await assert.rejects(deploy.until("/x", when), expected);
      assert.equal(deploy.stats.waits, 0);
      assert.equal(requests.length, 1);
    });

  test("ends with its signal, its timeout and the client's close", async (t) => {
    const { client } = await scripted(t, json({ record: { state: "off" } }));
    const deploy = client();
    const never = () => false;
    const signal = AbortSignal.abort(new RangeError("left"));
    await assert.rejects(deploy.until("/x", never, { signal }), RangeError);
    const leaving = new AbortController();
    const left = deploy.until(
      "/x",
      () => {
        leaving.abort(new RangeError("left"));
        return false;
      },
      { signal: leaving.signal },
    );
    await assert.rejects(left, RangeError);
    await assert.rejects(deploy.until("/x", never, { timeout: 900 }), (error) => {
      assert.ok(error instanceof WaitTimeoutError);
      assert.equal(error.outcome, "refused");
      assert.match(error.message, /condition/);
      return true;
    });
    const closed = deploy.until("/x", () => {
      deploy.close();
      return false;
    });
    await assert.rejects(closed, { code: "CLOSED" });
  });

  test("consecutive failures end it", async (t) => {
    const { client, requests } = await scripted(t, (request) => request.socket.destroy());
    await assert.rejects(
      client(FAST).until("/x", () => true),
      TransportError,
    );
    assert.equal(requests.length, 3);
  });
});
