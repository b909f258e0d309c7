// Where the engine comes from: in the code, or from wherever the user of the slim entry says.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { deployFor } from "../node/deploy.mjs";
import { folder, script, useInstalled } from "./installed.mjs";

useInstalled();

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const file = () => readFile(join(folder, "node_modules/ontap-select-deploy/dist/engine.wasm"));

// Tells the bytes of each module that is compiled from bytes.
const spy = `
const { createHash } = process.getBuiltinModule("node:crypto");
WebAssembly.Module = class extends WebAssembly.Module {
  constructor(bytes) { super(bytes); console.log(createHash("sha256").update(bytes).digest("hex")); }
};
const make = ({ DeployClient }) => new DeployClient({ baseUrl: "https://deploy.example.com" });
`;

test("imported, required and as a file it is the same, byte for byte", async () => {
  const expected = `${sha256(await file())}\n`;
  const imported = `${spy} import("ontap-select-deploy").then((face) => { make(face); make(face); });`;
  assert.equal(await script("same.mjs", imported), expected, "compiled once, at the first use");
  const required = `${spy} make(require("ontap-select-deploy"));`;
  assert.equal(await script("same.cjs", required), expected);
});

test("importing it compiles nothing", async () => {
  assert.equal(await script("idle.mjs", `${spy} await import("ontap-select-deploy");`), "");
});

test("nothing in it tells of the machine that built it", async () => {
  assert.doesNotMatch((await file()).toString("latin1"), /\.rs|\.cargo|rustc/);
});

const follow = `
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { DeployClient, init, JobFailedError } from "ontap-select-deploy/slim";
const bytes = () => readFile(fileURLToPath(import.meta.resolve("ontap-select-deploy/wasm")));
async function follow() {
  const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
  const deploy = new DeployClient({ baseUrl: process.env.DEPLOY_URL, auth });
  const { job } = await deploy.post("/hosts", { name: "esx-1" });
  const error = await deploy.post("/hosts", { name: "unreachable-1" }).catch((error) => error);
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
  test(`the slim entry takes ${name}`, async (t) => {
    const { baseUrl } = await deployFor(t);
    process.env.ENGINE_URL = await serve(t, 200, await file());
    const said = await script("slim.mjs", `${follow} await init(${source}); await follow();`, baseUrl);
    assert.equal(said, "success true\n");
  });
}

test("the slim entry is required as well", async (t) => {
  const { baseUrl } = await deployFor(t);
  const required = `
const { DeployClient, init } = require("ontap-select-deploy/slim");
init(require("node:fs").readFileSync(require.resolve("ontap-select-deploy/wasm"))).then(async () => {
  const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
  const { job } = await new DeployClient({ baseUrl: process.env.DEPLOY_URL, auth }).post("/hosts", { name: "esx-1" });
  console.log(job.state);
});`;
  assert.equal(await script("slim.cjs", required, baseUrl), "success\n");
});

test("a slim client before its engine says what is missing, and comes to life after it", async (t) => {
  const { baseUrl } = await deployFor(t);
  const early = `${follow}
await follow().catch((error) => console.log(error.message));
await init(bytes());
await follow();`;
  assert.equal(
    await script("early.mjs", early, baseUrl),
    'ontap-select-deploy/slim has no engine yet: "await init(source)" comes before the first client\nsuccess true\n',
  );
});

test("an engine that is not there is told with its status, and may be asked for again", async (t) => {
  const { baseUrl } = await deployFor(t);
  process.env.ENGINE_URL = await serve(t, 404, "not here");
  const missing = `${follow}
await init(process.env.ENGINE_URL).catch((error) => console.log(error.message));
await init(bytes());
await follow();`;
  assert.equal(
    await script("missing.mjs", missing, baseUrl),
    `ontap-select-deploy/slim: status 404 for the engine at ${process.env.ENGINE_URL}\nsuccess true\n`,
  );
});

/** A server with one answer, whose type is not that of wasm; its address. */
async function serve(t, status, body) {
  const server = createServer((_, answer) => {
    answer.writeHead(status, { "content-type": "application/octet-stream" }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}/engine.wasm`;
}
