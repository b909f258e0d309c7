// The engine inside the bundles, and the sources of the slim entry.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deployFor } from "../node/deploy.mjs";
import { folder, root, script, useInstalled } from "./installed.mjs";

useInstalled();

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const file = () => readFile(join(folder, "node_modules/ontap-select-deploy/dist/engine.wasm"));

// Prints the bytes of each compiled module.
const spy = `
const { createHash } = process.getBuiltinModule("node:crypto");
WebAssembly.Module = class extends WebAssembly.Module {
  constructor(bytes) { super(bytes); console.log(createHash("sha256").update(bytes).digest("hex")); }
};
const make = ({ DeployClient }) => new DeployClient({ baseUrl: "https://deploy.example.com" });
`;

test("the engine is the same, imported, required and as a file", async () => {
  const expected = `${sha256(await file())}\n`;
  const imported = `${spy} import("ontap-select-deploy").then((face) => { make(face); make(face); });`;
  assert.equal(await script("same.mjs", imported), expected, "compiled once, at the first use");
  const required = `${spy} make(require("ontap-select-deploy"));`;
  assert.equal(await script("same.cjs", required), expected);
});

// Node's entries have the engine in base64.
const entry = (format) => `./node_modules/ontap-select-deploy/dist/${format}/index.js`;

test("the engine is the same in the entries for pages", async () => {
  const expected = `${sha256(await file())}\n`;
  const imported = `${spy} import("${entry("esm")}").then((face) => { make(face); make(face); });`;
  assert.equal(await script("page.mjs", imported), expected);
  assert.equal(await script("page.cjs", `${spy} make(require("${entry("cjs")}"));`), expected);
});

test("the engine is the same in a page with the condition node and without a Buffer", async () => {
  // Loads the parts of Node that need a Buffer first.
  const without = `${spy} new Response(); delete globalThis.Buffer; import("ontap-select-deploy").then(make);`;
  assert.equal(await script("leaked.mjs", without), `${sha256(await file())}\n`);
});

test("the engine's string has no characters that a charset, HTML, a template or String.replace changes", async () => {
  for (const format of ["esm", "cjs"]) {
    for (const name of ["index", "simulator"]) {
      const lines = (await readFile(join(folder, entry(format).replace("index", name)), "utf8")).split("\n");
      const line = lines.find((it) => /^var \w+Text=/.test(it));
      assert.match(line, /^var \w+="[^"]{90000,}";$/);
      assert.match(line.slice(line.indexOf('"') + 1, -2), /^[ -~]+$/);
      assert.doesNotMatch(line.slice(line.indexOf('"') + 1, -2), /[$<&\\`'"]/);
    }
  }
});

test("an error says if one character was changed, lost or doubled", async () => {
  const text = await readFile(join(folder, entry("esm")), "latin1");
  const at = 50_000;
  const other = text[at] === "a" ? "b" : "a";
  const use = `${spy} import("./changed.mjs").then(make).catch((error) => console.log(error.message));`;
  const damages = [other, "", text[at] + text[at], "\u00e9"];
  for (const instead of damages) {
    const changed = text.slice(0, at) + instead + text.slice(at + 1);
    await writeFile(join(folder, "changed.mjs"), changed);
    const said = await script("use-changed.mjs", use);
    assert.match(said, /this bundle was changed after its build/);
  }
});

test("importing it compiles nothing", async () => {
  assert.equal(await script("idle.mjs", `${spy} await import("ontap-select-deploy");`), "");
});

test("a panic names its source location, but not the build machine", async () => {
  const text = (await file()).toString("latin1");
  assert.match(text, /src\/runtime\/\w+\.rs/);
  for (const place of [root, homedir(), ".cargo", ".rustup", "/registry/", "/usr/", "/home/", "/tmp/"]) {
    assert.ok(!text.includes(place), place);
  }
});

const follow = `
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { DeployClient, init, JobFailedError } from "ontap-select-deploy/slim";
const bytes = () => readFile(fileURLToPath(import.meta.resolve("ontap-select-deploy/wasm")));
const host = (name) => ({ hosts: [{ name, hypervisor_type: "ESX" }] });
async function follow() {
  const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
  const deploy = new DeployClient({ baseUrl: process.env.DEPLOY_URL, auth });
  const { job } = await deploy.post("/hosts", host("esx-1"));
  const error = await deploy.post("/hosts", host("unreachable-1")).catch((error) => error);
  console.log(job.state, error instanceof JobFailedError);
}
`;

const sources = {
  bytes: "bytes()",
  "an ArrayBuffer": "new Uint8Array(await bytes()).buffer",
  "a module": "WebAssembly.compile(await bytes())",
  "an address": "process.env.ENGINE_URL",
  "a URL": "new URL(process.env.ENGINE_URL)",
  "a response": "await fetch(process.env.ENGINE_URL)",
  "a promise of a response": "fetch(process.env.ENGINE_URL)",
};

for (const [name, source] of Object.entries(sources)) {
  test(`the slim entry accepts ${name}`, async (t) => {
    const { baseUrl } = await deployFor(t);
    process.env.ENGINE_URL = await serve(t, 200, await file());
    const said = await script("slim.mjs", `${follow} await init(${source}); await follow();`, baseUrl);
    assert.equal(said, "success true\n");
  });
}

test("the slim entry can be required", async (t) => {
  const { baseUrl } = await deployFor(t);
  const required = `
const { DeployClient, init } = require("ontap-select-deploy/slim");
init(require("node:fs").readFileSync(require.resolve("ontap-select-deploy/wasm"))).then(async () => {
  const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
  const { job } = await new DeployClient({ baseUrl: process.env.DEPLOY_URL, auth }).post("/hosts", { hosts: [{ name: "esx-1", hypervisor_type: "ESX" }] });
  console.log(job.state);
});`;
  assert.equal(await script("slim.cjs", required, baseUrl), "success\n");
});

test("a slim client before init() says what is missing, and works after it", async (t) => {
  const { baseUrl } = await deployFor(t);
  const early = `${follow}
await follow().catch((error) => console.log(error.message));
await init(bytes());
await follow();`;
  assert.equal(
    await script("early.mjs", early, baseUrl),
    'ontap-select-deploy/slim: no engine loaded; call "await init(source)" before you create a client\nsuccess true\n',
  );
});

test("a missing engine file rejects with its status, and init() can be repeated", async (t) => {
  const { baseUrl } = await deployFor(t);
  process.env.ENGINE_URL = await serve(t, 404, "not here");
  const missing = `${follow}
await init(process.env.ENGINE_URL).catch((error) => console.log(error.message));
await init(bytes());
await follow();`;
  assert.equal(
    await script("missing.mjs", missing, baseUrl),
    `ontap-select-deploy/slim: loading ${process.env.ENGINE_URL} failed with status 404\nsuccess true\n`,
  );
});

/** The address of a server with one response, whose content type is not that of wasm. */
async function serve(t, status, body) {
  const server = createServer((_, answer) => {
    answer.writeHead(status, { "content-type": "application/octet-stream" }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}/engine.wasm`;
}
