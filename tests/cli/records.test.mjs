// list, find, ensure and until: records go to standard output, remarks to standard error.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { describedCluster, host } from "../lib/described.mjs";
import { commandFor, file, tokenIn } from "./command.mjs";

const HOUR = 3_600_000;
const body = (name) => JSON.stringify(host(name));
const posts = (simulator) => simulator.log().filter(({ method }) => method === "POST").length;

/** A simulated Deploy with these hosts. */
async function withHosts(t, names, config) {
  const command = await commandFor(t, config);
  const deploy = command.client();
  for (const name of names) await deploy.post("/hosts", host(name));
  deploy.close();
  return command;
}

test("list: one JSON array or one record per line, with the requested members", async (t) => {
  const { osd } = await withHosts(t, ["a", "b", "c"]);
  const all = JSON.parse((await osd(["list", "/hosts"])).out);
  assert.deepEqual(
    all.map(({ name }) => name),
    ["a", "b", "c"],
  );
  const lines = (await osd(["list", "/hosts", "--fields", "hypervisor_type", "--lines"])).out
    .trim()
    .split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).hypervisor_type),
    ["ESX", "ESX", "ESX"],
  );
  const some = JSON.parse((await osd(["list", "hosts?order_by=name desc", "name=a|c"])).out);
  assert.deepEqual(
    some.map(({ name }) => name),
    ["c", "a"],
  );
  assert.deepEqual(await osd(["list", "/hosts", "name=z"]), { code: 0, out: "[]\n", err: "" });
  assert.deepEqual(await osd(["list", "/hosts", "name=z", "--lines"]), { code: 0, out: "", err: "" });
});

test("list: pretty-printed on a terminal, except with --lines", async (t) => {
  const { start } = await withHosts(t, ["a"]);
  const spread = await start(["list", "/hosts", "--quiet"], { terminal: true }).ended;
  assert.ok(spread.out.trim().split("\n").length > 3, spread.out);
  const lines = await start(["list", "/hosts", "--quiet", "--lines"], { terminal: true }).ended;
  assert.equal(lines.out.trim().split("\n").length, 1, lines.out);
});

test("find: prints the matching record or null, both with code 0", async (t) => {
  const { osd } = await withHosts(t, ["a", "b"]);
  const found = await osd(["find", "/hosts", "name=b", "--fields", "name,hypervisor_type"]);
  assert.equal(found.code, 0, found.err);
  const { name, hypervisor_type } = JSON.parse(found.out);
  assert.deepEqual([name, hypervisor_type], ["b", "ESX"]);
  const none = await osd(["find", "/hosts", "name=z"]);
  assert.deepEqual(none, { code: 0, out: "null\n", err: "nothing matches\n" });
  assert.equal((await osd(["find", "/hosts", "name=z", "--quiet"])).err, "");
});

test("find: a refusal by the server is an error, not null", async (t) => {
  const { osd } = await commandFor(t, { rules: [{ action: { kind: "status", status: 403 } }] });
  const { code, out } = await osd(["find", "/hosts", "name=z"]);
  assert.deepEqual([code, out], [4, ""]);
});

test("ensure: creates the object once, then finds it", async (t) => {
  const { osd, simulator } = await commandFor(t);
  const args = ["ensure", "/hosts", "name=a", "--data", body("a")];
  const first = await osd(args);
  assert.equal(first.code, 0, first.err);
  assert.match(first.err, /^(queued|running): [\s\S]*\ncreated\n$/m);
  assert.equal(JSON.parse(first.out).name, "a");
  const again = await osd(args);
  assert.deepEqual([again.code, again.err], [0, "found\n"]);
  assert.deepEqual(JSON.parse(again.out), JSON.parse(first.out));
  assert.equal(posts(simulator), 1);
});

test("ensure: --post-query is sent with the POST, and the body is sent unchanged", async (t) => {
  const { osd, simulator } = await commandFor(t);
  const cluster = await file(t, "cluster.json", '\ufeff{"name": "c1", "mtu": 9000}');
  const { code, out, err } = await osd([
    ...["ensure", "/clusters", "name=c1", "--data", `@${cluster}`],
    ...["--post-query", "node_count=2", "--fields", "name,nodes"],
  ]);
  assert.equal(code, 0, err);
  assert.equal(JSON.parse(out).nodes.length, 2);
  assert.equal(posts(simulator), 1);
});

test("ensure: 1: the job fails; 3: after a timeout, wait continues with the token", async (t) => {
  const { osd } = await commandFor(t, { stepMs: 1_500 });
  const failed = await osd(["ensure", "/hosts", "name=z", "--data", body("unreachable-1")]);
  assert.equal(failed.code, 1, failed.err);
  assert.equal(JSON.parse(failed.out).job.state, "failure");
  const late = await osd(["ensure", "/hosts", "name=b", "--data", body("b"), "--timeout", "1s"]);
  assert.deepEqual([late.code, late.out], [3, ""]);
  const waited = await osd(["wait", tokenIn(late.err)]);
  assert.equal(waited.code, 0, waited.err);
  const found = await osd(["ensure", "/hosts", "name=b", "--data", body("b")]);
  assert.match(found.err, /^found$/m);
});

test("ensure: 4: Ctrl-C during the first read: nothing was changed", async (t) => {
  const rules = [{ match: { method: "GET" }, action: { kind: "hang" } }];
  const { start, simulator } = await commandFor(t, { rules });
  const running = start(["ensure", "/hosts", "name=b", "--data", body("b")]);
  while (simulator.log().length === 0) await setTimeout(20);
  running.child.kill("SIGINT");
  const { code, err } = await running.ended;
  assert.equal(code, 4, err);
  assert.match(err, /stopped by SIGINT\. The command changed nothing\.$/m);
});

test("ensure: 3: Ctrl-C while the job runs prints the token", async (t) => {
  const { start } = await commandFor(t, { stepMs: HOUR });
  const running = start(["ensure", "/hosts", "name=a", "--data", body("a")]);
  await running.until(/queued/);
  running.child.kill("SIGINT");
  const { code, err } = await running.ended;
  assert.equal(code, 3);
  assert.match(err, /stopped by SIGINT\. The job continues on the server, and its outcome is unknown/);
  assert.ok(tokenIn(err), err);
});

test("ensure: 3: after a lost response, the message says to run the command again", async (t) => {
  const rules = [{ match: { method: "POST" }, action: { kind: "reset" } }];
  const { osd } = await commandFor(t, { rules });
  const { code, err } = await osd(["ensure", "/hosts", "name=a", "--data", body("a")]);
  assert.equal(code, 3);
  assert.match(err, /The server may have accepted the call: run the command again to find out/);
});

/** A deployed cluster that can be powered on and off, and its path. */
async function deployedCluster(t, config) {
  const command = await commandFor(t, config);
  const deploy = command.client();
  const { path } = await describedCluster(deploy, "c1");
  await deploy.post(`${path}/deploy`, { ontap_credential: { password: "x" } });
  return { ...command, deploy, path };
}

test("until: reads until the conditions are met, and requests their members", async (t) => {
  const { start, deploy, path } = await deployedCluster(t);
  const running = start(["until", path, "state=powered_off", "is_deployed=true", "name!=c2"]);
  await running.until(/state=powered_on, is_deployed=true, name=c1/);
  await deploy.patch(path, { availability: "powered_off" });
  deploy.close();
  const { code, out, err } = await running.ended;
  assert.equal(code, 0, err);
  const record = JSON.parse(out);
  assert.deepEqual([record.state, record.is_deployed, record.name], ["powered_off", true, "c1"]);
  assert.match(
    err,
    /^state=powered_on, is_deployed=true, name=c1\nstate=powered_off, is_deployed=true, name=c1\n$/,
  );
});

test("until: nested members and list entries", async (t) => {
  const { osd, deploy, path } = await deployedCluster(t);
  deploy.close();
  const met = await osd(["until", path, "nodes.0.name=c1-01", "nodes.0.id!=x"]);
  assert.equal(met.code, 0, met.err);
  assert.equal(JSON.parse(met.out).nodes[0].name, "c1-01");
});

test("until: 2: a collection is an error at once", async (t) => {
  for (const path of ["/hosts", "/hosts?order_by=name"]) {
    const { osd, simulator } = await commandFor(t);
    const { code, out, err } = await osd(["until", path, "name=x"]);
    assert.equal(code, 2, err);
    assert.equal(out, "");
    assert.match(err, /^attempt 1 failed \(status 200, no usable record\); retry in/m);
    assert.match(
      err,
      /until: \/hosts is a collection; expected the path of one object, such as \/clusters\/ID$/m,
    );
    assert.equal(simulator.log().length, 2, err);
  }
});

test("until: 4: a timeout", async (t) => {
  const { osd, deploy, path } = await deployedCluster(t);
  deploy.close();
  const { code, out, err } = await osd(["until", path, "state=powered_off", "--timeout", "3s"]);
  assert.deepEqual([code, out], [4, ""]);
  assert.match(err, /^state=powered_on\n.*: --timeout expired\n$/);
});

const unmet = {
  "nodes.7.name!=x": "nodes.7.name is missing",
  "name.a!=x": "name.a is missing",
  "nodes!=x": "nodes is not a single value",
  "name=C1": "name=c1",
};
for (const [condition, said] of Object.entries(unmet)) {
  test(`until: a missing member or a list meets no condition: ${condition}`, async (t) => {
    const { start, deploy, path } = await deployedCluster(t);
    deploy.close();
    const running = start(["until", path, condition]);
    await running.until(new RegExp(`^${said}$`, "m"));
    running.child.kill("SIGINT");
    assert.equal((await running.ended).code, 4);
  });
}

test("until: the path's own query can name the members", async (t) => {
  const { start, deploy, path } = await deployedCluster(t);
  deploy.close();
  const running = start(["until", `${path}?fields=name`, "state!=x"]);
  await running.until(/^state is missing$/m);
  running.child.kill("SIGINT");
  assert.equal((await running.ended).code, 4);
});
