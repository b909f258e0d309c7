// Runs Vite's development server with the documentation's configuration.

import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { credential } from "../node/deploy.mjs";
import { selfSigned } from "./certificates.mjs";
import { folder, node } from "./recipe.mjs";
import { overTls } from "./tls.mjs";

const { createServer } = await import(pathToFileURL(join(folder, "node_modules/vite/dist/node/index.js")));
const authorization = `Basic ${btoa(`${credential.username}:${credential.password}`)}`;

/** Starts Vite in a project whose `deploy.pem` the command saved from `trusted`, and gets `/api/hosts` through it. */
async function statusThroughVite(t, trusted, target) {
  const project = join(folder, "vite-project");
  await mkdir(project, { recursive: true });
  t.after(() => rm(project, { recursive: true, force: true }));
  const pem = join(project, "deploy.pem");
  const cli = join(folder, "node_modules/ontap-select-deploy/dist/cli.js");
  const saved = await node([cli, "certificate", trusted, "--output", pem]);
  assert.equal(saved.code, 0, saved.stderr);
  const shown = await readFile(join(folder, "vite/vite.config.js"), "utf8");
  const changed = shown
    .replace('"deploy.pem"', JSON.stringify(pem))
    .replace('"https://deploy.example.com"', JSON.stringify(target));
  const configFile = join(project, "vite.config.js");
  await writeFile(configFile, changed);
  const server = await createServer({ root: project, configFile, logLevel: "silent", server: { port: 0 } });
  t.after(() => server.close());
  await server.listen();
  const [origin] = server.resolvedUrls.local;
  return (await fetch(`${origin}api/hosts`, { headers: { authorization } })).status;
}

test("Vite's proxy trusts the VM's self-signed certificate", async (t) => {
  const { origin } = await overTls(t, await selfSigned(t, "localhost"));
  assert.equal(await statusThroughVite(t, origin, origin), 200);
});

test("Vite's proxy refuses another certificate", async (t) => {
  const { origin } = await overTls(t, await selfSigned(t, "localhost"));
  const other = await overTls(t, await selfSigned(t, "localhost"));
  assert.equal(await statusThroughVite(t, origin, other.origin), 502);
});
