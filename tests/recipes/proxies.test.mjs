// Runs the client behind five reverse proxies with the shown configurations: it follows a job through restarts, no
// call arrives twice, and each proxy responds as the table of docs/recipes/reverse-proxy.md says.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { useChromium, visit } from "../browser/chromium.mjs";
import { strict } from "../lib/lab.mjs";
import { clientOf, credential } from "../node/deploy.mjs";
import { listen } from "../simulator/host/listen.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";
import { ca } from "./certificates.mjs";
import { names, proxy } from "./proxies.mjs";
import { hosts } from "./recipe.mjs";

useChromium();
// The proxies' certificates are untrusted here. The proxies check the VM's certificate.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

const IDLE_LIMIT_S = 6;
const authorization = `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString("base64")}`;

/** Starts a Deploy VM that can be switched off and on, and a proxy in front of it. */
async function behind(t, name, config) {
  // Apache checks the name in the VM's address; the others check the name in their configuration.
  const { cert, key, issuer } = await ca(t, name === "apache" ? "localhost" : "deploy.example.com");
  const tls = { cert: String(cert), key: String(key) };
  const simulator = createSimulator({ ...strict, stepMs: 20, ...config });
  let server = await listen(simulator, { tls });
  const { port } = server;
  t.after(async () => {
    await server.close();
    simulator.close();
  });
  const vm = {
    off: () => server.close(),
    on: async () => {
      server = await listen(simulator, { tls, port });
    },
  };
  const before = await proxy(t, name, {
    vm: `https://localhost:${port}`,
    trusted: issuer,
    own: await ca(t, "localhost"),
    seconds: IDLE_LIMIT_S,
  });
  const client = (options) => clientOf(`${before.origin}/api`, options);
  const posts = () => simulator.counters().received["POST /hosts"] ?? 0;
  return { simulator, vm, proxy: before, client, posts };
}

/** Returns the response to a request on a new connection, in the words of the table. */
async function responseTo(origin, path) {
  const sent = request(new URL(path, origin), { agent: false, headers: { authorization } }).end();
  const [response] = await once(sent, "response");
  let length = 0;
  for await (const part of response) length += part.length;
  const kind = (response.headers["content-type"] ?? "").split(";")[0];
  return `${response.statusCode}, ${length === 0 ? "empty" : kind.replace("text/html", "HTML")}`;
}

/** A job without changes for longer than the proxy's timeout, which ends while the VM is away. */
const quiet = [
  { state: "queued" },
  { state: "running", afterMs: 500 },
  { state: "running", message: "Powering on", afterMs: 15_000 },
  { state: "success", afterMs: 20_000 },
];

// In parallel, because the tests mostly wait.
describe("behind each proxy", { concurrency: true }, () => {
  for (const name of names) {
    test(`${name} cuts polls, the proxy and the VM restart, the VM is away for 20 s: the job succeeds`, async (t) => {
      const { simulator, vm, proxy, client, posts } = await behind(t, name, { scripts: [{ steps: quiet }] });
      const seen = [];
      const deploy = client({
        onEvent: (event) => event.type === "response" && seen.push(event.status),
      });
      const ended = deploy.post("/hosts", hosts("esx-1")).catch((error) => error);
      await sleep(14_000);
      const cuts = seen.filter((status) => status >= 500);
      assert.ok(cuts.length > 0, `the proxy cut no poll: ${seen}`);

      await proxy.stop();
      await proxy.start();
      await sleep(3_000);
      await vm.off();
      await vm.on();
      await sleep(3_000);
      await vm.off();
      await sleep(20_000);
      await vm.on();

      const end = await ended;
      assert.equal(end.job?.state, "success", end.message);
      assert.equal(posts(), 1);
      const asked = simulator.log().filter((it) => it.poll === "long");
      const seconds = asked.map(({ query }) => Number(Object.fromEntries(query).poll_timeout));
      assert.deepEqual(seconds.slice(0, 2), [30, 30], "before the first cut");
      assert.ok(Math.min(...seconds) < 30, "a cut halves poll_timeout");
    });
  }

  const slowly = {
    match: { method: "POST", path: "/hosts" },
    count: 1,
    action: { kind: "delay", ms: 2_000 },
  };
  const broken = { match: { method: "POST", path: "/hosts" }, count: 1, action: { kind: "reset" } };
  for (const name of names) {
    test(`${name}: a call arrives once, whatever breaks before its response`, async (t) => {
      const { simulator, vm, proxy, client, posts } = await behind(t, name);
      const deploy = client({ timeout: 20_000 });
      await deploy.get("/clusters"); // opens a connection that is reused
      for (const [what, off, on] of [
        ["the VM", vm.off, vm.on],
        ["the proxy", proxy.stop, proxy.start],
      ]) {
        simulator.addRule(slowly);
        const before = posts();
        const settled = deploy.post("/hosts", hosts(`restarted-${what}`)).catch((error) => error);
        // Waits until the call has arrived, which takes longer on a busy machine.
        for (let waited = 0; posts() === before && waited < 5_000; waited += 100) await sleep(100);
        await off();
        await on();
        const end = await settled;
        // Some finish open requests before they stop, so the call can succeed.
        if (end.job?.state !== "success") assert.equal(end.outcome, "unknown", `${what}: ${end.message}`);
        await sleep(1_500);
        assert.equal(posts() - before, 1, what);
      }

      const before = posts();
      await vm.off();
      const error = await deploy.post("/hosts", hosts("away")).catch((error) => error);
      assert.equal(error.outcome, "unknown", error.message);
      await vm.on();
      await sleep(500);
      assert.equal(posts() - before, 0);
    });

    test(`${name}: a browser's call on a reused connection arrives once, though the VM breaks it`, async (t) => {
      const { simulator, proxy, posts } = await behind(t, name);
      const { page } = await visit(t, `${proxy.origin}/api/none`, {
        ignoreHTTPSErrors: true,
        httpCredentials: credential,
      });
      simulator.addRule(broken);
      const result = await page.evaluate(
        async ([authorization, body]) => {
          const headers = { authorization, "content-type": "application/json" };
          for (let turn = 0; turn < 3; turn += 1) await (await fetch("/api/clusters", { headers })).text();
          const response = await fetch("/api/hosts", { method: "POST", headers, body }).catch(String);
          return response.status ?? response;
        },
        [authorization, JSON.stringify(hosts("esx-1"))],
      );
      assert.ok(result >= 500, `expected the gateway's own response: ${result}`);
      assert.equal(posts(), 1);
    });
  }

  test("each proxy responds as the table says", async (t) => {
    const page = await readFile(new URL("../../docs/recipes/reverse-proxy.md", import.meta.url), "utf8");
    const table = page.slice(page.indexOf("| | timeout reached"), page.indexOf("The client retries a poll"));
    const rows = table.matchAll(/^\| (\w+) \| (.*) \|$/gm);
    const expected = Object.fromEntries(
      [...rows].map(([, name, cells]) => [name.toLowerCase(), cells.split(" | ").slice(0, 3)]),
    );

    const steps = [{ state: "running" }, { state: "success", afterMs: 60_000 }];
    const responses = names.map(async (name) => {
      const { simulator, vm, proxy, client } = await behind(t, name, { scripts: [{ steps }] });
      const job = await client().submit("POST", "/hosts", { body: hosts("esx-1") });
      const { lastModified } = await job.poll();
      const path = `/api/jobs/${job.id}?fields=state&poll_timeout=30&last_modified=%3E=${lastModified}`;
      const idle = await responseTo(proxy.origin, path);
      simulator.addRule({ match: { path: "/jobs/*" }, count: 1, action: { kind: "reset" } });
      const broken = await responseTo(proxy.origin, path);
      await vm.off();
      const away = await responseTo(proxy.origin, path);
      return [name, [idle, away, broken]];
    });
    assert.deepEqual(Object.fromEntries(await Promise.all(responses)), expected);
  });
});
