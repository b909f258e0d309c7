// Checks that Deploy accepts the code and the hosts in pages, comments and the help.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { VCENTER } from "../lib/lab.mjs";
import { selfSigned } from "./certificates.mjs";
import { deployFor, folder, node } from "./recipe.mjs";
import { overTls } from "./tls.mjs";

const root = new URL("../../", import.meta.url).pathname;
const read = (file) => readFile(join(root, file), "utf8");

/** The JavaScript blocks of a page. */
async function blocksOf(file) {
  const text = await read(file);
  return [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
}

test("the README's script trusts only the given self-signed certificate", async (t) => {
  const vm = await selfSigned(t, "deploy");
  const { origin } = await overTls(t, vm);
  const { fingerprint256 } = new X509Certificate(vm.cert);
  const script = (await blocksOf("README.md")).find((block) => block.includes("DEPLOY_PASSWORD"));
  const run = (fingerprint) =>
    node(["--input-type=module", "-e", script.replace("https://deploy.example.com", origin)], {
      DEPLOY_FINGERPRINT: fingerprint,
    });
  const { stdout, stderr } = await run(fingerprint256);
  assert.equal(stdout, "success\n", stderr);
  const other = await run(fingerprint256.replaceAll(/[0-9A-F]{2}/g, "00"));
  assert.equal(other.code, 1);
  assert.match(other.stderr, /certificate.* \(refused\)$/ms);
});

test("getting started: the command stores the vCenter's login once", async (t) => {
  const vm = await selfSigned(t, "deploy");
  const { origin, simulator } = await overTls(t, vm, { credentials: [] });
  const { fingerprint256 } = new X509Certificate(vm.cert);
  const text = await read("docs/getting-started.md");
  const [, file] = /`vcenter\.json` is `(.*?)`/.exec(text);
  await writeFile(join(folder, "vcenter.json"), file);
  const [, args] = /^npx ontap-select-deploy (ensure .*)$/m.exec(text);
  const command = args.replace("9F:86:…", fingerprint256).split(" ");
  for (const done of ["created", "found"]) {
    const env = { DEPLOY_URL: `${origin}/api` };
    const { code, stderr } = await node(["node_modules/ontap-select-deploy/dist/cli.js", ...command], env);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(done));
  }
  assert.equal(simulator.counters().received["POST /security/credentials"], 1);
});

test("the README's calls for records and files", async (t) => {
  const { baseUrl, client, simulator } = await deployFor(t);
  const deploy = client();
  const { id } = await deploy.post("/clusters", { name: "c" }, { query: { node_count: 1 } });
  const { path } = await deploy.post("/backups", { password: "secret" });
  const { download_url } = await deploy.read(path, { query: { fields: "download_url" } });
  const set = { "/record/state": "powered_on" };
  simulator.addRule({ match: { method: "GET", path: `/clusters/${id}` }, action: { kind: "edit", set } });
  const calls = (await blocksOf("README.md")).find((block) => block.includes("deploy.ensure("));
  const program = `import { DeployClient } from "ontap-select-deploy";
    const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
    const deploy = new DeployClient({ baseUrl: ${JSON.stringify(baseUrl)}, auth });
    const [name, id, download_url] = ${JSON.stringify(["esx-1.example.com", id, download_url])};
    const credential = { username: "root", password: "secret" };
    ${calls}
    const { byteLength } = await new Response(body).arrayBuffer();
    console.log(JSON.stringify({ state, hosts, found, created, name: record.name, file, isWhole: byteLength === size }));`;
  const { stdout, stderr } = await node(["--input-type=module", "-e", program]);
  assert.equal(stderr, "");
  const { state, file, ...rest } = JSON.parse(stdout);
  assert.ok(state);
  assert.match(file, /\.tar\.gz$/);
  assert.deepEqual(rest, { hosts: [], created: true, name: "esx-1.example.com", isWhole: true });
});

test("the code in docs/simulator.md creates a cluster", async (t) => {
  const { baseUrl, client } = await deployFor(t);
  const way = (await blocksOf("docs/simulator.md")).find((block) => block.includes("pool_array"));
  const program = `import { DeployClient } from "ontap-select-deploy";
    const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
    const deploy = new DeployClient({ baseUrl: ${JSON.stringify(baseUrl)}, auth });
    ${way}`;
  const { stdout, stderr } = await node(["--input-type=module", "-e", program]);
  assert.equal(stdout, "success\n", stderr);
  const { body } = await client().get("/clusters", { query: { name: "prod", fields: "state" } });
  assert.equal(body.records[0].state, "powered_on");
});

test("the workflows in the README and in docs/workflows.md work", async (t) => {
  const { baseUrl } = await deployFor(t, { credentials: [] });
  const plan = JSON.parse(await readFile(join(folder, "cluster.json"), "utf8"));
  plan.vcenter.password = "v-secret";
  plan.cluster.ontap_admin_password = "c-secret";
  await writeFile(join(folder, "whole.json"), JSON.stringify(plan));
  const run = (code) => node(["--input-type=module", "-e", code]);
  const client = `import { DeployClient } from "ontap-select-deploy";
    const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
    const deploy = new DeployClient({ baseUrl: ${JSON.stringify(baseUrl)}, auth });`;

  const [whole, failing] = await blocksOf("docs/workflows.md");
  const program = whole
    .replace("https://deploy.example.com/api", baseUrl)
    .replace('"cluster.json"', '"whole.json"');
  const created = await run(program);
  assert.match(created.stdout, /^\S+\n$/, created.stderr);
  const steps = /^ {2}Storing.*^made: host esx-1\.example\.com$.*^made: deploy branch-office\n$/ms;
  assert.match(created.stderr, steps);

  const short = (await blocksOf("README.md")).find((block) => block.includes("createCluster("));
  const again = await run(`${client}
    const plan = ${JSON.stringify(plan)};
    ${short}
    console.log(id);`);
  assert.equal(again.stderr, "");
  const found = [
    "cluster branch-office",
    "node branch-office-01",
    "node branch-office-02",
    "deploy branch-office",
  ];
  assert.equal(again.stdout, found.map((step) => `found: ${step}\n`).join("") + created.stdout);

  delete plan.cluster.netmask;
  const wrong = await run(`${client}
    const plan = ${JSON.stringify(plan)};
    ${failing}`);
  assert.equal(wrong.stderr, "cluster.netmask is missing\n");
});

test("docs/recipes/from-python.md gives the right number of lines for each script", async () => {
  const rows = [
    ...(await read("docs/recipes/from-python.md")).matchAll(/`(\S+\.mjs)`\]\([^)]*\), (\d+) lines/g),
  ];
  assert.equal(rows.length, 5);
  for (const [, name, lines] of rows)
    assert.equal((await read(`examples/${name}`)).split("\n").length - 1, Number(lines), name);
});

/** All files that show calls. */
async function texts() {
  const folders = ["docs", "examples", "src/js", "src/cli", "tests/simulator/host"];
  const listed = folders.map(async (folder) => {
    const names = await readdir(join(root, folder), { recursive: true });
    return names.map((name) => join(folder, name));
  });
  const files = ["README.md", "CHANGELOG.md", ...(await Promise.all(listed)).flat()];
  const isShown = (file) =>
    /\.(md|[jt]sx?|mjs|svelte)$/.test(file) && !/\/target\/|^tests\/.*\.test\.mjs$/.test(file);
  const shown = files.filter(isShown);
  return Promise.all(shown.map(async (file) => [file, await read(file)]));
}

test("Deploy accepts every host that a file shows", async (t) => {
  const deploy = (await deployFor(t)).client();
  let count = 0;
  for (const [file, text] of await texts()) {
    for (const [literal] of text.matchAll(/\{[^{}]*hypervisor_type[^{}]*(\{[^{}]*\}[^{}]*)?\}/g)) {
      assert.match(literal, /management_server|credential/, `${file}: Deploy logs in to each host`);
      const members = literal.matchAll(/["']?(\w+)["']?\??: ("[^"]*"|\{[^{}]*\})/g);
      const host = Object.fromEntries([...members].map(([, name, value]) => [name, literalOf(value)]));
      if (host.hypervisor_type === undefined) continue; // a variable or a type
      for (const [name, value] of Object.entries(variables))
        if (new RegExp(`\\b${name}\\b`).test(literal)) host[name] ??= value;
      count += 1;
      const hosts = [{ ...host, name: `${host.name}-${count}` }];
      await assert.doesNotReject(deploy.post("/hosts", { hosts }), `${file}: ${literal}`);
    }
  }
  assert.ok(count >= 25, `${count} hosts`);
});

/** Values for members that are variables. */
const variables = {
  name: "esx",
  management_server: VCENTER,
  credential: { username: "root", password: "secret" },
};

/** Parses a string, or an object of strings and variables. */
function literalOf(code) {
  if (!code.startsWith("{")) return JSON.parse(code);
  const named = code.replaceAll(/"?(\w+)"?: /g, '"$1": ').replaceAll(/: (\w+)/g, ': "$1"');
  return JSON.parse(named.replaceAll(/([{,] ?)(\w+)(?= ?[,}])/g, '$1"$2": "$2"'));
}

test("no file shows a host outside an array", async () => {
  const alone = /(post(<[^(]*>)?\(\s*|["']POST["'],\s*)["'`]\/hosts["'`],\s*\{\s*(body:\s*\{\s*)?["']?name\b/;
  for (const [file, text] of await texts()) assert.doesNotMatch(text, alone, file);
});
