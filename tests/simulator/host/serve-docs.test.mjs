import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { listenWithFaults } from "./listen-with-faults.mjs";
import { createSimulator } from "./machine.mjs";

/** @param {import("node:test").TestContext} t */
async function setUp(t) {
  const folder = await mkdtemp(join(tmpdir(), "docs-"));
  const deploy = createSimulator();
  const app = { folders: { "/": folder }, headers: { "content-security-policy": "default-src 'none'" } };
  const docs = { path: "/docs/", folder, hasFailed: false };
  const server = await listenWithFaults(deploy, {}, { app }, docs);
  t.after(async () => {
    await server.close();
    deploy.close();
    await rm(folder, { recursive: true });
  });
  return { docs, folder, url: server.url };
}

test("the server has the documentation next to the page, with a policy that allows no other host", async (t) => {
  const { folder, url } = await setUp(t);
  await writeFile(join(folder, "index.html"), "<h1>Guide</h1>");
  const page = await fetch(`${url}/docs`);
  assert.equal(page.url, `${url}/docs/`);
  assert.equal(await page.text(), "<h1>Guide</h1>");
  assert.match(page.headers.get("content-security-policy") ?? "", /^default-src 'self'; (?!.*https?:)/);
  const console = await fetch(`${url}/`);
  assert.equal(console.headers.get("content-security-policy"), "default-src 'none'");
  assert.equal((await fetch(`${url}/docs/none.html`)).status, 404);
});

test("before the build, the start page says so and reloads", async (t) => {
  const { url } = await setUp(t);
  const page = await fetch(`${url}/docs/`);
  assert.equal(page.status, 503);
  assert.match(await page.text(), /http-equiv="refresh".*is being built/s);
});

test("after a failed build, the start page says so and does not reload", async (t) => {
  const { docs, url } = await setUp(t);
  docs.hasFailed = true;
  const text = await (await fetch(`${url}/docs/`)).text();
  assert.match(text, /was not built/);
  assert.doesNotMatch(text, /refresh/);
});

test("the console page gets the address of the documentation", async (t) => {
  const { url } = await setUp(t);
  const state = /** @type {{ docs: string }} */ (await (await fetch(`${url}/simulator/faults`)).json());
  assert.equal(state.docs, "/docs/");
});
