// Runs the documentation's scripts.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { deployFor, folder, hosts, node, run } from "./recipe.mjs";

test("getting started, a script: exit code 0 if the host is added, 1 if not, 2 for wrong usage, 3 if unknown", async (t) => {
  const { baseUrl, simulator } = await deployFor(t, { stepMs: 500 });
  const env = { DEPLOY_URL: baseUrl };

  const added = await node(["add-host.mjs", "esx-1"], env);
  assert.equal(added.code, 0, added.stderr);
  assert.equal(JSON.parse(added.stdout).state, "success");
  assert.match(added.stderr, /^queued: .+\nrunning: /);

  const failed = await node(["add-host.mjs", "unreachable-1"], env);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /reached/);

  for (const [args, more] of [
    [[], {}],
    [["esx-1"], { DEPLOY_URL: "" }],
  ]) {
    for (const name of ["add-host.mjs", "many-jobs.mjs"]) {
      const wrong = await node([name, ...args], { ...env, ...more });
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /^usage: /);
    }
  }

  simulator.addRule({ match: { method: "POST" }, processed: true, action: { kind: "reset" } });
  const unknown = await node(["add-host.mjs", "esx-2"], env);
  assert.equal(unknown.code, 3);
  assert.match(unknown.stderr, /accepted/);
  assert.equal(simulator.counters().received["POST /hosts"], 3);
});

test("progress: plain lines in a pipe", async (t) => {
  const { baseUrl } = await deployFor(t, { stepMs: 500 });
  const { code, stderr } = await node(["progress.mjs", "esx-1"], { DEPLOY_URL: baseUrl });
  assert.equal(code, 0);
  assert.match(stderr, /^queued: .+\n(running: .+\n)+success: .+\ndone\n$/);
  assert.ok(!stderr.includes("\x1b"));
});

test("progress: one live line on a terminal, which a message cannot control", async (t) => {
  const steps = [
    { state: "running", message: "up\x1b[2Jdown" },
    { state: "success", afterMs: 1_500 },
  ];
  const { baseUrl } = await deployFor(t, { scripts: [{ steps }] });
  const command = `${process.execPath} progress.mjs esx-1`;
  const { code, stdout } = await run(["script", "-qec", command, "/dev/null"], { DEPLOY_URL: baseUrl });
  assert.equal(code, 0, stdout);
  assert.ok(stdout.includes("\r\x1b[2K0 s  running: up [2Jdown"), JSON.stringify(stdout));
  assert.ok(stdout.includes("\r\x1b[2K1 s  running"), JSON.stringify(stdout));
  assert.ok(stdout.endsWith("\r\x1b[2Kdone\r\n"), JSON.stringify(stdout.slice(-40)));
});

test("progress: Ctrl-C ends the wait and names the job", async (t) => {
  const { baseUrl, simulator } = await deployFor(t, { stepMs: 60_000 });
  let interrupted = false;
  const { code, stderr } = await node(["progress.mjs", "esx-1"], { DEPLOY_URL: baseUrl }, (child, output) => {
    if (!interrupted && output.includes("queued")) interrupted = child.kill("SIGINT");
  });
  assert.equal(code, 1);
  const [id] = Object.keys(simulator.counters().jobs);
  assert.ok(stderr.endsWith(`No longer watched; job ${id} keeps running\n`), stderr);
});

test("many jobs: prints each outcome, with few open polls", async (t) => {
  const { baseUrl, simulator } = await deployFor(t, { stepMs: 400 });
  const names = Array.from({ length: 60 }, (_, at) => (at % 20 === 7 ? `unreachable-${at}` : `esx-${at}`));
  const { code, stdout, stderr } = await node(["many-jobs.mjs", ...names], { DEPLOY_URL: baseUrl });
  assert.equal(stderr, "");
  assert.equal(code, 1);
  const lines = stdout.trim().split("\n");
  assert.equal(lines.length, names.length);
  for (const [at, name] of names.entries()) {
    assert.match(lines[at], name.startsWith("esx") ? /^esx-\d+: added$/ : /^unreachable-\d+: failed: ./);
  }
  const { received, maxOpenPolls } = simulator.counters();
  assert.equal(received["POST /hosts"], names.length);
  assert.ok(maxOpenPolls <= 8, `${maxOpenPolls} polls at once`);
});

test("React on a server: renders the latest snapshot without a poll", async (t) => {
  const { baseUrl, simulator } = await deployFor(t, { stepMs: 60_000 });
  const program = `
    import { DeployClient } from "ontap-select-deploy";
    import { createElement } from "react";
    import { renderToString } from "react-dom/server";
    import { useJob } from "./react/use-job.js";
    const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
    const deploy = new DeployClient({ baseUrl: process.env.DEPLOY_URL, auth });
    const handle = await deploy.submit("POST", "/hosts", { body: ${JSON.stringify(hosts("esx-1"))} });
    console.log(renderToString(createElement(() => createElement("p", null, useJob(handle).job.state))));
  `;
  const { stdout, stderr } = await node(["--input-type=module", "-e", program], { DEPLOY_URL: baseUrl });
  assert.equal(stdout, "<p>queued</p>\n", stderr);
  assert.equal(simulator.log().length, 1);
});

test("from the Python sample: an existing host is found and not added again", async (t) => {
  const { baseUrl, simulator } = await deployFor(t);
  const first = await node(["from-python.mjs", "esx-1"], { DEPLOY_URL: baseUrl });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^esx-1 is \S+\n$/);
  assert.match(first.stderr, /^Event: .+\n/);
  const second = await node(["from-python.mjs", "esx-1"], { DEPLOY_URL: baseUrl });
  assert.equal(second.stdout, "esx-1 already exists\n");
  assert.equal(simulator.counters().received["POST /hosts"], 1);
});

test("from a poll loop: one 503 ends the loop but not the package's call", async (t) => {
  const { baseUrl, simulator, client } = await deployFor(t);
  const rule = { match: { path: "/jobs/*" }, count: 1, action: { kind: "status", status: 503 } };
  const headers = { authorization: `Basic ${btoa("admin:Netapp1!")}` };
  const host = (name) => hosts(name).hosts[0];
  const before = await import(join(folder, "hand-loop/before.mjs"));
  const after = await import(join(folder, "hand-loop/after.mjs"));

  await before.addHost(baseUrl, headers, host("esx-1"));
  simulator.addRule(rule);
  await assert.rejects(before.addHost(baseUrl, headers, host("esx-2")));

  simulator.addRule(rule);
  await after.addHost(client({ retry: { initialDelay: 1 } }), host("esx-3"));
  const retried = simulator.log().filter((entry) => entry.status === 503);
  assert.equal(retried.length, 2);
});
