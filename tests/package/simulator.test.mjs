// ontap-select-deploy/simulator from the packed package: nothing else to install, no wasm file to find.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { folder, script, useInstalled } from "./installed.mjs";

useInstalled();

const use = `
const auth = { username: "admin", password: "Netapp1!" };
const host = (name) => ({ hosts: [{ name, hypervisor_type: "ESX" }] });
async function follow(number, options) {
  const deploy = new DeployClient({ auth, ...options });
  const { job } = await deploy.post("/hosts", host("esx-" + number));
  const error = await deploy.post("/hosts", host("unreachable-" + number)).catch((error) => error);
  deploy.close();
  return [job.state, error.code].join(" ");
}
async function run() {
  const simulator = createSimulator({ stepMs: 5 });
  console.log(await follow(1, { baseUrl: "https://deploy.example.com/api", fetch: simulator.fetch }));
  const server = await listen(simulator);
  console.log(await follow(2, { baseUrl: server.url + "/api" }));
  await server.close();
  const clock = createVirtualClock();
  await clock.advance(1);
  console.log(clock.now(), simulator.counters().received["POST /hosts"]);
}
run();`;
const expected = "success JOB_FAILED\nsuccess JOB_FAILED\n1 4\n";

test("a test that imports it: without sockets, with sockets, with a clock", async () => {
  const load = `
    import { DeployClient } from "ontap-select-deploy";
    import { createSimulator, createVirtualClock, listen } from "ontap-select-deploy/simulator";`;
  assert.equal(await script("simulated.mjs", load + use), expected);
});

test("a test that requires it", async () => {
  const load = `
    const { DeployClient } = require("ontap-select-deploy");
    const { createSimulator, createVirtualClock, listen } = require("ontap-select-deploy/simulator");`;
  assert.equal(await script("simulated.cjs", load + use), expected);
});

test("importing it compiles nothing", async () => {
  const spy = `WebAssembly.Module = class { constructor() { console.log("compiled"); } };`;
  assert.equal(await script("idle.mjs", `${spy} await import("ontap-select-deploy/simulator");`), "");
});

test("a page's bundle has no Node module and says that a page cannot listen", async () => {
  const contents = `import { listen } from "ontap-select-deploy/simulator";
    listen().catch((error) => console.log(error.message));`;
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: folder },
    platform: "browser",
    bundle: true,
    metafile: true,
    format: "esm",
    write: false,
  });
  const [{ imports }] = Object.values(metafile.outputs);
  assert.deepEqual(imports, []);
  assert.match(await script("page.mjs", outputFiles[0].text), /^listen: only Node, Deno and Bun/);
});

test("the licenses of the bundled code are included", async () => {
  const notices = await readFile(join(folder, "node_modules/ontap-select-deploy/dist/NOTICES.txt"), "utf8");
  const names = [...notices.matchAll(/^-{80}\n(\S+) /gm)].map(([, name]) => name);
  assert.deepEqual(names, ["@hono/node-server", "hono"]);
  assert.equal(notices.match(/Permission is hereby granted/g)?.length, names.length);
});
