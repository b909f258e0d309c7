// Runs pages behind nginx: one on Deploy's origin and one on another.

import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { built, useChromium, visit } from "../browser/chromium.mjs";
import { VCENTER } from "../lib/lab.mjs";
import { listen } from "../simulator/host/listen.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";
import { ca, selfSigned } from "./certificates.mjs";
import { nginx } from "./proxies.mjs";
import { bundle, folder, hosts } from "./recipe.mjs";
import { overTls } from "./tls.mjs";

useChromium();

// nginx's certificate is untrusted here. nginx checks Deploy's.
const lenient = { ignoreHTTPSErrors: true };

/** Starts a Deploy with a job that has no changes for longer than the proxy's timeout. */
async function quietDeploy(t) {
  const steps = [
    { state: "queued" },
    { state: "running", afterMs: 15_000 },
    { state: "success", afterMs: 100 },
  ];
  const vm = await ca(t, "deploy.example.com");
  const { origin, simulator } = await overTls(t, vm, { scripts: [{ steps }] });
  const replacements = {
    "https://deploy.example.com": origin,
    "/etc/nginx/deploy.crt": vm.issuer,
    // A tenth, so that the proxy cuts soon.
    "proxy_read_timeout 60s": "proxy_read_timeout 6s",
  };
  return { simulator, replacements };
}

test("one origin: the job succeeds under the proxy's Content-Security-Policy, though the proxy cuts polls", async (t) => {
  const { simulator, replacements } = await quietDeploy(t);
  const root = await mkdtemp(join(tmpdir(), "console-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  await copyFile(join(folder, "console/index.html"), join(root, "index.html"));
  await writeFile(join(root, "main.js"), await bundle(`import "./console/main.js"`));
  const own = await selfSigned(t, "console.example.com");
  const { origin, log } = await nginx(t, "same-origin.conf", {
    "/etc/nginx/console.crt": own.file,
    "/etc/nginx/console.key": own.keyFile,
    "/srv/console": root,
    ...replacements,
  });

  const { page, faults } = await visit(t, origin, lenient);
  await page.getByLabel("Password").fill("Netapp1!");
  await page.getByLabel("Host").fill("esx-1");
  await page.getByLabel("vCenter").fill(VCENTER);
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByText("esx-1 is added.").waitFor();

  const polls = simulator.log().filter((entry) => entry.poll === "long");
  const asked = polls.map(({ query }) => Number(Object.fromEntries(query).poll_timeout));
  assert.deepEqual(asked.slice(0, 3), [30, 15, 7], "each cut halves poll_timeout");
  assert.equal((await log()).match(/" 504 /g)?.length, 2);
  assert.equal(simulator.counters().received["POST /hosts"], 1);
  assert.deepEqual(faults, []);
});

test("another origin: with CORS the page can call, follow a job, and read a location and a 504", async (t) => {
  const { simulator, replacements } = await quietDeploy(t);
  const idle = createSimulator();
  const site = await mkdtemp(join(tmpdir(), "site-"));
  await writeFile(join(site, "index.html"), `<!doctype html><title>.</title>`);
  const console = await listen(idle, { app: { folders: { "/": site, "/package": built.package } } });
  t.after(async () => {
    await console.close();
    idle.close();
    await rm(site, { recursive: true, force: true });
  });
  const own = await selfSigned(t, "deploy-api.example.com");
  const { origin, log } = await nginx(t, "cors.conf", {
    "/etc/nginx/deploy-api.crt": own.file,
    "/etc/nginx/deploy-api.key": own.keyFile,
    "https://console.example.com": console.url,
    ...replacements,
  });

  const { page, faults } = await visit(t, console.url, lenient);
  const result = await page.evaluate(
    async ([baseUrl, hosts]) => {
      const { DeployClient } = await import("/package/index.js");
      const statuses = [];
      const onEvent = (event) => event.type === "response" && statuses.push(event.status);
      const auth = { username: "admin", password: "Netapp1!" };
      const deploy = new DeployClient({ baseUrl, auth, onEvent });
      const { location, requestId } = await deploy.post("/clusters", { name: "c" });
      const { job } = await deploy.post("/hosts", hosts);
      return { location, requestId, state: job.state, statuses };
    },
    [`${origin}/api`, hosts("esx-1")],
  );

  assert.match(result.location, /\/api\/clusters\/./);
  assert.ok(result.requestId);
  assert.equal(result.state, "success");
  assert.ok(result.statuses.includes(504), "the page reads the status of a cut");
  assert.equal(simulator.counters().received["POST /hosts"], 1);
  assert.match(await log(), /"OPTIONS \/api\/hosts HTTP\/1\.1" 204 /);
  assert.deepEqual(faults, []);
});
