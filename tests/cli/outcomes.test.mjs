// The exit code, standard output and standard error of every outcome.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { host } from "../lib/described.mjs";
import { addHost, commandFor, file, tokenIn } from "./command.mjs";

const addOne = addHost("esx-1");
const HOUR = 3_600_000;

test("0: a job succeeds, and each change is printed as a line", async (t) => {
  const { osd } = await commandFor(t, { stepMs: 300 });
  const { code, out, err } = await osd(addOne);
  assert.equal(code, 0);
  const { status, job, body } = JSON.parse(out);
  assert.deepEqual([status, job.state, body.job.id], [202, "success", job.id]);
  const [first, ...changes] = err.trim().split("\n");
  assert.equal(first, `accepted as job ${job.id}`);
  assert.deepEqual([...new Set(changes.map((line) => line.split(":")[0]))], ["queued", "running", "success"]);
  assert.equal(out.trim().split("\n").length, 1, "a pipe gets one line");
  assert.ok(!err.includes("\x1b"), "no escapes without a terminal");
});

test("0: an immediate response, for each method and with a query", async (t) => {
  const { osd } = await commandFor(t);
  const created = JSON.parse((await osd(["POST", "clusters", "--data", '{"name":"c1"}'])).out);
  const path = `/clusters/${created.location.split("/").at(-1)}`;
  assert.deepEqual([created.path, created.id], [path, path.split("/").at(-1)]);
  assert.equal(JSON.parse((await osd(["get", "/clusters?fields=name"])).out).body.records[0].name, "c1");
  assert.equal((await osd(["patch", path, "--data", '{"ip":"192.0.2.7"}'])).code, 0);
  const { code, err } = await osd(["delete", path]);
  assert.equal(code, 0, err);
});

test("1: a job fails: its record is on standard output, its reason on standard error", async (t) => {
  const { osd } = await commandFor(t);
  const { code, out, err } = await osd([...addHost("unreachable-1"), "--quiet"]);
  assert.equal(code, 1);
  assert.equal(JSON.parse(out).job.state, "failure");
  assert.match(
    err,
    /^ontap-select-deploy: the job failed: .*cannot be reached.*\n$/,
    "no progress with --quiet",
  );
});

test("3: a timeout prints the token, and wait continues with it", async (t) => {
  const { osd } = await commandFor(t, { stepMs: 1_500 });
  const { code, out, err } = await osd([...addOne, "--timeout", "1s"]);
  assert.deepEqual([code, out], [3, ""]);
  assert.match(err, /--timeout expired\. The job continues on the server, and its outcome is unknown\./);
  const waited = await osd(["wait", tokenIn(err)]);
  assert.equal(waited.code, 0);
  assert.equal(JSON.parse(waited.out).job.state, "success");
});

test("wait takes the id of a job", async (t) => {
  const { osd, client } = await commandFor(t);
  const deploy = client();
  const { id } = await deploy.submit("POST", "/hosts", { body: host("unreachable-1") });
  deploy.close();
  const { code, out } = await osd(["wait", id]);
  assert.equal(code, 1);
  assert.equal(JSON.parse(out).job.id, id);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  test(`3: ${signal} ends the wait and prints the token`, async (t) => {
    const { start, osd, simulator } = await commandFor(t, { stepMs: HOUR });
    const running = start(addOne);
    await running.until(/queued/);
    running.child.kill(signal);
    const { code, err } = await running.ended;
    assert.equal(code, 3);
    assert.match(
      err,
      new RegExp(`stopped by ${signal}\\. The job continues on the server, and its outcome is unknown`),
    );
    assert.equal((await osd(["wait", tokenIn(err), "--timeout", "100ms"])).code, 3);
    assert.deepEqual(simulator.counters().received, { "POST /hosts": 1 });
  });
}

test("3: after a signal before the response, the server may have accepted the call", async (t) => {
  const { start, simulator } = await commandFor(t, { rules: [{ action: { kind: "hang" } }] });
  const running = start(addOne);
  while (simulator.log().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  running.child.kill("SIGINT");
  const { code, err } = await running.ended;
  assert.equal(code, 3);
  assert.match(err, /stopped by SIGINT\. The server may have accepted the call/);
  assert.equal(tokenIn(err), undefined);
});

test("3: if the connection breaks, the server may have accepted a changing call", async (t) => {
  const { osd } = await commandFor(t, { rules: [{ action: { kind: "reset" } }] });
  const { code, err } = await osd(addOne);
  assert.equal(code, 3);
  assert.match(err, /POST \/hosts: no response: .*The server may have accepted the call/);
});

for (const status of [408, 500, 501, 502, 503, 504, 507, 520]) {
  test(`C5: 3: after status ${status}, the server may have accepted the call`, async (t) => {
    const { osd } = await commandFor(t, { rules: [{ action: { kind: "status", status } }] });
    const { code, err } = await osd(addOne);
    assert.equal(code, 3);
    assert.match(
      err,
      /The server may have accepted the call: check the object before you repeat the call\.$/m,
    );
  });
}

for (const status of [400, 403, 404, 409, 421, 423, 429]) {
  test(`C5: 4: status ${status} means that the call was refused`, async (t) => {
    const { osd } = await commandFor(t, { rules: [{ action: { kind: "status", status } }] });
    assert.equal((await osd(addOne)).code, 4);
  });
}

test("4: a get changes nothing, however it ends", async (t) => {
  const { osd } = await commandFor(t, { rules: [{ action: { kind: "hang" } }] });
  assert.equal((await osd(["get", "/hosts", "--timeout", "300ms"])).code, 4);
});

test("C10: --request-timeout limits the wait for one response", async (t) => {
  const { osd } = await commandFor(t, { rules: [{ action: { kind: "hang" } }] });
  const { code, err } = await osd([...addOne, "--request-timeout", "300ms"]);
  assert.equal(code, 3);
  assert.match(err, /no response/);
});

test("C9: 3: a wait that fails because the VM is away can be continued with the token", async (t) => {
  const { osd, client } = await commandFor(t, { stepMs: 300 });
  const deploy = client();
  const handle = await deploy.submit("POST", "/hosts", { body: host("esx-1") });
  const token = handle.serialize();
  const away = { match: { path: "/jobs/*" }, action: { kind: "status", status: 404 } };
  deploy.close();
  const { osd: other } = await commandFor(t, { rules: [away] });
  const away501 = await commandFor(t, { rules: [{ action: { kind: "status", status: 501 } }] });
  for (const [run, job, options] of [
    // No Deploy listens there. A short timeout replaces the end of the retries.
    [osd, handle.id, ["--base", "http://127.0.0.1:9/api", "--timeout", "1s"]],
    // Deploy itself does not know the job.
    [other, handle.id, []],
    [away501.osd, handle.id, []],
  ]) {
    const { code, out, err } = await run(["wait", job, ...options]);
    assert.deepEqual([code, out], [3, ""], err);
    assert.ok(tokenIn(err), err);
  }
  assert.equal((await osd(["wait", token])).code, 0);
});

test("3: if the server does not know a job that was never seen, the message says to check the id", async (t) => {
  for (const status of [404, 410]) {
    const body = { error: { code: 4, message: "There is no such entry." } };
    const rules = [{ match: { path: "/jobs/*" }, action: { kind: "status", status, body } }];
    const { osd } = await commandFor(t, { rules });
    const { code, err } = await osd(["wait", "mistyped"]);
    assert.equal(code, 3);
    assert.match(
      err,
      /no such entry\. The server does not know this job: check its id and .* The outcome is unknown\.$/m,
    );
    assert.ok(!err.includes("continues on the server"), err);
  }
});

test("a retry names its reason: the status, or no response", async (t) => {
  const away = (action) => ({ match: { path: "/jobs/*" }, count: 1, action });
  const rules = [away({ kind: "status", status: 503 }), away({ kind: "reset" })];
  const { osd } = await commandFor(t, { stepMs: 300, rules });
  const { code, err } = await osd(addOne);
  assert.equal(code, 0, err);
  assert.match(err, /^attempt 1 failed \(status 503\); retry in \S+s$/m);
  assert.match(err, /^attempt 2 failed \(no response\); retry in \S+s$/m);
});

test("C9: 4: a wait with a wrong password is refused", async (t) => {
  const { osd, client } = await commandFor(t, { stepMs: 300 });
  const deploy = client();
  const handle = await deploy.submit("POST", "/hosts", { body: host("esx-1") });
  for (const job of [handle.id, handle.serialize()]) {
    const { code, err } = await osd(["wait", job], { env: { DEPLOY_PASSWORD: "wrong" } });
    assert.equal(code, 4, err);
    assert.match(err, /401/);
  }
  deploy.close();
});

test("3: if the job is gone or was not named, the message says to read the object", async (t) => {
  const steps = [
    { state: "queued" },
    { state: "running", afterMs: 300 },
    { state: "success", afterMs: HOUR },
  ];
  const gone = await commandFor(t, {
    scripts: [{ steps }],
    rules: [
      {
        match: { path: "/jobs/*" },
        skip: 1,
        action: { kind: "status", status: 404, body: { error: { code: 4 } } },
      },
    ],
  });
  const lost = await gone.osd(addOne);
  assert.equal(lost.code, 3);
  assert.match(lost.err, /Read the object to see whether the change took effect\.\n$/);
  const { osd } = await commandFor(t, { accept: { job: "noJob" } });
  const untold = await osd(addOne);
  assert.equal(untold.code, 3);
  assert.match(untold.err, /Read the object to see whether the change took effect\.\n$/);
});

test("3: if the credential is refused during the wait, the job's outcome is unknown", async (t) => {
  const { start, simulator } = await commandFor(t, { stepMs: 500 });
  const running = start(addOne);
  await running.until(/queued/);
  simulator.setCredentials({ username: "admin", password: "another" });
  const { code, err } = await running.ended;
  assert.equal(code, 3);
  assert.ok(tokenIn(err));
});

test("4: the server refuses the call", async (t) => {
  const { osd } = await commandFor(t);
  for (const [args, said] of [
    [["get", "/nothing"], /failed with status 404/],
    [["post", "/clusters", "--data", "{}"], /failed with status 400/],
  ]) {
    const { code, out, err } = await osd(args);
    assert.deepEqual([code, out], [4, ""]);
    assert.match(err, said);
  }
  const { code, err } = await osd(["get", "/hosts"], { env: { DEPLOY_PASSWORD: "wrong" } });
  assert.equal(code, 4);
  assert.match(err, /failed with status 401/);
});

test("4: the server is unreachable, so the call was not sent", async (t) => {
  const { osd } = await commandFor(t);
  const { code, err } = await osd([...addOne, "--base", "http://127.0.0.1:9/api"]);
  assert.equal(code, 4);
  assert.match(err, /POST \/hosts: no connection: /);
  const refused = await osd([...addOne, "--base", "http://127.0.0.1:47/api"]);
  assert.equal(refused.code, 4, refused.err);
});

test("--data reads a file or standard input", async (t) => {
  const { osd } = await commandFor(t);
  const path = await file(t, "host.json", host("esx-1"));
  assert.equal((await osd(["post", "/hosts", "--data", `@${path}`])).code, 0);
  assert.equal(
    (await osd(["post", "/hosts", "--data", "@-"], { input: JSON.stringify(host("esx-2")) })).code,
    0,
  );
});

test("the headers of --header and of the credentials file are sent with each request", async (t) => {
  const { osd, simulator } = await commandFor(t);
  const path = await file(t, "credentials.json", {
    username: "admin",
    password: "Netapp1!",
    headers: { "x-key": "k3y" },
  });
  const { code } = await osd([...addOne, "--header", "X-Trace:  42 ", "--credentials", path], {
    env: { DEPLOY_PASSWORD: "wrong" },
  });
  assert.equal(code, 0);
  for (const { headers } of simulator.log()) {
    const sent = Object.fromEntries(headers);
    assert.deepEqual([sent["x-trace"], sent["x-key"]], ["42", "k3y"]);
  }
});

test("control characters from the server are escaped", async (t) => {
  const steps = [
    { state: "running", message: "a\u001b[2Jb\nc\u202ed" },
    { state: "failure", message: "\u001b]0;x\u0007", afterMs: 300 },
  ];
  const { osd } = await commandFor(t, { scripts: [{ path: "/hosts", steps }] });
  const { err } = await osd(addOne);
  assert.match(err, /^running: a\\u001b\[2Jb c\\u202ed$/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for control characters
  assert.doesNotMatch(err, /[\u0000-\u0009\u000b-\u001f\u202e]/);
});

test("a closed pipe is not an error", async (t) => {
  const { start } = await commandFor(t);
  const running = start(addOne);
  running.child.stdout.destroy();
  assert.equal((await running.ended).code, 0);
});

test("4: a 404 of a wrong base path has a hint, and no other 404", async (t) => {
  const { osd, baseUrl } = await commandFor(t);
  const server = createServer((_, response) => response.writeHead(404).end("<h1>Not found</h1>"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const origin = `http://127.0.0.1:${server.address().port}`;
  const HINT = /Does DEPLOY_URL end with \/api\?/;
  for (const args of [
    ["get", "/hosts"],
    ["cluster", "delete", "prod", "--dry-run"],
  ]) {
    for (const path of ["", "/", "/apis"]) {
      const { code, err } = await osd(args, { env: { DEPLOY_URL: `${origin}${path}` } });
      assert.equal(code, 4, err);
      assert.match(err, HINT);
    }
  }
  const flag = await osd(["get", "/hosts", "--base", origin]);
  assert.match(flag.err, /Does --base end with \/api\?/);
  for (const url of [`${origin}/api`, `${origin}/api/v3/`, baseUrl]) {
    const { code, err } = await osd(["get", "/clusters/none"], { env: { DEPLOY_URL: url } });
    assert.equal(code, 4, err);
    assert.doesNotMatch(err, /end with/);
  }
});
