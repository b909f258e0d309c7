// Runs the packed package.

import assert from "node:assert/strict";
import { access, copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { headingsOf, linked, relativeLinks } from "../../scripts/lib/markdown.mjs";
import { deployFor } from "../node/deploy.mjs";
import { folder, node, root, run, script as runScript, useInstalled } from "./installed.mjs";

useInstalled();

const script = (load) => `${load}
const host = (name) => ({ hosts: [{ name, hypervisor_type: "ESX" }] });
const run = async () => {
  const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
  const deploy = new DeployClient({ baseUrl: process.env.DEPLOY_URL, auth });
  const { job } = await deploy.post("/hosts", host("esx-1"));
  console.log(job.state);
  const error = await deploy.post("/hosts", host("unreachable-1")).catch((error) => error);
  console.log(error.name, error instanceof JobFailedError);
};
run();
`;
const expected = "success\nJobFailedError true\n";

test("a script that imports it", async (t) => {
  const { baseUrl } = await deployFor(t);
  await writeFile(
    join(folder, "esm.mjs"),
    script(`import { DeployClient, JobFailedError } from "ontap-select-deploy";`),
  );
  assert.equal((await node("esm.mjs", baseUrl)).stdout, expected);
});

test("a script that requires it", async (t) => {
  const { baseUrl } = await deployFor(t);
  await writeFile(
    join(folder, "cjs.cjs"),
    script(`const { DeployClient, JobFailedError } = require("ontap-select-deploy");`),
  );
  const { stdout, stderr } = await node("cjs.cjs", baseUrl);
  assert.equal(stdout, expected);
  assert.equal(stderr, "", "no warning");
});

test("the example script creates a cluster, and reports one that cannot be created", async (t) => {
  // Slow steps, so that each is seen on a busy machine.
  const { baseUrl, client } = await deployFor(t, { stepMs: 500 });
  for (const file of ["create-cluster.mjs", "script.mjs"])
    await copyFile(join(root, "examples", file), join(folder, file));
  const sample = JSON.parse(await readFile(join(root, "examples/cluster.json"), "utf8"));
  const [first] = sample.nodes;
  const plan = async (name) => {
    const cluster = { ...sample.cluster, name };
    await writeFile(join(folder, `${name}.json`), JSON.stringify({ ...sample, cluster, nodes: [first] }));
    return [`${name}.json`];
  };
  const { stdout, stderr } = await node("create-cluster.mjs", baseUrl, await plan("c1"));
  const { cluster, id } = JSON.parse(stdout);
  assert.equal(cluster, "c1");
  const { body } = await client().get("/clusters/{id}", { params: { id }, query: { fields: "state" } });
  assert.equal(body.record.state, "powered_on");
  assert.match(stderr, /running: /);
  const args = await plan("unlicensed-1");
  const failed = await node("create-cluster.mjs", baseUrl, args).catch((error) => error);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /failure: .*licen[cs]e/i);
});

test("an uncaught error shows its message, not the whole bundle", async (t) => {
  const { baseUrl } = await deployFor(t);
  await writeFile(
    join(folder, "uncaught.mjs"),
    `import { DeployClient } from "ontap-select-deploy"; new DeployClient({ baseUrl: ${JSON.stringify(baseUrl)}, timeout: -1 });`,
  );
  const { stderr } = await node("uncaught.mjs", baseUrl).catch((error) => error);
  assert.match(stderr, /RangeError: timeout: expected more than 0/);
  assert.ok(stderr.length < 5_000, `${stderr.length} characters`);
});

test("it has the needed files and no others", async () => {
  const { stdout } = await run("npm", ["ls", "--json", "--all"], { cwd: folder });
  assert.deepEqual(Object.keys(JSON.parse(stdout).dependencies), ["ontap-select-deploy"]);
  const listed = await run("find", [".", "-type", "f"], {
    cwd: join(folder, "node_modules/ontap-select-deploy"),
  });
  const types = [
    ...["api", "client", "errors", "index", "job-handle", "module-slim", "simulator", "slim"],
    ...["traces", "typed-calls", "types"],
  ];
  const workflows = [
    ...["add-license", "backup", "create-cluster", "delete-cluster", "errors", "index"],
    ...["plan", "resize-nodes", "types"],
  ];
  const expected = [
    ...["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "llms.txt", "package.json"],
    ...(await documentation()),
    ...[
      "dist/engine.wasm",
      "dist/NOTICES.txt",
      "dist/cli.js",
      "dist/plan.schema.json",
      "dist/cjs/package.json",
      "dist/esm/workerd.js",
    ],
    ...["api", "index", "node", "simulator", "simulator-node", "slim"].flatMap((name) => [
      `dist/esm/${name}.js`,
      `dist/cjs/${name}.js`,
    ]),
    ...["certificate", "fetch", "index", "types"].flatMap((name) => [
      `dist/esm/node/${name}.d.ts`,
      `dist/cjs/node/${name}.d.ts`,
    ]),
    ...["index", "elsewhere"].flatMap((name) => [`dist/esm/node/${name}.js`, `dist/cjs/node/${name}.js`]),
    ...types.flatMap((name) => [`dist/esm/${name}.d.ts`, `dist/cjs/${name}.d.ts`]),
    ...["esm", "cjs"].flatMap((format) => [
      `dist/${format}/workflows/index.js`,
      ...workflows.map((name) => `dist/${format}/workflows/${name}.d.ts`),
    ]),
  ];
  assert.deepEqual(listed.stdout.trim().split("\n").sort(), expected.map((file) => `./${file}`).sort());
});

/** The documentation files in git, and those in the package. */
async function documentation() {
  const { stdout } = await run("git", ["ls-files", "docs", "examples"], { cwd: root });
  return stdout
    .trim()
    .split("\n")
    .filter((file) => file !== "docs/proof.md");
}

test("every relative link of its pages leads to a file and a heading in it", async () => {
  const installed = join(folder, "node_modules/ontap-select-deploy");
  const pages = ["README.md", "CHANGELOG.md", "llms.txt", ...(await documentation()).filter(isPage)];
  const text = (page) => readFile(join(installed, page), "utf8");
  const dead = [];
  let links = 0;
  for (const page of pages) {
    for (const target of relativeLinks(await text(page))) {
      links += 1;
      const { file, anchor } = linked(page, target);
      const isThere = await access(join(installed, file)).then(
        () => true,
        () => false,
      );
      if (!isThere || (anchor && isPage(file) && !headingsOf(await text(file)).includes(anchor)))
        dead.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(dead, []);
  assert.ok(links > 100, `${links} links`);
});

const isPage = (file) => file.endsWith(".md");

test("a bundle of only the errors has no engine", async () => {
  const contents = `import { JobFailedError } from "ontap-select-deploy"; console.log(JobFailedError.name);`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    format: "esm",
    write: false,
  });
  assert.match(outputFiles[0].text, /JobFailedError|JOB_FAILED/);
  assert.doesNotMatch(outputFiles[0].text, /WebAssembly/);
  assert.ok(outputFiles[0].text.length < 5_000, `${outputFiles[0].text.length} characters`);
});

test("the entry for Node: a page's bundle has an error instead that says why", async () => {
  const inPage = async (contents) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      format: "esm",
      platform: "browser",
      write: false,
    });
    return outputFiles[0].text;
  };
  assert.doesNotMatch(await inPage('export * from "ontap-select-deploy";'), /nodeFetch|node:(net|tls)/);
  const code = await inPage(`
    import { certificate, nodeFetch } from "ontap-select-deploy/node";
    try { nodeFetch(); } catch (error) { console.log(error.message); }
    certificate().catch((error) => console.log(error.message));`);
  assert.doesNotMatch(code, /node:/);
  assert.equal((await runScript("page-with-node.mjs", code)).match(/works in Node only/g).length, 2);
});

test("the entry for Node, imported and required, in a script that exits", async (t) => {
  const { baseUrl } = await deployFor(t);
  const use = `
    const run = async () => {
      const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
      const deploy = new DeployClient({ baseUrl: process.env.DEPLOY_URL, auth, fetch: nodeFetch({ proxy: false }) });
      console.log((await deploy.get("/hosts")).status);
    };
    run();`;
  const imports = (name, from) => `import { ${name} } from "${from}";`;
  const requires = (name, from) => `const { ${name} } = require("${from}");`;
  for (const [file, load] of [
    ["own-fetch.mjs", imports],
    ["own-fetch.cjs", requires],
  ]) {
    const loads = [
      load("DeployClient", "ontap-select-deploy"),
      load("nodeFetch", "ontap-select-deploy/node"),
    ];
    await writeFile(join(folder, file), loads.join("\n") + use);
    const { stdout, stderr } = await node(file, baseUrl);
    assert.deepEqual([stdout, stderr], ["200\n", ""]);
  }
});

/** Code for these scripts, with a plan of one node. */
async function withPlan(...lines) {
  const { vcenter, hosts, cluster, nodes } = JSON.parse(
    await readFile(join(root, "examples/cluster.json"), "utf8"),
  );
  const plan = {
    vcenter: { ...vcenter, password: "v-secret" },
    hosts: hosts.slice(0, 1),
    cluster: { ...cluster, ontap_admin_password: "c-secret" },
    nodes: nodes.slice(0, 1),
  };
  return [
    ...lines,
    `const plan = ${JSON.stringify(plan)};`,
    "const baseUrl = process.env.DEPLOY_URL;",
    'const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };',
    'const told = ({ done, name }) => done + " " + name;',
  ].join("\n");
}

test("the workflows, imported and required, with the clients of every entry", async (t) => {
  const { baseUrl } = await deployFor(t);
  const imported = await withPlan(
    'import { DeployClient } from "ontap-select-deploy";',
    'import { nodeFetch } from "ontap-select-deploy/node";',
    'import { createCluster } from "ontap-select-deploy/workflows";',
  );
  const own = await runScript(
    "workflows-own-fetch.mjs",
    `${imported}
    const deploy = new DeployClient({ baseUrl, auth, fetch: nodeFetch({ proxy: false }) });
    const { steps } = await createCluster(deploy, plan);
    console.log(steps.map(told).join());`,
    baseUrl,
  );
  assert.equal(own, "made login,made host,made cluster,made node,made deploy\n");

  const slim = await withPlan(
    'import { readFile } from "node:fs/promises";',
    'import { fileURLToPath } from "node:url";',
    'import { DeployClient, init } from "ontap-select-deploy/slim";',
    'import { createCluster } from "ontap-select-deploy/workflows";',
    'await init(readFile(fileURLToPath(import.meta.resolve("ontap-select-deploy/wasm"))));',
  );
  const slimmed = await runScript(
    "workflows-slim.mjs",
    `${slim}
    const deploy = new DeployClient({ baseUrl, auth });
    const { steps } = await createCluster(deploy, plan);
    console.log(steps.map(told).join());
    // An error of this entry's classes is recognized.
    plan.cluster.name = "unlicensed-1";
    Object.assign(plan.cluster, { ip: "192.0.2.30" });
    plan.nodes[0].ip = "192.0.2.31";
    const error = await createCluster(deploy, plan).catch((error) => error);
    console.log(error.code, /Deploy rolls back/.test(error.workflow.advice));`,
    baseUrl,
  );
  assert.equal(slimmed, "found cluster,found node,found deploy\nJOB_FAILED true\n");

  const required = await withPlan(
    'const { DeployClient } = require("ontap-select-deploy");',
    'const { deleteCluster, PlanError, createCluster } = require("ontap-select-deploy/workflows");',
  );
  const deleted = await runScript(
    "workflows-required.cjs",
    `${required}
    const run = async () => {
      const deploy = new DeployClient({ baseUrl, auth });
      const { steps } = await deleteCluster(deploy, plan.cluster.name);
      console.log(steps.map(told).join());
      console.log(await createCluster(deploy, {}).catch((error) => error instanceof PlanError));
    };
    run();`,
    baseUrl,
  );
  assert.equal(deleted, "changed power off,changed delete\ntrue\n");
});

test("the workflows' entry has no engine and no validator, and a page bundles only the used functions", async () => {
  const inPage = async (names) => {
    const contents = `import { ${names} } from "ontap-select-deploy/workflows"; console.log(${names});`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      format: "esm",
      platform: "browser",
      minify: true,
      write: false,
    });
    return outputFiles[0].text;
  };
  const all = await inPage(
    "addLicense, backup, checkPlan, createCluster, deleteCluster, PlanError, resizeNodes",
  );
  assert.ok(!/WebAssembly|\$schema|additionalProperties|["']node:/.test(all));
  assert.ok(/^[ -~\n]+$/.test(all), "a page of any charset can read it");
  // Most of it is messages and advice.
  assert.ok(all.length < 44_000, `${all.length} characters`);
  for (const path of ["/backups", "statusResp", "/security/credentials"])
    assert.ok(all.includes(path), `${path} is in the whole`);

  const create = await inPage("createCluster");
  assert.ok(create.includes("/security/credentials"));
  assert.ok(!/\/backups|statusResp/.test(create));
  const others = /\/backups|statusResp|credentials|instance_type/;
  assert.ok(!others.test(await inPage("deleteCluster")));
});

test("its types compile in a strict TypeScript project, imported and required", async () => {
  const imports = `
    import { DeployClient, HttpError } from "ontap-select-deploy";
    import * as slim from "ontap-select-deploy/slim";
    import type { DeployApi } from "ontap-select-deploy/api";`;
  const use = `
    const deploy = new DeployClient({ baseUrl: "https://deploy.example.com/api", auth: { bearer: "t" } });
    export async function run(): Promise<string | undefined> {
      const { body, job } = await deploy.get<{ num_records: number }>("/clusters", { query: { fields: "*" } });
      const count: number = body.num_records;
      for await (const snapshot of deploy.job("1").updates({ timeout: count })) console.log(snapshot.lastModified);
      try { await deploy.job("1").result(); } catch (error) { if (error instanceof HttpError) return error.serverCode; }
      // @ts-expect-error an unknown kind of credential
      new DeployClient({ baseUrl: "https://x", auth: { token: "t" } });
      // @ts-expect-error a snapshot is read-only
      if (job) job.state = "success";
      return job?.state;
    }
    export async function typed(id: string): Promise<string | undefined> {
      const known: DeployClient<DeployApi> = new DeployClient({ baseUrl: "/api" });
      // @ts-expect-error the hosts come in an array
      known.post("/hosts", { hosts: "esx-1" });
      return (await known.get("/clusters/{id}", { params: { id } })).body.record.state;
    }
    export async function load(bytes: Uint8Array<ArrayBuffer>): Promise<slim.DeployClient> {
      for (const source of ["/engine.wasm", new URL("https://x/engine.wasm"), bytes, bytes.buffer]) await slim.init(source);
      await slim.init(fetch("/engine.wasm"));
      await slim.init(WebAssembly.compileStreaming(fetch("/engine.wasm")));
      // @ts-expect-error no source at all
      await slim.init();
      return new slim.DeployClient({ baseUrl: "/api" });
    }`;
  await writeFile(join(folder, "use.mts"), imports + use);
  await writeFile(join(folder, "use.cts"), imports + use);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2022",
    lib: ["es2023", "dom", "dom.iterable", "esnext.disposable"],
    exactOptionalPropertyTypes: true,
    types: [],
  };
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const ways = [
    { module: "nodenext" },
    { module: "node16" },
    { module: "preserve", moduleResolution: "bundler" },
  ];
  for (const way of ways) {
    const config = { compilerOptions: { ...compilerOptions, ...way }, files: ["use.mts", "use.cts"] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    await run(process.execPath, [tsc, "-p", folder], { cwd: folder }).catch((error) => {
      assert.fail(`${JSON.stringify(way)}: ${error.stdout}`);
    });
  }
});

test("the entry of the API's types is an empty module", async () => {
  const list =
    'console.log(Object.keys(api).filter((name) => name !== "default" && name !== "module.exports"));';
  await writeFile(join(folder, "types.mjs"), `import * as api from "ontap-select-deploy/api"; ${list}`);
  await writeFile(join(folder, "types.cjs"), `const api = require("ontap-select-deploy/api"); ${list}`);
  for (const file of ["types.mjs", "types.cjs"]) assert.equal((await node(file)).stdout, "[]\n", file);
});
